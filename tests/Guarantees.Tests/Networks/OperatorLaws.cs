using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Rational = Guarantees.Tests.Arithmetic.Rational;

namespace Guarantees.Tests.Graphs;

/// <summary>
/// The laws that the doc comments of the operators state, for every operator. A newcomer joins with one row of <see cref="Catalogue"/>.
/// </summary>
/// <remarks>
/// True values are known by enclosures of a few ulps, from exact arithmetic or from Elementary (which has tables of its own); lines and planes are
/// evaluated in rational arithmetic. A test fails only where the law is surely broken: there is no tolerance, except where it is named.
/// Mutants planted and found: a chord of ReLU without directed rounding; a chord of a cap through one end only; a concave upper rule of a cap; slopes of a cap
/// never below 0.1; a tangent of a maximum that takes one side; the mismatch of an S-shaped line's slope in absolute value. Not found, since other allowances of an ulp hide them: a tangent line without
/// the mismatch of its slope, and the rounded complement of a maximum's lower slope not paid for.
/// </remarks>
public class OperatorLaws
{
    private const int Width = 32;

    private enum Over
    {
        Reals,
        Positive,
        NonNegative,
        NonZero,
        AboveMinusOne,
    }

    /// <param name="Map">The operator.</param>
    /// <param name="Lengths">Lengths of its arguments.</param>
    /// <param name="Truth">Encloses the exact y_i.</param>
    /// <param name="Domain">Where the arguments may lie.</param>
    private sealed record Entry(Operator Map, int[] Lengths, Func<double[][], int, Interval> Truth, Over Domain = Over.Reals)
    {
        public int Length => Map.OutputLength(Lengths);
    }

    private static readonly double[] Weights = [1, -2, 0.1, 0, 1e-5, -3e4, 7, -0.3, 1.0 / 3, -1, 0, 2.5];
    private static readonly Box Factors = new([0.1, -0.2, 1, -3], [0.1, 0.3, 1.5, -2]);
    private static readonly Box NonNegativeFactors = new([0.1, 0, 1, 3], [0.1, 0.3, 1.5, 3]);

    private static readonly IReadOnlyList<(int, int, double)>[] SparseRows =
        [[(0, 0, 1), (1, 2, -1)], [], [(1, 0, 0.1), (1, 1, -7), (0, 3, 1e6), (0, 3, -1e6)], [(0, 1, 1)]];

    private static readonly double[] SparseBias = [0, -1.5, 0.7, 0];

