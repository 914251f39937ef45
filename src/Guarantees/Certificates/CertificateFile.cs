using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Spec;

namespace Guarantees.Certificates;

/// <summary>The JSON form of a certificate.</summary>
/// <remarks>
/// Deterministic: members in a fixed order, doubles in their shortest round-trip form, infinite ends as null. The last member, <c>digest</c>, is the
/// SHA-256 of the same document without it, so that a slip of one character is noticed even where it would change no verdict. (A forger
/// can recompute it; what protects against a forger is that the checker re-derives every number.)
/// </remarks>
public static partial class CertificateFile
{
    /// <summary>Name and version of the format.</summary>
    public const string Format = "guarantees-certificate/1";

    /// <summary>Name and version where the certificate names the spec that asked, or speaks of float32 executions.</summary>
    public const string Format2 = "guarantees-certificate/2";

    /// <summary>Larger files are refused: reading takes up to ten times as much memory. A tree of <see cref="EvidenceTree.MostNodes"/> takes a fraction of it.</summary>
    public const long LargestFile = 64L << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>The bytes of the file.</summary>
    public static byte[] ToBytes(Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var digest = Digest(certificate);
        return Document(certificate, digest);
    }

    /// <summary>A claim as it stands in a certificate, for comparisons: equal bytes for equal claims.</summary>
    public static byte[] ToBytes(Claim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteClaim(json, claim);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Writes the file, whole or not at all: see <see cref="WholeFile"/>.</summary>
    public static void Write(Certificate certificate, string path) => WholeFile.Write(path, ToBytes(certificate));

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFormatException">The file is not a certificate, or is damaged; one line naming the file, the member and the value.</exception>
    public static Certificate Read(string path)
    {
        if (new FileInfo(path).Length > LargestFile)
        {
            throw new ModelFormatException($"{path}: larger than {LargestFile >> 20} MiB.");
        }

        return Read(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="name">Name for messages.</param>
    /// <exception cref="ModelFormatException">The bytes are not a certificate, or are damaged.</exception>
    public static Certificate Read(ReadOnlyMemory<byte> bytes, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            var root = new Reader(document.RootElement, "");
            if (root.Text("format") is var format && format is not (Format or Format2))
            {
                throw new FormatException($"format is '{format}', expected '{Format}' or '{Format2}'");
            }

            var certificate = ReadCertificate(root);
            var (stated, actual) = (root.Text("digest"), Digest(certificate));
            if (stated != actual || !bytes.Span.SequenceEqual(Document(certificate, actual)))
            {
                throw new FormatException("the digest does not fit the content: the file was changed after it was written");
            }

            return certificate;
        }
        catch (JsonException error)
        {
            // The place goes to the front, as for specs and tables; .NET appends it in words of its own.
            var end = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            var message = end > 0 ? error.Message[..end] : error.Message;
            throw new ModelFormatException($"{name}:{error.LineNumber + 1}:{error.BytePositionInLine + 1}: not JSON: {OneLine.Plain(message)}", error);
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"{name}: not a valid certificate: {OneLine.Plain(OneLine.Of(error))}", error);
        }
    }

    private static string Digest(Certificate certificate) => Convert.ToHexStringLower(SHA256.HashData(Document(certificate, null)));

    private static byte[] Document(Certificate certificate, string? digest)
    {
        using var buffer = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            var second = certificate.SpecSha256.Length > 0 || certificate.Float32 is not null;
            json.WriteString("format", second ? Format2 : Format);
            json.WriteString("tool", certificate.Tool);
            json.WriteStartObject("claim");
            WriteClaim(json, certificate.Claim);
            json.WriteEndObject();
            json.WriteString("text", certificate.Text);
            json.WriteStartObject("model");
            json.WriteString("name", certificate.ModelName);
            json.WriteString("sha256", certificate.ModelSha256);
            json.WriteEndObject();
            if (certificate.SpecSha256.Length > 0)
            {
                json.WriteStartObject("spec");
                json.WriteString("name", certificate.SpecName);
                json.WriteString("sha256", certificate.SpecSha256);
                json.WriteEndObject();
            }

            json.WritePropertyName("family");
            json.WriteRawValue(certificate.Family.ToJson());
            json.WriteString("semantics", certificate.Semantics);
            json.WriteString("verdict", Words.Of(certificate.Verdict));
            WriteNumber(json, "lower", certificate.Lower);
            WriteNumber(json, "upper", certificate.Upper);
            if (second)
            {
                WriteNumber(json, "float32", certificate.Float32 ?? double.NaN);
            }

            if (certificate.RestrictedTotalVariation is { } restricted)
            {
                json.WriteStartObject("totalVariation");
                WriteNumber(json, "restricted", restricted);
                WriteNumber(json, "whole", certificate.TotalVariation ?? double.NaN);
                json.WriteEndObject();
            }

            json.WriteBoolean("exactMetric", certificate.ExactMetric);
            if (!certificate.Findings.IsEmpty)
            {
                json.WriteStartArray("findings");
                foreach (var finding in certificate.Findings)
                {
                    json.WriteStartObject();
                    json.WriteString("name", finding.Name);
                    json.WriteString("measure", finding.Measure);
                    WriteNumber(json, "seen", finding.Seen);
                    WriteNumber(json, "lower", finding.Lower ?? double.NaN);
                    WriteNumber(json, "upper", finding.Upper ?? double.NaN);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            WriteNumbers(json, "witness", certificate.Witness);
            json.WriteStartObject("evidence");
            json.WriteString("kind", "input-splits");
            json.WriteNumber("leaves", certificate.Evidence.Leaves);
            json.WriteString("tree", certificate.Evidence.Encode());
            json.WriteEndObject();
            json.WriteNumber("seed", certificate.Seed);
            json.WriteString("device", certificate.Device);
            json.WriteNumber("seconds", certificate.Seconds);
            json.WriteString("created", certificate.Created);
            if (digest is not null)
            {
                json.WriteString("digest", digest);
            }

            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ImmutableArray<double> values)
    {
        // One line a vector: a tree of a thousand one-number lines helps nobody.
        var text = new StringBuilder("[");
        for (var i = 0; i < values.Length; i++)
        {
            text.Append(i > 0 ? ", " : "").Append(values[i].ToString("R", CultureInfo.InvariantCulture));
        }

        json.WritePropertyName(name);
        json.WriteRawValue(text.Append(']').ToString());
    }

    private static Certificate ReadCertificate(Reader root)
    {
        var (claim, model, evidence) = (root.Child("claim"), root.Child("model"), root.Child("evidence"));
        if (evidence.Text("kind") is var kind && kind != "input-splits")
        {
            throw new FormatException($"evidence.kind is '{kind}', expected 'input-splits'");
        }

        var second = root.Text("format") == Format2;
        var spec = second && root.Has("spec") ? root.Child("spec") : (Reader?)null;
        var tree = EvidenceTree.Decode(evidence.Text("tree"));
        if (evidence.Integer("leaves") is var leaves && leaves != tree.Leaves)
        {
            throw new FormatException($"evidence.leaves is {leaves}, the tree has {tree.Leaves}");
        }

        return new Certificate
        {
            Tool = root.Text("tool"),
            Claim = ReadClaim(claim),
            Text = root.Text("text"),
            ModelName = model.Text("name"),
            ModelSha256 = model.Text("sha256"),
            SpecName = spec?.Text("name") ?? "",
            SpecSha256 = spec?.Text("sha256") ?? "",
            Family = FamilyDescription.Parse(root.Element("family")),
            Semantics = root.Text("semantics"),
            Verdict = root.Word<Verdict>("verdict"),
            Lower = root.Number("lower") ?? double.NegativeInfinity,
            Upper = root.Number("upper") ?? double.PositiveInfinity,
            Float32 = second ? root.Number("float32") : null,
            RestrictedTotalVariation = root.Has("totalVariation") ? root.Child("totalVariation").Number("restricted") : null,
            TotalVariation = root.Has("totalVariation") ? root.Child("totalVariation").Number("whole") : null,
            ExactMetric = root.Flag("exactMetric"),
            Findings = root.Has("findings") ? root.Items("findings", item => new Finding(item.Text("name"), item.Text("measure"), item.Number("seen") ?? double.PositiveInfinity, item.Number("lower"), item.Number("upper"))) : [],
            Witness = root.Numbers("witness"),
            Evidence = tree,
            Seed = root.Integer("seed"),
            Device = root.Text("device"),
            Seconds = root.Number("seconds") ?? 0,
            Created = root.Text("created"),
        };
    }

    /// <summary>Members of one object, with their path in messages.</summary>
    private readonly struct Reader(JsonElement element, string path)
    {
        public JsonElement Element(string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member)
            ? member
            : throw new FormatException($"{path}{name} is missing");

        public bool Has(string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out _);

        public ImmutableArray<string> Names() => element.ValueKind == JsonValueKind.Object ? [.. element.EnumerateObject().Select(member => member.Name)] : throw new FormatException($"{path[..^1]} must be an object");

        public Reader Child(string name) => new(Element(name), $"{path}{name}.");

        public string Text(string name) => Element(name) is { ValueKind: JsonValueKind.String } member
            ? member.GetString()!
            : throw new FormatException($"{path}{name} must be a string");

        public int Integer(string name) => Element(name) is { ValueKind: JsonValueKind.Number } member && member.TryGetInt32(out var value)
            ? value
            : throw new FormatException($"{path}{name} must be a whole number");

        public bool Flag(string name) => Element(name).ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new FormatException($"{path}{name} must be true or false"),
        };

        public double? Number(string name) => Element(name) switch
        {
            { ValueKind: JsonValueKind.Null } => null,
            { ValueKind: JsonValueKind.Number } member when member.TryGetDouble(out var value) && double.IsFinite(value) => value,
            var member => throw new FormatException($"{path}{name} is {member}, expected a finite number or null"),
        };

        public ImmutableArray<double> Numbers(string name)
        {
            if (Element(name) is not { ValueKind: JsonValueKind.Array } member)
            {
                throw new FormatException($"{path}{name} must be a list of numbers");
            }

            var values = ImmutableArray.CreateBuilder<double>(member.GetArrayLength());
            foreach (var item in member.EnumerateArray())
            {
                values.Add(item.ValueKind == JsonValueKind.Number && item.TryGetDouble(out var value) && double.IsFinite(value)
                    ? value
                    : throw new FormatException($"{path}{name}[{values.Count}] is {item}, expected a finite number"));
            }

            return values.MoveToImmutable();
        }

        public ImmutableArray<T> Items<T>(string name, Func<Reader, T> read)
        {
            var at = path;
            return Element(name) is { ValueKind: JsonValueKind.Array } member
                ? [.. member.EnumerateArray().Select((item, i) => read(new Reader(item, $"{at}{name}[{i}].")))]
                : throw new FormatException($"{at}{name} must be a list");
        }

        public ImmutableArray<string> Texts(string name)
        {
            var at = path;
            return Element(name) is { ValueKind: JsonValueKind.Array } member && member.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
                ? [.. member.EnumerateArray().Select(item => item.GetString()!)]
                : throw new FormatException($"{at}{name} must be a list of strings");
        }

        public ImmutableArray<int> Integers(string name)
        {
            var at = path;
            return [.. Numbers(name).Select((value, i) => value == (int)value ? (int)value : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{at}{name}[{i}] is {value:R}, expected a whole number")))];
        }

        public T Word<T>(string name)
            where T : struct, Enum => Words.TryParse<T>(Text(name), out var value)
            ? value
            : throw new FormatException($"{path}{name} is '{Text(name)}', expected one of {string.Join(", ", Enum.GetValues<T>().Select(Words.Of))}");
    }
}
