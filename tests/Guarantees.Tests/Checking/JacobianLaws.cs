using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Tests.Arithmetic;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Tests.Checking;

/// <summary>The laws of bounds of Jacobians: no sampled Jacobian and no difference quotient lies above, whatever is enough and however little work is allowed.</summary>
/// <remarks>
/// Mutants that these tests caught when planted. Cells: the open tangent's half width 0.4 for 0.5; the second side of a division not visited; a
/// bound closed at 0.9 of itself; the halfspace pushed with the wrong sign; the middle of the chord's gap left out of values; their remainder at a
/// fifth; the error of slopes dropped. Programs: the multipliers' offsets added, not subtracted; a proof taken from the simplex method without the
/// check. Forms: what f' left over halved; what f left over at 0.3; the coupling of values to tangents left out of the outputs' errors; products of
/// layers three apart left out; the product of two deviations left out; the constant of the chord left out; the squares of deviations left out of
/// the Gram matrix and of lengths.
/// </remarks>
public class JacobianLaws
{
    private static readonly Norm[] Norms = [Norm.L1, Norm.L2, Norm.Linf];

    [Theory]
    [InlineData(0, 60)]
    public void No_Jacobian_lies_above_the_bound_of_kinked_chains(int firstSeed, int count) => Check(firstSeed, count, smooth: false);

