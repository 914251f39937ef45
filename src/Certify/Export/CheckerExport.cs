using System.Globalization;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Formats;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;

namespace Certify.Export;

/// <summary>From the certificate of an <c>unsat</c> answer to the file that the checker extracted from Coq reads (<c>proofs/check FILE</c>).</summary>
/// <remarks>
/// Accepts: a property of one network, fully connected with ReLUs, and a certificate for it. Returns: a <see cref="CheckerStatement"/>, and for each of its cases a tree.
/// Idea: the certificate says where the set is divided. At every part the bounds that the checker will find are foretold (<see cref="CheckerBounds"/>), inherited from the part that it was cut from;
/// of the pre-activations whose bounds a backward pass improves, those are written that a claim needs, by what the improvement of each is worth to it. Where no claim holds, the part is divided as
/// the certificate says, or, where it says nothing, across the input that matters most.
/// Guarantee: none is needed. The tree is advice; the checker proves or rejects.
/// Sources: H. Zhang et al., NeurIPS 2018 (backward passes); K. Xu et al., ICLR 2021 (slopes by gradient steps).
/// </remarks>
public sealed class CheckerExport
{
    private const string SlopeDigits = "0123456789abcdefghijklmnopqrstuvw";
    private const int MostDepth = 900;

    private CheckerExport(CheckerStatement statement, int leaves, int rows, string text) => (Statement, Leaves, Rows, Text) = (statement, leaves, rows, text);

    /// <summary>What the export states.</summary>
    public CheckerStatement Statement { get; }

    /// <summary>Leaves of all trees.</summary>
    public int Leaves { get; }

    /// <summary>Bounds of single pre-activations that the trees ask for.</summary>
    public int Rows { get; }

    /// <summary>The file.</summary>
    public string Text { get; }

    /// <summary>Writes the export of a certificate.</summary>
    /// <param name="network">The model.</param>
    /// <param name="property">The property.</param>
    /// <param name="evidence">For each case, where its box was divided.</param>
    /// <param name="mostLeaves">Gives up beyond.</param>
    /// <param name="cancellation">Stops the export.</param>
    /// <exception cref="ModelFormatException">The property or the network does not fit the checker, or no tree of that size was found; one line.</exception>
    public static CheckerExport Of(
        Network network, VnnLibProperty property, IReadOnlyList<EvidenceTree> evidence, int mostLeaves = 1_000_000, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(property);
        ArgumentNullException.ThrowIfNull(evidence);
        var statement = CheckerStatement.Of(network, property);
        if (evidence.Count != statement.Cases.Length)
        {
            throw new ModelFormatException($"{property.Name}: the property has {statement.Cases.Length} cases, the certificate has evidence for {evidence.Count}.");
        }

        var text = new StringBuilder("certify-coq 1\n").Append(statement.Text).Append("evidence\n");
        var (leaves, rows) = (0, 0);
        foreach (var (item, tree) in statement.Cases.Zip(evidence))
        {
            var writer = new TreeWriter(statement.Chain, item, tree.Codes.ToArray(), mostLeaves - leaves, property.Name, cancellation);
            text.Append("tree\n").Append(writer.Write());
            (leaves, rows) = (leaves + writer.Leaves, rows + writer.Rows);
        }

        return new CheckerExport(statement, leaves, rows, text.Append("end\n").ToString());
    }

    /// <summary>One better bound of a pre-activation.</summary>
    private readonly record struct Step(int Layer, int Neuron, bool IsUpper, double Bound, double Worth);

    private sealed class TreeWriter
    {
        private const double Unit = 1.0 / (1 << CheckerStatement.Precision);
        private static readonly int SlopeSteps = int.Parse(Environment.GetEnvironmentVariable("SLOPES") ?? "6");
        private static readonly int Period = int.Parse(Environment.GetEnvironmentVariable("PERIOD") ?? "1");
        public static int Inner;
        private readonly CheckerBounds bounds;
        private readonly CheckerCase item;
        private readonly (double[] C, double D)[] claims;
        private readonly int[] codes;
        private readonly int[] ends;
        private readonly int[] below; // leaves of each subtree of the evidence
        private readonly int mostLeaves;
        private readonly string name;
        private readonly CancellationToken cancellation;
        private readonly StringBuilder text = new();

        public TreeWriter(Chain chain, CheckerCase item, int[] codes, int mostLeaves, string name, CancellationToken cancellation)
        {
            (bounds, this.item, this.codes, this.mostLeaves, this.name, this.cancellation) = (new CheckerBounds(chain), item, codes, mostLeaves, name, cancellation);
            claims = [.. item.Claims.Select(claim => (claim.Coefficients.Select(c => (double)c * Unit).ToArray(), (double)claim.Bound * Unit))];
            (ends, below) = (new int[codes.Length], new int[codes.Length]);
            for (var i = codes.Length - 1; i >= 0; i--)
            {
                (ends[i], below[i]) = codes[i] == 0 ? (i + 1, 1) : (ends[ends[i + 1]], below[i + 1] + below[ends[i + 1]]);
            }
        }

        public int Leaves { get; private set; }

