using System.CommandLine;
using Guarantees.Certificates;
using Guarantees.Formats;

namespace Cli.Commands;

/// <summary><c>certify sign CERTIFICATE --key PRIVATE.pem</c>: a certificate in a signed envelope, or one more signature on an envelope.</summary>
internal static class SignCommand
{
    public static CertifyCommand Create()
    {
        var file = new Argument<string>("CERTIFICATE.json") { Description = "A certificate, or an envelope that gets one more signature." };
        var key = new Option<string>("--key") { Description = "The private key, as 'certify key' writes it.", Required = true, HelpName = "PRIVATE.pem" };
        var target = new Option<string?>("--out") { Description = "The envelope; by default the certificate's name with the ending .dsse, or the envelope that was given.", HelpName = "FILE" };
        var command = new CertifyCommand(
            "sign",
            "Signs a certificate: a DSSE envelope with an in-toto statement that carries the certificate.",
            "certify sign out/claim-001-robustness.json --key lab.private.pem")
        {
            file, key, target,
        };
        command.Does((parsed, _) =>
        {
            var (source, keyFile) = (parsed.GetValue(file)!, parsed.GetValue(key)!);
            var bytes = CertificateChecks.Read(source);
            var signed = Envelope.IsOne(bytes);
            using var signer = SigningKey.Read(File.ReadAllText(keyFile), keyFile);
            Envelope envelope;
            if (signed)
            {
                envelope = Envelope.Read(bytes, source);
                Statement.Read(envelope, source); // what is no statement is not signed
            }
            else
            {
                envelope = new Envelope { PayloadType = Envelope.InToto, Payload = Statement.Of(bytes, source).ToBytes() };
            }

            var result = envelope.Sign(signer).ToBytes();
            if (result.Length > Envelope.LargestFile)
            {
                throw new ModelFormatException($"{source}: the envelope would be larger than {Envelope.LargestFile >> 20} MiB.");
            }

            var path = parsed.GetValue(target) ?? (signed ? source : Path.ChangeExtension(source, ".dsse"));
            if (signed && Path.GetFullPath(path) == Path.GetFullPath(source))
            {
                WholeFile.Write(path, result);
            }
            else if (parsed.GetValue(target) is null && File.Exists(path))
            {
                // It may hold the signatures of others.
                throw new IOException($"{path}: is there already; sign it instead to add a signature, or choose a name with --out");
            }
            else
            {
                WholeFile.Write(path, result);
            }

            Console.WriteLine($"{path}: signed by {signer.Public.KeyId}");
            return ExitCode.Proved;
        });
        return command;
    }
}
