using System.Globalization;
using System.Text;
using Certify.Export;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Certify.Tests.Export;

/// <summary>The exporter and the extracted checker together: what is accepted, what is rejected, and that both compute the same bounds.</summary>
/// <remarks>
/// Mutants that these tests saw: in the export steps for the other end (l for h); in the reader boxes of lower ends only, the hash of half a statement, processes whose answer is not read; in
/// words.ml a limit that lets products leave the machine word.
/// </remarks>
public sealed class CheckerExportTests
{
    [CheckerFact]
    public void Exports_are_accepted_and_are_the_same_bytes_every_time()
    {
        for (var seed = 0; seed < 8; seed++)
        {
            var export = Solved(seed, [3, 12, 12, 2]);

            var (code, output) = ExtractedChecker.Run(export.Text, "--statement", export.Statement.Sha256, "--show");

            Assert.True(code == 0, output);
            Assert.Contains($" {export.Leaves} leaves, ", output, StringComparison.Ordinal);
            Assert.Contains($"statement {export.Statement.Sha256}", output, StringComparison.Ordinal);
            Assert.Contains("one of these holds for y = f(x):\n", output, StringComparison.Ordinal);
            Assert.Equal(export.Text, Solved(seed, [3, 12, 12, 2]).Text);
        }
    }

    [CheckerTheory]
    [InlineData("1_1", "prop_1")]
    [InlineData("5_8", "prop_4")]
    [InlineData("3_3", "prop_3")]
    public void Answers_about_collision_avoidance_are_accepted(string net, string property) => Accepted(net, property);

    [CheckerTheory]
    [MemberData(nameof(Unsatisfiable))]
    [Trait("Category", "Nightly")]
    public void Every_unsat_answer_about_collision_avoidance_is_accepted(string net, string property) => Accepted(net, property);

    public static TheoryData<string, string> Unsatisfiable()
    {
        var rows = new TheoryData<string, string>();
        foreach (var line in SharedData.Folder is null ? [] : File.ReadLines(SharedData.File("acasxu/instances.csv")).Skip(1))
        {
            if (line.Split(',') is [var model, var property, _, "unsat"])
            {
                rows.Add(model[13..16], Path.GetFileNameWithoutExtension(property));
            }
        }

        return rows;
    }

    /// <summary>Whatever is changed: refused, rejected, or still the same statement, which is true. With the hash of the statement nothing else is accepted.</summary>
    [CheckerFact]
    public void Of_500_corrupted_exports_none_proves_another_statement()
    {
        var random = new Random(7);
        var (accepted, rejected, malformed) = (0, 0, 0);
        CheckerExport[] exports = [.. Enumerable.Range(0, 4).Select(seed => Solved(seed, [2, 5, 5, 2]))];
        for (var trial = 0; trial < 500;)
        {
            var export = exports[trial % exports.Length];
            var text = Corrupted(export.Text, random);
            if (text == export.Text)
            {
                continue;
            }

            trial++;
            var (code, output) = ExtractedChecker.Run(text, "--jobs", "1", "--statement", export.Statement.Sha256);

            Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            var isSameStatement = Between(text) == export.Statement.Text;
            Assert.True(code is 1 or 65 || (code == 0 && isSameStatement), $"trial {trial}: {code} {output}");
            (accepted, rejected, malformed) = (accepted + (code == 0 ? 1 : 0), rejected + (code == 1 ? 1 : 0), malformed + (code == 65 ? 1 : 0));
        }

        Assert.True(rejected > 100 && malformed > 50 && accepted < 150, $"{accepted} accepted, {rejected} rejected, {malformed} malformed");

        static string Between(string text) =>
            text.IndexOf("statement\n", StringComparison.Ordinal) is var from and >= 0 && text.IndexOf("evidence\n", StringComparison.Ordinal) is var to && to > from ? text[from..to] : "";
    }

