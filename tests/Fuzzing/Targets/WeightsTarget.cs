using System.IO.Compression;
using System.Text;
using Estimators.Import;
using Guarantees.Formats;

namespace Fuzzing;

/// <summary>Weights: safetensors files, archives of torch.save, and pickles alone, which are put into an archive whose checksums fit, as a forger's would.</summary>
internal sealed class WeightsTarget : Target
{
    private const string File = "weights.pt";

    private static readonly string[] Words =
    [
        "ccollections\nOrderedDict\n", "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch._utils\n_rebuild_parameter\n", "ctorch\nFloatStorage\n", "ctorch\nHalfStorage\n", "cos\nsystem\n", "(", ")", "R", "}", "q\u0001", "h\u0001", "u", "s", "b", "Q", "K\u0001", "K\0",
        "J\u00ff\u00ff\u00ff\u007f", "X\u0001\0\0\0a", "X\u0007\0\0\0storage", "t", "\u0085", "\u0086", "\u0087", "\u0089", "N", ".", "\u008a\u0008", "{", "}", "\"dtype\":\"F32\"", "\"shape\":[2,1]", "\"data_offsets\":[0,8]", "\"__metadata__\"", ",", ":", "F64", "BF16", "9223372036854775807", "-1",
    ];

    public override string Name => "weights";

    protected override IEnumerable<byte[]> Seeds => [Safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[8,10]}}", 10), State(), Archive(State(), 12)];

    protected override IEnumerable<Func<byte[]>> Hostile =>
    [
        () => Safetensors("{\"a\":" + new string('[', 1_000_000), 0),
        () => Safetensors("{" + string.Join(',', Enumerable.Range(0, 200_000).Select(i => $"\"k{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}")) + "}", 0),
        () => Safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[" + string.Join(',', Enumerable.Repeat("4294967296", 300_000)) + "],\"data_offsets\":[0,0]}}", 0),
        () => Encoding.Latin1.GetBytes("\u0080\u0002" + new string('(', 3_000_000)),
        () => Encoding.Latin1.GetBytes("\u0080\u0002" + new string(')', 3_000_000)),
        () => Encoding.Latin1.GetBytes("\u0080\u0002)" + new string('\u0085', 3_000_000) + "."),
        () => Encoding.Latin1.GetBytes("\u0080\u0002" + string.Concat(Enumerable.Repeat("(t", 1_000_000)) + "."),
        () => Encoding.Latin1.GetBytes("\u0080\u0002" + string.Concat(Enumerable.Repeat("ccollections\nOrderedDict\n)R", 200_000)) + "."),
        () => Encoding.Latin1.GetBytes("\u0080\u0002}(" + string.Concat(Enumerable.Repeat("X\u0001\0\0\0aN", 300_000)) + "u."),
        () => Archive(new byte[1 << 20], 1 << 20),
        () => Compressed(new byte[1 << 28]),
    ];

    public override bool Run(byte[] input)
    {
        try
        {
            var tensors = NamedTensors.Parse(input is [0x80, ..] ? Archive(input, 12) : input, File);
            var again = NamedTensors.Parse(tensors.ToSafetensors(), File);
            FindingException.Unless(tensors.All.Select(tensor => tensor.ToString()).SequenceEqual(again.All.Select(tensor => tensor.ToString())) && tensors.All.Zip(again.All).All(two => two.First.Values.AsSpan().SequenceEqual(two.Second.Values.AsSpan())), "written and read again the tensors are others");
            return true;
        }
        catch (ModelFormatException error)
        {
            return Refused(error, File);
        }
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent) => mutator.Chance(0.5) ? mutator.Bytes(parent) : [.. mutator.Text(parent, Words)];

    private static byte[] Safetensors(string header, int data) => [.. BitConverter.GetBytes((long)header.Length), .. Encoding.Latin1.GetBytes(header), .. new byte[data]];

    /// <summary>A dictionary with one tensor "a" of three numbers.</summary>
    private static byte[] State() => Encoding.Latin1.GetBytes(
        "\u0080\u0002ccollections\nOrderedDict\n)Rq\0(X\u0001\0\0\0aq\u0001ctorch._utils\n_rebuild_tensor_v2\nq\u0002((X\u0007\0\0\0storageq\u0003ctorch\nFloatStorage\nq\u0004X\u0001\0\0\00q\u0005X\u0003\0\0\0cpuq\u0006K\u0003tq\u0007QK\0K\u0003\u0085q\u0008K\u0001\u0085q\u0009\u0089ccollections\nOrderedDict\n)Rtq\nRu.");

    private static byte[] Archive(byte[] pickle, int bytes) => Zip([("w/data.pkl", pickle), ("w/byteorder", "little"u8.ToArray()), ("w/data/0", new byte[bytes])], CompressionLevel.NoCompression);

    private static byte[] Compressed(byte[] zeros) => Zip([("w/data.pkl", State()), ("w/data/0", zeros)], CompressionLevel.SmallestSize);

    private static byte[] Zip((string Name, byte[] Bytes)[] entries, CompressionLevel level)
    {
        using var buffer = new MemoryStream();
        using (var archive = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                var entry = archive.CreateEntry(name, level);
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var content = entry.Open();
                content.Write(bytes);
            }
        }

        return buffer.ToArray();
    }
}
