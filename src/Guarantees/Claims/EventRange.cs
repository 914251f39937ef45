using System.Globalization;

namespace Guarantees.Claims;

/// <summary>theta_i lies in [lower, upper], ends included; one end may be infinite.</summary>
/// <param name="Parameter">i, from 0.</param>
/// <param name="Lower">Lower end.</param>
/// <param name="Upper">Upper end, above the lower one.</param>
public readonly record struct EventRange(int Parameter, double Lower, double Upper)
{
    /// <summary>In words.</summary>
    public string Words => string.Create(CultureInfo.InvariantCulture, $"theta_{Parameter} in [{Lower:R}, {Upper:R}]");

    /// <summary>Whether the parameter of a theta lies in the range.</summary>
    /// <param name="theta">All parameters.</param>
    public bool Holds(ReadOnlySpan<double> theta) => Lower <= theta[Parameter] && theta[Parameter] <= Upper;

    /// <exception cref="ArgumentException">The range is none; one line says why.</exception>
    internal void Check()
    {
        if (Parameter < 0 || !(Lower < Upper) || (double.IsInfinity(Lower) && double.IsInfinity(Upper)))
        {
            throw ClaimChecks.Wrong(string.Create(CultureInfo.InvariantCulture, $"An event needs a parameter from 0, and a lower end below its upper end, at least one of them finite; got theta_{Parameter} in [{Lower:R}, {Upper:R}]."));
        }
    }
}
