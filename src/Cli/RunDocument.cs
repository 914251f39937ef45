using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Claims;

namespace Cli;

/// <summary>The document of <c>certify run --json</c>. Numbers keep full precision; what is not finite, or does not apply, is null.</summary>
internal static class RunDocument
{
    /// <param name="run">The run.</param>
    /// <param name="more">Writes further members of the document.</param>
    public static byte[] ToBytes(RunSummary run, Action<Utf8JsonWriter>? more = null)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("verdict", Words.Of(run.Verdict));
            json.WriteString("model", run.ModelName);
            json.WriteString("modelSha256", run.ModelSha256);
            json.WriteString("family", run.Family);
            json.WriteString("tool", run.Tool);
            json.WriteStartArray("claims");
            foreach (var result in run.Claims)
            {
                Write(json, result);
            }

            json.WriteEndArray();
            more?.Invoke(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, ClaimResult result)
    {
        var claim = result.Claim;
        json.WriteStartObject();
        json.WriteString("name", claim.Name);
        if (claim.Kind is ClaimKind.EventProbability or ClaimKind.CredibleInterval or ClaimKind.Functional or ClaimKind.Decision or ClaimKind.Monotone || claim.Pairs is not null)
        {
            json.WriteNull("metric");
        }
        else
        {
            json.WriteString("metric", Words.Of(claim.Metric));
        }

        if (claim.Kind is ClaimKind.Functional or ClaimKind.Monotone)
        {
            json.WriteString("quantity", Words.Of(claim.Quantity));
            json.WriteBoolean("change", claim.IsChange);
            json.WriteNumber("parameter", claim.Parameter);
        }

        if (claim.Kind == ClaimKind.Monotone)
        {
            json.WriteNumber("coordinate", claim.Coordinate);
            json.WriteBoolean("decreasing", claim.IsDecreasing);
        }

        if (claim.Radius.IsEmpty && claim.Kind != ClaimKind.Lipschitz)
        {
            json.WriteNull("norm");
        }
        else
        {
            json.WriteString("norm", Words.Of(claim.Norm));
        }

        if (claim.Radius.IsEmpty)
        {
            json.WriteNull("radius");
        }
        else if (claim.Radius.All(radius => radius == claim.Radius[0]))
        {
            json.WriteNumber("radius", claim.Radius[0]);
        }
        else
        {
            json.WriteStartArray("radius");
            foreach (var radius in claim.Radius)
            {
                json.WriteNumberValue(radius);
            }

            json.WriteEndArray();
        }

        Optional(json, "observation", claim.ObservationRow >= 0 ? claim.ObservationRow : null);
        json.WriteString("verdict", Words.Of(result.Verdict));
        if (claim.BoundConfidence is { } confidence)
        {
            json.WriteNumber("confidence", confidence);
        }

        Optional(json, "lower", result.Lower);
        Optional(json, "upper", result.Upper);
        Optional(json, "atMost", claim.AtMost);
        Optional(json, "atLeast", claim.AtLeast);
        json.WriteString("semantics", result.Semantics);
        Optional(json, "float32", result.Float32);
        json.WriteNumber("seconds", result.Seconds);
        json.WriteString("certificate", result.Certificate);
        json.WriteBoolean("exactMetric", result.ExactMetric);
        Optional(json, "metricLower", result.MetricLower);
        json.WriteString("text", result.Text);
        json.WriteString("reason", result.Reason);
        if (result.Consequence.Length > 0)
        {
            json.WriteString("consequence", result.Consequence);
        }

        if (!result.Findings.IsEmpty)
        {
            json.WriteStartArray("findings");
            foreach (var finding in result.Findings)
            {
                json.WriteStartObject();
                json.WriteString("name", finding.Name);
                json.WriteString("measure", finding.Measure);
                Optional(json, "seen", finding.Seen);
                Optional(json, "lower", finding.Lower);
                Optional(json, "upper", finding.Upper);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (result.LargestRadius is { } search)
        {
            json.WriteStartObject("largestRadius");
            json.WriteNumber("provedShare", search.Proved);
            Optional(json, "refutedShare", search.Refuted);
            json.WriteEndObject();
        }

        json.WriteStartArray("witness");
        foreach (var x in result.Witness)
        {
            json.WriteNumberValue(x);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A number, or null where there is none or it is not finite: JSON has no infinity.</summary>
    public static void Optional(Utf8JsonWriter json, string name, double? value)
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
}
