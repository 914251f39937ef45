using System.Globalization;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Formats;
using Guarantees.Networks;

namespace Certify.Export;

/// <summary>From a robustness certificate of a Gaussian over a ReLU network to the file that the checker extracted from Coq reads.</summary>
/// <remarks>
/// Accepts: a certificate of <c>certify run</c> (family <c>gaussian</c> or <c>diagonal-gaussian</c>, metric <c>wasserstein2</c>, norm <c>linf</c>) and its network. Returns: a <see cref="GaussianStatement"/> and one tree.
/// Idea: at every part linear bounds enclose each mean, each entry below the diagonal and each s, and the sum of the squares of the largest deviations from x0 is compared with c². Where it is larger, pre-activations are bounded better, then the part is
/// halved across the input that moves the outputs most. The certificate's own divisions are not used: they serve other bounds.
/// Guarantee: none is needed. The tree is advice; the checker proves or rejects.
/// </remarks>
public sealed class GaussianExport
{
    private const double Unit = 1.0 / (1 << CheckerStatement.Precision);
    private const double Spare = 1e-9;
    private const int MostDepth = 900;
    private const int Period = 3; // divisions from one part whose bounds are improved for all parts of it to the next
    private readonly CheckerBounds bounds;
    private readonly int mostLeaves;
    private readonly string name;
    private readonly CancellationToken cancellation;
    private readonly StringBuilder text = new("certify-coq 1\n");
    private readonly (double Lower, double Upper)[] reference;
    private readonly double atMost;

    private GaussianExport(GaussianStatement statement, string name, int mostLeaves, CancellationToken cancellation)
    {
        (Statement, this.name, this.mostLeaves, this.cancellation) = (statement, name, mostLeaves, cancellation);
        bounds = new CheckerBounds(statement.Layers);
        atMost = (double)statement.AtMost * Unit * (1 - Spare);
        reference = Linked(bounds.Outputs(bounds.Start([.. statement.ObservationLower.Select(end => (double)end * Unit)], [.. statement.ObservationUpper.Select(end => (double)end * Unit)])));
        text.Append(statement.Text).Append("evidence\ntree\n");
        Build(bounds.Start([.. statement.Lower.Select(end => (double)end * Unit)], [.. statement.Upper.Select(end => (double)end * Unit)]), 0);
        text.Append("end\n");
    }

    /// <summary>What the export states.</summary>
    public GaussianStatement Statement { get; }

    /// <summary>Leaves of the tree.</summary>
    public int Leaves { get; private set; }

    /// <summary>Bounds of single pre-activations that the tree asks for.</summary>
    public int Rows { get; private set; }

    /// <summary>The file.</summary>
    public string Text => text.ToString();

    /// <summary>Writes the export of a certificate.</summary>
    /// <param name="network">The model.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="mostLeaves">Gives up beyond.</param>
    /// <param name="cancellation">Stops the export.</param>
    /// <exception cref="ModelFormatException">The certificate or the network does not fit the checker, or no tree of that size was found; one line.</exception>
    public static GaussianExport Of(Network network, Certificate certificate, int mostLeaves = 200_000, CancellationToken cancellation = default) =>
        new(GaussianStatement.Of(network, certificate), certificate.ModelName, mostLeaves, cancellation);

