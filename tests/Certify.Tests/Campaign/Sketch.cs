using System.Globalization;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Formats.Smt;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Vector = Guarantees.Networks.Vector;

namespace Certify.Tests.Campaign;

/// <summary>A network written down twice while it is drawn: as the graph that engines read and a solver is told, and step by step for exact evaluation.</summary>
/// <remarks>
/// The second copy knows nothing of the kernel, and judges the text for the solver too: its steps are sums of exact numbers, the larger of two numbers, |x|, min(x, c), and x or a x by sign. Any other
/// operator makes the sketch inexact (<see cref="IsExact"/>), and then only the graph can be asked.
/// </remarks>
internal sealed class Sketch
{
    private readonly NetworkBuilder builder = new();
    private readonly List<Step> steps = [];
    private readonly List<Vector> vectors = [];
    private int outputs;

    private enum Kind
    {
        Input,
        Linear,
        Leaky,
        Absolute,
        Cap,
        Maximum,
        Other,
    }

    /// <summary>Whether every step has an exact value.</summary>
    public bool IsExact { get; private set; } = true;

    /// <summary>Elements with a kink.</summary>
    public int Kinks { get; private set; }

    /// <summary>Coordinates of the input.</summary>
    public int Inputs { get; private set; }

    /// <summary>Number of steps.</summary>
    public int Count => steps.Count;

    /// <summary>Elements of step <paramref name="k"/>.</summary>
    public int Length(int k) => vectors[k].Length;

    public int Input(int length)
    {
        Inputs += length;
        return Keep(new Step(Kind.Input, [], [], [], Inputs - length), builder.Input($"x{steps.Count}", length));
    }

    /// <summary>W x + b as a dense operator.</summary>
    public int Affine(int x, double[] weights, double[] bias)
    {
        var columns = Length(x);
        var rows = bias.Select((_, i) => Enumerable.Range(0, columns).Select(j => (0, j, weights[(i * columns) + j])).ToArray()).ToArray();
        return Keep(new Step(Kind.Linear, [x], rows, bias, 0), builder.Affine(vectors[x], weights, bias));
    }

    /// <summary>Sums of elements of several vectors, as a sparse operator.</summary>
    public int Combine(int[] arguments, (int, int, double)[][] rows, double[] bias) =>
        Keep(new Step(Kind.Linear, arguments, rows, bias, 0), builder.Add(new SparseAffine(rows, bias), [.. arguments.Select(k => vectors[k])]));

    /// <summary>x for x >= 0, slope x below; ReLU for slope 0 where <paramref name="rectifier"/> says so.</summary>
    public int Leaky(int x, double slope, bool rectifier = false)
    {
        Kinks += Length(x);
        return Keep(new Step(Kind.Leaky, [x], [], [slope], 0), builder.Apply(rectifier ? new ReLU() : new LeakyReLU(slope), vectors[x]));
    }

    public int Rectify(int x) => Leaky(x, 0, rectifier: true);

    /// <summary>min(x, limit).</summary>
    public int Cap(int x, double limit)
    {
        Kinks += Length(x);
        return Keep(new Step(Kind.Cap, [x], [], [limit], 0), builder.Apply(new Cap(limit), vectors[x]));
    }

    public int Absolute(int x)
    {
        Kinks += Length(x);
        return Keep(new Step(Kind.Absolute, [x], [], [], 0), builder.Apply(new Abs(), vectors[x]));
    }

    public int Maximum(int a, int b)
    {
        Kinks += Length(a);
        return Keep(new Step(Kind.Maximum, [a, b], [], [], 0), builder.Maximum(vectors[a], vectors[b]));
    }

    /// <summary>factors_i x_i, by the operator that divides by constants.</summary>
    public int Scale(int x, double[] factors)
    {
        (int, int, double)[][] rows = [.. factors.Select((f, i) => new[] { (0, i, f) })];
        return Keep(new Step(Kind.Linear, [x], rows, new double[factors.Length], 0), builder.Apply(new Scale(Box.Point(factors)), vectors[x]));
    }

    /// <summary>The smallest element, as -max(-a, -b).</summary>
    public int Smallest(int x)
    {
        var n = Length(x);
        var smallest = Pick(x, 0, -1);
        for (var i = 1; i < n; i++)
        {
            smallest = Maximum(smallest, Pick(x, i, -1));
        }

        return Pick(smallest, 0, -1);
    }

    /// <summary>weight x_i, length 1.</summary>
    public int Pick(int x, int i, double weight = 1) => Combine([x], [[(0, i, weight)]], [0]);

    /// <summary>Anything else: known to the graph only.</summary>
    public int Other(Func<NetworkBuilder, Func<int, Vector>, Vector> grow)
    {
        IsExact = false;
        return Keep(new Step(Kind.Other, [], [], [], 0), grow(builder, k => vectors[k]));
    }

    /// <summary>The question over the graph as it stands: how large is step <paramref name="objective"/> over the domain?</summary>
    public Problem Ask(int objective, Domain domain)
    {
        builder.Output($"y{outputs++}", vectors[objective]);
        var graph = builder.Build();
        return new Problem(graph, vectors[objective].Id, domain);
    }