    [CheckerFact]
    public void Hostile_files_are_refused_in_one_line()
    {
        var good = Solved(0, [2, 5, 5, 2]).Text;
        var (head, body) = (good[..good.IndexOf("evidence\n", StringComparison.Ordinal)], good[good.IndexOf("tree\n", StringComparison.Ordinal)..]);
        foreach (var (text, reason) in new[]
        {
            ("", "a word is missing"),
            ("certify-coq 2\n", "expected '1'"),
            (good.Replace("precision 24", "precision 25", StringComparison.Ordinal), "extracted for 24"),
            (good.Replace("layer 5 2", "layer 99999999 2", StringComparison.Ordinal), "rows must be from 0 to 4096"),
            (good.Replace("layer 5 2", "layer 5 0", StringComparison.Ordinal), "columns must be at least 1"),
            (good.Replace("network 3", "network 1", StringComparison.Ordinal), "at least one hidden layer"),
            (good.Replace("cases 1", "cases 1000000", StringComparison.Ordinal), "cases must be from 0 to 1000"),
            (head + "evidence\ntree\n" + new string('q', 100_000), "a node is one of"),
            (head + "evidence\ntree\n" + string.Concat(Enumerable.Repeat("x 0 0\n", 100_000)), "more than 1000 divisions"),
            (head + "evidence\ntree\nx 0 " + new string('9', 41) + "\n", "at most 40 digits"),
            (head + "evidence\ntree\nx 2 0\n", "an input must be from 0 to 1"),
            (head + "evidence\ntree\nz 2 0\n", "a layer must be from 0 to 1"),
            (head + "evidence\ntree\nh 1 5\n", "a neuron must be from 0 to 4"),
            (head + "evidence\ntree\ns 0 .x.\n", "a slope is a character"),
            (head + "evidence\ntree\ns 0 ......\n", "6 slopes for 5 neurons"),
            (head + "evidence\ntree\na 0 0 1 1\n", "expected a space"),
            (head + "evidence\ntree\np 0\nend\n\n", "goes on after its end"),
            (head + "evidence\n" + body.Replace("end\n", "", StringComparison.Ordinal), "a word is missing"),
            (good.Replace('\n', '\r'), "expected"),
            (good.Replace("box 2\n-", "box 2\n+", StringComparison.Ordinal), "expected an integer"),
            (good.Replace("box 2\n-", "box 2\n-0", StringComparison.Ordinal), "expected an integer"),
        })
        {
            var (code, output) = ExtractedChecker.Run(text);

            Assert.True(code == 65, $"{reason}: {code} {output}");
            Assert.Contains(reason, Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
    }

    [CheckerFact]
    public void A_leaf_that_proves_nothing_is_named()
    {
        var net = new SmallNetwork(new Random(11), 2, 4, 1);
        var statement = CheckerStatement.Of(net.Network, SmallNetwork.Read(net.Question("1", "(assert (<= Y_0 -1000))"))).Text;

        Assert.Equal(0, ExtractedChecker.Run(File("x 0 0\np 0\nx 1 5\np 0\np 0\n")).ExitCode);
        Assert.Contains("case 1, leaf 2 of 3: there is no claim 8", Rejected("x 0 0\np 0\nx 1 5\np 7\np 0\n"), StringComparison.Ordinal);
        Assert.Contains("case 1, leaf 3 of 3: the bounds of neuron 0 of layer 0 do not contradict", Rejected("x 0 0\np 0\nx 1 5\np 0\ne 0 0\n"), StringComparison.Ordinal);
        Assert.Contains("case 1, leaf 1 of 1: neuron 2 of layer 0 cannot be tightened", Rejected("h 0 2\np 0\n"), StringComparison.Ordinal);

        string File(string tree) => $"certify-coq 1\n{statement}evidence\ntree\n{tree}end\n";
        string Rejected(string tree)
        {
            var (code, output) = ExtractedChecker.Run(File(tree));
            Assert.Equal(1, code);
            return output;
        }
    }

    [CheckerFact]
    public void Bounds_agree_with_double_arithmetic_for_hostile_advice() => Agree(new Random(17), 150);

    [CheckerFact]
    [Trait("Category", "Nightly")]
    public void Bounds_agree_with_double_arithmetic_for_hostile_advice_on_10000_networks() => Agree(new Random(18), 10_000);

    /// <summary>
    /// Random slopes and multipliers, of any size and sign, on both sides of a divided ReLU. The checker accepts the reference's bound less a little, rejects it with a little more, and
    /// rejects what a sampled value refutes; the kernel's bound never lies above a sampled value either.
    /// </summary>
    private static void Agree(Random random, int networks)
    {
        const double Radius = 0.5;
        for (var trial = 0; trial < networks; trial++)
        {
            int[] sizes = [1 + random.Next(3), .. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => 1 + random.Next(6)), 1];
            var scale = random.Next(3) == 0 ? Math.ScaleB(1, random.Next(30)) : 1; // large numbers leave the checker's machine words
            var net = new SmallNetwork(random, scale, sizes);
            var (k, j) = random.Next(sizes.Length - 2) is var layer ? (layer, random.Next(sizes[layer + 1])) : default;
            var (left, right) = (Hostile(random, sizes), Hostile(random, sizes));
            var reference = Math.Min(Reference(net, Radius, (k, j, false), left), Reference(net, Radius, (k, j, true), right));
            var sampled = Enumerable.Range(0, 200).Min(_ => net.Value(net.Draw(random, Radius)));
            var tolerance = 1e-4 * (scale + Math.Abs(reference));

            Assert.True(reference <= sampled + tolerance);
            Assert.Equal((trial, 0), (trial, Check(reference - tolerance)));
            Assert.Equal((trial, 1), (trial, Check(reference + tolerance)));
            Assert.Equal((trial, 1), (trial, Check(sampled + (1e-6 * scale))));
            var problem = PropertyCompiler.Compile(net.Network, SmallNetwork.Read(net.Question("0.5", "(assert (<= Y_0 0))"))).Single();
            Assert.True(-Bounds.For(problem).UpperBound(problem.Domain.Box) <= sampled); // g = 0 - y0, so that -g is a bound of y0 from below

            int Check(double bound)
            {
                var question = net.Question("0.5", string.Create(CultureInfo.InvariantCulture, $"(assert (<= Y_0 {(decimal)bound}))"));
                var statement = CheckerStatement.Of(net.Network, SmallNetwork.Read(question)).Text;
                var (code, output) = ExtractedChecker.Run($"certify-coq 1\n{statement}evidence\ntree\nz {k} {j}\n{Lines(left)}p 0\n{Lines(right)}p 0\nend\n", "--jobs", "1");
                return code is 0 or 1 ? code : throw new InvalidOperationException(output);
            }
        }

        static string Lines(List<(int K, int J, double? Al, double? S, double Mu)> advice)
        {
            var text = new StringBuilder();
            foreach (var (k, j, al, s, mu) in advice)
            {
                text.Append(CultureInfo.InvariantCulture, $"a {k} {j} {Fixed(al)} {Fixed(s)} {Fixed(mu)}\n");
            }

            return text.ToString();
        }

        static string Fixed(double? value) => value is { } v ? ((long)Math.Round(v * (1 << 24))).ToString(CultureInfo.InvariantCulture) : "-";
    }

    private static List<(int K, int J, double? Al, double? S, double Mu)> Hostile(Random random, int[] sizes)
    {
        var advice = new List<(int, int, double?, double?, double)>();
        for (var k = 0; k + 2 < sizes.Length; k++)
        {
            for (var j = 0; j < sizes[k + 1]; j++)
            {
                if (random.Next(3) > 0)
                {
                    advice.Add((k, j, Maybe(), Maybe(), random.Next(2) == 0 ? 0 : Grid(3 * SmallNetwork.Normal(random))));
                }
            }
        }

        return advice;

        double? Maybe() => random.Next(4) switch { 0 => null, 1 => Grid(3 * SmallNetwork.Normal(random)), _ => Grid(random.NextDouble()) };

        static double Grid(double value) => Math.Round(value * (1 << 24)) / (1 << 24);
    }

    /// <summary>LinearBounds.v in double arithmetic: a lower bound of the first output where z_kj has the given sign.</summary>
    private static double Reference(SmallNetwork net, double radius, (int K, int J, bool IsActive) side, List<(int K, int J, double? Al, double? S, double Mu)> advice)
    {
        var (hidden, ranges) = (net.Weights.Length - 1, new List<(double L, double U)[]>());
        (double L, double U)[] x = [.. Enumerable.Repeat((-radius, radius), net.Sizes[0])];
        for (var k = 0; k < hidden; k++)
        {
            var z = new (double L, double U)[net.Sizes[k + 1]];
            for (var i = 0; i < z.Length; i++)
            {
                z[i] = (net.Biases[k][i], net.Biases[k][i]);
                for (var j = 0; j < x.Length; j++)
                {
                    double w = net.Weights[k][i, j];
                    z[i] = w > 0 ? (z[i].L + (w * x[j].L), z[i].U + (w * x[j].U)) : (z[i].L + (w * x[j].U), z[i].U + (w * x[j].L));
                }
            }

            ranges.Add(z);
            x = [.. z.Select(range => (Math.Max(range.L, 0), Math.Max(range.U, 0)))]; // of the whole box: the side is decided afterwards
        }

        var decided = ranges[side.K][side.J];
        ranges[side.K][side.J] = side.IsActive ? (Math.Max(decided.L, 0), decided.U) : (decided.L, Math.Min(decided.U, 0));
        double[] row = [.. Enumerable.Range(0, net.Sizes[hidden]).Select(j => (double)net.Weights[hidden][0, j])];
        double bias = net.Biases[hidden][0];
        for (var k = hidden - 1; k >= 0; k--)
        {
            var next = new double[net.Sizes[k]];
            for (var i = 0; i < row.Length; i++)
            {
                var (l, u) = ranges[k][i];
                var given = advice.Where(item => item.K == k && item.J == i).Select(item => (item.Al, item.S, item.Mu)).FirstOrDefault();
                var (d, a) = (0.0, row[i]);
                if (u <= 0)
                {
                    d = Math.Max(given.Mu, 0);
                }
                else if (l >= 0)
                {
                    d = a + Math.Min(given.Mu, 0);
                }
                else if (a >= 0)
                {
                    d = given.Al is { } al ? Math.Clamp(al * a, 0, a) : l + u >= 0 ? a : 0;
                }
                else
                {
                    d = given.S is { } s ? Math.Clamp(s * a, a, 0) : a * u / (u - l);
                    bias += Math.Min((a - d) * u, -d * l);
                }

                bias += d * net.Biases[k][i];
                for (var j = 0; j < next.Length; j++)
                {
                    next[j] += d * net.Weights[k][i, j];
                }
            }

            row = next;
        }

        return bias - row.Sum(a => Math.Abs(a) * radius);
    }

    internal static CheckerExport Solved(int seed, int[] sizes)
    {
        var random = new Random(seed);
        var net = new SmallNetwork(random, sizes);
        var least = Enumerable.Range(0, 3000).Min(_ => net.Value(net.Draw(random, 0.5)));
        var question = net.Question("0.5", string.Create(CultureInfo.InvariantCulture, $"(assert (<= Y_0 {(decimal)(least - 0.05)}))"));
        var result = new PropertyVerifier { TimeLimit = TimeSpan.FromSeconds(30) }.Solve(net.Model, "m.onnx", question, "q.vnnlib");
        Assert.Equal(PropertyAnswer.Unsat, result.Answer);
        return CheckerExport.Of(net.Network, SmallNetwork.Read(question), [.. result.Certificate!.Evidence]);
    }

    private static void Accepted(string net, string property)
    {
        var model = File.ReadAllBytes(SharedData.File($"acasxu/ACASXU_run2a_{net}_batch_2000.onnx"));
        var question = File.ReadAllBytes(SharedData.File($"acasxu/{property}.vnnlib"));
        var result = new PropertyVerifier().Solve(model, "m.onnx", question, "q.vnnlib");
        Assert.Equal(PropertyAnswer.Unsat, result.Answer);
        var export = CheckerExport.Of(OnnxImporter.Read(model, net), SmallNetwork.Read(question), [.. result.Certificate!.Evidence]);

        var (code, output) = ExtractedChecker.Run(export.Text, "--statement", export.Statement.Sha256);

        Assert.True(code == 0, output);
    }

    private static string Corrupted(string text, Random random)
    {
        var lines = text.Split('\n').ToList();
        var at = random.Next(lines.Count - 1);
        switch (random.Next(12))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(at, lines[random.Next(lines.Count - 1)]);
                break;
            case 2:
                (lines[at], lines[at + 1]) = (lines[at + 1], lines[at]);
                break;
            case 3:
                return text[..random.Next(text.Length)] + text[random.Next(text.Length)..];
            default:
                var words = lines[at].Split(' ');
                var w = random.Next(words.Length);
                words[w] = long.TryParse(words[w], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    ? random.Next(5) switch { 0 => (number + 1).ToString(CultureInfo.InvariantCulture), 1 => (-number).ToString(CultureInfo.InvariantCulture), 2 => (2 * number).ToString(CultureInfo.InvariantCulture), 3 => "0", _ => (number - 1).ToString(CultureInfo.InvariantCulture) }
                    : words[w].Length > 0 ? words[w][..^1] + (char)random.Next(33, 126) : "0";
                lines[at] = string.Join(' ', words);
                break;
        }

        return string.Join('\n', lines);
    }
}
