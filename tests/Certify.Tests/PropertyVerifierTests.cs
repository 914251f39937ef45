using System.Diagnostics;
using System.Globalization;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.VnnLib;
using Xunit;
using Xunit.Abstractions;

namespace Certify.Tests;

/// <summary>Answers to VNN-LIB questions: of the competition, of which the truth is known, and small ones made to mislead.</summary>
/// <remarks>
/// Every certificate is checked.
/// </remarks>
public class PropertyVerifierTests(ITestOutputHelper output)
{
    /// <summary>Seconds allowed on a busy machine where the tool alone needs one or two.</summary>
    private const double Soon = 60;

    /// <summary>The hardest of the competition's, and seconds.</summary>
    private static readonly HashSet<(string, string)> Hardest = [("3_3", "prop_2"), ("4_2", "prop_2"), ("1_1", "prop_6")];

    public static TheoryData<string, string, string> Densities => Instances("reach_prob_density");

    public static TheoryData<string, string, string> Collisions => Instances("acasxu");

    [SharedDataTheory]
    [MemberData(nameof(Densities))]
    public void Densities_that_flows_transport_are_answered(string model, string property, string truth) => Answers("reach_prob_density", model, property, truth, Soon);

    [SharedDataTheory]
    [InlineData("1_1", "prop_3", "unsat")]
    [InlineData("5_8", "prop_4", "unsat")]
    [InlineData("1_9", "prop_7", "sat")]
    [InlineData("2_9", "prop_8", "sat")]
    [InlineData("5_3", "prop_2", "sat")]
    public void Quick_questions_about_collision_avoidance_are_answered(string net, string property, string truth) =>
        Answers("acasxu", $"ACASXU_run2a_{net}_batch_2000.onnx", $"{property}.vnnlib", truth, Soon);

    [SharedDataTheory]
    [MemberData(nameof(Collisions))]
    [Trait("Category", "Nightly")]
    public void Every_question_about_collision_avoidance_is_answered_in_time(string model, string property, string truth) => Answers(
        "acasxu", model, property, truth, Hardest.Contains((model[13..16], Path.GetFileNameWithoutExtension(property))) ? 30 : 116);

    [Fact]
    public void Cases_are_searched_one_by_one_and_each_has_its_tree()
    {
        var model = Doubling();
        var unsat = Solve(model, "(assert (or (>= Y_0 2.001) (<= Y_0 -2.001) (and (>= Y_0 1) (<= Y_0 0.999))))");
        Assert.Equal(PropertyAnswer.Unsat, unsat.Answer);
        Assert.Equal(3, unsat.Certificate!.Evidence.Length);
        Assert.Empty(unsat.Witness);

        // Only the last case holds.
        var sat = Solve(model, "(assert (or (>= Y_0 2.001) (<= Y_0 -2.001) (and (>= Y_0 1) (<= Y_0 1.001))))");
        Assert.Equal(PropertyAnswer.Sat, sat.Answer);
        Assert.InRange(2 * sat.Witness[0], 1, 1.001);
        Assert.Equal(2 * sat.Witness[0], Assert.Single(sat.Outputs), 1e-6); // ONNX Runtime computes in float32
        Assert.Equal(sat.Witness, sat.Certificate!.Witness);
    }

    /// <summary>Where the attack is off, the search itself finds the point, of the last case too.</summary>
    [Fact]
    public void Without_an_attack_the_search_finds_the_witness()
    {
        const string question = "(assert (or (>= Y_0 2.001) (and (>= Y_0 1) (<= Y_0 1.001))))";
        var result = new PropertyVerifier { AttackStarts = 0 }.Solve(Doubling(), "m", Question(question), "q");
        Assert.Equal(PropertyAnswer.Sat, result.Answer);
    }

    /// <summary>x in [0.7, 0.7]: no double, so there is no witness to show, although the real number is one. In [0.7, 0.70000001] there are doubles, but the nearest float32 is outside.</summary>
    [Fact]
    public void A_witness_lies_in_the_region_without_tolerance_or_there_is_none()
    {
        var none = Solve(Doubling(), "(assert (>= Y_0 0))", "0.7", "0.7");
        Assert.Equal(PropertyAnswer.Unknown, none.Answer);
        Assert.Null(none.Certificate);
        Assert.NotEmpty(none.Reason);

        var some = Solve(Doubling(), "(assert (>= Y_0 0))", "0.7", "0.700000001");
        Assert.Equal(PropertyAnswer.Sat, some.Answer);
        Assert.InRange(some.Witness[0], 0.7, 0.700000001);
        Assert.NotEqual((float)some.Witness[0], some.Witness[0]);

        var single = Solve(Doubling(), "(assert (>= Y_0 0))", "0.7", "0.7000001");
        Assert.Equal((float)single.Witness[0], single.Witness[0]);
        Assert.InRange(single.Witness[0], 0.7, 0.7000001);
    }

