using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Certify.Export;
using Guarantees.Certificates;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.VnnLib;

namespace Cli.Commands;

/// <summary><c>certify export CERTIFICATE.json --to coq</c>: the answer and its evidence in exact integers, for the checker extracted from Coq.</summary>
internal static class ExportCommand
{
    public static CertifyCommand Create()
    {
        var file = new Argument<string>("CERTIFICATE.json") { Description = "The certificate, plain or in a signed envelope: of an unsat answer of 'certify vnnlib', or of robustness in wasserstein2 of a Gaussian." };
        var to = new Option<string>("--to") { Description = "For whom: coq, the checker that proofs/check runs.", Required = true };
        to.AcceptOnlyFromAmong("coq");
        var model = new Option<string?>("--model") { Description = "The model file; by default the file of that name beside the certificate.", HelpName = "FILE" };
        var property = new Option<string?>("--property") { Description = "The property file; by default the file of that name beside the certificate.", HelpName = "FILE" };
        var target = new Option<string?>("--out") { Description = "The export; by default the certificate's name with the ending .coq.", HelpName = "FILE" };
        var statement = new Option<bool>("--statement") { Description = "Write nothing; print the SHA-256 of what an export of this model and property states." };
        var command = new CertifyCommand(
            "export",
            "Writes a certificate for the checker extracted from Coq: exact integers and a tree.",
            "certify export answer.json --to coq && proofs/check answer.coq")
        {
            file, to, model, property, target, statement,
        };
        command.Does((parsed, cancellation) =>
        {
            var source = parsed.GetValue(file)!;
            var bytes = CertificateChecks.Read(source);
            var stated = Envelope.IsOne(bytes) ? Statement.Read(Envelope.Read(bytes, source), source) : Statement.Of(bytes, source);
            if (stated.Certificate is { } gaussian)
            {
                var gaussianPath = CertificateChecks.Beside(source, parsed.GetValue(model), gaussian.ModelName);
                var gaussianBytes = File.ReadAllBytes(gaussianPath);
                Fits(source, "model", gaussianBytes, gaussian.ModelSha256);
                var estimator = OnnxImporter.Read(gaussianBytes, gaussian.ModelName);
                return parsed.GetValue(statement)
                    ? Say(GaussianStatement.Of(estimator, gaussian).Sha256)
                    : Written(() => GaussianExport.Of(estimator, gaussian, cancellation: cancellation) is var file ? (file.Text, file.Leaves, file.Rows, file.Statement.Sha256) : default);
            }

            var certificate = stated.Property!;
            if (!certificate.IsUnsatisfiable)
            {
                throw new ModelFormatException($"{source}: the answer is sat; the witness needs no export.");
            }

            var (modelPath, propertyPath) = (CertificateChecks.Beside(source, parsed.GetValue(model), certificate.ModelName), CertificateChecks.Beside(source, parsed.GetValue(property), certificate.PropertyName));
            var (modelBytes, propertyBytes) = (File.ReadAllBytes(modelPath), File.ReadAllBytes(propertyPath));
            Fits(source, "model", modelBytes, certificate.ModelSha256);
            Fits(source, "property", propertyBytes, certificate.PropertySha256);
            using var stream = new MemoryStream(propertyBytes);
            var question = VnnLibFile.Read(stream, certificate.PropertyName);
            var network = OnnxImporter.Read(modelBytes, certificate.ModelName);
            return parsed.GetValue(statement)
                ? Say(CheckerStatement.Of(network, question).Sha256)
                : Written(() => CheckerExport.Of(network, question, [.. certificate.Evidence], cancellation: cancellation) is var file ? (file.Text, file.Leaves, file.Rows, file.Statement.Sha256) : default);

            int Written(Func<(string Text, int Leaves, int Rows, string Sha256)> export)
            {
                var path = parsed.GetValue(target) ?? Path.ChangeExtension(source, ".coq");
                WholeFile.Probe(path);
                var (text, leaves, rows, hash) = export();
                WholeFile.Write(path, Encoding.ASCII.GetBytes(text));
                return Say(string.Create(CultureInfo.InvariantCulture, $"{path}: {leaves} leaves, {rows} bounds, statement {hash}"));
            }

            static int Say(string line)
            {
                Console.WriteLine(line);
                return ExitCode.Proved;
            }
        });
        return command;
    }

    private static void Fits(string source, string what, byte[] bytes, string stated)
    {
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) is var hash && hash != stated)
        {
            throw new ModelFormatException($"{source}: the {what} file has SHA-256 {hash}, the certificate speaks of {CertificateChecks.Plain(stated)}.");
        }
    }
}
