using System.Globalization;
using System.Text;
using Certify.Search;
using Certify.Smt;
using Guarantees.Arithmetic;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Smt;
using Guarantees.Networks;
using Xunit;
using Xunit.Abstractions;

namespace Certify.Tests;

/// <summary>VNN-LIB questions about two copies of a network, or two networks, from the files to a checked certificate.</summary>
/// <remarks>
/// Every sat is replayed through ONNX Runtime, each network with its own part of the input, and every certificate is checked from its bytes. Truths come from an exact
/// Lipschitz constant, from differences planted by hand and from Z3.
/// Mutants planted and found: a copy replayed on the first network's input; the second model's hash not compared; the second network read from the first model;
/// the models of further networks left out of the certificate.
/// </remarks>
public class RelationalTests(ITestOutputHelper output)
{
    private const string Copies = "(vnnlib-version <2.0>)\n(declare-network f (declare-input X float32 [2]) (declare-output Y float32 [1]))\n"
        + "(declare-network g (equal-to f) (declare-input U float32 [2]) (declare-output V float32 [1]))\n";

    private const string Pair = "(vnnlib-version <2.0>)\n(declare-network f (declare-input X float32 [2]) (declare-output Y float32 [1]))\n"
        + "(declare-network g (isomorphic-to f) (declare-input U float32 [2]) (declare-output V float32 [1]))\n";

    private const string Square = "(assert (and (<= -1.0 X[0]) (<= X[0] 1.0) (<= -1.0 X[1]) (<= X[1] 1.0)))\n";

    private const string Same = "(assert (== U[0] X[0]))\n(assert (== U[1] X[1]))\n";

    [Fact]
    public void Copies_with_equal_inputs_agree()
    {
        var result = Solve(Net(3), Copies + Square + Same + "(assert (or (>= V[0] (+ Y[0] 1e-9)) (<= V[0] (+ Y[0] -1e-9))))");
        Assert.Equal(PropertyAnswer.Unsat, result.Answer);
        Assert.True(result.Parts <= 4, $"{result.Parts} parts");
    }

    /// <summary>|x' - x| &lt;= 1/16 moves the output by at most 1/16 of the Lipschitz constant, and on its cell by as much.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_lipschitz_question_is_answered_on_both_sides_of_the_constant(int seed)
    {
        var model = Net(seed);
        var network = OnnxImporter.Read(model, "m");
        var builder = new NetworkBuilder();
        var y = builder.Insert(network, builder.Input("x", 2)).Values.Single();
        builder.Output("y", y);
        var constant = new BranchAndBound { RelativeGap = 1e-6 }.Solve(new Problem(builder.Build(), y.Id, new Domain(new Box([-1, -1], [1, 1]))) { JacobianFrom = Norm.Linf, JacobianTo = Norm.Linf });
        Assert.InRange(constant.Upper - constant.Lower, 0, 1e-5 * constant.Upper);
        const double e = 1.0 / 16;

        // The largest change over the square itself, from a fine grid: no more than e times the constant.
        var unsat = Solve(model, Copies + Square + Near(e) + Inside + Change(e * constant.Upper * 1.01));
        Assert.Equal(PropertyAnswer.Unsat, unsat.Answer);
        output.WriteLine($"unsat by {unsat.Parts} parts in {unsat.Seconds:F2} s, certificate {unsat.Certificate!.ToBytes().Length} bytes");
        var largest = 0.0;
        for (var i = 0; i <= 64; i++)
        {
            for (var j = 0; j <= 64; j++)
            {
                double[] x = [(i / 32.0) - 1, (j / 32.0) - 1];
                foreach (var (a, b) in new[] { (e, e), (e, -e), (-e, e), (-e, -e) })
                {
                    double[] moved = [x[0] + a, x[1] + b];
                    if (moved.All(value => Math.Abs(value) <= 1))
                    {
                        largest = Math.Max(largest, network.Evaluate(moved)[network.Outputs[0].Node][0] - network.Evaluate(x)[network.Outputs[0].Node][0]);
                    }
                }
            }
        }

        Assert.InRange(largest, 0.3 * e * constant.Lower, e * constant.Upper);
        var sat = Solve(model, Copies + Square + Near(e) + Inside + Change(0.98 * largest));
        Assert.Equal(PropertyAnswer.Sat, sat.Answer);
        Assert.Equal(4, sat.Witness.Length);
        for (var i = 0; i < 2; i++)
        {
            Assert.True((Rational.Of(sat.Witness[2 + i]) - Rational.Of(sat.Witness[i])).CompareTo(e) <= 0);
        }
    }

