using System.Diagnostics;
using System.Globalization;

namespace Fuzzing;

/// <summary>What became of a batch of inputs.</summary>
internal sealed record BatchReport(int Accepted, int Refused, double SlowestMilliseconds, int PeakMegabytes, IReadOnlyList<string> Findings)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Accepted} accepted, {Refused} refused, slowest {SlowestMilliseconds:F0} ms, peak {PeakMegabytes} MB, {Findings.Count} findings");
}

/// <summary>Runs inputs in processes of their own, and goes on behind an input that ends one.</summary>
internal static class Batch
{
    /// <summary>The runtime of a process gets no more heap than this: who asks for more finds OutOfMemoryException.</summary>
    private const long HeapLimit = 900L << 20;

    /// <summary>The resident set of a process.</summary>
    private const int MostMegabytes = 1024;

    private const int MostFindings = 12;

    public static BatchReport Run(string format, int seed, int count)
    {
        var (accepted, refused, slowest, peak, findings) = (0, 0, 0.0, 0, new List<string>());
        var state = Path.GetTempFileName();
        try
        {
            for (var first = 0; first < count && findings.Count < MostFindings;)
            {
                var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
                foreach (var argument in new[] { typeof(Batch).Assembly.Location, format, Text(seed), Text(first), Text(count), state })
                {
                    start.ArgumentList.Add(argument);
                }

                start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit.ToString("X", CultureInfo.InvariantCulture);
                start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
                using var process = Process.Start(start)!;
                var errors = process.StandardError.ReadToEndAsync();
                first = count;
                var done = false;
                while (process.StandardOutput.ReadLine() is { } line)
                {
                    var words = line.Split(' ');
                    if (words[0] == "finding")
                    {
                        findings.Add(Named(format, seed, int.Parse(words[1], CultureInfo.InvariantCulture), string.Join(' ', words[2..])));
                    }
                    else if (words[0] == "done")
                    {
                        done = true;
                        (accepted, refused) = (accepted + int.Parse(words[1], CultureInfo.InvariantCulture), refused + int.Parse(words[2], CultureInfo.InvariantCulture));
                        (slowest, peak) = (Math.Max(slowest, double.Parse(words[3], CultureInfo.InvariantCulture)), Math.Max(peak, int.Parse(words[5], CultureInfo.InvariantCulture)));
                        if (int.Parse(words[5], CultureInfo.InvariantCulture) > MostMegabytes)
                        {
                            findings.Add(Named(format, seed, int.Parse(words[6], CultureInfo.InvariantCulture), $"memory: {words[5]} MB"));
                        }
                    }
                }

                process.WaitForExit();
                if (!done)
                {
                    var at = (int)BitConverter.ToInt64(File.ReadAllBytes(state));
                    if (process.ExitCode != 3)
                    {
                        var last = errors.GetAwaiter().GetResult();
                        findings.Add(Named(format, seed, at, $"the process ended with status {process.ExitCode}: {last[..Math.Min(last.Length, 600)].ReplaceLineEndings(" | ")}"));
                    }

                    first = at + 1;
                }
            }
        }
        finally
        {
            File.Delete(state);
        }

        return new BatchReport(accepted, refused, slowest, peak, findings);
    }

    /// <summary>A finding with the file that holds its input.</summary>
    private static string Named(string format, int seed, int index, string what)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "findings");
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{format}-{Text(seed)}-{Text(index)}");
        if (index >= 0)
        {
            File.WriteAllBytes(path, Target.Of(format).Input(seed, index));
        }

        return $"{path}: {what}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
