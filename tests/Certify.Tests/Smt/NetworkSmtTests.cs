using Certify.Search;
using Certify.Smt;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Formats.Smt;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Xunit.Abstractions;
using Norm = Guarantees.Networks.Operators.Norm;

namespace Certify.Tests.Smt;

/// <summary>The text of a network has one solution for each input, its exact value, with ranges and without; where it has more, it has that one among them.</summary>
/// <remarks>
/// Mutants planted and found: ReLU as zero where its range is positive; the slopes of LeakyReLU exchanged; Cap as the larger; Maximum as the smaller; a root without
/// its sign; a factor's ends exchanged for negative x; a bias dropped; an upper plane 1 % too low.
/// </remarks>
public class NetworkSmtTests(ITestOutputHelper output)
{
    private static readonly SmtLimits Limits = new(TimeSpan.FromSeconds(30), 1024);

    private static SmtSolver Z3 => SolverProcess.OnPath("z3")!;

    /// <summary>Every operator, over a random range, at a random point of it: the value is admitted, and with an exact form nothing else is.</summary>
    [SolverFact]
    public void Forms_admit_the_value_and_exact_forms_nothing_else()
    {
        (string Name, Func<NetworkBuilder, Vector, Vector> Grow, double Low, double High)[] operators =
        [
            ("ReLU", (b, x) => b.Apply(new ReLU(), x), -2, 2),
            ("LeakyReLU", (b, x) => b.Apply(new LeakyReLU(0.125), x), -2, 2),
            ("Abs", (b, x) => b.Apply(new Abs(), x), -2, 2),
            ("Cap", (b, x) => b.Apply(new Cap(0.3), x), -2, 2),
            ("Square", (b, x) => b.Apply(new Square(), x), -2, 2),
            ("Sqrt", (b, x) => b.Apply(new Sqrt(), x), 0, 4),
            ("Reciprocal", (b, x) => b.Apply(new Reciprocal(), x), 0.25, 3),
            ("Reciprocal, negative", (b, x) => b.Apply(new Reciprocal(), x), -3, -0.25),
            ("Maximum", (b, x) => b.Maximum(x[0], x[1]), -2, 2),
            ("Multiply", (b, x) => b.Multiply(x[0], x[1]), -2, 2),
            ("Multiply by a constant", (b, x) => b.Multiply(x, b.Constant(0.1, -0.7)), -2, 2),
            ("Norm", (b, x) => b.Apply(new Norm(2), x), -2, 2),
            ("Scale", (b, x) => b.Apply(new Scale(new Box([0.5, -1], [0.5, -0.5])), x), -2, 2),
            ("Constant", (b, x) => x + b.Constant(new Box([1, 2], [1.25, 2])), -2, 2),
            ("Sparse", (b, x) => (0.1 * x) - (3.0 * x) + 0.7, -2, 2),
            ("Exp", (b, x) => b.Apply(new Exp(), x), -2, 2),
            ("Log", (b, x) => b.Apply(new Log(), x), 0.25, 3),
            ("Softplus", (b, x) => b.Apply(new Softplus(), x), -2, 2),
            ("Tanh", (b, x) => b.Apply(new Tanh(), x), -2, 2),
            ("Sigmoid", (b, x) => b.Apply(new Sigmoid(), x), -2, 2),
            ("NormalCdf", (b, x) => b.Apply(new NormalCdf(), x), -2, 2),
            ("ScaleRoot", (b, x) => b.Apply(new ScaleRoot(), x), -0.5, 2),
        ];
        string[] inexact = ["Scale", "Constant", "Exp", "Log", "Softplus", "Tanh", "Sigmoid", "NormalCdf", "ScaleRoot"];
        var random = new Random(3);
        foreach (var (name, grow, low, high) in operators)
        {
            var builder = new NetworkBuilder();
            var y = grow(builder, builder.Input("x", 2));
            builder.Output("y", y);
            var network = builder.Build();
            foreach (var known in new[] { true, false })
            {
                // One question for all trials: all values are admitted together; that any other is admitted has no solution.
                var (text, inside, linear) = (new SmtLib("QF_NRA"), new List<string>(), true);
                for (var trial = 0; trial < 8; trial++)
                {
                    double[] a = [Draw(low, high), Draw(low, high)], b = [Draw(low, high), Draw(low, high)];
                    var box = new Box([Math.Min(a[0], b[0]), Math.Min(a[1], b[1])], [Math.Max(a[0], b[0]), Math.Max(a[1], b[1])]);
                    double[] x = [Math.Clamp(box[0].Lower + (random.NextDouble() * box[0].Width), box.Lower[0], box.Upper[0]), trial % 2 == 0 ? box.Upper[1] : box.Lower[1]];
                    var value = network.Ranges(Box.Point(x))[y.Id];
                    var written = NetworkSmt.Write(text, network, [y.Id], $"p{trial}_", known ? network.Ranges(box) : null);
                    Assert.Equal(!inexact.Contains(name), written.IsExact);
                    linear &= written.IsLinear;
                    for (var j = 0; j < 2; j++)
                    {
                        text.Assert($"(= {written.Input(j)} {SmtLib.Number(x[j])})");
                    }

                    for (var i = 0; i < y.Length; i++)
                    {
                        var term = written.Term(y.Id, i);
                        inside.Add($"(and (<= {SmtLib.Number(Rounding.SubtractDown(value.Lower[i], 1e-12))} {term}) (<= {term} {SmtLib.Number(Rounding.AddUp(value.Upper[i], 1e-12))}))");
                    }
                }

                text.Logic = linear ? "QF_LRA" : "QF_NRA";
                var all = $"(and {string.Join(' ', inside)})";
                Assert.True(Z3.Solve($"{text}(assert {all})", Limits) is SmtAnswer.Sat, $"{name}, {known}: a value is not admitted\n{text}(assert {all})");
                Assert.True(inexact.Contains(name) || Z3.Solve($"{text}(assert (not {all}))", Limits) is SmtAnswer.Unsat, $"{name}, {known}: more is admitted\n{text}(assert (not {all}))");
            }
        }

        double Draw(double low, double high) => low + ((high - low) * random.NextDouble());
    }

