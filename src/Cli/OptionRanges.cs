using System.CommandLine;
using System.Numerics;

namespace Cli;

/// <summary>Ranges of numeric options.</summary>
internal static class OptionRanges
{
    /// <summary>Refuses values outside a range. (What is no number is refused by the parser, and must not be asked for here.)</summary>
    public static void Takes<T>(this Option<T> option, string range, Func<T, bool> holds)
        where T : INumber<T> => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !(T.TryParse(token.Value, System.Globalization.CultureInfo.InvariantCulture, out var value) && holds(value)))
        {
            result.AddError($"{option.Name} is '{token.Value}', expected {range}.");
        }
    });
}