    private static readonly Dictionary<string, Entry> Catalogue = new()
    {
        ["ReLU"] = Elementwise(new ReLU(), x => Interval.Point(Math.Max(x, 0))),
        ["LeakyReLU(0.01)"] = Elementwise(new LeakyReLU(0.01), x => x >= 0 ? Interval.Point(x) : 0.01 * Interval.Point(x)),
        ["LeakyReLU(0)"] = Elementwise(new LeakyReLU(0), x => Interval.Point(Math.Max(x, 0))),
        ["LeakyReLU(1)"] = Elementwise(new LeakyReLU(1), Interval.Point),
        ["Cap(1)"] = Elementwise(new Cap(1), x => Interval.Point(Math.Min(x, 1))),
        ["Cap(-0.3)"] = Elementwise(new Cap(-0.3), x => Interval.Point(Math.Min(x, -0.3))),
        ["Abs"] = Elementwise(new Abs(), x => Interval.Point(Math.Abs(x))),
        ["Square"] = Elementwise(new Square(), x => Interval.Point(x) * Interval.Point(x)),
        ["Sqrt"] = Elementwise(new Sqrt(), x => new(Elementary.SqrtLower(x), Elementary.SqrtUpper(x)), Over.NonNegative),
        ["Reciprocal"] = Elementwise(new Reciprocal(), x => new(Elementary.ReciprocalLower(x), Elementary.ReciprocalUpper(x)), Over.NonZero),
        ["Exp"] = Elementwise(new Exp(), x => new(Elementary.ExpLower(x), Elementary.ExpUpper(x))),
        ["Log"] = Elementwise(new Log(), x => new(Elementary.LogLower(x), Elementary.LogUpper(x)), Over.Positive),
        ["Softplus"] = Elementwise(new Softplus(), x => new(Elementary.SoftplusLower(x), Elementary.SoftplusUpper(x))),
        ["Tanh"] = Elementwise(new Tanh(), x => new(Elementary.TanhLower(x), Elementary.TanhUpper(x))),
        ["Sigmoid"] = Elementwise(new Sigmoid(), x => new(Elementary.SigmoidLower(x), Elementary.SigmoidUpper(x))),
        ["NormalCdf"] = Elementwise(new NormalCdf(), x => new(Elementary.NormalCdfLower(x), Elementary.NormalCdfUpper(x))),
        ["ScaleRoot"] = Elementwise(new ScaleRoot(), RootOfScaleDivergence, Over.AboveMinusOne),
        ["Scale"] = new(new Scale(Factors), [4], (x, i) => Factors[i] * Interval.Point(x[0][i])),
        ["Scale, nonnegative"] = new(new Scale(NonNegativeFactors), [4], (x, i) => NonNegativeFactors[i] * Interval.Point(x[0][i])),
        ["Multiply"] = new(new Multiply(), [4, 4], (x, i) => Interval.Point(x[0][i]) * Interval.Point(x[1][i])),
        ["Multiply, nonnegative"] = new(new Multiply(), [4, 4], (x, i) => Interval.Point(x[0][i]) * Interval.Point(x[1][i]), Over.NonNegative),
        ["Maximum"] = new(new Maximum(), [4, 4], (x, i) => Interval.Point(Math.Max(x[0][i], x[1][i]))),
        ["Change(ReLU)"] = Changed(new ReLU(), x => new(Math.Max(x.Lower, 0), Math.Max(x.Upper, 0))),
        ["Change(Abs)"] = Changed(new Abs(), x => x.Abs()),
        ["Change(Cap(1))"] = Changed(new Cap(1), x => new(Math.Min(x.Lower, 1), Math.Min(x.Upper, 1))),
        ["Change(Square)"] = Changed(new Square(), x => x * x),
        ["Change(Tanh)"] = Changed(new Tanh(), x => new(Elementary.TanhLower(x.Lower), Elementary.TanhUpper(x.Upper))),
        ["Change(Exp)"] = Changed(new Exp(), x => new(Elementary.ExpLower(x.Lower), Elementary.ExpUpper(x.Upper))),
        ["Change(Log)"] = Changed(new Log(), x => new(Elementary.LogLower(x.Lower), Elementary.LogUpper(x.Upper))) with { Domain = Over.Positive },
        ["Change(Softplus)"] = Changed(new Softplus(), x => new(Elementary.SoftplusLower(x.Lower), Elementary.SoftplusUpper(x.Upper))),
        ["Gate(ReLU)"] = Gated(new ReLU(), x => x > 0 ? Interval.Point(1) : x < 0 ? Interval.Point(0) : new(0, 1)),
        ["Gate(LeakyReLU(0.1))"] = Gated(new LeakyReLU(0.1), x => x > 0 ? Interval.Point(1) : x < 0 ? Interval.Point(0.1) : new(0.1, 1)),
        ["Gate(Abs)"] = Gated(new Abs(), x => x > 0 ? Interval.Point(1) : x < 0 ? Interval.Point(-1) : new(-1, 1)),
        ["Gate(Cap(1))"] = Gated(new Cap(1), x => x > 1 ? Interval.Point(0) : x < 1 ? Interval.Point(1) : new(0, 1)),
        ["Norm(1)"] = new(new Norm(1), [4], (x, i) => Interval.Point(Math.Abs(x[0][i]))),
        ["Norm(3)"] = new(new Norm(3), [6], (x, i) => LengthOf(x[0][(3 * i)..((3 * i) + 3)])),
        ["Affine"] = new(new Affine(Weights, [0.25, 0, -1e3]), [4], (x, i) => Sum([.. Enumerable.Range(0, 4).Select(j => (Weights[(4 * i) + j], x[0][j]))], [0.25, 0, -1e3], i)),
        ["SparseAffine"] = new(new SparseAffine(SparseRows, SparseBias), [4, 3], (x, i) => Sum([.. SparseRows[i].Select(term => (term.Item3, x[term.Item1][term.Item2]))], SparseBias, i)),
    };

    public static TheoryData<string> Names => [.. Catalogue.Keys];

