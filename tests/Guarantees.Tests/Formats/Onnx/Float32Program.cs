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
            "Reciprocal" => (m, v) => m.Over(1, v),
            "Softplus" => (m, v) => m.Function(
                t => Math.Max(t, 0) + Math.Log(1 + Math.Exp(-Math.Abs(t))), t => t > 20 ? t : MathF.Log(1 + MathF.Exp(t)), v, y => share * (1 + y)),
            _ => throw new ArgumentException($"{operation} is not known.", nameof(operation)),
        };
        var name = operation == "LeakyRelu"
            ? graph.Node(operation, Name(), [steps[x].Name], ("alpha", parameter))
            : graph.Node(operation, Name(), [steps[x].Name]);
        return Step(name, steps[x].Length, (machine, values) => Array.ConvertAll(values[x], v => run(machine, v)));
    }

    /// <summary>alpha W x + beta c, the constants multiplied in before or after.</summary>
    public int WeightedGemm(int x, float[] weights, float alpha, float beta, float[] c)
    {
        IsPiecewiseLinear = false;
        var (n, m) = (steps[x].Length, c.Length);
        var name = graph.Node("Gemm", Name(), [steps[x].Name, Constant(weights, m, n), Constant(c, m)], ("transB", 1), ("alpha", alpha), ("beta", beta));
        return Step(name, m, (machine, values) => [.. Enumerable.Range(0, m).Select(i =>
        {
            var row = weights[(i * n)..((i + 1) * n)];
            var bias = machine.Times(beta, c[i]);
            return machine.Style.Scale switch
            {
                ScalePlace.Weights => machine.Sum(Array.ConvertAll(row, w => machine.Times(w, alpha)), values[x], bias),
                ScalePlace.Argument => machine.Sum(row, Array.ConvertAll(values[x], v => machine.Times(v, alpha)), bias),
                _ => machine.TimesPlus(c[i], beta, machine.Times(machine.Sum(row, values[x], null), alpha)),
            };
        })]);
    }

    /// <summary>x^exponent, by products or by a library's function.</summary>
    public int Power(int x, float exponent)
    {
        IsPiecewiseLinear = false;
        return Step(graph.Node("Pow", Name(), [steps[x].Name, Constant([exponent])]), steps[x].Length, (machine, values) => Array.ConvertAll(values[x], v => (machine.Style.Bias, exponent) switch
        {
            (BiasPlace.First, 2) => machine.Times(v, v),
            (BiasPlace.First, 3) => machine.Times(machine.Times(v, v), v),
            (BiasPlace.First, 4) => machine.Times(machine.Times(v, v), machine.Times(v, v)),
            (BiasPlace.Last, 4) => machine.Times(machine.Times(machine.Times(v, v), v), v),
            (BiasPlace.First, -1) => machine.Over(1, v),
            _ => machine.Function(t => Math.Pow(t, exponent), t => MathF.Pow(t, exponent), v, y => Math.Abs(y) / (1 << 20)),
        }));
    }

    /// <summary>Softmax, or its logarithm, over all elements.</summary>
    public int Softmax(int x, bool logarithm)
    {
        IsPiecewiseLinear = false;
        const double share = 1.0 / (1 << 20);
        return Step(graph.Node(logarithm ? "LogSoftmax" : "Softmax", Name(), [steps[x].Name], ("axis", -1)), steps[x].Length, (machine, values) =>
        {
            var t = values[x];
            var largest = t.Max();

            // Errors of one sign in all that is summed and of the other in what is divided are the worst there are.
            var sign = 1;
            float Exponential(float v) => machine.Function(Math.Exp, MathF.Exp, v, y => sign * share * y);
            var shifted = Array.ConvertAll(t, v => machine.Plus(v, -largest));
            var terms = Array.ConvertAll(shifted, Exponential);
            var sum = machine.Sum([.. Enumerable.Repeat(1f, t.Length)], terms, null);
            if (!logarithm)
            {
                sign = -1;
                return Array.ConvertAll(shifted, v => machine.Over(Exponential(v), sum));
            }

            var log = machine.Function(Math.Log, MathF.Log, sum, y => share * (1 + Math.Abs(y)));
            return machine.Style.Reciprocal
                ? Array.ConvertAll(t, v => machine.Plus(v, -machine.Plus(largest, log)))
                : Array.ConvertAll(shifted, v => machine.Plus(v, -log));
        });
    }

    /// <summary>The sum of sizes or of squares, or the norm, of all elements.</summary>
    public int Norm(string operation, int x)
    {
        IsPiecewiseLinear = false;
        var name = graph.Node(operation, Name(), [steps[x].Name], ("axes", new[] { 1L }));
        return Step(name, 1, (machine, values) =>
        {
            var t = values[x];
            var sum = operation == "ReduceL1" ? machine.Sum([.. Enumerable.Repeat(1f, t.Length)], Array.ConvertAll(t, Math.Abs), null) : machine.Sum(t, t, null);
            return [operation == "ReduceL2" ? machine.Keep(MathF.Sqrt(sum)) : sum];
        });
    }

    /// <summary>(x - mean) scale / sqrt(variance + epsilon) + bias, as such or folded.</summary>
    public int Normalisation(int x, float[] scale, float[] bias, float[] mean, float[] variance, float epsilon)
    {
        IsPiecewiseLinear = false;
        var n = scale.Length;
        var name = graph.Node("BatchNormalization", Name(), [steps[x].Name, Constant(scale, n), Constant(bias, n), Constant(mean, n), Constant(variance, n)], ("epsilon", epsilon));
        return Step(name, n, (machine, values) => [.. Enumerable.Range(0, n).Select(i =>
        {
            var (root, v) = (machine.Keep(MathF.Sqrt(machine.Plus(variance[i], epsilon))), values[x][i]);
            var factor = machine.Over(scale[i], root);
            return machine.Style.Scale switch
            {
                ScalePlace.Weights => machine.TimesPlus(v, factor, machine.Plus(bias[i], -machine.Times(mean[i], factor))),
                ScalePlace.Argument => machine.Plus(machine.Times(machine.Over(machine.Plus(v, -mean[i]), root), scale[i]), bias[i]),
                _ => machine.TimesPlus(machine.Plus(v, -mean[i]), factor, bias[i]),
            };
        })]);
    }

    /// <summary>The sum of three values in one operator.</summary>
    public int SumOf(int a, int b, int c) => Step(
        graph.Node("Sum", Name(), [steps[a].Name, steps[b].Name, steps[c].Name]),
        steps[a].Length,
        (machine, values) => [.. Enumerable.Range(0, values[a].Length).Select(i => machine.Sum([1, 1, 1], [values[a][i], values[b][i], values[c][i]], null))]);

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
