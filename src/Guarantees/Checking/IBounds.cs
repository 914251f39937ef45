using Guarantees.Claims;
using Guarantees.Networks;

namespace Guarantees.Checking;

/// <summary>Rigorous bounds of the quantity g of a problem. One instance serves one thread.</summary>
public interface IBounds
{
    /// <summary>The problem.</summary>
    Problem Problem { get; }

    /// <summary>The same bounds with buffers of their own, for another thread.</summary>
    IBounds Clone();

    /// <summary>
    /// Law: not below g(x) for every x in the part that lies in the domain. +infinity when nothing is known, -infinity when the part holds no
    /// point of the domain. The same part gives the same number, whoever asks.
    /// </summary>
    double UpperBound(Box part);

    /// <summary>
    /// Law: every x of the part and the domain with g(x) above the target lies in the part as it is left behind, which is never larger; the result is not below g on what is
    /// left, and -infinity when nothing is. The same part and target give the same answer, whoever asks.
    /// </summary>
    /// <param name="part">Owned by the caller; its ends may move inward.</param>
    /// <param name="target">The threshold.</param>
    double Contract(Box part, double target) => UpperBound(part);

    /// <summary>Law: not above the supremum of g, and for values of functions not above g(point). -infinity when the point is outside the domain or nothing is known.</summary>
    double LowerBoundAt(ReadOnlySpan<double> point);

    /// <summary>How much each coordinate of the part just bounded matters: a heuristic for where to split.</summary>
    void SplitScores(Box part, Span<double> scores);
}

/// <summary>Chooses the bounds for a problem.</summary>
public static class Bounds
{
    /// <summary>Bounds of Jacobians where the problem asks for a Lipschitz constant; of values otherwise, by the fast path where the graph is a chain.</summary>
    public static IBounds For(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return problem.JacobianFrom is not null ? new JacobianBounds(problem) : ChainBounds.TryFor(problem) ?? (IBounds)new BoundPropagation(problem);
    }
}
