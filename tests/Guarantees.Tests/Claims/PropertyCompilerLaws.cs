using System.Globalization;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Tests.Graphs;
using Xunit;

namespace Guarantees.Tests.Claims;

/// <summary>A case is compiled to g with g(x) &gt;= 0 exactly where its constraints hold, a strict one read as the other.</summary>
/// <remarks>
/// The referee is exact: the network and g in rational numbers, the constraints as the file states them. Inputs and weights lie on a coarse dyadic grid and
/// coefficients on tenths, so that equality happens and rounding a bound up adds no point. Mutant planted and found: the sign of the coefficients.
/// </remarks>
public class PropertyCompilerLaws
{
    [Fact]
    public void G_is_at_least_0_exactly_where_every_constraint_holds()
    {
        var (holds, fails, edges, several) = (0, 0, 0, 0);
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var network = Draw(random);
            var property = Read(Question(random, network));
            var problems = PropertyCompiler.Compile(network, property);
            Assert.Equal(property.Cases.Length, problems.Length);
            several += problems.Length > 1 ? 1 : 0;
            foreach (var (item, problem) in property.Cases.Zip(problems))
            {
                Assert.Equal((item.Box.Lower, item.Box.Upper), (problem.Domain.Box.Lower, problem.Domain.Box.Upper));
                Assert.Null(problem.JacobianFrom);
                for (var trial = 0; trial < 12; trial++)
                {
                    Rational[] x = [.. Enumerable.Range(0, network.InputLength).Select(_ => Rational.Of(random.Next(-8, 9) / 4.0))];
                    var values = ExactNetwork.Evaluate(network, x);
                    Rational[] y = [.. network.Outputs.SelectMany(output => values[output.Node])];
                    var truth = item.Constraints.All(constraint => Sum(constraint, x, y) <= constraint.Bound);
                    var g = ExactNetwork.Evaluate(problem.Graph, x)[problem.Objective].Min();
                    Assert.True(truth == (g.Sign >= 0), $"seed {seed}: g = {g}, {problem.Text}");
                    holds += truth ? 1 : 0;
                    fails += truth ? 0 : 1;
                    edges += g.Sign == 0 ? 1 : 0;
                }
            }
        }

