using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <content>Numbers that are read off a Gaussian, a Gaussian mixture or a Student t.</content>
public static partial class ClaimCompiler
{
    private static Problem Functional(Draft draft)
    {
        var (claim, builder) = (draft.Claim, draft.Builder);
        var reference = draft.ReferenceAt(draft.Center);
        var pair = new FamilyPair(draft.Parameters, reference);
        var (value, frontier, isExact, formula) = claim.IsChange ? ChangeOf(draft, pair) : ValueOf(draft, pair);
        var smallest = claim.AsksForSmallest;
        var objective = claim.IsChange ? builder.Apply(new Abs(), value) : smallest ? -value : value;
        builder.Output("objective", objective);
        return new Problem(builder.Build(), objective.Id, draft.Domain)
        {
            Anchors = draft.Anchors,
            Parameters = draft.Outputs,
            Data = draft.DataNode,
            Frontier = claim.IsChange ? [value.Id] : frontier,
            ExactMetric = isExact,
            Sign = smallest ? -1 : 1,
            Text = $"{(claim.IsChange ? "Largest change of the" : smallest ? "Smallest" : "Largest")} {Named(claim)}{(claim.IsChange ? " from that at the observation" : "")}, for {draft.Where}: {formula}.",
        };
    }

    private static string Named(Claim claim) => claim.Quantity switch
    {
        Quantity.Mean => $"mean of theta_{claim.Parameter}",
        Quantity.StandardDeviation => $"standard deviation of theta_{claim.Parameter}",
        Quantity.Quantile => $"{Number(claim.Level)}-quantile of theta_{claim.Parameter}",
        Quantity.Weight => $"weight of component {claim.Parameter}",
        Quantity.SmallestWeight => "smallest weight of a component",
        Quantity.Output => $"output {claim.Parameter}",
        Quantity.Mahalanobis => $"Mahalanobis distance of theta = ({string.Join(", ", claim.Point.Select(Number))}) from the posterior",
        Quantity.SmallestScale => "scale in any direction, the root of the smallest eigenvalue",
        _ => "scale in any direction, the root of the largest eigenvalue",
    };

    /// <summary>The quantity; where it is not exact, a bound of it from the side that is claimed.</summary>
    private static (Vector Value, ImmutableArray<int> Frontier, bool IsExact, string Formula) ValueOf(Draft draft, FamilyPair pair)
    {
        var (claim, builder, q) = (draft.Claim, draft.Builder, draft.Parameters);
        switch (claim.Quantity)
        {
            case Quantity.Mean:
                return (MeanOf(draft), [], true, q.Components > 1 ? "sum_k pi_k mu_k" : "mu");
            case Quantity.StandardDeviation:
                return (DeviationOf(draft, pair), [], true, DeviationFormula(q));
            case Quantity.Quantile:
                var normal = NormalQuantile.Enclose(Interval.Point(claim.Level));
                var (mean, deviation) = Marginal(draft, new PointPair(q, pair.Reference).CovarianceRoot, claim.Parameter);
                return (mean + Blocks.Times(builder, new Box([normal.Lower], [normal.Upper]), deviation), [], true, "mu + z sigma, z the quantile of the standard normal distribution");
            case Quantity.Mahalanobis:
                var z = new PointPair(q, pair.Reference, builder.Constant(claim.Point.AsSpan())).Standardized;
                return (builder.Apply(new Networks.Operators.Norm(q.Dimension), z), [z.Id], true, "|U (theta - mu)| with precision U^T U");
            case Quantity.Weight:
                return (builder.Select(q.Weights!.Value, [claim.Parameter]), [], true, "pi_k = exp z_k / sum_l exp z_l");
            case Quantity.SmallestWeight:
                return (-builder.Largest(-q.Weights!.Value), [], true, "min_k pi_k");
            case Quantity.SmallestScale when q.Pattern.Triangle == Triangle.Diagonal:
                return (-builder.Largest(-builder.Apply(new Abs(), pair.Gaussians.CovarianceRoot)), [], true, "the smallest sigma_ki");
            case Quantity.LargestScale when q.Pattern.Triangle == Triangle.Diagonal:
                return (builder.Largest(builder.Apply(new Abs(), pair.Gaussians.CovarianceRoot)), [], true, "the largest sigma_ki");
            case Quantity.SmallestScale:
                // The largest eigenvalue of S^-1 = U^T U is at most |U|_F².
                var precision = new PointPair(q, pair.Reference).PrecisionRoot;
                var inverse = builder.Largest(builder.Apply(new Networks.Operators.Norm(q.Pattern.Count), precision));
                return (builder.Apply(new Reciprocal(), inverse), [precision.Id], false, "1 / max_k |U_k|_F with precision U^T U, which is at most the scale");
            default:
                var root = pair.Gaussians.CovarianceRoot;
                return (builder.Largest(builder.Apply(new Networks.Operators.Norm(q.Pattern.Count), root)), [root.Id], false, "max_k |L_k|_F with covariance L L^T, which is at least the scale");
        }
    }

