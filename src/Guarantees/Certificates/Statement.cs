using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Guarantees.Claims;
using Guarantees.Formats;

namespace Guarantees.Certificates;

/// <summary>What is signed: an in-toto statement about the files that a certificate names, with the whole certificate in it.</summary>
/// <remarks>
/// in-toto Attestation Framework, Statement v1 (spec/v1/statement.md, read there). Subjects: every file that the certificate binds by SHA-256. Predicate: the certificate file as a
/// text, byte for byte, with its SHA-256, and claim, verdict and enclosure for readers who look no further. All of it follows from the certificate, so a statement is read by
/// writing it again: one that differs in a byte from what follows is refused, and no reader can be shown other words than the certificate's.
/// </remarks>
public sealed class Statement
{
    /// <summary>The type of the statement.</summary>
    public const string Type = "https://in-toto.io/Statement/v1";

    /// <summary>The type of the predicate, <c>docs/schema/statement.schema.json</c>.</summary>
    public const string PredicateType = "urn:guarantees:certificate:1";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    private Statement(ReadOnlyMemory<byte> file, Certificate? certificate, PropertyCertificate? property) => (File, Certificate, Property) = (file, certificate, property);

    /// <summary>The bytes of the certificate file.</summary>
    public ReadOnlyMemory<byte> File { get; }

    /// <summary>The certificate, where it is of a claim about an estimator.</summary>
    public Certificate? Certificate { get; }

    /// <summary>The certificate, where it is of an answer to a VNN-LIB question.</summary>
    public PropertyCertificate? Property { get; }

    /// <summary>The claim in words.</summary>
    public string Claim => Certificate?.Text ?? $"{Property!.PropertyName} of {Property.ModelName}";

    /// <summary>The verdict in the certificate's word.</summary>
    public string Verdict => Certificate is { } certificate ? Words.Of(certificate.Verdict) : Property!.IsUnsatisfiable ? "unsat" : "sat";

    /// <summary>The statement about a certificate file.</summary>
    /// <exception cref="ModelFormatException">The bytes are no certificate.</exception>
    public static Statement Of(ReadOnlyMemory<byte> file, string name) => file.Length > CertificateFile.LargestFile
        ? throw new ModelFormatException($"{name}: larger than {CertificateFile.LargestFile >> 20} MiB.")
        : PropertyCertificate.IsOne(file.Span)
            ? new(file, null, PropertyCertificate.Read(file, name))
            : new(file, CertificateFile.Read(file, name), null);

    /// <summary>Reads the payload of an envelope.</summary>
    /// <exception cref="ModelFormatException">It is no statement, or differs from what follows from the certificate in it; one line.</exception>
    public static Statement Read(Envelope envelope, string name)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        try
        {
            if (envelope.PayloadType != Envelope.InToto)
            {
                throw new FormatException($"payloadType is {OneLine.Quote(envelope.PayloadType)}, expected '{Envelope.InToto}'");
            }

            using var document = JsonDocument.Parse(envelope.Payload, Strict);
            var root = document.RootElement;
            Expect(Text(root, "_type"), Type, "_type");
            Expect(Text(root, "predicateType"), PredicateType, "predicateType");
            var statement = Of(Encoding.UTF8.GetBytes(Text(root.GetProperty("predicate"), "certificate")), name);
            return envelope.Payload.Span.SequenceEqual(statement.ToBytes())
                ? statement
                : throw new FormatException("it says something else than the certificate in it");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException || (error is FormatException and not ModelFormatException))
        {
            throw new ModelFormatException($"{name}: not a valid statement: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>The payload: members in a fixed order, no white space.</summary>
    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("_type", Type);
            json.WriteStartArray("subject");
            foreach (var (name, sha256) in Subjects())
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteStartObject("digest");
                json.WriteString("sha256", sha256);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("predicateType", PredicateType);
            json.WriteStartObject("predicate");
            json.WriteString("claim", Claim);
            json.WriteString("verdict", Verdict);
            json.WriteString("semantics", Certificate?.Semantics ?? "real");
            WriteEnd(json, "lower", Certificate?.Lower);
            WriteEnd(json, "upper", Certificate?.Upper);
            json.WriteNumber("solverLeaves", Property?.SolverLeaves.Length ?? 0);
            json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(File.Span)));
            json.WriteString("certificate", File.Span);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private IEnumerable<(string Name, string Sha256)> Subjects()
    {
        if (Certificate is { } certificate)
        {
            if (!certificate.Family.HasNoModel || (certificate.SpecSha256.Length == 0 && certificate.Claim.Draws is null && certificate.Claim.Pairs is null))
            {
                yield return (certificate.ModelName, certificate.ModelSha256);
            }

            if (certificate.Claim.Pairs is { } pairs)
            {
                yield return (pairs.File, pairs.Sha256);
                if (pairs.SamplesSha256.Length > 0)
                {
                    yield return (pairs.SamplesFile, pairs.SamplesSha256);
                }
            }

            if (certificate.Claim.ReferenceSha256.Length > 0)
            {
                yield return (certificate.Claim.ReferenceModel, certificate.Claim.ReferenceSha256);
            }

            if (certificate.SpecSha256.Length > 0)
            {
                yield return (certificate.SpecName, certificate.SpecSha256);
            }

            if (certificate.Claim.Draws is { } draws)
            {
                yield return (draws.File, draws.Sha256);
            }

            if (certificate.Claim.Prior is { Law: null } prior)
            {
                yield return (prior.File, prior.Sha256);
            }
        }

        if (Property is { } property)
        {
            yield return (property.ModelName, property.ModelSha256);
            foreach (var network in property.Networks)
            {
                yield return (network.Name, network.Sha256);
            }

            yield return (property.PropertyName, property.PropertySha256);
        }
    }

    private static void WriteEnd(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name) is { ValueKind: JsonValueKind.String } member
        ? member.GetString()!
        : throw new FormatException($"{name} must be a text");

    private static void Expect(string value, string expected, string name)
    {
        if (value != expected)
        {
            throw new FormatException($"{name} is {OneLine.Quote(value)}, expected '{expected}'");
        }
    }
}
