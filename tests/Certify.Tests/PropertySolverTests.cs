using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Certify.Search;
using Certify.Smt;
using Certify.Tests.Smt;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.VnnLib;
using Xunit;
using Xunit.Abstractions;

namespace Certify.Tests;

/// <summary>Parts that the search leaves open go to a solver; what rests on its word says so, is asked again by whoever checks, and is never taken for derived.</summary>
/// <remarks>
/// Mutants planted and found: a solver's unknown counted as settled; a listed leaf accepted without its hash; without a solver; with a satisfiable query; the query of
/// the whole region instead of the part's; a model taken for a witness without replay; a strict constraint written as the other; the first stuck part ending the search;
/// ranges and parts rounded inward; listed entries that are no leaves; no exact arithmetic at an edge; handed-over parts lost.
/// </remarks>
public sealed class PropertySolverTests(ITestOutputHelper output) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("smt-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>y = 2 x, over x in [0, 0.75]: y > 1.5 strictly holds nowhere, which rounding alone cannot tell.</summary>
    [SolverFact]
    public void A_part_that_is_stuck_is_settled_by_the_solver_and_listed_as_its_word()
    {
        var (model, question) = (Doubling(), Question("(assert (> Y_0 1.5))", "0", "0.75"));
        Assert.Equal(PropertyAnswer.Unknown, Solve(model, question, null).Answer);

        var result = Solve(model, question, Z3);
        Assert.Equal(PropertyAnswer.Unsat, result.Answer);
        var (leaf, count) = (result.Certificate!.SolverLeaves[0], result.Certificate.SolverLeaves.Length); // the last doubles before the edge are leaves, and one query
        Assert.All(result.Certificate.SolverLeaves, other => Assert.Equal(leaf.Sha256, other.Sha256));
        Assert.StartsWith("z3", leaf.Solver, StringComparison.Ordinal);
        Assert.Equal(0, result.Certificate.Evidence[0].Codes[leaf.Entry]);
        Assert.Contains("\"guarantees-property/2\"", Encoding.UTF8.GetString(result.Certificate.ToBytes()), StringComparison.Ordinal);

        // The kept file is what the certificate speaks of.
        var file = Assert.Single(Directory.GetFiles(folder, "*.smt2"));
        Assert.Contains(result.Certificate.SolverLeaves, other => Path.GetFileName(file) == string.Create(CultureInfo.InvariantCulture, $"q-1-{other.Entry}.smt2"));
        Assert.Equal(leaf.Sha256, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
        var text = File.ReadAllText(file);
        Assert.Contains(result.Certificate.ModelSha256, text, StringComparison.Ordinal);
        Assert.Contains(result.Certificate.PropertySha256, text, StringComparison.Ordinal);
        Assert.Contains("; unsat: no real input in the region and in the part satisfies", text, StringComparison.Ordinal);

        // Checks: nobody to ask, a solver, one without an answer, one that contradicts.
        var read = PropertyCertificate.Read(result.Certificate.ToBytes(), "c");
        var alone = PropertyChecker.Check(read, model, question);
        Assert.Equal(("", false, true, count, 0), (alone.Reason, alone.Accepted, alone.IsUndecided, alone.Unsettled, alone.Resettled));
        var again = Check(read, model, question, QueryAnswer.Unsatisfiable);
        Assert.Equal((true, false, 0, count), (again.Accepted, again.IsUndecided, again.Unsettled, again.Resettled));
        var real = PropertyChecker.Check(read, model, question, new Dictionary<string, byte[]>(), (query, stop) => Z3.Solve(query, SmtLimits.Default, stop) is SmtAnswer.Unsat ? QueryAnswer.Unsatisfiable : QueryAnswer.Unknown, default);
        Assert.True(real.Accepted);
        Assert.True(Check(read, model, question, QueryAnswer.Unknown).IsUndecided);
        Assert.Contains("said to have no solution, has one", Check(read, model, question, QueryAnswer.Satisfiable).Reason, StringComparison.Ordinal);
    }

    /// <summary>y >= 1.5 holds at x = 0.75 alone: interval arithmetic cannot confirm equality, exact arithmetic can.</summary>
    [SolverFact]
    public void A_bound_that_is_attained_only_at_a_corner_is_sat()
    {
        var random = new Random(2);
        for (var seed = 0; seed < 5; seed++)
        {
            // y = a x_0 + b x_1 - c relu(x_0 - x_1), with its largest value at one corner.
            float a = Draw(), b = Draw(), c = Draw() / 4;
            var graph = new OnnxGraphBuilder();
            var x = graph.Input("x", 2);
            var z = graph.Node("Relu", "r", [graph.Node("Gemm", "z", [x, graph.Initializer("w", [1f, 0f, 1f, 0f, 1f, -1f], 2, 3), graph.Initializer("b", [0f, 0f, 0f], 3)])]);
            graph.Output(graph.Node("Gemm", "y", [z, graph.Initializer("v", [a, b, -c], 3, 1), graph.Initializer("d", [0.125f], 1)]), 1);
            var corner = ((decimal)(double)a * 0.75m) + ((decimal)(double)b * 0.75m) + 0.125m;
            var question = Encoding.UTF8.GetBytes("(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(assert (<= 0 X_0 0.75))\n(assert (<= 0 X_1 0.75))\n"
                + string.Create(CultureInfo.InvariantCulture, $"(assert (>= Y_0 {corner}))\n"));
            var result = new PropertyVerifier { AttackStarts = seed % 2, Solver = () => Z3 }.Solve(graph.ToBytes(), "m", question, "q");
            Assert.Equal(PropertyAnswer.Sat, result.Answer);
            Assert.Equal([0.75, 0.75], result.Witness);
            Assert.Equal("", PropertyChecker.Check(result.Certificate!, graph.ToBytes(), question).Reason);
        }

        // Short numbers, so that the value at the corner has few decimals.
        float Draw() => (16 + random.Next(64)) / 64f;
    }

    /// <summary>The first case is stuck; only the second has a witness. And within one case, the part beside the stuck one has it.</summary>
    [Fact]
    public void Stuck_parts_do_not_hide_a_witness_elsewhere()
    {
        var result = new PropertyVerifier { AttackStarts = 0 }
            .Solve(Doubling(), "m", Question("(assert (or (> Y_0 1.5) (and (>= Y_0 1) (<= Y_0 1.001))))", "0", "0.75"), "q");
        Assert.Equal(PropertyAnswer.Sat, result.Answer);

        // Points above 1/2 are refused, so that parts there get stuck; others are not.
        var network = OnnxImporter.Read(Doubling(), "m");
        var problem = PropertyCompiler.Compile(network, VnnLibFile.Read(new MemoryStream(Question("(assert (>= (* 4 (* Y_0 1)) -1))", "-1", "1")), "q"))[0];
        var refused = 0;
        var found = new DecisionSearch { Threads = 1, AttackStarts = 0, MostStuck = 1000, Confirm = point => point[0] < 0.5 && ++refused > 0 ? point : null }.Solve(problem);
        Assert.Equal(DecisionOutcome.Refuted, found.Outcome);
    }

    [Fact]
    public void Open_parts_are_the_leaves_that_the_kernel_leaves_open_and_too_many_end_the_search()
    {
        var network = OnnxImporter.Read(Doubling(), "m");
        var problem = PropertyCompiler.Compile(network, VnnLibFile.Read(new MemoryStream(Question("(assert (> Y_0 1.5))", "0", "0.75")), "q"))[0];
        var search = new DecisionSearch { Target = PropertyCompiler.Target, AttackStarts = 0, Confirm = _ => null }.Solve(problem);
        Assert.Equal(DecisionOutcome.Stuck, search.Outcome);
        Assert.All(search.Open!, part => Assert.Equal(0, search.Tree.Codes[part.Entry]));
        Assert.All(search.Open!, part => Assert.True(part.Part.Lower[0] > 0.7499999));
        Assert.Contains(search.Open!, part => part.Part.Contains([0.75]));

        // y = x from 1 on: every point is stuck.
        var plateau = PropertyCompiler.Compile(network, VnnLibFile.Read(new MemoryStream(Question("(assert (>= Y_0 -5))", "0", "0.75")), "q"))[0];
        var many = new DecisionSearch { Target = PropertyCompiler.Target, AttackStarts = 0, Confirm = _ => null, MostStuck = 20 }.Solve(plateau);
        Assert.Equal(DecisionOutcome.Stuck, many.Outcome);
        Assert.Null(many.Open);
    }

    /// <summary>x_0 >= x_1 and x_0 &lt; x_1: g is 0 along a diagonal, which no number of parts settles. The whole region is one query then.</summary>
    [SolverFact]
    public void Too_many_stuck_parts_become_one_query_about_the_region()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var z = graph.Node("Relu", "r", [graph.Node("Gemm", "z", [x, graph.Initializer("w", [1f, -1f, -1f, 1f], 2, 2), graph.Initializer("b", [0f, 0f], 2)])]);
        graph.Output(graph.Node("Gemm", "y", [z, graph.Initializer("v", [-1f, -1f], 2, 1), graph.Initializer("d", [0f], 1)]), 1);
        var question = Encoding.UTF8.GetBytes("(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(assert (<= 0 X_0 1))\n(assert (<= 0 X_1 1))\n(assert (> Y_0 0))\n");
        Assert.Equal(PropertyAnswer.Unknown, new PropertyVerifier { TimeLimit = TimeSpan.FromSeconds(60) }.Solve(graph.ToBytes(), "m", question, "q").Answer);
        var result = new PropertyVerifier { TimeLimit = TimeSpan.FromSeconds(60), Solver = () => Z3 }.Solve(graph.ToBytes(), "m", question, "q");
        Assert.Equal(PropertyAnswer.Unsat, result.Answer);
        Assert.Equal([0], result.Certificate!.Evidence[0].Codes.ToArray());
        Assert.Equal((1, 0), (result.Certificate.SolverLeaves[0].Case, result.Certificate.SolverLeaves[0].Entry));
        Assert.True(Check(result.Certificate, graph.ToBytes(), question, QueryAnswer.Unsatisfiable).Accepted);
    }

    [Fact]
    public void A_solver_without_an_answer_leaves_the_question_undecided()
    {
        var question = Question("(assert (> Y_0 1.5))", "0", "0.75");
        foreach (var method in new[] { PropertyMethod.Search, PropertyMethod.Smt })
        {
            var result = new PropertyVerifier { Method = method, Solver = () => new Fake(new SmtAnswer.Unknown("time limit of 3 s")) }.Solve(Doubling(), "m", question, "q");
            Assert.Equal(PropertyAnswer.Unknown, result.Answer);
            Assert.Contains("time limit of 3 s", result.Reason, StringComparison.Ordinal);
            Assert.Null(result.Certificate);

            // A model that is none, and one that is no text of a model's form.
            foreach (var model in new[] { "((define-fun X_0 () Real 0.75))", "((define-fun X_0 () Real 99.0))", "()" })
            {
                var liar = new PropertyVerifier { Method = method, Solver = () => new Fake(new SmtAnswer.Sat(model)) }.Solve(Doubling(), "m", question, "q");
                Assert.Equal(PropertyAnswer.Unknown, liar.Answer);
                Assert.Contains("no replay confirms", liar.Reason, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_listed_leaf_that_is_not_that_query_is_rejected()
    {
        var (model, question) = (Doubling(), Question("(assert (or (> Y_0 1.5) (>= Y_0 7)))", "0", "0.75"));
        var result = new PropertyVerifier { Solver = () => new Fake(new SmtAnswer.Unsat()) }.Solve(model, "m", question, "q");
        var (good, leaves) = (result.Certificate!, result.Certificate!.SolverLeaves);
        var leaf = leaves[0];
        Assert.True(Check(good, model, question, QueryAnswer.Unsatisfiable).Accepted);
        var codes = good.Evidence[0].Codes.ToArray();
        var other = Enumerable.Range(0, codes.Length).First(i => codes[i] == 0 && leaves.All(listed => listed.Entry != i));
        var inner = Array.FindIndex(codes, code => code > 0);

        Rejected("has SHA-256", good with { SolverLeaves = [.. leaves.Skip(1), leaf with { Sha256 = new string('0', 64) }] });
        Rejected("has SHA-256", good with { SolverLeaves = [.. leaves.Skip(1), leaf with { Sha256 = leaf.Sha256.ToUpperInvariant() }] });
        Rejected("leaf at entry", good with { SolverLeaves = [.. leaves.Skip(1)] });
        Rejected("leaf at entry", good with { SolverLeaves = [.. leaves.Skip(1), leaf with { Entry = other }] });
        Rejected("leaf at entry", good with { SolverLeaves = [.. leaves.Skip(1), leaf with { Case = 2, Entry = 0 }] });
        Rejected("is no leaf of the evidence", good with { SolverLeaves = [leaf with { Entry = inner }] });
        Rejected("is no leaf of the evidence", good with { SolverLeaves = [.. leaves, leaf with { Entry = codes.Length }] });
        Rejected("is no leaf of the evidence", good with { SolverLeaves = [.. leaves, leaf with { Entry = -1 }] });
        Rejected("is no leaf of the evidence", good with { SolverLeaves = [.. leaves, leaf with { Case = 3 }] });
        Rejected("is no leaf of the evidence", good with { SolverLeaves = [.. leaves, leaf with { Case = 0 }] });
        Rejected("is no leaf of the evidence", good with { IsUnsatisfiable = false, Evidence = [], Witness = [0.75], SolverLeaves = [leaf] });

        // The hash of the query about the whole region stands for the region only.
        var network = OnnxImporter.Read(model, "m");
        var property = VnnLibFile.Read(new MemoryStream(question), "q");
        var whole = PropertyQuery.Of(network, property, 0, property.Cases[0].Box, good.ModelSha256, good.PropertySha256)!;
        Rejected("has SHA-256", good with { SolverLeaves = [.. leaves.Skip(1), leaf with { Sha256 = whole.Sha256 }] });

        // A leaf that the kernel closes needs nobody's word, listed or not.
        Assert.True(Check(good with { SolverLeaves = [.. leaves, leaf with { Entry = other }] }, model, question, QueryAnswer.Unsatisfiable).Accepted);

        // Everything on the solver's word is never accepted without one.
        var forged = good with { Evidence = [new EvidenceTree([0]), new EvidenceTree([0])], SolverLeaves = [leaf with { Entry = 0 }, leaf with { Case = 2, Entry = 0 }] };
        Assert.False(PropertyChecker.Check(forged, model, question).Accepted);

        void Rejected(string reason, PropertyCertificate forged)
        {
            var report = Check(forged, model, question, QueryAnswer.Unsatisfiable);
            Assert.False(report.Accepted || report.IsUndecided);
            Assert.Contains(reason, report.Reason, StringComparison.Ordinal);
            Assert.False(PropertyChecker.Check(forged, model, question).Accepted);
        }
    }

    /// <summary>Queries alone answer as the search does, at thresholds near the maximum; every answer is checked.</summary>
    [SolverFact]
    public void Queries_alone_answer_as_the_search_does()
    {
        var (sat, unsat, asked) = (0, 0, 0);
        for (var seed = 0; seed < 6; seed++)
        {
            var (model, largest) = Net(seed);
            foreach (var above in new[] { -0.05, -1e-5, 1e-4, 0.2 })
            {
                var question = Encoding.UTF8.GetBytes("(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(assert (<= -1 X_0 1))\n(assert (<= -1 X_1 1))\n"
                    + string.Create(CultureInfo.InvariantCulture, $"(assert (>= Y_0 {(decimal)(largest + above)}))\n"));
                var search = new PropertyVerifier { TimeLimit = TimeSpan.FromSeconds(30) }.Solve(model, "m", question, "q");
                var queries = new PropertyVerifier { TimeLimit = TimeSpan.FromSeconds(30), Method = PropertyMethod.Smt, Solver = () => Z3 }.Solve(model, "m", question, "q");
                Assert.Equal(search.Answer, queries.Answer);
                (sat, unsat) = (sat + (queries.Answer == PropertyAnswer.Sat ? 1 : 0), unsat + (queries.Answer == PropertyAnswer.Unsat ? 1 : 0));
                asked += queries.Certificate!.SolverLeaves.Length;
                var report = Check(queries.Certificate, model, question, QueryAnswer.Unsatisfiable);
                Assert.True(report.Accepted, report.Reason);
                Assert.Equal(queries.Certificate.SolverLeaves.Length, report.Resettled);
            }
        }

        output.WriteLine($"{sat} sat, {unsat} unsat, {asked} of them by a query");
        Assert.True(sat > 8 && unsat > 6 && asked > 1);
    }

    /// <summary>Where the time is nearly over and few parts with few undecided neurons are open, the solver takes them.</summary>
    [SolverFact]
    public void The_solver_takes_what_is_open_near_the_end_of_the_time()
    {
        var taken = 0;
        for (var seed = 0; seed < 12; seed++)
        {
            var (model, largest) = Net(seed, 9);
            var network = OnnxImporter.Read(model, "m");
            var text = "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(assert (<= -1 X_0 1))\n(assert (<= -1 X_1 1))\n"
                + string.Create(CultureInfo.InvariantCulture, $"(assert (>= Y_0 {(decimal)(largest + 1e-4)}))\n");
            var question = VnnLibFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "q");
            var problem = PropertyCompiler.Compile(network, question)[0];
            if (new DecisionSearch { Target = PropertyCompiler.Target }.Solve(problem).Outcome != DecisionOutcome.Proved)
            {
                continue; // the grid missed the maximum
            }

            var offers = 0;
            var search = new DecisionSearch
            {
                Target = PropertyCompiler.Target,
                AttackStarts = 0,
                Threads = 1,
                HandOver = (TimeSpan.Zero, 16, boxes => ++offers > 0 && boxes.Count > 1),
            }.Solve(problem);
            Assert.InRange(offers, 0, 1);
            Assert.Equal(offers == 0 || search.Outcome == DecisionOutcome.Proved ? DecisionOutcome.Proved : DecisionOutcome.Stuck, search.Outcome);
            var solver = new PartSolver(network, question, "m", "q", Z3, null, "q");
            foreach (var part in search.Open ?? [])
            {
                taken++;
                Assert.Equal(0, search.Tree.Codes[part.Entry]);
                Assert.NotNull(solver.Ask(0, problem, part, _ => null, TimeSpan.FromSeconds(30), default).Sha256);
            }

            // Asked once, and no means no.
            offers = 0;
            var refused = new DecisionSearch { Target = PropertyCompiler.Target, AttackStarts = 0, HandOver = (TimeSpan.Zero, 16, _ => ++offers < 0) }.Solve(problem);
            Assert.Equal(DecisionOutcome.Proved, refused.Outcome);
            Assert.InRange(offers, 0, 1);
        }

        output.WriteLine($"{taken} parts");
        Assert.True(taken > 1);
    }

    private static SolverProcess Z3 => SolverProcess.OnPath("z3")!;

    private static PropertyReport Check(PropertyCertificate certificate, byte[] model, byte[] question, QueryAnswer word) =>
        PropertyChecker.Check(certificate, model, question, new Dictionary<string, byte[]>(), (_, _) => word, default);

    private PropertyResult Solve(byte[] model, byte[] question, SmtSolver? solver) => new PropertyVerifier
    {
        TimeLimit = TimeSpan.FromSeconds(60),
        Solver = solver is null ? null : () => solver,
        SmtEvidence = folder,
    }.Solve(model, "m.onnx", question, "q.vnnlib");

    /// <summary>A net of two inputs and two hidden layers, and the largest value found by sampling.</summary>
    private static (byte[] Model, double Largest) Net(int seed, int neurons = 5)
    {
        var random = new Random(seed);
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var width = 2;
        foreach (var layer in new[] { 1, 2 })
        {
            x = graph.Node("Relu", $"r{layer}", [graph.Node("Gemm", $"z{layer}", [x, graph.Initializer($"w{layer}", Draw(neurons * width), width, neurons), graph.Initializer($"b{layer}", Draw(neurons), neurons)])]);
            width = neurons;
        }

        graph.Output(graph.Node("Gemm", "y", [x, graph.Initializer("v", Draw(neurons), neurons, 1), graph.Initializer("d", [0f], 1)]), 1);
        var network = OnnxImporter.Read(graph.ToBytes(), "m");
        var largest = double.NegativeInfinity;
        for (var i = 0; i <= 100; i++)
        {
            for (var j = 0; j <= 100; j++)
            {
                largest = Math.Max(largest, network.Evaluate([(i / 50.0) - 1, (j / 50.0) - 1])[network.Outputs[0].Node][0]);
            }
        }

        return (graph.ToBytes(), largest);

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    /// <summary>y = 2 x, through a ReLU: relu(2 x + 4) - 4.</summary>
    private static byte[] Doubling()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 1);
        var z = graph.Node("Gemm", "z", [x, graph.Initializer("w", [2f], 1, 1), graph.Initializer("b", [4f], 1)]);
        graph.Output(graph.Node("Add", "y", [graph.Node("Relu", "r", [z]), graph.Initializer("c", [-4f], 1)]), 1);
        return graph.ToBytes();
    }

    private static byte[] Question(string asserts, string lower, string upper) =>
        Encoding.UTF8.GetBytes($"(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (<= {lower} X_0 {upper}))\n{asserts}\n");

    /// <summary>A solver that says one thing.</summary>
    private sealed class Fake(SmtAnswer answer) : SmtSolver
    {
        public override string Description => "a fake";

        public override SmtAnswer Solve(string problem, SmtLimits limits, CancellationToken cancellation = default) => answer;
    }
}
