using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Claims;

namespace Guarantees.Formats.Spec;

/// <summary>What a spec file asks for, with everything resolved to numbers.</summary>
/// <param name="File">The spec file, as given.</param>
/// <param name="ModelPath">The model file; a relative path was taken from the folder of the spec. Empty for the family black-box.</param>
/// <param name="Family">How the model's outputs are read.</param>
/// <param name="Claims">The claims in the order written, one for each observation.</param>
public sealed record Spec(string File, string ModelPath, FamilyDescription Family, ImmutableArray<SpecClaim> Claims)
{
    /// <summary>SHA-256 of the spec file, lower-case hexadecimal; empty for a text that is no file.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The models that claims compare with, each once: name in claims and certificates, path, SHA-256.</summary>
    public ImmutableArray<(string Name, string Path, string Sha256)> References { get; init; } = [];

    /// <summary>For the family <c>black-box</c>: the program that draws theta for every x, and its arguments; empty where there is none.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>For the family <c>black-box</c>: seconds that the program may take for one claim.</summary>
    public double CommandSeconds { get; init; } = 60;

    /// <summary>How much the search for each claim may cost, and the run.</summary>
    public Budget Budget { get; init; } = new();

    /// <summary>When the gate fails.</summary>
    public GateSettings Gate { get; init; } = new();
}

/// <summary>A claim, and where it stands in its file.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Where">"FILE:LINE:COLUMN: ", the beginning of a message about it.</param>
/// <param name="SearchesRadius">Whether its radius is the largest one to try, and the largest at which the claim holds is asked for.</param>
public sealed record SpecClaim(Claim Claim, string Where, bool SearchesRadius = false)
{
    /// <summary>Draws that are to be counted for the claim; null where none are.</summary>
    public DrawSource? Draws { get; init; }

    /// <summary>The table of draws of the prior, which the claim names by its hash; a relative path was taken from the folder of the spec. Empty where there is none.</summary>
    public string PriorPath { get; init; } = "";

    /// <summary>The table of pairs, which the claim names by its hash; a relative path was taken from the folder of the spec. Empty where there is none.</summary>
    public string PairsPath { get; init; } = "";

    /// <summary>The table of posterior samples, in the same way.</summary>
    public string SamplesPath { get; init; } = "";

    /// <summary>How much the search for this claim may cost.</summary>
    public Budget Budget { get; init; } = new();

    /// <summary>Line and column of the claim in its file, from 1; 1 where there is no file.</summary>
    public (int Line, int Column) Place => Where.TrimEnd(' ').TrimEnd(':').Split(':') is [.., var line, var column]
        && int.TryParse(line, CultureInfo.InvariantCulture, out var row) && int.TryParse(column, CultureInfo.InvariantCulture, out var place) ? (row, place) : (1, 1);
}

/// <summary>Where draws of theta come from.</summary>
/// <param name="Path">The table; a relative path was taken from the folder of the spec. Empty where the program of the spec draws.</param>
/// <param name="Count">How many the program is to draw; 0 for a table.</param>
/// <param name="Confidence">In [1/2, 1).</param>
public sealed record DrawSource(string Path, int Count, double Confidence);
