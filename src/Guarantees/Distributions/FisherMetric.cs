using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>How fast q(. | x) moves in the Hellinger and total variation distances, as the norm of a Jacobian some factors of which are held.</summary>
/// <remarks>
/// <para>
/// Along a path x(t), d sqrt(q) = 1/2 s sqrt(q) dt with the score s = d/dt ln q, so the L2 norm of d sqrt(q) is 1/2 sqrt(I) dt, I = E s² the Fisher information of the path. The distance of two ends is at
/// most the length of the path between them; on the line from x to x', with H² = 1/2 |sqrt q - sqrt q'|² and TV = 1/2 |q - q'|_1:
/// <code>
/// H(q(. | x), q(. | x'))  &lt;= 1 / (2 sqrt 2) sup sqrt(I(v)) |x - x'|,   the best constant: H(x, x + t v) / t tends to sqrt(I(v)) / (2 sqrt 2)
/// TV(q(. | x), q(. | x')) &lt;= 1 / 2        sup E|s| |x - x'|        &lt;= 1 / 2 sup sqrt(I(v)) |x - x'|,   |v| = 1
/// </code>
/// I(v) = |F v|² for a Jacobian F in which factors that depend on x stand beside derivatives; they are vectors of their own here, held while the rest is differentiated
/// (<see cref="Problem.Held"/>).
/// </para>
/// <para>
/// Gaussian, covariance L L^T and M = L^-1 dL: I = |L^-1 dmu|² + 2 sum_i M_ii² + sum_(i &gt; j) M_ij². Precision U^T U: the same with L^-1 = U and M = -dU U^-1. Where L does not move, E|s| = sqrt(2 / pi)
/// sqrt(I), and the constant in total variation is 1 / sqrt(2 pi) sup |L^-1 dmu|, exactly. Otherwise, in one dimension, 1/2 sqrt(I) is 1.25 (a shift alone) to 1.47 (a scale alone) times 1/2 E|s|, by integration over the line.
/// </para>
/// <para>
/// Mixtures: the information of component and parameter together, sum_k pi_k (dz_k - sum_l pi_l dz_l)² + sum_k pi_k I_k, is at least that of the parameter alone. Student t: that of the parameter and the
/// scale that is mixed over, whose mean precision is 1, is the Gaussian's, and again at least its own.
/// </para>
/// <para>
/// Categories: I = sum_k p_k (dz_k - sum_l p_l dz_l)²; total variation exactly, as 1/2 the l1 norm of dp_k = p_k (dz_k - sum_l p_l dz_l). Events and binomial counts: I = sum_i n_i p_i (1 - p_i) dz_i².
/// </para>
/// <para>
/// Source for the metric: C. R. Rao, "Information and the Accuracy Attainable in the Estimation of Statistical Parameters", Bulletin of the Calcutta Mathematical Society 37, 1945 (from memory). The inequalities are those
/// written here.
/// </para>
/// </remarks>
internal static class FisherMetric
{
    /// <summary>sqrt 2.</summary>
    private static readonly Interval RootTwo = Interval.Point(2).Sqrt();

    /// <summary>Most components whose logits are compared pair by pair.</summary>
    private const int MostPairs = 32;

    /// <summary>The vector whose Jacobian is measured, what is held in it, the norm that measures its image, whether the result is the constant itself, and its formula.</summary>
    public sealed record Features(Vector Value, ImmutableArray<int> Held, Claims.Norm To, bool IsExact, string Formula);

    /// <summary>For a Gaussian, a mixture or a Student t.</summary>
    /// <param name="q">The parameters.</param>
    /// <param name="center">Their values at some point, about which inverses are found; any is sound.</param>
    /// <param name="metric"><see cref="Metric.Hellinger"/> or <see cref="Metric.TotalVariation"/>.</param>
    public static Features Of(Parameters q, ParameterBox center, Metric metric)
    {
        var (builder, components, pattern) = (q.Builder, q.Components, q.Pattern);
        var isStill = Blocks.IsConstant(builder, q.Root);
        var held = ImmutableArray.CreateBuilder<int>();
        Vector Hold(Vector v)
        {
            var copy = builder.Select(v, [.. Enumerable.Range(0, v.Length)]);
            held.Add(copy.Id);
            return copy;
        }

        var point = new PointPair(q, center);
        var precision = Hold(point.PrecisionRoot);
        var features = Blocks.Product(builder, pattern, components, precision, q.Means);
        if (!isStill)
        {
            // The sign of M does not matter.
            var relative = q.IsPrecision
                ? Blocks.MatrixProduct(builder, pattern, components, q.Root, Hold(point.CovarianceRoot))
                : Blocks.MatrixProduct(builder, pattern, components, precision, q.Root);
            var scaled = Blocks.Times(builder, Box.Repeat(RootTwo, components * pattern.Dimension), builder.Select(relative, pattern.DiagonalPlaces(components)));
            features = pattern.Count > pattern.Dimension
                ? Blocks.Join(builder, components, features, scaled, builder.Select(relative, pattern.StrictPlaces(components)))
                : Blocks.Join(builder, components, features, scaled);
        }

        if (q.Weights is { } weights)
        {
            var (size, roots) = (features.Length / components, Hold(builder.Apply(new Sqrt(), weights)));
            var spread = builder.Select(roots, [.. Enumerable.Range(0, components).SelectMany(k => Enumerable.Repeat(k, size))]);
            features = builder.Concat(roots * Centred(builder, Hold(weights), q.Logits!.Value), spread * features);
        }

        var isOne = q is { Weights: null, DegreesOfFreedom: null };
        var isExact = isOne && (metric == Metric.Hellinger || isStill);
        var factor = metric == Metric.Hellinger ? Interval.Point(0.5) / RootTwo
            : isOne && isStill ? NormalCdf.InverseRootTwoPi
            : Interval.Point(0.5);
        var words = metric == Metric.Hellinger ? "sqrt(I / 8)" : isOne && isStill ? "|U dmu| / sqrt(2 pi)" : "sqrt(I) / 2";
        var what = q.Weights is not null ? "the Fisher information of component and parameter together" : q.DegreesOfFreedom is not null ? "the Fisher information of the Gaussian" : "the Fisher information";
        return new(
            Blocks.Times(builder, Box.Repeat(factor, features.Length), features),
            held.ToImmutable(),
            Claims.Norm.L2,
            isExact,
            isOne && isStill && metric == Metric.TotalVariation ? $"{words} with precision U^T U" : $"{words}, I {what}");
    }

