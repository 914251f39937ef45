using System.Globalization;
using Certify;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Spec;

namespace Cli;

/// <summary>Claims that draws of a prior answer: see <see cref="PosteriorStability"/>. Nothing is searched and the check costs as much as the answer, so nothing is resumed: such a claim is answered anew, with the same draws.</summary>
internal sealed partial class RunSession
{
    /// <summary>Other processors add in another order: what is stated lies a little above what is found here.</summary>
    private const double Outward = 1 + 1e-9;

    private ClaimResult Stability(string file, Estimator estimator, Spec spec, SpecClaim item, CancellationToken cancellation)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var claim = item.Claim;
        PosteriorStability.Answer? answer = null;
        try
        {
            var table = item.PriorPath.Length == 0 ? null : DrawCounter.Bytes(item.PriorPath);
            answer = PosteriorStability.Bound(estimator, claim, table is null ? null : (ReadOnlyMemory<byte>?)table, item.PriorPath, Seed, cancellation);
        }
        catch (ArgumentException error)
        {
            throw new SpecFormatException($"{item.Where}{WithoutParameterName(error)}", error);
        }
        catch (OperationCanceledException)
        {
            // The trivial bound is all that is known.
        }

        var upper = answer is null ? PosteriorStability.Trivial(claim) : Math.Min(PosteriorStability.Trivial(claim), answer.Bound * Outward);
        var (verdict, reason) = PosteriorStability.Decide(claim, upper);
        var certificate = Named(
            new Certificate
            {
                Claim = claim,
                Text = ClaimCompiler.Compile(estimator, claim).Text,
                ModelName = estimator.ModelName,
                ModelSha256 = estimator.ModelSha256,
                Family = spec.Family,
                Verdict = verdict,
                Lower = 0,
                Upper = upper,
                ExactMetric = false,
                Evidence = new EvidenceTree([0]),
                Tool = Certifier.Tool,
                Seed = Seed,
                Seconds = clock.Elapsed.TotalSeconds,
                Created = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            },
            spec);
        Write(Path.Combine(OutFolder, file), CertificateFile.ToBytes(certificate));
        return new ClaimResult
        {
            Claim = claim,
            Verdict = verdict,
            Lower = 0,
            Upper = upper,
            ExactMetric = false,
            Seconds = certificate.Seconds,
            Text = certificate.Text,
            Reason = reason,
            Consequence = answer is null ? "" : $"{char.ToUpperInvariant(claim.Prior!.Words[0])}{claim.Prior.Words[1..]}: {answer.Words}",
        };
    }
}
