using System.Globalization;
using System.Text;

namespace Guarantees.Formats;

/// <summary>Texts fit for messages of one line.</summary>
internal static class OneLine
{
    private const int LongestQuote = 60;

    /// <summary>A value found in a file, in quotes: control characters shown as U+XXXX, long texts cut.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder("'");
        foreach (var c in value.AsSpan(0, Math.Min(value.Length, LongestQuote)))
        {
            _ = char.IsControl(c) || c is '\u2028' or '\u2029' || char.IsSurrogate(c) ? text.Append(CultureInfo.InvariantCulture, $"U+{(int)c:X4}") : text.Append(c);
        }

        return text.Append(value.Length > LongestQuote ? "...'" : "'").ToString();
    }

    /// <summary>A text that may hold words of a file: what could begin a line or steer a terminal shown as '?', long texts cut.</summary>
    public static string Plain(string text)
    {
        const int Longest = 1000;
        var plain = string.Concat(text.Take(Longest).Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' || char.IsSurrogate(c) ? '?' : c));
        return text.Length <= Longest ? plain : plain + "...";
    }

    /// <summary>The message of an exception without line breaks and without the name of a C# parameter.</summary>
    public static string Of(Exception error)
    {
        var message = error.Message;
        if (error is ArgumentException { ParamName: not null })
        {
            var end = message.LastIndexOf(" (Parameter '", StringComparison.Ordinal);
            message = end > 0 ? message[..end] : message;
        }

        return message.ReplaceLineEndings(" ");
    }

    /// <summary>"did you mean 'x'?" where one of the known words is close, and "expected 'x', 'y' or 'z'." otherwise.</summary>
    public static string Suggest(string word, IReadOnlyCollection<string> known)
    {
        var nearest = known.MinBy(candidate => Distance(word, candidate));
        return nearest is not null && Distance(word, nearest) <= Math.Max(1, nearest.Length / 3)
            ? $"did you mean '{nearest}'?"
            : $"expected {Join(known)}.";
    }

    /// <summary>'a', 'b' or 'c'.</summary>
    public static string Join(IReadOnlyCollection<string> words)
    {
        var quoted = words.Select(word => $"'{word}'").ToArray();
        return quoted.Length < 2 ? string.Concat(quoted) : $"{string.Join(", ", quoted[..^1])} or {quoted[^1]}";
    }

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > 4 * LongestQuote)
        {
            return a.Length;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
