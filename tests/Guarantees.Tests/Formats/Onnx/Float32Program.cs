using Guarantees.Arithmetic;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Guarantees.Tests.Graphs;

namespace Guarantees.Tests.Formats.Onnx;

/// <summary>A model written twice, operator by operator: as an ONNX file, and as float32 steps that a <see cref="Float32Machine"/> executes in its style.</summary>
internal sealed class Float32Program
{
    private readonly OnnxGraphBuilder graph = new("executed");
    private readonly List<(string Name, int Length, Func<Float32Machine, float[][], float[]> Run)> steps = [];
    private int names;

    public Float32Program(int inputs)
    {
        graph.Input("x", inputs);
        steps.Add(("x", inputs, (_, _) => throw new InvalidOperationException("The input is given.")));
    }

    /// <summary>Whether ReLUs and linear maps are all there is, so that rational numbers can referee.</summary>
    public bool IsPiecewiseLinear { get; private set; } = true;

    public int Count => steps.Count;

    public int LengthOf(int value) => steps[value].Length;

    /// <summary>W x + b, in one of the forms that exporters write: Gemm with or without transB, MatMul then Add from either side.</summary>
    public int Dense(int x, float[] weights, float[]? bias, int form)
    {
        var (n, m) = (steps[x].Length, weights.Length / steps[x].Length);
        var transposed = new float[weights.Length];
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                transposed[(j * m) + i] = weights[(i * n) + j];
            }
        }

        var b = bias is null ? "" : Constant(bias, m);
        var name = steps[x].Name;
        if (form == 0)
        {
            name = graph.Node("Gemm", Name(), bias is null ? [name, Constant(weights, m, n)] : [name, Constant(weights, m, n), b], ("transB", 1));
        }
        else if (form == 1)
        {
            name = graph.Node("Gemm", Name(), bias is null ? [name, Constant(transposed, n, m)] : [name, Constant(transposed, n, m), b]);
        }
        else
        {
            name = graph.Node("MatMul", Name(), [name, Constant(transposed, n, m)]);
            name = bias is null ? name : graph.Node("Add", Name(), form == 2 ? [name, b] : [b, name]);
        }

        return Step(name, m, (machine, values) => [.. Enumerable.Range(0, m).Select(i => machine.Sum(weights[(i * n)..((i + 1) * n)], values[x], bias?[i]))]);
    }

    /// <summary>c (W x) + b: the constant may go into weights or argument.</summary>
    public int ScaledDense(int x, float[] weights, float factor, float[] bias)
    {
        var (n, m) = (steps[x].Length, bias.Length);
        var inner = Dense(x, weights, null, 2);
        var name = graph.Node("Mul", Name(), [steps[inner].Name, Constant([factor], 1)]);
        name = graph.Node("Add", Name(), [name, Constant(bias, m)]);
        return Step(name, m, (machine, values) => [.. Enumerable.Range(0, m).Select(i =>
        {
            var row = weights[(i * n)..((i + 1) * n)];
            return machine.Style.Scale switch
            {
                ScalePlace.Weights => machine.Sum(Array.ConvertAll(row, w => machine.Times(w, factor)), values[x], bias[i]),
                ScalePlace.Argument => machine.Sum(row, Array.ConvertAll(values[x], v => machine.Times(v, factor)), bias[i]),
                _ => machine.TimesPlus(machine.Sum(row, values[x], null), factor, bias[i]),
            };
        })]);
    }

    public int Function(string operation, int x, float parameter = 0)
    {
        IsPiecewiseLinear &= operation is "Relu" or "Neg";
        const double share = 1.0 / (1 << 20);
        Func<Float32Machine, float, float> run = operation switch
        {
            "Relu" => (m, v) => m.Keep(Math.Max(v, 0)),
            "LeakyRelu" => (m, v) => v >= 0 ? m.Keep(v) : m.Times(v, parameter),
            "Abs" => (m, v) => m.Keep(Math.Abs(v)),
            "Neg" => (m, v) => m.Keep(-v),
            "Tanh" => (m, v) => m.Function(Math.Tanh, MathF.Tanh, v, _ => share),
            "Sigmoid" => (m, v) => m.Function(t => 1 / (1 + Math.Exp(-t)), t => 1 / (1 + MathF.Exp(-t)), v, _ => share),
            "Exp" => (m, v) => m.Function(Math.Exp, MathF.Exp, v, y => share * y),
            "Log" => (m, v) => m.Function(Math.Log, MathF.Log, v, y => share * (1 + Math.Abs(y))),
            "Sqrt" => (m, v) => m.Keep(MathF.Sqrt(m.Keep(v))),
            "Softplus" => (m, v) => m.Function(
                t => Math.Max(t, 0) + Math.Log(1 + Math.Exp(-Math.Abs(t))), t => t > 20 ? t : MathF.Log(1 + MathF.Exp(t)), v, y => share * (1 + y)),
            _ => throw new ArgumentException($"{operation} is not known.", nameof(operation)),
        };
        var name = operation == "LeakyRelu"
            ? graph.Node(operation, Name(), [steps[x].Name], ("alpha", parameter))
            : graph.Node(operation, Name(), [steps[x].Name]);
        return Step(name, steps[x].Length, (machine, values) => Array.ConvertAll(values[x], v => run(machine, v)));
    }

    /// <summary>min(max(x, low), high).</summary>
    public int Clip(int x, float low, float high) => Step(
        graph.Node("Clip", Name(), [steps[x].Name, Constant([low]), Constant([high])]),
        steps[x].Length,
        (machine, values) => Array.ConvertAll(values[x], v => machine.Keep(Math.Min(Math.Max(machine.Keep(v), machine.Keep(low)), machine.Keep(high)))));

    /// <summary>An elementwise operator of two values.</summary>
    public int Pair(string operation, int a, int b)
    {
        IsPiecewiseLinear &= operation is "Add" or "Sub";
        return Step(graph.Node(operation, Name(), [steps[a].Name, steps[b].Name]), steps[a].Length, (machine, values) =>
            [.. values[a].Zip(values[b], (p, q) => Apply(machine, operation, p, q))]);
    }

    /// <summary>An elementwise operator of a value and constants.</summary>
    public int PairConstant(string operation, int a, float[] constants)
    {
        IsPiecewiseLinear &= operation is not "Div";
        return Step(graph.Node(operation, Name(), [steps[a].Name, Constant(constants, constants.Length)]), steps[a].Length, (machine, values) =>
            [.. values[a].Zip(constants, (p, q) => Apply(machine, operation, p, q))]);
    }

    /// <summary>a b + c.</summary>
    public int MultiplyAdd(int a, int b, int c)
    {
        IsPiecewiseLinear = false;
        var product = graph.Node("Mul", Name(), [steps[a].Name, steps[b].Name]);
        return Step(graph.Node("Add", Name(), [product, steps[c].Name]), steps[a].Length, (machine, values) =>
            [.. Enumerable.Range(0, values[a].Length).Select(i => machine.TimesPlus(values[a][i], values[b][i], values[c][i]))]);
    }

    public int Concat(int a, int b) => Step(
        graph.Node("Concat", Name(), [steps[a].Name, steps[b].Name], ("axis", 1)), steps[a].Length + steps[b].Length, (_, values) => [.. values[a], .. values[b]]);

    public int Slice(int x, int start, int end)
    {
        var (from, to, axis) = (graph.Initializer(Name(), [(long)start], 1), graph.Initializer(Name(), [(long)end], 1), graph.Initializer(Name(), [1L], 1));
        return Step(graph.Node("Slice", Name(), [steps[x].Name, from, to, axis]), end - start, (_, values) => values[x][start..end]);
    }

    public int Gather(int x, params int[] places)
    {
        var indices = graph.Initializer(Name(), Array.ConvertAll(places, place => (long)place), places.Length);
        return Step(graph.Node("Gather", Name(), [steps[x].Name, indices], ("axis", 1)), places.Length, (_, values) => Array.ConvertAll(places, place => values[x][place]));
    }

    /// <summary>The sum or the mean of all elements.</summary>
    public int Reduce(string operation, int x)
    {
        IsPiecewiseLinear &= operation == "ReduceSum" || int.IsPow2(steps[x].Length);
        var n = steps[x].Length;
        var name = operation == "ReduceSum"
            ? graph.Node(operation, Name(), [steps[x].Name, graph.Initializer(Name(), [1L], 1)])
            : graph.Node(operation, Name(), [steps[x].Name], ("axes", new[] { 1L }));
        return Step(name, 1, (machine, values) =>
        {
            var sum = machine.Sum([.. Enumerable.Repeat(1f, n)], values[x], null);
            return [operation == "ReduceSum" ? sum : machine.Over(sum, n)];
        });
    }

    /// <summary>The file, with one output.</summary>
    public byte[] ToBytes(int output)
    {
        graph.Output(steps[output].Name, steps[output].Length);
        return graph.ToBytes();
    }

    /// <summary>The output as executed.</summary>
    public float[] Execute(int output, Float32Machine machine, float[] x)
    {
        var values = new float[output + 1][];
        values[0] = x;
        for (var k = 1; k <= output; k++)
        {
            values[k] = steps[k].Run(machine, values);
        }

        return values[output];
    }

    /// <summary>The distance of a number from element i of the real output at x; to the nearer end of an enclosure where the function is not piecewise linear.</summary>
    public Func<int, double, double> Distance(Network network, float[] x)
    {
        var output = network.Outputs[0].Node;
        if (IsPiecewiseLinear)
        {
            var exact = ExactNetwork.Evaluate(network, Array.ConvertAll(x, v => Rational.Of(v)))[output];
            return (i, value) => Size(Rational.Of(value) - exact[i]);
        }

        var range = network.Ranges(Box.Point(Array.ConvertAll(x, v => (double)v)))[output];
        return (i, value) => Math.Max(0, Math.Max(range.Lower[i] - value, value - range.Upper[i]));
    }

    private static double Size(Rational r) => (r.Sign < 0 ? -r : r).RoundUp();

    private static float Apply(Float32Machine machine, string operation, float p, float q) => operation switch
    {
        "Add" => machine.Plus(p, q),
        "Sub" => machine.Plus(p, -q),
        "Mul" => machine.Times(p, q),
        "Div" => machine.Over(p, q),
        "Max" => machine.Keep(Math.Max(machine.Keep(p), machine.Keep(q))),
        "Min" => machine.Keep(Math.Min(machine.Keep(p), machine.Keep(q))),
        _ => throw new ArgumentException($"{operation} is not known.", nameof(operation)),
    };

    private int Step(string name, int length, Func<Float32Machine, float[][], float[]> run)
    {
        steps.Add((name, length, run));
        return steps.Count - 1;
    }

    private string Constant(float[] values, params int[] shape) => graph.Initializer(Name(), values, shape);

    private string Name() => $"v{names++}";
}