        public int Rows { get; private set; }

        public string Write()
        {
            var ranges = bounds.Start([.. item.Lower.Select(end => (double)end * Unit)], [.. item.Upper.Select(end => (double)end * Unit)]);
            Part(ranges, 0, 0, isRoot: true);
            return text.ToString();
        }

        /// <summary>Writes the tree of one part. <paramref name="hint"/>: its place in the evidence, -1 where it has none.</summary>
        private void Part(CheckerBounds.Ranges ranges, int hint, int depth, bool isRoot)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!isRoot)
            {
                text.Append("i 0\n");
                bounds.Intersect(ranges, 0);
            }

            if (Close(ranges) is { } at)
            {
                Leaf(ranges, at.Claim, at.Slopes);
                return;
            }

            var full = ranges.Clone();
            var steps = Tighten(full);
            if (Close(full) is { } closed)
            {
                Reduce(ranges, full, steps, closed.Claim);
                return;
            }

            if (depth == MostDepth || Leaves > mostLeaves)
            {
                throw new ModelFormatException($"{name}: no tree of at most {mostLeaves} leaves was found that the checker would accept.");
            }

            var axis = Axis(full, hint);
            List<Step> useful = [.. steps.Where(step => step.Worth > 0)];
            if (depth % Period == 0)
            {
                Apply(ranges, useful, intervals: true);
                Emit(useful, intervals: true);
                Inner += useful.Count;
            }