    /// <summary>Two inputs, one hidden layer: the maximum lies where two lines cross, kinks or edges. Exact rational arithmetic finds it; the solver attains it, and nothing above.</summary>
    [SolverFact]
    public void The_solver_attains_the_exact_maximum_and_nothing_above()
    {
        var inner = 0;
        for (var seed = 0; seed < 8; seed++)
        {
            var random = new Random(seed);
            const int hidden = 5;
            double[] w = Draw(random, 2 * hidden), b = Draw(random, hidden), v = [.. Draw(random, hidden).Select((weight, i) => i % 4 == 3 ? weight : -Math.Abs(weight))];
            var builder = new NetworkBuilder();
            var y = builder.Affine(builder.Apply(new ReLU(), builder.Affine(builder.Input("x", 2), w, b)), v, [0.25]);
            builder.Output("y", y);
            var network = builder.Build();

            Rational G(Rational x0, Rational x1)
            {
                var sum = Rational.Of(0.25);
                for (var i = 0; i < hidden; i++)
                {
                    var z = (Rational.Of(w[2 * i]) * x0) + (Rational.Of(w[(2 * i) + 1]) * x1) + Rational.Of(b[i]);
                    sum += z.Sign > 0 ? Rational.Of(v[i]) * z : Rational.Zero;
                }

                return sum;
            }

            // Lines p x0 + q x1 + r = 0.
            (Rational P, Rational Q, Rational R)[] lines =
            [
                .. Enumerable.Range(0, hidden).Select(i => (Rational.Of(w[2 * i]), Rational.Of(w[(2 * i) + 1]), Rational.Of(b[i]))),
                (Rational.One, Rational.Zero, Rational.One), (Rational.One, Rational.Zero, -Rational.One), (Rational.Zero, Rational.One, Rational.One), (Rational.Zero, Rational.One, -Rational.One),
            ];
            var (most, isInner) = (G(Rational.One, Rational.One), false);
            for (var i = 0; i < lines.Length; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    var det = (lines[i].P * lines[j].Q) - (lines[j].P * lines[i].Q);
                    if (det.Sign == 0)
                    {
                        continue;
                    }

                    var x0 = ((lines[i].Q * lines[j].R) - (lines[j].Q * lines[i].R)) / det;
                    var x1 = ((lines[j].P * lines[i].R) - (lines[i].P * lines[j].R)) / det;
                    if (x0.CompareTo(-1) >= 0 && x0.CompareTo(1) <= 0 && x1.CompareTo(-1) >= 0 && x1.CompareTo(1) <= 0 && G(x0, x1) is var g && g > most)
                    {
                        (most, isInner) = (g, i < hidden || j < hidden);
                    }
                }
            }

            inner += isInner ? 1 : 0;
            var box = new Box([-1, -1], [1, 1]);
            foreach (var ranges in new[] { null, network.Ranges(box) })
            {
                var text = new SmtLib("QF_LRA");
                var written = NetworkSmt.Write(text, network, [y.Id], ranges: ranges);
                Assert.True(written.IsExact && written.IsLinear);
                for (var j = 0; j < 2; j++)
                {
                    text.Assert($"(and (<= (- 1) {written.Input(j)}) (<= {written.Input(j)} 1))");
                }

                var at = SmtLib.Number(most);
                Assert.IsType<SmtAnswer.Unsat>(Z3.Solve($"{text}(assert (> {written.Term(y.Id, 0)} {at}))", Limits));
                var model = SmtModel.Parse(Assert.IsType<SmtAnswer.Sat>(Z3.Solve($"{text}(assert (>= {written.Term(y.Id, 0)} {at}))", Limits)).Model).Rationals;
                Assert.Equal(most, G(X(0), X(1)));

                Rational X(int j) => new(model[written.Input(j)].Numerator, model[written.Input(j)].Denominator);
            }
        }

