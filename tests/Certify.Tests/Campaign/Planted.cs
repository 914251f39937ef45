using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Certify.Tests.Campaign;

/// <summary>Networks with a witness that no attack finds: g = f + h max(0, 1 - sum_j |x_j - p_j| / w), with w so small that the bump is all but a point.</summary>
/// <remarks>
/// The target lies between the values that f takes and f(p) + h, in some cases by one double below g(p): whoever proves it has lost the bump.
/// The bump's neurons stand among f's, permuted, some of them split in two equal halves, with rows scaled by powers of two, so that no shape gives it away.
/// </remarks>
internal static class Planted
{
    public static (Case Case, Rational[] Witness, double Target) Draw(int seed)
    {
        var random = new Random(seed);
        var n = random.Next(2, 9);
        var size = Math.Pow(10, random.Next(-2, 3));
        double[] middle = [.. Enumerable.Range(0, n).Select(_ => random.Next(3) == 0 ? 0 : Draws.Plain(random))];
        var box = new Box([.. middle.Select(m => m - size)], [.. middle.Select(m => m + size)]);
        var width = size * Math.Pow(10, -3 - (3 * random.NextDouble()));
        double[] p = [.. Enumerable.Range(0, n).Select(j => random.Next(8) switch
        {
            0 => box[j].Middle, // where boxes are cut
            1 => box.Upper[j],
            _ => box.Lower[j] + (random.NextDouble() * (box.Upper[j] - box.Lower[j])),
        })];

        // First layer: |x_j - p_j| / w from two neurons each; 1 / w is a power of two so that p is the peak exactly where the biases are exact.
        var steep = Math.Pow(2, Math.Round(-Math.Log2(width)));
        var (first, second) = (new List<Neuron>(), new List<Neuron>());
        var bump = new List<(int Neuron, double Weight)>();
        for (var j = 0; j < n; j++)
        {
            foreach (var sign in new[] { 1, -1 })
            {
                var row = new double[n];
                row[j] = sign * steep;
                foreach (var (share, weight) in Split(random))
                {
                    bump.Add((first.Count, -weight));
                    first.Add(new Neuron([.. row.Select(c => c * share)], -sign * steep * p[j] * share));
                }
            }
        }

        var hidden = random.Next(2, 10);
        for (var i = 0; i < hidden; i++)
        {
            first.Add(new Neuron([.. Enumerable.Range(0, n).Select(_ => Draws.Plain(random) / size)], Draws.Plain(random)));
        }

        var peak = new double[first.Count];
        foreach (var (neuron, weight) in bump)
        {
            peak[neuron] += weight;
        }

        foreach (var (share, weight) in Split(random))
        {
            second.Add(new Neuron([.. peak.Select(c => c * share)], share) { Out = weight });
        }

        for (var i = random.Next(2, 8); i > 0; i--)
        {
            second.Add(new Neuron([.. Enumerable.Range(0, first.Count).Select(k => k < first.Count - hidden ? 0 : Draws.Plain(random))], Draws.Plain(random)) { Out = Draws.Plain(random) });
        }

        var order = Enumerable.Range(0, first.Count).ToArray();
        random.Shuffle(order);
        var last = Enumerable.Range(0, second.Count).ToArray();
        random.Shuffle(last);

        var sketch = new Sketch();
        var x = sketch.Input(n);
        x = sketch.Rectify(sketch.Affine(x, [.. order.SelectMany(k => first[k].Weights)], [.. order.Select(k => first[k].Bias)]));
        x = sketch.Rectify(sketch.Affine(x, [.. last.SelectMany(i => order.Select(k => second[i].Weights[k]))], [.. last.Select(i => second[i].Bias)]));
        var features = x;

        // The height lifts g(p) above everything that f does, by interval arithmetic on f alone: height = sup f - f(p) + margin.
        var plain = second.Select(neuron => neuron.Weights.Take(first.Count - hidden).All(c => c == 0)).ToArray();
        var above = new Interval(0, 0);
        var ranges = sketch.Ask(features, new Domain(box)).Graph.Ranges(box)[sketch.Node(features)];
        foreach (var (place, i) in last.Index())
        {
            above += plain[i] ? ranges[place] * Interval.Point(second[i].Out) : Interval.Point(0);
        }

        var margin = Math.Pow(10, random.Next(-3, 2));
        var height = above.Width + margin;
        double Out(int i) => plain[i] ? second[i].Out : second[i].Out * height;
        var g = sketch.Affine(features, [.. last.Select(Out)], [0]);
        var witness = p.Select(Rational.Of).ToArray();
        var domain = new Domain(box);
        var outputs = g;
        if (random.Next(4) == 0)
        {
            // A conjunction: g and an element that is larger over the whole box.
            var shift = (2 * height) + 1;
            outputs = sketch.Affine(features, [.. last.Select(Out), .. last.Select(Out)], [0, shift]);
        }

        var readings = sketch.Length(outputs) == 1
            ? new[] { sketch.Ask(outputs, domain) }
            : [sketch.Ask(outputs, domain), sketch.Ask(sketch.Smallest(outputs), domain)];
        var drawn = new Case(seed, "planted", sketch, domain, outputs, readings);
        var value = drawn.Exact(witness);

        // Without the bump nothing exceeds `above`; the target is just above it, half way, or just below the peak.
        var target = random.Next(3) switch
        {
            0 => value.DoubleBelow(),
            1 => Rounding.AddUp(above.Upper, margin / 4),
            _ => above.Upper + (0.9 * (value.RoundDown() - above.Upper)),
        };
        return (drawn, witness, value.CompareTo(target) > 0 ? target : value.DoubleBelow());
    }

    /// <summary>A part of the domain that holds the point, after some cuts.</summary>
    public static Box Around(Random random, Box box, Value point)
    {
        for (var k = random.Next(1, 60); k > 0; k--)
        {
            var (left, right) = box.Split(random.Next(box.Length));
            box = point.IsIn(left) ? left : right;
        }

        return box;
    }

    /// <summary>One neuron, or two that share its work: max(0, s z) for positive s is s max(0, z).</summary>
    private static (double Share, double Weight)[] Split(Random random)
    {
        var scale = Math.Pow(2, random.Next(-3, 4));
        return random.Next(3) == 0 ? [(scale, 0.5 / scale), (2 * scale, 0.25 / scale)] : [(scale, 1 / scale)];
    }

    private sealed record Neuron(double[] Weights, double Bias)
    {
        public double Out { get; init; }
    }
}
