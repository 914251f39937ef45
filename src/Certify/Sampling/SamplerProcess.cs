using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Guarantees.Formats;

namespace Certify.Sampling;

/// <summary>An estimator as a program: it reads one x a line from standard input and writes one draw of theta a line to standard output, in the same order.</summary>
/// <remarks>
/// Numbers of a line are separated by commas on input, by white space on output, where a comma is refused: in some languages it begins the decimals; the program may answer line by line or all at the end. The time limit is hard: the program and its children
/// are killed. What it writes is read as data and nothing else: every line has as many finite numbers as there are parameters, and there are as many lines as were sent.
/// </remarks>
/// <param name="command">Program and arguments.</param>
/// <param name="folder">Where it runs, and from where a path to the program is taken.</param>
/// <param name="limit">How long one answer may take.</param>
/// <param name="parameters">How many numbers a draw has.</param>
public sealed class SamplerProcess(ImmutableArray<string> command, string folder, TimeSpan limit, int parameters)
{
    private const long LongestOutput = 256 << 20;
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(50);

    private string Program => command[0];

    /// <summary>Draws from q_bar(. | x0): one theta for each of so many x0 + s d, d standard normal.</summary>
    /// <param name="x0">The observation.</param>
    /// <param name="noise">s.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="source">Where d comes from.</param>
    /// <param name="cancellation">Kills the program.</param>
    /// <returns>A table in CSV with the columns theta_0, theta_1, ...</returns>
    /// <exception cref="TableFormatException">The program failed, took too long or wrote something else; one line that says where.</exception>
    /// <exception cref="IOException">It does not start.</exception>
    public byte[] Draw(ImmutableArray<double> x0, double noise, int count, NoiseSource source, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        cancellation.ThrowIfCancellationRequested();
        var clock = Stopwatch.StartNew();
        using var process = new Process { StartInfo = StartInfo() };
        try
        {
            process.Start();
        }
        catch (Win32Exception failure)
        {
            throw new IOException($"{Program}: does not start: {failure.Message}", failure);
        }

        var errors = OnThread(() => FirstLine(process.StandardError));
        var written = OnThread(() => Send(process.StandardInput, x0, noise, count, source));
        var answer = OnThread(() => Receive(process.StandardOutput, count));
        try
        {
            while (!Ended(answer, Watch) || !process.WaitForExit(Watch))
            {
                cancellation.ThrowIfCancellationRequested();
                if (clock.Elapsed > limit)
                {
                    throw Wrong(string.Create(CultureInfo.InvariantCulture, $"did not end within the time limit of {limit.TotalSeconds:0.###} s"));
                }

                if (answer.IsFaulted)
                {
                    break;
                }
            }

            if (!answer.IsFaulted && process.ExitCode != 0)
            {
                var reason = Ended(errors, TimeSpan.FromSeconds(1)) && errors.IsCompletedSuccessfully && errors.Result.Length > 0 ? $": {errors.Result}" : "";
                throw Wrong(string.Create(CultureInfo.InvariantCulture, $"ended with exit status {process.ExitCode}{reason}"));
            }

            var lines = answer.GetAwaiter().GetResult();
            return lines.Count == count ? Table(lines) : throw Wrong($"wrote {lines.Count} lines, expected {count}, one for each line of its input");
        }
        finally
        {
            Kill(process);
            Ended(written, TimeSpan.FromSeconds(1));
        }
    }

    private TableFormatException Wrong(string what) => new($"{Program}: {what}.");

    private ProcessStartInfo StartInfo()
    {
        var isPath = Program.Contains('/', StringComparison.Ordinal) || Program.Contains('\\', StringComparison.Ordinal);
        var place = Path.GetFullPath(folder.Length > 0 ? folder : ".");
        return new ProcessStartInfo(isPath ? Path.Combine(place, Program) : Program, command[1..])
        {
            WorkingDirectory = place,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            UseShellExecute = false,
            CreateNoWindow = true,
        };
    }

    private static bool Send(StreamWriter writer, ImmutableArray<double> x0, double noise, int count, NoiseSource source)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < x0.Length; j++)
                {
                    writer.Write(j > 0 ? "," : "");
                    writer.Write((x0[j] + (noise * source.Next())).ToString("R", CultureInfo.InvariantCulture));
                }

                writer.Write('\n');
            }

            writer.Dispose();
            return true;
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            return false; // it ended before it read everything; what it wrote says why
        }
    }

    private List<double[]> Receive(StreamReader reader, int count)
    {
        var (lines, length, line) = (new List<double[]>(), 0L, new StringBuilder());
        while (NextLine(reader, line, ref length))
        {
            if (lines.Count == count)
            {
                throw Wrong($"wrote more than {count} lines, expected one for each line of its input");
            }

            var fields = line.ToString().Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.FirstOrDefault(field => field.Contains(',', StringComparison.Ordinal)) is { } comma)
            {
                throw Wrong($"line {lines.Count + 1} of its output: {Quote(comma)} has a comma; numbers are separated by white space, decimals by a point");
            }

            if (fields.Length != parameters)
            {
                throw Wrong($"line {lines.Count + 1} of its output has {fields.Length} numbers, expected {parameters}, one for each parameter");
            }

            lines.Add([.. fields.Select(field => double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                ? value
                : throw Wrong($"line {lines.Count + 1} of its output: {Quote(field)} is no finite number"))]);
        }

        return lines;
    }

    private bool NextLine(StreamReader reader, StringBuilder line, ref long length)
    {
        line.Clear();
        for (int c; (c = reader.Read()) >= 0;)
        {
            if (++length > LongestOutput)
            {
                throw Wrong($"wrote more than {LongestOutput >> 20} MiB");
            }

            if (c == '\n')
            {
                return true;
            }

            line.Append((char)c);
        }

        return line.Length == 0 ? false : throw Wrong("ended in the middle of a line: the last one of its output has no line break, so that its end may be missing");
    }

    private static byte[] Table(List<double[]> lines)
    {
        var text = new StringBuilder(string.Join(',', Enumerable.Range(0, lines[0].Length).Select(i => $"theta_{i}"))).Append('\n');
        foreach (var line in lines)
        {
            text.AppendJoin(',', line.Select(value => value.ToString("R", CultureInfo.InvariantCulture))).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The first line, short and harmless; the rest is read so that the program can go on.</summary>
    private static string FirstLine(StreamReader reader)
    {
        var (first, buffer) = ("", new char[1 << 12]);
        for (int read; (read = reader.Read(buffer)) > 0;)
        {
            first = first.Length > 0 ? first : new string(buffer, 0, read).Trim().Split('\n')[0];
        }

        return first.Length > 0 ? Quote(first) : "";
    }

    private static string Quote(string text) => $"'{string.Concat(text.Take(100).Select(c => char.IsControl(c) ? '?' : c))}{(text.Length > 100 ? "..." : "")}'";

    private static Task<T> OnThread<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static bool Ended(Task task, TimeSpan time)
    {
        try
        {
            return task.Wait(time);
        }
        catch (AggregateException)
        {
            return true; // ended in a failure, which the caller looks at
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(1000);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has already ended.
        }
    }
}
