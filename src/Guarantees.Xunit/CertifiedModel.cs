using System.Collections.Immutable;
using Guarantees.Claims;
using Guarantees.Formats.Spec;

namespace Guarantees.Xunit;

/// <summary>A model about which something is to be proved. Every assertion returns what is known, or throws <see cref="CertificationException"/>.</summary>
/// <remarks>What each claim says, its formula and its units: the page of its name under <c>docs/claims</c>. A claim that does not fit the model is an <see cref="ArgumentException"/>.</remarks>
public sealed class CertifiedModel
{
    private readonly Answering answering;

    internal CertifiedModel(string model, FamilyDescription family, CertifiedOptions options)
    {
        Options = options.Checked();
        answering = new Answering(ModelFile.Read(CertifiedOptions.Resolve(model)), family, Options);
    }

    /// <summary>How claims are answered.</summary>
    public CertifiedOptions Options { get; }

    /// <summary>No x of a ball moves the posterior away from that at the observation by more than so much.</summary>
    /// <param name="around">A ball.</param>
    /// <param name="metric">The distance between posteriors.</param>
    /// <param name="atMost">In the units of the metric.</param>
    public Task<CertifiedAnswer> IsRobust(Inputs around, Metric metric, double atMost) =>
        Holds(around, new Claim { Kind = ClaimKind.Robustness, Metric = metric, AtMost = atMost });

    /// <summary>The map from data to posteriors is Lipschitz over a box: d(q(. | x), q(. | x')) &lt;= atMost |x - x'|.</summary>
    /// <param name="over">A box.</param>
    /// <param name="metric">The distance between posteriors.</param>
    /// <param name="norm">The norm of differences of data.</param>
    /// <param name="atMost">Units of the metric by units of x.</param>
    public Task<CertifiedAnswer> IsLipschitz(Inputs over, Metric metric, Norm norm, double atMost) =>
        Holds(over, new Claim { Kind = ClaimKind.Lipschitz, Metric = metric, Norm = norm, AtMost = atMost });

    /// <summary>A number that is read off the posterior stays within a range.</summary>
    /// <param name="quantity">Mean, standard deviation, quantile, weight, scale or output.</param>
    /// <param name="over">A ball or a box.</param>
    /// <param name="atLeast">Lower end of the range; null for none.</param>
    /// <param name="atMost">Upper end; null for none.</param>
    /// <param name="parameter">Of which theta_i, component or output, from 0.</param>
    /// <param name="level">Level of a quantile, in (0, 1).</param>
    /// <returns>An answer for each end that is given.</returns>
    public Task<ImmutableArray<CertifiedAnswer>> Keeps(Quantity quantity, Inputs over, double? atLeast = null, double? atMost = null, int parameter = 0, double level = 0.9) =>
        HoldsBetween(over, new Claim { Kind = ClaimKind.Functional, Quantity = quantity, Parameter = parameter, Level = level }, atLeast, atMost);

    /// <summary>The probability that theta_i lies in [from, to] stays within a range.</summary>
    /// <param name="parameter">i, from 0.</param>
    /// <param name="from">Lower end of the event; may be -infinity.</param>
    /// <param name="to">Upper end; may be infinity.</param>
    /// <param name="over">A ball or a box.</param>
    /// <param name="atLeast">In [0, 1]; null for none.</param>
    /// <param name="atMost">In [0, 1]; null for none.</param>
    /// <returns>An answer for each end that is given.</returns>
    public Task<ImmutableArray<CertifiedAnswer>> KeepsProbability(int parameter, double from, double to, Inputs over, double? atLeast = null, double? atMost = null) =>
        HoldsBetween(over, new Claim { Kind = ClaimKind.EventProbability, Parameter = parameter, EventLower = from, EventUpper = to }, atLeast, atMost);

