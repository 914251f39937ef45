using System.Globalization;

namespace Reports.Figures;

/// <summary>An axis: its range in plot coordinates, and where it is labelled. Logarithmic axes are in powers of ten.</summary>
/// <remarks>Ticks are chosen here, not by the plotting library, whose choice depends on the fonts of the machine.</remarks>
internal sealed class Scale
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    private Scale(double lower, double upper, IReadOnlyList<(double At, string Label)> ticks, string title, bool logarithmic)
    {
        Lower = lower;
        Upper = upper;
        Ticks = ticks;
        Title = title;
        Logarithmic = logarithmic;
    }

    /// <summary>Room for the longest label, in the figure's units, with some to spare: fonts differ.</summary>
    public double LabelWidth => 8.2 * Ticks.Select(tick => tick.Label.Length).DefaultIfEmpty(0).Max();

    /// <summary>Left or bottom end.</summary>
    public double Lower { get; }

    /// <summary>Right or top end.</summary>
    public double Upper { get; }

    /// <summary>Positions and labels.</summary>
    public IReadOnlyList<(double At, string Label)> Ticks { get; }

    /// <summary>What is measured, in which unit.</summary>
    public string Title { get; }

    /// <summary>Whether positions are decimal logarithms.</summary>
    public bool Logarithmic { get; }

    /// <summary>The axis [<paramref name="lower"/>, <paramref name="upper"/>] with about <paramref name="count"/> round ticks.</summary>
    public static Scale Linear(double lower, double upper, string title, int count)
    {
        (lower, upper) = Widened(lower, upper);
        var raw = (upper - lower) / count;
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = power * (raw / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };

        // Very small and very large numbers share one power of ten, in the title.
        var largest = Math.Max(Math.Abs(lower), Math.Abs(upper));
        var shared = largest is >= 1e5 or < 1e-2 ? (int)Math.Floor(Math.Log10(largest)) : 0;
        var unit = Math.Pow(10, shared);
        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step / unit) - 1e-9), 0, 9);

        var ticks = new List<(double, string)>();
        for (var i = Math.Ceiling((lower / step) - 1e-9); i * step <= upper + (1e-9 * step); i++)
        {
            var label = i == 0 ? "0" : (i * step / unit).ToString("F" + decimals.ToString(Plain), Plain).Replace('-', '−');
            ticks.Add((i * step, label));
        }

        return new(lower, upper, ticks, shared == 0 ? title : $"{title} × 10{Superscript(shared)}", false);
    }

    /// <summary>The axis with as many round ticks, six at most, as have room for their labels in <paramref name="width"/> units.</summary>
    public static Scale Fitting(double lower, double upper, string title, double width)
    {
        for (var count = 6; ; count--)
        {
            var scale = Linear(lower, upper, title, count);
            if (count == 2 || scale.Ticks.Count * (scale.LabelWidth + 14) <= width)
            {
                return scale;
            }
        }
    }

    /// <summary>The axis in powers of ten over positive numbers.</summary>
    public static Scale Powers(double lower, double upper, string title)
    {
        var (low, high) = Widened(Math.Log10(lower), Math.Log10(upper));
        var ticks = new List<(double, string)>();
        var stride = Math.Max(1, (int)Math.Ceiling((high - low) / 6));
        for (var i = (int)Math.Ceiling(low - 1e-9); i <= high + 1e-9; i += stride)
        {
            ticks.Add((i, i is >= -3 and <= 4 ? Math.Pow(10, i).ToString("0.###", Plain) : "10" + Superscript(i)));
        }

        return new(low, high, ticks, title, true);
    }

    /// <summary>The same range, not labelled.</summary>
    public Scale WithoutTicks() => new(Lower, Upper, [], "", Logarithmic);

    /// <summary>Where a value lies on the axis: a plot coordinate, kept inside the range.</summary>
    public double Place(double value) =>
        Math.Clamp(Logarithmic ? Math.Log10(Math.Max(value, double.Epsilon)) : double.IsNaN(value) ? Lower : value, Lower, Upper);

    private static (double Lower, double Upper) Widened(double lower, double upper)
    {
        var least = 1e-6 * Math.Max(Math.Abs(lower), Math.Abs(upper));
        return upper - lower > least ? (lower, upper) : least == 0 ? (-1, 1) : (lower - least, upper + least);
    }

    private static string Superscript(int exponent) =>
        string.Concat(exponent.ToString(Plain).Select(c => c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c - '0']));
}
