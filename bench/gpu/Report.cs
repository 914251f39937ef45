using System.Globalization;
using System.Text;

namespace GpuBench;

/// <summary>The tables, as Markdown and CSV; written again after every stage, so that a run that is killed leaves what it knows.</summary>
internal static class Report
{
    /// <summary>Writes both files.</summary>
    public static void Write(string folder, string machine, Checks checks, Throughput throughput)
    {
        File.WriteAllText(Path.Combine(folder, "gpu.md"), Markdown(machine, checks, throughput));
        File.WriteAllText(Path.Combine(folder, "gpu.csv"), Table(throughput));
    }

    private static string Markdown(string machine, Checks checks, Throughput throughput)
    {
        var text = new StringBuilder().AppendLine(machine).AppendLine();
        text.AppendLine("| check | result | figures |").AppendLine("|---|---|---|");
        foreach (var (what, holds, figures) in checks.Results)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {(holds ? "passed" : "FAILED")} | {figures} |");
        }

        text.AppendLine().AppendLine("Peaks, 10^12 operations a second: " + string.Join("; ", throughput.Product.Select(item =>
            string.Create(CultureInfo.InvariantCulture, $"{item.Key} measured by a large product {item.Value:G4}")
            + (throughput.Peak(item.Key) is var (rate, source) ? string.Create(CultureInfo.InvariantCulture, $", documented {rate:G4} ({source})") : ", none documented"))) + ".").AppendLine();
        text.AppendLine("| net | method | type | boxes | chunk | seconds | spread | boxes a second | 10^12 operations a second | of the documented peak | of the measured product |")
            .AppendLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var row in throughput.Rows)
        {
            Line(row);
        }

        if (throughput.Chunks.Count > 0)
        {
            text.AppendLine().AppendLine("By size of chunk:").AppendLine();
            text.AppendLine("| net | method | type | boxes | chunk | seconds | spread | boxes a second | 10^12 operations a second | of the documented peak | of the measured product |")
                .AppendLine("|---|---|---|---|---|---|---|---|---|---|---|");
            foreach (var row in throughput.Chunks)
            {
                Line(row);
            }
        }

        text.AppendLine().AppendLine("Steps of a walk, float32:").AppendLine().AppendLine("| step | milliseconds | 10^9 bytes a second |").AppendLine("|---|---|---|");
        foreach (var (what, seconds, bytes) in throughput.Primitives)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {seconds * 1e3:F3} | {bytes:F0} |");
        }

        return text.ToString();

        void Line(Throughput.Row row)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Net} | {row.Method} | {row.Type} | {row.Batch} | {row.Chunk} ");
            text.AppendLine(double.IsNaN(row.Seconds)
                ? "| not run | | | | | |"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {row.Seconds:G4} | {(row.Runs > 1 ? row.Spread.ToString("P0", CultureInfo.InvariantCulture) : "one run")} | {row.Rate:G4} | {row.TeraOperations:G3} "
                    + $"| {(throughput.Peak(row.Type) is var (peak, _) ? (row.TeraOperations / peak).ToString("P1", CultureInfo.InvariantCulture) : "")} "
                    + $"| {(throughput.Product.TryGetValue(row.Type, out var product) ? (row.TeraOperations / product).ToString("P1", CultureInfo.InvariantCulture) : "")} |"));
        }
    }

    private static string Table(Throughput throughput)
    {
        var text = new StringBuilder().AppendLine("net,method,type,boxes,chunk,seconds,spread,runs,boxes_per_second,tera_operations_per_second,documented_peak,measured_product");
        foreach (var row in throughput.Rows.Concat(throughput.Chunks))
        {
            text.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Net},{row.Method},{row.Type},{row.Batch},{row.Chunk},{row.Seconds:R},{row.Spread:G4},{row.Runs},{row.Rate:G6},{row.TeraOperations:G6},{throughput.Peak(row.Type)?.Rate:G6},{throughput.Product.GetValueOrDefault(row.Type):G6}"));
        }

        return text.ToString();
    }
}