    /// <summary>The posterior is close to that of another network, read in the same way, over a box.</summary>
    /// <param name="reference">The other ONNX file; a relative path is taken from the folder of the test assembly.</param>
    /// <param name="over">A box.</param>
    /// <param name="metric">The distance between posteriors.</param>
    /// <param name="atMost">In the units of the metric.</param>
    public async Task<CertifiedAnswer> Approximates(string reference, Inputs over, Metric metric, double atMost)
    {
        var other = ModelFile.Read(CertifiedOptions.Resolve(reference));
        other = other.Name == answering.Model.Name ? other with { Name = $"{Path.GetFileNameWithoutExtension(other.Name)}-{other.Sha256[..8]}.onnx" } : other; // both are copied to one folder
        var claim = new Claim
        {
            Kind = ClaimKind.Approximation,
            Metric = metric,
            Reference = Claim.Network,
            ReferenceModel = other.Name,
            ReferenceSha256 = other.Sha256,
            ReferenceFamily = answering.Family,
            AtMost = atMost,
        };
        return await answering.With([other]).Assert(In(over, claim)).ConfigureAwait(false);
    }

    /// <summary>Scales and weights stay where a posterior is one.</summary>
    /// <param name="over">A ball or a box.</param>
    /// <param name="smallestScale">A floor of every standard deviation, in the units of theta; null for none.</param>
    /// <param name="largestScale">A ceiling of every standard deviation; null for none.</param>
    /// <param name="smallestWeight">A floor of the weights of a mixture; null for none.</param>
    /// <returns>An answer for each bound that is given.</returns>
    public async Task<ImmutableArray<CertifiedAnswer>> IsWellDefined(Inputs over, double? smallestScale = null, double? largestScale = null, double? smallestWeight = null)
    {
        Claim?[] claims =
        [
            smallestScale is null ? null : new Claim { Kind = ClaimKind.Functional, Quantity = Quantity.SmallestScale, AtLeast = smallestScale },
            largestScale is null ? null : new Claim { Kind = ClaimKind.Functional, Quantity = Quantity.LargestScale, AtMost = largestScale },
            smallestWeight is null ? null : new Claim { Kind = ClaimKind.Functional, Quantity = Quantity.SmallestWeight, AtLeast = smallestWeight },
        ];
        return await All(over, [.. claims.OfType<Claim>()]).ConfigureAwait(false);
    }

    /// <summary>The most probable category, or the more probable side of each event, stays that of the observation.</summary>
    /// <param name="around">A ball.</param>
    public Task<CertifiedAnswer> KeepsDecision(Inputs around) => Holds(around, new Claim { Kind = ClaimKind.Decision, AtMost = 0 });

    /// <summary>Any other claim that a search answers, as it stands.</summary>
    /// <param name="claim">The claim, with its set.</param>
    public Task<CertifiedAnswer> Holds(Claim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return answering.Assert(claim);
    }

    private Task<CertifiedAnswer> Holds(Inputs set, Claim claim) => answering.Assert(In(set, claim));

    private async Task<ImmutableArray<CertifiedAnswer>> HoldsBetween(Inputs set, Claim claim, double? atLeast, double? atMost)
    {
        var claims = new List<Claim>();
        if (atLeast is not null)
        {
            claims.Add(claim with { AtLeast = atLeast });
        }

        if (atMost is not null)
        {
            claims.Add(claim with { AtMost = atMost });
        }

        return await All(set, claims).ConfigureAwait(false);
    }

    private async Task<ImmutableArray<CertifiedAnswer>> All(Inputs set, List<Claim> claims)
    {
        // An assertion without a bound would pass for every model.
        _ = claims.Count > 0 ? 0 : throw new ArgumentException("Nothing is claimed: expected at least one bound.");
        var answers = ImmutableArray.CreateBuilder<CertifiedAnswer>();
        foreach (var claim in claims)
        {
            answers.Add(await answering.Assert(In(set, claim)).ConfigureAwait(false));
        }

        return answers.ToImmutable();
    }

    private static Claim In(Inputs set, Claim claim)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set.Of(claim);
    }
}
