using System.CommandLine;
using System.Text.Json;
using Guarantees.Certificates;

namespace Cli.Commands;

/// <summary><c>certify verify ENVELOPE... --key PUBLIC.pem</c>: whose certificate it is, and then what <c>certify check</c> does.</summary>
internal static class VerifyCommand
{
    public static CertifyCommand Create()
    {
        var files = new Argument<string[]>("ENVELOPE.dsse") { Description = "One or more envelopes, as 'certify sign' writes them.", Arity = ArgumentArity.OneOrMore };
        var key = new Option<string>("--key") { Description = "The public key of the signer, which you have from them and not from who sent the envelope.", Required = true, HelpName = "PUBLIC.pem" };
        var only = new Option<bool>("--signature-only") { Description = "Verify the signature and the form, and derive nothing again: whether what it says is true rests on the signer." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else: a list, one entry an envelope." };
        var command = new CertifyCommand(
            "verify",
            "Verifies that certificates are signed by a key, then derives every number again.",
            "certify verify out/claim-001-robustness.dsse --key lab.public.pem")
        {
            files, key, only, json,
        };
        var checks = new CertificateChecks(command);
        command.Does((parsed, cancellation) =>
        {
            var keyFile = parsed.GetValue(key)!;
            var signer = VerificationKey.Read(File.ReadAllText(keyFile), keyFile);
            var check = checks.With(parsed, cancellation);
            var answers = new List<Answer>();
            foreach (var file in parsed.GetValue(files)!)
            {
                answers.Add(Verify(file, signer, parsed.GetValue(only) ? null : check));
                if (!parsed.GetValue(json))
                {
                    Console.WriteLine($"{file}: {answers[^1].Outcome.Word}: {answers[^1].Outcome.Text}{(answers[^1].Signed ? $"; signed by {signer.KeyId}" : "")}");
                }
            }

            if (parsed.GetValue(json))
            {
                Print(answers, signer.KeyId);
            }

            return CertificateChecks.Worst([.. answers.Select(answer => answer.Outcome.Code)]);
        });
        return command;
    }

    /// <summary>The signature comes first: what nobody vouches for is not even parsed.</summary>
    private static Answer Verify(string file, VerificationKey signer, Func<string, Statement, CheckOutcome>? check)
    {
        var envelope = Envelope.Read(CertificateChecks.Read(file), file);
        if (!envelope.IsSignedBy(signer))
        {
            return new(file, false, null, new(ExitCode.Refuted, "REJECTED", $"no signature in it is by the key {signer.KeyId}: it is another signer's, or was changed"));
        }

        var statement = Statement.Read(envelope, file);
        return new(file, true, statement, check?.Invoke(file, statement)
            ?? new(ExitCode.Proved, "signature valid", $"says {statement.Verdict} of '{CertificateChecks.Plain(statement.Claim)}', which was not derived again"));
    }

    private static void Print(List<Answer> answers, string key)
    {
        using var output = Console.OpenStandardOutput();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        writer.WriteStartArray();
        foreach (var (file, signed, statement, outcome) in answers)
        {
            writer.WriteStartObject();
            writer.WriteString("file", file);
            writer.WriteString("keyid", key);
            writer.WriteBoolean("signed", signed);
            writer.WriteString("outcome", outcome.Word.ToLowerInvariant());
            writer.WriteString("text", outcome.Text);
            writer.WriteString("claim", statement?.Claim);
            writer.WriteString("verdict", statement?.Verdict);
            RunDocument.Optional(writer, "lower", statement?.Certificate?.Lower);
            RunDocument.Optional(writer, "upper", statement?.Certificate?.Upper);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private sealed record Answer(string File, bool Signed, Statement? Statement, CheckOutcome Outcome);
}
