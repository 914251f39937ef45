using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>Independent theta_i ~ Gamma(a_i, b_i), shape a and rate b: density proportional to t^(a - 1) e^(-b t), t &gt; 0; mean a / b, variance a / b².</summary>
/// <remarks>
/// <para>
/// W1 on the line: at one rate a larger shape is stochastically larger, so W1(Gamma(a0, b0), Gamma(a, b0)) = |a - a0| / b0, the difference of the means; at one shape theta b does not depend on b, so
/// W1(Gamma(a, b0), Gamma(a, b)) = a |1/b - 1/b0|. Their sum is at least W1, and equal to it where shape and scale grow together.
/// </para>
/// <para>
/// KL(q0 || q) = B(a, a0) + a0 (r - 1 - ln r) - (a - a0) ln r, r = b / b0, and KL(q || q0) = B(a0, a) + a (1/r - 1 + ln r) - (a - a0) ln r, with B of <see cref="ShapeFamily"/>.
/// </para>
/// </remarks>
public sealed class Gamma : ShapeFamily
{
    /// <summary>Creates the family.</summary>
    /// <param name="dimension">D.</param>
    /// <param name="shape">Name of the output with a.</param>
    /// <param name="rate">Name of the output with b.</param>
    /// <param name="transform">What makes both positive.</param>
    public Gamma(int dimension, string shape, string rate, PositiveTransform transform)
        : base(dimension, shape, rate, transform)
    {
    }

    /// <inheritdoc/>
    public override string Name => "gamma";

    /// <summary>The family with D read from the length of the output.</summary>
    public static Gamma For(Network network, string shape, string rate, PositiveTransform transform) => new(LengthOf(network, shape), shape, rate, transform);

    internal override (Vector Mean, Vector Deviation) Moments(NetworkBuilder builder, (Vector First, Vector Second) q)
    {
        var scale = builder.Apply(new Reciprocal(), q.Second);
        return (q.First * scale, builder.Apply(new Sqrt(), q.First) * scale);
    }

    private protected override Distance First(NetworkBuilder builder, ShapePair pair)
    {
        var (shape, scale) = (pair.First.Shift, pair.Second.InverseShift);
        var value = builder.Sum(pair.Second.Over(builder.Apply(new Abs(), shape)) + (pair.First.Value * builder.Apply(new Abs(), scale)));
        return new(value, [shape.Id, scale.Id], false, "sum_i |a - a0| / b0 + a |1/b - 1/b0|, which is at least the distance");
    }

    private protected override Distance Divergence(NetworkBuilder builder, ShapePair pair, bool isReverse)
    {
        var ratio = pair.Second.Ratio;
        var logarithm = builder.Apply(new Log(), ratio);
        var gap = Gap(builder, isReverse ? builder.Apply(new Reciprocal(), ratio) : ratio);
        var weighed = isReverse ? pair.First.Value * gap : pair.First.Times(gap);
        return new(
            builder.Sum(Above(builder, pair.First, isReverse) + weighed - (pair.First.Shift * logarithm)),
            [pair.First.Shift.Id, ratio.Id],
            false,
            isReverse ? "sum_i B + a (1/r - 1 + ln r) - (a - a0) ln r, r = b / b0, with an upper bound of the Bregman divergence B of ln Gamma"
                : "sum_i B + a0 (r - 1 - ln r) - (a - a0) ln r, r = b / b0, with an upper bound of the Bregman divergence B of ln Gamma");
    }
}
