using Certify.Search;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Certify.Tests.Campaign;

/// <summary>What a search says about g over the whole domain.</summary>
/// <param name="Upper">No value of g lies above.</param>
/// <param name="Lower">Some value of g does not lie below; -infinity where nothing was found.</param>
/// <param name="Witness">Where; empty where nothing was found.</param>
/// <param name="Leaves">Parts that together cover the domain, each with its own bound; empty where the engine shows none.</param>
internal sealed record Said(double Upper, double Lower, double[] Witness, IReadOnlyList<(Box Part, double Upper)> Leaves);

/// <summary>The engines under test: one row each.</summary>
internal static class Engines
{
    /// <summary>Bounds over boxes.</summary>
    public static readonly (string Name, Func<Problem, bool> Accepts, Func<Problem, IBounds> Create)[] OfBounds =
    [
        ("bound propagation", IsScalar, problem => new BoundPropagation(problem)),
        ("bounds chosen", IsScalar, Guarantees.Checking.Bounds.For),
        ("from the inputs forward", IsScalar, problem => new BoundPropagation(FromInputs(problem))),
    ];

    /// <summary>Searches, asked whether g &lt;= target: "proved" is an upper end not above it.</summary>
    public static readonly (string Name, Func<Problem, bool> Accepts, Func<Problem, double, int, Said> Ask)[] OfSearch =
    [
        ("branch and bound for a target", IsScalar, (problem, target, parts) => Search(problem, new BranchAndBound { Target = target, MostParts = parts, AttackStarts = 3, Threads = 1 })),
        ("branch and bound for a gap", IsScalar, (problem, _, parts) => Search(problem, new BranchAndBound { RelativeGap = 1e-3, MostParts = parts / 2, AttackStarts = 3, Threads = 1 })),
    ];

    /// <summary>Contractions: every x of the part with g(x) > target stays in the shrunk part, and the result bounds g on what is left.</summary>
    public static readonly (string Name, Func<Problem, bool> Accepts, Func<Problem, Func<Box, double, double>> Create)[] OfContraction =
    [
    ];

    private static bool IsScalar(Problem problem) => problem.Graph.Nodes[problem.Objective].Length == 1;

    /// <summary>Other hints, the same question: linear bounds forward from the inputs, vertices of whatever can be built by convex steps.</summary>
    private static Problem FromInputs(Problem problem) => problem with
    {
        Anchors = [.. problem.Graph.Inputs.Select(node => node.Id)],
        Frontier = [.. problem.Graph.Inputs.Select(node => node.Id)],
    };

    private static Said Search(Problem problem, BranchAndBound method)
    {
        var result = method.Solve(problem);
        return new Said(result.Upper, result.Lower, result.Witness, result.Leaves);
    }
}
