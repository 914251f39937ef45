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

    /// <summary>How many kinks of the network may be decided beside the box; they are numbered from 0.</summary>
    int Kinks => 0;

    /// <summary>
    /// The law of <see cref="Contract(Box, double)"/> for the points of the part at which, for every k + 1 among <paramref name="sides"/>, kink k's argument is at least 0, and for every
    /// -(k + 1) at most 0.
    /// </summary>
    /// <exception cref="NotSupportedException">A kink is named that these bounds do not know.</exception>
    double Contract(Box part, ReadOnlySpan<int> sides, double target) => sides.IsEmpty
        ? Contract(part, target) : throw new NotSupportedException($"These bounds decide no kinks; {sides.Length} are named.");

    /// <summary>
    /// The law of <see cref="UpperBound(Box)"/>, for an asker whom any bound of at most <paramref name="enough"/> satisfies: where one is found, the
    /// work for a better one may be spared. The same part and the same number give the same answer.
    /// </summary>
    double UpperBound(Box part, double enough) => UpperBound(part);

    /// <summary>A point of the part just bounded at which g may be large, and g there in ordinary arithmetic; null where nothing is known. A heuristic.</summary>
    (double[] Point, double Value)? Candidate => null;

    /// <summary>Law: not above the supremum of g, and for values of functions not above g(point). -infinity when the point is outside the domain or nothing is known.</summary>
    double LowerBoundAt(ReadOnlySpan<double> point);

    /// <summary>
    /// How much each coordinate of the part just bounded matters, and each kink where there is room for <see cref="Kinks"/> more scores: a heuristic for where to split.
    /// Only positive scores of kinks name kinks that can be decided.
    /// </summary>
    void SplitScores(Box part, Span<double> scores);
}

/// <summary>Chooses the bounds for a problem.</summary>
public static class Bounds
{
    /// <summary>Bounds of Jacobians where the problem asks for a Lipschitz constant; of values otherwise, by the fast path where the graph is a chain.</summary>
    public static IBounds For(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return problem.JacobianFrom is null ? ChainBounds.TryFor(problem) ?? (IBounds)new BoundPropagation(problem)
            : JacobianChain.Of(problem) is { } chain && JacobianCells.Accepts(chain) ? new JacobianCells(chain)
            : JacobianChain.Of(problem) is { } smooth && JacobianForms.Accepts(smooth) ? new JacobianForms(smooth)
            : new JacobianBounds(problem);
    }
}
