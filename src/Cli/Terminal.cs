using System.Globalization;
using Guarantees.Certificates;

namespace Cli;

/// <summary>Progress on standard error: one line rewritten in place on a terminal, one line now and then in a pipe.</summary>
internal sealed class Terminal
{
    private static readonly bool IsTerminal = !Console.IsErrorRedirected;
    private readonly object gate = new();
    private DateTime last = IsTerminal ? DateTime.MinValue : DateTime.UtcNow;
    private int shown;

    /// <summary>Shows what is going on, at most a few times a second (in a pipe: every ten seconds).</summary>
    public void Show(string text)
    {
        lock (gate)
        {
            var now = DateTime.UtcNow;
            if (now - last < (IsTerminal ? TimeSpan.FromMilliseconds(150) : TimeSpan.FromSeconds(10)))
            {
                return;
            }

            last = now;
            if (IsTerminal)
            {
                var width = Math.Max(20, Math.Min(Console.WindowWidth, 120) - 1);
                text = text.Length > width ? text[..width] : text;
                Console.Error.Write($"\r{text.PadRight(shown)}");
                shown = text.Length;
            }
            else
            {
                Console.Error.WriteLine(text);
            }
        }
    }

    /// <summary>Writes a line that stays.</summary>
    public void Line(string text)
    {
        lock (gate)
        {
            if (shown > 0)
            {
                Console.Error.Write($"\r{new string(' ', shown)}\r");
                shown = 0;
            }

            Console.Error.WriteLine(text);
        }
    }

    /// <summary>Clears the line that is rewritten.</summary>
    public void Clear()
    {
        lock (gate)
        {
            if (shown > 0)
            {
                Console.Error.Write($"\r{new string(' ', shown)}\r");
                shown = 0;
            }
        }
    }

    /// <summary>An enclosure that is told to <see cref="Show"/>.</summary>
    public IProgress<ProgressPoint> Enclosure(string what) => new Relay(this, what);

    private sealed class Relay(Terminal terminal, string what) : IProgress<ProgressPoint>
    {
        public void Report(ProgressPoint value) => terminal.Show(string.Create(
            CultureInfo.InvariantCulture, $"{what}  [{value.Lower:G5}, {value.Upper:G5}]  {value.Seconds:F0} s"));
    }
}
