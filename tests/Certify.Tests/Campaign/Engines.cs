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
/// <param name="Strict">Whether g is above <paramref name="Lower"/>, not only at it.</param>
internal sealed record Said(double Upper, double Lower, double[] Witness, IReadOnlyList<(Box Part, double Upper)> Leaves, bool Strict = false);

/// <summary>The engines under test: one row each.</summary>
internal static class Engines
{
    /// <summary>Bounds over boxes.</summary>
    public static readonly (string Name, Func<Problem, bool> Accepts, Func<Problem, IBounds> Create)[] OfBounds =
    [
        ("bound propagation", Any, problem => new BoundPropagation(problem)),
        ("bounds chosen", Any, Bounds.For),
        ("from the inputs forward", Any, problem => new BoundPropagation(FromInputs(problem))),
        ("chain bounds", IsChain, problem => ChainBounds.TryFor(problem)!),
        ("chain bounds, many steps", IsChain, problem => new ChainBounds(problem) { ObjectiveSteps = 20, NeuronSteps = 3 }),
        ("chain bounds, few symbols", IsChain, problem => new ChainBounds(problem, symbols: 2)),
        ("chain bounds, no forms", IsChain, problem => new ChainBounds(problem, symbols: -1) { NeuronSteps = 1 }),
    ];

    /// <summary>Searches, asked whether g &lt;= target: "proved" is an upper end not above it.</summary>
    public static readonly (string Name, Func<Problem, bool> Accepts, Func<Problem, double, int, Said> Ask)[] OfSearch =
    [
        ("branch and bound for a target", Any, (problem, target, parts) => Search(problem, new BranchAndBound { Target = target, MostParts = parts, AttackStarts = 3, Threads = 1 })),
        ("branch and bound for a gap", Any, (problem, _, parts) => Search(problem, new BranchAndBound { RelativeGap = 1e-3, MostParts = parts / 2, AttackStarts = 3, Threads = 1 })),
        ("decision", Any, Decide),
    ];

    /// <summary>Contractions: every x of the part with g(x) > target stays in the shrunk part, and the result bounds g on what is left.</summary>
    public static readonly (string Name, Func<Problem, bool> Accepts, Func<Problem, Func<Box, double, double>> Create)[] OfContraction =
    [
        ("contraction by chain bounds", IsChain, problem => ChainBounds.TryFor(problem)!.Contract),
        ("contraction where there is none", Any, problem => ((IBounds)new BoundPropagation(problem)).Contract),
    ];

    private static bool Any(Problem problem) => true;

    private static bool IsChain(Problem problem) => ChainBounds.TryFor(problem) is not null;

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

    private static Said Decide(Problem problem, double target, int parts)
    {
        var result = new DecisionSearch { Target = target, MostParts = parts, AttackStarts = 3, Threads = 1 }.Solve(problem);
        return result.Outcome switch
        {
            DecisionOutcome.Proved => new Said(target, double.NegativeInfinity, [], []),
            DecisionOutcome.Refuted => new Said(double.PositiveInfinity, target, result.Witness, [], Strict: true),
            _ => new Said(double.PositiveInfinity, double.NegativeInfinity, [], []),
        };
    }
}