    /// <summary>The second network is the first with a bump that is hidden in a small part of the square, or with a layer rounded.</summary>
    [Fact]
    public void A_planted_difference_is_found_and_a_tolerance_above_it_is_proved()
    {
        var (first, second) = (Net(3), Net(3, bump: true));
        string Question(double tolerance) => Pair + Square + Same + string.Create(CultureInfo.InvariantCulture, $"(assert (or (>= V[0] (+ Y[0] {tolerance:F9})) (<= V[0] (+ Y[0] -{tolerance:F9}))))");

        // The bump is a pyramid of height 0.25.
        var sat = Solve(first, Question(0.2), second);
        Assert.Equal(PropertyAnswer.Sat, sat.Answer);
        Assert.Equal(sat.Witness[..2], sat.Witness[2..]);
        Assert.Equal(PropertyAnswer.Unsat, Solve(first, Question(0.26), second).Answer);
        Assert.Equal(PropertyAnswer.Unsat, Solve(first, Question(0.001), first).Answer);

        var rounded = Net(3, round: true);
        var apart = Solve(first, Question(0.05), rounded);
        Assert.Equal(PropertyAnswer.Unsat, apart.Answer);
        output.WriteLine($"rounded weights: {apart.Parts} parts");
        var (ours, theirs, largest) = (OnnxImporter.Read(first, "m"), OnnxImporter.Read(rounded, "m"), 0.0);
        for (var k = 0; k < 10_000; k++)
        {
            double[] x = [((k % 100) / 50.0) - 0.99, ((k / 100) / 50.0) - 0.99];
            largest = Math.Max(largest, Math.Abs(ours.Evaluate(x)[ours.Outputs[0].Node][0] - theirs.Evaluate(x)[theirs.Outputs[0].Node][0]));
        }

        output.WriteLine($"the largest difference by sampling is {largest}");
        Assert.Equal(PropertyAnswer.Sat, Solve(first, Question(0.9 * largest), rounded).Answer);
        Assert.Equal(PropertyAnswer.Unsat, Solve(first, Question((1.1 * largest) + 1e-5), rounded).Answer);
    }

    /// <summary>An output that rises with the first input: monotonicity, which ties inputs by an inequality and an equality.</summary>
    [Fact]
    public void Monotonicity_is_a_question_about_two_copies()
    {
        const string tied = "(assert (and (>= U[0] X[0]) (<= U[0] 1.0)))\n(assert (== U[1] X[1]))\n";
        var rising = Rising();
        Assert.Equal(PropertyAnswer.Unsat, Solve(rising, Copies + Square + tied + "(assert (<= V[0] (+ Y[0] -0.0001)))").Answer);
        var sat = Solve(rising, Copies + Square + tied + "(assert (>= V[0] (+ Y[0] 1.0)))");
        Assert.Equal(PropertyAnswer.Sat, sat.Answer);
        Assert.Equal(sat.Witness[1], sat.Witness[3]);
    }

    /// <summary>An equality between inputs of one network, with a shift that float32 numbers keep.</summary>
    [Fact]
    public void An_equality_between_inputs_has_witnesses()
    {
        const string one = "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(assert (<= -1 X_0 1))\n(assert (<= -1 X_1 1))\n(assert (= X_1 (+ 0.25 (* -2 X_0))))\n";
        var model = Net(3);
        var network = OnnxImporter.Read(model, "m");
        var values = Enumerable.Range(0, 1001).Select(k => -0.375 + (k / 1000.0)).Select(x => network.Evaluate([x, 0.25 - (2 * x)])[network.Outputs[0].Node][0]).ToArray();
        var middle = (values.Max() + values.Min()) / 2;
        var sat = Solve(model, one + string.Create(CultureInfo.InvariantCulture, $"(assert (>= Y_0 {(0.9 * values.Max()) + (0.1 * middle):F6}))"));
        Assert.Equal(PropertyAnswer.Sat, sat.Answer);
        Assert.Equal(0.25 - (2 * sat.Witness[0]), sat.Witness[1]);
        Assert.Equal(PropertyAnswer.Unsat, Solve(model, one + string.Create(CultureInfo.InvariantCulture, $"(assert (>= Y_0 {values.Max() + 0.01:F6}))")).Answer);
    }

