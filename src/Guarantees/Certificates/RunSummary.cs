using System.Collections.Immutable;

namespace Guarantees.Certificates;

/// <summary>Everything a report says about one run.</summary>
public sealed record RunSummary
{
    /// <summary>Title, such as the model's file name.</summary>
    public required string Title { get; init; }

    /// <summary>File name of the model.</summary>
    public required string ModelName { get; init; }

    /// <summary>SHA-256 of the model file, lower-case hexadecimal.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Family in words, such as "gaussian-mixture, 8 components in 2 dimensions".</summary>
    public required string Family { get; init; }

    /// <summary>Network in words, such as "2 inputs, 50-50 ReLU, 48 outputs".</summary>
    public string Network { get; init; } = "";

    /// <summary>Results, in the order of the spec.</summary>
    public required ImmutableArray<ClaimResult> Claims { get; init; }

    /// <summary>Claims of the spec that have no result: the run goes on, or was stopped.</summary>
    public int Unanswered { get; init; }

    /// <summary>Tool name and version.</summary>
    public string Tool { get; init; } = "";

    /// <summary>Name and value pairs: operating system, processor count, runtime, device, seed.</summary>
    public ImmutableArray<(string Name, string Value)> Environment { get; init; } = [];

    /// <summary>When the run ended, UTC, ISO 8601.</summary>
    public string Finished { get; init; } = "";

    /// <summary>Proved when all are, refuted when one is, undecided otherwise.</summary>
    public Verdict Verdict => Claims.Any(claim => claim.Verdict == Certificates.Verdict.Refuted) ? Certificates.Verdict.Refuted
        : Unanswered == 0 && Claims.All(claim => claim.Verdict == Certificates.Verdict.Proved) ? Certificates.Verdict.Proved
        : Certificates.Verdict.Undecided;
}