            var middle = Math.Floor((full.BoxLower[axis] + full.BoxUpper[axis]) / 2 / Unit) * Unit;
            text.Append(CultureInfo.InvariantCulture, $"x {axis} {(long)(middle / Unit)}\n");
            var isHinted = hint >= 0 && codes[hint] > 0;
            var left = ranges.Clone();
            left.BoxUpper[axis] = middle;
            Part(left, isHinted ? hint + 1 : -1, depth + 1, false);
            ranges.BoxLower[axis] = middle;
            Part(ranges, isHinted ? ends[hint + 1] : -1, depth + 1, false);
        }

        /// <summary>The input to divide: the evidence's, or the one whose width times its coefficient is largest.</summary>
        private int Axis(CheckerBounds.Ranges ranges, int hint)
        {
            if (hint >= 0 && codes[hint] > 0 && codes[hint] <= bounds.Inputs && IsWide(codes[hint] - 1))
            {
                return codes[hint] - 1;
            }

            var row = bounds.InputRow;
            var (best, most) = (-1, -1.0);
            for (var j = 0; j < row.Length; j++)
            {
                var score = Math.Abs(row[j]) * (ranges.BoxUpper[j] - ranges.BoxLower[j]);
                if (score > most && IsWide(j))
                {
                    (best, most) = (j, score);
                }
            }

            return best >= 0 ? best : throw new ModelFormatException($"{name}: no tree was found that the checker would accept: a part that is too small to divide is left.");

            bool IsWide(int j) => ranges.BoxUpper[j] - ranges.BoxLower[j] >= 2 * Unit;
        }

        /// <summary>A claim that the ranges prove, with slopes where those of no advice do not do. The last descent is that of the most promising claim.</summary>
        private (int Claim, double[][]? Slopes)? Close(CheckerBounds.Ranges ranges)
        {
            var (best, most) = (0, double.NegativeInfinity);
            for (var i = 0; i < claims.Length; i++)
            {
                var value = bounds.Claim(ranges, claims[i].C, claims[i].D, null);
                if (value >= 0)
                {
                    return (i, null);
                }

                if (value > most)
                {
                    (best, most) = (i, value);
                }
            }

            return Improved(ranges, best) is { } slopes ? (best, slopes) : null;
        }

        private double[][]? Improved(CheckerBounds.Ranges ranges, int claim)
        {
            var slopes = bounds.Slopes(ranges);
            var step = 2.0;
            for (var round = 0; ; round++, step *= 0.7)
            {
                if (bounds.Claim(ranges, claims[claim].C, claims[claim].D, slopes) >= 0)
                {
                    return slopes;
                }

                if (round == SlopeSteps)
                {
                    return null;
                }

                bounds.Improve(ranges, slopes, step);
            }
        }

        /// <summary>Bounds every undecided neuron backwards, layer by layer. Returns what got better.</summary>
        private List<Step> Tighten(CheckerBounds.Ranges ranges)
        {
            var steps = new List<Step>();
            for (var k = 1; k < bounds.Hidden; k++)
            {
                bounds.Intersect(ranges, k);
                var (lower, upper) = (ranges.Lower[k], ranges.Upper[k]);
                for (var j = 0; j < lower.Length; j++)
                {
                    if (lower[j] >= 0 || upper[j] <= 0)
                    {
                        continue;
                    }

                    var (l, u) = (lower[j], upper[j]);
                    var above = -bounds.Neuron(ranges, k, j, negated: true);
                    if (above < upper[j])
                    {
                        upper[j] = above;
                    }

                    var under = above <= 0 ? lower[j] : bounds.Neuron(ranges, k, j, negated: false);
                    lower[j] = Math.Max(lower[j], under);
                    var gain = Area(l, u) - Area(l, upper[j]);
                    if (upper[j] < u)
                    {
                        steps.Add(new Step(k, j, true, upper[j], gain));
                    }

                    if (lower[j] > l)
                    {
                        steps.Add(new Step(k, j, false, lower[j], Area(l, u) - gain - Area(lower[j], upper[j])));
                    }
                }
            }

            return steps;
        }

        /// <summary>What the chord above a ReLU can be off.</summary>
        private static double Area(double l, double u) => l >= 0 || u <= 0 ? 0 : -l * u / (u - l);

        /// <summary>A leaf with the fewest steps that were found to do.</summary>
        private void Reduce(CheckerBounds.Ranges ranges, CheckerBounds.Ranges full, List<Step> steps, int claim)
        {
            bounds.Claim(full, claims[claim].C, claims[claim].D, null);
            var sorted = steps.Where(step => step.Worth > 0)
                .OrderByDescending(step => Math.Abs(bounds.Coefficients(step.Layer)[step.Neuron]) * step.Worth * Math.Pow(3, bounds.Hidden - step.Layer)).ToList();
            var intervals = false;
            var (few, many) = (-1, sorted.Count);
            foreach (var (tries, with) in new[] { (new[] { 0, many / 16, many / 4 }, false), (new[] { 0, many / 16, many / 8, many / 4, many / 2, many }, true) })
            {
                foreach (var count in tries)
                {
                    if (Try(count, with, out _, out _))
                    {
                        (many, intervals) = (count, with);
                        goto Found;
                    }

                    few = count;
                }

                few = -1;
            }

            (sorted, intervals) = (steps, true);
            (few, many) = (steps.Count, steps.Count);
        Found:
            for (var round = 0; round < 3 && many - few > 2; round++)
            {
                var middle = (few + many) / 2;
                (few, many) = Try(middle, intervals, out _, out _) ? (few, middle) : (middle, many);
            }

            Try(many, intervals, out var tried, out var slopes);
            Emit([.. sorted.Take(many)], intervals);
            Leaf(tried, claim, slopes);

            bool Try(int count, bool intervals, out CheckerBounds.Ranges tried, out double[][]? slopes)
            {
                tried = ranges.Clone();
                Apply(tried, [.. sorted.Take(count)], intervals);
                slopes = null;
                return bounds.Claim(tried, claims[claim].C, claims[claim].D, null) >= 0 || (slopes = Improved(tried, claim)) is not null;
            }
        }

        private void Take(CheckerBounds.Ranges ranges, Step step)
        {
            var (k, j, isUpper, _, _) = step;
            var bound = bounds.Neuron(ranges, k, j, isUpper);
            if (isUpper)
            {
                ranges.Upper[k][j] = Math.Min(ranges.Upper[k][j], -bound);
            }
            else
            {
                ranges.Lower[k][j] = Math.Max(ranges.Lower[k][j], bound);
            }
        }

        private void Apply(CheckerBounds.Ranges ranges, List<Step> steps, bool intervals)
        {
            for (var k = 1; k < bounds.Hidden; k++)
            {
                if (intervals)
                {
                    bounds.Intersect(ranges, k);
                }

                foreach (var step in steps.Where(step => step.Layer == k))
                {
                    Take(ranges, step);
                }
            }
        }

        private void Emit(List<Step> steps, bool intervals)
        {
            for (var k = 1; k < bounds.Hidden; k++)
            {
                if (intervals)
                {
                    text.Append(CultureInfo.InvariantCulture, $"i {k}\n");
                }

                foreach (var isUpper in new[] { false, true })
                {
                    int[] neurons = [.. steps.Where(step => step.Layer == k && step.IsUpper == isUpper).Select(step => step.Neuron).Order()];
                    if (neurons.Length > 0)
                    {
                        text.Append(isUpper ? 'h' : 'l').Append(CultureInfo.InvariantCulture, $" {k} ").AppendJoin(' ', neurons).Append('\n');
                        Rows += neurons.Length;
                    }
                }
            }
        }

        private void Leaf(CheckerBounds.Ranges ranges, int claim, double[][]? slopes)
        {
            if (slopes is not null)
            {
                bounds.Claim(ranges, claims[claim].C, claims[claim].D, slopes);
                for (var k = 0; k < bounds.Hidden; k++)
                {
                    var last = -1;
                    var letters = new char[bounds.Sizes[k]];
                    for (var j = 0; j < letters.Length; j++)
                    {
                        var isFree = ranges.Lower[k][j] < 0 && ranges.Upper[k][j] > 0 && bounds.Coefficients(k)[j] > 0;
                        letters[j] = isFree ? SlopeDigits[(int)Math.Round(slopes[k][j] * 32)] : '.';
                        last = isFree ? j : last;
                    }

                    if (last >= 0)
                    {
                        text.Append(CultureInfo.InvariantCulture, $"s {k} ").Append(letters, 0, last + 1).Append('\n');
                    }
                }
            }

            text.Append(CultureInfo.InvariantCulture, $"p {claim}\n");
            Leaves++;
        }
    }
}