    /// <summary>The place of a step in the graph.</summary>
    public int Node(int k) => vectors[k].Id;

    /// <summary>Exact values of all steps.</summary>
    public Rational[][] Values(Rational[] x)
    {
        var values = new Rational[steps.Count][];
        for (var k = 0; k < values.Length; k++)
        {
            var step = steps[k];
            values[k] = step.Kind switch
            {
                Kind.Input => x[step.Start..(step.Start + Length(k))],
                Kind.Linear => [.. step.ExactRows.Select((row, i) => Sum(step.ExactBias[i], row, step.Arguments, values))],
                Kind.Leaky => [.. values[step.Arguments[0]].Select(v => v.Sign >= 0 ? v : step.ExactBias[0] * v)],
                Kind.Absolute => [.. values[step.Arguments[0]].Select(v => v.Sign >= 0 ? v : -v)],
                Kind.Cap => [.. values[step.Arguments[0]].Select(v => v <= step.ExactBias[0] ? v : step.ExactBias[0])],
                Kind.Maximum => [.. values[step.Arguments[0]].Zip(values[step.Arguments[1]], (a, b) => a >= b ? a : b)],
                _ => throw new InvalidOperationException("This step has no exact value."),
            };
        }

        return values;
    }

    /// <summary>How far element <paramref name="i"/> of a step with kinks is from its kink, at known values; null for other steps.</summary>
    public Rational? Distance(int k, int i, Rational[][] values) => steps[k].Kind switch
    {
        Kind.Leaky or Kind.Absolute => values[steps[k].Arguments[0]][i],
        Kind.Cap => values[steps[k].Arguments[0]][i] - steps[k].ExactBias[0],
        Kind.Maximum => values[steps[k].Arguments[0]][i] - values[steps[k].Arguments[1]][i],
        _ => null,
    };

    /// <summary>SMT-LIB: the input's coordinates as constants in the box, every step's elements as definitions by what the product writes of the graph, of which no range is known.</summary>
    /// <remarks>The campaign ties the text to <see cref="Values"/> at points, so that the product's writer is judged before it judges.</remarks>
    /// <returns>The symbol of element i of step k is <see cref="Symbol"/>.</returns>
    public void Write(SmtLib text, string prefix, Box box)
    {
        var written = NetworkSmt.Write(text, builder.Build(), vectors.Select(vector => vector.Id), prefix + "_");
        for (var j = 0; j < Inputs; j++)
        {
            text.Assert(Within(InputSymbol(prefix, j), box[j]));
        }

        for (var k = 0; k < steps.Count; k++)
        {
            for (var i = 0; i < Length(k); i++)
            {
                text.DefineReal(Symbol(prefix, k, i), written.Term(vectors[k].Id, i));
            }
        }
    }

    public static string Symbol(string prefix, int k, int i) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_{k}_{i}");

    /// <summary>The symbol of coordinate j of the whole input.</summary>
    public static string InputSymbol(string prefix, int j) => string.Create(CultureInfo.InvariantCulture, $"{prefix}_X_{j}");

    public static string Within(string name, Interval range) => $"(and (>= {name} {SmtLib.Number(range.Lower)}) (<= {name} {SmtLib.Number(range.Upper)}))";

    /// <summary>Every step with its numbers: enough to build the network again by hand.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (k, step) in steps.Index())
        {
            var node = vectors[k];
            text.Append(CultureInfo.InvariantCulture, $"  v{k}[{node.Length}] = {(step.Kind == Kind.Other ? "other" : step.Kind)}({string.Join(", ", step.Arguments.Select(a => $"v{a}"))})");
            foreach (var (i, row) in step.Rows.Index())
            {
                text.Append(CultureInfo.InvariantCulture, $"\n    [{i}] {step.Bias[i]:R}");
                foreach (var (argument, element, weight) in row)
                {
                    text.Append(CultureInfo.InvariantCulture, $" + {weight:R} v{step.Arguments[argument]}[{element}]");
                }
            }

            text.Append(step.Kind is Kind.Leaky or Kind.Cap ? string.Create(CultureInfo.InvariantCulture, $" with {step.Bias[0]:R}\n") : "\n");
        }

        return text.ToString();
    }

    private static Rational Sum(Rational bias, (int Argument, int Element, Rational Weight)[] row, int[] arguments, Rational[][] values)
    {
        foreach (var (argument, element, weight) in row)
        {
            bias += weight * values[arguments[argument]][element];
        }

        return bias;
    }

    private int Keep(Step step, Vector vector)
    {
        steps.Add(step);
        vectors.Add(vector);
        return steps.Count - 1;
    }

    private sealed record Step(Kind Kind, int[] Arguments, (int Argument, int Element, double Weight)[][] Rows, double[] Bias, int Start)
    {
        public (int Argument, int Element, Rational Weight)[][] ExactRows { get; } =
            [.. Rows.Select(row => row.Where(t => t.Weight != 0).Select(t => (t.Argument, t.Element, Rational.Of(t.Weight))).ToArray())];

        public Rational[] ExactBias { get; } = [.. Bias.Select(Rational.Of)];
    }
}
