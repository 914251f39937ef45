using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>Independent theta_i whose distributions on the line have two positive parameters each: Gamma and Beta heads.</summary>
/// <remarks>
/// <para>Two outputs [D], made positive by a transform, or positive as they are: where a range of one reaches 0 or below there is no distribution, and no bound.</para>
/// <para>
/// Divergences. B(t, t0) = ln Gamma(t) - ln Gamma(t0) - psi(t0) (t - t0) is the integral of (t - s) psi'(s) from t0 to t, and
/// 1/s² + 1/n + 1/(2 n²) &lt; psi'(s) &lt; 1/s² + 1/n + 1/(2 n²) + 1/(6 n³), n = s + 1: psi'(s) = 1/s² + psi'(s + 1), and psi'(n) is the integral over t &gt; 0 of e^(-n t) t / (1 - e^-t),
/// where t / (1 - e^-t) = t / 2 + u coth u with u = t / 2, and 1 &lt; u coth u &lt; 1 + u² / 3.
/// Integrated, with S(r) = r - 1 - ln r, rho = t / t0 and sigma = (t + 1) / (t0 + 1): B lies between S(rho) + (t + 1) S(1 / sigma) + S(sigma) / 2 and that plus
/// (t - t0)² / (12 (t + 1) (t0 + 1)²). No term is negative. TV &lt;= sqrt(KL / 2) (Pinsker), H² &lt;= KL / 2 since 1 - BC &lt;= -ln BC &lt;= KL / 2, and the
/// Jensen-Shannon divergence is at most H² (<see cref="JensenShannon"/>).
/// </para>
/// <para>W1 &lt;= sum_i W1(theta_i), coupling each parameter on its own.</para>
/// </remarks>
public abstract class ShapeFamily : Family
{
    private readonly string first;
    private readonly string second;
    private readonly PositiveTransform transform;

