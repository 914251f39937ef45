using System.Collections.Immutable;
using Guarantees.Distributions;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <summary>A trained map from data to distributions: a network, and how its outputs are read as a distribution.</summary>
/// <param name="Network">The network, one input vector x (or theta and x for densities).</param>
/// <param name="Family">How the outputs are read.</param>
/// <param name="ModelSha256">SHA-256 of the model file, lower-case hexadecimal; empty for a network built in code.</param>
/// <param name="ModelName">File name of the model, or a name given in code.</param>
public sealed record Estimator(Network Network, Family Family, string ModelSha256 = "", string ModelName = "")
{
    /// <summary>The other estimators that claims may compare this one with, found by <see cref="ModelSha256"/> and read as each claim says.</summary>
    public ImmutableArray<Estimator> References { get; init; } = [];
}