    /// <summary>Random small questions about copies, near copies and other networks, against Z3 on the formula written here from the weights.</summary>
    [Smt.SolverFact]
    public void Answers_agree_with_a_solver()
    {
        var (sat, unsat, open) = (0, 0, 0);
        for (var seed = 0; seed < 24; seed++)
        {
            var random = new Random(seed);
            var (first, second) = (Sketch(random, null), default((float[], float[], float[], float))!);
            second = random.Next(3) switch { 0 => first, 1 => Sketch(random, first), _ => Sketch(random, null) };
            var same = ReferenceEquals(first.Item1, second.Item1);
            var ties = random.Next(4) switch
            {
                0 => Same,
                1 => Inside + Near(0.125),
                2 => Inside + "(assert (>= U[0] X[0]))\n(assert (== U[1] (+ X[1] 0.125)))\n",
                _ => Inside + "(assert (== U[1] (* -1.0 X[0])))\n",
            };
            var threshold = random.Next(-4, 9) / 8.0;
            var text = (same ? Copies : Pair) + Square + ties + string.Create(CultureInfo.InvariantCulture, $"(assert (>= V[0] (+ Y[0] {threshold:0.0##})))");
            var result = Solve(Model(first), text, same ? null : Model(second));
            var answer = SmtSolvers.Best().Solve(Formula(first, second, ties, threshold), SmtLimits.Default);
            var expected = answer switch { SmtAnswer.Sat => PropertyAnswer.Sat, SmtAnswer.Unsat => PropertyAnswer.Unsat, _ => throw new InvalidOperationException($"{answer}") };
            if (result.Answer == PropertyAnswer.Unknown)
            {
                open++; // the threshold itself is reached, or no double satisfies the ties
                continue;
            }

            Assert.True(expected == result.Answer, $"seed {seed}: {result.Answer}, the solver says {expected}:\n{text}");
            (sat, unsat) = expected == PropertyAnswer.Sat ? (sat + 1, unsat) : (sat, unsat + 1);
        }

        output.WriteLine($"{sat} sat, {unsat} unsat, {open} unknown");
        Assert.True(sat >= 5 && unsat >= 5 && open <= 2);
    }

    [Fact]
    public void Forgeries_are_rejected()
    {
        var (first, second, property) = (Net(3), Net(3, bump: true), Encoding.UTF8.GetBytes(Pair + Square + Same + "(assert (>= V[0] (+ Y[0] 0.2)))"));
        var honest = Solve(first, Encoding.UTF8.GetString(property), second).Certificate!;
        var model = Assert.Single(honest.Networks);
        Assert.Equal(("g", "second.onnx"), (model.Network, model.Name));
        Accepts(honest, second);
        Rejects(honest with { Networks = [model with { Sha256 = new string('0', 64) }] }, second, "the model of network 'g' has SHA-256");
        Rejects(honest, first, "the model of network 'g' has SHA-256");
        Rejects(honest with { Networks = [model, model] }, second, "network 'g' appears twice");
        Rejects(honest with { Witness = [.. honest.Witness[..2], .. honest.Witness[..1], honest.Witness[1] + 1e-9] }, second, "the witness does not satisfy");
        Rejects(honest with { Witness = [.. honest.Witness[..2]] }, second, "the witness does not satisfy");
        Rejects(honest with { Witness = [0, 0, 0, 0] }, second, "the witness does not satisfy");
        Rejects(honest with { IsUnsatisfiable = true, Witness = [], Evidence = [new EvidenceTree([0])] }, second, "case 1: leaf at entry 0");
        Assert.Throws<ArgumentException>(() => Check(honest with { Networks = [] }, second));
        Assert.Throws<ArgumentException>(() => Check(honest with { Networks = [model with { Network = "h" }] }, second, "h"));
        Rejects(honest with { Networks = [model with { Network = "h" }] }, second, "the model of network 'h' is not given");

        void Accepts(PropertyCertificate certificate, byte[] other) => Assert.Equal("", Check(certificate, other).Reason);

        void Rejects(PropertyCertificate certificate, byte[] other, string reason) => Assert.StartsWith(reason, Check(certificate, other).Reason, StringComparison.Ordinal);

        PropertyReport Check(PropertyCertificate certificate, byte[] other, string name = "g") => PropertyChecker.Check(
            PropertyCertificate.Read(certificate.ToBytes(), "c"), first, property, new Dictionary<string, byte[]> { [name] = other });
    }

