using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Cli.Tests;

/// <summary><c>certify vnnlib</c> answers on standard output, in the words of the competition, and <c>certify check</c> derives the answer again.</summary>
public sealed class VnnLibTests : IClassFixture<VnnLibTests.Folder>
{
    private static readonly string[] Search = ["TorchSharp", "Microsoft.Z3", "Microsoft.ML.OnnxRuntime"];

    private readonly string folder;

    public VnnLibTests(Folder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        this.folder = folder.Path;
    }

    [Fact]
    public void Unsat_is_0_and_its_certificate_is_accepted_without_tensors_solvers_or_runtimes()
    {
        var ran = Run("vnnlib", "net.onnx", "unsat.vnnlib", "--certificate", "unsat.json");

        Assert.Equal((0, "unsat\n"), (ran.ExitCode, ran.Output));
        Assert.Contains(" parts, ", ran.Errors, StringComparison.Ordinal);
        Assert.Empty(ran.Complaints);
        Assert.DoesNotContain(ran.Loaded, name => name.StartsWith("TorchSharp", StringComparison.Ordinal) || name.StartsWith("Microsoft.Z3", StringComparison.Ordinal));

        var check = Run("check", "unsat.json");
        Assert.Equal(0, check.ExitCode);
        Assert.StartsWith("unsat.json: accepted: unsat, unsat.vnnlib of net.onnx, ", check.Output, StringComparison.Ordinal);
        Assert.NotEmpty(check.Loaded);
        Assert.DoesNotContain(check.Loaded, name => Search.Any(word => name.StartsWith(word, StringComparison.Ordinal)));
    }

