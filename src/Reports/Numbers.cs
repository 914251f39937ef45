using System.Globalization;

namespace Reports;

/// <summary>Numbers for readers. A bound is shortened in the direction that keeps the printed statement true.</summary>
internal static class Numbers
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>The smallest decimal with that many significant digits that is not below the value: for upper bounds.</summary>
    public static string Up(double value, int digits = 5) => Directed(value, digits, +1);

    /// <summary>The largest decimal with that many significant digits that is not above the value: for lower bounds.</summary>
    public static string Down(double value, int digits = 5) => Directed(value, digits, -1);

    /// <summary>The nearest decimal with that many significant digits, without trailing zeros: for what is not a bound.</summary>
    public static string Near(double value, int digits = 5) =>
        Special(value) ?? Trim(Spell(double.Parse(Scientific(value, digits), Plain), digits));

    /// <summary>The shortest decimal that reads back as the same double.</summary>
    public static string Exact(double value) => Special(value) ?? value.ToString("R", Plain).Replace('E', 'e');

    /// <summary>A vector in full precision, (1, 2, 3); past <paramref name="limit"/> coordinates the rest is counted.</summary>
    public static string Exact(IReadOnlyCollection<double> vector, int limit) => Vector(vector, limit, Exact);

    /// <summary>A vector with a few digits and typographic minus signs; past <paramref name="limit"/> coordinates the rest is counted.</summary>
    public static string Near(IReadOnlyCollection<double> vector, int limit, int digits = 5) => Vector(vector, limit, value => Near(value, digits).Replace('-', '−'));

    private static string Vector(IReadOnlyCollection<double> vector, int limit, Func<double, string> spell) =>
        "(" + string.Join(", ", vector.Take(limit).Select(spell))
        + (vector.Count > limit ? string.Create(Plain, $", … {vector.Count - limit} more") : "") + ")";

    private static string? Special(double value) =>
        double.IsNaN(value) ? "not known" : double.IsPositiveInfinity(value) ? "∞" : double.IsNegativeInfinity(value) ? "−∞" : value == 0 ? "0" : null;

    private static string Directed(double value, int digits, int direction)
    {
        if (Special(value) is { } special)
        {
            return special;
        }

        var text = Scientific(value, digits);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var nearest = double.Parse(text, Plain);
        if (direction > 0 ? nearest < value : nearest > value)
        {
            // One unit in the last printed place, on the decimal digits themselves; below 1.0000 the unit is a tenth.
            var mantissa = decimal.Parse(text.AsSpan(0, mark), NumberStyles.Float, Plain);
            var unit = Math.Abs(mantissa) == 1 && direction != Math.Sign(value) ? 0.1m : 1m;
            for (var i = 1; i < digits; i++)
            {
                unit /= 10;
            }

            nearest = double.Parse((mantissa + (direction * unit)).ToString(Plain) + text[mark..], Plain);
        }

        return Spell(nearest, digits);
    }

    private static string Scientific(double value, int digits) => value.ToString($"E{digits - 1}", Plain);

    private static string Spell(double value, int digits)
    {
        if (value == 0)
        {
            return "0";
        }

        var text = Scientific(value, digits);
        var exponent = int.Parse(text.AsSpan(text.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, Plain);
        return exponent is < -4 or > 6
            ? string.Create(Plain, $"{text[..text.IndexOf('E', StringComparison.Ordinal)]}e{exponent}")
            : value.ToString($"F{Math.Max(0, digits - 1 - exponent)}", Plain);
    }

    private static string Trim(string number)
    {
        var mark = number.IndexOf('e', StringComparison.Ordinal);
        var (mantissa, exponent) = mark < 0 ? (number, "") : (number[..mark], number[mark..]);
        return (mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa) + exponent;
    }
}
