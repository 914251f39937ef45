using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Vector = Guarantees.Networks.Vector;

namespace Certify.Tests.Campaign;

/// <summary>One network of the campaign with its domain, and the same question put in one way or two.</summary>
/// <param name="Kind">chain, graph, smooth, cancelling, vanishing or planted.</param>
/// <param name="Sketch">The network.</param>
/// <param name="Domain">Where it is asked about.</param>
/// <param name="Objective">The step whose smallest element is g.</param>
/// <param name="Readings">Problems that all ask for the largest g: g as one element, and as the vector whose smallest element it is.</param>
internal sealed record Case(int Seed, string Kind, Sketch Sketch, Domain Domain, int Objective, Problem[] Readings)
{
    /// <summary>The reading with an objective of one element.</summary>
    public Problem Scalar => Readings[^1];

    /// <summary>Whether a solver can be the judge in a moment.</summary>
    public bool IsSmall => Sketch.IsExact && Domain.Center.IsEmpty && Sketch.Kinks <= 12 && Sketch.Inputs <= 4;

    public static Case Draw(int seed)
    {
        var random = new Random(seed);
        return random.Next(20) switch
        {
            < 5 => DrawSmooth(seed, random),
            < 10 => DrawGraph(seed, random),
            < 17 => DrawChain(seed, random),
            < 19 => DrawCancelling(seed, random),
            _ => DrawVanishing(seed, random),
        };
    }

    /// <summary>g, exactly.</summary>
    public Rational Exact(Rational[] point) => Smallest(Sketch.Values(point)[Objective]);

    /// <summary>Points of the part that lie in the domain, exact where the network is: corners, random points, points on kinks, and where a climb ends.</summary>
    public IEnumerable<Rational[]> Points(Random random, Box part, int count)
    {
        var doubles = new List<double[]> { part.Lower, part.Upper, part.Middle() };
        for (var k = 0; k < count; k++)
        {
            doubles.Add(Draws.Point(random, part));
            doubles.Add(Draws.Corner(random, part));
        }

        var attack = new Certify.Search.Attack(Scalar);
        doubles.Add(attack.Climb(doubles[2], part).Point);
        doubles.Add(attack.Climb(doubles[3], part).Point);
        if (!Domain.Center.IsEmpty)
        {
            doubles.AddRange(doubles.Select(point => Draws.Pulled(Domain, point, part)).ToArray());
        }

        var points = doubles.Where(point => part.Contains(point) && Domain.Contains(point)).Select(point => point.Select(Rational.Of).ToArray()).ToList();
        if (Sketch.IsExact && Domain.Center.IsEmpty && Sketch.Kinks > 0)
        {
            for (var k = 0; k < count; k++)
            {
                if (KinkBetween(random, points[random.Next(points.Count)], points[random.Next(points.Count)]) is { } kink)
                {
                    points.Add(kink);
                }
            }
        }

        return points;
    }

    /// <summary>A point between two where some element lies on its kink, exactly where what it reads is straight in between; null where no element changes sides between them.</summary>
    private Rational[]? KinkBetween(Random random, Rational[] a, Rational[] b)
    {
        var (left, right) = (Sketch.Values(a), Sketch.Values(b));
        (int, int)[] crossed = [.. Enumerable.Range(0, Sketch.Count).SelectMany(k => Enumerable.Range(0, Sketch.Length(k)).Select(i => (k, i)))
            .Where(at => Sketch.Distance(at.k, at.i, left) is { } l && Sketch.Distance(at.k, at.i, right) is { } r && l.Sign * r.Sign < 0)];
        if (crossed.Length == 0)
        {
            return null;
        }

        var (step, element) = crossed[random.Next(crossed.Length)];
        var (da, db) = (Sketch.Distance(step, element, left)!.Value, Sketch.Distance(step, element, right)!.Value);
        for (var k = 0; k < 2 && da.Bits + db.Bits < 4000; k++)
        {
            var share = da / (da - db);
            Rational[] c = [.. a.Zip(b, (p, q) => p + (share * (q - p)))];
            var dc = Sketch.Distance(step, element, Sketch.Values(c))!.Value;
            if (dc.Sign == 0)
            {
                return c;
            }

            (a, da, b, db) = dc.Sign == da.Sign ? (c, dc, b, db) : (a, da, c, dc);
        }

        // No kink met exactly: the step was bent in between. The last point is one more between the two.
        return a;
    }