    [Fact]
    public void Sat_is_1_with_the_witness_in_the_form_of_the_competition_and_its_certificate_is_accepted()
    {
        var ran = Run("vnnlib", "net.onnx", "sat.vnnlib", "--certificate", "sat.json");

        Assert.Equal(1, ran.ExitCode);
        Assert.Matches(@"^sat\n\(\(X_0 [-0-9.e]+\)\n\(X_1 [-0-9.e]+\)\n\(Y_0 [-0-9.e]+\)\)\n$", ran.Output);
        Assert.Empty(ran.Complaints);
        double[] numbers = [.. ran.Output.Split('\n')[1..4].Select(line => double.Parse(line.Split(' ')[1].TrimEnd(')'), CultureInfo.InvariantCulture))];
        Assert.InRange(numbers[0], 0, 1);
        Assert.InRange(numbers[1], 0, 1);
        Assert.Equal(numbers[0] + numbers[1], numbers[2], 1e-6);
        Assert.True(numbers[2] >= 1.5);

        var check = Run("check", "sat.json");
        Assert.Equal(0, check.ExitCode);
        Assert.StartsWith("sat.json: accepted: sat, sat.vnnlib of net.onnx, ", check.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(check.Loaded, name => Search.Any(word => name.StartsWith(word, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_witness_of_version_2_has_the_form_of_version_2()
    {
        var ran = Run("vnnlib", "net.onnx", "two.vnnlib");

        Assert.Equal(1, ran.ExitCode);
        Assert.Matches(@"^sat\nX float32 \[2\]\n[-0-9.e]+\n[-0-9.e]+\nY float32 \[1\]\n[-0-9.e]+\n$", ran.Output);
    }

    /// <summary>relu(x_0 + x_1) and relu(x_0 + x_1) + 1/4 at the same input, and two copies of the first.</summary>
    [Fact]
    public async Task Several_networks_are_named_and_their_answer_is_checked_with_the_files_beside_it()
    {
        var equal = Run("vnnlib", "net.onnx", "pair.vnnlib", "--network", "g=shifted.onnx", "--certificate", "pair.json");
        Assert.Equal((1, ""), (equal.ExitCode, string.Concat(equal.Complaints)));
        Assert.Matches(@"^sat\nX float32 \[2\]\n([-0-9.e]+)\n([-0-9.e]+)\nY float32 \[1\]\n[-0-9.e]+\nU float32 \[2\]\n\1\n\2\nV float32 \[1\]\n[-0-9.e]+\n$", equal.Output);
        Assert.Equal(0, Run("check", "pair.json").ExitCode);
        Assert.Equal(0, Run("check", "pair.json", "--network", "g=shifted.onnx").ExitCode);
        var other = Run("check", "pair.json", "--network", "g=net.onnx");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("pair.json: REJECTED: the model of network 'g' has SHA-256", other.Output, StringComparison.Ordinal);

        Assert.Equal((0, "unsat\n"), Run("vnnlib", "net.onnx", "pair.vnnlib", "--network", "g=net.onnx", "--certificate", "same.json") is var same ? (same.ExitCode, same.Output) : default);
        Assert.Equal(0, Run("check", "same.json").ExitCode);
        Assert.Equal((0, "unsat\n"), Run("vnnlib", "net.onnx", "copies.vnnlib", "--certificate", "copies.json") is var copies ? (copies.ExitCode, copies.Output) : default);
        Assert.DoesNotContain("networks", await File.ReadAllTextAsync(Path.Combine(folder, "copies.json")), StringComparison.Ordinal);
        var check = Run("check", "copies.json");
        Assert.Equal(0, check.ExitCode);
        Assert.DoesNotContain(check.Loaded, name => Search.Any(word => name.StartsWith(word, StringComparison.Ordinal)));
        var schema = await NJsonSchema.JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "docs", "schema", "property.schema.json"));
        Assert.Empty(schema.Validate(await File.ReadAllTextAsync(Path.Combine(folder, "pair.json"))));
        Assert.Empty(schema.Validate(await File.ReadAllTextAsync(Path.Combine(folder, "copies.json"))));
    }

    [Fact]
    public void A_packed_property_is_read()
    {
        using (var gzip = new GZipStream(File.Create(Path.Combine(folder, "packed.vnnlib.gz")), CompressionLevel.Fastest))
        {
            gzip.Write(File.ReadAllBytes(Path.Combine(folder, "unsat.vnnlib")));
        }

        Assert.Equal((0, "unsat\n"), Run("vnnlib", "net.onnx", "packed.vnnlib.gz", "--certificate", "packed.json") is var ran ? (ran.ExitCode, ran.Output) : default);
        Assert.Equal(0, Run("check", "packed.json").ExitCode);
    }

    /// <summary>y > 2 strictly, where 2 is the maximum: without a solver neither can be shown.</summary>
    [Fact]
    public void Unknown_is_2_with_the_reason_and_no_certificate()
    {
        var ran = Run("vnnlib", "net.onnx", "edge.vnnlib", "--solver", "none", "--certificate", "unknown.json");

        Assert.Equal((2, "unknown\n"), (ran.ExitCode, ran.Output));
        Assert.Contains("could be neither bounded nor divided", ran.Errors, StringComparison.Ordinal);
        Assert.Contains("no certificate: the answer is unknown", ran.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "unknown.json")));
        Assert.Empty(ran.Complaints);
    }

    /// <summary>The same with a solver: unsat on its word, which the certificate, the answer and the check say; a check without a solver loads none and is undecided.</summary>
    [SolverFact]
    public void What_rests_on_a_solver_is_undecided_until_a_solver_is_asked_again()
    {
        var ran = Run("vnnlib", "net.onnx", "edge.vnnlib", "--certificate", "edge.json", "--smt-evidence", "queries");

        Assert.Equal((2, "unsat\n"), (ran.ExitCode, ran.Output));
        Assert.Matches(@"parts? rests? on the word of z3 .*, not on the kernel; 'certify check --solver auto' asks again", ran.Errors);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder, "queries"), "edge-1-*.smt2"));
        var certificate = PropertyCertificate.Read(File.ReadAllBytes(Path.Combine(folder, "edge.json")), "c");
        Assert.NotEmpty(certificate.SolverLeaves);

        var alone = Run("check", "edge.json");
        Assert.Equal(2, alone.ExitCode);
        Assert.StartsWith("edge.json: undecided: unsat, edge.vnnlib of net.onnx, ", alone.Output, StringComparison.Ordinal);
        Assert.Contains("on the word of a solver (z3", alone.Output, StringComparison.Ordinal);
        Assert.EndsWith("recheck with --solver auto|z3|cvc5\n", alone.Output, StringComparison.Ordinal);
        Assert.Single(alone.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.NotEmpty(alone.Loaded);
        Assert.DoesNotContain(alone.Loaded, name => Search.Any(word => name.StartsWith(word, StringComparison.Ordinal)) || name.StartsWith("System.Diagnostics.Process", StringComparison.Ordinal) || name == "Certify");

        foreach (var solver in new[] { "auto", "z3" })
        {
            var asked = Run("check", "edge.json", "--solver", solver);
            Assert.Equal(0, asked.ExitCode);
            Assert.StartsWith("edge.json: accepted: unsat, ", asked.Output, StringComparison.Ordinal);
            Assert.Contains("settled again by a solver", asked.Output, StringComparison.Ordinal);
        }

        // A rejection outweighs what is undecided.
        (certificate with { SolverLeaves = [certificate.SolverLeaves[0] with { Sha256 = new string('0', 64) }] }).Write(Path.Combine(folder, "edge-forged.json"));
        Assert.Equal(1, Run("check", "edge.json", "edge-forged.json").ExitCode);
        Assert.Equal(1, Run("check", "edge-forged.json", "--solver", "z3").ExitCode);
    }

    [SolverFact]
    public void Queries_alone_answer_too()
    {
        Assert.Equal((2, "unsat\n"), Run("vnnlib", "net.onnx", "edge.vnnlib", "--method", "smt", "--certificate", "smt.json") is var unsat ? (unsat.ExitCode, unsat.Output) : default);
        Assert.Equal(0, Run("check", "smt.json", "--solver", "z3").ExitCode);
        var sat = Run("vnnlib", "net.onnx", "sat.vnnlib", "--method", "smt");
        Assert.Equal(1, sat.ExitCode);
        Assert.StartsWith("sat\n((X_0 ", sat.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Timeout_is_2_soon_after_the_limit()
    {
        var clock = Stopwatch.StartNew();
        var ran = Run("vnnlib", "net.onnx", "many.vnnlib", "--timeout", "0.001");

        Assert.Equal((2, "timeout\n"), (ran.ExitCode, ran.Output));
        Assert.Contains("the time limit was reached", ran.Errors, StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}");
    }

    [Fact]
    public void Nobody_has_to_read_the_witness()
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "dotnet \"$0\" vnnlib net.onnx sat.vnnlib --certificate pipe.json | head -c 3; ls pipe.json", Repository.Cli])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        var ran = Program.Finish(process);

        Assert.Equal("satpipe.json\n", ran.Output);
        Assert.Empty(ran.Complaints);
    }

    [Theory]
    [InlineData(66, "nowhere.onnx: file not found", "nowhere.onnx", "sat.vnnlib")]
    [InlineData(66, "nowhere.vnnlib: file not found", "net.onnx", "nowhere.vnnlib")]
    [InlineData(65, "sat.vnnlib: ", "sat.vnnlib", "sat.vnnlib")]
    [InlineData(65, "net.onnx:1:1: ", "net.onnx", "net.onnx")]
    [InlineData(65, "broken.vnnlib:", "net.onnx", "broken.vnnlib")]
    [InlineData(65, "wide.vnnlib: the property has 3 inputs and 1 outputs, the network 2 and 1.", "net.onnx", "wide.vnnlib")]
    [InlineData(65, "digits.vnnlib: the coefficients of ", "net.onnx", "digits.vnnlib")]
    [InlineData(65, "pair.vnnlib: network 'g' has no model, expected --network g=FILE.", "net.onnx", "pair.vnnlib")]
    [InlineData(65, "copies.vnnlib: network 'g' is equal to 'f' and takes no other file.", "net.onnx", "copies.vnnlib", "--network", "g=net.onnx")]
    [InlineData(65, "two.vnnlib: there is no network 'g'; the property declares 'f'.", "net.onnx", "two.vnnlib", "--network", "g=net.onnx")]
    [InlineData(64, "--network is 'net.onnx', expected NAME=FILE.", "net.onnx", "pair.vnnlib", "--network", "net.onnx")]
    [InlineData(64, "--network names 'g' twice.", "net.onnx", "pair.vnnlib", "--network", "g=net.onnx", "--network", "g=shifted.onnx")]
    [InlineData(66, "nowhere.onnx: file not found", "net.onnx", "pair.vnnlib", "--network", "g=nowhere.onnx")]
    [InlineData(64, "--timeout is '0', expected seconds in (0, 1e7].", "net.onnx", "sat.vnnlib", "--timeout", "0")]
    [InlineData(64, "--timeout is 'soon', expected seconds in (0, 1e7].", "net.onnx", "sat.vnnlib", "--timeout", "soon")]
    [InlineData(64, "Argument 'minisat' not recognized", "net.onnx", "sat.vnnlib", "--solver", "minisat")]
    [InlineData(64, "--method smt needs a solver", "net.onnx", "sat.vnnlib", "--method", "smt", "--solver", "none")]
    [InlineData(64, "--method smt needs a solver", "net.onnx", "sat.vnnlib", "--method", "smt", "--certificate", "c.json", "--resume")]
    [InlineData(64, "there is no option '--fast'.", "net.onnx", "sat.vnnlib", "--fast")]
    [InlineData(64, "Required argument 'PROPERTY.vnnlib' missing", "net.onnx")]
    [InlineData(66, "nowhere", "net.onnx", "sat.vnnlib", "--certificate", "nowhere/c.json")]
    public void What_is_wrong_is_told_in_one_line(int code, string part, params string[] arguments)
    {
        var ran = Run(["vnnlib", .. arguments]);

        Assert.Equal(code, ran.ExitCode);
        Assert.Empty(ran.Output);
        var complaint = Assert.Single(ran.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => !text.StartsWith("loaded ", StringComparison.Ordinal));
        Assert.StartsWith("certify: ", complaint, StringComparison.Ordinal);
        Assert.Contains(part, complaint, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forgery_with_its_own_digest_is_rejected()
    {
        Run("vnnlib", "net.onnx", "sat.vnnlib", "--certificate", "true.json");
        var read = PropertyCertificate.Read(File.ReadAllBytes(Path.Combine(folder, "true.json")), "c");
        Rejected(read with { IsUnsatisfiable = true, Evidence = [new EvidenceTree([0])] }, "case 1: leaf at entry 0");
        Rejected(read with { Witness = [0, 0] }, "the witness does not satisfy any case");
        Rejected(read with { Witness = [1, Math.BitIncrement(1.0)] }, "the witness does not satisfy any case");
        Rejected(read with { ModelSha256 = new string('0', 64) }, "the model file has SHA-256");
        Rejected(read with { PropertySha256 = new string('0', 64) }, "the property file has SHA-256");

        var other = Run("check", "true.json", "--property", "unsat.vnnlib");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("true.json: REJECTED: the property file has SHA-256", other.Output, StringComparison.Ordinal);

        void Rejected(PropertyCertificate forged, string reason)
        {
            forged.Write(Path.Combine(folder, "forged.json"));
            var ran = Run("check", "forged.json");
            Assert.Equal(1, ran.ExitCode);
            Assert.StartsWith($"forged.json: REJECTED: {reason}", ran.Output, StringComparison.Ordinal);
            Assert.Empty(ran.Complaints);
        }
    }

    [Fact]
    public void A_check_finds_the_files_beside_or_where_it_is_told()
    {
        Run("vnnlib", "net.onnx", "unsat.vnnlib", "--certificate", "here.json");
        Directory.CreateDirectory(Path.Combine(folder, "away"));
        File.Copy(Path.Combine(folder, "here.json"), Path.Combine(folder, "away", "c.json"), overwrite: true);

        Assert.Equal(66, Run("check", "away/c.json").ExitCode);
        Assert.Equal(66, Run("check", "away/c.json", "--model", "net.onnx").ExitCode);
        Assert.Equal(0, Run("check", "away/c.json", "--model", "net.onnx", "--property", "unsat.vnnlib").ExitCode);
        Assert.Equal(0, Run("check", "here.json", "here.json").ExitCode);
    }

    [Theory]
    [InlineData("{ \"format\": \"guarantees-property/1\" }")]
    [InlineData("{ \"format\": \"guarantees-property/1\", \"witness\": [1e999] }")]
    [InlineData("{ \"format\": \"guarantees-property/7\" }")]
    [InlineData("\"guarantees-property/1")]
    public void A_damaged_certificate_is_65(string text)
    {
        File.WriteAllText(Path.Combine(folder, "damaged.json"), text);
        var ran = Run("check", "damaged.json");

        Assert.Equal((65, ""), (ran.ExitCode, ran.Output));
        Assert.StartsWith("certify: damaged.json: not a valid certificate: ", Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }

    /// <summary>A name in a certificate cannot write a line of the answer.</summary>
    [Fact]
    public void Names_cannot_forge_a_line()
    {
        Run("vnnlib", "net.onnx", "unsat.vnnlib", "--certificate", "plain.json");
        var read = PropertyCertificate.Read(File.ReadAllBytes(Path.Combine(folder, "plain.json")), "c");
        (read with { ModelName = "net.onnx\nother.json: accepted: unsat" }).Write(Path.Combine(folder, "names.json"));
        var ran = Run("check", "names.json", "--model", "net.onnx");

        Assert.Equal(0, ran.ExitCode);
        Assert.Single(ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private Ran Run(params string[] arguments) => Program.Run(folder, arguments);

    /// <summary>y = relu(x_0 + x_1) over [0, 1]², and questions about it.</summary>
    public sealed class Folder : IDisposable
    {
        public Folder()
        {
            var graph = new OnnxGraphBuilder();
            var x = graph.Input("x", 2);
            var z = graph.Node("Gemm", "z", [x, graph.Initializer("w", [1f, 1f], 2, 1), graph.Initializer("b", [0f], 1)]);
            graph.Output(graph.Node("Relu", "y", [z]), 1);
            File.WriteAllBytes(System.IO.Path.Combine(Path, "net.onnx"), graph.ToBytes());
            var shifted = new OnnxGraphBuilder();
            x = shifted.Input("x", 2);
            z = shifted.Node("Gemm", "z", [x, shifted.Initializer("w", [1f, 1f], 2, 1), shifted.Initializer("b", [0f], 1)]);
            shifted.Output(shifted.Node("Add", "y", [shifted.Node("Relu", "h", [z]), shifted.Initializer("c", [0.25f], 1)]), 1);
            File.WriteAllBytes(System.IO.Path.Combine(Path, "shifted.onnx"), shifted.ToBytes());
            foreach (var (name, link) in new[] { ("pair", ""), ("copies", "(equal-to f) ") })
            {
                File.WriteAllText(
                    System.IO.Path.Combine(Path, $"{name}.vnnlib"),
                    "(vnnlib-version <2.0>)\n(declare-network f (declare-input X float32 [2]) (declare-output Y float32 [1]))\n"
                    + $"(declare-network g {link}(declare-input U float32 [2]) (declare-output V float32 [1]))\n"
                    + "(assert (and (<= 0.0 X[0]) (<= X[0] 1.0) (<= 0.0 X[1]) (<= X[1] 1.0) (== U[0] X[0]) (== U[1] X[1])))\n(assert (>= V[0] (+ Y[0] 0.125)))\n");
            }

            Write("unsat", "(assert (>= Y_0 2.1))");
            Write("sat", "(assert (>= Y_0 1.5))");
            Write("edge", "(assert (> Y_0 2))");
            Write("many", $"(assert (or {string.Concat(Enumerable.Range(0, 500).Select(k => $"(and (>= Y_0 2.1) (<= X_0 0.{k:D3})) "))}))");
            Write("broken", "(assert (>= Y_0 ");
            Write("wide", "(declare-const X_2 Real)\n(assert (<= 0 X_2 1))\n(assert (>= Y_0 2.1))");
            Write("digits", "(assert (>= (+ (* 0.12345678901234567890123 Y_0) X_0) 2.1))");
            File.WriteAllText(
                System.IO.Path.Combine(Path, "two.vnnlib"),
                "(vnnlib-version <2.0>)\n(declare-network f (declare-input X float32 [2]) (declare-output Y float32 [1]))\n"
                + "(assert (and (<= 0.0 X[0]) (<= X[0] 1.0) (<= 0.0 X[1]) (<= X[1] 1.0)))\n(assert (>= Y[0] 1.5))\n");
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("vnnlib-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);

        private void Write(string name, string asserts) => File.WriteAllText(
            System.IO.Path.Combine(Path, $"{name}.vnnlib"),
            $"(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(assert (<= 0 X_0 1))\n(assert (<= 0 X_1 1))\n{asserts}\n",
            new UTF8Encoding(false));
    }
}
