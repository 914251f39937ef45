using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using Xunit;
using Xunit.Abstractions;

namespace Guarantees.Tests.Checking;

/// <summary>The check of an answer to a VNN-LIB question accepts what holds and rejects forgeries, whose digests are right, with the reason.</summary>
/// <remarks>
/// The question is hard enough that a leaf set too early stays open: an open leaf may cost 256 parts. Trees come from a plain recursive search written here. Mutant planted and found: a leaf taken for closed.
/// </remarks>
public class PropertyCheckerTests(ITestOutputHelper output)
{
    private const string ModelName = "net.onnx";

    private static readonly (int Seed, double Largest, byte[] Question, double Bound, PropertyCertificate Answer) Found = Harder();
    private static readonly byte[] Model = Net(Found.Seed);
    private static readonly double Largest = Found.Largest;
    private static readonly byte[] Hard = Found.Question;
    private static readonly PropertyCertificate Answer = Found.Answer;

    [Fact]
    public void A_derived_answer_is_accepted()
    {
        var report = Check(Answer, Model, Hard);
        output.WriteLine($"{report.Leaves} leaves, {report.Seconds:F2} s");
        Assert.Equal("", report.Reason);
        Assert.True(report.Accepted);
        Assert.Equal(Answer.Evidence[0].Leaves, report.Leaves);
        Assert.True(report.Leaves > 600);
    }

    [Fact]
    public void Another_model_or_property_is_rejected_by_its_hash()
    {
        Rejected("the model file has SHA-256", Answer, Net(Found.Seed + 1), Hard);
        Rejected("the property file has SHA-256", Answer, Model, [.. Hard, (byte)'\n']);
        Rejected("the model file has SHA-256", Answer with { ModelSha256 = new string('0', 64) }, Model, Hard);
        Rejected("the property file has SHA-256", Answer with { PropertySha256 = Answer.PropertySha256.ToUpperInvariant() }, Model, Hard);
    }

    [Fact]
    public void A_dropped_subtree_is_rejected()
    {
        var codes = Answer.Evidence[0].Codes.ToArray();
        foreach (var place in Enumerable.Range(0, codes.Length).Where(i => End(codes, i) - i > 700).Take(8))
        {
            Rejected("case 1: leaf at entry ", With([.. codes[..place], 0, .. codes[End(codes, place)..]]), Model, Hard);
        }
    }

    /// <summary>A leaf that stays open by little may be divided further here, so some swaps are harmless; those that put a small subtree where a large one was due are not.</summary>
    [Fact]
    public void Swapped_subtrees_are_rejected_or_do_no_harm()
    {
        var (codes, rejected) = (Answer.Evidence[0].Codes.ToArray(), 0);
        foreach (var place in Enumerable.Range(0, codes.Length).Where(i => End(codes, i) - i > 520).Take(30))
        {
            var (left, right, end) = (place + 1, End(codes, place + 1), End(codes, place));
            var reason = Check(With([.. codes[..left], .. codes[right..end], .. codes[left..right], .. codes[end..]]), Model, Hard).Reason;
            Assert.True(reason.Length == 0 || reason.StartsWith("case 1: leaf at entry ", StringComparison.Ordinal), reason);
            rejected += reason.Length > 0 ? 1 : 0;
        }

        output.WriteLine($"{rejected} rejected");
        Assert.True(rejected > 0);
    }

    [Fact]
    public void A_tree_that_cuts_other_coordinates_is_rejected()
    {
        var codes = Answer.Evidence[0].Codes.ToArray();
        Rejected("case 1: leaf at entry ", With([1, 0, 0]), Model, Hard);
        Rejected("case 1: the evidence cuts coordinate 4 of 4", With([.. codes.Select(code => code == 0 ? 0 : 5)]), Model, Hard);
        Rejected("case 1: the evidence cuts coordinate 2147483646 of 4", With([.. codes.Select(code => code == 0 ? 0 : int.MaxValue)]), Model, Hard);
    }

