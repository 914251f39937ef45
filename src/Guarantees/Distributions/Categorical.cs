using System.Globalization;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>P(theta = k) = exp z_k / sum_l exp z_l, k = 0 .. K - 1.</summary>
/// <remarks>
/// <para>Output: logits z [K], K at least 2; log-probabilities are logits too. One parameter, theta, the number of the category.</para>
/// <para>
/// TV = 1/2 |p - p0|_1; H = |sqrt p - sqrt p0| / sqrt 2; KL(q0 || q) = ln sum_k p0_k exp(e_k) with e = d - sum_l p0_l d_l, d = z - z0, since
/// t_k = ln(p0_k / p_k) = ln sum_l p0_l exp(d_l) - d_k, and KL(q || q0) = sum_k p_k (exp t_k - 1 - t_k). All are the distances themselves.
/// </para>
/// </remarks>
public sealed class Categorical : DiscreteFamily
{
    private readonly int categories;

    /// <summary>Creates the family.</summary>
    /// <param name="categories">K, at least 2.</param>
    /// <param name="logits">Name of the output.</param>
    public Categorical(int categories, string logits)
        : base(logits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(categories, 2);
        this.categories = categories;
    }

    /// <inheritdoc/>
    public override string Name => "categorical";

    /// <inheritdoc/>
    public override int Dimension => 1;

    /// <summary>The family with K read from the length of the output.</summary>
    public static Categorical For(Network network, string logits) => LengthOf(network, logits) is >= 2 and var categories
        ? new(categories, logits)
        : throw new ArgumentException($"Output '{logits}' has 1 element; a categorical needs at least 2 categories. One logit of an event is the family bernoulli.", nameof(logits));

    /// <inheritdoc/>
    public override string Describe() => $"categorical, {categories} categories";

    internal override Vector Probabilities(NetworkBuilder builder, Vector logits) => builder.Softmax(logits, categories);

    internal override Distance Between(NetworkBuilder builder, Vector logits, DiscreteReference reference, Metric metric)
    {
        switch (metric)
        {
            case Metric.TotalVariation:
                var change = reference.Shift(Probabilities(builder, logits));
                return new(builder.Apply(new Cap(1), 0.5 * builder.Sum(builder.Apply(new Abs(), change))), [change.Id], true, "1/2 |p - p0|_1, which is the distance");
            case Metric.Hellinger:
                var roots = reference.RootShift(Probabilities(builder, logits));
                return new(
                    builder.Apply(new Cap(1), Blocks.Times(builder, Blocks.RootHalf, builder.Apply(new Networks.Operators.Norm(categories), roots))),
                    [roots.Id],
                    true,
                    "|sqrt p - sqrt p0| / sqrt 2, which is the distance");
            case Metric.JensenShannon:
                return JensenShannon.Of(builder, Between(builder, logits, reference, Metric.Hellinger));
            default:
                var centred = reference.LogitShift - reference.Average(reference.LogitShift);
                var forward = builder.Apply(new Log(), builder.Sum(reference.TimesExp(centred)) + reference.LeftOut);
                return metric == Metric.Kl
                    ? new(forward, [centred.Id], true, "ln sum_k p0_k exp(e_k) with e the centred change of the logits, which is the divergence")
                    : new(
                        builder.Sum(Probabilities(builder, logits) * KullbackLeibler.WeightGain(builder, forward, centred)),
                        [centred.Id],
                        true,
                        "sum_k p_k (exp t_k - 1 - t_k) with t_k = ln(p0_k / p_k), which is the divergence");
        }
    }

    internal override (Vector Probability, string Words) Event(NetworkBuilder builder, Vector logits, int parameter, double lower, double upper)
    {
        int[] members = [.. Enumerable.Range(0, categories).Where(k => k >= lower && k <= upper)];
        return members.Length > 0 && members.Length < categories
            ? (builder.Sum(builder.Select(Probabilities(builder, logits), members)), "the sum of their p_k = exp z_k / sum_l exp z_l")
            : throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"The event [{lower:R}, {upper:R}] holds {(members.Length == 0 ? "none" : "all")} of the categories 0 to {categories - 1}; expected some and not all."));
    }

    internal override (Vector Margin, string Words) Margin(NetworkBuilder builder, Vector logits, Box logits0)
    {
        var best = Enumerable.Range(0, categories).MaxBy(k => logits0.Lower[k] + logits0.Upper[k]);
        int[] others = [.. Enumerable.Range(0, categories).Where(k => k != best)];
        foreach (var k in others.Where(k => !(logits0.Upper[k] <= logits0.Lower[best])))
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"The most probable category at the observation is not settled: z_{best} lies in {logits0[best]} and z_{k} in {logits0[k]}."));
        }

        var differences = builder.Add(new SparseAffine([.. others.Select(k => new[] { (0, k, 1.0), (0, best, -1.0) })]), [logits]);
        return (builder.Largest(differences), $"largest z_k - z_{best} over the other categories k, category {best} being the most probable one at the observation");
    }
}
