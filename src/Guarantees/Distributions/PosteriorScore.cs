using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Distributions;

/// <summary>What a score of (theta, x) is.</summary>
public enum ScoreKind
{
    /// <summary>-ln q(theta | x), in nats: sets of highest density. Gaussian, diagonal Gaussian, Gaussian mixture, and densities known by their values.</summary>
    NegativeLogDensity,

    /// <summary>|U (theta - mu)| with precision U^T U, the Mahalanobis distance: ellipsoids. One Gaussian.</summary>
    Mahalanobis,
}

/// <summary>The score s(theta, x) of a posterior estimator at a fixed theta, as a question about a graph in x: how large, or how small, is it over a ball?</summary>
/// <remarks>
/// <para>
/// Gaussian, z = U (mu - theta): s = |z|²/2 - sum ln U_ii + D/2 ln 2 pi. Mixture with logits l_k: s = LSE(l) - LSE(l_k - s_k) with s_k that of component k and LSE(v) = ln sum exp v_k, added up in pairs,
/// ln(e^a + e^b) = b + softplus(a - b), so that no range overflows. z and ln U_ii are written around the parameters at x (<see cref="PointPair"/>), theta is a constant of the graph. A density known by its values is the network itself
/// with that constant for theta; up to a term without theta it is a score too, but sets of different x are then not alike in size.
/// </para>
/// <para>
/// What is bounded is the real function of the network's exact weights. sbi adds 1e-4 to the diagonal of the precision in the quadratic form of its own density and not in the determinant; this score has it nowhere. Any fixed function
/// of (theta, x) is a score for conformal prediction, so nothing is lost as long as calibration and sets use this one.
/// </para>
/// </remarks>
public sealed class PosteriorScore
{
    /// <summary>Shares of components are whole multiples of 1 over this, so that they sum to 1 exactly.</summary>
    private const int Shares = 1 << 20;

    /// <summary>Added to a sum of exponentials about their largest, so that its logarithm exists where bounds of all of them vanish.</summary>
    private const double Floor = 1e-200;

    private static readonly Interval TwoPi = new(2 * Math.PI, 2 * Math.BitIncrement(Math.PI));
    private readonly Network network;
    private readonly Family family;
    private readonly ParameterGraph? parameters;

    /// <summary>The score of an estimator.</summary>
    /// <param name="estimator">Network and family.</param>
    /// <param name="kind">Which score.</param>
    /// <exception cref="ArgumentException">The family has no such score; one line says which have.</exception>
    public PosteriorScore(Estimator estimator, ScoreKind kind)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        (network, family, Kind) = (estimator.Network, estimator.Family, kind);
        var fits = kind switch
        {
            ScoreKind.NegativeLogDensity => family is Gaussian or DiagonalGaussian or GaussianMixture or ConditionalDensity,
            ScoreKind.Mahalanobis => family is Gaussian or DiagonalGaussian or GaussianMixture { Components: 1 },
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Expected one of the scores that are listed."),
        };
        if (!fits)
        {
            throw new ArgumentException(
                kind == ScoreKind.Mahalanobis
                    ? $"The Mahalanobis score is for one Gaussian (gaussian, diagonal-gaussian), not for {family.Describe()}."
                    : $"The score -ln q is for the families gaussian, diagonal-gaussian, gaussian-mixture and {ConditionalDensity.Word}, not for {family.Describe()}.",
                nameof(estimator));
        }

        if (family is not ConditionalDensity && network.Inputs.Length != 1)
        {
            throw new ArgumentException($"A score needs a network with one input vector x; this one has {network.Inputs.Length}.", nameof(estimator));
        }