    /// <summary>For categories, events or counts.</summary>
    /// <param name="builder">The graph.</param>
    /// <param name="family">The family.</param>
    /// <param name="logits">Its output.</param>
    /// <param name="metric"><see cref="Metric.Hellinger"/> or <see cref="Metric.TotalVariation"/>.</param>
    public static Features Of(NetworkBuilder builder, DiscreteFamily family, Vector logits, Metric metric)
    {
        var probabilities = family.Probabilities(builder, logits);
        var held = ImmutableArray.CreateBuilder<int>();
        Vector Hold(Vector v)
        {
            held.Add(v.Id);
            return v;
        }

        if (family is Categorical)
        {
            var p = Hold(builder.Select(probabilities, [.. Enumerable.Range(0, probabilities.Length)]));
            var moved = Centred(builder, p, logits);
            return metric == Metric.TotalVariation
                ? new(0.5 * (p * moved), held.ToImmutable(), Claims.Norm.L1, true, "1/2 |dp|_1")
                : Of(builder, Hold(builder.Apply(new Sqrt(), p)) * moved, metric, 1, held.ToImmutable(), isExact: true);
        }

        // p and 1 - p.
        var (events, trials) = (logits.Length, family is Binomial binomial ? binomial.Trials : 1);
        var variance = builder.Select(probabilities, [.. Enumerable.Range(0, events)]) * builder.Select(probabilities, [.. Enumerable.Range(events, events)]);
        return events == 1 && trials == 1 && metric == Metric.TotalVariation
            ? new(Hold(variance) * logits, held.ToImmutable(), Claims.Norm.L2, true, "|dp|")
            : Of(builder, Hold(builder.Apply(new Sqrt(), variance)) * logits, metric, trials, held.ToImmutable(), isExact: metric == Metric.Hellinger);
    }

    private static Features Of(NetworkBuilder builder, Vector features, Metric metric, int trials, ImmutableArray<int> held, bool isExact)
    {
        var factor = (metric == Metric.Hellinger ? Interval.Point(0.5) / RootTwo : Interval.Point(0.5)) * Interval.Point(trials).Sqrt();
        return new(
            Blocks.Times(builder, Box.Repeat(factor, features.Length), features),
            held,
            Claims.Norm.L2,
            isExact,
            $"{(metric == Metric.Hellinger ? "sqrt(I / 8)" : "sqrt(I) / 2")}, I the Fisher information");
    }

    /// <summary>z_k - sum_l p_l z_l for held p, as sum_l p_l (z_k - z_l) where there are few: what is uncertain then counts with the weight of the other component.</summary>
    private static Vector Centred(NetworkBuilder builder, Vector p, Vector z)
    {
        var n = z.Length;
        if (n > MostPairs)
        {
            var average = builder.Sum(p * z);
            return builder.Add(new SparseAffine([.. Enumerable.Range(0, n).Select(k => new[] { (0, k, 1.0), (1, 0, -1.0) })]), [z, average]);
        }

        var pairs = Enumerable.Range(0, n).SelectMany(k => Enumerable.Range(0, n).Where(l => l != k).Select(l => (Own: k, Other: l))).ToArray();
        var apart = builder.Add(new SparseAffine([.. pairs.Select(pair => new[] { (0, pair.Own, 1.0), (0, pair.Other, -1.0) })]), [z]);
        return builder.Sum(builder.Select(p, [.. pairs.Select(pair => pair.Other)]) * apart, n - 1);
    }
}