        Assert.True(holds > 200 && fails > 200 && edges > 50 && several > 30, $"{holds} hold, {fails} fail, {edges} on the edge, {several} of several cases");
    }

    [Fact]
    public void Decimals_stay_exact()
    {
        // (0.1 + 0.2) x is 0.3 x, which no double coefficients say.
        var problem = One("(assert (<= (+ (* 0.1 Y_0) (* 0.2 Y_1)) 0.3))");
        var linear = (SparseAffine)problem.Graph.Nodes[problem.Objective].Operator;
        Assert.Equal(3, linear.Bias(0));
        Assert.Equal((-1, -2), (linear.Terms(0)[0].Weight, linear.Terms(0)[1].Weight));
    }

    [Fact]
    public void A_bound_that_no_double_is_moves_up_and_strictness_is_dropped()
    {
        var above = Read("(assert (<= Y_0 0.3))").Cases[0].Constraints[0].Bound.RoundUp();
        foreach (var text in new[] { "(assert (<= Y_0 0.3))", "(assert (< Y_0 0.3))" })
        {
            Assert.Equal(0, At(One(text), above).Sign);
            Assert.Equal(-1, At(One(text), Math.BitIncrement(above)).Sign);
        }

        static Rational At(Problem problem, double y) => ExactNetwork.Evaluate(problem.Graph, [Rational.Of(y), default])[problem.Objective][0];
    }

    [Fact]
    public void A_case_without_constraints_holds_everywhere()
    {
        var problem = One("");
        Assert.Equal(0, ExactNetwork.Evaluate(problem.Graph, [Rational.Of(0.25), Rational.Of(-0.5)])[problem.Objective].Min().Sign);
        Assert.True(Guarantees.Checking.Bounds.For(problem).UpperBound(problem.Domain.Box) >= 0);
    }

    /// <summary>With one source the graph stays a chain, which has the fast bounds; with inputs and outputs mixed it is none.</summary>
    [Fact]
    public void Constraints_on_one_output_leave_a_chain()
    {
        Assert.NotNull(Chain.TryRead(One("(assert (<= Y_0 Y_1))").Graph, One("(assert (<= Y_0 Y_1))").Objective));
        Assert.NotNull(Chain.TryRead(One("(assert (<= X_0 X_1))").Graph, One("(assert (<= X_0 X_1))").Objective));
        Assert.Null(Chain.TryRead(One("(assert (<= Y_0 X_1))").Graph, One("(assert (<= Y_0 X_1))").Objective));
    }

    [Fact]
    public void A_property_of_other_sizes_of_two_networks_or_with_too_many_digits_is_refused()
    {
        Refused("3 inputs and 2 outputs, the network 2 and 2", "(declare-const X_2 Real)\n(assert (<= 0 X_2 1))\n");
        Refused("2 inputs and 3 outputs, the network 2 and 2", "(declare-const Y_2 Real)\n(assert (<= 0 Y_2))\n");
        Refused("too many digits", "(assert (<= (+ (* 0.12345678901234567890123 Y_0) Y_1) 1))");
        Refused("too many digits", "(assert (<= (+ (* 1e300 Y_0) (* 1e-300 Y_1)) 1))");
        const string two = "(vnnlib-version <2.0>)\n(declare-network f (declare-input X float32 [1]) (declare-output Y float32 [1]))\n"
            + "(declare-network g (equal-to f) (declare-input U float32 [1]) (declare-output W float32 [1]))\n"
            + "(assert (and (<= 0.0 X[0]) (<= X[0] 1.0) (<= 0.0 U[0]) (<= U[0] 1.0)))\n(assert (<= Y[0] W[0]))\n";
        var error = Assert.Throws<ArgumentException>(() => PropertyCompiler.Compile(Copies(), VnnLibFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(two)), "p")));
        Assert.Contains("2 networks", error.Message, StringComparison.Ordinal);

        static void Refused(string part, string text) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => PropertyCompiler.Compile(Copies(), Read(text))).Message, StringComparison.Ordinal);
    }

    private static Problem One(string text) => PropertyCompiler.Compile(Copies(), Read(text)).Single();

    /// <summary>y = x, of length 2.</summary>
    private static Network Copies()
    {
        var builder = new NetworkBuilder();
        builder.Output("y", builder.Affine(builder.Input("x", 2), [1, 0, 0, 1], [0, 0]));
        return builder.Build();
    }

    /// <summary>A property of two inputs in [0, 1] and two outputs.</summary>
    private static VnnLibProperty Read(string asserts)
    {
        var text = asserts.Contains("declare-const X_0", StringComparison.Ordinal) ? asserts
            : "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(declare-const Y_1 Real)\n(assert (<= 0 X_0 1))\n(assert (<= 0 X_1 1))\n" + asserts;
        return VnnLibFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "property");
    }

    /// <summary>One or two inputs and outputs, each a vector, and a layer of ReLUs between.</summary>
    private static Network Draw(Random random)
    {
        var builder = new NetworkBuilder();
        var inputs = Enumerable.Range(0, random.Next(1, 3)).Select(k => builder.Input($"x{k}", random.Next(1, 3))).ToArray();
        var x = builder.Concat(inputs);
        var hidden = builder.Apply(new ReLU(), Layer(x, 3));
        for (var k = random.Next(1, 3); k > 0; k--)
        {
            builder.Output($"y{k}", random.Next(5) == 0 ? inputs[0] : Layer(random.Next(4) == 0 ? x : hidden, random.Next(1, 3)));
        }

        return builder.Build();

        Vector Layer(Vector from, int n) => builder.Affine(
            from, [.. Enumerable.Range(0, n * from.Length).Select(_ => random.Next(-2, 3) / 2.0)], [.. Enumerable.Range(0, n).Select(_ => random.Next(-2, 3) / 2.0)]);
    }

    private static string Question(Random random, Network network)
    {
        var (inputs, outputs) = (network.InputLength, network.Outputs.Sum(output => network.Nodes[output.Node].Length));
        var text = new StringBuilder();
        string[] names = [.. Enumerable.Range(0, inputs).Select(i => $"X_{i}"), .. Enumerable.Range(0, outputs).Select(i => $"Y_{i}")];
        foreach (var name in names)
        {
            text.Append(CultureInfo.InvariantCulture, $"(declare-const {name} Real)\n");
        }

        for (var i = 0; i < inputs; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"(assert (<= -2.1 X_{i} 2.{random.Next(10)}))\n");
        }

        for (var count = random.Next(1, 3); count > 0; count--)
        {
            text.Append(CultureInfo.InvariantCulture, $"(assert (or {Constraint()} (and {Constraint()} {Constraint()})))\n(assert {Constraint()})\n");
        }

        return text.ToString();

        string Constraint()
        {
            var terms = Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"(* {Tenths(random.Next(-15, 16))} {names[random.Next(names.Length)]})");
            return $"({(random.Next(2) == 0 ? "<" : ">")}{(random.Next(4) == 0 ? "" : "=")} (+ {string.Join(' ', terms)} 0) {Tenths(random.Next(-20, 21))})";
        }
    }

    private static string Tenths(int k) => string.Create(CultureInfo.InvariantCulture, $"{(k < 0 ? "-" : "")}{Math.Abs(k) / 10}.{Math.Abs(k) % 10}");

    internal static Rational Sum(LinearConstraint constraint, Rational[] x, Rational[] y)
    {
        var sum = Rational.Zero;
        foreach (var (terms, values) in new[] { (constraint.Inputs, x), (constraint.Outputs, y) })
        {
            foreach (var term in terms)
            {
                sum += term.Coefficient * values[term.Index];
            }
        }

        return sum;
    }

    /// <summary>a = x and b = -x over [1, 2]: read by place, the question "b &gt;= 0.5" would be one about a.</summary>
    [Theory]
    [InlineData("(declare-output B real [1] \"b\") (declare-output A real [1] \"a\")", "p: output 1 stands for 'b' with 1 elements; the network's is 'a' with 1.")]
    [InlineData("(declare-output A real [2] \"a\")", "p: output 1 stands for 'a' with 2 elements; the network's is 'a' with 1.")]
    public void Tensors_that_stand_for_others_than_those_at_their_place_are_refused(string outputs, string message)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        builder.Output("a", 1 * x);
        builder.Output("b", -x);
        var text = $"(vnnlib-version <2.0>)(declare-network f (declare-input X real [1] \"x\") {outputs})"
            + "(assert (>= X[0] 1.0))(assert (<= X[0] 2.0))(assert (>= A[0] 0.5))";
        var error = Assert.Throws<ArgumentException>(() => PropertyCompiler.Compile(builder.Build(), VnnLibFile.Parse(text, "p")));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }
}
