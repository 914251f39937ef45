using System.Globalization;
using System.Text;
using System.Xml;

namespace Reports;

/// <summary>A gate as JUnit XML: one test case a line.</summary>
/// <remarks>
/// JUnit XML has no standard; this is what the XSD of Jenkins (<c>junit-4.xsd</c>) and that of Ant's reports have in common, which GitLab, Azure and GitHub actions read too. A
/// claim that is lost or refuted is a failure, one without an answer a failure of type "undecided", a certificate of the baseline that does not hold an error.
/// </remarks>
public static class JUnitReport
{
    /// <summary>The document.</summary>
    public static byte[] ToBytes(GateReport gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, NewLineChars = "\n" }))
        {
            var errors = gate.Rows.Count(IsError);
            var counts = new (string Name, int Value)[] { ("tests", gate.Rows.Length), ("failures", gate.Rows.Count(Stops) - errors), ("errors", errors) };
            var seconds = gate.Rows.Sum(row => Seconds(row));
            xml.WriteStartElement("testsuites");
            Attributes(xml, "certify", counts, seconds);
            xml.WriteStartElement("testsuite");
            Attributes(xml, gate.SpecFile, counts, seconds);
            xml.WriteAttributeString("timestamp", gate.Run.Finished.TrimEnd('Z'));
            xml.WriteStartElement("properties");
            foreach (var (name, value) in new[] { ("model", gate.Run.ModelName), ("model-sha256", gate.Run.ModelSha256), ("tool", gate.Run.Tool), ("baseline", gate.Baseline) })
            {
                xml.WriteStartElement("property");
                xml.WriteAttributeString("name", name);
                xml.WriteAttributeString("value", Html.Legal(value));
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
            foreach (var row in gate.Rows)
            {
                Case(xml, gate, row);
            }

            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        return [.. buffer.ToArray(), (byte)'\n'];
    }

    private static void Case(XmlWriter xml, GateReport gate, GateRow row)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", Html.Legal(row.Name));
        xml.WriteAttributeString("classname", Html.Legal($"guarantees.{Path.GetFileNameWithoutExtension(gate.Run.ModelName)}"));
        xml.WriteAttributeString("time", Time(Seconds(row)));
        if (Stops(row))
        {
            xml.WriteStartElement(IsError(row) ? "error" : "failure");
            xml.WriteAttributeString("type", row.Effect == GateEffect.Undecided ? "undecided" : Words(row.Change));
            xml.WriteAttributeString("message", Html.Legal(row.Message));
            xml.WriteString(Html.Legal(FormattableString.Invariant($"{gate.SpecFile}:{row.Line}:{row.Column}: {row.Message}\n{row.Now?.Text}\n{(row.Replay.Length > 0 ? $"Replay: {row.Replay}\n" : "")}Accept: {gate.Accept}")));
            xml.WriteEndElement();
        }
        else
        {
            xml.WriteElementString("system-out", Html.Legal(row.Message.Length > 0 ? row.Message : row.Now?.Text ?? ""));
        }

        xml.WriteEndElement();
    }

    private static void Attributes(XmlWriter xml, string name, (string Name, int Value)[] counts, double seconds)
    {
        xml.WriteAttributeString("name", Html.Legal(name));
        foreach (var (count, value) in counts)
        {
            xml.WriteAttributeString(count, value.ToString(CultureInfo.InvariantCulture));
        }

        xml.WriteAttributeString("time", Time(seconds));
    }

    /// <summary>"lost": what the reports call a change.</summary>
    internal static string Words(GateChange change) => Guarantees.Claims.Words.Of(change);

    private static bool Stops(GateRow row) => row.Effect is GateEffect.Fails or GateEffect.Undecided;

    private static bool IsError(GateRow row) => Stops(row) && row.Change == GateChange.Broken;

    private static double Seconds(GateRow row) => row.IsRechecked ? 0 : row.Now?.Seconds ?? 0;

    private static string Time(double seconds) => seconds.ToString("F3", CultureInfo.InvariantCulture);
}