    private void Build(CheckerBounds.Ranges ranges, int depth)
    {
        cancellation.ThrowIfCancellationRequested();
        if (depth > 0)
        {
            text.Append("i 0\n");
            bounds.Intersect(ranges, 0);
        }

        if (Distance(ranges) <= atMost)
        {
            Leaf("");
            return;
        }

        var full = ranges.Clone();
        var (steps, rows) = Tighten(full);
        if (Distance(full) <= atMost)
        {
            Leaf(steps);
            Rows += rows;
            return;
        }

        var axis = Widest(full);
        double[] middle = [.. full.BoxLower.Zip(full.BoxUpper, (l, u) => Math.Floor((l + u) / 2 / Unit) * Unit)];
        if (axis < 0 || depth == MostDepth || Leaves >= mostLeaves || Apart(Linked(bounds.Outputs(bounds.Start(middle, middle)))) > atMost + (8 * Unit))
        {
            throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture, $"{name}: no tree of at most {mostLeaves} leaves was found that the checker would accept; the bound {atMost:R} may lie too close to the largest distance."));
        }

        if (depth % Period == 0)
        {
            text.Append(steps);
            Rows += rows;
            ranges = full;
        }

        text.Append(CultureInfo.InvariantCulture, $"x {axis} {(long)(middle[axis] / Unit)}\n");
        var (below, above) = (ranges.Clone(), ranges);
        (below.BoxUpper[axis], above.BoxLower[axis]) = (middle[axis], middle[axis]);
        Build(below, depth + 1);
        Build(above, depth + 1);
    }

    private void Leaf(string steps)
    {
        text.Append(steps).Append("p 0\n");
        Leaves++;
    }

    /// <summary>Bounds every undecided neuron backwards, layer by layer. Returns the lines that have the checker do so, and how many bounds they are.</summary>
    private (string Steps, int Rows) Tighten(CheckerBounds.Ranges ranges)
    {
        var (words, rows) = (new StringBuilder(), 0);
        for (var k = 1; k < bounds.Hidden; k++)
        {
            words.Append(CultureInfo.InvariantCulture, $"i {k}\n");
            bounds.Intersect(ranges, k);
            foreach (var isUpper in new[] { false, true })
            {
                var ends = isUpper ? ranges.Upper[k] : ranges.Lower[k];
                List<int> better = [];
                for (var j = 0; j < ends.Length; j++)
                {
                    if (ranges.Lower[k][j] < 0 && ranges.Upper[k][j] > 0)
                    {
                        var bound = bounds.Neuron(ranges, k, j, isUpper);
                        var end = isUpper ? -bound : bound;
                        if (isUpper ? end < ends[j] : end > ends[j])
                        {
                            ends[j] = end;
                            better.Add(j);
                        }
                    }
                }

                if (better.Count > 0)
                {
                    words.Append(isUpper ? 'h' : 'l').Append(CultureInfo.InvariantCulture, $" {k} ").AppendJoin(' ', better).Append('\n');
                    rows += better.Count;
                }
            }
        }

        return (words.ToString(), rows);
    }

    /// <summary>A bound of W2 to the reference over a part.</summary>
    private double Distance(CheckerBounds.Ranges ranges) => Apart(Linked([.. Enumerable.Range(0, reference.Length).Select(i => (Side(ranges, i, 1), -Side(ranges, i, -1)))]));

    /// <summary>A lower bound of an output times a sign.</summary>
    private double Side(CheckerBounds.Ranges ranges, int output, double sign)
    {
        var c = new double[reference.Length];
        c[output] = sign;
        return bounds.Claim(ranges, c, 0, null);
    }

    private double Apart((double Lower, double Upper)[] parameters) => Math.Sqrt(parameters.Zip(reference).Sum(two =>
        Math.Max(two.First.Upper - two.Second.Lower, two.Second.Upper - two.First.Lower) is var d ? d * d : 0));

    /// <summary>Means and standard deviations from means and s, with an allowance for the checker's rounding.</summary>
    private (double Lower, double Upper)[] Linked((double Lower, double Upper)[] outputs) =>
        [.. outputs.Select((range, i) => i < Statement.Means ? range : (Lower: (Link(range.Lower) * (1 - Spare)) - (4 * Unit), Upper: (Link(range.Upper) * (1 + Spare)) + (4 * Unit)))];

    private double Link(double s) => Statement.Link switch
    {
        "exp" => Math.Exp(s),
        "half-exp" => Math.Exp(s / 2),
        _ => Math.Max(s, 0) + Math.Log(1 + Math.Exp(-Math.Abs(s))),
    };

    /// <summary>The input whose width moves the outputs most; -1 where none can be halved.</summary>
    private int Widest(CheckerBounds.Ranges ranges)
    {
        var weights = new double[bounds.Inputs];
        for (var i = 0; i < reference.Length; i++)
        {
            var upper = -Side(ranges, i, -1);
            var slope = i < Statement.Means ? 1 : Link(upper + 0.5) - Link(upper - 0.5);
            for (var j = 0; j < weights.Length; j++)
            {
                weights[j] += slope * Math.Abs(bounds.InputRow[j]);
            }
        }

        var (best, most) = (-1, -1.0);
        for (var j = 0; j < weights.Length; j++)
        {
            var width = ranges.BoxUpper[j] - ranges.BoxLower[j];
            if (width >= 2 * Unit && width * weights[j] > most)
            {
                (best, most) = (j, width * weights[j]);
            }
        }

        return best;
    }
}