    /// <summary>y is 1.5 at the end of the region alone: y &gt;= 1.5 holds there, though rounding may hide it, y &gt; 1.5 nowhere, though rounding may hide that.</summary>
    [Fact]
    public void An_edge_is_never_called_wrong()
    {
        Assert.Equal(PropertyAnswer.Sat, Solve(Doubling(), "(assert (>= Y_0 1.4999999))", "0", "0.75").Answer);
        Assert.NotEqual(PropertyAnswer.Unsat, Solve(Doubling(), "(assert (>= Y_0 1.5))", "0", "0.75").Answer);
        Assert.NotEqual(PropertyAnswer.Sat, Solve(Doubling(), "(assert (> Y_0 1.5))", "0", "0.75").Answer);
        Assert.Equal(PropertyAnswer.Unsat, Solve(Doubling(), "(assert (>= Y_0 1.5000001))", "0", "0.75").Answer);
    }

    [Fact]
    public void A_question_without_constraints_on_outputs_is_sat()
    {
        var result = Solve(Doubling(), "(assert (<= 0 Y_0 2))");
        Assert.Equal(PropertyAnswer.Sat, result.Answer);
        Assert.Equal(PropertyAnswer.Sat, Solve(Doubling(), "").Answer);
    }

    /// <summary>(x > 0.1) and (x &lt; 0.1): no x at all.</summary>
    [Fact]
    public void An_empty_region_is_not_sat() =>
        Assert.NotEqual(PropertyAnswer.Sat, Solve(Doubling(), "(assert (and (> X_0 0.1) (< X_0 0.1)))\n(assert (>= Y_0 0))").Answer);

