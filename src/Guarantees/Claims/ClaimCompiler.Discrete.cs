using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <content>Claims about categories, events and plain vectors.</content>
public static partial class ClaimCompiler
{
    private static Problem Discrete(Draft draft, DiscreteFamily family)
    {
        var (claim, builder, logits) = (draft.Claim, draft.Builder, draft.Vectors[family.Logits]);
        if (claim.Kind == ClaimKind.EventProbability)
        {
            var (probability, words) = family.Event(builder, logits, claim.Parameter, claim.EventLower, claim.EventUpper);
            return OfProbability(draft, probability, words);
        }

        var (logits0, probabilities0) = family.At(draft.Estimator.Network, claim.Observation.AsSpan());
        if (claim.Kind == ClaimKind.Decision)
        {
            var (margin, words) = family.Margin(builder, logits, logits0);
            return draft.Finish(
                new Distance(margin, [], true, words),
                draft.Domain,
                $"How far from changing the most probable value is, for {draft.Where}: {words}. It does not change where this is at most 0.");
        }

        var distance = family.Between(builder, logits, new DiscreteReference(builder, logits, logits0, probabilities0), claim.Metric);
        return draft.Finish(
            distance, draft.Domain, $"Largest {Spoken(claim.Metric)} between the posterior at the observation (q0) and at x (q), for {draft.Where}: {distance.Formula}.");
    }

    /// <summary>|f(x) - f(x0)| in a norm, all outputs of the network one after the other.</summary>
    private static Problem VectorRobustness(Draft draft)
    {
        var (claim, builder, network) = (draft.Claim, draft.Builder, draft.Estimator.Network);
        var ranges = network.Ranges(Box.Point([.. claim.Observation]));
        var features = builder.Concat([.. network.Outputs.Select(output => draft.Vectors[output.Name])]);
        var reference = new Box(
            [.. network.Outputs.SelectMany(output => ranges[output.Node].Lower)], [.. network.Outputs.SelectMany(output => ranges[output.Node].Upper)]);
        if (!reference.Lower.All(double.IsFinite) || !reference.Upper.All(double.IsFinite))
        {
            throw new Networks.Operators.DomainException("The outputs are not finite at the point of reference.");
        }

        var change = features - builder.Constant(reference);
        var (value, word) = Size(builder, change, claim.Metric);
        return draft.Finish(
            new Distance(value, [change.Id], true, ""),
            draft.Domain,
            $"Largest {word} distance between the outputs at the observation and at x, all outputs one after the other, for {draft.Where}.");
    }

    private static (Vector Value, string Word) Size(NetworkBuilder builder, Vector change, Metric metric) => metric switch
    {
        Metric.L1 => (builder.Sum(builder.Apply(new Abs(), change)), "l1"),
        Metric.L2 => (builder.Apply(new Networks.Operators.Norm(change.Length), change), "l2"),
        _ => (builder.Largest(builder.Apply(new Abs(), change)), "linf"),
    };
}