    [Theory]
    [InlineData(0, 60)]
    public void No_Jacobian_lies_above_the_bound_of_smooth_chains(int firstSeed, int count) => Check(firstSeed, count, smooth: true);

    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData(100_000, 3000)]
    public void No_Jacobian_lies_above_the_bound_of_many_chains(int firstSeed, int count)
    {
        Check(firstSeed, count, smooth: false);
        Check(firstSeed, count, smooth: true);
    }

    /// <summary>A bound that holds but says nothing passes every other law.</summary>
    [Fact]
    public void Cells_are_exact_where_the_work_lasts()
    {
        var exact = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var problem = Draw(random, smooth: false, degenerate: false);
            var bounds = new JacobianCells(JacobianChain.Of(problem)!);
            var upper = bounds.UpperBound(problem.Domain.Box);
            var lower = bounds.Candidate is { } candidate ? bounds.LowerBoundAt(candidate.Point) : 0;
            Assert.True(lower <= upper);
            exact += lower >= (upper * (1 - 1e-7)) - 1e-100 ? 1 : 0;
        }

        Assert.True(exact >= 198, $"{exact} of 200");
    }

    [Fact]
    public void Forms_lose_only_second_order()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            foreach (var (from, to) in new[] { (Norm.Linf, Norm.Linf), (Norm.L2, Norm.L2), (Norm.L2, Norm.Linf), (Norm.L1, Norm.L2), (Norm.L1, Norm.L1) })
            {
                var problem = Draw(random, smooth: true, degenerate: false) with { JacobianFrom = from, JacobianTo = to };
                var bounds = new JacobianForms(JacobianChain.Of(problem)!);
                var middle = problem.Domain.Box.Middle();
                double Gap(double r)
                {
                    var part = new Box([.. middle.Select(x => x - r)], [.. middle.Select(x => x + r)]);
                    var upper = bounds.UpperBound(part);
                    var lower = 0.0;
                    for (var k = 0; k < 400; k++)
                    {
                        // The largest values of nearly linear functions lie at corners.
                        lower = Math.Max(lower, bounds.LowerBoundAt([.. middle.Select(x => x + (r * ((2 * random.Next(2)) - 1)))]));
                    }

                    return (upper - lower) / upper;
                }

                var (wide, thin) = (Gap(1e-3), Gap(1e-4));
                Assert.True(thin < 1e-9 || thin < wide / 30, $"seed {seed} {from} to {to}: {wide:G3} at 1e-3, {thin:G3} at 1e-4");
            }
        }
    }

    /// <summary>One input and one output: the slope of every piece is an exact rational number, and weights cancel, underflow and differ by powers of ten.</summary>
    [Fact]
    public void Hostile_weights_do_not_break_the_bound()
    {
        var compared = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            int[] sizes = [1, random.Next(1, 6), random.Next(1, 6), 1];
            var builder = new NetworkBuilder();
            var vector = builder.Input("x", 1);
            var layers = new List<(double[] Weights, double[] Biases)>();
            for (var k = 1; k < sizes.Length; k++)
            {
                var (weights, biases) = (DrawHostile(random, sizes[k] * sizes[k - 1], sizes[k - 1]), DrawHostile(random, sizes[k], sizes[k]));
                layers.Add((weights, biases));
                vector = builder.Affine(k == 1 ? vector : builder.Apply(new ReLU(), vector), weights, biases);
            }

            builder.Output("y", vector);
            var center = Math.Clamp(DrawHostile(random, 1, 1)[0], -1e6, 1e6);
            var thin = random.Next(3) * Math.Pow(10, random.Next(-12, 1));
            var box = new Box([center - thin], [center + thin]);
            var problem = new Problem(builder.Build(), vector.Id, new Domain(box)) { JacobianFrom = Norm.Linf, JacobianTo = Norm.Linf };
            var bounds = new JacobianCells(JacobianChain.Of(problem)!);
            var (upper, little) = (bounds.UpperBound(box), new JacobianCells(JacobianChain.Of(problem)!) { MostWork = 1 }.UpperBound(box));
            for (var k = 0; k < 6; k++)
            {
                double[] point = [Math.Clamp(box.Lower[0] + ((box.Upper[0] - box.Lower[0]) * random.NextDouble()), box.Lower[0], box.Upper[0])];
                var slope = ExactSlope(layers, point[0]);
                foreach (var bound in new[] { upper, little })
                {
                    Assert.True(double.IsPositiveInfinity(bound) || Rational.Of(bound).CompareTo(slope) >= 0, $"seed {seed}: slope at {point[0]:R} above {bound:R}");
                    compared += double.IsFinite(bound) ? 1 : 0;
                }

                var lower = bounds.LowerBoundAt(point);
                Assert.True(double.IsNegativeInfinity(lower) || Rational.Of(lower).CompareTo(slope) <= 0, $"seed {seed}: slope at {point[0]:R} below {lower:R}");
            }
        }

        Assert.True(compared > 2000, $"{compared} comparisons with a finite bound");
    }

    /// <summary>Linear maps alone: every entry is an exact rational number; columns that nearly cancel, and subnormal ones that later weights make large again.</summary>
    [Fact]
    public void Products_of_hostile_matrices_do_not_exceed_the_bound()
    {
        var (compared, large) = (0, 0);
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            int[] sizes = [random.Next(1, 4), .. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(1, 4)), random.Next(1, 3)];
            var builder = new NetworkBuilder();
            var vector = builder.Input("x", sizes[0]);
            Rational[][] product = [.. Enumerable.Range(0, sizes[0]).Select(i => Enumerable.Range(0, sizes[0]).Select(j => Rational.Of(i == j ? 1 : 0)).ToArray())];
            var scale = random.Next(2) == 0 ? 1 : 1e-310;
            for (var k = 1; k < sizes.Length; k++)
            {
                var inner = sizes[k - 1];
                double[] weights = [.. Enumerable.Range(0, sizes[k] * inner).Select(_ => ((2 * random.NextDouble()) - 1) * scale)];
                for (var i = 0; i < weights.Length; i++)
                {
                    // Columns of the product that nearly cancel.
                    weights[i] = i % inner > 0 && random.Next(2) == 0 ? -weights[i - 1] * (random.Next(2) == 0 ? 1 : 1 + (random.Next(-3, 4) * Guarantees.Arithmetic.Rounding.UnitRoundoff)) : weights[i];
                }

                scale = scale == 1 ? 1 : 1e90;
                vector = builder.Affine(vector, weights, new double[sizes[k]]);
                product = [.. Enumerable.Range(0, sizes[k]).Select(i => Enumerable.Range(0, sizes[0]).Select(j =>
                    Enumerable.Range(0, inner).Aggregate(Rational.Of(0), (sum, q) => sum + (Rational.Of(weights[(i * inner) + q]) * product[q][j]))).ToArray())];
            }

            builder.Output("y", vector);
            Rational Size(Rational r) => r.CompareTo(Rational.Of(0)) < 0 ? Rational.Of(0) - r : r;
            var sums = product.Select(row => row.Aggregate(Rational.Of(0), (sum, entry) => sum + Size(entry))).Aggregate((a, b) => a.CompareTo(b) > 0 ? a : b);
            var largest = product.SelectMany(row => row).Select(Size).Aggregate((a, b) => a.CompareTo(b) > 0 ? a : b);
            var box = new Box([.. Enumerable.Repeat(-1.0, sizes[0])], [.. Enumerable.Repeat(1.0, sizes[0])]);
            foreach (var (from, truth) in new[] { (Norm.Linf, sums), (Norm.L1, largest) })
            {
                var problem = new Problem(builder.Build(), vector.Id, new Domain(box)) { JacobianFrom = from, JacobianTo = Norm.Linf };
                var chain = JacobianChain.Of(problem)!;
                foreach (IBounds bounds in new IBounds[] { new JacobianCells(chain), new JacobianForms(chain) })
                {
                    var (upper, lower) = (bounds.UpperBound(box), bounds.LowerBoundAt(new double[sizes[0]]));
                    Assert.True(double.IsPositiveInfinity(upper) || Rational.Of(upper).CompareTo(truth) >= 0, $"seed {seed} {bounds.GetType().Name} {from}: {upper:R}");
                    Assert.True(double.IsNegativeInfinity(lower) || Rational.Of(lower).CompareTo(truth) <= 0, $"seed {seed} {bounds.GetType().Name} {from}: {lower:R}");
                    compared++;
                    large += lower >= upper * (1 - 1e-9) ? 1 : 0;
                }
            }
        }

        Assert.True(compared == 12000 && large > 4000, $"{compared} compared, {large} of them tight");
    }

    /// <summary>Beyond the sizes that the added smallest error is made for, the general bounds speak.</summary>
    [Theory]
    [InlineData(1e101, 0, 1)]
    [InlineData(1, 1e101, 1)]
    [InlineData(1, 0, 1e101)]
    public void Huge_numbers_make_no_chain(double weight, double bias, double end)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        var y = builder.Affine(x, [weight], [bias]);
        builder.Output("y", y);
        Assert.Null(JacobianChain.Of(new Problem(builder.Build(), y.Id, new Domain(new Box([-end], [end]))) { JacobianFrom = Norm.L2 }));
    }

    /// <summary>relu(|x| - 0.9) on [-1, 1]: with every neuron left open, its last sign is open by a margin that every part of the relaxation must keep.</summary>
    [Fact]
    public void What_open_neurons_leave_over_reaches_later_signs()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        var sides = builder.Apply(new ReLU(), builder.Affine(x, [1, -1], [0, 0]));
        var past = builder.Apply(new ReLU(), builder.Affine(sides, [1, 1], [-0.9]));
        var y = builder.Affine(past, [1], [0]);
        builder.Output("y", y);
        var problem = new Problem(builder.Build(), y.Id, new Domain(new Box([-1], [1]))) { JacobianFrom = Norm.L2 };
        Assert.InRange(new JacobianCells(JacobianChain.Of(problem)!) { MostWork = 0 }.UpperBound(problem.Domain.Box), 1, 2.001);
        Assert.InRange(new JacobianCells(JacobianChain.Of(problem)!).UpperBound(problem.Domain.Box), 1, 1 + 1e-12);
    }

    /// <summary>A pre-activation that is 0 but for the rounding of its sum: its true sign, and not the computed one, says whether the slope is 0.</summary>
    [Fact]
    public void Signs_closed_by_rounding_alone_do_not_count()
    {
        var active = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var width = random.Next(3, 9);
            double[] first = [.. Enumerable.Range(0, width).Select(_ => random.NextDouble())];
            double[] offsets = [.. Enumerable.Range(0, width).Select(_ => random.NextDouble() + 1)];
            double[] second = [.. Enumerable.Range(0, width).Select(_ => (2 * random.NextDouble()) - 1)];
            var sum = 0.0;
            for (var i = 0; i < width; i++)
            {
                sum += second[i] * (first[i] + offsets[i]);
            }

            var layers = new List<(double[] Weights, double[] Biases)> { (first, offsets), (second, [-sum]), ([1], [0]) };
            var builder = new NetworkBuilder();
            var x = builder.Input("x", 1);
            var y = layers.Aggregate(x, (vector, layer) => builder.Affine(vector.Id == x.Id ? vector : builder.Apply(new ReLU(), vector), layer.Weights, layer.Biases));
            builder.Output("y", y);
            var problem = new Problem(builder.Build(), y.Id, new Domain(Box.Point([1]))) { JacobianFrom = Norm.L2 };
            var slope = ExactSlope(layers, 1);
            active += slope.CompareTo(Rational.Of(0)) > 0 ? 1 : 0;
            Assert.True(Rational.Of(new JacobianCells(JacobianChain.Of(problem)!).UpperBound(problem.Domain.Box)).CompareTo(slope) >= 0, $"seed {seed}");
        }

        Assert.InRange(active, 50, 350);
    }

    /// <summary>t >= b / w and v t &lt;= c meet in a point, or miss by less than a rounding error: the exact answer is asked of rational numbers.</summary>
    [Fact]
    public void A_miss_within_rounding_is_no_proof()
    {
        var (meet, excluded) = (0, 0);
        for (var seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            var (w, b, v) = (random.NextDouble() + 0.1, 0.1 * random.NextDouble(), random.NextDouble() + 0.1);
            var c = v * b / w * (random.Next(4) == 0 ? 0.999 : 1);
            var program = new JacobianProgram(1, 4);
            program.SetRadius([2]);
            program.Push(new Rows([w, 0, 0, 0, -b, 0, 0, 0], 4), 0, 1, 0);
            var empty = program.Excludes(new Rows([-v, 0, 0, 0, c, 0, 0, 0], 4), 0, 1, 0, out _);
            var meets = (Rational.Of(v) * Rational.Of(b)).CompareTo(Rational.Of(c) * Rational.Of(w)) <= 0;
            (meet, excluded) = (meet + (meets ? 1 : 0), excluded + (empty ? 1 : 0));
            Assert.False(meets && empty, $"seed {seed}");
        }

        Assert.True(meet > 500 && excluded > 800, $"{meet} meet, {excluded} were excluded");
    }

    [Fact]
    public void Errors_of_forms_widen_their_halfspaces()
    {
        var form = new Rows([1, 0, 0, 0, -1.005, 0, 0, 0], 4);
        var program = new JacobianProgram(1, 4);
        program.SetRadius([1]);
        Assert.True(program.Excludes(form, 0, 1, 0.001, out _));
        Assert.False(program.Excludes(form, 0, 1, 0.01, out _));

        // -t + 0.01 >= 0 after its error: t = 0.008 remains.
        program.Push(new Rows([1, 0, 0, 0, 0, 0, 0, 0], 4), 0, -1, 0.01);
        Assert.False(program.Excludes(new Rows([1, 0, 0, 0, -0.008, 0, 0, 0], 4), 0, 1, 0, out _));
        Assert.True(program.Excludes(new Rows([1, 0, 0, 0, -0.011, 0, 0, 0], 4), 0, 1, 0, out _));
    }

    [Fact]
    public void Only_what_is_excluded_is_empty()
    {
        var (excluded, found) = (0, 0);
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var (n, m) = (random.Next(1, 5), random.Next(1, 12));
            var program = new JacobianProgram(n, 20);
            double[] radius = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() + 0.1)];
            program.Clear();
            program.SetRadius(radius);
            var forms = new Rows(new double[(n + 1) * 16], 16);
            for (var k = 0; k < (n + 1) * 16; k++)
            {
                forms.Data[k] = (2 * random.NextDouble()) - 1;
            }

            var errors = Enumerable.Range(0, m).Select(_ => random.Next(2) * 0.01 * random.NextDouble()).ToArray();
            var signs = Enumerable.Range(0, m).Select(_ => random.Next(2) == 0 ? -1 : 1).ToArray();
            double Form(int i, double[] t) => forms.Data[(n * 16) + i] + Enumerable.Range(0, n).Sum(j => forms.Data[(j * 16) + i] * t[j]);
            for (var i = 0; i < m - 1; i++)
            {
                program.Push(forms, i, signs[i], errors[i]);
            }

            var empty = program.Excludes(forms, m - 1, signs[m - 1], errors[m - 1], out var vertex);
            excluded += empty ? 1 : 0;
            for (var k = 0; k < 300; k++)
            {
                double[] t = [.. radius.Select(r => r * ((2 * random.NextDouble()) - 1))];
                if (Enumerable.Range(0, m).All(i => (signs[i] * Form(i, t)) + errors[i] >= 0))
                {
                    found++;
                    Assert.False(empty, $"seed {seed}: a point of what was excluded");
                    break;
                }
            }

            if (!empty)
            {
                Assert.All(Enumerable.Range(0, n), j => Assert.InRange(vertex[j], -radius[j] * (1 + 1e-9), radius[j] * (1 + 1e-9)));
                Assert.All(Enumerable.Range(0, m), i => Assert.True((signs[i] * Form(i, vertex)) + errors[i] >= -1e-6, $"seed {seed}: the vertex lies outside halfspace {i}"));
            }
        }

        Assert.True(excluded > 500 && found > 300, $"{excluded} excluded, {found} found");
    }

    private static void Check(int firstSeed, int count, bool smooth)
    {
        var finite = 0;
        for (var seed = firstSeed; seed < firstSeed + count; seed++)
        {
            var random = new Random(seed);
            var drawn = Draw(random, smooth, degenerate: true);
            foreach (var (from, to) in Norms.SelectMany(from => Norms.Select(to => (from, to))))
            {
                var problem = drawn with { JacobianFrom = from, JacobianTo = to };
                var chain = JacobianChain.Of(problem)!;
                IBounds bounds = smooth ? new JacobianForms(chain) : new JacobianCells(chain);
                Assert.True(Bounds.For(problem) is JacobianForms == (smooth && !JacobianCells.Accepts(chain)));
                IBounds little = smooth ? bounds.Clone() : new JacobianCells(chain) { MostWork = random.Next(2) == 0 ? 1 : 20_000 };
                var general = new JacobianBounds(problem);
                var part = random.Next(2) == 0 ? problem.Domain.Box : Part(random, problem.Domain.Box);
                var (upper, rough) = (bounds.UpperBound(part), little.UpperBound(part));
                var limit = upper * (0.5 + random.NextDouble());
                var enough = bounds.UpperBound(part, limit);
                Assert.Equal(upper, bounds.Clone().UpperBound(part));
                Assert.True(enough <= Math.Max(limit, upper) * (1 + 1e-6), $"seed {seed}: {enough:R} for an asker of {limit:R}, {upper:R} otherwise");
                finite += double.IsFinite(upper) ? 1 : 0;
                var points = Enumerable.Range(0, 12).Select(_ => Point(random, part)).ToArray();
                foreach (var (k, point) in points.Index())
                {
                    var jacobian = JacobianAt(problem, point);
                    var size = Size(jacobian, from, to) * (1 - 1e-9);
                    var quotient = Quotient(problem, point, points[(k + 1) % points.Length], from, to);
                    foreach (var bound in new[] { upper, rough, enough })
                    {
                        Assert.True(bound >= size - 1e-12, $"seed {seed} {from} to {to}: |J| = {size:R} above {bound:R}");
                        Assert.True(bound >= quotient - 1e-9, $"seed {seed} {from} to {to}: a quotient {quotient:R} above {bound:R}");
                    }

                    // Where F has a derivative, both ways of a lower bound stay below its norm.
                    foreach (var lower in new[] { bounds.LowerBoundAt(point), general.LowerBoundAt(point) })
                    {
                        Assert.True(lower <= (size * (1 + 1e-8)) + 1e-12, $"seed {seed} {from} to {to}: {lower:R} above |J| = {size:R}");
                        Assert.True(lower == double.NegativeInfinity || lower >= (size * (1 - 1e-6)) - 1e-9, $"seed {seed} {from} to {to}: {lower:R} far below |J| = {size:R}");
                    }
                }
            }
        }

        Assert.True(finite == 9 * count, $"{finite} finite bounds of {9 * count}");
    }

    /// <summary>A random chain over a random box: dead neurons, twins, zero weights, sides of width 0, a function at the end.</summary>
    internal static Problem Draw(Random random, bool smooth, bool degenerate)
    {
        var builder = new NetworkBuilder();
        var n = random.Next(1, 5);
        var vector = builder.Input("x", n);
        var (width, depth) = (n, random.Next(degenerate ? 1 : 2, 5));
        for (var k = 0; k < depth; k++)
        {
            var next = random.Next(1, 7);
            var weights = Enumerable.Range(0, next * width).Select(_ => degenerate && random.Next(6) == 0 ? 0 : ((2 * random.NextDouble()) - 1) * 1.5).ToArray();
            var biases = Enumerable.Range(0, next).Select(_ => degenerate && random.Next(5) == 0 ? 0 : random.NextDouble() - 0.5).ToArray();
            if (degenerate && next > 1 && random.Next(4) == 0)
            {
                weights.AsSpan(0, width).CopyTo(weights.AsSpan(width));
                biases[1] = biases[0];
            }

            vector = builder.Affine(vector, weights, biases);
            width = next;
            if (k < depth - 1 || (degenerate && random.Next(4) == 0))
            {
                vector = builder.Apply(Function(random, smooth), vector);
            }
        }

        builder.Output("y", vector);
        var radius = degenerate ? random.Next(3) switch { 0 => 0.01, 1 => 0.3, _ => 1.5 } : 0.3;
        var center = Enumerable.Range(0, n).Select(_ => (2 * random.NextDouble()) - 1).ToArray();
        var sides = center.Select(_ => degenerate && random.Next(8) == 0 ? 0 : radius).ToArray();
        return new Problem(builder.Build(), vector.Id, new Domain(new Box([.. center.Zip(sides, (c, r) => c - r)], [.. center.Zip(sides, (c, r) => c + r)])))
        {
            JacobianFrom = Norms[random.Next(3)],
            JacobianTo = Norms[random.Next(3)],
        };
    }

    private static Activation Function(Random random, bool smooth) => smooth
        ? random.Next(3) switch { 0 => new Tanh(), 1 => new Sigmoid(), _ => new NormalCdf() }
        : random.Next(3) switch { 0 => new LeakyReLU(0.3), _ => new ReLU() };

    private static Box Part(Random random, Box box)
    {
        var part = box;
        for (var k = random.Next(1, 8); k > 0; k--)
        {
            var axis = random.Next(box.Length);
            var (left, right) = part.Split(axis);
            part = random.Next(2) == 0 ? left : right;
        }

        return part;
    }

    private static double[] Point(Random random, Box part) =>
        [.. Enumerable.Range(0, part.Length).Select(j => random.Next(6) switch
        {
            0 => part.Lower[j],
            1 => part.Upper[j],
            _ => Math.Clamp(part.Lower[j] + ((part.Upper[j] - part.Lower[j]) * random.NextDouble()), part.Lower[j], part.Upper[j]),
        })];

    /// <summary>[output][input], by reverse mode.</summary>
    internal static double[][] JacobianAt(Problem problem, double[] point)
    {
        var values = problem.Graph.Evaluate(point);
        return [.. Enumerable.Range(0, problem.Graph.Nodes[problem.Objective].Length).Select(i => problem.Graph.Gradient(values, problem.Objective, i))];
    }

    private static double Quotient(Problem problem, double[] a, double[] b, Norm from, Norm to)
    {
        var (f, g) = (problem.Graph.Evaluate(a)[problem.Objective], problem.Graph.Evaluate(b)[problem.Objective]);
        var distance = MatrixNormLaws.Length([.. a.Zip(b, (x, y) => x - y)], from);
        return distance > 1e-4 ? MatrixNormLaws.Length([.. f.Zip(g, (x, y) => x - y)], to) / distance : 0;
    }

    private static double Size(double[][] jacobian, Norm from, Norm to) => MatrixNormLaws.Size(jacobian, from, to);

    /// <summary>|dy/dx| of the piece on which x lies (the one of nonpositive values where it lies on a kink).</summary>
    private static Rational ExactSlope(List<(double[] Weights, double[] Biases)> layers, double x)
    {
        Rational[] values = [Rational.Of(x)];
        Rational[] slopes = [Rational.Of(1)];
        var zero = Rational.Of(0);
        foreach (var (k, (weights, biases)) in layers.Index())
        {
            var (nextValues, nextSlopes) = (new Rational[biases.Length], new Rational[biases.Length]);
            for (var i = 0; i < biases.Length; i++)
            {
                (nextValues[i], nextSlopes[i]) = (Rational.Of(biases[i]), zero);
                for (var j = 0; j < values.Length; j++)
                {
                    var weight = Rational.Of(weights[(i * values.Length) + j]);
                    nextValues[i] += weight * values[j];
                    nextSlopes[i] += weight * slopes[j];
                }

                if (k < layers.Count - 1 && nextValues[i].CompareTo(zero) <= 0)
                {
                    (nextValues[i], nextSlopes[i]) = (zero, zero);
                }
            }

            (values, slopes) = (nextValues, nextSlopes);
        }

        return slopes[0].CompareTo(zero) < 0 ? zero - slopes[0] : slopes[0];
    }

    private static double[] DrawHostile(Random random, int count, int row)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = random.Next(9) switch
            {
                0 => 1e17 * (random.NextDouble() + 1),
                1 when i % row > 0 => -values[i - 1],
                2 => 1e-30 * random.NextDouble(),
                3 => double.Epsilon * random.Next(1, 100),
                4 => 1,
                5 => 0,
                _ => (2 * random.NextDouble()) - 1,
            };
        }

        return values;
    }
}
