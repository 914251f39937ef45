using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Guarantees.Certificates;
using Xunit;

namespace Cli.Tests;

/// <summary><c>certify key</c>, <c>sign</c> and <c>verify</c>: what is signed is signed as openssl understands it, and nothing else passes.</summary>
public sealed class SignTests(SignTests.Signed signed) : IClassFixture<SignTests.Signed>
{
    private readonly Workshop workshop = signed.Workshop;

    [Fact]
    public void A_signed_certificate_verifies_and_is_derived_again()
    {
        var ran = Run("verify", signed.Robustness, signed.Answer, "--key", "lab.public.pem");

        Assert.Equal(0, ran.ExitCode);
        Assert.Empty(ran.Complaints);
        string[] lines = ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith($"{signed.Robustness}: accepted: proved, robustness in [", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{signed.Answer}: accepted: unsat, question.vnnlib of linear.onnx, ", lines[1], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.EndsWith($"; signed by {signed.KeyId}", line, StringComparison.Ordinal));
        Assert.DoesNotContain(ran.Loaded, name => name.StartsWith("TorchSharp", StringComparison.Ordinal) || name.StartsWith("Microsoft.Z3", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_key_is_rejected()
    {
        var ran = Run("verify", signed.Robustness, "--key", "other.public.pem");

        Assert.Equal(1, ran.ExitCode);
        Assert.Contains($"{signed.Robustness}: REJECTED: no signature in it is by the key ", ran.Output, StringComparison.Ordinal);
        Assert.Empty(ran.Complaints);
    }

    [Fact]
    public void A_changed_payload_is_rejected_before_it_is_parsed()
    {
        var node = JsonNode.Parse(File.ReadAllText(workshop.PathOf(signed.Robustness)))!;
        var payload = Convert.FromBase64String((string)node["payload"]!);
        payload[0] ^= 1; // no JSON any more
        node["payload"] = Convert.ToBase64String(payload);
        workshop.Write("out/changed.dsse", node.ToJsonString());

        var ran = Run("verify", "out/changed.dsse", "--key", "lab.public.pem");
        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("REJECTED", ran.Output, StringComparison.Ordinal);

        Assert.Equal(65, Run("check", "out/changed.dsse").ExitCode);
    }

    [Fact]
    public void A_signed_lie_is_rejected_by_the_kernel_and_only_by_it()
    {
        var certificate = CertificateFile.Read(workshop.PathOf("out", "claim-001-robustness.json"));
        CertificateFile.Write(certificate with { Upper = 0.9 * certificate.Upper }, workshop.PathOf("out", "lie.json"));
        Assert.Equal(0, Run("sign", "out/lie.json", "--key", "lab.private.pem").ExitCode);

        var whole = Run("verify", "out/lie.dsse", "--key", "lab.public.pem");
        Assert.Equal(1, whole.ExitCode);
        Assert.Contains("out/lie.dsse: REJECTED: ", whole.Output, StringComparison.Ordinal);

        var half = Run("verify", "out/lie.dsse", "--key", "lab.public.pem", "--signature-only");
        Assert.Equal(0, half.ExitCode);
        Assert.Contains("signature valid: says proved of '", half.Output, StringComparison.Ordinal);
        Assert.Contains("not derived again", half.Output, StringComparison.Ordinal);

        var unsigned = Run("check", "out/lie.dsse");
        Assert.Equal(1, unsigned.ExitCode);
        Assert.Contains("out/lie.dsse: signature not verified; 'certify verify' does", unsigned.Errors, StringComparison.Ordinal);
        Assert.Contains("REJECTED", unsigned.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_reads_an_envelope_and_says_what_it_did_not_do()
    {
        var ran = Run("check", signed.Robustness, "out/claim-001-robustness.json");

        Assert.Equal(0, ran.ExitCode);
        Assert.Equal(2, ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.Contains(": accepted: ", StringComparison.Ordinal)));
        Assert.Single(ran.Errors.Split('\n'), line => line.Contains("signature not verified", StringComparison.Ordinal));
    }

    [Fact]
    public void Json_says_the_same()
    {
        var ran = Run("verify", signed.Robustness, signed.Answer, "--key", "lab.public.pem", "--json");
        using var document = JsonDocument.Parse(ran.Output);
        var (first, second) = (document.RootElement[0], document.RootElement[1]);

        Assert.Equal((0, 2), (ran.ExitCode, document.RootElement.GetArrayLength()));
        Assert.Equal(("accepted", true, "proved", signed.KeyId), (first.GetProperty("outcome").GetString(), first.GetProperty("signed").GetBoolean(), first.GetProperty("verdict").GetString(), first.GetProperty("keyid").GetString()));
        Assert.Equal(CertificateFile.Read(workshop.PathOf("out", "claim-001-robustness.json")).Upper, first.GetProperty("upper").GetDouble());
        Assert.Equal("unsat", second.GetProperty("verdict").GetString());
        using var refused = JsonDocument.Parse(Run("verify", signed.Robustness, "--key", "other.public.pem", "--json").Output);
        Assert.Equal(("rejected", false, JsonValueKind.Null), (refused.RootElement[0].GetProperty("outcome").GetString(), refused.RootElement[0].GetProperty("signed").GetBoolean(), refused.RootElement[0].GetProperty("verdict").ValueKind));
    }

    [Fact]
    public void A_second_signature_is_added_and_none_is_lost()
    {
        File.Copy(workshop.PathOf(signed.Robustness), workshop.PathOf("out", "two.dsse"));
        Assert.Equal(0, Run("sign", "out/two.dsse", "--key", "other.private.pem").ExitCode);
        Assert.Equal(0, Run("verify", "out/two.dsse", "--key", "lab.public.pem").ExitCode);
        Assert.Equal(0, Run("verify", "out/two.dsse", "--key", "other.public.pem").ExitCode);

        var again = Run("sign", "out/claim-001-robustness.json", "--key", "other.private.pem");
        Assert.Equal(66, again.ExitCode);
        Assert.Contains("is there already", Assert.Single(again.Complaints), StringComparison.Ordinal);
        Assert.Equal(0, Run("verify", signed.Robustness, "--key", "lab.public.pem").ExitCode);
    }

    [Fact]
    public void A_key_is_for_its_owner_and_never_over_another()
    {
        var before = File.ReadAllText(workshop.PathOf("lab.private.pem"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(workshop.PathOf("lab.private.pem")));
        }

        var again = Run("key", "--out", "lab");
        Assert.Equal(66, again.ExitCode);
        Assert.Equal("certify: lab.private.pem: not written: it is there already; choose another name", Assert.Single(again.Complaints));
        Assert.Equal(before, File.ReadAllText(workshop.PathOf("lab.private.pem")));

        workshop.Write("half.public.pem", "");
        Assert.Equal(66, Run("key", "--out", "half").ExitCode);
        Assert.False(File.Exists(workshop.PathOf("half.private.pem")));
        Assert.Empty(Directory.GetFiles(workshop.Folder, "*.partial"));

        using var json = JsonDocument.Parse(Run("key", "--out", "third", "--json").Output);
        Assert.Equal(VerificationKey.Read(File.ReadAllText(workshop.PathOf("third.public.pem")), "k").KeyId, json.RootElement.GetProperty("keyid").GetString());
    }

    [Theory]
    [InlineData(65, "lab.private.pem: holds 'PRIVATE KEY', expected 'PUBLIC KEY'", "verify", "ENVELOPE", "--key", "lab.private.pem")]
    [InlineData(65, "lab.public.pem: holds 'PUBLIC KEY', expected 'PRIVATE KEY'", "sign", "out/claim-001-robustness.json", "--key", "lab.public.pem")]
    [InlineData(65, "linear.onnx: holds no PEM block", "verify", "ENVELOPE", "--key", "linear.onnx")]
    [InlineData(66, "", "verify", "ENVELOPE", "--key", "nowhere.pem")]
    [InlineData(66, "nowhere.dsse: file not found", "verify", "nowhere.dsse", "--key", "lab.public.pem")]
    [InlineData(65, "out/claim-001-robustness.json: not a valid envelope: signatures is missing", "verify", "out/claim-001-robustness.json", "--key", "lab.public.pem")]
    [InlineData(65, "spec.yaml:1:1: not JSON", "sign", "spec.yaml", "--key", "lab.private.pem")]
    [InlineData(64, "Option '--key' is required", "sign", "spec.yaml")]
    public void A_slip_is_told_in_one_line(int code, string message, params string[] arguments)
    {
        var ran = Run([.. arguments.Select(argument => argument == "ENVELOPE" ? signed.Robustness : argument)]);

        Assert.Equal(code, ran.ExitCode);
        Assert.Empty(ran.Output);
        Assert.StartsWith($"certify: {message}", Assert.Single(ran.Complaints), StringComparison.Ordinal);
    }

    [OpensslFact]
    public void Openssl_verifies_what_we_sign()
    {
        var envelope = Envelope.Read(File.ReadAllBytes(workshop.PathOf(signed.Robustness)), "e");
        File.WriteAllBytes(workshop.PathOf("pae"), Envelope.Encode(envelope.PayloadType, envelope.Payload.Span));
        File.WriteAllBytes(workshop.PathOf("sig"), [.. envelope.Signatures[0].Bytes]);
        Assert.Equal("Verified OK\n", Openssl("dgst", "-sha256", "-verify", "lab.public.pem", "-signature", "sig", "pae"));

        // The bytes of the protocol, without our encoder; and the key id, without our key reader.
        var payload = envelope.Payload.ToArray();
        Assert.Equal([.. Encoding.UTF8.GetBytes($"DSSEv1 28 application/vnd.in-toto+json {payload.Length} "), .. payload], File.ReadAllBytes(workshop.PathOf("pae")));
        Openssl("pkey", "-pubin", "-in", "lab.public.pem", "-outform", "DER", "-out", "spki");
        Assert.Equal(signed.KeyId, Openssl("dgst", "-sha256", "-r", "spki").Split(' ')[0]);
        Openssl("pkey", "-in", "lab.private.pem", "-check", "-noout");
    }

    [OpensslFact]
    public void What_openssl_signs_verifies()
    {
        Openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "theirs.sec1.pem");
        Openssl("pkcs8", "-topk8", "-nocrypt", "-in", "theirs.sec1.pem", "-out", "theirs.pem");
        Openssl("pkey", "-in", "theirs.pem", "-pubout", "-out", "theirs.public.pem");
        var payload = Statement.Of(File.ReadAllBytes(workshop.PathOf("out", "claim-001-robustness.json")), "c").ToBytes();
        File.WriteAllBytes(workshop.PathOf("pae2"), [.. Encoding.UTF8.GetBytes($"DSSEv1 28 application/vnd.in-toto+json {payload.Length} "), .. payload]);
        Openssl("dgst", "-sha256", "-sign", "theirs.pem", "-out", "sig2", "pae2");
        var node = new JsonObject
        {
            ["signatures"] = new JsonArray(new JsonObject { ["sig"] = Convert.ToBase64String(File.ReadAllBytes(workshop.PathOf("sig2"))) }),
            ["payloadType"] = "application/vnd.in-toto+json",
            ["payload"] = Convert.ToBase64String(payload).Replace('+', '-').Replace('/', '_'),
        };
        workshop.Write("out/theirs.dsse", node.ToJsonString());

        Assert.Equal(0, Run("verify", "out/theirs.dsse", "--key", "theirs.public.pem").ExitCode);
        Assert.Equal(1, Run("verify", "out/theirs.dsse", "--key", "lab.public.pem").ExitCode);
        Assert.Equal(0, Run("sign", "out/theirs.dsse", "--key", "theirs.sec1.pem", "--out", "out/theirs2.dsse").ExitCode);
        Assert.Equal(0, Run("verify", "out/theirs2.dsse", "--key", "theirs.public.pem").ExitCode);
    }

    private Ran Run(params string[] arguments) => Program.Run(workshop.Folder, arguments);

    private string Openssl(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = workshop.Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"openssl {string.Join(' ', arguments)}: {output}{errors}");
        return output;
    }

    /// <summary>A certificate of each form, signed.</summary>
    public sealed class Signed : IDisposable
    {
        public Signed()
        {
            Workshop.Write("spec.yaml", Workshop.Linear + "claims: [ { robustness: { observations: observations.csv, rows: 0, norm: l2, radius: 0.1, metric: wasserstein2, at-most: 1 } } ]\n");
            Workshop.Write("question.vnnlib", string.Concat(Enumerable.Range(0, 2).Select(i => $"(declare-const X_{i} Real)\n(assert (<= 0 X_{i} 1))\n"))
                + string.Concat(Enumerable.Range(0, 4).Select(i => $"(declare-const Y_{i} Real)\n")) + "(assert (>= Y_0 0.6))\n");
            Must("run", "spec.yaml", "--out", "out");
            Must("vnnlib", "linear.onnx", "question.vnnlib", "--certificate", "answer.json");
            KeyId = Must("key", "--out", "lab").Split('\n')[0]["key ".Length..];
            Must("key", "--out", "other");
            Must("sign", "out/claim-001-robustness.json", "--key", "lab.private.pem");
            Must("sign", "answer.json", "--key", "lab.private.pem");
        }

        public Workshop Workshop { get; } = new();

        public string Robustness { get; } = "out/claim-001-robustness.dsse";

        public string Answer { get; } = "answer.dsse";

        public string KeyId { get; }

        public void Dispose() => Workshop.Dispose();

        private string Must(params string[] arguments)
        {
            var ran = Program.Run(Workshop.Folder, arguments);
            Assert.True(ran.ExitCode == 0, ran.Errors);
            return ran.Output;
        }
    }
}