    private static Rational Smallest(Rational[] values) => values.Aggregate((a, b) => a <= b ? a : b);

    /// <summary>Affine maps and rectifiers in turn, one vector after the other.</summary>
    private static Case DrawChain(int seed, Random random)
    {
        var sketch = new Sketch();
        var x = sketch.Input(random.Next(1, random.Next(3) == 0 ? 7 : 4));
        if (random.Next(6) == 0)
        {
            x = sketch.Scale(x, Draws.Weights(random, Draws.AnyStyle(random), 1, sketch.Length(x)));
        }

        var wide = random.Next(12) == 0;
        for (var depth = random.Next(1, 5); depth > 0; depth--)
        {
            x = Layer(sketch, x, random, wide ? random.Next(9, 24) : random.Next(1, 6));
            x = random.Next(10) switch { < 2 => sketch.Leaky(x, Draws.Slope(random)), 2 => sketch.Cap(x, Draws.Plain(random)), 3 => sketch.Absolute(x), _ => sketch.Rectify(x) };
        }

        x = random.Next(8) == 0 ? x : Layer(sketch, x, random, random.Next(3) == 0 ? random.Next(2, 5) : 1);
        return Finish(seed, "chain", sketch, x, Draws.Box(random, sketch.Inputs));
    }

    /// <summary>Layers whose product is almost nothing next to its terms: rows in pairs, the second a multiple of the first, undone by the next layer's weights.</summary>
    private static Case DrawCancelling(int seed, Random random)
    {
        var sketch = new Sketch();
        var x = sketch.Input(random.Next(1, 5));
        for (var depth = random.Next(1, 4); depth > 0; depth--)
        {
            var (pairs, columns, rows) = (random.Next(1, 5), sketch.Length(x), depth == 1 ? 1 : random.Next(1, 4));
            var size = Math.Pow(10, random.Next(-3, 18));
            var (first, bias) = (new double[2 * pairs * columns], new double[2 * pairs]);
            var ratio = new double[pairs];
            for (var i = 0; i < pairs; i++)
            {
                ratio[i] = 0.5 + random.NextDouble();
                for (var j = 0; j < columns; j++)
                {
                    first[(2 * i * columns) + j] = size * Draws.Plain(random);
                    first[(((2 * i) + 1) * columns) + j] = ratio[i] * first[(2 * i * columns) + j];
                }

                // Always on, mostly.
                bias[2 * i] = bias[(2 * i) + 1] = random.Next(4) == 0 ? 0 : size * 8 * columns;
            }

            var second = new double[rows * 2 * pairs];
            for (var r = 0; r < rows; r++)
            {
                for (var i = 0; i < pairs; i++)
                {
                    var weight = Draws.Plain(random);
                    (second[(r * 2 * pairs) + (2 * i)], second[(r * 2 * pairs) + (2 * i) + 1]) = (weight, -weight / ratio[i]);
                }
            }

            x = sketch.Affine(x, first, bias);
            x = random.Next(3) == 0 ? sketch.Leaky(x, Draws.Slope(random)) : sketch.Rectify(x);
            x = sketch.Affine(x, second, Draws.Weights(random, Draws.AnyStyle(random), 1, rows));
            x = depth > 1 ? sketch.Rectify(x) : x;
        }

        var kind = random.Next(3);
        double[] center = [.. Enumerable.Range(0, sketch.Inputs).Select(_ => Draws.Plain(random))];
        var box = kind == 0 ? Draws.Box(random, sketch.Inputs) : new Box(center, kind == 1 ? [.. center] : [.. center.Select(c => c + (1e-9 * random.NextDouble()))]);
        return Finish(seed, "cancelling", sketch, x, box);
    }