    [Fact]
    public void The_tree_of_another_property_or_model_is_rejected()
    {
        var easy = Unsat(Model, Question(Above(Largest + 5)));
        Assert.Equal("", Check(easy, Model, Question(Above(Largest + 5))).Reason);
        Rejected("case 1: leaf at entry ", easy with { PropertySha256 = Hash(Hard) }, Model, Hard);

        // The same network, a little higher: the property holds at some point.
        var higher = Net(Found.Seed, 0.1f + (float)(Found.Bound - Largest));
        Rejected("case 1: leaf at entry ", Answer with { ModelSha256 = Hash(higher) }, higher, Hard);
    }

    [Fact]
    public void As_many_trees_as_cases_are_needed()
    {
        var tree = Answer.Evidence[0];
        foreach (var trees in new EvidenceTree[][] { [], [tree, tree], [tree, new([0])] })
        {
            Rejected($"the property has 1 cases, the certificate has evidence for {trees.Length}", Answer with { Evidence = [.. trees] }, Model, Hard);
        }

        // Two cases, of which the second needs its own tree.
        var two = Question($"(assert (or (>= Y_0 1e6) (>= Y_0 {Text(Found.Bound)})))");
        var answer = Unsat(Model, two);
        Assert.Equal("", Check(answer, Model, two).Reason);
        Rejected("case 1: the evidence cuts", answer with { Evidence = [new([5, 0, 0]), answer.Evidence[1]] }, Model, Question($"(assert (or (>= Y_0 {Text(Found.Bound)}) (>= Y_0 1e6)))"), rehash: true);
        Rejected("case 2: leaf at entry 0", answer with { Evidence = [answer.Evidence[0], answer.Evidence[0]] }, Model, two);
        Rejected("the property has 2 cases", answer with { Evidence = [answer.Evidence[1]] }, Model, two);
    }

    /// <summary>Whatever the tree: where a point satisfies the property, unsat is never derived.</summary>
    [Fact]
    public void No_tree_proves_what_is_false()
    {
        var random = new Random(5);
        var (point, value) = Best(Found.Seed);
        foreach (var below in new[] { 1, 1e-3, 1e-9 })
        {
            var question = Question(Above(value - below));
            var sat = Sat(point, question);
            Assert.Equal("", Check(sat, Model, question).Reason);
            for (var trial = 0; trial < 6; trial++)
            {
                var tree = trial == 0 ? Answer.Evidence[0] : new EvidenceTree(Grow(random, trial * 3));
                var reason = Check(sat with { IsUnsatisfiable = true, Evidence = [tree] }, Model, question).Reason;
                Assert.StartsWith("case 1: leaf at entry ", reason, StringComparison.Ordinal);
            }

            Rejected("the property has 1 cases", sat with { IsUnsatisfiable = true }, Model, question);
        }
    }

    [Fact]
    public void Sat_needs_a_witness_that_satisfies_the_property()
    {
        const string reason = "the witness does not satisfy any case of the property";
        var (point, value) = Best(Found.Seed);
        var question = Question(Above(value - 1e-6));
        Rejected(reason, Answer with { IsUnsatisfiable = false }, Model, Hard);
        Rejected(reason, Sat([], question), Model, question);
        Rejected(reason, Sat(point[..3], question), Model, question);
        Rejected(reason, Sat([.. point, 0], question), Model, question);
        Rejected(reason, Sat([0, 0, 0, 0], question), Model, question);
        Rejected(reason, Sat([double.NaN, 0, 0, 0], question), Model, question);
        Rejected(reason, Sat(point, Question(Above(value + 1e-6))), Model, Question(Above(value + 1e-6)));
    }

