using System.Collections.Immutable;
using Guarantees.Formats.Spec;

namespace Guarantees.Claims;

/// <summary>What is claimed.</summary>
public enum ClaimKind
{
    /// <summary>How far the posterior can move when the observation moves within a ball.</summary>
    Robustness,

    /// <summary>The largest ratio of distance between posteriors to distance between data, over a box.</summary>
    Lipschitz,

    /// <summary>The distance to an exact reference posterior, over a box.</summary>
    Approximation,

    /// <summary>The probability of an event, over a ball or box.</summary>
    EventProbability,

    /// <summary>How far the ends of a marginal credible interval can move when the observation moves within a ball.</summary>
    CredibleInterval,

    /// <summary>A number that is read off the posterior, such as a mean: its range over a set, or how far it moves within a ball.</summary>
    Functional,

    /// <summary>Whether the most probable category, or the more probable side of each event, stays that of the observation within a ball.</summary>
    Decision,

    /// <summary>How steeply a number that is read off the posterior rises with one entry of the data, at least.</summary>
    Monotone,

    /// <summary>The distance between the posteriors at data and at the same data with entries exchanged or signs turned, over a box.</summary>
    Symmetric,

    /// <summary>The largest distance between the posteriors at any x of a box and at any x' within a radius of it: the modulus of continuity of the map.</summary>
    Modulus,

    /// <summary>How far the exact posterior of a prior and a likelihood can move when the observation moves within a ball.</summary>
    PosteriorStability,

    /// <summary>Whether parameters that made data are distributed like draws of the posterior there, over pairs of prior and simulator.</summary>
    Calibration,

    /// <summary>How often credible sets of a level hold the parameter that made the data, over pairs of prior and simulator.</summary>
    Coverage,

    /// <summary>Credible sets whose threshold pairs of prior and simulator set, so that they hold the parameter as often as the level says.</summary>
    Conformal,
}

/// <summary>A distance or divergence between distributions.</summary>
public enum Metric
{
    /// <summary>Wasserstein distance of order 2, Euclidean ground metric, in the parameter's own units.</summary>
    Wasserstein2,

    /// <summary>Total variation, in [0, 1].</summary>
    TotalVariation,

    /// <summary>Hellinger distance, in [0, 1]: H² = 1 - Bhattacharyya coefficient.</summary>
    Hellinger,

    /// <summary>Kullback-Leibler divergence KL(q0 || q), in nats; q0 is the posterior at the observation, or the reference.</summary>
    Kl,

    /// <summary>Largest absolute difference of log densities over a box of parameters.</summary>
    LogDensity,

    /// <summary>Sum of absolute differences of outputs; for the family <c>vector</c>.</summary>
    L1,

    /// <summary>Euclidean distance of outputs; for the family <c>vector</c>.</summary>
    L2,

    /// <summary>Largest absolute difference of outputs; for the family <c>vector</c>.</summary>
    Linf,

    /// <summary>Wasserstein distance of order 1, Euclidean ground metric, in the parameter's own units.</summary>
    Wasserstein1,

    /// <summary>Kullback-Leibler divergence KL(q || q0), in nats: the other direction of <see cref="Kl"/>.</summary>
    KlReverse,

    /// <summary>Jensen-Shannon divergence 1/2 KL(q || m) + 1/2 KL(q0 || m), m = (q + q0) / 2, in nats, in [0, ln 2].</summary>
    JensenShannon,
}

/// <summary>A number that is read off a posterior.</summary>
public enum Quantity
{
    /// <summary>E theta_i.</summary>
    Mean,

    /// <summary>sqrt Var theta_i.</summary>
    StandardDeviation,

    /// <summary>The quantile of theta_i at a level.</summary>
    Quantile,

    /// <summary>The weight of component k of a mixture.</summary>
    Weight,

    /// <summary>The smallest weight of a mixture.</summary>
    SmallestWeight,

    /// <summary>sqrt of the smallest eigenvalue of a covariance (of a Student t: of its scale matrix), the smallest over components.</summary>
    SmallestScale,

    /// <summary>sqrt of the largest eigenvalue of a covariance, the largest over components.</summary>
    LargestScale,

    /// <summary>sqrt((theta - mu)^T Sigma^-1 (theta - mu)) at a given theta: how far out in the posterior it lies.</summary>
    Mahalanobis,

    /// <summary>One element of the outputs of a network, for the family <c>vector</c>: <see cref="Claim.Parameter"/> counts through all outputs, one after the other.</summary>
    Output,
}

/// <summary>A norm on data.</summary>
public enum Norm
{
    /// <summary>Sum of absolute values.</summary>
    L1,

    /// <summary>Euclidean.</summary>
    L2,

    /// <summary>Largest absolute value.</summary>
    Linf,

    /// <summary>How many entries, or groups of entries, differ from the observation: a few may move by their whole radius, the others not at all.</summary>
    L0,
}

/// <summary>A claim about a map from data to distributions, as a user states it, with everything resolved to numbers.</summary>
public sealed record Claim
{
    /// <summary>The reference that is a closed form.</summary>
    public const string GaussianLinear = "gaussian-linear";

