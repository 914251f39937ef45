using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Guarantees.Formats;

namespace Guarantees.Certificates;

/// <summary>A model file of a further network of a property.</summary>
/// <param name="Network">The network's name in the property.</param>
/// <param name="Name">File name of its model.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal.</param>
public readonly record struct PropertyModel(string Network, string Name, string Sha256);

/// <summary>The answer to a VNN-LIB question about a network, or several, with what a stranger needs to derive it again.</summary>
public sealed record PropertyCertificate
{
    /// <summary>Name and version of the format.</summary>
    public const string Format = "guarantees-property/1";

    /// <summary>Name and version where some leaves rest on a solver: a reader that knows the first version only must not take them for derived.</summary>
    public const string FormatWithSolver = "guarantees-property/2";

    /// <summary>Certificates with more leaves that rest on a solver are refused.</summary>
    public const int MostSolverLeaves = 10_000;

    /// <summary>Larger files are refused.</summary>
    public const long LargestFile = 64L << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>File name of the model.</summary>
    public required string ModelName { get; init; }

    /// <summary>SHA-256 of the model file, lower-case hexadecimal.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Models of the networks beyond the first that are not copies, in the order of the property; empty for a property of one network.</summary>
    public ImmutableArray<PropertyModel> Networks { get; init; } = [];

    /// <summary>File name of the property.</summary>
    public required string PropertyName { get; init; }

    /// <summary>SHA-256 of the property file.</summary>
    public required string PropertySha256 { get; init; }

    /// <summary>True for <c>unsat</c>: no input satisfies any case. False for <c>sat</c>: the witness satisfies one.</summary>
    public required bool IsUnsatisfiable { get; init; }

    /// <summary>For <c>unsat</c>: one tree a case, in the order of the file.</summary>
    public ImmutableArray<EvidenceTree> Evidence { get; init; } = [];

    /// <summary>For <c>unsat</c>: the leaves that the kernel did not settle and a solver did, by case and entry. Nobody may present them as derived by the kernel.</summary>
    public ImmutableArray<SolverLeaf> SolverLeaves { get; init; } = [];

    /// <summary>For <c>sat</c>: the input.</summary>
    public ImmutableArray<double> Witness { get; init; } = [];

    /// <summary>Tool and version.</summary>
    public string Tool { get; init; } = "";

    /// <summary>Search time in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>When, in UTC.</summary>
    public string Created { get; init; } = "";

    /// <summary>Whether a JSON text says that it is of this format.</summary>
    public static bool IsOne(ReadOnlySpan<byte> bytes) => bytes[..Math.Min(bytes.Length, 200)].IndexOf("\"guarantees-property/"u8) >= 0;

    /// <summary>The bytes of the file: members in a fixed order, the last one the SHA-256 of the document without it.</summary>
    public byte[] ToBytes() => Document(Digest());

    /// <summary>Writes the file, whole or not at all: see <see cref="WholeFile"/>.</summary>
    public void Write(string path) => WholeFile.Write(path, ToBytes());