    /// <summary>Products of weights that underflow, over boxes so large that what they multiply does not.</summary>
    private static Case DrawVanishing(int seed, Random random)
    {
        var sketch = new Sketch();
        var x = sketch.Input(random.Next(1, 4));
        double[] Weights(int count) => [.. Enumerable.Range(0, count).Select(_ => Draws.Plain(random) * Math.Pow(10, random.Next(-170, -145)))];
        for (var depth = random.Next(1, 4); depth > 0; depth--)
        {
            var rows = random.Next(1, 5);
            x = sketch.Affine(x, Weights(rows * sketch.Length(x)), random.Next(2) == 0 ? new double[rows] : Weights(rows));
            x = random.Next(4) == 0 ? sketch.Leaky(x, Draws.Slope(random)) : sketch.Rectify(x);
        }

        x = sketch.Affine(x, Weights(sketch.Length(x)), [0]);
        var (low, high) = (new double[sketch.Inputs], new double[sketch.Inputs]);
        for (var j = 0; j < low.Length; j++)
        {
            (low[j], high[j]) = (random.Next(2) == 0 ? 0 : -Math.Pow(10, random.Next(0, 150)), Math.Pow(10, random.Next(0, 150)));
        }

        return Finish(seed, "vanishing", sketch, x, new Box(low, high));
    }

    /// <summary>Every operator with an exact value, joined at random.</summary>
    private static Case DrawGraph(int seed, Random random)
    {
        var sketch = new Sketch();
        var vectors = new List<int> { sketch.Input(random.Next(1, 4)) };
        if (random.Next(3) == 0)
        {
            vectors.Add(sketch.Input(random.Next(1, 3)));
        }

        int Any() => vectors[random.Next(3) == 0 ? random.Next(vectors.Count) : vectors.Count - 1 - random.Next(Math.Min(2, vectors.Count))];
        for (var k = random.Next(2, 9); k > 0; k--)
        {
            var (a, b) = (Any(), Any());
            var n = sketch.Length(a);
            b = sketch.Length(b) == n ? b : Layer(sketch, b, random, n);
            vectors.Add(random.Next(10) switch
            {
                0 or 1 => Layer(sketch, a, random, random.Next(1, 5)),
                2 or 3 => sketch.Rectify(a),
                4 => sketch.Leaky(a, Draws.Slope(random)),
                5 => sketch.Absolute(a),
                6 => sketch.Maximum(a, b),
                7 => sketch.Cap(a, Draws.Plain(random)),
                8 => sketch.Scale(a, Draws.Weights(random, Draws.AnyStyle(random), 1, n)),
                _ => sketch.Combine([a, b, a], [.. Enumerable.Range(0, n).Select(i => Draws.Weights(random, Draws.AnyStyle(random), 1, 3).Select((w, t) => (t, t == 1 ? n - 1 - i : i, w)).ToArray())],
                    Draws.Weights(random, Draws.AnyStyle(random), 1, n)),
            });
        }

        return Finish(seed, "graph", sketch, vectors[^1], Draws.Box(random, sketch.Inputs));
    }

