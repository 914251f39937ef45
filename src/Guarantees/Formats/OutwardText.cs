using System.Globalization;

namespace Guarantees.Formats;

/// <summary>Decimals of bounds that keep true what is said with them.</summary>
public static class OutwardText
{
    private const int All = 17;

    /// <summary>A decimal that is not above the value, of so many significant digits, or of more where only these are not.</summary>
    public static string Down(double value, int digits) => Directed(value, digits, decimals => decimals <= value);

    /// <summary>A decimal that is not below the value.</summary>
    /// <inheritdoc cref="Down"/>
    public static string Up(double value, int digits) => Directed(value, digits, decimals => decimals >= value);

    private static string Directed(double value, int digits, Predicate<double> holds)
    {
        for (; digits < All; digits++)
        {
            var text = value.ToString($"G{digits}", CultureInfo.InvariantCulture);
            if (holds(double.Parse(text, CultureInfo.InvariantCulture)))
            {
                return text;
            }
        }

        return value.ToString("R", CultureInfo.InvariantCulture);
    }
}