        output.WriteLine($"{inner} maxima at kinks");
        Assert.True(inner > 2);
    }

    /// <summary>The bounds of the engine and the solver, which knows none of them, never contradict each other at thresholds near the maximum.</summary>
    [SolverFact]
    public void The_engine_and_the_solver_never_contradict_each_other()
    {
        var (proved, refuted) = (0, 0);
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var (inputs, width, depth) = (1 + (seed % 3), 2 + random.Next(5), 1 + (seed % 2));
            var builder = new NetworkBuilder();
            var x = builder.Input("x", inputs);
            for (var layer = 0; layer < depth; layer++)
            {
                x = builder.Apply(seed % 5 == 4 ? new LeakyReLU(0.25) : new ReLU(), builder.Affine(x, Draw(random, width * x.Length), Draw(random, width)));
            }

            var y = builder.Affine(x, Draw(random, width), [0]);
            builder.Output("y", y);
            var network = builder.Build();
            var box = new Box([.. Enumerable.Repeat(-1.0, inputs)], [.. Enumerable.Repeat(1.0, inputs)]);
            var problem = new Problem(network, y.Id, new Domain(box));
            var largest = Enumerable.Range(0, 3000).Max(_ => network.Evaluate([.. Enumerable.Range(0, inputs).Select(_ => (2 * random.NextDouble()) - 1)])[y.Id][0]);
            foreach (var above in new[] { -0.02, -1e-6, 1e-3, 0.1 })
            {
                var target = largest + above;
                var said = new DecisionSearch { Target = target, MostParts = 5000, AttackStarts = 5 }.Solve(problem).Outcome;
                var text = new SmtLib("QF_LRA");
                var written = NetworkSmt.Write(text, network, [y.Id]);
                for (var j = 0; j < inputs; j++)
                {
                    text.Assert($"(and (<= (- 1) {written.Input(j)}) (<= {written.Input(j)} 1))");
                }

                text.Assert($"(> {written.Term(y.Id, 0)} {SmtLib.Number(target)})");
                var answer = Z3.Solve(text.ToString(), Limits);
                Assert.False(answer is SmtAnswer.Unknown, $"{answer}");
                Assert.False(said == DecisionOutcome.Proved && answer is SmtAnswer.Sat, $"seed {seed}: proved at {target:R}, and the solver has a point");
                Assert.False(said == DecisionOutcome.Refuted && answer is SmtAnswer.Unsat, $"seed {seed}: refuted at {target:R}, and the solver says nothing lies above");
                (proved, refuted) = (proved + (answer is SmtAnswer.Unsat ? 1 : 0), refuted + (answer is SmtAnswer.Sat ? 1 : 0));
            }
        }

        output.WriteLine($"{proved} without, {refuted} with a point");
        Assert.True(proved > 15 && refuted > 25);
    }

    private static double[] Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)((2 * random.NextDouble()) - 1))];
}