    public static TheoryData<string> Elementwises => [.. Catalogue.Where(pair => pair.Value.Map is Activation and not Scale).Select(pair => pair.Key)];

    public static TheoryData<string> Nonlinears => [.. Catalogue.Where(pair => pair.Value.Map is NonlinearOperator).Select(pair => pair.Key)];

    public static TheoryData<string> Linears => [.. Catalogue.Where(pair => pair.Value.Map is LinearOperator).Select(pair => pair.Key)];

    [Fact]
    public void Every_operator_has_a_row()
    {
        var all = typeof(Operator).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Operator)) && !type.IsAbstract && !type.IsNestedPrivate);
        var listed = Catalogue.Values.Select(entry => entry.Map.GetType()).Concat([typeof(Input), typeof(Constant)]);
        Assert.Empty(all.Except(listed));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Range_contains_every_value(string name)
    {
        ForBoxes(name, 300, (entry, random, x) =>
        {
            var y = new Box(entry.Length);
            entry.Map.Range(x, y);
            foreach (var point in Points(random, x, 12))
            {
                for (var i = 0; i < y.Length; i++)
                {
                    var truth = entry.Truth(point, i);
                    Assert.True(y.Lower[i] <= truth.Upper && truth.Lower <= y.Upper[i], $"{Show(x)}: value {truth} at {Show(point)} is not in {y[i]}");
                }
            }
        });
    }

    [Theory]
    [MemberData(nameof(Nonlinears))]
    public void Planes_bracket_the_value_at_every_point(string name)
    {
        var finite = 0;
        ForBoxes(name, 120, (entry, random, x) =>
        {
            var map = (NonlinearOperator)entry.Map;
            var y = new Box(entry.Length);
            map.Range(x, y);
            var planes = new Planes(entry.Length, map.TermsPerElement);
            map.Relax(x, y, planes);
            foreach (var point in Points(random, x, 16))
            {
                for (var i = 0; i < y.Length; i++)
                {
                    var truth = entry.Truth(point, i);
                    finite += Plane(map, planes.UpperSlopes, planes.UpperIntercepts[i], i, point, +1) is { } above
                        && Claim(!double.IsFinite(truth.Lower) || above.CompareTo(Rational.Of(truth.Lower)) >= 0, "upper", x, point, truth) ? 1 : 0;
                    finite += Plane(map, planes.LowerSlopes, planes.LowerIntercepts[i], i, point, -1) is { } below
                        && Claim(!double.IsFinite(truth.Upper) || below.CompareTo(Rational.Of(truth.Upper)) <= 0, "lower", x, point, truth) ? 1 : 0;
                }
            }
        });
        Assert.True(finite > 3_000, $"only {finite} comparisons said anything");

        static bool Claim(bool holds, string side, Box[] x, double[][] point, Interval truth)
        {
            Assert.True(holds, $"{side} plane over {Show(x)} at {Show(point)}, value {truth}");
            return true;
        }
    }

    /// <summary>Not a law but the point of relaxing: over boxes of size about 1 the planes stay within the range, and near a point they meet.</summary>
    [Theory]
    [MemberData(nameof(Elementwises))]
    public void Planes_close_on_small_boxes(string name)
    {
        var entry = Catalogue[name];
        foreach (var center in new[] { 0.3, 0.7, 1.9 })
        {
            var x = new Box([center, center, center, center], [center + 1e-4, center + 1e-4, center + 1e-4, center + 1e-4]);
            var y = new Box(4);
            entry.Map.Range([x], y);
            var planes = new Planes(4, 1);
            ((NonlinearOperator)entry.Map).Relax([x], y, planes);
            var at = center + 5e-5;
            var gap = ((planes.UpperSlopes[0] - planes.LowerSlopes[0]) * at) + planes.UpperIntercepts[0] - planes.LowerIntercepts[0];
            Assert.InRange(gap, 0, 1e-6);
        }
    }

    /// <summary>A line that lies beside the curve gives away what a better constant would keep.</summary>
    [Theory]
    [MemberData(nameof(Elementwises))]
    public void Lines_touch_the_curve(string name)
    {
        const int Steps = 4000;
        var (map, domain) = ((Activation)Catalogue[name].Map, Catalogue[name].Domain);
        var random = new Random(7);
        for (var k = 0; k < 300; k++)
        {
            var (a, b) = ((6 * random.NextDouble()) - 3, (6 * random.NextDouble()) - 3);
            var x = Interval.Hull(a, b);
            x = domain switch
            {
                Over.Positive or Over.NonZero => new(0.05 + x.Mignitude, 0.1 + x.Magnitude),
                Over.NonNegative => x.Abs(),
                Over.AboveMinusOne => new(x.Mignitude - 0.95, x.Magnitude - 0.9),
                _ => x,
            };
            var band = map.Relax(x);
            var (above, below, range) = (double.PositiveInfinity, double.PositiveInfinity, Interval.Point(map.Value(x.Lower)));
            for (var step = 0; step <= Steps + 1; step++)
            {
                var t = Math.Clamp(step > Steps ? 0 : x.Lower + ((x.Upper - x.Lower) * step / Steps), x.Lower, x.Upper);
                var y = map.Value(t);
                (above, below) = (Math.Min(above, band.Upper.At(t).Upper - y), Math.Min(below, y - band.Lower.At(t).Lower));
                range = Interval.Hull(Math.Min(range.Lower, y), Math.Max(range.Upper, y));
            }

            // Between grid points a curve leaves its tangent by f'' h²/2; the slope of ScaleRoot is known to 7e-4 near 0.
            var enough = (map is ScaleRoot ? 1e-3 : 1e-4) * (range.Upper - range.Lower + (1e-6 * range.Magnitude));
            Assert.True(above <= enough && below <= enough, $"{name} over {x}: the nearest point is {above:G3} under the line above, {below:G3} over the line below");
        }
    }

    [Theory]
    [MemberData(nameof(Elementwises))]
    public void Slope_contains_every_difference_quotient(string name)
    {
        ForBoxes(name, 300, (entry, random, x) =>
        {
            var map = (Activation)entry.Map;
            var slope = map.Slope(x[0][0]);
            var points = Points(random, x, 8).Select(point => point[0][0]).ToArray();
            foreach (var s in points)
            {
                foreach (var t in points.Where(t => t != s))
                {
                    var quotient = (entry.Truth([[t]], 0) - entry.Truth([[s]], 0)) / (Interval.Point(t) - s);
                    Assert.True(slope.Lower <= quotient.Upper && quotient.Lower <= slope.Upper, $"{Show(x)}: from {s:R} to {t:R} the slope is {quotient}, not in {slope}");
                }
            }
        });
    }

    /// <summary>f(t) - f(s) is an average of directional derivatives along t - s over the box, hence in their range.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Tangent_contains_every_difference(string name)
    {
        ForBoxes(name, 300, (entry, random, x) =>
        {
            var factors = entry.Map is Scale scale ? scale.Factors : null;
            var points = Points(random, x, 8);
            for (var k = 0; k + 1 < points.Length; k++)
            {
                var (s, t) = (points[k], points[k + 1]);
                var dx = new Box[x.Length];
                for (var a = 0; a < x.Length; a++)
                {
                    dx[a] = new Box(x[a].Length);
                    for (var j = 0; j < dx[a].Length; j++)
                    {
                        dx[a][j] = Interval.Point(t[a][j]) - s[a][j];
                    }
                }

                var dy = new Box(entry.Length);
                entry.Map.Tangent(x, dx, dy);
                for (var i = 0; i < dy.Length; i++)
                {
                    var difference = factors is null ? entry.Truth(t, i) - entry.Truth(s, i) : factors[i] * dx[0][i];
                    Assert.True(dy.Lower[i] <= difference.Upper && difference.Lower <= dy.Upper[i],
                        $"{Show(x)}: from {Show(s)} to {Show(t)} the difference is {difference}, not in {dy[i]}");
                }
            }
        });
    }

    /// <summary>Against central differences at points of size 1 away from kinks, tolerance 1e-5: the pullback is a heuristic, a wrong one is still a bug.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Pullback_is_the_derivative(string name)
    {
        var entry = Catalogue[name];
        var random = new Random(5);
        for (var trial = 0; trial < 20; trial++)
        {
            var x = entry.Lengths.Select(n => Enumerable.Range(0, n).Select(_ => (entry.Domain == Over.Reals ? Math.Sign(random.Next(2) - 0.5) : 1) * (0.2 + random.NextDouble())).ToArray()).ToArray();
            var dy = Enumerable.Range(0, entry.Length).Select(_ => random.NextDouble() - 0.5).ToArray();
            var y = new double[entry.Length];
            entry.Map.Evaluate(x, y);
            var dx = entry.Lengths.Select(n => Enumerable.Repeat(1.0, n).ToArray()).ToArray();
            entry.Map.Pullback(x, y, dy, dx);
            for (var a = 0; a < x.Length; a++)
            {
                for (var j = 0; j < x[a].Length; j++)
                {
                    const double h = 1e-6;
                    var slope = (Weighed(a, j, h) - Weighed(a, j, -h)) / (2 * h);
                    Assert.Equal(1 + slope, dx[a][j], 1e-5 * Math.Max(1, Math.Abs(slope)));
                }
            }

            double Weighed(int a, int j, double h)
            {
                var moved = x.Select(part => (double[])part.Clone()).ToArray();
                moved[a][j] += h;
                var value = new double[entry.Length];
                entry.Map.Evaluate(moved, value);
                return value.Zip(dy, (v, w) => v * w).Sum();
            }
        }
    }

    /// <summary>
    /// The rule brackets; its upper value is convex and its lower concave in the bounds of the arguments (at the middle of random pairs, 1e-9 of the sizes
    /// for rounding); and both only widen when the arguments' bounds widen. Together that is the law for bounds that are convex in anything.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Convex_rule_brackets_and_keeps_convexity(string name)
    {
        var rules = 0;
        ForBoxes(name, 150, (entry, random, x) =>
        {
            if (x.Any(box => Enumerable.Range(0, box.Length).Any(j => box[j].Magnitude > 1e100 || (entry.Domain == Over.AboveMinusOne && box[j].Lower < -0.999))))
            {
                // Beyond 1e100 averages overflow; close to the pole rounding the middle alone moves the value.
                return;
            }

            var y = new Box(entry.Length);
            entry.Map.Range(x, y);
            var step = new VertexStep(Width) { Arguments = [.. x.Select(box => new VertexValues(box, Width))], Result = new VertexValues(y, Width) };

            // Vertices in fours: two random ones, their middle, and the first with wider bounds.
            var points = new double[Width][][];
            for (var v = 0; v < Width; v += 4)
            {
                (points[v], points[v + 1]) = (Draw(random, x), Draw(random, x));
                points[v + 2] = [.. points[v].Zip(points[v + 1], (p, q) => p.Zip(q, (c, d) => (0.5 * c) + (0.5 * d)).ToArray())];
                points[v + 3] = points[v];
                for (var a = 0; a < x.Length; a++)
                {
                    for (var j = 0; j < x[a].Length; j++)
                    {
                        var (upper, lower) = (step.Arguments[a].Upper, step.Arguments[a].Lower);
                        var at = (j * Width) + v;
                        for (var e = 0; e < 2; e++)
                        {
                            var slack = random.Next(2) * random.NextDouble() * (x[a][j].Width + (random.Next(3) == 0 ? 1 : 0));
                            var value = points[v + e][a][j];
                            (upper[at + e], lower[at + e]) = (value + slack, value - (random.NextDouble() * slack));
                        }

                        (upper[at + 2], lower[at + 2]) = ((0.5 * upper[at]) + (0.5 * upper[at + 1]), (0.5 * lower[at]) + (0.5 * lower[at + 1]));
                        (upper[at + 3], lower[at + 3]) = (upper[at] + random.NextDouble(), lower[at] - random.NextDouble());
                    }
                }
            }

            if (!entry.Map.TryConvexUpper(step))
            {
                return;
            }

            rules++;
            for (var i = 0; i < y.Length; i++)
            {
                var (upper, lower) = (step.ResultUpper.Slice(i * Width, Width).ToArray(), step.ResultLower.Slice(i * Width, Width).ToArray());
                for (var v = 0; v < Width; v++)
                {
                    // The middle of two points is rounded, so that the bounds may miss it by that.
                    var truth = entry.Truth(points[v], i);
                    Assert.True(v % 4 == 2 || (lower[v] <= truth.Upper && truth.Lower <= upper[v]), $"{Show(x)}: value {truth} at {Show(points[v])} is not in [{lower[v]:R}, {upper[v]:R}]");
                }

                for (var v = 0; v < Width; v += 4)
                {
                    Assert.True(upper[v + 3] >= upper[v] && !(lower[v + 3] > lower[v]), $"{Show(x)}: wider arguments, narrower result");
                    var (most, least) = ((0.5 * upper[v]) + (0.5 * upper[v + 1]), (0.5 * lower[v]) + (0.5 * lower[v + 1]));
                    var size = 1e-9 * (Math.Abs(upper[v]) + Math.Abs(upper[v + 1]) + Sizes(step, v));
                    Assert.True(upper[v + 2] <= most + size || double.IsInfinity(most), $"{Show(x)}: {upper[v + 2]:R} above {most:R}, the middle of {upper[v]:R} and {upper[v + 1]:R}");
                    size = 1e-9 * (Math.Abs(lower[v]) + Math.Abs(lower[v + 1]) + Sizes(step, v));
                    Assert.True(lower[v + 2] >= least - size || double.IsInfinity(least), $"{Show(x)}: {lower[v + 2]:R} below {least:R}");
                }
            }
        });
        Assert.True(rules > 0 || !OverridesRule(Catalogue[name].Map), "the rule never applied");

        static bool OverridesRule(Operator map) =>
            map is not Scale { Factors.Lower: [.., < 0] } && map is not Multiply && map.GetType().GetMethod(nameof(Operator.TryConvexUpper))!.DeclaringType != typeof(Operator);

        static double Sizes(VertexStep step, int v) =>
            step.Arguments.Sum(argument => Enumerable.Range(0, argument.Range.Length).Sum(j => Math.Abs(argument.Upper[(j * Width) + v]) + Math.Abs(argument.Upper[(j * Width) + v + 1])));
    }

    [Theory]
    [MemberData(nameof(Linears))]
    public void Rows_are_pulled_through_exactly_but_for_the_stated_error(string name)
    {
        ForBoxes(name, 60, (entry, random, x) =>
        {
            var map = (LinearOperator)entry.Map;
            const int rows = 5;
            var stride = Kernels.Pad(entry.Length);
            var a = new Rows(new double[rows * stride], stride);
            for (var r = 0; r < rows; r++)
            {
                foreach (ref var value in a.Row(r, entry.Length))
                {
                    value = random.Next(4) == 0 ? 0 : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 7));
                }
            }

            var c = entry.Lengths.Select(n => new Rows([.. Enumerable.Repeat(double.NaN, rows * Kernels.Pad(n))], Kernels.Pad(n))).ToArray();
            var fresh = entry.Lengths.Select(_ => true).ToArray();
            var bias = new double[rows];
            map.PullRows(a, rows, c, fresh, bias);
            var weight = new double[entry.Length];
            map.Sizes(x, weight);
            var point = Draw(random, x);
            for (var r = 0; r < rows; r++)
            {
                var (left, right, allowed) = (Rational.Of(0), Rational.Of(bias[r]), Rational.Of(1e-290));
                for (var i = 0; i < entry.Length; i++)
                {
                    var value = a.Row(r, entry.Length)[i];
                    allowed += Rational.Of(Math.Abs(value)) * Rational.Of(weight[i]) * Rational.Of(map.ErrorFactor);
                    var y = Rational.Of(map.Bias(i));
                    var terms = map.Terms(i);
                    for (var t = 0; t < terms.Count; t++)
                    {
                        y += Rational.Of(terms[t].Weight) * Rational.Of(point[terms[t].Argument][terms[t].Element]);
                    }

                    left += Rational.Of(value) * y;
                }

                for (var k = 0; k < c.Length; k++)
                {
                    for (var j = 0; j < entry.Lengths[k]; j++)
                    {
                        right += Rational.Of(c[k].Row(r, entry.Lengths[k])[j]) * Rational.Of(point[k][j]);
                    }
                }

                var gap = left - right;
                Assert.True(gap.CompareTo(allowed) <= 0 && (right - left).CompareTo(allowed) <= 0, $"row {r} over {Show(x)}");
            }
        });
    }

    [Fact]
    public void Operators_refuse_what_lies_outside_their_domain()
    {
        Assert.Throws<DomainException>(() => new Log().Range(new Interval(0, 1)));
        Assert.Throws<DomainException>(() => new Log().Slope(new Interval(-1, 1)));
        Assert.Throws<DomainException>(() => new Change(new Log()).Range([new Box([1], [2]), new Box([-1], [1])], new Box(1)));
        Assert.Throws<DomainException>(() => new Sqrt().Range(new Interval(-1e-300, 1)));
        Assert.Throws<DomainException>(() => new Reciprocal().Range(new Interval(-1, 0)));
        Assert.Throws<DomainException>(() => new ScaleRoot().Range(new Interval(-1, 0)));
    }

    /// <summary>ln, in decimals: an independent second source for the one function that no library has.</summary>
    [Theory]
    [InlineData(-0.9)]
    [InlineData(-0.3)]
    [InlineData(-1e-2)]
    [InlineData(1e-2)]
    [InlineData(0.5)]
    [InlineData(3)]
    [InlineData(60)]
    public void Root_of_the_scale_divergence_squares_to_it(double t)
    {
        var (root, s) = (new ScaleRoot().At(t), 1 + (decimal)t);
        var h = (double)((s * s) - 1 - (2 * Logarithm(s)));
        Assert.InRange(root.Lower * root.Lower, h * (1 - 1e-11), h * (1 + 1e-11));
        Assert.Equal(Math.Sign(t), Math.Sign(root.Lower));
        Assert.InRange(root.Width, 0, 1e-13 * root.Magnitude);

        static decimal Logarithm(decimal s)
        {
            var q = (s - 1) / (s + 1);
            var (power, sum) = (q, 0m);
            for (var k = 1; k < 4000; k += 2, power *= q * q)
            {
                sum += power / k;
            }

            return 2 * sum;
        }
    }

    /// <summary>f(a + b) - f(a), from an enclosure of f at a range of rounding size.</summary>
    private static Entry Changed(Activation map, Func<Interval, Interval> truth) =>
        new(new Change(map), [4, 4], (x, i) => truth(Interval.Point(x[0][i]) + x[1][i]) - truth(Interval.Point(x[0][i])));

    /// <summary>f'(a) b.</summary>
    private static Entry Gated(Activation map, Func<double, Interval> slope) => new(new Gate(map), [4, 4], (x, i) => slope(x[0][i]) * Interval.Point(x[1][i]));

    private static Entry Elementwise(Activation map, Func<double, Interval> truth, Over domain = Over.Reals) => new(map, [4], (x, i) => truth(x[0][i]), domain);

    private static Interval RootOfScaleDivergence(double t)
    {
        var root = new Interval(Math.Max(0, Elementary.ScaleDivergenceLower(t)), Elementary.ScaleDivergenceUpper(t)).Sqrt();
        return t >= 0 ? root : -root;
    }

    private static Interval LengthOf(double[] x) => x.Aggregate(Interval.Point(0), (sum, value) => sum + (Interval.Point(value) * Interval.Point(value))).Sqrt();

    /// <summary>The neighbours of the exact sum.</summary>
    private static Interval Sum((double Weight, double Value)[] terms, double[] bias, int i)
    {
        var exact = terms.Aggregate(Rational.Of(bias[i]), (sum, term) => sum + (Rational.Of(term.Weight) * Rational.Of(term.Value)));
        var near = terms.Aggregate(bias[i], (sum, term) => sum + (term.Weight * term.Value));
        if (!double.IsFinite(near))
        {
            return Interval.Entire;
        }

        // Correct the naive sum by its exact error, twice.
        for (var k = 0; k < 2; k++)
        {
            var error = exact - Rational.Of(near);
            near += (error.Numerator.Sign < 0 ? -1 : 1) * error.Over(Rational.Of(1));
        }

        var (down, up) = (Math.BitDecrement(near), Math.BitIncrement(near));
        Assert.True(Rational.Of(down).CompareTo(exact) <= 0 && exact.CompareTo(Rational.Of(up)) <= 0);
        return Rational.Of(near).CompareTo(exact) == 0 ? Interval.Point(near) : new(down, up);
    }

    private static Rational? Plane(NonlinearOperator map, double[] slopes, double intercept, int i, double[][] point, int side)
    {
        if (intercept == side * double.PositiveInfinity)
        {
            return null;
        }

        var value = Rational.Of(intercept);
        for (var t = 0; t < map.TermsPerElement; t++)
        {
            var (argument, element) = map.Term(i, t);
            value += Rational.Of(slopes[(i * map.TermsPerElement) + t]) * Rational.Of(point[argument][element]);
        }

        return value;
    }

    private static void ForBoxes(string name, int count, Action<Entry, Random, Box[]> law)
    {
        var entry = Catalogue[name];
        var random = new Random(20 + name.Length);
        for (var k = 0; k < count; k++)
        {
            law(entry, random, [.. entry.Lengths.Select(n => DrawBox(random, n, entry.Domain))]);
        }
    }

    /// <summary>Points, boxes of one ulp, thin and wide boxes; touching 0, across 0, on either side; magnitudes 1e-8, 1, 1e8 and the far ends.</summary>
    private static Box DrawBox(Random random, int length, Over domain)
    {
        var box = new Box(length);
        for (var j = 0; j < length; j++)
        {
            box[j] = DrawInterval(random, domain);
        }

        return box;
    }

    private static Interval DrawInterval(Random random, Over domain)
    {
        var size = random.Next(8) switch { 0 => 1e8, 1 => 1e-8, 2 => Math.Pow(10, random.Next(-300, 150)), 3 => 30, 4 => 0.1, _ => 3 };
        var a = size * ((2 * random.NextDouble()) - 1);
        var b = random.Next(7) switch
        {
            0 => a,
            1 => Math.BitIncrement(a),
            2 => a + (Math.Abs(a) * 1e-12),
            3 => 0,
            4 => a + (1e-3 * Math.Abs(a)),
            5 => -a * random.NextDouble(),
            _ => size * ((2 * random.NextDouble()) - 1),
        };
        if (random.Next(40) == 0)
        {
            a = b = 0;
        }

        var x = Interval.Hull(a, b);
        var side = random.Next(2) == 0 ? -1 : 1;
        return domain switch
        {
            Over.NonNegative => x.Abs(),
            Over.Positive => new(Math.Max(x.Mignitude, 1e-12 * Math.Max(x.Magnitude, 1e-200)), Math.Max(x.Magnitude, 1e-200)),
            Over.NonZero => side * new Interval(Math.Max(x.Mignitude, 1e-6 * Math.Max(x.Magnitude, 1e-100)), Math.Max(x.Magnitude, 1e-100)),
            Over.AboveMinusOne when x.Lower > -1 => x,
            Over.AboveMinusOne => new(-1 + Math.Pow(10, -random.Next(1, 12)), Math.Max(-0.9, Math.Min(x.Magnitude, 1e8))),
            _ => x,
        };
    }

    /// <summary>Corners, kinks and their neighbours, the middle, and random points.</summary>
    private static double[][][] Points(Random random, Box[] x, int count)
    {
        var points = new double[count][][];
        for (var k = 0; k < count; k++)
        {
            points[k] = k switch
            {
                0 => [.. x.Select(box => (double[])box.Lower.Clone())],
                1 => [.. x.Select(box => (double[])box.Upper.Clone())],
                2 => [.. x.Select(box => box.Middle())],
                _ => Draw(random, x),
            };
        }

        return points;
    }

    private static double[][] Draw(Random random, Box[] x) => [.. x.Select(box =>
    {
        var point = new double[box.Length];
        for (var j = 0; j < point.Length; j++)
        {
            var (l, u) = (box.Lower[j], box.Upper[j]);
            point[j] = Math.Clamp(
                random.Next(8) switch
                {
                    0 => l,
                    1 => u,
                    2 => 0,
                    3 => random.Next(2) == 0 ? double.Epsilon : -double.Epsilon,
                    4 => Math.BitIncrement(l),
                    _ => l + (random.NextDouble() * (u - l)),
                },
                l,
                u);
        }

        return point;
    })];

    private static string Show(Box[] x) => string.Join(" x ", x.Select(box => string.Join(" ", Enumerable.Range(0, box.Length).Select(j => box[j]))));

    private static string Show(double[][] x) => string.Join("; ", x.Select(part => string.Join(" ", part.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))));
}