    /// <summary>Every operator there is, over boxes and balls.</summary>
    private static Case DrawSmooth(int seed, Random random)
    {
        var sketch = new Sketch();
        var vectors = new List<int> { sketch.Input(random.Next(1, 5)) };
        vectors.Add(sketch.Other((b, _) => random.Next(2) == 0 ? b.Constant(1.5, -0.3, 0.1) : b.Constant(new Box([-1, 0.2, 0.3], [-0.9, 0.2, 0.4]))));
        int Any() => vectors[random.Next(3) == 0 ? random.Next(vectors.Count) : vectors.Count - 1 - random.Next(Math.Min(3, vectors.Count))];
        for (var k = random.Next(2, 11); k > 0; k--)
        {
            var (a, b) = (Any(), Any());
            var n = sketch.Length(a);
            b = sketch.Length(b) == n ? b : Layer(sketch, b, random, n);
            var raw = random.Next(4) == 0;
            vectors.Add(random.Next(22) switch
            {
                0 or 1 => Layer(sketch, a, random, random.Next(1, 6)),
                2 => sketch.Rectify(a),
                3 => sketch.Leaky(a, Draws.Slope(random)),
                4 => sketch.Maximum(a, b),
                5 => sketch.Absolute(a),
                6 => sketch.Other((net, v) => net.Apply(new Tanh(), v(a))),
                7 => sketch.Other((net, v) => net.Apply(new Sigmoid(), v(a))),
                8 => sketch.Other((net, v) => net.Apply(new NormalCdf(), v(a))),
                9 => sketch.Other((net, v) => net.Apply(new Softplus(), v(a))),
                10 => sketch.Other((net, v) => net.Apply(new Exp(), Squashed(net, v(a), raw))),
                11 => sketch.Other((net, v) => net.Multiply(Squashed(net, v(a), raw), Squashed(net, v(b), raw))),
                12 => sketch.Other((net, v) => net.Apply(new Square(), Squashed(net, v(a), raw))),
                13 => sketch.Other((net, v) => net.Apply(new Reciprocal(), raw ? v(a) : net.Apply(new Sigmoid(), v(a)) + 0.5)),
                14 => sketch.Other((net, v) => net.Apply(new Sqrt(), raw ? net.Apply(new Abs(), v(a)) : net.Apply(new Sigmoid(), v(a)) + 0.5)),
                15 => sketch.Other((net, v) => net.Apply(new Log(), net.Apply(new Softplus(), v(a)) + (raw ? 1e-9 : 0.1))),
                16 => sketch.Other((net, v) => net.Apply(new ScaleRoot(), 0.9 * net.Apply(new Tanh(), v(a)))),
                17 => sketch.Other((net, v) => net.Apply(new Guarantees.Networks.Operators.Norm(n), v(a))),
                18 => sketch.Other((net, v) => net.Softmax(v(a), n)),
                19 => sketch.Other((net, v) => net.Add(new Change(raw ? new ReLU() : new Tanh()), [v(a), v(b)])),
                20 => sketch.Other((net, v) => net.Add(new Gate(raw ? new Abs() : new ReLU()), [v(a), v(b)])),
                _ => sketch.Other((net, v) => net.Apply(new Scale(new Box([.. Enumerable.Repeat(-0.4, n)], [.. Enumerable.Repeat(raw ? 0.6 : -0.4, n)])), v(a))),
            });
        }

        var last = vectors[^1];
        var sum = sketch.Combine([last], [[.. Enumerable.Range(0, sketch.Length(last)).Select(i => (0, i, random.Next(3) == 0 ? -1.0 : 1.0))]], [0]);
        var domain = random.Next(3) == 0 ? Draws.Ball(random, sketch.Inputs) : new Domain(Draws.Box(random, sketch.Inputs));
        var problem = sketch.Ask(sum, domain);
        int[] Some() => random.Next(2) == 0 ? [] : [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(problem.Graph.Nodes.Length))];
        return new Case(seed, "smooth", sketch, domain, sum, [problem with { Anchors = [.. Some()], Frontier = [.. Some()] }]);
    }

    private static Vector Squashed(NetworkBuilder net, Vector x, bool raw) => raw ? x : net.Apply(new Tanh(), x);

    private static Case Finish(int seed, string kind, Sketch sketch, int last, Box box)
    {
        var domain = new Domain(box);
        var readings = new List<Problem> { sketch.Ask(last, domain) };
        if (sketch.Length(last) > 1)
        {
            readings.Add(sketch.Ask(sketch.Smallest(last), domain));
        }

        return new Case(seed, kind, sketch, domain, last, [.. readings]);
    }

    private static int Layer(Sketch sketch, int x, Random random, int rows)
    {
        var columns = sketch.Length(x);
        var weights = Draws.Weights(random, Draws.AnyStyle(random), rows, columns);
        var bias = random.Next(4) == 0 ? new double[rows] : Draws.Weights(random, Draws.AnyStyle(random), 1, rows);
        if (random.Next(6) == 0)
        {
            // Dead and always-on elements.
            for (var i = 0; i < rows; i++)
            {
                bias[i] += random.Next(3) switch { 0 => 100, 1 => -100, _ => 0 };
            }
        }

        return sketch.Affine(x, weights, bias);
    }
}
