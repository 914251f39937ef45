using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Guarantees.Formats;

namespace Guarantees.Certificates;

/// <summary>One signature of an envelope.</summary>
/// <param name="KeyId">Whose it says it is: a hint, which nothing protects and nothing may rest on.</param>
/// <param name="Bytes">ECDSA over P-256 and SHA-256, as ASN.1 DER, SEQUENCE { r, s }.</param>
public readonly record struct EnvelopeSignature(string KeyId, ImmutableArray<byte> Bytes);

/// <summary>A signed payload: sig = Sign(PAE(payloadType, payload)), PAE(t, b) = "DSSEv1 " + |t| + " " + t + " " + |b| + " " + b, lengths in bytes.</summary>
/// <remarks>
/// DSSE 1.0 (secure-systems-lab, "dsse", protocol.md and envelope.md), read there. Written: standard base64, one line. Read: standard or URL-safe base64 with its padding, in the one
/// form that its bytes have; no member twice; further members are ignored, as the protocol asks. The type and the payload are what is signed; key ids are not.
/// </remarks>
public sealed class Envelope
{
    /// <summary>The payload type of in-toto statements.</summary>
    public const string InToto = "application/vnd.in-toto+json";

    /// <summary>Larger files are refused: reading takes up to six times as much memory. The largest certificate fits.</summary>
    public const long LargestFile = 128L << 20;

    /// <summary>Envelopes with more signatures are refused.</summary>
    public const int MostSignatures = 100;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };
    private static readonly SearchValues<char> UrlSafe = SearchValues.Create("-_");

    private byte[]? digest;

    /// <summary>What kind of payload it is.</summary>
    public required string PayloadType { get; init; }

    /// <summary>The payload.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The signatures; none before the first.</summary>
    public ImmutableArray<EnvelopeSignature> Signatures { get; init; } = [];

    /// <summary>The bytes that are signed.</summary>
    public static byte[] Encode(string payloadType, ReadOnlySpan<byte> payload) => [.. Head(payloadType, payload.Length), .. payload];

    /// <summary>Whether a JSON text is an object with a payloadType, and so no certificate.</summary>
    public static bool IsOne(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var json = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 64 });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("payloadType"u8))
                {
                    return true;
                }

                json.Skip();
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON is no envelope.
        }

        return false;
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <exception cref="ModelFormatException">They are no envelope; one line.</exception>
    public static Envelope Read(ReadOnlyMemory<byte> bytes, string name)
    {
        try
        {
            if (bytes.Length > LargestFile)
            {
                throw new FormatException($"larger than {LargestFile >> 20} MiB");
            }

            using var document = JsonDocument.Parse(bytes, Strict);
            var root = document.RootElement;
            var signatures = Member(root, "signatures", JsonValueKind.Array);
            if (signatures.GetArrayLength() is var count && count > MostSignatures)
            {
                throw new FormatException($"{count} signatures, expected at most {MostSignatures}");
            }

            return new Envelope
            {
                PayloadType = Member(root, "payloadType", JsonValueKind.String).GetString()!,
                Payload = Decode(root, "payload"),
                Signatures = [.. signatures.EnumerateArray().Select(item => new EnvelopeSignature(
                    item.ValueKind == JsonValueKind.Object && item.TryGetProperty("keyid", out _) ? Member(item, "keyid", JsonValueKind.String).GetString()! : "",
                    [.. Decode(item, "sig")]))],
            };
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw new ModelFormatException($"{name}: not a valid envelope: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>The bytes of the file.</summary>
    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteBase64String("payload", Payload.Span);
            json.WriteString("payloadType", PayloadType);
            json.WriteStartArray("signatures");
            foreach (var signature in Signatures)
            {
                json.WriteStartObject();
                json.WriteString("keyid", signature.KeyId);
                json.WriteBase64String("sig", signature.Bytes.AsSpan());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    /// <summary>This envelope with a signature by the key; one that it made before and that is valid is replaced.</summary>
    /// <exception cref="ArgumentException">There is no room for another signature.</exception>
    public Envelope Sign(SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        EnvelopeSignature[] others = [.. Signatures.Where(signature => !(signature.KeyId == key.Public.KeyId && Holds(signature, key.Public)))];
        return others.Length < MostSignatures
            ? new Envelope { PayloadType = PayloadType, Payload = Payload, Signatures = [.. others, new EnvelopeSignature(key.Public.KeyId, key.Sign(Digest()))] }
            : throw new ArgumentException($"the envelope has {others.Length} signatures, at most {MostSignatures} have room");
    }

    /// <summary>Whether at least one signature is the key's. Key ids are not asked: who forges one gains nothing, and who changes one hides nothing.</summary>
    public bool IsSignedBy(VerificationKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Signatures.Any(signature => Holds(signature, key));
    }

    private static byte[] Head(string payloadType, int length) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {length} "));

    private static JsonElement Member(JsonElement element, string name, JsonValueKind kind) =>
        element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var member) ? throw new FormatException($"{name} is missing")
        : member.ValueKind == kind ? member
        : throw new FormatException($"{name} must be {(kind == JsonValueKind.String ? "a text" : "a list")}");

    /// <summary>Base64 in the one form that its bytes have: no white space, no bits that nobody reads.</summary>
    private static byte[] Decode(JsonElement element, string name)
    {
        var text = Member(element, name, JsonValueKind.String).GetString()!;
        var standard = text.AsSpan().ContainsAny(UrlSafe) && !text.AsSpan().ContainsAny('+', '/') ? text.Replace('-', '+').Replace('_', '/') : text;
        var bytes = new byte[standard.Length / 4 * 3];
        return Convert.TryFromBase64String(standard, bytes, out var length) && Convert.ToBase64String(bytes, 0, length) == standard
            ? bytes.AsSpan(0, length).ToArray()
            : throw new FormatException($"{name} is not base64");
    }

    private bool Holds(EnvelopeSignature signature, VerificationKey key) => key.Verifies(Digest(), signature.Bytes.AsSpan());

    /// <summary>SHA-256 of what is signed, without a copy of the payload.</summary>
    private byte[] Digest()
    {
        if (digest is null)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Head(PayloadType, Payload.Length));
            hash.AppendData(Payload.Span);
            digest = hash.GetHashAndReset();
        }

        return digest;
    }
}