    /// <summary>Reads the bytes of a file.</summary>
    /// <exception cref="ModelFormatException">The bytes are no certificate of this format, or were changed; one line.</exception>
    public static PropertyCertificate Read(ReadOnlyMemory<byte> bytes, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            var root = document.RootElement;
            if (Text(root, "format") is var format && format is not (Format or FormatWithSolver))
            {
                throw new FormatException($"format is '{format}', expected '{Format}' or '{FormatWithSolver}'");
            }

            var verdict = Text(root, "verdict");
            var trees = ImmutableArray.CreateBuilder<EvidenceTree>();
            var nodes = EvidenceTree.MostNodes; // for all trees together: many small texts must not exhaust the memory either
            foreach (var text in root.GetProperty("evidence").EnumerateArray())
            {
                trees.Add(EvidenceTree.Decode(text.GetString() ?? "", nodes));
                nodes -= trees[^1].Codes.Length;
            }

            var certificate = new PropertyCertificate
            {
                Tool = Text(root, "tool"),
                ModelName = Text(root.GetProperty("model"), "name"),
                ModelSha256 = Text(root.GetProperty("model"), "sha256"),
                Networks = root.TryGetProperty("networks", out var others)
                    ? [.. others.EnumerateArray().Select(item => new PropertyModel(Text(item, "network"), Text(item, "name"), Text(item, "sha256")))]
                    : [],
                PropertyName = Text(root.GetProperty("property"), "name"),
                PropertySha256 = Text(root.GetProperty("property"), "sha256"),
                IsUnsatisfiable = verdict switch { "unsat" => true, "sat" => false, _ => throw new FormatException($"verdict is '{verdict}', expected 'unsat' or 'sat'") },
                Witness = [.. root.GetProperty("witness").EnumerateArray().Select(Number)],
                Evidence = trees.ToImmutable(),
                SolverLeaves = format == Format ? [] : Leaves(root.GetProperty("solver-leaves")),
                Seconds = Number(root.GetProperty("seconds")),
                Created = Text(root, "created"),
            };
            if (Text(root, "digest") != certificate.Digest() || !bytes.Span.SequenceEqual(certificate.ToBytes()))
            {
                throw new FormatException("the digest does not fit the content: the file was changed after it was written");
            }

            return certificate;
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ModelFormatException($"{name}: not a valid certificate: {OneLine.Plain(error.Message)}", error);
        }
    }

    private static ImmutableArray<SolverLeaf> Leaves(JsonElement array) => array.GetArrayLength() is >= 1 and <= MostSolverLeaves
        ? [.. array.EnumerateArray().Select(leaf => new SolverLeaf(leaf.GetProperty("case").GetInt32(), leaf.GetProperty("entry").GetInt32(), Text(leaf, "sha256"), Text(leaf, "solver")))]
        : throw new FormatException($"{array.GetArrayLength()} leaves are said to rest on a solver, expected 1 to {MostSolverLeaves}");

    private static string Text(JsonElement element, string member) =>
        element.GetProperty(member).GetString() ?? throw new FormatException($"'{member}' is null");

    /// <summary>A finite number: 1e999 reads as infinity.</summary>
    private static double Number(JsonElement value) =>
        value.GetDouble() is var number && double.IsFinite(number) ? number : throw new FormatException($"'{value.GetRawText()}' is no finite number");

    private string Digest() => Convert.ToHexStringLower(SHA256.HashData(Document(null)));

    private byte[] Document(string? digest)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("format", SolverLeaves.IsEmpty ? Format : FormatWithSolver);
            json.WriteString("tool", Tool);
            File(json, "model", ModelName, ModelSha256);
            File(json, "property", PropertyName, PropertySha256);
            if (!Networks.IsEmpty)
            {
                json.WriteStartArray("networks");
                foreach (var (network, name, hash) in Networks)
                {
                    json.WriteStartObject();
                    json.WriteString("network", network);
                    json.WriteString("name", name);
                    json.WriteString("sha256", hash);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteString("semantics", "real");
            json.WriteString("verdict", IsUnsatisfiable ? "unsat" : "sat");
            json.WriteStartArray("witness");
            foreach (var value in Witness)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
            json.WriteStartArray("evidence");
            foreach (var tree in Evidence)
            {
                json.WriteStringValue(tree.Encode());
            }

            json.WriteEndArray();
            if (!SolverLeaves.IsEmpty)
            {
                json.WriteStartArray("solver-leaves");
                foreach (var leaf in SolverLeaves)
                {
                    json.WriteStartObject();
                    json.WriteNumber("case", leaf.Case);
                    json.WriteNumber("entry", leaf.Entry);
                    json.WriteString("sha256", leaf.Sha256);
                    json.WriteString("solver", leaf.Solver);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteNumber("seconds", Seconds);
            json.WriteString("created", Created);
            if (digest is not null)
            {
                json.WriteString("digest", digest);
            }

            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();

        static void File(Utf8JsonWriter json, string member, string name, string hash)
        {
            json.WriteStartObject(member);
            json.WriteString("name", name);
            json.WriteString("sha256", hash);
            json.WriteEndObject();
        }
    }
}
