using Guarantees.Certificates;
using Guarantees.Distributions;
using Guarantees.Formats;

namespace Guarantees.Claims;

/// <summary>{ theta : s(theta, x) at most t } for every x: the set of a claim of kind conformal, for use.</summary>
/// <remarks>Scores are computed as the claim's were. What the set promises, and on which assumptions, the certificate says.</remarks>
/// <example><code>
/// var set = new ConformalSet(estimator, CertificateFile.Read("out/claim-001-conformal.json"));
/// var isIn = set.Contains(theta, x);
/// </code></example>
public sealed class ConformalSet
{
    private readonly Claim claim;
    private readonly Posterior posterior;
    private readonly Lock turn = new();

    /// <param name="estimator">The estimator that the certificate speaks of.</param>
    /// <param name="certificate">Of kind conformal; checked before, with <see cref="Checking.CertificateChecker"/>.</param>
    /// <exception cref="ArgumentException">It is of another kind, or of another model, or its family does not fit the model.</exception>
    public ConformalSet(Estimator estimator, Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(certificate);
        claim = certificate.Claim.Kind == ClaimKind.Conformal && certificate.Claim.Pairs is not null
            ? certificate.Claim
            : throw ClaimChecks.Wrong($"Expected a certificate of kind conformal; got {certificate.Claim.Name}.");
        if (certificate.ModelSha256 != estimator.ModelSha256)
        {
            throw ClaimChecks.Wrong($"The certificate speaks of the model with SHA-256 {certificate.ModelSha256}; got {estimator.ModelSha256}.");
        }

        Threshold = certificate.Findings.FirstOrDefault(finding => finding is { Name: "score", Measure: "threshold" })?.Seen ?? throw ClaimChecks.Wrong("The certificate has no threshold.");
        try
        {
            // As the certificate reads the model, and not as the caller may.
            estimator = estimator with { Family = certificate.Family.Bind(estimator.Network) };
        }
        catch (FormatException error)
        {
            throw ClaimChecks.Wrong($"The family of the certificate does not fit the model: {OneLine.Of(error)}");
        }

        PairStatistics.Check(estimator, certificate.Family, claim);
        posterior = Posterior.Of(estimator);
    }

    /// <summary>t; +infinity where the set is everything.</summary>
    public double Threshold { get; }

    /// <summary>s(theta, x): the smaller, the better theta fits.</summary>
    /// <param name="theta">D numbers.</param>
    /// <param name="x">The data.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, or the posterior at x is not finite.</exception>
    public double Score(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        if (theta.Length != posterior.Dimension || x.Length != posterior.DataLength)
        {
            throw ClaimChecks.Wrong($"Expected {posterior.Dimension} parameters and {posterior.DataLength} data; got {theta.Length} and {x.Length}.");
        }

        lock (turn)
        {
            return posterior.At(x) ? PairStatistics.Score(posterior, claim, theta) : throw ClaimChecks.Wrong("The posterior at these data is not finite, or has no density.");
        }
    }

    /// <summary>Whether theta is in the set at x.</summary>
    /// <inheritdoc cref="Score"/>
    public bool Contains(ReadOnlySpan<double> theta, ReadOnlySpan<double> x) => Score(theta, x) <= Threshold;
}