    /// <summary>One model for each network that is no copy, neither fewer nor more.</summary>
    [Fact]
    public void Models_must_fit_the_declarations()
    {
        var net = Net(3);
        const string ask = "(assert (>= V[0] (+ Y[0] 0.2)))";
        Wrong("network 'g' has no model, expected --network g=FILE.", Pair + Square + Same + ask);
        Wrong("there is no network 'h'; the property declares 'f', 'g'.", Pair + Square + Same + ask, "h");
        Wrong("network 'f' is the model given first and takes no other file.", Pair + Square + Same + ask, "f");
        Wrong("network 'g' is equal to 'f' and takes no other file.", Copies + Square + Same + ask, "g");

        void Wrong(string part, string text, params string[] names) => Assert.Contains(part, Assert.Throws<ArgumentException>(() => new PropertyVerifier
        {
            Others = names.ToDictionary(name => name, _ => new NetworkModel("second.onnx", net)),
        }.Solve(net, "m.onnx", Encoding.UTF8.GetBytes(text), "p.vnnlib")).Message, StringComparison.Ordinal);
    }

    private const string Inside = "(assert (and (<= -1.0 U[0]) (<= U[0] 1.0) (<= -1.0 U[1]) (<= U[1] 1.0)))\n";

    private static string Near(double e) => string.Create(
        CultureInfo.InvariantCulture, $"(assert (and (<= U[0] (+ X[0] {e})) (>= U[0] (+ X[0] -{e})) (<= U[1] (+ X[1] {e})) (>= U[1] (+ X[1] -{e}))))\n");

    private static string Change(double least) => string.Create(CultureInfo.InvariantCulture, $"(assert (>= V[0] (+ Y[0] {least:F9})))\n");

    private static PropertyResult Solve(byte[] model, string text, byte[]? second = null)
    {
        var property = Encoding.UTF8.GetBytes(text);
        var others = new Dictionary<string, NetworkModel>();
        if (second is not null)
        {
            others["g"] = new("second.onnx", second);
        }

        var result = new PropertyVerifier { Others = others, TimeLimit = TimeSpan.FromSeconds(60), MostParts = 200_000 }.Solve(model, "m.onnx", property, "p.vnnlib");
        if (result.Certificate is { } certificate)
        {
            var report = PropertyChecker.Check(PropertyCertificate.Read(certificate.ToBytes(), "c"), model, property, others.ToDictionary(other => other.Key, other => other.Value.Model));
            Assert.Equal("", report.Reason);
        }

        if (result.Answer == PropertyAnswer.Sat)
        {
            // ONNX Runtime's outputs are those of each network at its own part of the witness.
            var start = 0;
            foreach (var (k, declared) in result.Question.Networks.Index())
            {
                var network = OnnxImporter.Read(k > 0 && second is not null ? second : model, "m");
                var exact = network.Evaluate(result.Witness.AsSpan(start, network.InputLength))[network.Outputs[0].Node][0];
                Assert.InRange(result.Outputs[k] - exact, -1e-4 * (1 + Math.Abs(exact)), 1e-4 * (1 + Math.Abs(exact)));
                start += network.InputLength;
            }

            Assert.Contains(result.Question.Cases, item => item.Region.Contains(result.Witness));
        }

        return result;
    }

    /// <summary>2-5-5-1; with <paramref name="bump"/>, a pyramid of height 1/4 and radius 1/16 around (1/2, -1/4) on top; with <paramref name="round"/>, the first layer in multiples of 1/256.</summary>
    private static byte[] Net(int seed, bool bump = false, bool round = false)
    {
        var random = new Random(seed);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var (w, b, w2, b2, v, c) = (Draw(10), Draw(5), Draw(25), Draw(5), Draw(5), Draw(1));
        w = round ? [.. w.Select(value => MathF.Round(value * 256) / 256)] : w;
        var h = graph.Node("Relu", "h", [graph.Node("Gemm", "z", [x, graph.Initializer("w", w, 2, 5), graph.Initializer("b", b, 5)])]);
        h = graph.Node("Relu", "h2", [graph.Node("Gemm", "z2", [h, graph.Initializer("w2", w2, 5, 5), graph.Initializer("b2", b2, 5)])]);
        var y = graph.Node("Gemm", bump ? "base" : "y", [h, graph.Initializer("v", v, 5, 1), graph.Initializer("c", c, 1)]);
        if (bump)
        {
            // 4 relu(1/16 - |x_0 - 1/2| - |x_1 + 1/4|)
            var away = graph.Node("Abs", "away", [graph.Node("Add", "moved", [x, graph.Initializer("center", [-0.5f, 0.25f], 2)])]);
            var pyramid = graph.Node("Relu", "pyramid", [graph.Node("Gemm", "slope", [away, graph.Initializer("ones", [-1f, -1f], 2, 1), graph.Initializer("radius", [0.0625f], 1)])]);
            y = graph.Node("Add", "y", [y, graph.Node("Mul", "tall", [pyramid, graph.Initializer("four", [4f], 1)])]);
        }

        graph.Output(y, 1);
        return graph.ToBytes();
    }

