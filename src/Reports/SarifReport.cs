using System.Text.Encodings.Web;
using System.Text.Json;
using Guarantees.Certificates;

namespace Reports;

/// <summary>A gate as SARIF 2.1.0 (OASIS, 2020): one result for each line that does not pass, at its claim in the spec, with the witness in its message.</summary>
/// <remarks>What passes is no result: viewers such as GitHub's code scanning show every result as something to fix, and close one that is gone.</remarks>
public static class SarifReport
{
    private static readonly (GateChange Change, string Text)[] Rules =
    [
        (GateChange.Lost, "A claim that the baseline proves is not proved any more."),
        (GateChange.Worse, "The bound of a claim is worse than the baseline's by more than the tolerance."),
        (GateChange.Unproved, "A claim is not proved."),
        (GateChange.Weakened, "A claim claims less than in the baseline."),
        (GateChange.Removed, "The baseline answers a claim that the spec does not make."),
        (GateChange.Broken, "A certificate of the baseline is missing, damaged or rejected."),
        (GateChange.Model, "The model is not the baseline's."),
    ];

    /// <summary>The document.</summary>
    public static byte[] ToBytes(GateReport gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            WriteTool(json, gate.Run.Tool);
            json.WriteStartArray("invocations");
            json.WriteStartObject();
            json.WriteBoolean("executionSuccessful", true);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteString("columnKind", "utf16CodeUnits");
            json.WriteStartArray("results");
            foreach (var row in gate.Told)
            {
                Write(json, gate, row);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void WriteTool(Utf8JsonWriter json, string tool)
    {
        var parts = tool.Split(' ');
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", parts[0].Length > 0 ? parts[0] : "certify");
        if (parts.Length > 1)
        {
            json.WriteString("version", parts[1]);
        }

        json.WriteStartArray("rules");
        foreach (var (change, text) in Rules)
        {
            json.WriteStartObject();
            json.WriteString("id", JUnitReport.Words(change));
            json.WriteStartObject("shortDescription");
            json.WriteString("text", text);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GateReport gate, GateRow row)
    {
        var rule = Math.Max(0, Array.FindIndex(Rules, known => known.Change == row.Change));
        json.WriteStartObject();
        json.WriteString("ruleId", JUnitReport.Words(Rules[rule].Change));
        json.WriteNumber("ruleIndex", rule);
        json.WriteString("level", row.Effect switch { GateEffect.Fails => "error", GateEffect.Undecided => "warning", _ => "note" });
        json.WriteStartObject("message");
        json.WriteString("text", $"{row.Name}: {row.Message}{(row.Replay.Length > 0 ? $" Replay: {row.Replay}" : "")}");
        json.WriteEndObject();
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", Uri(gate.SpecFile));
        json.WriteEndObject();
        json.WriteStartObject("region");
        json.WriteNumber("startLine", row.Line);
        json.WriteNumber("startColumn", row.Column);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("partialFingerprints");
        json.WriteString("gateLine/v1", Annotations.Fingerprint(gate, row));
        json.WriteEndObject();
        WriteProperties(json, row.Now);
        json.WriteEndObject();
    }

    private static void WriteProperties(Utf8JsonWriter json, ClaimResult? result)
    {
        if (result is null)
        {
            return;
        }

        json.WriteStartObject("properties");
        json.WriteString("verdict", Guarantees.Claims.Words.Of(result.Verdict));
        json.WriteString("certificate", result.Certificate);
        foreach (var (name, value) in new[] { ("lower", result.Lower), ("upper", result.Upper) })
        {
            if (double.IsFinite(value))
            {
                json.WriteNumber(name, value);
            }
        }

        json.WriteStartArray("witness");
        foreach (var x in result.Witness)
        {
            json.WriteNumberValue(x);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A relative path as a relative reference: every segment escaped, a colon in the first one kept from looking like a scheme.</summary>
    private static string Uri(string path) =>
        (Path.IsPathRooted(path) ? "file://" : "") + string.Join('/', path.Split('/').Select(System.Uri.EscapeDataString));
}
