using Guarantees.Arithmetic;
using Guarantees.Distributions;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <summary>A posterior that is known exactly: N(c + G x, C), with C constant.</summary>
internal sealed class ExactReference
{
    private readonly double[] gain;
    private readonly Box constant;

    private ExactReference(double[] gain, Box constant, Pattern pattern, bool isPrecision, Box root, string words) =>
        (this.gain, this.constant, Spread, Words) = (gain, constant, new ParameterBox(1, pattern, isPrecision, constant, root, null, null), words);

    /// <summary>The covariance, as a root of the kind that the estimator gives: of its shape, or triangular where C is not diagonal. Its means are not those of the posterior.</summary>
    public ParameterBox Spread { get; }

    /// <summary>"N(x/2, 0.05 I) of gaussian-linear".</summary>
    public string Words { get; }

    /// <summary>The reference that a claim names, for an estimator whose roots have a given shape and kind, over a box of data.</summary>
    public static ExactReference Of(Claim claim, Pattern pattern, bool isPrecision, Box domain) =>
        claim.LinearModel is { } model ? Of(model, pattern, isPrecision, domain) : Half(pattern, isPrecision, domain.Length);

    /// <summary>mu0 = c + G x, [D].</summary>
    public Vector Means(NetworkBuilder builder, Vector x) => builder.Affine(x, gain, new double[constant.Length]) + builder.Constant(constant);

    /// <summary>Enclosures of the parameters at x of the box.</summary>
    public ParameterBox At(ReadOnlySpan<double> x)
    {
        var builder = new NetworkBuilder();
        var means = Means(builder, builder.Input("x", x.Length));
        builder.Output("means", means);
        return Spread with { Means = builder.Build().Ranges(Box.Point(x))[means.Id] };
    }

    /// <summary>N(x/2, I/20): the posterior for prior N(0, I/10) and data x = theta + N(0, I/10), as in sbibm's gaussian_linear.</summary>
    /// <remarks>1/20 is no double: the root is an enclosure of sqrt(1/20), or of sqrt(20) for precision roots. Halving x is exact.</remarks>
    private static ExactReference Half(Pattern pattern, bool isPrecision, int n)
    {
        var root = (isPrecision ? Interval.Point(20) : Interval.Point(1) / Interval.Point(20)).Sqrt();
        var (d, zeros) = (pattern.Dimension, new double[pattern.Count - pattern.Dimension]);
        var gain = new double[d * n];
        for (var i = 0; i < d; i++)
        {
            gain[(i * n) + i] = 0.5;
        }

        return new(
            gain,
            Box.Point(new double[d]),
            pattern,
            isPrecision,
            new Box([.. Enumerable.Repeat(root.Lower, d), .. zeros], [.. Enumerable.Repeat(root.Upper, d), .. zeros]),
            "N(x/2, 0.05 I) of gaussian-linear");
    }

    /// <summary>The posterior of a linear model. What rounding G to doubles leaves is at most |G - G~| |x| over the box, and goes to the enclosure of c.</summary>
    private static ExactReference Of(LinearModel model, Pattern pattern, bool isPrecision, Box domain)
    {
        // U^T U = C^-1 with U upper triangular says C = R R^T, R = U^-1 upper triangular too: the factor of C with the last parameter first.
        var (exact, offsets, root) = model.Posterior(lastFirst: isPrecision);
        var (d, n) = (model.Parameters, model.Data);
        var (gain, lower, upper) = (new double[d * n], new double[d], new double[d]);
        for (var i = 0; i < d; i++)
        {
            var left = Rational.Zero;
            for (var k = 0; k < n; k++)
            {
                var both = exact[i, k].Enclosure;
                gain[(i * n) + k] = both.Middle;
                var error = exact[i, k] - Rational.Of(both.Middle);
                left += (error.Sign < 0 ? -error : error) * Rational.Of(domain[k].Magnitude);
            }

            (lower[i], upper[i]) = ((offsets[i] - left).RoundDown(), (offsets[i] + left).RoundUp());
        }

        var triangle = isPrecision ? Triangle.Upper : Triangle.Lower;
        var entries = new Pattern(d, triangle);
        var isDiagonal = entries.Entries.All(entry => entry.Row == entry.Column || root(entry.Row, entry.Column).Magnitude == 0);
        var shape = pattern.Triangle == Triangle.Diagonal && isDiagonal ? pattern : entries;
        var factor = new Box(shape.Count);
        for (var e = 0; e < shape.Count; e++)
        {
            factor[e] = root(shape.Entries[e].Row, shape.Entries[e].Column);
        }

        return new(
            gain,
            new Box(lower, upper),
            shape,
            isPrecision,
            isPrecision ? shape.Invert(factor, 1) : factor,
            $"N(c + G x, C) of the stated gaussian-linear model with {d} {(d == 1 ? "parameter" : "parameters")} and {n} data");
    }
}
