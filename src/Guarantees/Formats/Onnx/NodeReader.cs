using Guarantees.Formats.Onnx.Proto;

namespace Guarantees.Formats.Onnx;

/// <summary>One ONNX node with its arguments: typed access to inputs and attributes, every misuse an error that names what was found and expected.</summary>
internal sealed class NodeReader
{
    private readonly NodeProto proto;
    private readonly Tensor?[] inputs;
    private readonly Dictionary<string, AttributeProto> attributes = [];

    public NodeReader(NodeProto proto, int opset, Algebra algebra, Tensor?[] inputs, bool firstInputIsShared)
    {
        (this.proto, Opset, Algebra, this.inputs, FirstInputIsShared) = (proto, opset, algebra, inputs, firstInputIsShared);
        foreach (var attribute in proto.Attribute)
        {
            if (!attributes.TryAdd(attribute.Name, attribute))
            {
                throw new ModelFormatException($"attribute '{attribute.Name}' is given twice; expected once");
            }
        }
    }

    public Algebra Algebra { get; }

    public int Opset { get; }

    public string Operator => proto.OpType;

    /// <summary>Whether another node, or an output of the model, uses input 0 too.</summary>
    public bool FirstInputIsShared { get; }

    public int InputCount => inputs.Length;

    /// <summary>Number of outputs that somebody may use.</summary>
    public int OutputCount => proto.Output.Count;

    public bool UsesOutput(int i) => i < proto.Output.Count && proto.Output[i].Length > 0;

    public IEnumerable<string> AttributeNames => attributes.Keys;

    public bool HasInput(int i) => i < inputs.Length && inputs[i] is not null;

    public bool HasAttribute(string name) => attributes.ContainsKey(name);

    public Tensor Input(int i) => HasInput(i) ? inputs[i]! : throw new ModelFormatException($"input {i} is missing; expected a tensor");

    /// <summary>Input i as real numbers, finite where they are constants.</summary>
    public RealTensor Real(int i)
    {
        var real = RealOrInfinite(i);
        (real as ConstantTensor)?.RequireFinite(proto.Input[i]);
        return real;
    }

    public RealTensor RealOrInfinite(int i) => Input(i) as RealTensor
        ?? throw new ModelFormatException($"input {i} ('{proto.Input[i]}') is {Input(i)}; expected a float type");

    /// <summary>Any input; finite where it is a constant.</summary>
    public Tensor Any(int i) => Input(i) is RealTensor ? Real(i) : Input(i);

    /// <summary>Input i as known integers.</summary>
    public long[] Integers(int i) => Input(i) is IntegerTensor { Type: not ElementType.Bool } integers
        ? integers.Values
        : throw new ModelFormatException($"input {i} ('{proto.Input[i]}') is {Input(i)}; expected constant integers");

    public bool Truth(int i) => Input(i) is IntegerTensor { Type: ElementType.Bool, Count: 1 } truth
        ? truth.Values[0] != 0
        : throw new ModelFormatException($"input {i} ('{proto.Input[i]}') is {Input(i)}; expected one constant bool");

    /// <summary>Refuses inputs of different element types.</summary>
    public void RequireOneType(int first = 0)
    {
        for (var i = first + 1; i < inputs.Length; i++)
        {
            if (Input(i).Type != Input(first).Type)
            {
                throw new ModelFormatException($"inputs {first} and {i} are {Input(first)} and {Input(i)}; expected one element type");
            }
        }
    }

    public long Integer(string name, long absent) => Find(name, AttributeProto.Types.Kind.Int)?.I ?? absent;

    public long Integer(string name) => Find(name, AttributeProto.Types.Kind.Int)?.I
        ?? throw new ModelFormatException($"attribute '{name}' is missing; expected an integer");

    public bool Flag(string name, bool absent) => Integer(name, absent ? 1 : 0) switch
    {
        0 => false,
        1 => true,
        var other => throw new ModelFormatException($"attribute '{name}' is {other}; expected 0 or 1"),
    };

    /// <summary>A float attribute, exactly.</summary>
    public double Number(string name, double absent)
    {
        var value = Find(name, AttributeProto.Types.Kind.Float)?.F ?? absent;
        return double.IsFinite(value) ? value : throw new ModelFormatException($"attribute '{name}' is {value}; expected a finite number");
    }

    public double[]? Numbers(string name) => Find(name, AttributeProto.Types.Kind.Floats)?.Floats.Select(v => (double)v).ToArray();

    public long[]? IntegerList(string name) => Find(name, AttributeProto.Types.Kind.Ints)?.Ints.ToArray();

    public TensorProto? StoredTensor(string name) => Find(name, AttributeProto.Types.Kind.Tensor)?.T;

    /// <summary>Integers that were an attribute before opset <paramref name="since"/> and are input <paramref name="i"/> from it on; null when absent.</summary>
    public long[]? IntegersBy(int since, string name, int i)
    {
        if (Opset < since)
        {
            if (HasInput(i))
            {
                throw new ModelFormatException($"{name} is an input; expected an attribute before opset {since}");
            }

            return IntegerList(name);
        }

        if (HasAttribute(name))
        {
            throw new ModelFormatException($"{name} is an attribute; expected an input from opset {since} on");
        }

        return HasInput(i) ? Integers(i) : null;
    }

    private AttributeProto? Find(string name, AttributeProto.Types.Kind kind)
    {
        if (!attributes.TryGetValue(name, out var attribute))
        {
            return null;
        }

        return attribute.Type == kind && (kind != AttributeProto.Types.Kind.Tensor || attribute.T is not null)
            ? attribute
            : throw new ModelFormatException($"attribute '{name}' is of kind {attribute.Type}; expected {kind}");
    }
}