    /// <summary>1e8 (x + 1) - 1e8 (x + 1) + 1 in float32: the ONNX model answers otherwise than the exact network where sums cancel.</summary>
    [Fact]
    public void A_point_at_which_the_running_program_disagrees_is_no_witness()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 1);
        var big = graph.Node("Add", "big", [x, graph.Initializer("c", [1e9f], 1)]);
        graph.Output(graph.Node("Sub", "y", [big, graph.Initializer("d", [1e9f], 1)]), 1);
        var model = graph.ToBytes();

        // Exactly y = x; in float32 y = 0 for all x in [1, 1.5].
        var result = new PropertyVerifier { TimeLimit = TimeSpan.FromSeconds(20) }.Solve(model, "m", Question("(assert (>= Y_0 0.5))", "1", "1.5"), "q");
        Assert.Equal(PropertyAnswer.Unknown, result.Answer);
        Assert.Contains("ONNX Runtime disagrees", result.Reason, StringComparison.Ordinal);
        Assert.Null(result.Certificate);
    }

    [SharedDataTheory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    public void The_time_limit_holds_for_all_cases_and_the_attack(double seconds)
    {
        var clock = Stopwatch.StartNew();
        var result = new PropertyVerifier { TimeLimit = TimeSpan.FromSeconds(seconds), AttackStarts = 1_000_000 }
            .Solve(Read("acasxu", "ACASXU_run2a_3_3_batch_2000.onnx"), "m", Read("acasxu", "prop_2.vnnlib"), "q");
        Assert.Equal(PropertyAnswer.Timeout, result.Answer);
        Assert.Equal("the time limit was reached", result.Reason);
        Assert.Null(result.Certificate);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}");
    }

    [SharedDataTheory]
    [InlineData(0)]
    [InlineData(1_000_000)]
    public void A_request_to_stop_is_heard(int starts)
    {
        using var stop = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var hand = new Thread(() =>
        {
            // A thread of its own: a timer of the pool may fire after the search has ended.
            Thread.Sleep(100);
            stop.Cancel();
        });
        hand.Start();
        var result = new PropertyVerifier { AttackStarts = starts }
            .Solve(Read("acasxu", "ACASXU_run2a_1_1_batch_2000.onnx"), "m", Read("acasxu", "prop_6.vnnlib"), "q", stop.Token);
        hand.Join();
        Assert.Equal((PropertyAnswer.Unknown, "the search was stopped"), (result.Answer, result.Reason));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}");
    }

    [SharedDataTheory]
    [InlineData(100)]
    public void The_limit_of_parts_holds_for_all_cases_together(long most)
    {
        var result = new PropertyVerifier { MostParts = most, AttackStarts = 1 }
            .Solve(Read("acasxu", "ACASXU_run2a_1_1_batch_2000.onnx"), "m", Read("acasxu", "prop_6.vnnlib"), "q");
        Assert.Equal((PropertyAnswer.Unknown, "the limit of parts was reached"), (result.Answer, result.Reason));
        Assert.InRange(result.Parts, most, most + Environment.ProcessorCount + 1);
    }

    /// <summary>The same question gives the same certificate, but for its times.</summary>
    [SharedDataTheory]
    [InlineData("ACASXU_run2a_1_1_batch_2000.onnx", "prop_3.vnnlib")]
    [InlineData("ACASXU_run2a_1_9_batch_2000.onnx", "prop_4.vnnlib")]
    public void Threads_do_not_show_in_the_certificate(string model, string property)
    {
        byte[][] files = [.. new[] { 1, 2 }.Select(threads =>
            (new PropertyVerifier { Threads = threads }.Solve(Read("acasxu", model), model, Read("acasxu", property), property).Certificate! with { Seconds = 0, Created = "" }).ToBytes())];
        Assert.Equal(files[0], files[1]);
    }

    private void Answers(string folder, string model, string property, string truth, double seconds)
    {
        var (network, question) = (Read(folder, model), Read(folder, property));
        var result = new PropertyVerifier { TimeLimit = TimeSpan.FromSeconds(seconds) }.Solve(network, model, question, property);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model} {property}: {result.Answer}, {result.Parts} parts, {result.Seconds:F2} s"));
        Assert.Equal(truth, result.Answer.ToString().ToLowerInvariant());
        Assert.True(result.Seconds < seconds, $"{result.Seconds} s");
        Accepted(result, network, question);
    }

    private static PropertyResult Solve(byte[] model, string asserts, string lower = "-1", string upper = "1")
    {
        var question = Question(asserts, lower, upper);
        var result = new PropertyVerifier { TimeLimit = TimeSpan.FromSeconds(30) }.Solve(model, "m.onnx", question, "q.vnnlib");
        if (result.Certificate is not null)
        {
            Accepted(result, model, question);
        }

        return result;
    }

    private static void Accepted(PropertyResult result, byte[] model, byte[] question)
    {
        var read = PropertyCertificate.Read(result.Certificate!.ToBytes(), "c");
        Assert.Equal("", PropertyChecker.Check(read, model, question).Reason);
        if (result.Answer == PropertyAnswer.Sat)
        {
            // The reported outputs are those of the witness, to what float32 rounds.
            var network = OnnxImporter.Read(model, "m");
            var exact = network.Outputs.SelectMany(named => network.Evaluate(result.Witness)[named.Node]).ToArray();
            var scale = 1e-6 + exact.Max(Math.Abs);
            Assert.All(exact.Zip(result.Outputs), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-3 * scale));
            Assert.Contains(VnnLibFile.Read(new MemoryStream(question), "q").Cases, item => item.Region.Contains(result.Witness));
        }
    }

    /// <summary>y = 2 x, through a ReLU: relu(2 x + 4) - 4.</summary>
    private static byte[] Doubling()
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 1);
        var z = graph.Node("Gemm", "z", [x, graph.Initializer("w", [2f], 1, 1), graph.Initializer("b", [4f], 1)]);
        var y = graph.Node("Relu", "r", [z]);
        graph.Output(graph.Node("Add", "y", [y, graph.Initializer("c", [-4f], 1)]), 1);
        return graph.ToBytes();
    }

    private static byte[] Question(string asserts, string lower = "-1", string upper = "1") =>
        Encoding.UTF8.GetBytes($"(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (<= {lower} X_0 {upper}))\n{asserts}\n");

    private static byte[] Read(string folder, string name) => File.ReadAllBytes(SharedData.File(Path.Combine(folder, name)));

    private static TheoryData<string, string, string> Instances(string folder)
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var line in SharedData.Folder is null ? [] : File.ReadLines(SharedData.File(Path.Combine(folder, "instances.csv"))).Skip(1))
        {
            if (line.Split(',') is [var model, var property, _, var truth])
            {
                rows.Add(model, property, truth);
            }
        }

        if (rows.Count == 0)
        {
            rows.Add("absent", "absent", "absent"); // skipped, with the reason
        }

        return rows;
    }
}
