using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using Xunit;
using Xunit.Abstractions;

namespace Certify.Tests.Certificates;

/// <summary>Mutants of valid certificates, each with its digest made anew: what is accepted says something true that its own evidence derives; all else is rejected with a reason.</summary>
/// <remarks>
/// Of a mutant that is accepted, a referee asks: it is of this model; its claim compiles to its words; no point drawn from its set exceeds its proved end; its own tree, walked here
/// by plain recursion, gives a bound of at most the proved end; its witness lies in the set and attains its other end; its verdict follows. Kinds of mutation that change what was
/// proved must never be accepted; the others may leave a true claim, such as a smaller ball.
/// Mutants planted in the checker and found: the hash of the model not compared; words not compared; a leaf a thousandth above the stated bound let pass; the slack of the proved end
/// 1e-2; that of the attained end 1e-3; the witness's value taken elsewhere; the verdict compared in part; for properties: both halves the left one, the witness's constraints not asked,
/// the property's hash not compared. Not found here, since no mutant states the true hash of a query, but by PropertySolverTests: leaves settled by a solver taken for derived.
/// </remarks>
public sealed class MutationLaws(ITestOutputHelper output)
{
    private const int Inputs = 2;

    private static readonly FamilyDescription Diagonal = Family("""{ "name": "diagonal-gaussian", "mean": "mean", "log-standard-deviation": "scale" }""");

    private static readonly byte[] Model = Net(scale: 1);

    private static readonly byte[] OtherModel = Net(scale: 1.5f);

    /// <summary>Kinds of mutation after which nothing is left to accept.</summary>
    private static readonly HashSet<string> Fatal =
        ["other model", "model's hash", "other family", "semantics", "float32", "words", "verdict", "looser", "tighter", "no witness", "witness outside", "leaf dropped", "coordinate that is not there", "much wider", "refuted by slack"];

    private static readonly Lazy<ImmutableArray<Certificate>> Honest = new(() =>
    {
        var ball = new Claim { Kind = ClaimKind.Robustness, Metric = Metric.Wasserstein2, Norm = Norm.Linf, Observation = [0.2, -0.1], ObservationRow = 0, Radius = [0.3, 0.2] };
        Claim[] claims =
        [
            ball, ball with { AtMost = 1.5 }, ball with { AtMost = 0.05 }, ball with { Norm = Norm.L2, Metric = Metric.TotalVariation }, ball with { Norm = Norm.L1, Metric = Metric.Kl }, ball with { Norm = Norm.L2, Metric = Metric.Hellinger, AtMost = 0.9 },
            new() { Kind = ClaimKind.Lipschitz, Metric = Metric.Wasserstein2, Norm = Norm.L2, DomainLower = [-1, -0.5], DomainUpper = [1, 0.75] },
            new() { Kind = ClaimKind.Approximation, Metric = Metric.Wasserstein2, Reference = "gaussian-linear", DomainLower = [-1, -0.5], DomainUpper = [1, 0.75] },
            ball with { Kind = ClaimKind.EventProbability, Metric = default, EventLower = 0, AtLeast = 0.01 },
            ball with { Kind = ClaimKind.EventProbability, Metric = default, EventLower = -1, EventAlso = [new(1, double.NegativeInfinity, 2)], AtLeast = 0.01 },
            ball with { Kind = ClaimKind.CredibleInterval, Metric = default, Parameter = 1, Level = 0.9, Radius = [0.1, 0.1] },
        ];
        return [.. claims.Select(claim => new Certifier { Curve = false, RelativeGap = 0.03, Threads = 1, Draws = 100, Model = Model }.Run(EstimatorOf(Diagonal), Diagonal, claim).Certificate)];
    });

