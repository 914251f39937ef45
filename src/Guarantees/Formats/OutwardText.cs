using System.Globalization;

namespace Guarantees.Formats;

/// <summary>Decimals of bounds that keep true what is said with them.</summary>
public static class OutwardText
{
    private const int All = 17;

    /// <summary>A decimal that is not above the value, of so many significant digits, or of more where only these are not.</summary>
    public static string Down(double value, int digits) => Directed(value, digits, -1, decimals => decimals <= value);

    /// <summary>A decimal that is not below the value.</summary>
    /// <inheritdoc cref="Down"/>
    public static string Up(double value, int digits) => Directed(value, digits, 1, decimals => decimals >= value);

    private static string Directed(double value, int digits, int direction, Predicate<double> holds)
    {
        for (; digits < All; digits++)
        {
            // The nearest decimal of so many digits, or the next one.
            var step = direction * Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(value))) - digits + 1);
            foreach (var text in new[] { value, value + step }.Select(near => near.ToString($"G{digits}", CultureInfo.InvariantCulture)))
            {
                if (double.Parse(text, CultureInfo.InvariantCulture) is var decimals && double.IsFinite(decimals) && holds(decimals))
                {
                    return text;
                }
            }
        }

        return value.ToString("R", CultureInfo.InvariantCulture);
    }
}
