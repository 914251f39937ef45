using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Checking;

/// <remarks>
/// Few groups of coordinates move (the norm l0), and the network first treats each group by itself, as one that pools features of exchangeable points does. On the way down, where every pending element
/// depends on one group only, a row is bounded there too: an element of a group that stays has its value at the center, of the others at most some move, so
///     sum_t c_t v_t(x) &lt;= sum over groups of their value at the center + the largest gains of as many groups as may move,
/// a gain being the largest value over the range of the group minus that at the center. Below, each element would be replaced by lines that hold over its whole range, also in groups that do not move:
/// n gaps where k would do.
/// </remarks>
public sealed partial class BoundPropagation
{
    private const int Constant = -1;
    private const int Several = -2;
    private readonly int[][]? groups; // of each element of each node: the one group that it depends on, Constant or Several
    private readonly bool[] separable = [];
    private readonly Box[] atCenter = [];
    private double[] cuts = [];
    private double[] stays = [];
    private double[] moves = [];
    private bool isCut;

    /// <summary>On which group each element depends; null where no groups are told apart.</summary>
    private int[][]? ReadGroups()
    {
        var domain = problem.Domain;
        if (domain.Norm != Norm.L0 || domain.Center.IsEmpty)
        {
            return null;
        }

        var result = new int[graph.Nodes.Length][];
        foreach (var node in graph.Nodes)
        {
            var own = result[node.Id] = new int[node.Length];
            for (var i = 0; i < own.Length; i++)
            {
                own[i] = fixedNodes[node.Id] ? Constant : node.Operator switch
                {
                    Input slot => slot.Start + i < domain.Center.Length ? (slot.Start + i) / domain.Group : Several,
                    Activation => result[node.Arguments[0]][i],
                    LinearOperator linear => GroupOf(linear.Terms(i), node, result),
                    _ => Several,
                };
            }
        }

        return result;
    }

    private static int GroupOf(LinearTerms terms, Node node, int[][] known)
    {
        var group = Constant;
        for (var t = 0; t < terms.Count && group != Several; t++)
        {
            var (argument, element, _) = terms[t];
            var other = known[node.Arguments[argument]][element];
            group = other == Constant || other == group ? group : group == Constant ? other : Several;
        }

        return group;
    }

    /// <summary>Whether the rows stand, for the first time in this pass, on elements of single groups alone; <paramref name="id"/> is the last pending node.</summary>
    private bool StandsOnGroups(int id)
    {
        for (var other = id; other >= 0; other--)
        {
            if (pending[other] && !separable[other])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Bounds every row where it stands.</summary>
    private void Cut(int last, int rows)
    {
        var domain = problem.Domain;
        var count = domain.Center.Length / domain.Group;
        (stays, moves, gains, cuts) = (Reserve(stays, count), Reserve(moves, count), Reserve(gains, count), Reserve(cuts, rows));
        for (var r = 0; r < rows; r++)
        {
            Array.Clear(stays, 0, count);
            Array.Clear(moves, 0, count);
            var (sum, size, elements, left, free) = (0.0, 0.0, 0, domain.Entries, 0);
            for (var id = last; id >= 0; id--)
            {
                if (!pending[id])
                {
                    continue;
                }

                var (range, still, own) = (ranges[id], atCenter[id], groups![id]);
                var row = coefficients[id].Row(r, range.Length);
                elements += row.Length;
                for (var i = 0; i < row.Length; i++)
                {
                    if (row[i] == 0)
                    {
                        continue;
                    }

                    var most = row[i] * (row[i] > 0 ? range.Upper[i] : range.Lower[i]);
                    size += Math.Abs(row[i]) * range[i].Magnitude;
                    if (own[i] < 0)
                    {
                        sum += most;
                        continue;
                    }

                    moves[own[i]] += most;
                    stays[own[i]] += row[i] * (row[i] > 0 ? still.Upper[i] : still.Lower[i]);
                    size += Math.Abs(row[i]) * still[i].Magnitude;
                }
            }

            for (var g = 0; g < count; g++)
            {
                if (domain.Holds(part, g * domain.Group))
                {
                    sum += stays[g];
                    gains[free++] = moves[g] - stays[g];
                }
                else
                {
                    sum += moves[g];
                    left--;
                }
            }

            gains.AsSpan(0, free).Sort();
            for (var k = 0; k < Math.Min(left, free); k++)
            {
                sum += Math.Max(0, gains[free - 1 - k]);
            }

            // Each product is rounded once and passes through at most so many sums; a gain is a difference of two of them.
            sum += (4 * Rounding.Gamma((2 * (elements + count)) + 8) * size) + (1e-150 * (elements + count));
            cuts[r] = Rounding.AddUp(sum, Total(r));
        }

        isCut = true;
    }

    /// <summary>The better of a bound of row r over the input and the one where it stood on single groups.</summary>
    private double OrCut(int r, double bound) => isCut ? Math.Min(bound, cuts[r]) : bound;
}