    /// <summary>The reference that is another model.</summary>
    public const string Network = "network";

    /// <summary>The reference that is a table.</summary>
    public const string Table = "table";

    /// <summary>What is claimed.</summary>
    public required ClaimKind Kind { get; init; }

    /// <summary>The distance; ignored by claims on probabilities and intervals.</summary>
    public Metric Metric { get; init; }

    /// <summary>The norm that measures perturbations.</summary>
    public Norm Norm { get; init; } = Norm.Linf;

    /// <summary>
    /// Perturbation radius per coordinate, &gt;= 0, in the units of x: the set is { x : |(x - x0) / radius|_norm &lt;= 1 }; for <see cref="ClaimKind.Modulus"/> the pairs (x' - x, x) with x in the domain and
    /// |(x' - x) / radius|_norm &lt;= 1. Empty for claims over the domain alone.
    /// </summary>
    public ImmutableArray<double> Radius { get; init; } = [];

    /// <summary>A, [n, k] row by row, one column for each radius: the set is { x0 + A u : |u / radius|_norm &lt;= 1 }. Empty where it is given by the entries of x themselves.</summary>
    public ImmutableArray<double> Directions { get; init; } = [];

    /// <summary>For <see cref="Norm.L0"/>: how many entries, or groups of them, may differ from the observation, at least 0.</summary>
    public int Entries { get; init; }

    /// <summary>For <see cref="Norm.L0"/>: length of the consecutive groups that count as one, such as the coordinates of one of n exchangeable points; at least 1.</summary>
    public int Group { get; init; } = 1;

    /// <summary>x0. Empty for claims over the domain.</summary>
    public ImmutableArray<double> Observation { get; init; } = [];

    /// <summary>Row of the observation in its file, from 0; -1 for claims over the domain.</summary>
    public int ObservationRow { get; init; } = -1;

    /// <summary>Lower corner of the domain, for claims over a box; also cuts the ball where given.</summary>
    public ImmutableArray<double> DomainLower { get; init; } = [];

    /// <summary>Upper corner of the domain.</summary>
    public ImmutableArray<double> DomainUpper { get; init; } = [];

    /// <summary>Lower corner of the box of parameters, for <see cref="Metric.LogDensity"/>.</summary>
    public ImmutableArray<double> ParameterLower { get; init; } = [];

    /// <summary>Upper corner of the box of parameters, for <see cref="Metric.LogDensity"/>.</summary>
    public ImmutableArray<double> ParameterUpper { get; init; } = [];

    /// <summary>For the family <c>log-density</c>: only theta with ln q(theta | x0) of at least this, in nats, count; null for the whole box.</summary>
    public double? DensityAtLeast { get; init; }

    /// <summary>For the family <c>log-density</c>: at most this share of q(. | x0), in [0, 1], lies outside the theta that count, for the statement on total variation. An assumption, or what <see cref="Draws"/> say; null for none.</summary>
    public double? MassOutside { get; init; }

    /// <summary>For the family <c>sampler</c>: b &gt; 0, the noise box is [-b, b] in every coordinate; null for other families.</summary>
    public double? NoiseBox { get; init; }

    /// <summary>For the family <c>sampler</c>: whether the noise stays in its box; otherwise it is standard normal, and what lies outside is bounded too.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Draws that were counted: from q(. | x0) those outside the theta that count, which bound <see cref="MassOutside"/>; null where none were.</summary>
    public DrawCount? Draws { get; init; }

    /// <summary>For <see cref="ClaimKind.PosteriorStability"/>: draws of the prior; null otherwise.</summary>
    public PriorDraws? Prior { get; init; }

    /// <summary>For <see cref="ClaimKind.Calibration"/>, <see cref="ClaimKind.Coverage"/> and <see cref="ClaimKind.Conformal"/>: the pairs; null otherwise.</summary>
    public PairQuestion? Pairs { get; init; }

    /// <summary>For <see cref="ClaimKind.PosteriorStability"/>: the log likelihood is assumed to be at most this, in nats, for every theta of the prior and every x of the ball; null where the kernel bounds it over a box of theta.</summary>
    public double? DensityAtMost { get; init; }

    /// <summary>With which confidence what is said of the claim holds; null where it rests on no draws.</summary>
    public double? Confidence => Draws?.Confidence ?? Prior?.Confidence ?? Pairs?.Confidence;

    /// <summary>With which confidence the bound of the claim itself holds; null where it is proved for every point, also where draws say something that follows from it.</summary>
    public double? BoundConfidence => Kind is ClaimKind.EventProbability or ClaimKind.PosteriorStability || Pairs is not null ? Confidence : null;

    /// <summary>Which parameter theta_i an event or a credible interval is about.</summary>
    public int Parameter { get; init; }

    /// <summary>Lower end of the event theta_i in [EventLower, EventUpper]; may be -infinity.</summary>
    public double EventLower { get; init; } = double.NegativeInfinity;

