using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Estimators.Families;
using Estimators.Import;
using Estimators.Training;
using Guarantees.Formats;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Import;

/// <summary>Files that PyTorch 2.6 and the library safetensors wrote (<c>Data/weights.py</c>), and files made here.</summary>
public sealed class NamedTensorsTests
{
    [Theory]
    [InlineData("weights.pt")]
    [InlineData("weights.safetensors")]
    public void A_network_of_pytorch_gives_the_same_ratios_here(string file)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        using var network = new RatioEstimator(randn([9, 1], generator: random), randn([9, 2], generator: random), [5, 4], HiddenFunction.Tanh, random);
        network.Load(NamedTensors.Read(Data(file)).Renamed(Ours));
        double[][] rows = [.. File.ReadLines(Data("weights.csv")).Skip(1).Select(line => line.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray())];
        var table = Numbers.Matrix(rows).to(ScalarType.Float32);
        var ratios = network.LogRatio(table.narrow(1, 0, 1), table.narrow(1, 1, 2)).ToArray();
        Assert.Equal(6, ratios.Length);
        Assert.All(ratios.Zip(rows), pair => Assert.Equal(pair.Second[3], pair.First, 1e-6));
    }

    [Fact]
    public void Types_that_float32_holds_and_views_are_read_exactly()
    {
        var tensors = NamedTensors.Read(Data("types.pt"));
        float[] eighths = [0, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f];
        foreach (var name in new[] { "double", "half", "bfloat16" })
        {
            Holds(name, [2, 3], eighths);
        }

        Holds("transposed", [3, 2], [0, 3, 1, 4, 2, 5]);
        Holds("middle", [2, 2], [5, 6, 9, 10]);
        Holds("parameter", [2], [0.1f, -2.5f]);
        Holds("number", [], [7]);
        Holds("none", [0, 3], []);
        Assert.Equal(8, tensors.All.Length);

        void Holds(string name, long[] shape, float[] values)
        {
            Assert.Equal(shape, tensors[name].Shape);
            Assert.Equal(values, tensors[name].Values);
        }
    }

    [Theory]
    [InlineData("counter.pt", "byte 396 of data.pkl: global 'torch LongStorage', expected 'collections OrderedDict'")]
    [InlineData("checkpoint.pt", "entry 'epoch' is a number, expected tensors only: what torch.save(module.state_dict(), file) writes")]
    [InlineData("weights.csv", "no weights: neither an archive of torch.save, nor safetensors")]
    public void What_is_no_state_dictionary_of_numbers_is_refused(string file, string message) => Refused(() => NamedTensors.Read(Data(file)), Data(file), message);

    [Fact]
    public void What_is_written_is_read_back_and_carries_a_network_over()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        using var from = new CouplingFlow(randn([9, 3], generator: random), randn([9, 2], generator: random), 2, [5], HiddenFunction.Tanh, random);
        using var to = new CouplingFlow(randn([9, 3], generator: random), randn([9, 2], generator: random), 2, [5], HiddenFunction.Tanh, random);
        Assert.NotEqual(from.ToOnnx("q"), to.ToOnnx("q"));
        var bytes = from.ToNamedTensors().ToSafetensors();
        to.Load(NamedTensors.Parse(bytes, "q.safetensors"));
        Assert.Equal(from.ToOnnx("q"), to.ToOnnx("q"));
        Assert.Equal(bytes, to.ToNamedTensors().ToSafetensors());
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(bytes) % 8);
    }

    [Fact]
    public void All_that_does_not_fit_is_named_in_one_line_and_nothing_is_changed()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        using var network = new RatioEstimator(randn([9, 1], generator: random), randn([9, 2], generator: random), [4], HiddenFunction.Tanh, random);
        var before = network.ToOnnx("r");
        Refused(
            () => network.Load(NamedTensors.Read(Data("weights.pt")).Renamed(name => name == "net.0.bias" ? "other" : Ours(name))),
            Data("weights.pt"),
            "no weights of this RatioEstimator: missing 'classifier.bias_0' [4]; unexpected 'other' [5], 'classifier.weight_2' [1, 4], 'classifier.bias_2' [1]; "
            + "wrong 'classifier.weight_0' is [5, 3], expected [4, 3], 'classifier.weight_1' is [4, 5], expected [1, 4], 'classifier.bias_1' is [4], expected [1].");
        var good = network.ToNamedTensors();
        Refused(
            () => network.Load(new NamedTensors(good.All.Select(tensor => tensor.Name == "ofX.inverseScale" ? new NamedTensor(tensor.Name, [2], [1, 0]) : tensor), "w")),
            "w",
            "wrong 'ofX.inverseScale' holds 0, expected reciprocals of standard deviations, above 0.");
        Assert.Equal(before, network.ToOnnx("r"));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "")]
    [InlineData("""{"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]},"a":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]}}""", 10, "")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "12 bytes behind the header, expected 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "tensor 'a': data_offsets '[0,8]', expected [begin, end] within [0, 7]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor 'b': data_offsets begin at 4, expected 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor 'a': data_offsets begin at 4, expected 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "the header names 'a' twice")]
    [InlineData("""{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", 8, "tensor 'a': dtype 'I64', expected 'F32', 'F64', 'F16' or 'BF16'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "tensor 'a': 8 bytes of data for shape '[3]' of type float32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,8]}}""", 8, "tensor 'a': 8 bytes of data for shape '[4294967296,4294967296,2]'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}""", 8, "tensor 'a': shape is '[-1]', expected a list of whole numbers from 0 on")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1e99],"data_offsets":[0,8]}}""", 8, "tensor 'a': shape is '[1e99]'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "tensor 'a': data_offsets '[8,0]'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "tensor 'a': members 'dtype, shape', expected dtype, shape and data_offsets once each")]
    [InlineData("""{"a":[1]}""", 8, "tensor 'a': '[1]', expected an object")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[[[1]]]],"data_offsets":[0,8]}}""", 8, "the header is no JSON")]
    [InlineData("""{"a" """, 8, "the header is no JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "the header is no JSON")]
    public void A_safetensors_file_is_read_or_refused_by_place_and_value(string header, int length, string message)
    {
        var bytes = Safetensors(header, new byte[length]);
        if (message.Length == 0)
        {
            Assert.All(NamedTensors.Parse(bytes, "w").All, tensor => Assert.All(tensor.Values, value => Assert.Equal(0, value)));
            return;
        }

        Refused(() => NamedTensors.Parse(bytes, "w"), "w", message);
    }

    [Theory]
    [InlineData("F32", "0000C07F", "number 0 is NaN of type float32, expected a finite number that float32 holds exactly")]
    [InlineData("F16", "003C007C", "number 1 is Infinity of type float16")]
    [InlineData("BF16", "803F80FF", "number 1 is -Infinity of type bfloat16")]
    [InlineData("F64", "9A9999999999B93F", "number 0 is 0.1 of type float64")]
    [InlineData("F64", "000000000000F07F", "number 0 is Infinity of type float64")]
    [InlineData("F64", "000000000000D43F", "")]
    [InlineData("F64", "00000000000000FF", "number 0 is -5.48612406879")]
    public void A_number_that_float32_does_not_hold_is_refused(string type, string hex, string message)
    {
        var data = Convert.FromHexString(hex);
        var size = type switch { "F64" => 8, "F32" => 4, _ => 2 };
        var bytes = Safetensors($$"""{ "a": { "dtype": "{{type}}", "shape": [{{data.Length / size}}], "data_offsets": [0, {{data.Length}}] } }""", data);
        if (message.Length == 0)
        {
            Assert.Equal(BitConverter.ToDouble(data), NamedTensors.Parse(bytes, "w")["a"].Values[0]);
            return;
        }

        Refused(() => NamedTensors.Parse(bytes, "w"), "w", $"tensor 'a': {message}");
    }

    [Theory]
    [InlineData(0, "0 bytes are no weights")]
    [InlineData(7, "7 bytes are no weights")]
    [InlineData(8, "whose header would be 696 bytes here, expected 2 to 0")]
    [InlineData(400, "whose header would be 696 bytes here, expected 2 to 392")]
    [InlineData(900, "tensor 'theta_inverse': data_offsets")]
    public void A_safetensors_file_that_is_cut_off_is_refused(int length, string message) =>
        Refused(() => NamedTensors.Parse(File.ReadAllBytes(Data("weights.safetensors")).AsMemory(0, length), "w"), "w", message);

    /// <summary>Every end but the right one is refused, and no change of a byte is anything but tensors or a refusal.</summary>
    [Fact]
    public void A_state_dictionary_that_is_cut_off_or_changed_is_refused()
    {
        var bytes = File.ReadAllBytes(Data("types.pt"));
        for (var length = 0; length < bytes.Length; length++)
        {
            Refused(() => NamedTensors.Parse(bytes.AsMemory(0, length), "w"), "w", "");
        }

        var refused = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 0x41;
            refused += Record.Exception(() => NamedTensors.Parse(changed, "w")) is { } error ? Assert.IsType<ModelFormatException>(error).Message.StartsWith("w: ", StringComparison.Ordinal) ? 1 : 0 : 0;
        }

        Assert.InRange(refused, 1000, bytes.Length);
    }

    [Theory]
    [InlineData(CompressionLevel.SmallestSize, "archive/data.pkl", "entry 'archive/data.pkl': method 8")]
    [InlineData(CompressionLevel.NoCompression, "archive/other.pkl", "0 entries data.pkl in the archive, expected one")]
    public void An_archive_of_another_kind_is_refused(CompressionLevel level, string name, string message) => Refused(() => NamedTensors.Parse(Archive((name, new byte[500], level)), "w"), "w", message);

    /// <summary>Pickles in words: operations as Python's pickletools names their bytes.</summary>
    [Theory]
    [InlineData("80 02 | cos\nsystem\n", "byte 2 of data.pkl: global 'os system', expected")]
    [InlineData("80 02 | cbuiltins\neval\n", "byte 2 of data.pkl: global 'builtins eval'")]
    [InlineData("80 04 | }.", "byte 0 of data.pkl: protocol 4, expected 2")]
    [InlineData("80 02 | }iinstance\nx\n.", "byte 3 of data.pkl: operation 0x69")]
    [InlineData("80 02 | }R.", "byte 3 of data.pkl: an operation on 2 values where there are fewer")]
    [InlineData("80 02 | }}R.", "byte 4 of data.pkl: a call of something that is no function")]
    [InlineData("80 02 | ccollections\nOrderedDict\n}R.", "a call of 'collections OrderedDict' with other arguments")]
    [InlineData("80 02 | }u.", "byte 3 of data.pkl: the end of a list that did not begin")]
    [InlineData("80 02 | }h\u0007.", "byte 3 of data.pkl: a value that was never remembered")]
    [InlineData("80 02 | }K\u0001K\u0002s.", "a key that is a number, expected a text")]
    [InlineData("80 02 | }.}", "the pickle ends with a dictionary and 1 bytes behind")]
    [InlineData("80 02 | }}.", "the pickle ends with 2 values and 0 bytes behind")]
    [InlineData("80 02 | (.", "the pickle ends with a list without end")]
    [InlineData("80 02 | }", "byte 3 of data.pkl: 1 bytes, expected at most the 0 that are left")]
    [InlineData("80 02 | X\u007F\u007F\u007F\u007Fx", "bytes, expected at most the 1 that are left")]
    [InlineData("80 02 | K\u0001Q.", "byte 4 of data.pkl: a storage that is none of numbers")]
    public void A_pickle_of_anything_else_is_refused_at_its_byte(string words, string message)
    {
        var parts = words.Split(" | ");
        byte[] pickle = [.. Convert.FromHexString(parts[0].Replace(" ", "", StringComparison.Ordinal)), .. Encoding.Latin1.GetBytes(parts[1])];
        Refused(() => NamedTensors.Parse(Archive(("archive/data.pkl", pickle, CompressionLevel.NoCompression)), "w"), "w", message);
    }

    /// <summary>A view of 2^28 numbers of one stored number, another that begins behind its storage, and an order of bytes of other machines.</summary>
    [Theory]
    [InlineData("shape", "tensor 'a': shape [268435456], strides [0] from 0 on, expected within a storage of 1 numbers")]
    [InlineData("offset", "tensor 'a': shape [1], strides [1] from 7 on, expected within a storage of 1 numbers")]
    [InlineData("count", "tensor 'a': entry 'data/0' has 4 bytes, expected 9 numbers of type float32")]
    [InlineData("order", "numbers whose first byte is not the least, expected the order 'little'")]
    [InlineData("", "")]
    public void A_view_beyond_its_storage_is_refused(string what, string message)
    {
        var pickle = new List<byte>([0x80, 2]);
        void Add(string text) => pickle.AddRange(Encoding.Latin1.GetBytes(text));
        void Text(string text)
        {
            pickle.Add((byte)'X');
            pickle.AddRange(BitConverter.GetBytes(text.Length));
            Add(text);
        }

        void Number(int value)
        {
            pickle.Add((byte)'J');
            pickle.AddRange(BitConverter.GetBytes(value));
        }

        Add("}");
        Text("a");
        Add("ctorch._utils\n_rebuild_tensor_v2\n((");
        Text("storage");
        Add("ctorch\nFloatStorage\n");
        Text("0");
        Text("cpu");
        Number(what == "count" ? 9 : 1);
        Add("tQ");
        Number(what == "offset" ? 7 : 0);
        Number(what == "shape" ? 1 << 28 : 1);
        pickle.Add(0x85);
        Number(what == "shape" ? 0 : 1);
        pickle.AddRange([0x85, 0x89]);
        Add("ccollections\nOrderedDict\n)RtRs.");
        var archive = Archive(
            ("archive/data.pkl", [.. pickle], CompressionLevel.NoCompression),
            ("archive/byteorder", Encoding.ASCII.GetBytes(what == "order" ? "big" : "little"), CompressionLevel.NoCompression),
            ("archive/data/0", [0, 0, 0x20, 0x40], CompressionLevel.NoCompression));
        if (message.Length == 0)
        {
            Assert.Equal(2.5f, Assert.Single(NamedTensors.Parse(archive, "w")["a"].Values));
            return;
        }

        Refused(() => NamedTensors.Parse(archive, "w"), "w", message);
    }

    [Fact]
    public void Tensors_are_what_they_say()
    {
        Assert.Throws<ArgumentException>(() => new NamedTensor("a", [2, 3], [1]));
        Assert.Throws<ArgumentException>(() => new NamedTensor("a", [1L << 62, 1L << 62], [1]));
        Assert.Throws<ArgumentException>(() => new NamedTensor("a", [1], [float.NaN]));
        Assert.Throws<ArgumentException>(() => new NamedTensor("a", [-1, -1], [1]));
        var one = new NamedTensor("a", ImmutableArray<long>.Empty, [1]);
        Assert.Contains("two tensors are named 'a'", Assert.Throws<ArgumentException>(() => new NamedTensors([one, one])).Message, StringComparison.Ordinal);
        Assert.Throws<KeyNotFoundException>(() => new NamedTensors([one])["b"]);
    }

    private static string Ours(string name) => name switch
    {
        "theta_mean" => "ofTheta.mean",
        "theta_inverse" => "ofTheta.inverseScale",
        "x_mean" => "ofX.mean",
        "x_inverse" => "ofX.inverseScale",
        _ => name.Split('.') is ["net", var index, var part] ? $"classifier.{part}_{int.Parse(index, CultureInfo.InvariantCulture) / 2}" : name,
    };

    private static void Refused(Action read, string file, string message)
    {
        var text = Assert.Throws<ModelFormatException>(read).Message;
        Assert.StartsWith(file + ": ", text, StringComparison.Ordinal);
        Assert.Contains(message, text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, char.IsControl);
    }

    private static byte[] Safetensors(string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)text.Length), .. text, .. data];
    }

    private static byte[] Archive(params (string Name, byte[] Content, CompressionLevel Level)[] entries)
    {
        using var buffer = new MemoryStream();
        using (var archive = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content, level) in entries)
            {
                using var entry = archive.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return buffer.ToArray();
    }

    private static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Data", name);
}
