using System.Collections.Immutable;
using System.Globalization;
using Certify;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats.Spec;

namespace Cli;

/// <summary>Answers that need no search: those of certificates that the kernel accepted. And how much a search may cost.</summary>
internal sealed partial class RunSession
{
    private const double LeastSeconds = 1e-3;

    /// <summary>Writes an accepted certificate into the folder of this run. The result is what it says.</summary>
    private ClaimResult Take(Certificate certificate, string file, Estimator estimator, Spec spec, SpecClaim item, byte[] model)
    {
        Write(Path.Combine(OutFolder, file), CertificateFile.ToBytes(Named(certificate, spec)));
        var claim = certificate.Claim;
        if (PairStatistics.Answers(claim.Kind) || claim.Kind == ClaimKind.PosteriorStability)
        {
            Keep(item.PairsPath);
            Keep(item.SamplesPath);
            return Bare(certificate) with { Findings = certificate.Findings, Certificate = file };
        }

        var result = Stated(certificate, estimator, claim, model);
        return result with
        {
            Reason = certificate.Verdict == Verdict.Undecided ? Decision.Of(claim, certificate.Lower, certificate.Upper, certificate.ExactMetric).Reason : "",
            LargestRadius = item.SearchesRadius ? (ShareOfRadius(claim, item.Claim), null) : null,
        };
    }

    /// <summary>Which share of the radius asked for a certificate's claim has.</summary>
    public static double ShareOfRadius(Claim stated, Claim asked) => stated.Radius.Zip(asked.Radius).Where(pair => pair.Second > 0).Select(pair => pair.First / pair.Second).DefaultIfEmpty(1).Min();

    /// <summary>What an accepted certificate says.</summary>
    private ClaimResult Stated(Certificate certificate, Estimator estimator, Claim claim, byte[] model)
    {
        var certifier = new Certifier { RelativeGap = Gap, Seed = Seed, Model = model };
        var problem = ClaimCompiler.Compile(estimator, claim);
        return Bare(certificate) with
        {
            Claim = claim,
            Semantics = certificate.Semantics,
            Float32 = certificate.Float32,
            Consequence = ClaimCompiler.Consequence(claim, estimator.Family is ConditionalDensity, certificate.Lower, certificate.Upper),
            Float32Reason = certificate.Float32 is null ? certifier.Float32Of(estimator, problem, certificate.Lower, certificate.Upper).Reason : "",
            MetricLower = certificate.Witness.IsEmpty ? null : MetricLowerBound.At(estimator, claim, problem, certificate.Witness.AsSpan(), certifier.Draws, Seed),
            Witness = certificate.Witness.IsEmpty ? [] : [.. Directions.DataAt(claim, certificate.Witness.AsSpan())],
        };
    }

    /// <summary>The ends and words of a certificate.</summary>
    private static ClaimResult Bare(Certificate certificate) => new()
    {
        Claim = certificate.Claim,
        Verdict = certificate.Verdict,
        Lower = certificate.Lower,
        Upper = certificate.Upper,
        ExactMetric = certificate.ExactMetric,
        Seconds = certificate.Seconds,
        Text = certificate.Text,
    };

    /// <summary>What the search for a claim may cost: what the caller says, else the claim, else the spec; never more time than the run has left.</summary>
    private Limits Allowed(Spec spec, SpecClaim item)
    {
        var budget = Budget.Or(item.Budget).Or(spec.Budget);
        var seconds = budget.Seconds ?? (budget.Parts is null ? TimeLimit.TotalSeconds : Budget.MostSeconds);
        var left = (budget.RunSeconds ?? double.PositiveInfinity) - clock.Elapsed.TotalSeconds;
        return new Limits(TimeSpan.FromSeconds(Math.Min(seconds, Math.Max(LeastSeconds, left))), budget.Parts ?? Budget.MostParts);
    }

    /// <summary>A budget for the report.</summary>
    private ImmutableArray<(string Name, string Value)> Describe(Budget budget) =>
    [
        ("Time limit per claim", budget.Seconds is null && budget.Parts is not null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{budget.Seconds ?? TimeLimit.TotalSeconds:G4} s")),
        .. budget.Parts is { } parts ? [("Parts per claim", parts.ToString(CultureInfo.InvariantCulture))] : Array.Empty<(string, string)>(),
        .. budget.RunSeconds is { } run ? [("Time limit of the run", string.Create(CultureInfo.InvariantCulture, $"{run:G4} s"))] : Array.Empty<(string, string)>(),
    ];

    /// <summary>What one search may cost.</summary>
    /// <param name="Time">Time.</param>
    /// <param name="Parts">Parts.</param>
    private readonly record struct Limits(TimeSpan Time, int Parts)
    {
        /// <summary>What an answer is bound to, if this budget of parts is not the one that every search has.</summary>
        public string Bind(string binding) => Parts == Budget.MostParts ? binding : FormattableString.Invariant($"{binding}\nparts {Parts}");
    }
}
