using Estimators.Export;
using Guarantees.Formats.Onnx;

namespace Estimators.Families.Flows;

/// <summary>A formula's numbers as the result of a node of a model under construction; nodes are named by a prefix and numbered.</summary>
/// <param name="Graph">The model.</param>
/// <param name="Names">Makes unique names.</param>
/// <param name="Name">Name of the result, [batch, rows, m].</param>
internal readonly record struct GraphFormula(OnnxGraphBuilder Graph, NameSource Names, string Name) : IFormula<GraphFormula>
{
    public static GraphFormula operator +(GraphFormula a, GraphFormula b) => a.Then("Add", b.Name);

    public static GraphFormula operator -(GraphFormula a, GraphFormula b) => a.Then("Sub", b.Name);

    public static GraphFormula operator *(GraphFormula a, GraphFormula b) => a.Then("Mul", b.Name);

    public static GraphFormula operator +(GraphFormula a, double b) => a.Then("Add", a.Number(b, 1));

    public static GraphFormula operator *(GraphFormula a, double b) => a.Then("Mul", a.Number(b, 1));

    public GraphFormula Exp() => Then("Exp");

    public GraphFormula Log() => Then("Log");

    public GraphFormula Tanh() => Then("Tanh");

    public GraphFormula Square() => Then("Mul", Name);

    public GraphFormula Clamp(double lower, double upper) => Then("Clip", Number(lower), Number(upper));

    public GraphFormula Sum() => Of(Graph.Node("ReduceSum", Names.Next("ReduceSum"), [Name, Axis()], ("keepdims", 1L)));

    public GraphFormula Rows(int start, int count) => Then("Slice", Whole(start), Whole(start + count), Axis());

    public GraphFormula MapRows(float[,] matrix) => Of(Graph.Node(
        "MatMul", Names.Next("MatMul"), [Graph.Initializer(Names.Next("matrix"), [.. matrix.Cast<float>()], matrix.GetLength(0), matrix.GetLength(1)), Name]));

    /// <summary>The same numbers in another shape, -1 for the batch.</summary>
    public GraphFormula Reshaped(params long[] shape) => Then("Reshape", Graph.Axes(Names.Next("shape"), shape));

    private GraphFormula Of(string name) => this with { Name = name };

    private GraphFormula Then(string operation, params string[] others) => Of(Graph.Node(operation, Names.Next(operation), [Name, .. others]));

    private string Number(double value, params int[] shape) => Graph.Initializer(Names.Next("number"), [(float)value], shape);

    private string Whole(long value) => Graph.Axes(Names.Next("rows"), value);

    private string Axis() => Graph.Axes(Names.Next("axis"), 1);
}

/// <summary>Unique names with a prefix.</summary>
/// <param name="prefix">The prefix.</param>
internal sealed class NameSource(string prefix)
{
    private int count;

    /// <summary>Another name.</summary>
    public string Next(string kind) => $"{prefix}_{count++}_{kind}";
}
