using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Reports;

/// <summary>A gate in the words of CI services: GitHub's workflow commands, GitLab's code quality report.</summary>
public static class Annotations
{
    /// <summary>GitHub shows so many annotations of a step and drops the rest.</summary>
    public const int MostShown = 10;

    /// <summary>Workflow commands, one a line: <c>::error file=spec.yaml,line=7,col=5,title=...::message</c>.</summary>
    /// <remarks>Escaped as the runner unescapes (GitHub, "Workflow commands"; actions/toolkit <c>packages/core/src/command.ts</c>): %, CR and LF in messages, colon and comma too in properties.</remarks>
    public static IEnumerable<string> ForGitHub(GateReport gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        return gate.Told.Take(MostShown).Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"::{Command(row.Effect)} file={Property(gate.SpecFile)},line={row.Line},col={row.Column},title={Property(row.Name)}::{Data(Text(row))}"));
    }

    /// <summary>The code quality report: a JSON array in the Code Climate form that GitLab reads.</summary>
    /// <remarks>GitLab, "Code Quality", section "Code Quality report format": description, check_name, fingerprint, severity, location.path (relative, without "./") and location.lines.begin.</remarks>
    public static byte[] ForGitLab(GateReport gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var row in gate.Told)
            {
                json.WriteStartObject();
                json.WriteString("description", $"{row.Name}: {Text(row)}");
                json.WriteString("check_name", $"certify/{JUnitReport.Words(row.Change)}");
                json.WriteString("fingerprint", Fingerprint(gate, row));
                json.WriteString("severity", row.Effect switch { GateEffect.Fails => "blocker", GateEffect.Undecided => "major", _ => "info" });
                json.WriteStartObject("location");
                json.WriteString("path", gate.SpecFile.StartsWith("./", StringComparison.Ordinal) ? gate.SpecFile[2..] : gate.SpecFile);
                json.WriteStartObject("lines");
                json.WriteNumber("begin", row.Line);
                json.WriteEndObject();
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    /// <summary>The same for the same line of the same spec from run to run, so that services see what is new: not of numbers, which change with every model.</summary>
    internal static string Fingerprint(GateReport gate, GateRow row) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{gate.SpecFile}\n{row.Name}\n{row.Change}")))[..32];

    private static string Text(GateRow row) => row.Replay.Length > 0 ? $"{row.Message} Replay: {row.Replay}" : row.Message;

    private static string Command(GateEffect effect) => effect switch { GateEffect.Fails => "error", GateEffect.Undecided => "warning", _ => "notice" };

    private static string Data(string text) => text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
