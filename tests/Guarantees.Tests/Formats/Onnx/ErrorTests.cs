using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Google.Protobuf;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Onnx.Proto;
using Xunit;

namespace Guarantees.Tests.Formats.Onnx;

/// <summary>Files that cannot be read end in one line that names place, value and expectation, and in no other exception.</summary>
public class ErrorTests
{
    public static TheoryData<string, string[]> Cases => new()
    {
        { "unsupported operator", ["'y' (Erf, opset 17)", "operator 'Erf' is not supported"] },
        { "foreign domain", ["(FusedGemm, opset 17)", "domain 'com.microsoft' is not supported"] },
        { "operator newer than opset", ["(Where, opset 8)", "expected opset 9 or later"] },
        { "NaN weight", ["initializer 'W' has NaN at element 3", "expected finite numbers"] },
        { "infinite weight", ["'y' (Gemm, opset 17)", "'W' has Infinity at element 3"] },
        { "cycle", ["'y' (Add)", "depends on its own output"] },
        { "missing input", ["'y' (Relu", "'nowhere'", "is computed by no node"] },
        { "missing output", ["output 'z' is computed by no node"] },
        { "duplicate value", ["'y' is given twice"] },
        { "duplicate initializer", ["initializer 'W' is given twice"] },
        { "duplicate input", ["input 'x' is declared twice"] },
        { "duplicate output", ["output 'y' is declared twice"] },
        { "misfit of Gemm", ["'y' (Gemm, opset 17)", "[1, 2]", "expected 2 rows in the second, got 3"] },
        { "misfit of Add", ["(Add, opset 17)", "[1, 2] and [3] do not broadcast"] },
        { "misfit of Reshape", ["(Reshape, opset 17)", "the new shape is [1, 5]", "expected 2 elements"] },
        { "misfit of declared output", ["output 'y'", "declared shape is [0, 7]", "[1, 2]"] },
        { "axis out of range", ["(Concat, opset 17)", "axis is 5; expected -2 to 1"] },
        { "unknown attribute", ["(Relu, opset 17)", "attribute 'slope' is not known"] },
        { "attribute of another kind", ["(Concat, opset 17)", "attribute 'axis' is of kind Float; expected Int"] },
        { "attribute twice", ["attribute 'axis' is given twice"] },
        { "external data", ["initializer 'W' is stored outside the model file"] },
        { "sparse initializer", ["is sparse; expected dense"] },
        { "string initializer", ["initializer 'W' has element type String"] },
        { "short data", ["initializer 'W' of shape [2, 2] has 3 numbers; expected 4"] },
        { "short raw data", ["initializer 'W' of shape [2, 2] has 15 bytes of data; expected 16"] },
        { "negative extent", ["initializer 'W' has extent -2 on axis 0"] },
        { "huge extent", ["is too large"] },
        { "huge constant", ["(ConstantOfShape, opset 17)", "intermediate numbers"] },
        { "many axes", ["65 axes; expected at most 64"] },
        { "opset 7", ["uses opset 7; expected 8 to 21"] },
        { "opset 22", ["uses opset 22; expected 8 to 21"] },
        { "no opset", ["names no opset"] },
        { "no outputs", ["has no outputs"] },
        { "no graph", ["holds no graph"] },
        { "integer input", ["input 'x' is of type Int64"] },
        { "input without shape", ["input 'x' is of type Float without a shape"] },
        { "batch of 5", ["input 'x' has extent 5 on the batch axis"] },
        { "dynamic feature axis", ["input 'x' has the dynamic extent 'n' on axis 1"] },
        { "division by zero", ["(Div, opset 17)", "divisor 1 is [0, 0]"] },
        { "odd exponent", ["(Pow, opset 17)", "the exponent is 2.5"] },
        { "logarithm of a negative constant", ["(Log, opset 17)", "needs x > 0"] },
        { "training", ["(Dropout, opset 17)", "training_mode is true; expected inference"] },
        { "mixed types", ["(Add, opset 17)", "expected one element type"] },
        { "comparison of inputs", ["(Equal, opset 17)", "expected exact constants"] },
        { "too few inputs", ["(Add, opset 17)", "got 1 inputs; expected 2 to 2"] },
        { "integer output", ["output 'y'", "expected a float tensor"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Problem_is_one_line_with_place_value_and_expectation(string problem, string[] parts)
    {
        var model = Small();
        Break(model, problem);
        var error = Assert.Throws<ModelFormatException>(() => OnnxImporter.Read(model.ToByteArray(), "broken.onnx"));
        Assert.StartsWith("broken.onnx: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Matches("expected|needs", error.Message);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Unbroken_model_is_read()
    {
        var network = OnnxImporter.Read(Small().ToByteArray(), "small.onnx");
        Assert.Equal([3.0, 7.0], network.Evaluate([1, 1])[network.Outputs[0].Node]);
    }

    [Fact]
    public void Node_that_no_output_needs_is_skipped()
    {
        var model = Small();
        model.Graph.Node.Add(Node("Erf", "unused", "x"));
        Assert.Equal(2, OnnxImporter.Read(model.ToByteArray(), "small.onnx").Nodes.Length);
    }

    [Fact]
    public void File_that_is_cut_short_is_refused_wherever_it_is_cut()
    {
        var bytes = Small().ToByteArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(Reads(bytes[..length]) && length < bytes.Length - 4, $"The first {length} of {bytes.Length} bytes were read as a model.");
        }
    }

    [Fact]
    public void Missing_file_is_not_a_format_error() => Assert.Throws<FileNotFoundException>(() => OnnxImporter.Read(Path.Combine(AppContext.BaseDirectory, "nowhere.onnx")));

    [Fact]
    public void Long_chain_and_deep_graph_are_read()
    {
        var model = Small();
        for (var i = 0; i < 20_000; i++)
        {
            model.Graph.Node.Add(Node(i % 2 == 0 ? "Neg" : "Identity", $"n{i}", i == 0 ? "y" : $"n{i - 1}"));
        }

        model.Graph.Output[0].Name = "n19999";
        Assert.Equal([3.0, 7.0], OnnxImporter.Read(model.ToByteArray(), "deep.onnx").Evaluate([1, 1])[^1]);
    }

    /// <summary>2500 damaged files a run (20 000 when it was written): a byte changed, cut out, doubled, or the file cut short; and damaged fields of a valid message.</summary>
    [Property(MaxTest = 50)]
    public Property Damaged_file_never_ends_in_another_exception() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>().Generator.Resize(1 << 30).ToArbitrary(),
        seed =>
        {
            var random = new Random(seed);
            var files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Data", "sbi"), "*.onnx");
            var original = random.Next(4) == 0
                ? File.ReadAllBytes(files[random.Next(files.Length)])
                : RandomModel.Make(seed & int.MaxValue, false).Model.ToByteArray();
            for (var i = 0; i < 50; i++)
            {
                var bytes = random.Next(3) == 0 ? DamageFields(original, random) : DamageBytes(original, random);
                Reads(bytes);
            }
        });

    /// <summary>True if read, false if refused; any other exception fails the test.</summary>
    private static bool Reads(byte[] bytes)
    {
        try
        {
            return OnnxImporter.Read(bytes, "damaged.onnx").Nodes.Length > 0;
        }
        catch (ModelFormatException refused)
        {
            Assert.DoesNotContain('\n', refused.Message);
            return false;
        }
    }

    private static byte[] DamageBytes(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var k = random.Next(4); k >= 0 && bytes.Count > 1; k--)
        {
            var place = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes.RemoveAt(place);
                    break;
                case 1:
                    bytes.Insert(place, (byte)random.Next(256));
                    break;
                case 2 when random.Next(4) == 0:
                    bytes.RemoveRange(place, bytes.Count - place);
                    break;
                case 3:
                    bytes[place] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    bytes[place] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Changes that keep the message well formed, and so reach deeper.</summary>
    private static byte[] DamageFields(byte[] original, Random random)
    {
        var model = ModelProto.Parser.ParseFrom(original);
        var graph = model.Graph;
        for (var k = random.Next(3); k >= 0; k--)
        {
            var node = graph.Node[random.Next(graph.Node.Count)];
            var tensor = graph.Initializer.Count > 0 ? graph.Initializer[random.Next(graph.Initializer.Count)] : new TensorProto();
            long number = random.Next(8) switch { 0 => 0, 1 => -1, 2 => long.MaxValue, 3 => long.MinValue, 4 => int.MaxValue, 5 => 1 << 20, _ => random.Next(-5, 8) };
            switch (random.Next(12))
            {
                case 0:
                    node.OpType = OnnxImporter.Operators[random.Next(OnnxImporter.Operators.Count)];
                    break;
                case 1 when node.Input.Count > 0:
                    node.Input[random.Next(node.Input.Count)] = graph.Node[random.Next(graph.Node.Count)].Output[0];
                    break;
                case 2:
                    node.Input.Add(random.Next(2) == 0 ? "" : tensor.Name);
                    break;
                case 3 when node.Input.Count > 0:
                    node.Input.RemoveAt(random.Next(node.Input.Count));
                    break;
                case 4 when node.Attribute.Count > 0:
                    var attribute = node.Attribute[random.Next(node.Attribute.Count)];
                    (attribute.I, attribute.F) = (number, number);
                    for (var i = 0; i < attribute.Ints.Count; i++)
                    {
                        attribute.Ints[i] = random.Next(2) == 0 ? number : attribute.Ints[i];
                    }

                    break;
                case 5 when tensor.Dims.Count > 0:
                    tensor.Dims[random.Next(tensor.Dims.Count)] = number;
                    break;
                case 6:
                    tensor.DataType = random.Next(20);
                    break;
                case 7 when tensor.Int64Data.Count > 0:
                    tensor.Int64Data[random.Next(tensor.Int64Data.Count)] = number;
                    break;
                case 8:
                    model.OpsetImport[0].Version = random.Next(6, 24);
                    break;
                case 9 when graph.Input.Count > 0 && graph.Input[0].Type.TensorType.Shape.Dim.Count > 0:
                    graph.Input[0].Type.TensorType.Shape.Dim[^1].DimValue = number;
                    break;
                case 10 when tensor.DoubleData.Count + tensor.FloatData.Count > 0:
                    if (tensor.FloatData.Count > 0)
                    {
                        tensor.FloatData[0] = random.Next(2) == 0 ? float.PositiveInfinity : float.MaxValue;
                    }

                    break;
                case 11 when tensor.Dims.Count == 1 && tensor.DataType == 7:
                    // Integers anew, as a small hostile shape would hold them.
                    tensor.RawData = ByteString.Empty;
                    tensor.Int64Data.Clear();
                    tensor.Int64Data.AddRange(Enumerable.Repeat(number, (int)Math.Clamp(tensor.Dims[0], 0, 8)));
                    break;
                default:
                    node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.Kind.Int, I = number });
                    break;
            }
        }

        return model.ToByteArray();
    }

    /// <summary>y = W x, W = [1, 2; 3, 4].</summary>
    private static ModelProto Small(int opset = 17)
    {
        var weights = new TensorProto { Name = "W", DataType = 1 };
        weights.Dims.AddRange([2L, 2L]);
        weights.FloatData.AddRange([1f, 2f, 3f, 4f]);
        var graph = new GraphProto { Name = "small" };
        graph.Initializer.Add(weights);
        graph.Input.Add(Declared("x", 1, 0, 2));
        graph.Output.Add(Declared("y", 1, 0, 2));
        var gemm = Node("Gemm", "y", "x", "W");
        gemm.Attribute.Add(new AttributeProto { Name = "transB", Type = AttributeProto.Types.Kind.Int, I = 1 });
        graph.Node.Add(gemm);
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        return model;
    }

    private static NodeProto Node(string operation, string output, params string[] inputs)
    {
        var node = new NodeProto { OpType = operation };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        return node;
    }

    /// <summary>An extent of 0 stands for a dynamic one.</summary>
    private static ValueInfoProto Declared(string name, int type, params long[] shape)
    {
        var declared = new TensorShapeProto();
        declared.Dim.AddRange(shape.Select(extent => extent == 0
            ? new TensorShapeProto.Types.Dimension { DimParam = "n" }
            : new TensorShapeProto.Types.Dimension { DimValue = extent }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = declared } } };
    }

    private static TensorProto Floats(string name, int type, params double[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = type };
        tensor.Dims.Add(values.Length);
        if (type == 11)
        {
            tensor.DoubleData.AddRange(values);
        }
        else
        {
            tensor.FloatData.AddRange(values.Select(v => (float)v));
        }

        return tensor;
    }

    private static TensorProto Integers(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = 7 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.AddRange(values);
        return tensor;
    }

    private static void Break(ModelProto model, string problem)
    {
        var graph = model.Graph;
        var (node, weights, input, output) = (graph.Node[0], graph.Initializer[0], graph.Input[0], graph.Output[0]);
        void Replace(NodeProto other, params TensorProto[] constants)
        {
            graph.Node[0] = other;
            graph.Initializer.AddRange(constants);
            output.Type = null;
        }

        AttributeProto Integer(string name, long value) => new() { Name = name, Type = AttributeProto.Types.Kind.Int, I = value };
        switch (problem)
        {
            case "unsupported operator": Replace(Node("Erf", "y", "x")); break;
            case "foreign domain":
                Replace(Node("FusedGemm", "y", "x", "W"));
                graph.Node[0].Domain = "com.microsoft";
                break;
            case "operator newer than opset":
                model.OpsetImport[0].Version = 8;
                Replace(Node("Where", "y", "x", "x", "x"));
                break;
            case "NaN weight": weights.FloatData[3] = float.NaN; break;
            case "infinite weight": weights.FloatData[3] = float.PositiveInfinity; break;
            case "cycle":
                Replace(Node("Add", "y", "x", "z"));
                graph.Node.Add(Node("Relu", "z", "y"));
                break;
            case "missing input": Replace(Node("Relu", "y", "nowhere")); break;
            case "missing output": output.Name = "z"; break;
            case "duplicate value": graph.Node.Add(Node("Relu", "y", "x")); break;
            case "duplicate initializer": graph.Initializer.Add(weights.Clone()); break;
            case "duplicate input": graph.Input.Add(input.Clone()); break;
            case "duplicate output": graph.Output.Add(output.Clone()); break;
            case "misfit of Gemm":
                weights.Dims[1] = 3;
                weights.FloatData.AddRange([5f, 6f]);
                break;
            case "misfit of Add": Replace(Node("Add", "y", "x", "c"), Floats("c", 1, 1, 2, 3)); break;
            case "misfit of Reshape": Replace(Node("Reshape", "y", "x", "s"), Integers("s", 1, 5)); break;
            case "misfit of declared output": output.Type = Declared("y", 1, 0, 7).Type; break;
            case "axis out of range":
                Replace(Node("Concat", "y", "x", "x"));
                graph.Node[0].Attribute.Add(Integer("axis", 5));
                break;
            case "unknown attribute":
                Replace(Node("Relu", "y", "x"));
                graph.Node[0].Attribute.Add(Integer("slope", 5));
                break;
            case "attribute of another kind":
                Replace(Node("Concat", "y", "x", "x"));
                graph.Node[0].Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.Kind.Float, F = 1 });
                break;
            case "attribute twice":
                Replace(Node("Concat", "y", "x", "x"));
                graph.Node[0].Attribute.AddRange([Integer("axis", 1), Integer("axis", 1)]);
                break;
            case "external data": weights.DataLocation = TensorProto.Types.Location.External; break;
            case "sparse initializer": graph.SparseInitializer.Add(new SparseTensorProto { Values = weights.Clone() }); break;
            case "string initializer": weights.DataType = 8; break;
            case "short data": weights.FloatData.RemoveAt(0); break;
            case "short raw data":
                weights.FloatData.Clear();
                weights.RawData = ByteString.CopyFrom(new byte[15]);
                break;
            case "negative extent": weights.Dims[0] = -2; break;
            case "huge extent": weights.Dims[0] = weights.Dims[1] = int.MaxValue - 1; break;
            case "huge constant": Replace(Node("ConstantOfShape", "y", "s"), Integers("s", 1L << 30)); break;
            case "many axes": Replace(Node("Unsqueeze", "y", "x", "s"), Integers("s", [.. Enumerable.Range(0, 63).Select(i => (long)i)])); break;
            case "opset 7": model.OpsetImport[0].Version = 7; break;
            case "opset 22": model.OpsetImport[0].Version = 22; break;
            case "no opset": model.OpsetImport.Clear(); break;
            case "no outputs": graph.Output.Clear(); break;
            case "no graph": model.Graph = null; break;
            case "integer input": input.Type.TensorType.ElemType = 7; break;
            case "input without shape": input.Type.TensorType.Shape = null; break;
            case "batch of 5": input.Type = Declared("x", 1, 5, 2).Type; break;
            case "dynamic feature axis": input.Type = Declared("x", 1, 0, 0).Type; break;
            case "division by zero": Replace(Node("Div", "y", "x", "c"), Floats("c", 1, 1, 0)); break;
            case "odd exponent": Replace(Node("Pow", "y", "x", "c"), Floats("c", 1, 2.5)); break;
            case "logarithm of a negative constant":
                Replace(Node("Log", "l", "c"), Floats("c", 1, -1));
                graph.Node.Add(Node("Add", "y", "x", "l"));
                break;
            case "training":
                Replace(Node("Dropout", "y", "x", "r", "t"), Floats("r", 1, 0.5), new TensorProto { Name = "t", DataType = 9, Int32Data = { 1 } });
                break;
            case "mixed types": Replace(Node("Add", "y", "x", "c"), Floats("c", 11, 1, 2)); break;
            case "comparison of inputs": Replace(Node("Equal", "y", "x", "x")); break;
            case "too few inputs": Replace(Node("Add", "y", "x")); break;
            case "integer output": Replace(Node("Shape", "y", "x")); break;
            default: throw new ArgumentException(problem);
        }
    }
}
