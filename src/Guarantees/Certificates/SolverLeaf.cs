namespace Guarantees.Certificates;

/// <summary>A leaf of the evidence that rests on the word of a solver: the query of <see cref="Checking.PropertyQuery"/> about its part has no solution.</summary>
/// <param name="Case">The case of the property, from 1.</param>
/// <param name="Entry">The place of the leaf among the codes of the case's tree, from 0: it fixes the path of cuts from the root.</param>
/// <param name="Sha256">SHA-256 of the query as a file, lower-case hexadecimal.</param>
/// <param name="Solver">Who said so: name and version.</param>
public sealed record SolverLeaf(int Case, int Entry, string Sha256, string Solver);
