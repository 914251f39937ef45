using System.Collections.Immutable;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <content>Distances to another map: an exact posterior, another network, the same network at exchanged data.</content>
public static partial class ClaimCompiler
{
    /// <summary>The estimator that a claim compares with; null for a closed form.</summary>
    /// <exception cref="ArgumentException">It is not among <see cref="Estimator.References"/>, or does not fit.</exception>
    internal static Estimator? ReferenceOf(Estimator estimator, Claim claim)
    {
        if (claim.Kind is ClaimKind.Symmetric or ClaimKind.Modulus)
        {
            return estimator;
        }

        if (claim.Kind != ClaimKind.Approximation)
        {
            return null;
        }

        if (claim.Reference != Claim.Network)
        {
            return ClaimChecks.HasPosteriorMap(estimator, claim) ? PosteriorMap(estimator, claim) : null;
        }

        var found = estimator.References.FirstOrDefault(other => other.ModelSha256 == claim.ReferenceSha256)
            ?? throw ClaimChecks.Wrong($"The model '{claim.ReferenceModel}' that the claim compares with is not given.");
        return claim.ReferenceFamily is { } family ? found with { Family = family.Bind(found.Network) } : found;
    }

    /// <summary>What the estimator and the reference read at a point of the set: x twice; x and the exchanged data for a symmetry; x' and x for a modulus, x' rounded towards x and so within the radius.</summary>
    internal static (double[] Mine, double[] Other) DataAt(Claim claim, ReadOnlySpan<double> point)
    {
        if (claim.Kind != ClaimKind.Modulus)
        {
            var data = Directions.DataAt(claim, point);
            return (data, OtherData(claim, data));
        }

        var (move, x) = (point[..(point.Length / 2)].ToArray(), point[(point.Length / 2)..].ToArray());
        return ([.. x.Zip(move, (a, d) => d >= 0 ? Arithmetic.Rounding.AddDown(a, d) : Arithmetic.Rounding.AddUp(a, d))], x);
    }

