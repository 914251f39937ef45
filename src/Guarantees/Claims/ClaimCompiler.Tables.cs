using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <content>Distances to a distribution that a table gives, and to all that are assumed to lie near it.</content>
public static partial class ClaimCompiler
{
    private static Problem Tabulated(Draft draft, ReferenceRow row)
    {
        var (claim, builder) = (draft.Claim, draft.Builder);
        var (distance, least) = ToRow(draft, row);
        var (value, lower) = (distance.Value, distance.IsExact ? distance.Value : least);
        if (row.Assumes)
        {
            var away = draft.Input - builder.Constant([.. claim.Observation]);
            var norm = claim.Norm switch
            {
                Norm.L1 => builder.Sum(builder.Apply(new Abs(), away)),
                Norm.L2 => builder.Apply(new Networks.Operators.Norm(away.Length), away),
                _ => builder.Largest(builder.Apply(new Abs(), away)),
            };
            var slack = builder.Combine([(row.Lipschitz, norm)], row.Error);
            value += slack;
            lower = lower is { } known ? known - slack : null;
            value = claim.Metric is Metric.TotalVariation or Metric.Hellinger ? builder.Apply(new Cap(1), value) : value;
        }

        var isVector = draft.Family is OutputVector;
        var metric = isVector ? $"{Words.Of(claim.Metric)} distance" : Spoken(claim.Metric);
        var (names, formula) = (isVector ? ("", "") : (" (q0)", " (q)"), distance.Formula.Length > 0 ? $": {distance.Formula}" : "");
        var assumed = row.Assumes ? $" {AssumptionOf(claim)}" : "";
        return draft.Finish(
            distance with { Value = value, IsExact = distance.IsExact && !row.Assumes },
            draft.Domain,
            $"Largest {metric} between row {claim.ObservationRow} of the table '{claim.ReferenceModel}'{names.Item1} and the estimate{names.Item2}{(row.Assumes ? $", plus {SlackOf(claim, row)}" : "")}, for {draft.Where}{formula}.{assumed}",
            distance.IsExact && !row.Assumes ? null : lower);
    }

    /// <summary>What a claim with a tabulated reference assumes of it, in a sentence; empty where it assumes nothing.</summary>
    public static string AssumptionOf(Claim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return claim.TableRow is { Assumes: true } row
            ? $"Assumes, and does not check, that the reference at x lies within {SlackOf(claim, row)} of the tabulated one; it is then at most so far from the estimate." : "";
    }

    private static string SlackOf(Claim claim, ReferenceRow row)
    {
        var slope = row.Lipschitz > 0 ? $"{Number(row.Lipschitz)} |x - x0|_{NormWord(claim.Norm)}" : "";
        return row.Error > 0 && slope.Length > 0 ? $"{Number(row.Error)} + {slope}" : row.Error > 0 ? Number(row.Error) : slope;
    }

    /// <summary>The distance to the tabulated distribution, and a lower bound of it where it is not exact.</summary>
    private static (Distance Distance, Vector? Lower) ToRow(Draft draft, ReferenceRow row)
    {
        var (claim, builder) = (draft.Claim, draft.Builder);
        switch (draft.Family)
        {
            case OutputVector:
                var outputs = builder.Concat([.. draft.Estimator.Network.Outputs.Select(output => draft.Vectors[output.Name])]);
                var change = outputs - builder.Constant([.. row.Values[0]]);
                return (new Distance(Size(builder, change, claim.Metric).Value, [change.Id], true, ""), null);
            case DiscreteFamily discrete:
                var logits = draft.Vectors[discrete.Logits];
                var (z, p) = row.Discrete(discrete);
                return (discrete.Between(builder, logits, new DiscreteReference(builder, logits, z, p), claim.Metric), null);
            case ShapeFamily shapes:
                var (q, q0) = (shapes.Read(builder, draft.Vectors), (Box.Point([.. row.Values[0]]), Box.Point([.. row.Values[1]])));
                var means = shapes.Moments(builder, q).Mean - builder.Constant(MomentsAt(shapes, q0).Mean);
                return (shapes.Between(builder, ShapeFamily.Pair(builder, q, q0), claim.Metric), claim.Metric == Metric.Wasserstein1 ? builder.Apply(new Networks.Operators.Norm(means.Length), means) : null);
            default:
                // Its means are given as means of the graph: a table's covariance is not the estimator's, however constant that one is.
                var spread = row.Spread(draft.Parameters.Pattern, draft.Parameters.IsPrecision);
                var pair = new FamilyPair(draft.Parameters.As(spread.Pattern, spread.IsPrecision), spread, builder.Constant(spread.Means));
                var distance = Between(pair, claim.Metric);
                return (distance, LowerBound(pair, claim.Metric, distance));
        }
    }
}
