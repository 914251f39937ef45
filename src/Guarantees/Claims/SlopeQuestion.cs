using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <summary>What is asked of a slope: f and the entry of the data. The witness of an answer is two points, x and then x', that differ in this entry alone.</summary>
/// <param name="Value">The node of f, length 1.</param>
/// <param name="Coordinate">j.</param>
public sealed record SlopeQuestion(int Value, int Coordinate)
{
    /// <summary>Steps that are tried, as halvings of the side of the set: wide ones lose little to rounding, narrow ones come close to the derivative.</summary>
    private const int MostHalvings = 30;

    /// <summary>-(f(x') - f(x)) / (x'_j - x_j) for a witness (x, x') of a problem, rounded down; -infinity where it is none: both points must lie in the set, x' above x in entry j.</summary>
    public double LowerBoundAt(Problem problem, ReadOnlySpan<double> witness)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var n = problem.Domain.Box.Length;
        if (witness.Length != 2 * n || !problem.Domain.Contains(witness[..n]) || !problem.Domain.Contains(witness[n..]) || !(witness[n + Coordinate] > witness[Coordinate]))
        {
            return double.NegativeInfinity;
        }

        for (var i = 0; i < n; i++)
        {
            if (i != Coordinate && witness[i] != witness[n + i])
            {
                return double.NegativeInfinity;
            }
        }

        try
        {
            var (before, after) = (problem.Graph.Ranges(Box.Point(witness[..n]))[Value][0], problem.Graph.Ranges(Box.Point(witness[n..]))[Value][0]);
            var quotient = (before - after) / (Interval.Point(witness[n + Coordinate]) - witness[Coordinate]);
            return double.IsNaN(quotient.Lower) ? double.NegativeInfinity : quotient.Lower;
        }
        catch (DomainException)
        {
            return double.NegativeInfinity;
        }
    }

    /// <summary>The witness of the smallest quotient among some about a point; null where there is none. A heuristic.</summary>
    public double[]? WitnessNear(Problem problem, ReadOnlySpan<double> point)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var (side, j) = (problem.Domain.Box[Coordinate], Coordinate);
        double[]? best = null;
        var most = double.NegativeInfinity;
        for (var k = 0; k <= MostHalvings; k++)
        {
            var step = Math.ScaleB(side.Width, -k);
            foreach (var (below, above) in new[] { (0.0, step), (step, 0.0), (0.5 * step, 0.5 * step) })
            {
                double[] pair = [.. point, .. point];
                pair[j] = Math.Max(side.Lower, point[j] - below);
                pair[point.Length + j] = Math.Min(side.Upper, point[j] + above);
                if (LowerBoundAt(problem, pair) is var value && value > most)
                {
                    (best, most) = (pair, value);
                }
            }
        }

        return best;
    }
}
