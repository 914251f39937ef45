using System.CommandLine;
using Guarantees.Certificates;

namespace Cli.Commands;

/// <summary><c>certify check FILE...</c>: derives certificates again with the trusted kernel alone.</summary>
internal static class CheckCommand
{
    public static CertifyCommand Create()
    {
        var files = new Argument<string[]>("CERTIFICATE.json") { Description = "One or more certificates, plain or in a signed envelope.", Arity = ArgumentArity.OneOrMore };
        var command = new CertifyCommand(
            "check",
            "Derives every number of certificates again from the model file.",
            "certify check out/claim-*.json")
        {
            files,
        };
        var checks = new CertificateChecks(command);
        command.Does((parsed, cancellation) =>
        {
            var check = checks.With(parsed, cancellation);
            return CertificateChecks.Worst([.. parsed.GetValue(files)!.Select(file =>
            {
                var outcome = check(file, Read(file));
                Console.WriteLine($"{file}: {outcome.Word}: {outcome.Text}");
                return outcome.Code;
            })]);
        });
        return command;
    }

    private static Statement Read(string file)
    {
        var bytes = CertificateChecks.Read(file);
        if (!Envelope.IsOne(bytes))
        {
            return Statement.Of(bytes, file);
        }

        var statement = Statement.Read(Envelope.Read(bytes, file), file);
        Console.Error.WriteLine($"{file}: signature not verified; 'certify verify' does");
        return statement;
    }
}