    /// <summary>The ends 0.7 and -0.7 are no doubles: the region's last doubles are members, their neighbours are not, however close.</summary>
    [Fact]
    public void A_witness_one_ulp_outside_is_rejected()
    {
        var question = Question("(assert (>= Y_0 -1000))", "0.7");
        var region = VnnLibFile.Read(new MemoryStream(question), "q").Cases[0].InnerBox!;
        foreach (var (end, outside) in new[] { (region.Upper[2], Math.BitIncrement(region.Upper[2])), (region.Lower[2], Math.BitDecrement(region.Lower[2])) })
        {
            Assert.Equal("", Check(Sat([0, 0, end, 0], question), Model, question).Reason);
            Rejected("the witness does not satisfy any case", Sat([0, 0, outside, 0], question), Model, question);
        }
    }

    /// <summary>The network has four inputs and one output; a property of others is none of it, whatever the verdict.</summary>
    [Theory]
    [InlineData("(declare-const Y_1 Real)\n(assert (>= Y_1 -1000))")]
    [InlineData("(declare-const Y_1 Real)\n(assert (>= Y_0 -1000))")]
    [InlineData("(declare-const X_4 Real)\n(assert (<= 0 X_4 1))")]
    public void A_property_of_another_network_is_malformed(string more)
    {
        var question = Question(more);
        foreach (var certificate in new[] { Sat([0, 0, 0, 0], question), Answer with { PropertySha256 = Hash(question) } })
        {
            var error = Assert.Throws<ArgumentException>(() => Check(certificate, Model, question));
            Assert.Contains("the network 4 and 1", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_check_can_be_cancelled() =>
        Assert.ThrowsAny<OperationCanceledException>(() => PropertyChecker.Check(Answer, Model, Hard, new CancellationToken(canceled: true)));

    private static PropertyReport Check(PropertyCertificate certificate, byte[] model, byte[] question)
    {
        // As from a file: the digest of a forgery fits.
        var read = PropertyCertificate.Read(certificate.Witness.All(double.IsFinite) ? certificate.ToBytes() : Answer.ToBytes(), "c");
        return PropertyChecker.Check(certificate.Witness.All(double.IsFinite) ? read : certificate, model, question);
    }

    private static void Rejected(string reason, PropertyCertificate certificate, byte[] model, byte[] question, bool rehash = false)
    {
        var report = Check(rehash ? certificate with { PropertySha256 = Hash(question) } : certificate, model, question);
        Assert.False(report.Accepted);
        Assert.StartsWith(reason[..Math.Min(reason.Length, 4)], report.Reason, StringComparison.Ordinal);
        Assert.Contains(reason, report.Reason, StringComparison.Ordinal);
    }

    private static PropertyCertificate With(int[] codes) => Answer with { Evidence = [new EvidenceTree(codes)] };

    private static PropertyCertificate Sat(double[] point, byte[] question) => Base(Model, question) with { Witness = [.. point] };

    private static PropertyCertificate Unsat(byte[] model, byte[] question) => Base(model, question) with
    {
        IsUnsatisfiable = true,
        Evidence = [.. PropertyCompiler.Compile(OnnxImporter.Read(model, ModelName), VnnLibFile.Read(new MemoryStream(question), "q")).Select(Search)],
    };

    private static PropertyCertificate Base(byte[] model, byte[] question) => new()
    {
        ModelName = ModelName,
        ModelSha256 = Hash(model),
        PropertyName = "q.vnnlib",
        PropertySha256 = Hash(question),
        IsUnsatisfiable = false,
    };

    /// <summary>Halves the coordinate that the kernel scores highest until every part is bounded.</summary>
    private static EvidenceTree Search(Problem problem)
    {
        var (bounds, codes, scores) = (Bounds.For(problem), new List<int>(), new double[problem.Domain.Box.Length]);
        Visit(new Box([.. problem.Domain.Box.Lower], [.. problem.Domain.Box.Upper]));
        return new EvidenceTree(codes.ToArray());

        void Visit(Box part)
        {
            Assert.True(codes.Count < 200_000, "The question is too hard for a test.");
            if (bounds.Contract(part, PropertyCompiler.Target) <= PropertyCompiler.Target)
            {
                codes.Add(0);
                return;
            }

            bounds.SplitScores(part, scores);
            var axis = Array.IndexOf(scores, scores.Max());
            codes.Add(axis + 1);
            var (left, right) = part.Split(axis);
            Visit(left);
            Visit(right);
        }
    }

    private static int End(int[] codes, int place)
    {
        for (var open = 1; open > 0; place++)
        {
            open += codes[place] > 0 ? 1 : -1;
        }

        return place;
    }

    private static int[] Grow(Random random, int size) => size <= 0 ? [0] : [random.Next(1, 5), .. Grow(random, size - random.Next(1, 4)), .. Grow(random, size - random.Next(1, 4))];

    private static string Above(double bound) => $"(assert (>= Y_0 {Text(bound)}))";

    private static string Text(double value) => value.ToString("0.################", CultureInfo.InvariantCulture);

    private static byte[] Question(string asserts, string end = "1")
    {
        var text = new StringBuilder();
        for (var j = 0; j < 4; j++)
        {
            text.Append(CultureInfo.InvariantCulture, $"(declare-const X_{j} Real)\n(assert (<= -{end} X_{j} {end}))\n");
        }

        return Encoding.UTF8.GetBytes(text.Append("(declare-const Y_0 Real)\n").Append(asserts).ToString());
    }

    /// <summary>A network, and a bound so close above its maximum that the tree has more than a thousand nodes.</summary>
    private static (int Seed, double Largest, byte[] Question, double Bound, PropertyCertificate Answer) Harder()
    {
        for (var seed = 1; seed < 30; seed++)
        {
            var (model, largest) = (Net(seed), Best(seed).Value);
            for (var above = 0.3; above > 1e-3; above *= 0.5)
            {
                var question = Question(Above(largest + above));
                var answer = Unsat(model, question);
                if (answer.Evidence[0].Leaves > 600)
                {
                    return (seed, largest, question, largest + above, answer);
                }
            }
        }

        throw new InvalidOperationException("Every network is too easy.");
    }

    /// <summary>The best of many points, and of small moves from it.</summary>
    private static (double[] Point, double Value) Best(int seed)
    {
        var (network, random) = (OnnxImporter.Read(Net(seed), ModelName), new Random(1));
        var best = (Point: new double[4], Value: double.NegativeInfinity);
        for (var k = 0; k < 12_000; k++)
        {
            var reach = k < 6000 ? 2.0 : Math.Pow(0.5, (k - 6000) / 300.0);
            double[] point = [.. best.Point.Select(x => Math.Clamp((k < 6000 ? 0 : x) + (reach * (random.NextDouble() - 0.5)), -1, 1))];
            var value = network.Evaluate(point)[network.Outputs[0].Node][0];
            best = value > best.Value ? (point, value) : best;
        }

        return best;
    }

    /// <summary>Four inputs, two layers of ReLUs and a path around them, so that the general bounds serve, one output. The shift is added to the output.</summary>
    private static byte[] Net(int seed, float shift = 0)
    {
        var (graph, random) = (new OnnxGraphBuilder(), new Random(seed));
        var x = graph.Input("x", 4);
        var y = graph.Node("Relu", "a", [Layer(x, 4, 16, 3)]);
        y = graph.Node("Relu", "b", [Layer(y, 16, 12, 2)]);
        x = graph.Node("Add", "sum", [Layer(y, 12, 1, 1), Layer(x, 4, 1, 0.1, "u")]);
        graph.Output(graph.Node("Add", "y", [x, graph.Initializer("shift", [shift], 1)]), 1);
        return graph.ToBytes();

        string Layer(string from, int n, int m, double size, string name = "z") => graph.Node("Gemm", $"{name}{m}", [
            from,
            graph.Initializer($"{name}w{m}", [.. Enumerable.Range(0, n * m).Select(_ => (float)(size * (random.NextDouble() - 0.5)))], n, m),
            graph.Initializer($"{name}v{m}", [.. Enumerable.Range(0, m).Select(_ => (float)(size * (random.NextDouble() - 0.5)))], m)]);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