    private protected ShapeFamily(int dimension, string first, string second, PositiveTransform transform)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentException.ThrowIfNullOrEmpty(first);
        ArgumentException.ThrowIfNullOrEmpty(second);
        (Dimension, this.first, this.second, this.transform) = (dimension, first, second, transform);
    }

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int Components => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => [first, second];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Always: there is no Gaussian to read.</exception>
    public override Parameters Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs) =>
        throw new ArgumentException($"The family {Name} has two shapes a parameter, and no means and scales.");

    /// <summary>Both parameters of every theta_i, [D] each.</summary>
    /// <exception cref="ArgumentException">An output is missing or has the wrong length.</exception>
    internal (Vector First, Vector Second) Read(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs) =>
        (Positive(builder, Read(Name, outputs, first, Dimension, $"{Dimension}")), Positive(builder, Read(Name, outputs, second, Dimension, $"{Dimension}")));

    /// <summary>Enclosures of both at x.</summary>
    internal (Box First, Box Second) At(Network network, ReadOnlySpan<double> x)
    {
        var builder = new NetworkBuilder();
        var (a, b) = Read(builder, builder.Insert(network, builder.Input("x", network.InputLength)));
        builder.Output("both", builder.Concat(a, b));
        var ranges = builder.Build().Ranges(Box.Point(x));
        var (lower, upper) = (ranges[a.Id], ranges[b.Id]);
        return new[] { lower, upper }.All(box => box.Lower.All(value => value > 0) && box.Upper.All(double.IsFinite))
            ? (lower, upper)
            : throw new DomainException($"The parameters of the {Name} are not finite and above 0 at the point of reference.");
    }

    /// <summary>Whether both outputs are logarithms of the parameters.</summary>
    internal bool GivesLogarithms => transform == PositiveTransform.Exp;

    /// <summary>From data to both outputs, as the network gives them.</summary>
    internal Network Graph(Network network)
    {
        var builder = new NetworkBuilder();
        var outputs = builder.Insert(network, builder.Input("x", network.InputLength));
        builder.Output("first", Read(Name, outputs, first, Dimension, $"{Dimension}"));
        builder.Output("second", Read(Name, outputs, second, Dimension, $"{Dimension}"));
        return builder.Build();
    }

    /// <summary>q and q0, from the outputs of <see cref="Graph"/> of both, and the difference of these.</summary>
    internal ShapePair Pair(NetworkBuilder builder, ReadOnlySpan<Vector> outputs, ShapeFamily other, ReadOnlySpan<Vector> others, ReadOnlySpan<Vector?> moved) =>
        new(Pair(builder, outputs[0], other, others[0], moved[0]!.Value), Pair(builder, outputs[1], other, others[1], moved[1]!.Value));

    /// <summary>q at x and q0 at a point.</summary>
    internal static ShapePair Pair(NetworkBuilder builder, (Vector First, Vector Second) q, (Box First, Box Second) q0) =>
        new(new PositivePair(builder, q.First, q0.First), new PositivePair(builder, q.Second, q0.Second));

    /// <summary>A distance between q of the graph and q0, and a lower bound of it.</summary>
    internal Distance Between(NetworkBuilder builder, ShapePair pair, Metric metric)
    {
        if (metric == Metric.Wasserstein1)
        {
            return First(builder, pair);
        }

        var divergence = Divergence(builder, pair, metric == Metric.KlReverse);
        var half = builder.Apply(new ReLU(), 0.5 * divergence.Value);
        return metric switch
        {
            Metric.TotalVariation => divergence with { Value = builder.Apply(new Cap(1), builder.Apply(new Sqrt(), half)), Formula = $"sqrt(K / 2), cut at 1, with K = {divergence.Formula}; at least the distance by Pinsker's inequality" },
            Metric.Hellinger => divergence with { Value = builder.Apply(new Cap(1), builder.Apply(new Sqrt(), half)), Formula = $"sqrt(K / 2), cut at 1, with K = {divergence.Formula}; at least the distance" },
            Metric.JensenShannon => divergence with { Value = builder.Apply(new Cap(JensenShannon.Most), half), Formula = $"K / 2, cut at ln 2, with K = {divergence.Formula}; at least the Jensen-Shannon divergence" },
            _ => divergence with { Formula = $"{divergence.Formula}, which is at least the divergence" },
        };
    }

    /// <summary>E theta_i and the standard deviation of theta_i, [D] each.</summary>
    internal abstract (Vector Mean, Vector Deviation) Moments(NetworkBuilder builder, (Vector First, Vector Second) q);

    /// <summary>W1.</summary>
    private protected abstract Distance First(NetworkBuilder builder, ShapePair pair);

    /// <summary>KL(q0 || q), or KL(q || q0).</summary>
    private protected abstract Distance Divergence(NetworkBuilder builder, ShapePair pair, bool isReverse);

    /// <summary>An upper bound of B(t, t0), or of B(t0, t): S(rho) + (t + 1) S(1 / sigma) + S(sigma) / 2 + (t - t0)² / (12 (t + 1) (t0 + 1)²).</summary>
    private protected static Vector Above(NetworkBuilder builder, PositivePair t, bool isReverse)
    {
        var twelfth = Box.Repeat(Arithmetic.Interval.Point(1) / Arithmetic.Interval.Point(12), t.Value.Length);
        var (next, next0) = (builder.Apply(new Reciprocal(), t.Value + 1), t.Next);
        var square = Blocks.Times(builder, twelfth, builder.Apply(new Square(), t.Shift));
        var rest = isReverse ? next0.Over(square * builder.Apply(new Square(), next)) : next0.Over(next0.Over(square * next));
        return Below(builder, t, isReverse) + rest;
    }

    /// <summary>A lower bound of the same: without the last term.</summary>
    private protected static Vector Below(NetworkBuilder builder, PositivePair t, bool isReverse)
    {
        var (rho, next) = (t.Ratio, t.Next);
        var sigma = next.Ratio;
        var (up, down) = (Gap(builder, sigma), Gap(builder, builder.Apply(new Reciprocal(), sigma)));
        return isReverse
            ? Gap(builder, builder.Apply(new Reciprocal(), rho)) + next.Times(up) + (0.5 * down)
            : Gap(builder, rho) + (next.Value * down) + (0.5 * up);
    }

    /// <summary>S(r) = r - 1 - ln r, the square of <see cref="ScaleRoot"/> at sqrt r - 1.</summary>
    internal static Vector Gap(NetworkBuilder builder, Vector ratio) =>
        builder.Apply(new Square(), builder.Apply(new ScaleRoot(), builder.Apply(new Sqrt(), ratio) - 1));

    /// <summary>A function of the elements of two boxes.</summary>
    internal static Box Each(Box a, Box b, Func<Arithmetic.Interval, Arithmetic.Interval, Arithmetic.Interval> f)
    {
        var values = Enumerable.Range(0, a.Length).Select(i => f(a[i], b[i])).ToArray();
        return new Box([.. values.Select(value => value.Lower)], [.. values.Select(value => value.Upper)]);
    }

    /// <summary>Outputs without a transform carry their difference as it is; of two logarithms it is that of the ratio, t - t0 = t0 (e^d - 1).</summary>
    private PositivePair Pair(NetworkBuilder builder, Vector output, ShapeFamily other, Vector output0, Vector moved)
    {
        var (t, t0) = (Positive(builder, output), other.Positive(builder, output0));
        if (transform == PositiveTransform.None && other.transform == PositiveTransform.None)
        {
            return new(builder, t, t0, moved);
        }

        if (transform != PositiveTransform.Exp || other.transform != PositiveTransform.Exp)
        {
            return new(builder, t, t0, t - t0);
        }

        var ratio = builder.Apply(new Exp(), moved);
        return new(builder, t, t0, t0 * (ratio - 1), ratio);
    }

    private Vector Positive(NetworkBuilder builder, Vector output) => transform switch
    {
        PositiveTransform.Exp => builder.Apply(new Exp(), output),
        PositiveTransform.Softplus => builder.Apply(new Softplus(), output),

        // The same number, and no range that reaches 0 or below: there the logarithm has no value.
        _ => builder.Apply(new Exp(), builder.Apply(new Log(), output)),
    };
}
