using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>From finitely many points to all of a box: sup of g over the box &lt;= max of g(x_i) + L h, for points x_i of the box within h of every x of it and a g that is L-Lipschitz on it.</summary>
/// <remarks>
/// h is a fill distance (<see cref="Cover"/>) and L a Lipschitz constant of g on the box, both in one norm; L as an upper end that the claim <c>lipschitz</c> certifies. Why: every x has an x_i with |x - x_i| &lt;= h, and
/// g(x) &lt;= g(x_i) + L |x - x_i|. No probability enters, and nothing is said beyond the box. The sup is at least the largest g(x_i), as the points lie in the box; L h is what reading g at points only costs. With points that
/// do not depend on g, one more factor of 1/2 in L h costs 2^d times the points in d dimensions.
/// Source: S. A. Piyavskii, "An Algorithm for Finding the Absolute Extremum of a Function", USSR Comput. Math. Math. Phys. 12, 1972 (from memory), where points follow g.
/// </remarks>
public static class UniformBound
{
    /// <summary>An enclosure of the sup of g over the box.</summary>
    /// <param name="values">For each point x_i of the cover an interval that holds g(x_i).</param>
    /// <param name="lipschitz">L, at least 0; may be infinite.</param>
    /// <param name="fillDistance">h, at least 0 and finite, in the norm of L.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or there is no point.</exception>
    public static Interval Over(IReadOnlyList<Interval> values, double lipschitz, double fillDistance)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(values), 0, "Expected at least one point.");
        }

        if (!(lipschitz >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(lipschitz), lipschitz, "Expected a Lipschitz constant of at least 0.");
        }

        if (!(fillDistance >= 0 && double.IsFinite(fillDistance)))
        {
            throw new ArgumentOutOfRangeException(nameof(fillDistance), fillDistance, "Expected a finite distance of at least 0.");
        }

        return new(values.Max(value => value.Lower), Rounding.AddUp(values.Max(value => value.Upper), Rounding.MultiplyUp(lipschitz, fillDistance)));
    }
}