        parameters = family is ConditionalDensity ? null : new ParameterGraph(network, family);
        DataLength = family is ConditionalDensity density
            ? network.Inputs.First(node => ((Input)node.Operator).Label == density.DataInput).Length
            : network.InputLength;
    }

    /// <summary>Which score.</summary>
    public ScoreKind Kind { get; }

    /// <summary>D, the length of theta.</summary>
    public int ParameterLength => family.Dimension;

    /// <summary>The length of x.</summary>
    public int DataLength { get; }

    /// <summary>The question how large s(theta, x') is over { x' : |(x' - x) / radius| &lt;= 1 }, or how large -s(theta, x') is.</summary>
    /// <param name="theta">[D], finite.</param>
    /// <param name="x">Center of the ball, finite.</param>
    /// <param name="norm">L1, L2 or Linf.</param>
    /// <param name="radius">Radius per coordinate of x, at least 0 and finite; coordinates of radius 0 do not move.</param>
    /// <param name="smallest">Whether the negative of the score is asked for: minus its sup is the least score.</param>
    /// <exception cref="ArgumentException">A length or a number does not fit.</exception>
    /// <exception cref="DomainException">The posterior at x is not defined.</exception>
    public Problem Over(ReadOnlySpan<double> theta, ReadOnlySpan<double> x, Norm norm, ReadOnlySpan<double> radius, bool smallest) => Ask(theta, x, norm, radius, smallest, null);

    /// <summary>The question of <see cref="Over"/> for a mixture, asked of an upper bound of s, or of -s, that is equal to it at a point and has better bounds near it.</summary>
    /// <remarks>
    /// For shares p_k that sum to 1, LSE(v) >= sum p_k (v_k - ln p_k) by Jensen's inequality, equal where p = softmax(v). So s &lt;= LSE(l) - sum p_k l_k + sum p_k (s_k + ln p_k), which is convex in z, l and ln U_ii; and
    /// -s &lt;= LSE(l_k - s_k - sum p_j l_j) + sum p_k ln p_k, with |z|²/2 in s_k at least its tangent, which is convex in z, l and ln U_ii. A sum of exponentials gets 1e-200 more.
    /// </remarks>
    /// <param name="theta">[D], finite.</param>
    /// <param name="x">Center of the ball, finite.</param>
    /// <param name="norm">L1, L2 or Linf.</param>
    /// <param name="radius">Radius per coordinate of x.</param>
    /// <param name="smallest">Whether the negative of the score is asked for.</param>
    /// <param name="touching">Where the bound is equal, but for roundings. A hint: any point is sound.</param>
    /// <returns>Null where the score is no mixture's.</returns>
    internal Problem? Above(ReadOnlySpan<double> theta, ReadOnlySpan<double> x, Norm norm, ReadOnlySpan<double> radius, bool smallest, double[] touching) =>
        family.Components > 1 ? Ask(theta, x, norm, radius, smallest, touching) : null;

    private Problem Ask(ReadOnlySpan<double> theta, ReadOnlySpan<double> x, Norm norm, ReadOnlySpan<double> radius, bool smallest, double[]? touching)
    {
        Check(theta, x, norm, radius);
        var builder = new NetworkBuilder();
        var input = builder.Input("x", DataLength);
        var (score, anchors, frontier) = family is ConditionalDensity density ? OfDensity(builder, input, theta, density) : OfParameters(builder, input, theta, x, smallest, touching);
        var objective = smallest ? -score : score;
        builder.Output("objective", objective);
        var claim = new Claim { Kind = ClaimKind.Robustness, Norm = norm, Radius = [.. radius], Observation = [.. x] };
        return new Problem(builder.Build(), objective.Id, ClaimChecks.DomainOf(claim))
        {
            Anchors = anchors,
            Frontier = smallest && touching is null ? [] : frontier,
            Sign = smallest ? -1 : 1,
            Text = $"{(smallest ? "Smallest" : "Largest")} {(Kind == ScoreKind.Mahalanobis ? "Mahalanobis distance |U (theta - mu)| of theta" : "-ln q(theta | x)")} for {ClaimCompiler.Where(claim)}.",
        };
    }

    /// <summary>An interval that holds s(theta, x).</summary>
    /// <inheritdoc cref="Over"/>
    public Interval At(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        var problem = Over(theta, x, Norm.Linf, new double[DataLength], smallest: false);
        return problem.Graph.Ranges(Box.Point(x))[problem.Objective][0];
    }

    /// <summary>-ln q as the network computes it, at a constant theta.</summary>
    private (Vector Score, ImmutableArray<int> Anchors, ImmutableArray<int> Frontier) OfDensity(NetworkBuilder builder, Vector x, ReadOnlySpan<double> theta, ConditionalDensity density)
    {
        var constant = builder.Constant(theta);
        var outputs = builder.Insert(network, [.. network.Inputs.Select(node => ((Input)node.Operator).Label == density.ParameterInput ? constant : x)]);
        var score = -outputs[density.Output];
        return (score, [score.Id], []);
    }

    private (Vector Score, ImmutableArray<int> Anchors, ImmutableArray<int> Frontier) OfParameters(
        NetworkBuilder builder, Vector x, ReadOnlySpan<double> theta, ReadOnlySpan<double> center, bool smallest, double[]? touching)
    {
        var outputs = builder.Insert(network, x);
        var q = family.Bind(builder, outputs);
        ImmutableArray<int> anchors = [.. family.OutputNames.Select(name => outputs[name].Id).Distinct()];
        var reference = parameters!.At(center);
        var (d, k) = (q.Dimension, q.Components);
        var point = theta.ToArray();
        var pair = new PointPair(q, reference, builder.Constant([.. Enumerable.Range(0, k).SelectMany(_ => point)]));
        var z = pair.Standardized;
        if (Kind == ScoreKind.Mahalanobis)
        {
            return (builder.Apply(new Networks.Operators.Norm(d), z), anchors, [z.Id]);
        }

        // ln |U_ii| = ln |U0_ii| + ln (U_ii / U0_ii).
        var diagonal = q.Pattern.DiagonalPlaces(k);
        var own = builder.Constant(new Box([.. diagonal.Select(i => reference.PrecisionRoot.Lower[i])], [.. diagonal.Select(i => reference.PrecisionRoot.Upper[i])]));
        var determinants = builder.Sum(builder.Apply(new Log(), pair.Ratios) + builder.Apply(new Log(), builder.Apply(new Abs(), own)), d);
        var halves = builder.Sum(0.5 * builder.Apply(new Square(), z), d);
        var constant = 0.5 * d * new Interval(Elementary.LogLower(TwoPi.Lower), Elementary.LogUpper(TwoPi.Upper));
        var normaliser = builder.Constant(constant, 1);
        if (q.Logits is not { } logits)
        {
            return (halves - determinants + normaliser, anchors, [z.Id, determinants.Id]);
        }

        if (touching is null)
        {
            return (LogSumExp(builder, logits) - LogSumExp(builder, logits + determinants - halves) + normaliser, anchors, []);
        }

        var (weightLogs, densityLogs, still) = Plain(theta, touching);
        var shares = Rounded(smallest ? weightLogs : densityLogs);
        Vector Mean(Vector v) => builder.Add(new SparseAffine([[.. shares.Select((share, i) => (0, i, share)).Where(term => term.share > 0)]]), [v]);
        var entropy = shares.Where(share => share > 0).Aggregate(Interval.Point(0), (sum, share) => sum + (share * new Interval(Elementary.LogLower(share), Elementary.LogUpper(share))));
        if (!smallest)
        {
            var weights = LogSumExp(builder, logits) - Mean(logits);
            return (weights + Mean(halves - determinants) + builder.Constant(constant + entropy, 1), anchors, [weights.Id, z.Id, determinants.Id]);
        }

        // |z|²/2 >= c·z - |c|²/2, and LSE about a number m near its value, where exponentials are of moderate size.
        var tangents = builder.Add(new SparseAffine([.. Enumerable.Range(0, k).Select(c => Enumerable.Range(c * d, d).Select(i => (0, i, still[i])).ToArray())]), [z]);
        var offsets = Enumerable.Range(0, k).Select(c => 0.5 * Enumerable.Range(c * d, d).Aggregate(Interval.Point(0), (sum, i) => sum + Interval.Point(still[i]).Square())).ToArray();
        var terms = logits + determinants - tangents - Mean(logits) + builder.Constant(new Box([.. offsets.Select(offset => offset.Lower)], [.. offsets.Select(offset => offset.Upper)]));
        var m = densityLogs.Max() - shares.Zip(weightLogs, (share, log) => share * log).Sum();
        var sum = builder.Sum(builder.Apply(new Exp(), terms - m)) + Floor;
        return (builder.Constant(constant - entropy - m, 1) - builder.Apply(new Log(), sum), anchors, [terms.Id]);
    }

    /// <summary>Of each component in ordinary arithmetic, at a data set: l_k, l_k - s_k but for a constant, and z_k.</summary>
    private (double[] Weights, double[] Densities, double[] Z) Plain(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        var at = parameters!.At(x);
        var (d, count, root) = (at.Dimension, at.Pattern.Count, at.PrecisionRoot);
        double[] weights = [.. Enumerable.Range(0, at.Components).Select(k => at.Logits![k].Middle)];
        var (densities, z) = ((double[])weights.Clone(), new double[at.Components * d]);
        for (var k = 0; k < weights.Length; k++)
        {
            for (var e = 0; e < count; e++)
            {
                var (i, j) = at.Pattern.Entries[e];
                var entry = root[(k * count) + e].Middle;
                z[(k * d) + i] += entry * (at.Means[(k * d) + j].Middle - theta[j]);
                densities[k] += i == j ? Math.Log(Math.Abs(entry)) : 0;
            }

            densities[k] -= 0.5 * z.AsSpan(k * d, d).ToArray().Sum(value => value * value);
        }

        if (!densities.All(double.IsFinite))
        {
            throw new DomainException("The density of a component is not finite at a point of the ball.");
        }

        return (weights, densities, z);
    }

    /// <summary>softmax in multiples of 2^-20 that sum to 1; near enough, since any shares will do.</summary>
    private static double[] Rounded(double[] logs)
    {
        var most = logs.Max();
        var sum = logs.Sum(value => Math.Exp(value - most));
        long[] parts = [.. logs.Select(value => (long)(Math.Exp(value - most) / sum * Shares))];
        parts[Array.IndexOf(logs, most)] += Shares - parts.Sum();
        return [.. parts.Select(part => part / (double)Shares)];
    }

    /// <summary>ln sum exp v_k, length 1: halves are added to one another, ln(e^a + e^b) = b + softplus(a - b).</summary>
    private static Vector LogSumExp(NetworkBuilder builder, Vector v)
    {
        while (v.Length > 1)
        {
            var half = v.Length / 2;
            var (a, b) = (v.Slice(0, half), v.Slice(half, half));
            var both = b + builder.Apply(new Softplus(), a - b);
            v = v.Length % 2 == 0 ? both : builder.Concat(both, v.Slice(2 * half, 1));
        }

        return v;
    }

    /// <summary>Refuses what does not fit.</summary>
    internal void Check(ReadOnlySpan<double> theta, ReadOnlySpan<double> x, Norm norm, ReadOnlySpan<double> radius)
    {
        if (norm is not (Norm.L1 or Norm.L2 or Norm.Linf))
        {
            throw new ArgumentOutOfRangeException(nameof(norm), norm, "Expected l1, l2 or linf.");
        }

        if (theta.Length != ParameterLength || !All(theta, double.IsFinite))
        {
            throw new ArgumentException($"Expected {ParameterLength} finite parameters, got ({string.Join(", ", theta.ToArray())}).", nameof(theta));
        }

        if (x.Length != DataLength || !All(x, double.IsFinite))
        {
            throw new ArgumentException($"Expected {DataLength} finite data, got ({string.Join(", ", x.ToArray())}).", nameof(x));
        }

        if (radius.Length != DataLength || !All(radius, value => value >= 0 && double.IsFinite(value)))
        {
            throw new ArgumentException($"Expected {DataLength} finite radii of at least 0, got ({string.Join(", ", radius.ToArray())}).", nameof(radius));
        }
    }

    private static bool All(ReadOnlySpan<double> values, Predicate<double> holds) => Array.TrueForAll(values.ToArray(), holds);
}
