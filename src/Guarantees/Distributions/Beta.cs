using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>Independent theta_i ~ Beta(a_i, b_i): density proportional to t^(a - 1) (1 - t)^(b - 1), 0 &lt; t &lt; 1; mean a / (a + b).</summary>
/// <remarks>
/// <para>
/// W1 on the line: with b fixed a larger a is stochastically larger, and with a fixed a larger b smaller, so each step of (a0, b0) -> (a0, b) -> (a, b) costs the difference of the means:
/// W1 &lt;= a0 |b - b0| / ((a0 + b)(a0 + b0)) + b |a - a0| / ((a + b)(a0 + b)), with equality where a grows and b falls.
/// </para>
/// <para>
/// KL(q0 || q) = B(a, a0) + B(b, b0) - B(a + b, a0 + b0) with B of <see cref="ShapeFamily"/>.
/// </para>
/// </remarks>
public sealed class Beta : ShapeFamily
{
    /// <summary>Creates the family.</summary>
    /// <param name="dimension">D.</param>
    /// <param name="alpha">Name of the output with a.</param>
    /// <param name="beta">Name of the output with b.</param>
    /// <param name="transform">What makes both positive.</param>
    public Beta(int dimension, string alpha, string beta, PositiveTransform transform)
        : base(dimension, alpha, beta, transform)
    {
    }

    /// <inheritdoc/>
    public override string Name => "beta";

    /// <summary>The family with D read from the length of the output.</summary>
    public static Beta For(Network network, string alpha, string beta, PositiveTransform transform) => new(LengthOf(network, alpha), alpha, beta, transform);

    internal override (Vector Mean, Vector Deviation) Moments(NetworkBuilder builder, (Vector First, Vector Second) q)
    {
        var sum = q.First + q.Second;
        var inverse = builder.Apply(new Reciprocal(), sum);
        var mean = q.First * inverse;
        return (mean, builder.Apply(new Sqrt(), mean * (q.Second * inverse) * builder.Apply(new Reciprocal(), sum + 1)));
    }

    private protected override Distance First(NetworkBuilder builder, ShapePair pair)
    {
        var (a, b, sum) = (pair.First, pair.Second, pair.First.Plus(pair.Second));
        var mixed = builder.Apply(new Reciprocal(), a.Reference + b.Value);
        var up = builder.Apply(new Abs(), a.Shift) * (b.Value * builder.Apply(new Reciprocal(), sum.Value)) * mixed;
        var down = a.Times(sum.Over(builder.Apply(new Abs(), b.Shift) * mixed));
        return new(builder.Sum(up + down), [a.Shift.Id, b.Shift.Id], false, "sum_i b |a - a0| / ((a + b)(a0 + b)) + a0 |b - b0| / ((a0 + b)(a0 + b0)), which is at least the distance");
    }

    private protected override Distance Divergence(NetworkBuilder builder, ShapePair pair, bool isReverse) => new(
        builder.Sum(Above(builder, pair.First, isReverse) + Above(builder, pair.Second, isReverse) - Below(builder, pair.First.Plus(pair.Second), isReverse)),
        [pair.First.Value.Id, pair.Second.Value.Id],
        false,
        "sum_i B(a, a0) + B(b, b0) - B(a + b, a0 + b0) with bounds of the Bregman divergence B of ln Gamma");
}
