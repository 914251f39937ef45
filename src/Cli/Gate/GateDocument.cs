using Guarantees.Claims;
using Reports;

namespace Cli.Gate;

/// <summary>The member <c>gate</c> that <c>certify run --gate --json</c> adds to the document of a run.</summary>
internal static class GateDocument
{
    public static byte[] ToBytes(GateReport gate) => RunDocument.ToBytes(gate.Run, json =>
    {
        json.WriteStartObject("gate");
        json.WriteString("verdict", gate.Effect switch { GateEffect.Fails => "fails", GateEffect.Undecided => "undecided", _ => "passes" });
        json.WriteString("baseline", gate.Baseline);
        json.WriteString("accept", gate.Accept);
        json.WriteStartArray("lines");
        foreach (var row in gate.Rows)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Name);
            json.WriteString("change", Words.Of(row.Change));
            json.WriteString("effect", Words.Of(row.Effect));
            json.WriteString("message", row.Message);
            json.WriteNumber("line", row.Line);
            json.WriteNumber("column", row.Column);
            json.WriteBoolean("rechecked", row.IsRechecked);
            RunDocument.Optional(json, "baselineLower", row.Before?.Lower);
            RunDocument.Optional(json, "baselineUpper", row.Before?.Upper);
            json.WriteString("replay", row.Replay);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
