using System.CommandLine;
using System.Text;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Formats;

namespace Cli.Commands;

/// <summary><c>certify key</c>: a pair of keys to sign certificates and to verify their signatures.</summary>
internal static class KeyCommand
{
    public static CertifyCommand Create()
    {
        var name = new Option<string>("--out") { Description = "Writes NAME.private.pem, which only its owner may read, and NAME.public.pem; never over a file that is there.", DefaultValueFactory = _ => "certify", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var command = new CertifyCommand("key", "Makes a pair of keys (ECDSA P-256) for 'certify sign' and 'certify verify'.", "certify key --out lab") { name, json };
        command.Does((parsed, _) =>
        {
            var (secret, open) = ($"{parsed.GetValue(name)}.private.pem", $"{parsed.GetValue(name)}.public.pem");
            using var key = SigningKey.Create();
            WholeFile.Create(secret, Encoding.ASCII.GetBytes(key.Pem), secret: true);
            try
            {
                WholeFile.Create(open, Encoding.ASCII.GetBytes(key.Public.Pem));
            }
            catch (IOException)
            {
                File.Delete(secret); // no half pair
                throw;
            }

            if (parsed.GetValue(json))
            {
                using var output = Console.OpenStandardOutput();
                using var writer = new Utf8JsonWriter(output);
                writer.WriteStartObject();
                writer.WriteString("keyid", key.Public.KeyId);
                writer.WriteString("private", secret);
                writer.WriteString("public", open);
                writer.WriteEndObject();
            }
            else
            {
                Console.WriteLine($"key {key.Public.KeyId}\n{secret}: signs; keep it to yourself\n{open}: verifies; give it to everybody");
            }

            return ExitCode.Proved;
        });
        return command;
    }
}
