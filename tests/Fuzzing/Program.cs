using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace Fuzzing;

/// <summary>The process in which inputs are read: <c>Fuzzing FORMAT SEED FIRST END STATE</c>. What kills it is attributed to the index in STATE.</summary>
/// <remarks>
/// Lines of output: "finding INDEX TEXT", and at the end "done ACCEPTED REFUSED SLOWEST-MS AT PEAK-MB AT". Exit 3: an input hung, and the process ended itself.
/// </remarks>
internal static class Program
{
    /// <summary>Most seconds of one input, of the clock and of the processor both: a busy machine is no finding.</summary>
    public const double MostSeconds = 5;

    /// <summary>Most seconds of the clock alone: whoever waits for a lock uses no processor.</summary>
    private const double MostWaiting = 60;

    private static readonly object Gate = new();

    public static int Main(string[] arguments)
    {
        if (arguments is not [var format, var seedText, var firstText, var endText, var statePath])
        {
            Console.Error.WriteLine("usage: Fuzzing FORMAT SEED FIRST END STATE; or run it as a test");
            return 64;
        }

        var target = Target.Of(format);
        var (seed, first, end) = (int.Parse(seedText, CultureInfo.InvariantCulture), int.Parse(firstText, CultureInfo.InvariantCulture), int.Parse(endText, CultureInfo.InvariantCulture));
        using var state = MemoryMappedFile.CreateFromFile(statePath, FileMode.OpenOrCreate, null, sizeof(long));
        using var view = state.CreateViewAccessor();
        _ = target.Corpus; // the first input does not pay for it
        var (accepted, refused, slowest, slowestAt, peak, peakAt) = (0, 0, 0.0, -1, PeakMegabytes(), -1);
        var started = Watched.None;
        using var watchdog = new Timer(_ => Watch(() => Volatile.Read(ref started)), null, 500, 500);
        for (var index = first; index < end; index++)
        {
            view.Write(0, (long)index);
            var input = target.Input(seed, index);
            var clock = Stopwatch.StartNew();
            Volatile.Write(ref started, new Watched(index, clock, Process.GetCurrentProcess().TotalProcessorTime));
            try
            {
                _ = target.Run(input) ? accepted++ : refused++;
            }
            catch (Exception error)
            {
                Tell($"finding {index} {error.GetType().Name}: {error.ToString().ReplaceLineEndings(" | ")}");
            }

            Volatile.Write(ref started, Watched.None);
            if (clock.Elapsed.TotalMilliseconds > slowest)
            {
                (slowest, slowestAt) = (clock.Elapsed.TotalMilliseconds, index);
            }

            if (index % 16 == 0 || clock.ElapsedMilliseconds > 50)
            {
                var now = PeakMegabytes();
                (peak, peakAt) = now > peak ? (now, index) : (peak, peakAt);
            }
        }

        Tell(string.Create(CultureInfo.InvariantCulture, $"done {accepted} {refused} {slowest:F0} {slowestAt} {Math.Max(peak, PeakMegabytes())} {peakAt}"));
        return 0;
    }

    private static void Watch(Func<Watched> current)
    {
        var watched = current();
        if (watched.Index < 0)
        {
            return;
        }

        var (wall, used) = (watched.Clock.Elapsed.TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - watched.Processor).TotalSeconds);
        if ((wall > MostSeconds && used > MostSeconds) || wall > MostWaiting)
        {
            Tell(string.Create(CultureInfo.InvariantCulture, $"finding {watched.Index} hang: {wall:F1} s, {used:F1} s of the processor"));
            Environment.Exit(3);
        }
    }

    private static void Tell(string line)
    {
        lock (Gate)
        {
            Console.WriteLine(line);
            Console.Out.Flush();
        }
    }

    /// <summary>Largest resident set so far; 0 where the system does not tell.</summary>
    private static int PeakMegabytes()
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
        {
            return 0;
        }

        var line = File.ReadLines(Status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) ?? "VmHWM: 0 kB";
        return int.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) >> 10;
    }

    private sealed record Watched(int Index, Stopwatch Clock, TimeSpan Processor)
    {
        public static Watched None { get; } = new(-1, new Stopwatch(), TimeSpan.Zero);
    }
}
