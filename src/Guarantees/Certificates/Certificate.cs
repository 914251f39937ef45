using System.Collections.Immutable;
using Guarantees.Claims;
using Guarantees.Formats.Spec;

namespace Guarantees.Certificates;

/// <summary>All that a stranger with the model file needs to check an answer again.</summary>
/// <remarks>
/// The certificate holds the claim as stated, not as compiled: the checker compiles it again from the model, so what is proved is what is read.
/// File form: <see cref="CertificateFile"/>.
/// </remarks>
public sealed record Certificate
{
    /// <summary>The claim, with every number resolved.</summary>
    public required Claim Claim { get; init; }

    /// <summary>The compiled claim in words; the checker's own wording must agree.</summary>
    public required string Text { get; init; }

    /// <summary>File name of the model.</summary>
    public required string ModelName { get; init; }

    /// <summary>SHA-256 of the model file, lower-case hexadecimal.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>File name of the spec that asked; empty where no spec did.</summary>
    public string SpecName { get; init; } = "";

    /// <summary>SHA-256 of the spec file, lower-case hexadecimal; empty where no spec asked.</summary>
    public string SpecSha256 { get; init; } = "";

    /// <summary>How the model's outputs are read as a distribution.</summary>
    public required FamilyDescription Family { get; init; }

    /// <summary>
    /// "real": the network read as a real function, its weights exact; "float32": what is proved also holds for every float32 execution of it, with
    /// <see cref="Float32"/> for the proved end.
    /// </summary>
    public string Semantics { get; init; } = "real";

    /// <summary>The answer.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Enclosure of the compiled quantity's extreme value: lower end.</summary>
    public required double Lower { get; init; }

    /// <summary>Enclosure of the compiled quantity's extreme value: upper end.</summary>
    public required double Upper { get; init; }

    /// <summary>
    /// The proved end of the enclosure (upper, or lower for "at least") for every float32 execution of the network at every float32 input of the set, any order of
    /// summation, with or without fused multiply-add; null where none is known. See <see cref="Checking.Float32Allowance"/>.
    /// </summary>
    public double? Float32 { get; init; }

    /// <summary>For the family <c>log-density</c>: what follows from <see cref="Upper"/> for the total variation between the posteriors restricted to the theta of the claim; null otherwise. See <see cref="Distributions.DensityRatio"/>.</summary>
    public double? RestrictedTotalVariation { get; init; }

    /// <summary>The same without restriction, under the claim's assumption on the mass outside; null where it assumes nothing.</summary>
    public double? TotalVariation { get; init; }

    /// <summary>Whether the compiled quantity is the metric itself.</summary>
    public bool ExactMetric { get; init; } = true;

    /// <summary>The input at which the attained end of the enclosure was found; empty when there is none.</summary>
    public ImmutableArray<double> Witness { get; init; } = [];

    /// <summary>For claims that pairs answer: all numbers that were found; empty otherwise.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>How the domain was divided.</summary>
    public required EvidenceTree Evidence { get; init; }

    /// <summary>Tool name and version.</summary>
    public string Tool { get; init; } = "";

    /// <summary>Seed of the search.</summary>
    public int Seed { get; init; }

    /// <summary>Where the search ran: "cpu".</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Search time.</summary>
    public double Seconds { get; init; }

    /// <summary>When the search ended, UTC, ISO 8601.</summary>
    public string Created { get; init; } = "";
}
