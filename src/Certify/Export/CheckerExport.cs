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

    /// <summary>One better bound of a pre-activation: what it takes off the area between chord and ReLU (sorted: what that is worth to a claim), and the sizes of its row's coefficients.</summary>
    private readonly record struct Step(int Layer, int Neuron, bool IsUpper, double Worth, float[][] Row);

    private sealed class TreeWriter
    {
        private const double Unit = 1.0 / (1 << CheckerStatement.Precision);
        private const int SlopeSteps = 6;
        private const int Period = 3; // divisions from one part whose bounds are improved for all parts of it to the next
        private const int Lookahead = 1; // divisions in search of a cheaper tree
        private const int MostInputsToHalve = 12; // as ChainBounds: beyond, kinks are decided
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
        private int divisions;
        private int extra;

        public TreeWriter(Chain chain, CheckerCase item, int[] codes, int mostLeaves, string name, CancellationToken cancellation)
        {
            (bounds, this.item, this.codes, this.mostLeaves, this.name, this.cancellation) = (new CheckerBounds(chain.Layers), item, codes, mostLeaves, name, cancellation);
            claims = [.. item.Claims.Select(claim => (claim.Coefficients.Select(c => (double)c * Unit).ToArray(), (double)claim.Bound * Unit))];
            (ends, below) = (new int[codes.Length], new int[codes.Length]);
            for (var i = codes.Length - 1; i >= 0; i--)
            {
                (ends[i], below[i]) = codes[i] == 0 ? (i + 1, 1) : (ends[ends[i + 1]], below[i + 1] + below[ends[i + 1]]);
            }
        }

        public int Leaves { get; private set; }

        public int Rows { get; private set; }

        private double LeafCost => bounds.Hidden;

        public string Write()
        {
            var ranges = bounds.Start([.. item.Lower.Select(end => (double)end * Unit)], [.. item.Upper.Select(end => (double)end * Unit)]);
            var plan = Build(ranges, 0, 0, double.PositiveInfinity, isRoot: true)!;
            Write(plan);
            return text.ToString();
        }

        private void Write(Plan plan)
        {
            text.Append(plan.Text);
            Rows += plan.Rows;
            if (plan.Left is null)
            {
                Leaves++;
                return;
            }

            Write(plan.Left);
            Write(plan.Right!);
        }

        /// <summary>The cheapest tree found for a part, or null where all cost more than the budget. <paramref name="hint"/>: its place in the evidence, -1 where it has none.</summary>
        private Plan? Build(CheckerBounds.Ranges ranges, int hint, int depth, double budget, bool isRoot)
        {
            cancellation.ThrowIfCancellationRequested();
            var start = "";
            var cost = 0.0;
            if (!isRoot)
            {
                (start, cost) = ("i 0\n", 1);
                bounds.Intersect(ranges, 0);
            }

            if (cost + LeafCost > budget)
            {
                return null;
            }

            if (Close(ranges) is { } at)
            {
                return new Plan(start + Leaf(ranges, at.Claim, at.Slopes), cost + LeafCost, 0);
            }

            var full = ranges.Clone();
            var steps = Tighten(full);
            Plan? plan = null;
            if (Close(full) is { } closed)
            {
                plan = Reduce(ranges, full, steps, closed.Claim, start, cost);
                if (plan.Cost < 2 * (LeafCost + 1))
                {
                    return plan.Cost <= budget ? plan : null;
                }

                budget = Math.Min(budget, plan.Cost);
            }
            else if (depth == MostDepth || ++divisions > mostLeaves)
            {
                throw new ModelFormatException($"{name}: no tree of at most {mostLeaves} leaves was found that the checker would accept.");
            }

            if (plan is not null && extra == Lookahead)
            {
                return plan.Cost <= budget ? plan : null;
            }

            if (Division(full, hint, depth) is not { } division)
            {
                return plan ?? throw new ModelFormatException($"{name}: no tree was found that the checker would accept: a part that cannot be divided is left.");
            }

            var (words, rows) = (start, 0);
            if (plan is null && depth % Period == 0)
            {
                List<Step> useful = [.. steps.Where(step => step.Worth > 0)];
                Apply(ranges, useful, intervals: true);
                words += Emitted(useful, intervals: true);
                rows = useful.Count;
                cost += useful.Sum(step => step.Layer) + (2 * (bounds.Hidden - 1));
            }

            var isHinted = hint >= 0 && codes[hint] > 0;
            var (part, other) = (ranges.Clone(), ranges);
            if (division.Layer < 0)
            {
                var (axis, middle) = (division.Element, Math.Floor((full.BoxLower[division.Element] + full.BoxUpper[division.Element]) / 2 / Unit) * Unit);
                words += string.Create(CultureInfo.InvariantCulture, $"x {axis} {(long)(middle / Unit)}\n");
                (part.BoxUpper[axis], other.BoxLower[axis]) = (middle, middle);
            }
            else
            {
                var (k, j) = division;
                words += string.Create(CultureInfo.InvariantCulture, $"z {k} {j}\n");
                (part.Upper[k][j], other.Lower[k][j]) = (Math.Min(part.Upper[k][j], 0), Math.Max(other.Lower[k][j], 0));
            }

            extra += plan is null ? 0 : 1;
            var left = Build(part, isHinted ? hint + 1 : -1, depth + 1, budget - cost - LeafCost, false);
            var right = left is null ? null : Build(other, isHinted ? ends[hint + 1] : -1, depth + 1, budget - cost - left.Cost, false);
            extra -= plan is null ? 0 : 1;
            return right is not null ? new Plan(words, cost + left!.Cost + right.Cost, rows) { Left = left, Right = right }
                : plan is not null && plan.Cost <= budget ? plan : null;
        }

        /// <summary>
        /// What to divide: an input (layer -1) or a ReLU. The evidence's choice, where it has one; else, of few inputs, the one whose width times its coefficient is largest, now and then
        /// the one that was divided least; of many inputs the ReLU whose chord costs the claim most. Null where nothing is left.
        /// </summary>
        private (int Layer, int Element)? Division(CheckerBounds.Ranges ranges, int hint, int depth)
        {
            var (claim, _) = Closest(ranges);
            bounds.Claim(ranges, claims[claim].C, claims[claim].D, null);
            if (hint >= 0 && codes[hint] > 0)
            {
                var code = codes[hint] - 1;
                if (code < bounds.Inputs && IsWide(code))
                {
                    return (-1, code);
                }

                code -= bounds.Inputs;
                for (var k = 0; k < bounds.Hidden && code >= 0; code -= bounds.Sizes[k++])
                {
                    if (code < bounds.Sizes[k] && ranges.Lower[k][code] < 0 && ranges.Upper[k][code] > 0)
                    {
                        return (k, code);
                    }
                }
            }

            ((int, int)? best, var most) = (null, 0.0);
            for (var k = 0; k < bounds.Hidden && bounds.Inputs > MostInputsToHalve; k++)
            {
                for (var j = 0; j < bounds.Sizes[k]; j++)
                {
                    Offer(k, j, Math.Abs(bounds.Coefficients(k)[j]) * Area(ranges.Lower[k][j], ranges.Upper[k][j]));
                }
            }

            if (best is not null)
            {
                return best;
            }

            for (var j = 0; j < bounds.Inputs; j++)
            {
                if (IsWide(j))
                {
                    var scale = depth % 4 == 3 ? 1 / (Unit * (double)(item.Upper[j] - item.Lower[j])) : Math.Abs(bounds.InputRow[j]);
                    Offer(-1, j, Math.Max(double.Epsilon, (ranges.BoxUpper[j] - ranges.BoxLower[j]) * scale));
                }
            }

            return best;

            void Offer(int k, int j, double score)
            {
                if (score > most)
                {
                    (best, most) = ((k, j), score);
                }
            }

            bool IsWide(int j) => ranges.BoxUpper[j] - ranges.BoxLower[j] >= 2 * Unit;
        }

        /// <summary>A claim that the ranges prove, with slopes where those of no advice do not do. The last descent is that of the most promising claim.</summary>
        private (int Claim, double[][]? Slopes)? Close(CheckerBounds.Ranges ranges)
        {
            var (claim, value) = Closest(ranges);
            return value >= 0 ? (claim, null) : Improved(ranges, claim) is { } slopes ? (claim, slopes) : null;
        }

        /// <summary>The claim whose bound is largest, without advice.</summary>
        private (int Claim, double Value) Closest(CheckerBounds.Ranges ranges)
        {
            var (best, most) = (0, double.NegativeInfinity);
            for (var i = 0; i < claims.Length; i++)
            {
                var value = bounds.Claim(ranges, claims[i].C, claims[i].D, null);
                if (value > most)
                {
                    (best, most) = (i, value);
                }

                if (value >= 0)
                {
                    break;
                }
            }

            return (best, most);
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
                    var aboveRow = above < u ? bounds.Sensitivities(k) : null;
                    upper[j] = Math.Min(u, above);
                    var under = above <= 0 ? l : bounds.Neuron(ranges, k, j, negated: false);
                    var underRow = under > l ? bounds.Sensitivities(k) : null;
                    lower[j] = Math.Max(l, under);
                    var gain = Area(l, u) - Area(l, upper[j]);
                    if (upper[j] < u)
                    {
                        steps.Add(new Step(k, j, true, gain, aboveRow!));
                    }

                    if (lower[j] > l)
                    {
                        steps.Add(new Step(k, j, false, Area(l, u) - gain - Area(lower[j], upper[j]), underRow!));
                    }
                }
            }

            return steps;
        }

        /// <summary>What the chord above a ReLU can be off.</summary>
        private static double Area(double l, double u) => l >= 0 || u <= 0 ? 0 : -l * u / (u - l);

        /// <summary>The steps, each with what it is worth to a claim for its cost, most first; without those that are worth nothing.</summary>
        /// <remarks>
        /// A neuron is worth as much as the claim's bound changes with what its chord is off: directly, and through the bounds of later neurons that a step improves,
        /// which move as their rows' coefficients say.
        /// </remarks>
        private List<Step> Sorted(CheckerBounds.Ranges full, List<Step> steps, int claim)
        {
            bounds.Claim(full, claims[claim].C, claims[claim].D, null);
            double[][] worth = [.. Enumerable.Range(0, bounds.Hidden).Select(q => bounds.Coefficients(q).ToArray().Select(Math.Abs).ToArray())];
            for (var at = steps.Count - 1; at >= 0; at--)
            {
                var (k, j, isUpper, _, row) = steps[at];
                var (l, u) = (full.Lower[k][j], full.Upper[k][j]);
                var share = l >= 0 ? u : u <= 0 ? -l : isUpper ? l * l / ((u - l) * (u - l)) : u * u / ((u - l) * (u - l));
                share = Math.Min(share, 1) * worth[k][j];
                if (share > 0)
                {
                    for (var q = 0; q < k; q++)
                    {
                        for (var i = 0; i < row[q].Length; i++)
                        {
                            worth[q][i] += share * row[q][i];
                        }
                    }
                }
            }

            return [.. steps.Select(step => step with { Worth = step.Worth * worth[step.Layer][step.Neuron] }).Where(step => step.Worth > 0)
                .OrderByDescending(step => step.Worth / step.Layer)];
        }

        /// <summary>A leaf with the fewest steps that were found to do.</summary>
        private Plan Reduce(CheckerBounds.Ranges ranges, CheckerBounds.Ranges full, List<Step> steps, int claim, string start, double cost)
        {
            var sorted = Sorted(full, steps, claim);
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
            for (var round = 0; round < 4 && many - few > 1; round++)
            {
                var middle = (few + many) / 2;
                (few, many) = Try(middle, intervals, out _, out _) ? (few, middle) : (middle, many);
            }

            Try(many, intervals, out var tried, out var slopes);
            List<Step> kept = [.. sorted.Take(many)];
            return new Plan(
                start + Emitted(kept, intervals) + Leaf(tried, claim, slopes), cost + LeafCost + kept.Sum(step => step.Layer) + (intervals ? 2 * (bounds.Hidden - 1) : 0), many);

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

        private string Emitted(List<Step> steps, bool intervals)
        {
            var words = new StringBuilder();
            for (var k = 1; k < bounds.Hidden; k++)
            {
                if (intervals)
                {
                    words.Append(CultureInfo.InvariantCulture, $"i {k}\n");
                }

                foreach (var isUpper in new[] { false, true })
                {
                    int[] neurons = [.. steps.Where(step => step.Layer == k && step.IsUpper == isUpper).Select(step => step.Neuron).Order()];
                    if (neurons.Length > 0)
                    {
                        words.Append(isUpper ? 'h' : 'l').Append(CultureInfo.InvariantCulture, $" {k} ").AppendJoin(' ', neurons).Append('\n');
                    }
                }
            }

            return words.ToString();
        }

        private string Leaf(CheckerBounds.Ranges ranges, int claim, double[][]? slopes)
        {
            var words = new StringBuilder();
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
                        words.Append(CultureInfo.InvariantCulture, $"s {k} ").Append(letters, 0, last + 1).Append('\n');
                    }
                }
            }

            return words.Append(CultureInfo.InvariantCulture, $"p {claim}\n").ToString();
        }

        /// <summary>A tree: what it says before its leaf or its division, what it costs in passes through one layer, and its halves.</summary>
        private sealed record Plan(string Text, double Cost, int Rows)
        {
            public Plan? Left { get; init; }

            public Plan? Right { get; init; }
        }
    }
}