    /// <summary>What follows from the bounds of a claim, in words; empty for most.</summary>
    public static string Consequence(Claim claim, bool isDensity, double lower, double upper)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return isDensity ? DensityRatio.Words(claim, upper)
            : claim is { Kind: ClaimKind.Functional, Quantity: Quantity.Mahalanobis } ? HighestDensityRegion.Words(claim, lower, upper, !claim.AsksForSmallest)
            : "";
    }

    /// <summary>The posterior of a stated model as a map of the kind of the estimator: its parameters, or its means where the estimator is a vector.</summary>
    private static Estimator PosteriorMap(Estimator estimator, Claim claim)
    {
        var n = estimator.Network.InputLength;
        if (claim.Conjugate is { } model)
        {
            return model.Posterior(estimator.Family, n);
        }

        var builder = new NetworkBuilder();
        var x = builder.Input("x", n);
        var exact = ExactReference.Of(claim, new Pattern(estimator.Family.Dimension, Triangle.Diagonal), false, ClaimChecks.DomainOf(claim).Box);
        builder.Output("mean", exact.Means(builder, x));
        var means = builder.Build();
        return new Estimator(means, OutputVector.For(means));
    }

    /// <summary>What the reference reads at x: for a symmetry the exchanged data.</summary>
    internal static double[] OtherData(Claim claim, ReadOnlySpan<double> x)
    {
        var other = x.ToArray();
        for (var i = 0; claim.Kind == ClaimKind.Symmetric && i < other.Length; i++)
        {
            other[i] = (claim.InputSigns.IsEmpty ? 1 : claim.InputSigns[i]) * x[claim.Permutation.IsEmpty ? i : claim.Permutation[i]];
        }

        return other;
    }

    private static Problem Approximation(Draft draft)
    {
        var (claim, q) = (draft.Claim, draft.Parameters);
        var reference = ExactReference.Of(claim, q.Pattern, q.IsPrecision, draft.Domain.Box);
        var pair = new FamilyPair(q.As(reference.Spread.Pattern, reference.Spread.IsPrecision), reference.Spread, reference.Means(draft.Builder, draft.Input));
        var distance = Between(pair, claim.Metric);
        return draft.Finish(
            distance,
            draft.Domain,
            $"Largest {Spoken(claim.Metric)} between the exact posterior {reference.Words} (q0) and the estimate (q), for {draft.Where}: {distance.Formula}.",
            LowerBound(pair, claim.Metric, distance));
    }

    /// <summary>The posterior of normal data within a box is a normal distribution that is cut.</summary>
    private static Problem ToTruncated(Draft draft, ConjugateModel model)
    {
        var (claim, q, n) = (draft.Claim, draft.Parameters, draft.Input.Length);
        var prior = new Box(ConjugateModel.All(model.Numbers[0], n), ConjugateModel.All(model.Numbers[1], n));
        var deviation = ConjugateModel.All(model.Numbers[2], n);
        Vector Plain()
        {
            var root = q.IsPrecision ? ShapeFamily.Each(Box.Point(deviation), Box.Point(deviation), (s, _) => Arithmetic.Interval.Point(1) / s) : Box.Point(deviation);
            return Between(new FamilyPair(q, new ParameterBox(1, q.Pattern, q.IsPrecision, Box.Point(draft.Center), root, null, null), draft.Input), Metric.TotalVariation).Value;
        }

        var (distance, lower) = TruncatedNormal.Between(q, draft.Input, draft.Center, prior, deviation, claim.Metric, Plain);
        return draft.Finish(
            distance,
            draft.Domain,
            $"Largest {Spoken(claim.Metric)} between the exact posterior, N(x, s²) cut to the box of the stated uniform-normal model (q0), and the estimate (q), for {draft.Where}: {distance.Formula}.",
            lower);
    }

    /// <summary>Which alpha is meant, where 2 alpha + n is no double and the degrees of freedom are that sum rounded; empty otherwise.</summary>
    private static string Rounded(Estimator estimator, Claim claim)
    {
        if (claim.Conjugate is not { Name: ConjugateModel.NormalInverseGamma } model || estimator.Family is not StudentT t)
        {
            return "";
        }

        var n = Arithmetic.Rational.Of(estimator.Network.InputLength);
        var rounding = (Arithmetic.Rational.Of(2) * Arithmetic.Rational.Of(model.Numbers[2][0])) + n - Arithmetic.Rational.Of(t.DegreesOfFreedom);
        return rounding.Sign == 0 ? "" : $" with the alpha for which 2 alpha + n is {Number(t.DegreesOfFreedom)}, the stated one rounded,";
    }

    /// <summary>The largest distance to another network, or to the same one at exchanged or moved data.</summary>
    private static Problem BetweenMaps(Estimator estimator, Estimator reference, Claim claim)
    {
        var (builder, domain, n) = (new NetworkBuilder(), ClaimChecks.DomainOf(claim), estimator.Network.InputLength);
        var isMoved = claim.Kind == ClaimKind.Modulus;
        var input = builder.Input(isMoved ? "(x' - x, x)" : "x", isMoved ? 2 * n : n);
        var x = isMoved ? input.Slice(n, n) : input;
        var y = claim.Kind == ClaimKind.Symmetric ? Exchanged(builder, claim, x) : isMoved ? input.Slice(0, n) : x;
        var (distance, anchors, lower) = estimator.Family switch
        {
            OutputVector => BetweenVectors(builder, estimator, reference, claim, x, y),
            DiscreteFamily family => BetweenDiscrete(builder, estimator, reference, family, claim, x, y),
            ShapeFamily family => BetweenShapes(builder, estimator, reference, family, claim, x, y),
            _ => BetweenGaussians(builder, estimator, reference, claim, x, y),
        };
        builder.Output("objective", distance.Value);
        if (lower is { } node)
        {
            builder.Output("metric-lower", node);
        }

        var what = estimator.Family is OutputVector ? "outputs" : "posterior";
        var metric = estimator.Family is OutputVector ? $"{Words.Of(claim.Metric)} distance" : Spoken(claim.Metric);
        var (names, formula) = (estimator.Family is OutputVector ? ("", "") : (" (q0)", " (q)"), distance.Formula.Length > 0 ? $": {distance.Formula}" : "");
        return new Problem(builder.Build(), distance.Value.Id, domain)
        {
            Anchors = anchors,
            Frontier = distance.Frontier,
            ExactMetric = distance.IsExact,
            MetricLower = lower?.Id ?? -1,
            RealOnly = isMoved ? "the question is one about two data sets at once" : "",
            Text = isMoved ? $"Largest {metric} between the {what} at x{names.Item1} and at x'{names.Item2}, for {Where(claim)}{formula}."
                : claim.Kind == ClaimKind.Symmetric
                ? $"Largest {metric} between the {what} at {ExchangeWords(claim)}{names.Item1} and at x{names.Item2}, for {Where(claim)}{formula}."
                : claim.Reference == Claim.Network ? $"Largest {metric} between the {what} of the reference network {reference.Family.Describe()}{names.Item1} and of the estimate{names.Item2}, for {Where(claim)}{formula}."
                : $"Largest {metric} between the {(estimator.Family is OutputVector ? "mean of the exact posterior" : "exact posterior")} of the stated {claim.Reference} model{Rounded(estimator, claim)}{names.Item1} and the {(estimator.Family is OutputVector ? "outputs" : "estimate")}{names.Item2}, for {Where(claim)}{formula}.",
        };
    }

    private static (Distance Distance, ImmutableArray<int> Anchors, Vector? Lower) BetweenGaussians(NetworkBuilder builder, Estimator estimator, Estimator reference, Claim claim, Vector x, Vector y)
    {
        var (graph, graph0) = (new ParameterGraph(estimator.Network, estimator.Family), new ParameterGraph(reference.Network, reference.Family));
        var (mine, others, moved) = Both(builder, claim, graph.Graph, graph0.Graph, x, y);
        var (q, q0) = (graph.On(builder, mine), graph0.On(builder, others));
        ImmutableArray<int> anchors = [.. mine.Concat(others).Concat(moved.OfType<Vector>()).Select(vector => vector.Id).Distinct()];

        // Roots of one shape and kind: the larger shape, and the kind of a root that is triangular.
        var (larger, other) = q.Pattern.Triangle == Triangle.Diagonal ? (q0, q) : (q, q0);
        var (pattern, isPrecision) = (larger.Pattern, larger.IsPrecision);
        var isPlain = q.Pattern.Triangle == q0.Pattern.Triangle && q.IsPrecision == q0.IsPrecision && claim.ParameterSigns.IsEmpty;
        q0 = claim.ParameterSigns.IsEmpty ? q0 : q0.Turned(claim.ParameterSigns.AsSpan());
        (q, q0) = (q.As(pattern, isPrecision), q0.As(pattern, isPrecision));
        var point = !claim.Observation.IsEmpty ? [.. claim.Observation] : claim.Kind == ClaimKind.Modulus ? new Box([.. claim.DomainLower], [.. claim.DomainUpper]).Middle() : ClaimChecks.DomainOf(claim).Box.Middle();
        var (center, center0) = (graph.At(point).As(pattern, isPrecision), graph0.At(OtherData(claim, point)));
        center0 = (claim.ParameterSigns.IsEmpty ? center0 : center0.Turned(claim.ParameterSigns.AsSpan())).As(pattern, isPrecision);
        var pair = new FamilyPair(q, q0, center, center0, isPlain ? (moved[0]!.Value, moved[1]!.Value, moved.ElementAtOrDefault(2), moved.ElementAtOrDefault(3)) : null);
        var distance = Between(pair, claim.Metric);
        return (distance, anchors, LowerBound(pair, claim.Metric, distance));
    }

    private static (Distance Distance, ImmutableArray<int> Anchors, Vector? Lower) BetweenDiscrete(
        NetworkBuilder builder, Estimator estimator, Estimator reference, DiscreteFamily family, Claim claim, Vector x, Vector y)
    {
        var (mine, others, moved) = Both(builder, claim, family.Graph(estimator.Network), ((DiscreteFamily)reference.Family).Graph(reference.Network), x, y);
        var distance = family.Between(builder, mine[0], new DiscreteReference(builder, others[1], moved[0]!.Value, moved[1]!.Value), claim.Metric);
        return (distance, [.. mine.Concat(others).Concat(moved.OfType<Vector>()).Select(vector => vector.Id).Distinct()], null);
    }

    private static (Distance Distance, ImmutableArray<int> Anchors, Vector? Lower) BetweenShapes(
        NetworkBuilder builder, Estimator estimator, Estimator reference, ShapeFamily family, Claim claim, Vector x, Vector y)
    {
        var other = (ShapeFamily)reference.Family;
        var (mine, others, moved) = Both(builder, claim, family.Graph(estimator.Network), other.Graph(reference.Network), x, y);
        var pair = family.Pair(builder, mine, other, others, moved);
        Vector? lower = claim.Metric != Metric.Wasserstein1 ? null : builder.Apply(
            new Networks.Operators.Norm(family.Dimension),
            family.Moments(builder, (pair.First.Value, pair.Second.Value)).Mean - family.Moments(builder, (pair.First.Reference, pair.Second.Reference)).Mean);
        return (family.Between(builder, pair, claim.Metric), [.. mine.Concat(others).Concat(moved.OfType<Vector>()).Select(vector => vector.Id).Distinct()], lower);
    }

    private static (Distance Distance, ImmutableArray<int> Anchors, Vector? Lower) BetweenVectors(NetworkBuilder builder, Estimator estimator, Estimator reference, Claim claim, Vector x, Vector y)
    {
        var (_, _, moved) = Both(builder, claim, estimator.Network, reference.Network, x, y);
        Vector[] changes = [.. moved.Select(vector => vector!.Value)];
        var change = builder.Concat(changes);
        return (new Distance(Size(builder, change, claim.Metric).Value, [change.Id], true, ""), [.. changes.Select(vector => vector.Id).Distinct()], null);
    }

    /// <summary>What the estimate and the reference compute, and the differences; for a modulus y is x' - x and the reference the same network at x.</summary>
    private static (Vector[] First, Vector[] Second, Vector?[] Differences) Both(NetworkBuilder builder, Claim claim, Network first, Network second, Vector x, Vector y) =>
        claim.Kind == ClaimKind.Modulus ? JointNetwork.Moved(builder, first, x, y) : JointNetwork.Outputs(builder, first, second, x, y);

    /// <summary>s_i x_(p_i).</summary>
    private static Vector Exchanged(NetworkBuilder builder, Claim claim, Vector x) => builder.Add(
        new SparseAffine([.. Enumerable.Range(0, x.Length).Select(i => new[]
        {
            (0, claim.Permutation.IsEmpty ? i : claim.Permutation[i], claim.InputSigns.IsEmpty ? 1.0 : claim.InputSigns[i]),
        })]),
        [x]);

    private static string ExchangeWords(Claim claim)
    {
        var places = claim.Permutation.IsEmpty ? "" : $"the entries [{string.Join(", ", claim.Permutation)}] of x";
        var signs = claim.InputSigns.IsEmpty ? "" : $"{(places.Length > 0 ? places : "x")} times [{string.Join(", ", claim.InputSigns)}]";
        return $"{(signs.Length > 0 ? signs : places)}{(claim.ParameterSigns.IsEmpty ? "" : $", theta times [{string.Join(", ", claim.ParameterSigns)}],")}";
    }
}