    /// <summary>Upper end of the event; may be infinity.</summary>
    public double EventUpper { get; init; } = double.PositiveInfinity;

    /// <summary>Where the event is a box: what other parameters must lie in too, in rising order.</summary>
    public ImmutableArray<EventRange> EventAlso { get; init; } = [];

    /// <summary>The event: all of these together.</summary>
    public ImmutableArray<EventRange> EventRanges => [new EventRange(Parameter, EventLower, EventUpper), .. EventAlso];

    /// <summary>The event in words.</summary>
    public string EventWords => string.Join(" and ", EventRanges.Select(range => range.Words));

    /// <summary>Level of the central credible interval or of the quantile, in (0, 1).</summary>
    public double Level { get; init; } = 0.9;

    /// <summary>For <see cref="Quantity.Mahalanobis"/>: theta. Empty otherwise.</summary>
    public ImmutableArray<double> Point { get; init; } = [];

    /// <summary>What is read off the posterior, for <see cref="ClaimKind.Functional"/>; <see cref="Parameter"/> says of which theta_i, or which component.</summary>
    public Quantity Quantity { get; init; }

    /// <summary>For <see cref="ClaimKind.Functional"/>: whether the claim is about |quantity at x - quantity at the observation| and not about the quantity.</summary>
    public bool IsChange { get; init; }

    /// <summary>What <see cref="ClaimKind.Approximation"/> compares with: <see cref="GaussianLinear"/>, <see cref="Network"/>, <see cref="Table"/> or one of <see cref="ConjugateModel.Names"/>.</summary>
    public string Reference { get; init; } = "";

    /// <summary>For the reference <see cref="GaussianLinear"/>: the model whose posterior is meant; null for prior N(0, I / 10) and data theta + N(0, I / 10).</summary>
    public LinearModel? LinearModel { get; init; }

    /// <summary>For a reference of <see cref="ConjugateModel.Names"/>: the model whose posterior is meant; null otherwise.</summary>
    public ConjugateModel? Conjugate { get; init; }

    /// <summary>For the reference <see cref="Table"/>: the row's parameters, and what is assumed around it; null otherwise.</summary>
    public ReferenceRow? TableRow { get; init; }

    /// <summary>For the references <see cref="Network"/> and <see cref="Table"/>: file name of the model or table.</summary>
    public string ReferenceModel { get; init; } = "";

    /// <summary>For the references <see cref="Network"/> and <see cref="Table"/>: SHA-256 of the file, lower-case hexadecimal.</summary>
    public string ReferenceSha256 { get; init; } = "";

    /// <summary>For the reference <see cref="Network"/>: how its outputs are read; null otherwise.</summary>
    public FamilyDescription? ReferenceFamily { get; init; }

    /// <summary>For <see cref="ClaimKind.Monotone"/>: the entry of the data, from 0.</summary>
    public int Coordinate { get; init; }

    /// <summary>For <see cref="ClaimKind.Monotone"/>: whether the negative of the quantity is meant.</summary>
    public bool IsDecreasing { get; init; }

    /// <summary>For <see cref="ClaimKind.Symmetric"/>: entry i of the other data is entry p_i of x, times <see cref="InputSigns"/>.</summary>
    public ImmutableArray<int> Permutation { get; init; } = [];

    /// <summary>For <see cref="ClaimKind.Symmetric"/>: 1 or -1 for each entry of the other data.</summary>
    public ImmutableArray<int> InputSigns { get; init; } = [];

    /// <summary>For <see cref="ClaimKind.Symmetric"/>: 1 or -1 for each parameter, by which the posterior at the other data is multiplied.</summary>
    public ImmutableArray<int> ParameterSigns { get; init; } = [];

    /// <summary>c in "at most c"; null asks for the tightest enclosure.</summary>
    public double? AtMost { get; init; }

    /// <summary>c in "at least c", for event probabilities and functionals.</summary>
    public double? AtLeast { get; init; }

    /// <summary>Whether the smallest value over the set is asked for, and not the largest.</summary>
    public bool AsksForSmallest => AtLeast is not null || Kind is ClaimKind.Conformal || (Kind == ClaimKind.Coverage && AtMost is null) || Kind == ClaimKind.Monotone || (Kind == ClaimKind.Functional && !IsChange && AtMost is null && (Quantity is Quantity.SmallestScale or Quantity.SmallestWeight));

    /// <summary>Name in the field's words: "robustness", "event-probability", ...</summary>
    public string Name => Words.Of(Kind);
}

/// <summary>The spelling of enumerations in specs, certificates and messages: lower case with hyphens.</summary>
public static class Words
{
    /// <summary>"TotalVariation" -&gt; "total-variation", "Wasserstein2" -&gt; "wasserstein2".</summary>
    public static string Of<T>(T value)
        where T : struct, Enum =>
        string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : $"{c}"));

    /// <summary>The inverse of <see cref="Of"/>; false for unknown words.</summary>
    public static bool TryParse<T>(string word, out T value)
        where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            if (Of(candidate) == word)
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }
}
