using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Tests.Graphs;
using Xunit;

namespace Guarantees.Tests.Claims;

/// <summary>Properties of several networks: in the variables in which a case is asked, u lies in the box with g(u) &gt;= 0 exactly where x lies in the region with every constraint.</summary>
/// <remarks>
/// The referee is exact: each network by itself in rational numbers, the constraints as the file states them. All numbers are dyadic, so that nothing is rounded outward.
/// Mutants planted and found: slopes of a change taken over a alone; the difference of coefficients, or of biases, left out; a copy's outputs those of the first network; the ends of a
/// tie exchanged; the range of a tied input forgotten; a pivot used twice; contradictory ties not noticed; the lower chord of a change through the upper values; its lines exchanged
/// where b is negative; constraints on outputs dropped with the ties.
/// </remarks>
public class RelationalLaws
{
    private static readonly string[] Letters = ["A", "B", "C", "D", "E", "F"];

    [Fact]
    public void G_is_at_least_0_in_the_box_exactly_where_region_and_constraints_hold()
    {
        var (holds, fails, tied, changes, empty, bounds) = (0, 0, 0, 0, 0, 0);
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var networks = Draw(random);
            var property = Read(Question(random, networks));
            var problems = PropertyCompiler.Compile(networks, property);
            Assert.Equal(property.Cases.Length, problems.Length);
            foreach (var (item, problem) in property.Cases.Zip(problems))
            {
                var variables = PropertyCompiler.Variables(property, item);
                tied += variables.IsIdentity ? 0 : 1;
                changes += problem.Graph.Nodes.Any(node => node.Operator is Change) ? 1 : 0;
                empty += variables.IsEmpty ? 1 : 0;
                for (var trial = 0; trial < 30; trial++)
                {
                    var u = Point(random, problem.Domain.Box, inside: trial % 4 != 0);
                    var x = Enumerable.Range(0, u.Length).Select(i => variables.Expression(i).Aggregate(Rational.Zero, (sum, term) => sum + (term.Value * u[term.Key]))).ToArray();
                    var y = Outputs(networks, x);
                    var truth = item.Region.Contains(x) && item.Constraints.All(constraint => PropertyCompilerLaws.Sum(constraint, x, y) <= constraint.Bound);
                    var inBox = Enumerable.Range(0, u.Length).All(j => u[j].CompareTo(problem.Domain.Box.Lower[j]) >= 0 && u[j].CompareTo(problem.Domain.Box.Upper[j]) <= 0);
                    var g = ExactNetwork.Evaluate(problem.Graph, u)[problem.Objective].Min();
                    Assert.True(truth == (inBox && g.Sign >= 0), $"seed {seed}: g = {g}, in the box {inBox}, truth {truth}: {problem.Text}");
                    holds += truth ? 1 : 0;
                    fails += truth ? 0 : 1;
                }

                // The kernel's bounds hold on parts of the box of u.
                var engine = Bounds.For(problem);
                for (var trial = 0; trial < 4; trial++)
                {
                    var part = Part(random, problem.Domain.Box);
                    var bound = engine.UpperBound(part);
                    for (var k = 0; k < 6; k++)
                    {
                        var value = ExactNetwork.Evaluate(problem.Graph, Point(random, part, inside: true))[problem.Objective].Min();
                        Assert.True(value.CompareTo(bound) <= 0, $"seed {seed}: {value} above {bound}");
                        bounds++;
                    }
                }
            }
        }