    /// <summary>y = sum of relu(a x_0 + b x_1 + c) with a > 0: rises with x_0.</summary>
    private static byte[] Rising()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var h = graph.Node("Relu", "h", [graph.Node("Gemm", "z", [x, graph.Initializer("w", [1f, 0.5f, 2f, -1f, 2f, 0.25f], 2, 3), graph.Initializer("b", [0.1f, 0f, -0.5f], 3)])]);
        graph.Output(graph.Node("Gemm", "y", [h, graph.Initializer("v", [1f, 0.5f, 0.25f], 3, 1), graph.Initializer("c", [0f], 1)]), 1);
        return graph.ToBytes();
    }

    /// <summary>2-3-1 with weights in eighths; near another one, or anew.</summary>
    private static (float[] W, float[] B, float[] V, float C) Sketch(Random random, (float[] W, float[] B, float[] V, float C)? near)
    {
        float Number(float? other) => other is { } value ? value + (random.Next(3) == 0 ? random.Next(-1, 2) / 8f : 0) : random.Next(-8, 9) / 8f;
        return (
            [.. Enumerable.Range(0, 6).Select(i => Number(near?.W[i]))],
            [.. Enumerable.Range(0, 3).Select(i => Number(near?.B[i]))],
            [.. Enumerable.Range(0, 3).Select(i => Number(near?.V[i]))],
            Number(near?.C));
    }

    private static byte[] Model((float[] W, float[] B, float[] V, float C) net)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var h = graph.Node("Relu", "h", [graph.Node("Gemm", "z", [x, graph.Initializer("w", net.W, 2, 3), graph.Initializer("b", net.B, 3)])]);
        graph.Output(graph.Node("Gemm", "y", [h, graph.Initializer("v", net.V, 3, 1), graph.Initializer("c", [net.C], 1)]), 1);
        return graph.ToBytes();
    }

    /// <summary>The question as SMT-LIB: X0, X1, U0, U1 and the two nets written out.</summary>
    private static string Formula((float[] W, float[] B, float[] V, float C) first, (float[] W, float[] B, float[] V, float C) second, string ties, double threshold)
    {
        var text = new SmtLib("QF_LRA");
        foreach (var name in new[] { "X0", "X1", "U0", "U1" })
        {
            text.DeclareReal(name);
        }

        foreach (var line in (Square + ties).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var condition = line["(assert ".Length..^1].Replace("X[0]", "X0", StringComparison.Ordinal).Replace("X[1]", "X1", StringComparison.Ordinal)
                .Replace("U[0]", "U0", StringComparison.Ordinal).Replace("U[1]", "U1", StringComparison.Ordinal).Replace("==", "=", StringComparison.Ordinal);
            text.Assert(System.Text.RegularExpressions.Regex.Replace(condition, @"-([0-9.]+)", "(- $1)"));
        }

        text.Assert($"(>= {Net(second, "U")} (+ {Net(first, "X")} {SmtLib.Number(threshold)}))");
        return text.ToString();

        static string Net((float[] W, float[] B, float[] V, float C) net, string x) => $"(+ {SmtLib.Number(net.C)} {string.Join(' ', Enumerable.Range(0, 3).Select(i =>
        {
            var z = $"(+ (* {SmtLib.Number(net.W[i])} {x}0) (* {SmtLib.Number(net.W[3 + i])} {x}1) {SmtLib.Number(net.B[i])})";
            return $"(* {SmtLib.Number(net.V[i])} (ite (>= {z} 0.0) {z} 0.0))";
        }))})";
    }
}
