using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <content>Claims about categories, events, shapes and plain vectors.</content>
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

        if (claim.Kind == ClaimKind.Lipschitz)
        {
            return InFisherMetric(draft, FisherMetric.Of(builder, family, logits, claim.Metric));
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

    private static Problem Shaped(Draft draft, ShapeFamily family)
    {
        var (claim, builder) = (draft.Claim, draft.Builder);
        var q = family.Read(builder, draft.Vectors);
        var (mean, deviation) = family.Moments(builder, q);
        if (claim.Kind == ClaimKind.Functional && !claim.IsChange)
        {
            var smallest = claim.AsksForSmallest;
            var one = builder.Select(claim.Quantity == Quantity.Mean ? mean : deviation, [claim.Parameter]);
            return draft.Finish(new Distance(smallest ? -one : one, [], true, ""), draft.Domain, $"{(smallest ? "Smallest" : "Largest")} {Named(claim)}, for {draft.Where}.") with { Sign = smallest ? -1 : 1 };
        }

        var q0 = family.At(draft.Estimator.Network, claim.Observation.AsSpan());
        var (mean0, deviation0) = MomentsAt(family, q0);
        if (claim.Kind == ClaimKind.Functional)
        {
            var (value, value0) = claim.Quantity == Quantity.Mean ? (mean, mean0) : (deviation, deviation0);
            var moved = builder.Select(value, [claim.Parameter]) - builder.Constant(value0.Slice(claim.Parameter, 1));
            return draft.Finish(
                new Distance(builder.Apply(new Abs(), moved), [moved.Id], true, ""), draft.Domain, $"Largest change of the {Named(claim)} from that at the observation, for {draft.Where}.");
        }

        var distance = family.Between(builder, ShapeFamily.Pair(builder, q, q0), claim.Metric);
        return draft.Finish(
            distance,
            draft.Domain,
            $"Largest {Spoken(claim.Metric)} between the posterior at the observation (q0) and at x (q), for {draft.Where}: {distance.Formula}.",
            claim.Metric == Metric.Wasserstein1 ? builder.Apply(new Networks.Operators.Norm(mean.Length), mean - builder.Constant(mean0)) : null);
    }

    /// <summary>Enclosures of means and standard deviations.</summary>
    private static (Box Mean, Box Deviation) MomentsAt(ShapeFamily family, (Box First, Box Second) q0)
    {
        var builder = new NetworkBuilder();
        builder.Input("none", 1);
        var (mean, deviation) = family.Moments(builder, (builder.Constant(q0.First), builder.Constant(q0.Second)));
        builder.Output("both", builder.Concat(mean, deviation));
        var ranges = builder.Build().Ranges(Box.Point([0]));
        return (ranges[mean.Id], ranges[deviation.Id]);
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

    /// <summary>One element of all outputs, one after the other.</summary>
    private static Vector Element(Draft draft)
    {
        var (element, outputs) = (draft.Claim.Parameter, draft.Estimator.Network.Outputs);
        foreach (var (name, node) in outputs)
        {
            var length = draft.Estimator.Network.Nodes[node].Length;
            if (element < length)
            {
                return draft.Vectors[name][element];
            }

            element -= length;
        }

        throw new InvalidOperationException($"Broken invariant: there is no output {draft.Claim.Parameter}.");
    }

    /// <summary>The range of one output, or how far it moves from its value at the observation.</summary>
    private static Problem VectorElement(Draft draft)
    {
        var (claim, builder, value) = (draft.Claim, draft.Builder, Element(draft));
        if (!claim.IsChange)
        {
            var smallest = claim.AsksForSmallest;
            return draft.Finish(new Distance(smallest ? -value : value, [], true, ""), draft.Domain, $"{(smallest ? "Smallest" : "Largest")} {Named(claim)}, for {draft.Where}.") with { Sign = smallest ? -1 : 1 };
        }

        var network = draft.Estimator.Network;
        var ranges = network.Ranges(Box.Point([.. claim.Observation]));
        var all = network.Outputs.SelectMany(output => Enumerable.Range(0, ranges[output.Node].Length).Select(i => ranges[output.Node][i])).ToArray();
        if (!double.IsFinite(all[claim.Parameter].Magnitude))
        {
            throw new Networks.Operators.DomainException("The output is not finite at the point of reference.");
        }

        var moved = value - builder.Constant(all[claim.Parameter], 1);
        return draft.Finish(new Distance(builder.Apply(new Abs(), moved), [moved.Id], true, ""), draft.Domain, $"Largest change of {Named(claim)} from that at the observation, for {draft.Where}.");
    }

    private static (Vector Value, string Word) Size(NetworkBuilder builder, Vector change, Metric metric) => metric switch
    {
        Metric.L1 => (builder.Sum(builder.Apply(new Abs(), change)), "l1"),
        Metric.L2 => (builder.Apply(new Networks.Operators.Norm(change.Length), change), "l2"),
        _ => (builder.Largest(builder.Apply(new Abs(), change)), "linf"),
    };
}