        Assert.True(holds > 500 && fails > 2000 && tied > 100 && changes > 100 && empty > 2 && bounds > 5000, $"{holds} hold, {fails} fail, {tied} tied, {changes} by changes, {empty} empty, {bounds} bounds");
    }

    /// <summary>|x' - x| &lt;= e over a wide box: the bound of y' - y shrinks with e, whatever the box of x, and needs no division.</summary>
    [Theory]
    [InlineData(1.0)]
    [InlineData(0.0078125)]
    [InlineData(0.0)]
    public void Differences_of_copies_are_bounded_by_the_distance_of_their_inputs(double e)
    {
        var random = new Random(5);
        var network = Net(random, 2, 6, 1, 4);
        var problem = PropertyCompiler.Compile([network, network], Read(string.Create(
            CultureInfo.InvariantCulture, $"{Declare(["f", "g"], [network, network])}(assert (and {Ranges("A", 2, 100)} {Ranges("C", 2, 1000)}))\n{Near("C", "A", 2, e)}(assert (>= (+ D[0] (* -1.0 B[0])) 0.0))"))).Single();
        var bound = Bounds.For(problem).UpperBound(problem.Domain.Box);
        Assert.InRange(bound, 0, (100 * e) + 1e-9);
    }

    /// <summary>An equality leaves the region without interior; in u it has one, and points of it satisfy the equality exactly.</summary>
    [Fact]
    public void Equalities_leave_a_box_of_fewer_coordinates()
    {
        var network = Net(new Random(1), 2, 3, 1, 2);
        var property = Read($"{Declare(["f"], [network])}(assert (and {Ranges("A", 2, 1)}))\n(assert (== A[1] (+ (* -0.5 A[0]) 0.25)))\n(assert (>= B[0] 0.0))");
        var item = Assert.Single(property.Cases);
        var variables = PropertyCompiler.Variables(property, item);
        Assert.False(variables.IsIdentity);
        Assert.Equal((0.25, 0.25), (variables.Box.Lower[1], variables.Box.Upper[1]));
        for (var k = 0; k <= 16; k++)
        {
            var x = variables.Point([(k / 8.0) - 1, 0.25]);
            Assert.Equal(0.25 - (0.5 * x[0]), x[1]);
            Assert.True(item.Region.Contains(x));
        }

        // Where the other input leaves its range, a condition stays.
        Assert.NotNull(Chain.TryRead(PropertyCompiler.Compile(network, property).Single().Graph, PropertyCompiler.Compile(network, property).Single().Objective));
    }

    [Fact]
    public void A_property_of_one_network_without_equalities_is_asked_in_x()
    {
        var network = Net(new Random(1), 2, 3, 1, 2);
        var property = Read($"{Declare(["f"], [network])}(assert (and {Ranges("A", 2, 1)}))\n(assert (<= A[1] A[0]))\n(assert (>= B[0] 0.0))");
        Assert.True(PropertyCompiler.Variables(property, property.Cases[0]).IsIdentity);
        Assert.Equal(property.Cases[0].Box, PropertyCompiler.Compile(network, property).Single().Domain.Box);
    }

    [Fact]
    public void The_number_of_networks_and_their_sizes_must_fit()
    {
        var (network, wide) = (Net(new Random(1), 2, 3, 1, 2), Net(new Random(1), 3, 3, 1, 2));
        var property = Read($"{Declare(["f", "g"], [network, network])}(assert (and {Ranges("A", 2, 1)} {Ranges("C", 2, 1)} (>= B[0] D[0])))\n");
        Assert.Contains("speaks of 2 networks; got 1", Assert.Throws<ArgumentException>(() => PropertyCompiler.Compile(network, property)).Message, StringComparison.Ordinal);
        Assert.Contains("2 inputs and 1 outputs of 'g', the network 3 and 1", Assert.Throws<ArgumentException>(() => PropertyCompiler.Compile([network, wide], property)).Message, StringComparison.Ordinal);
    }

    /// <summary>Two or three networks: copies of the first, the first with other coefficients near by, or another altogether.</summary>
    private static ImmutableArray<Network> Draw(Random random)
    {
        var (inputs, outputs, seed) = (random.Next(1, 3), random.Next(1, 3), random.Next());
        var (hidden, layers) = (random.Next(2, 4), random.Next(1, 3));
        var first = Net(new Random(seed), inputs, hidden, outputs, layers);
        return [first, .. Enumerable.Range(0, random.Next(6) == 0 ? 2 : 1).Select(_ => random.Next(5) switch
        {
            0 or 1 => first,
            2 or 3 => Net(new Random(seed), inputs, hidden, outputs, layers, random),
            _ => Net(random, inputs, random.Next(2, 4), outputs, random.Next(1, 3)),
        })];
    }

    /// <summary>Dyadic weights; with <paramref name="moved"/>, some of them a little off.</summary>
    private static Network Net(Random random, int inputs, int hidden, int outputs, int layers, Random? moved = null)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", inputs);
        for (var k = 0; k < layers; k++)
        {
            x = builder.Apply(new ReLU(), Layer(x, hidden));
        }

        builder.Output("y", Layer(x, outputs));
        return builder.Build();

        Vector Layer(Vector from, int n) => builder.Affine(from, [.. Enumerable.Range(0, n * from.Length).Select(_ => Number())], [.. Enumerable.Range(0, n).Select(_ => Number())]);

        double Number() => (random.Next(-4, 5) / 4.0) + (moved?.Next(3) == 0 ? moved.Next(-1, 2) / 16.0 : 0);
    }

    private static string Question(Random random, ImmutableArray<Network> networks)
    {
        var text = new StringBuilder(Declare([.. networks.Select((_, k) => $"n{k}")], networks));
        var n = networks[0].InputLength;
        text.Append(CultureInfo.InvariantCulture, $"(assert (and {Ranges("A", n, 2)}))\n");
        for (var k = 1; k < networks.Length; k++)
        {
            var (own, other) = (Letters[2 * k], Letters[2 * random.Next(k)]);
            for (var i = 0; i < n; i++)
            {
                var range = string.Create(CultureInfo.InvariantCulture, $"(assert (and (<= {own}[{i}] 2.0) (>= {own}[{i}] -1.5)))\n");
                text.Append(random.Next(10) switch
                {
                    0 => range,
                    1 => Near(own, other, n, 0.5, i),
                    2 => range + Near(own, other, n, 0.25, i),
                    3 => $"(assert (== {own}[{i}] (+ {other}[{i}] 0.25)))\n",
                    4 => range + $"(assert (== {own}[{i}] (* -2.0 {other}[{i}])))\n",
                    5 => range + $"(assert (>= {own}[{i}] {other}[{i}]))\n",
                    6 => range + $"(assert (>= {own}[{i}] (+ {other}[{i}] 0.5)))\n(assert (<= {own}[{i}] (+ {other}[{i}] 1.0)))\n(assert (or (<= {own}[{i}] (+ {other}[{i}] 0.25)) (>= {own}[{i}] 1.0)))\n",
                    7 => range + Near(own, other, n, 0.5, i) + $"(assert (and (<= (+ {own}[{i}] (* 0.5 {other}[{i}])) 0.5) (>= (+ {own}[{i}] (* 0.5 {other}[{i}])) -0.25)))\n",
                    8 => range + $"(assert (<= (+ {own}[{i}] {other}[{i}]) 1.0))\n",
                    _ => range + $"(assert (and (<= (* 3.0 {own}[{i}]) (+ {other}[{i}] 1.0)) (>= (* 4.0 {own}[{i}]) (+ {other}[{i}] -1.0)) (<= (* 4.0 {own}[{i}]) {other}[{i}])))\n",
                });
            }
        }

        var m = networks[0].Nodes[networks[0].Outputs[0].Node].Length;
        string[] outputs = [.. networks.SelectMany((_, k) => Enumerable.Range(0, m).Select(i => $"{Letters[(2 * k) + 1]}[{i}]"))];
        for (var count = random.Next(0, 3); count > 0; count--)
        {
            var (a, b) = (outputs[random.Next(outputs.Length)], outputs[random.Next(outputs.Length)]);
            text.Append(CultureInfo.InvariantCulture, $"(assert ({(random.Next(2) == 0 ? "<=" : ">=")} (+ {a} (* {(random.Next(3) == 0 ? "2.0" : "-1.0")} {b})) {Quarters(random.Next(-4, 5))}))\n");
        }

        return text.ToString();
    }

    private static string Quarters(int k) => string.Create(CultureInfo.InvariantCulture, $"{k / 4.0:0.00}");

    private static string Declare(string[] names, ImmutableArray<Network> networks) => "(vnnlib-version <2.0>)\n" + string.Concat(networks.Select((network, k) =>
        $"(declare-network {names[k]} (declare-input {Letters[2 * k]} float32 [{network.InputLength}]) (declare-output {Letters[(2 * k) + 1]} float32 [{network.Nodes[network.Outputs[0].Node].Length}]))\n"));

    private static string Ranges(string name, int n, double end) =>
        string.Join(' ', Enumerable.Range(0, n).Select(i => string.Create(CultureInfo.InvariantCulture, $"(<= {name}[{i}] {end:0.0}) (>= {name}[{i}] -{end:0.0})")));

    private static string Near(string own, string other, int n, double e, int only = -1) => string.Concat(Enumerable.Range(0, n).Where(i => only < 0 || i == only).Select(i => string.Create(
        CultureInfo.InvariantCulture, $"(assert (and (<= (+ {own}[{i}] (* -1.0 {other}[{i}])) {e:0.0#########}) (>= (+ {own}[{i}] (* -1.0 {other}[{i}])) -{e:0.0#########})))\n")));

    private static VnnLibProperty Read(string text) => VnnLibFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "p");

    /// <summary>A grid point, sometimes outside.</summary>
    private static Rational[] Point(Random random, Box box, bool inside) => [.. Enumerable.Range(0, box.Length).Select(j =>
        Rational.Of(box.Lower[j]) + ((Rational.Of(box.Upper[j]) - Rational.Of(box.Lower[j])) * Rational.Of(inside ? random.Next(0, 9) / 8.0 : random.Next(-2, 11) / 8.0)))];

    private static Box Part(Random random, Box box)
    {
        var part = new Box(box.Length);
        for (var j = 0; j < box.Length; j++)
        {
            var (a, b) = (random.Next(0, 9), random.Next(0, 9));
            part[j] = new(box.Lower[j] + ((box.Upper[j] - box.Lower[j]) * Math.Min(a, b) / 8), box.Lower[j] + ((box.Upper[j] - box.Lower[j]) * Math.Max(a, b) / 8));
        }

        return part;
    }

    private static Rational[] Outputs(ImmutableArray<Network> networks, Rational[] x)
    {
        var (y, start) = (new List<Rational>(), 0);
        foreach (var network in networks)
        {
            var values = ExactNetwork.Evaluate(network, x.AsSpan(start, network.InputLength));
            y.AddRange(network.Outputs.SelectMany(output => values[output.Node]));
            start += network.InputLength;
        }

        return [.. y];
    }
}