    [Fact]
    public void The_valid_certificates_are_accepted_and_the_referee_agrees()
    {
        foreach (var honest in Honest.Value)
        {
            var report = CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(honest), "c"), Model);
            Assert.True(report.Accepted, $"{honest.Claim.Name} {honest.Claim.Metric}: {report.Reason}");
            Assert.Equal("", Objection(honest, new Random(1)));
        }

        Assert.Contains(Honest.Value, honest => honest.Verdict == Verdict.Refuted);
        Assert.True(Honest.Value.Count(honest => honest.Evidence.Leaves > 3) >= 5, string.Join(", ", Honest.Value.Select(honest => honest.Evidence.Leaves)));
    }

    /// <summary>2,000 mutants of the certificates of eleven claims.</summary>
    [Fact]
    public void A_mutant_that_is_accepted_says_something_true_that_its_evidence_derives()
    {
        var counts = new SortedDictionary<string, (int Accepted, int Rejected)>(StringComparer.Ordinal);
        var reasons = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var n = 0; n < 2_000; n++)
        {
            var random = new Random(n);
            var honest = Honest.Value[n % Honest.Value.Length];
            var (kind, mutant, model) = Mutate(honest, random);
            string reason;
            try
            {
                // Through the file, as a stranger gets it; its digest fits.
                reason = CertificateChecker.Check(CertificateFile.Read(mutant(), "mutant.json"), model).Reason;
            }
            catch (FormatException error)
            {
                reason = error.Message;
                Assert.True(error is ModelFormatException ? error.Message.StartsWith("mutant.json: ", StringComparison.Ordinal) : kind == "leaf dropped", $"{n}, {kind}: {error.Message}");
            }

            Assert.False(reason.AsSpan().ContainsAny('\r', '\n'), $"{n}, {kind}: {reason}");
            var (accepted, rejected) = counts.GetValueOrDefault(kind);
            counts[kind] = reason.Length == 0 ? (accepted + 1, rejected) : (accepted, rejected + 1);
            if (reason.Length == 0)
            {
                Assert.False(Fatal.Contains(kind), $"{n}, {kind}, {honest.Claim.Name} {honest.Claim.Metric}: accepted");
                var objection = Objection(CertificateFile.Read(mutant(), "mutant.json"), random);
                Assert.True(objection.Length == 0, $"{n}, {kind}, {honest.Claim.Name} {honest.Claim.Metric}: accepted, but {objection}");
            }
            else
            {
                var word = string.Join(' ', reason.Split(' ')[..Math.Min(3, reason.Split(' ').Length)]);
                reasons[word] = reasons.GetValueOrDefault(word) + 1;
            }
        }

        output.WriteLine(string.Join('\n', counts.Select(item => $"{item.Key}: {item.Value.Accepted} accepted, {item.Value.Rejected} rejected")));
        output.WriteLine(string.Join('\n', reasons.Select(item => $"{item.Value} {item.Key} ...")));
        Assert.All(Fatal, kind => Assert.True(counts[kind].Rejected > 10, kind));
        Assert.True(counts.Sum(item => item.Value.Accepted) is > 50 and < 600, "the laws need mutants of both sorts");
    }

    /// <summary>
    /// 1,000 mutants of answers to questions with and without a witness, split by coordinates, by kinks, and resting on a solver: the truth of each question is known, and nobody is
    /// told otherwise. Each mutant is also checked against a question that has the opposite answer, its hash stated, as if it were that one's.
    /// </summary>
    [Fact]
    public void A_mutant_of_an_answer_that_is_accepted_is_the_truth()
    {
        var cases = Questions();
        output.WriteLine(string.Join(", ", cases.Select(item => item.Honest.IsUnsatisfiable ? item.Honest.Evidence[0].Leaves : 0)));
        Assert.All(cases.Where(item => item.Honest.IsUnsatisfiable), item => Assert.InRange(item.Honest.Evidence[0].Leaves, 4, 2_000));
        Assert.Contains(cases, item => item.Honest.IsUnsatisfiable && item.Honest.Evidence[0].Codes.ToArray().Any(code => code > item.Inputs));
        Assert.Contains(cases, item => !item.Honest.IsUnsatisfiable);
        var counts = new SortedDictionary<string, (int Accepted, int Rejected)>(StringComparer.Ordinal);
        for (var n = 0; n < 1_000; n++)
        {
            var random = new Random(n);
            var (honest, model, property, opposite, network, inputs) = cases[n % cases.Length];
            var (kind, mutant) = MutateAnswer(honest, random, inputs);
            if (mutant is null)
            {
                continue;
            }

            foreach (var bytes in new[] { property, opposite })
            {
                var isOpposite = ReferenceEquals(bytes, opposite);
                var said = isOpposite ? mutant with { PropertySha256 = Hash(opposite) } : mutant;
                string reason;
                var accepted = false;
                try
                {
                    var report = PropertyChecker.Check(PropertyCertificate.Read(said.ToBytes(), "mutant.json"), model, bytes);
                    (reason, accepted) = (report.Reason, report.Accepted);
                    Assert.True(accepted || report.IsUndecided || reason.Length > 0, $"{n}, {kind}: rejected without a reason");
                }
                catch (ModelFormatException error)
                {
                    reason = error.Message;
                    Assert.StartsWith("mutant.json: ", reason, StringComparison.Ordinal);
                }

                Assert.False(reason.AsSpan().ContainsAny('\r', '\n'), $"{n}, {kind}: {reason}");
                var key = kind + (isOpposite ? ", opposite question" : "");
                var (yes, no) = counts.GetValueOrDefault(key);
                counts[key] = accepted ? (yes + 1, no) : (yes, no + 1);
                if (!accepted)
                {
                    continue;
                }

                Assert.True(said.IsUnsatisfiable == (honest.IsUnsatisfiable ^ isOpposite), $"{n}, {key}: a wrong answer was accepted");
                Assert.True(said.ModelSha256 == Hash(model) && said.PropertySha256 == Hash(bytes) && said.Networks.IsEmpty, $"{n}, {key}: of other files");
                if (!said.IsUnsatisfiable)
                {
                    // Y_0 at the witness, in plain arithmetic, against the number after ">= Y_0".
                    using var stream = new MemoryStream(bytes);
                    Assert.True(VnnLibFile.Read(stream, "p").Cases[0].Region.Contains(said.Witness.AsSpan()), $"{n}, {key}: its witness is outside");
                    Assert.True(network.Evaluate(said.Witness.AsSpan())[network.Outputs[0].Node][0] >= Threshold(bytes) - 1e-9, $"{n}, {key}: its witness is none");
                }
            }
        }

        output.WriteLine(string.Join('\n', counts.Select(item => $"{item.Key}: {item.Value.Accepted} accepted, {item.Value.Rejected} rejected")));
        Assert.All(counts.Where(item => item.Key.Contains("'s ", StringComparison.Ordinal)), item => Assert.Equal(0, item.Value.Accepted));
        Assert.InRange(counts.Sum(item => item.Value.Accepted), 50, 1_000);
    }

    private static (string Kind, PropertyCertificate? Mutant) MutateAnswer(PropertyCertificate c, Random random, int inputs)
    {
        var tree = c.Evidence.IsEmpty ? new EvidenceTree([0]) : c.Evidence[0];
        int[] codes = [.. tree.Codes];
        return random.Next(13) switch
        {
            0 => ("verdict", c with { IsUnsatisfiable = !c.IsUnsatisfiable }),
            1 => ("other answer", c with { IsUnsatisfiable = !c.IsUnsatisfiable, Witness = [.. Enumerable.Range(0, inputs).Select(_ => (2 * random.NextDouble()) - 1)], Evidence = c.IsUnsatisfiable ? [] : [new EvidenceTree([0])] }),
            2 => ("other model's hash", c with { ModelSha256 = new string('a', 64) }),
            3 => ("other property's hash", c with { PropertySha256 = new string('b', 64) }),
            4 when codes.Length > 1 => ("halves exchanged", Tree(Exchanged(codes, random))),
            5 when codes.Length > 1 => ("subtree cut down", Tree(Cut(codes, random))),
            6 when codes.Length > 1 => ("codes", Tree([.. codes.Select(code => code > 0 && random.Next(3) == 0 ? random.Next(1, inputs + 8) : code)])),
            7 when codes.Length > 1 => ("single leaf", Tree([0])),
            8 => ("coordinate that is not there", Tree([100_000, 0, 0])),
            9 => ("trees", c with { Evidence = random.Next(2) == 0 ? [.. c.Evidence, new EvidenceTree([0])] : [] }),
            10 => ("solver's leaf", c with
            {
                IsUnsatisfiable = true,
                Witness = [],
                Evidence = [new EvidenceTree([0])],
                SolverLeaves = [new SolverLeaf(1, 0, random.Next(2) == 0 ? new string('c', 64) : c.PropertySha256, "z3")],
            }),
            11 when !c.Witness.IsEmpty => ("bits of the witness", random.Next(c.Witness.Length) is var i && BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(c.Witness[i]) ^ (1L << random.Next(64))) is var x && double.IsFinite(x)
                ? c with { Witness = c.Witness.SetItem(i, x) } : null),
            12 when codes.Length > 1 => ("grown", Tree([.. codes.SelectMany(code => code == 0 && random.Next(4) == 0 ? new[] { random.Next(1, inputs + 1), 0, 0 } : [code])])),
            _ => ("", null),
        };

        PropertyCertificate Tree(int[] changed) => c with { Evidence = [new EvidenceTree(changed)] };
    }

    /// <summary>Questions whether Y_0 reaches a number, with their answers: above the largest value found (unsat) and below (sat), and for each the other.</summary>
    private static (PropertyCertificate Honest, byte[] Model, byte[] Property, byte[] Opposite, Network Network, int Inputs)[] Questions()
    {
        var made = new List<(PropertyCertificate, byte[], byte[], byte[], Network, int)>();
        foreach (var (inputs, width, seed, share) in new[] { (3, 16, 3, 0.05), (14, 12, 4, 0.2) })
        {
            var random = new Random(seed);
            float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
            var graph = new OnnxGraphBuilder();
            var x = graph.Input("x", inputs);
            var hidden = graph.Node("Relu", "hidden", [graph.Node("Gemm", "before", [x, graph.Initializer("w", Draw(width * inputs), width, inputs), graph.Initializer("b", Draw(width), width)], ("transB", 1))]);
            hidden = graph.Node("Relu", "second", [graph.Node("Gemm", "between", [hidden, graph.Initializer("u", Draw(width * width), width, width), graph.Initializer("c", Draw(width), width)], ("transB", 1))]);
            graph.Output(graph.Node("Gemm", "y", [hidden, graph.Initializer("v", Draw(width), 1, width)], ("transB", 1)), 1);
            var model = graph.ToBytes();
            var network = OnnxImporter.Read(model, "m.onnx");

            // The largest value by climbing over corners and points, and a bound of it; the questions leave room on both sides.
            var best = double.NegativeInfinity;
            var at = new double[inputs];
            for (var k = 0; k < 40_000; k++)
            {
                double[] next = [.. at.Select(value => random.Next(3) == 0 ? random.Next(3) switch { 0 => -1, 1 => 1, _ => (2 * random.NextDouble()) - 1 } : value)];
                if (network.Evaluate(next)[network.Outputs[0].Node][0] is var found && found > best)
                {
                    (best, at) = (found, next);
                }
            }

            var box = new Box([.. Enumerable.Repeat(-1.0, inputs)], [.. Enumerable.Repeat(1.0, inputs)]);
            var bound = new OutputBounds().Over(network, network.Outputs[0].Node, [box])[0].Upper[0];
            var (unsat, sat) = (Question(inputs, best + (share * (bound - best))), Question(inputs, best - 0.05));
            foreach (var (property, opposite) in new[] { (unsat, sat), (sat, unsat) })
            {
                var answer = new PropertyVerifier { Threads = 2, TimeLimit = TimeSpan.FromSeconds(60) }.Solve(model, "m.onnx", property, "p.vnnlib");
                Assert.NotNull(answer.Certificate);
                made.Add((answer.Certificate, model, property, opposite, network, inputs));
            }
        }

        return [.. made];
    }

    private static byte[] Question(int inputs, double least) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, inputs).Select(i => $"(declare-const X_{i} Real)(assert (<= -1 X_{i} 1))\n"))
        + string.Create(CultureInfo.InvariantCulture, $"(declare-const Y_0 Real)\n(assert (>= Y_0 {least:F6}))\n"));

    private static double Threshold(byte[] property) => double.Parse(Encoding.UTF8.GetString(property).Split("(>= Y_0 ")[1].Split(')')[0], CultureInfo.InvariantCulture);

    /// <summary>A kind of mutation, the file, and the model that it is checked with.</summary>
    private static (string Kind, Func<byte[]> File, byte[] Model) Mutate(Certificate c, Random random)
    {
        var (claim, upward) = (c.Claim, c.Claim.AtLeast is null);
        var (proved, attained) = upward ? (c.Upper, c.Lower) : (c.Lower, c.Upper);
        while (true)
        {
            var model = Model;
            var (kind, mutant) = random.Next(24) switch
            {
                0 or 1 => ("bits of the proved end", WithProved(Flipped(proved))),
                2 => ("bits of the attained end", WithAttained(Flipped(attained))),
                3 when !c.Witness.IsEmpty => ("bits of the witness", c with { Witness = One(c.Witness, Flipped) }),
                4 when !claim.Radius.IsEmpty => ("bits of the radius", c with { Claim = claim with { Radius = One(claim.Radius, Flipped) } }),
                5 when !claim.Observation.IsEmpty => ("bits of the observation", c with { Claim = claim with { Observation = One(claim.Observation, Flipped) } }),
                6 when !claim.DomainLower.IsEmpty => ("bits of the box", random.Next(2) == 0
                    ? c with { Claim = claim with { DomainLower = One(claim.DomainLower, Flipped) } }
                    : c with { Claim = claim with { DomainUpper = One(claim.DomainUpper, Flipped) } }),
                7 => ("claimed bound", upward ? c with { Claim = claim with { AtMost = Flipped(claim.AtMost ?? c.Upper) } } : c with { Claim = claim with { AtLeast = Flipped(claim.AtLeast!.Value) } }),
                8 => ("norm", c with { Claim = claim with { Norm = Enum.GetValues<Norm>()[random.Next(3)] } }),
                9 => ("metric", c with { Claim = claim with { Metric = Enum.GetValues<Metric>()[random.Next(Enum.GetValues<Metric>().Length)] } }),
                10 => ("parameter, event, level", c with
                {
                    Claim = claim with { Parameter = random.Next(2), EventLower = claim.EventLower + random.Next(-1, 2), Level = random.Next(2) == 0 ? claim.Level : 0.8 },
                }),
                11 => ("tighter", WithProved(proved - ((upward ? 1 : -1) * (Derived(c) is var d ? Math.Abs((upward ? 1 : -1) * proved - d) + (Math.Abs(d) * Math.Pow(10, -1 - (8 * random.NextDouble()))) : 0)))),
                12 => ("looser", WithProved(proved + ((upward ? 1 : -1) * ((Math.Abs(proved) * Math.Pow(10, -(5 * random.NextDouble()))) + 1e-7)))),
                13 => ("verdict", c with { Verdict = Enum.GetValues<Verdict>().Where(verdict => verdict != c.Verdict).ElementAt(random.Next(2)) }),
                14 when c.Evidence.Leaves > 1 => ("halves exchanged", c with { Evidence = new EvidenceTree(Exchanged([.. c.Evidence.Codes], random)) }),
                15 when c.Evidence.Leaves > 1 => ("subtree cut down", c with { Evidence = new EvidenceTree(Cut([.. c.Evidence.Codes], random)) }),
                16 => ("codes", c with { Evidence = new EvidenceTree([.. c.Evidence.Codes.ToArray().Select(code => code > 0 && random.Next(3) == 0 ? random.Next(1, Inputs + 1) : code)]) }),
                17 when c.Evidence.Leaves > 1 => ("single leaf", c with { Evidence = new EvidenceTree([0]) }),
                18 => random.Next(6) switch
                {
                    0 => ("model's hash", c with { ModelSha256 = Hash(OtherModel) }),
                    1 => ("semantics", c with { Semantics = c.Semantics == "real" ? "float32" : "real" }),
                    4 or 5 when c.Float32 is { } end => ("float32", c.Semantics == "float32" && random.Next(4) == 0
                        ? c with { Float32 = null }
                        : c with { Float32 = proved + ((end - proved) * (1 - Math.Pow(10, -5 * random.NextDouble()))) }),
                    2 => ("words", c with { Text = c.Text.Replace("Largest", "Smallest", StringComparison.Ordinal) + " " }),
                    _ => ("other family", c with { Family = Family("""{ "name": "diagonal-gaussian", "mean": "mean", "standard-deviation": "scale" }""") }),
                },
                19 => ("other model", c with { ModelSha256 = Hash(model = OtherModel) }),
                20 when !c.Witness.IsEmpty && double.IsFinite(attained) => random.Next(2) == 0
                    ? ("no witness", c with { Witness = [] })
                    : ("witness outside", c with { Witness = One(c.Witness, x => x + ((random.Next(2) == 0 ? 1 : -1) * (3 + random.NextDouble()))) }),
                21 => claim.Radius.IsEmpty
                    ? ("much wider", c with { Claim = claim with { DomainUpper = [.. claim.DomainUpper.Select(x => x + 3)] } })
                    : ("much wider", c with { Claim = claim with { Radius = [.. claim.Radius.Select(r => 3 * r)] } }),
                22 when double.IsFinite(attained) && upward && !claim.AtMost.HasValue => ("refuted by slack", WithAttained(attained * (1 + 5e-7)) with { Verdict = Verdict.Refuted, Claim = claim with { AtMost = attained * (1 + 2e-7) } }),
                23 => ("leaf dropped", null),
                _ => ("", null),
            };
            if (kind == "leaf dropped")
            {
                var codes = c.Evidence.Codes.ToArray();
                return random.Next(2) == 0 && c.Evidence.Leaves > 1
                    ? (kind, () => throw Record.Exception(() => new EvidenceTree(codes.AsSpan(0, codes.Length - 1)))!, model)
                    : ("coordinate that is not there", () => CertificateFile.ToBytes(c with { Evidence = new EvidenceTree([Inputs + 1 + random.Next(3), 0, 0]) }), model);
            }

            if (mutant is not null && IsWritable(mutant) && !(kind != "looser" && CertificateFile.ToBytes(mutant).AsSpan().SequenceEqual(CertificateFile.ToBytes(c))))
            {
                return (kind, () => CertificateFile.ToBytes(mutant), model);
            }
        }

        Certificate WithProved(double end) => upward ? c with { Upper = end } : c with { Lower = end };

        Certificate WithAttained(double end) => upward ? c with { Lower = end } : c with { Upper = end };

        double Flipped(double x) => BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(x) ^ (1L << random.Next(random.Next(2) == 0 ? 52 : 64)));

        ImmutableArray<double> One(ImmutableArray<double> numbers, Func<double, double> change) => random.Next(numbers.Length) is var i ? numbers.SetItem(i, change(numbers[i])) : default;
    }

    /// <summary>The file has no form for these.</summary>
    private static bool IsWritable(Certificate c) => c.Witness.Concat(c.Claim.Radius).Concat(c.Claim.Observation).Concat(c.Claim.DomainLower).Concat(c.Claim.DomainUpper).All(double.IsFinite);

    /// <summary>What is wrong with an accepted certificate; empty where nothing is.</summary>
    private static string Objection(Certificate c, Random random)
    {
        var isFloat32 = c.Verdict == Verdict.Proved && c.Float32 is { } end && !(end > c.Claim.AtMost || end < c.Claim.AtLeast);
        if (c.ModelSha256 != Hash(Model) || c.Semantics != (isFloat32 ? "float32" : "real") || c.Float32 < c.Upper == (c.Claim.AtLeast is null))
        {
            return "it is of another model or meaning";
        }

        var problem = ClaimCompiler.Compile(EstimatorOf(c.Family), c.Claim);
        if (problem.Text != c.Text)
        {
            return "its words are others";
        }

        var (proved, attained) = problem.Sign > 0 ? (c.Upper, c.Lower) : (-c.Lower, -c.Upper);
        var bounds = Bounds.For(problem);
        var box = problem.Domain.Box;
        for (var k = 0; k < 300; k++)
        {
            double[] x = [.. Enumerable.Range(0, box.Length).Select(j => box.Lower[j] + ((box.Upper[j] - box.Lower[j]) * (k < 100 ? random.Next(5) / 4.0 : random.NextDouble())))];
            if (problem.Domain.Contains(x) && Value(x) is var value && value > proved + (1e-9 * Math.Abs(proved)) + 1e-12)
            {
                return string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", x)}] of its set has {value:R}, above {proved:R}");
            }
        }

        if (Derived(c) is var derived && derived > proved)
        {
            return string.Create(CultureInfo.InvariantCulture, $"its tree gives {derived:R}, above {proved:R}");
        }

        if (proved > derived + (1e-6 * Math.Abs(derived)) + 2e-9)
        {
            return string.Create(CultureInfo.InvariantCulture, $"its tree gives {derived:R}, far below {proved:R}: a looser bound sold as this tree's");
        }

        if (c.Witness.IsEmpty ? attained != double.NegativeInfinity : !problem.Domain.Contains(c.Witness.AsSpan()) || Value([.. c.Witness]) < attained - (2e-9 * Math.Abs(attained)) - 1e-12)
        {
            return "its witness does not attain its end";
        }

        // The rule of the verdict in words of its own: a bound asked of the largest value (or the smallest), and the two ends.
        var (most, low, high) = c.Claim.AtLeast is { } least ? (-least, -c.Upper, -c.Lower) : (c.Claim.AtMost ?? double.MaxValue, c.Lower, c.Upper);
        return c.Verdict switch
        {
            Verdict.Proved => high <= most,
            Verdict.Refuted => Math.Max(low, c.Witness.IsEmpty ? low : Value([.. c.Witness])) > most && c.ExactMetric,
            _ => high > most,
        } ? "" : "its verdict does not follow";

        double Value(double[] x) => problem.JacobianFrom is null ? problem.Graph.Evaluate(x)[problem.Objective].Min() : bounds.LowerBoundAt(x);
    }

    /// <summary>The bound of a certificate's tree by plain recursion: of each leaf the first of its own bound and its ancestors' that is at most the stated one, else the least; of these the largest.</summary>
    private static double Derived(Certificate c)
    {
        var problem = ClaimCompiler.Compile(EstimatorOf(c.Family), c.Claim);
        var (bounds, stated, codes, place) = (Bounds.For(problem), problem.Sign > 0 ? c.Upper : -c.Lower, c.Evidence.Codes.ToArray(), 0);
        return Walk(problem.Domain.Box, []);

        double Walk(Box part, ImmutableArray<Box> above)
        {
            var code = codes[place++];
            if (code > 0)
            {
                var (left, right) = part.Split(code - 1);
                return Math.Max(Walk(left, above.Add(part)), Walk(right, above.Add(part)));
            }

            var least = bounds.UpperBound(part, stated);
            for (var i = above.Length - 1; i >= 0 && !(least <= stated); i--)
            {
                least = Math.Min(least, bounds.UpperBound(above[i], stated));
            }

            return least;
        }
    }

    private static int[] Exchanged(int[] codes, Random random)
    {
        var at = Inner(codes, random);
        var (middle, end) = (End(codes, at + 1), End(codes, at));
        return [.. codes[..(at + 1)], .. codes[middle..end], .. codes[(at + 1)..middle], .. codes[end..]];
    }

    private static int[] Cut(int[] codes, Random random)
    {
        var at = Inner(codes, random);
        return [.. codes[..at], 0, .. codes[End(codes, at)..]];
    }

    private static int Inner(int[] codes, Random random)
    {
        int[] inner = [.. Enumerable.Range(0, codes.Length).Where(i => codes[i] > 0)];
        return inner[random.Next(inner.Length)];
    }

    private static int End(int[] codes, int at)
    {
        for (var open = 1; open > 0; at++)
        {
            open += codes[at] > 0 ? 1 : -1;
        }

        return at;
    }

    private static Estimator EstimatorOf(FamilyDescription family)
    {
        var network = OnnxImporter.Read(Model, "model.onnx");
        return new Estimator(network, family.Bind(network), Hash(Model), "model.onnx");
    }

    private static FamilyDescription Family(string json) => FamilyDescription.Parse(JsonDocument.Parse(json).RootElement);

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>mean = x / 2 + V relu(W x + b), log of the standard deviations = 0.1 x - 1.</summary>
    private static byte[] Net(float scale)
    {
        var random = new Random(5);
        float[] Draw(int count, float size) => [.. Enumerable.Range(0, count).Select(_ => size * (float)((2 * random.NextDouble()) - 1))];
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", Inputs);
        var hidden = graph.Node("Relu", "hidden", [graph.Node("Gemm", "before", [x, graph.Initializer("w", Draw(12, 1), 6, 2), graph.Initializer("b", Draw(6, 0.5f), 6)], ("transB", 1))]);
        graph.Node("Gemm", "mean", [hidden, graph.Initializer("v", Draw(12, scale), 2, 6)], ("transB", 1));
        graph.Node("Gemm", "scale", [x, graph.Initializer("tenth", [0.1f * scale, 0, 0, 0.1f], 2, 2), graph.Initializer("less", [-1f, -1], 2)], ("transB", 1));
        graph.Output("mean", 2);
        graph.Output("scale", 2);
        return graph.ToBytes();
    }
}