    /// <summary>The quantity at x minus that at the observation, written in differences.</summary>
    private static (Vector Value, ImmutableArray<int> Frontier, bool IsExact, string Formula) ChangeOf(Draft draft, FamilyPair pair)
    {
        var (claim, builder, q, reference) = (draft.Claim, draft.Builder, draft.Parameters, pair.Reference);
        var (mean0, deviation0) = Moments.Of(reference);
        switch (claim.Quantity)
        {
            case Quantity.Mean when q.Components > 1:
                int[] own = [.. Enumerable.Range(0, q.Components).Select(k => (k * q.Dimension) + claim.Parameter)];
                var moved = builder.Sum(q.Weights!.Value * builder.Select(pair.Gaussians.Shift, own));
                var weighed = Blocks.Weigh(builder, pair.WeightShift, 1, own.Select((place, k) => (0, k, reference.Means[place])));
                return (moved + weighed, [], true, "|sum_k pi_k (mu_k - mu0_k) + (pi_k - pi0_k) mu0_k|");
            case Quantity.Mean:
                return (builder.Select(pair.Gaussians.Shift, [claim.Parameter]), [], true, "|mu - mu0|");
            case Quantity.StandardDeviation:
                var spread0 = q.DegreesOfFreedom is { } nu ? deviation0[claim.Parameter] * StudentT.Spread(nu) : deviation0[claim.Parameter];
                return (DeviationOf(draft, pair) - builder.Constant(spread0, 1), [], true, $"|s - s0|, s = {DeviationFormula(q)}");
            case Quantity.Quantile:
                var z = NormalQuantile.Enclose(Interval.Point(claim.Level));
                var (mean, deviation) = Marginal(draft, new PointPair(q, reference).CovarianceRoot, claim.Parameter);
                var spread = Blocks.Times(builder, new Box([z.Lower], [z.Upper]), deviation - builder.Constant(deviation0.Slice(claim.Parameter, 1)));
                return (mean - builder.Constant(mean0.Slice(claim.Parameter, 1)) + spread, [], true, "|mu - mu0 + z (sigma - sigma0)|, z the quantile of the standard normal distribution");
            default:
                return (builder.Select(pair.WeightShift, [claim.Parameter]), [], true, "|pi_k - pi0_k|");
        }
    }

    private static Vector MeanOf(Draft draft)
    {
        var (builder, q, i) = (draft.Builder, draft.Parameters, draft.Claim.Parameter);
        var means = builder.Select(q.Means, [.. Enumerable.Range(0, q.Components).Select(k => (k * q.Dimension) + i)]);
        return q.Weights is { } weights ? builder.Sum(weights * means) : means;
    }

    private static Vector DeviationOf(Draft draft, FamilyPair pair)
    {
        var (builder, q, i) = (draft.Builder, draft.Parameters, draft.Claim.Parameter);
        var each = Moments.RowNorm(q.Pattern, q.Components, pair.Gaussians.CovarianceRoot, builder, i);
        if (q.DegreesOfFreedom is { } nu)
        {
            return Blocks.Times(builder, Box.Repeat(StudentT.Spread(nu), 1), each);
        }

        if (q.Weights is not { } weights)
        {
            return each;
        }

        var means = builder.Select(q.Means, [.. Enumerable.Range(0, q.Components).Select(k => (k * q.Dimension) + i)]);
        var centred = means - builder.Sum(weights * means);
        return builder.Apply(new Sqrt(), builder.Sum(weights * (builder.Apply(new Square(), centred) + builder.Apply(new Square(), each))));
    }

    private static string DeviationFormula(Parameters q) => q.DegreesOfFreedom is not null ? "sqrt(nu / (nu - 2)) sigma"
        : q.Components > 1 ? "sqrt(sum_k pi_k (sigma_k² + (mu_k - m)²)), m = sum_k pi_k mu_k" : "sigma";
}
