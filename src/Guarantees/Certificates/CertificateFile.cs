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
public static class CertificateFile
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

    private static void WriteClaim(Utf8JsonWriter json, Claim claim)
    {
        json.WriteString("kind", Words.Of(claim.Kind));
        json.WriteString("metric", Words.Of(claim.Metric));
        json.WriteString("norm", Words.Of(claim.Norm));
        WriteNumbers(json, "radius", claim.Radius);
        WriteNumbers(json, "observation", claim.Observation);
        json.WriteNumber("row", claim.ObservationRow);
        WriteNumbers(json, "domainLower", claim.DomainLower);
        WriteNumbers(json, "domainUpper", claim.DomainUpper);
        WriteNumbers(json, "parameterLower", claim.ParameterLower);
        WriteNumbers(json, "parameterUpper", claim.ParameterUpper);
        json.WriteNumber("parameter", claim.Parameter);
        WriteNumber(json, "eventLower", claim.EventLower);
        WriteNumber(json, "eventUpper", claim.EventUpper);
        json.WriteNumber("level", claim.Level);
        json.WriteString("reference", claim.Reference);
        WriteNumber(json, "atMost", claim.AtMost ?? double.NaN);
        WriteNumber(json, "atLeast", claim.AtLeast ?? double.NaN);
        if (claim.Norm == Norm.L0)
        {
            json.WriteNumber("entries", claim.Entries);
            json.WriteNumber("group", claim.Group);
        }

        if (claim.Kind is ClaimKind.Functional or ClaimKind.Monotone)
        {
            json.WriteString("quantity", Words.Of(claim.Quantity));
        }

        if (claim.Kind == ClaimKind.Functional)
        {
            json.WriteBoolean("change", claim.IsChange);
        }

        if (claim.Kind == ClaimKind.Monotone)
        {
            json.WriteNumber("coordinate", claim.Coordinate);
            json.WriteBoolean("decreasing", claim.IsDecreasing);
        }

        if (!claim.Directions.IsEmpty)
        {
            WriteNumbers(json, "directions", claim.Directions);
        }

        if (!claim.Point.IsEmpty)
        {
            WriteNumbers(json, "point", claim.Point);
        }

        if (claim.Kind == ClaimKind.Symmetric)
        {
            WriteNumbers(json, "permutation", [.. claim.Permutation]);
            WriteNumbers(json, "inputSigns", [.. claim.InputSigns]);
            WriteNumbers(json, "parameterSigns", [.. claim.ParameterSigns]);
        }

        if (claim.LinearModel is { } model)
        {
            json.WriteStartObject("linearModel");
            WriteNumbers(json, "priorMean", model.PriorMean);
            WriteNumbers(json, "priorCovariance", model.PriorCovariance);
            WriteNumbers(json, "matrix", model.Matrix);
            WriteNumbers(json, "offset", model.Offset);
            WriteNumbers(json, "noiseCovariance", model.NoiseCovariance);
            json.WriteEndObject();
        }

        if (claim.Conjugate is { } conjugate)
        {
            json.WriteStartObject("conjugateModel");
            foreach (var ((key, _), list) in ConjugateModel.KeysOf(conjugate.Name).Zip(conjugate.Numbers))
            {
                WriteNumbers(json, key, list);
            }

            json.WriteEndObject();
        }

        if (claim.TableRow is { } row)
        {
            json.WriteStartObject("referenceTable");
            json.WriteString("name", claim.ReferenceModel);
            json.WriteString("sha256", claim.ReferenceSha256);
            WriteNumber(json, "error", row.Error);
            WriteNumber(json, "lipschitz", row.Lipschitz);
            json.WriteStartObject("parameters");
            foreach (var (key, list) in row.Names.Zip(row.Values))
            {
                WriteNumbers(json, key, list);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        if (claim.ReferenceFamily is { } family)
        {
            json.WriteStartObject("referenceModel");
            json.WriteString("name", claim.ReferenceModel);
            json.WriteString("sha256", claim.ReferenceSha256);
            json.WritePropertyName("family");
            json.WriteRawValue(family.ToJson());
            json.WriteEndObject();
        }

        if (claim.DensityAtLeast is { } least)
        {
            WriteNumber(json, "densityAtLeast", least);
        }

        if (claim.MassOutside is { } mass)
        {
            WriteNumber(json, "massOutside", mass);
        }

        if (claim.DensityAtMost is { } largest)
        {
            WriteNumber(json, "densityAtMost", largest);
        }

        if (claim.Prior is { } prior)
        {
            json.WriteStartObject("prior");
            if (prior.Law is { } law)
            {
                json.WriteString("law", law.Name);
                WriteNumbers(json, law.IsUniform ? "lower" : "mean", law.First);
                WriteNumbers(json, law.IsUniform ? "upper" : "standardDeviation", law.Second);
            }
            else
            {
                json.WriteString("file", prior.File);
                json.WriteString("sha256", prior.Sha256);
            }

            json.WriteNumber("count", prior.Count);
            json.WriteNumber("confidence", prior.Confidence);
            json.WriteEndObject();
        }

        if (claim.Pairs is { } pairs)
        {
            json.WriteStartObject("pairs");
            json.WriteString("file", pairs.File);
            json.WriteString("sha256", pairs.Sha256);
            json.WriteNumber("count", pairs.Pairs);
            if (pairs.SamplesFile.Length + pairs.SamplesSha256.Length > 0)
            {
                json.WriteString("samplesFile", pairs.SamplesFile);
                json.WriteString("samplesSha256", pairs.SamplesSha256);
            }

            json.WriteNumber("draws", pairs.Draws);
            json.WriteNumber("confidence", pairs.Confidence);
            json.WriteString("set", Words.Of(pairs.Set));
            json.WriteBoolean("sequential", pairs.IsSequential);
            json.WriteEndObject();
        }

        if (claim.NoiseBox is { } reach)
        {
            WriteNumber(json, "noiseBox", reach);
            json.WriteBoolean("truncated", claim.IsTruncated);
        }

        if (claim.Draws is { } draws)
        {
            json.WriteStartObject("draws");
            json.WriteString("file", draws.File);
            json.WriteString("sha256", draws.Sha256);
            json.WriteNumber("count", draws.Draws);
            json.WriteNumber("hits", draws.Hits);
            json.WriteNumber("confidence", draws.Confidence);
            if (!draws.Command.IsEmpty)
            {
                json.WriteStartArray("command");
                foreach (var word in draws.Command)
                {
                    json.WriteStringValue(word);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }
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

    private static Claim ReadClaim(Reader claim)
    {
        var other = claim.Has("referenceModel") ? claim.Child("referenceModel") : claim.Has("referenceTable") ? claim.Child("referenceTable") : (Reader?)null;
        return Members(claim) with
        {
            Conjugate = claim.Has("conjugateModel") ? new ConjugateModel(claim.Text("reference"), Lists(claim.Child("conjugateModel"), [.. ConjugateModel.KeysOf(claim.Text("reference")).Select(item => item.Key)])) : null,
            TableRow = claim.Has("referenceTable") ? ReadRow(claim.Child("referenceTable")) : null,
            LinearModel = claim.Has("linearModel") ? ReadModel(claim.Child("linearModel")) : null,
            ReferenceModel = other?.Text("name") ?? "",
            ReferenceSha256 = other?.Text("sha256") ?? "",
            ReferenceFamily = claim.Has("referenceModel") ? FamilyDescription.Parse(claim.Child("referenceModel").Element("family")) : null,
            Coordinate = claim.Has("coordinate") ? claim.Integer("coordinate") : 0,
            IsDecreasing = claim.Has("decreasing") && claim.Flag("decreasing"),
            Permutation = claim.Has("permutation") ? claim.Integers("permutation") : [],
            InputSigns = claim.Has("inputSigns") ? claim.Integers("inputSigns") : [],
            ParameterSigns = claim.Has("parameterSigns") ? claim.Integers("parameterSigns") : [],
        };
    }

    private static ReferenceRow ReadRow(Reader table)
    {
        var parameters = table.Child("parameters");
        var names = parameters.Names();
        return new(names, Lists(parameters, names), table.Number("error") ?? double.NaN, table.Number("lipschitz") ?? double.NaN);
    }

    private static ImmutableArray<ImmutableArray<double>> Lists(Reader reader, ImmutableArray<string> keys) => [.. keys.Select(reader.Numbers)];

    private static LinearModel ReadModel(Reader model) => new(
        model.Numbers("priorMean"), model.Numbers("priorCovariance"), model.Numbers("matrix"), model.Numbers("offset"), model.Numbers("noiseCovariance"));

    private static Claim Members(Reader claim) => new()
    {
        Kind = claim.Word<ClaimKind>("kind"),
        Metric = claim.Word<Metric>("metric"),
        Norm = claim.Word<Norm>("norm"),
        Radius = claim.Numbers("radius"),
        Observation = claim.Numbers("observation"),
        ObservationRow = claim.Integer("row"),
        DomainLower = claim.Numbers("domainLower"),
        DomainUpper = claim.Numbers("domainUpper"),
        ParameterLower = claim.Numbers("parameterLower"),
        ParameterUpper = claim.Numbers("parameterUpper"),
        Parameter = claim.Integer("parameter"),
        EventLower = claim.Number("eventLower") ?? double.NegativeInfinity,
        EventUpper = claim.Number("eventUpper") ?? double.PositiveInfinity,
        Level = claim.Number("level") ?? double.NaN,
        Reference = claim.Text("reference"),
        AtMost = claim.Number("atMost"),
        DensityAtLeast = claim.Has("densityAtLeast") ? claim.Number("densityAtLeast") : null,
        MassOutside = claim.Has("massOutside") ? claim.Number("massOutside") : null,
        DensityAtMost = claim.Has("densityAtMost") ? claim.Number("densityAtMost") : null,
        Pairs = claim.Has("pairs") ? ReadPairs(claim.Child("pairs")) : null,
        Prior = claim.Has("prior") ? ReadPrior(claim.Child("prior")) : null,
        NoiseBox = claim.Has("noiseBox") ? claim.Number("noiseBox") : null,
        IsTruncated = claim.Has("truncated") && claim.Flag("truncated"),
        Draws = claim.Has("draws") ? ReadDraws(claim.Child("draws")) : null,
        AtLeast = claim.Number("atLeast"),
        Entries = claim.Has("entries") ? claim.Integer("entries") : 0,
        Group = claim.Has("group") ? claim.Integer("group") : 1,
        Quantity = claim.Has("quantity") ? claim.Word<Quantity>("quantity") : default,
        IsChange = claim.Has("change") && claim.Flag("change"),
        Point = claim.Has("point") ? claim.Numbers("point") : [],
        Directions = claim.Has("directions") ? claim.Numbers("directions") : [],
    };

    private static DrawCount ReadDraws(Reader draws) => new()
    {
        File = draws.Text("file"),
        Sha256 = draws.Text("sha256"),
        Draws = draws.Integer("count"),
        Hits = draws.Integer("hits"),
        Confidence = draws.Number("confidence") ?? double.NaN,
        Command = draws.Has("command") ? draws.Texts("command") : [],
    };

    private static PairQuestion ReadPairs(Reader pairs) => new()
    {
        File = pairs.Text("file"),
        Sha256 = pairs.Text("sha256"),
        Pairs = pairs.Integer("count"),
        SamplesFile = pairs.Has("samplesFile") ? pairs.Text("samplesFile") : "",
        SamplesSha256 = pairs.Has("samplesSha256") ? pairs.Text("samplesSha256") : "",
        Draws = pairs.Integer("draws"),
        Confidence = pairs.Number("confidence") ?? double.NaN,
        Set = pairs.Word<CredibleSet>("set"),
        IsSequential = pairs.Flag("sequential"),
    };

    private static PriorDraws ReadPrior(Reader prior)
    {
        var law = prior.Has("law") ? prior.Text("law") : null;
        var isUniform = law == PriorLaw.Uniform;
        return new()
        {
            Law = law is null ? null : new PriorLaw { Name = law, First = prior.Numbers(isUniform ? "lower" : "mean"), Second = prior.Numbers(isUniform ? "upper" : "standardDeviation") },
            File = law is null ? prior.Text("file") : "",
            Sha256 = law is null ? prior.Text("sha256") : "",
            Count = prior.Integer("count"),
            Confidence = prior.Number("confidence") ?? double.NaN,
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
