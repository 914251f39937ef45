using System.Collections.Immutable;
using Guarantees.Claims;

namespace Guarantees.Formats.Spec;

/// <summary>What a spec file asks for, with everything resolved to numbers.</summary>
/// <param name="File">The spec file, as given.</param>
/// <param name="ModelPath">The model file; a relative path was taken from the folder of the spec.</param>
/// <param name="Family">How the model's outputs are read.</param>
/// <param name="Claims">The claims in the order written, one for each observation.</param>
public sealed record Spec(string File, string ModelPath, FamilyDescription Family, ImmutableArray<SpecClaim> Claims)
{
    /// <summary>SHA-256 of the spec file, lower-case hexadecimal; empty for a text that is no file.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The models that claims compare with, each once: name in claims and certificates, path, SHA-256.</summary>
    public ImmutableArray<(string Name, string Path, string Sha256)> References { get; init; } = [];
}

/// <summary>A claim, and where it stands in its file.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Where">"FILE:LINE:COLUMN: ", the beginning of a message about it.</param>
/// <param name="SearchesRadius">Whether its radius is the largest one to try, and the largest at which the claim holds is asked for.</param>
public sealed record SpecClaim(Claim Claim, string Where, bool SearchesRadius = false);
