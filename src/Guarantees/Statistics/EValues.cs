using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Evidence against a hypothesis as numbers E >= 0 with mean at most 1 if it is true: how to merge it, and what it says.</summary>
/// <remarks>
/// P(E >= 1 / alpha) &lt;= alpha if the hypothesis is true (Markov's inequality), so 1 / E is a p-value. Averages of e-values of the same hypothesis are e-values however they depend on each other. Products are where they
/// are independent, or where each has mean at most 1 given those before it (as the capital of a gambler who moves from one stream to the next). The order and weights must be fixed beforehand. Merged values are rounded down.
/// proofs/coq/theories/Statistics/Ville.v, <c>e_value_valid</c>, <c>e_value_average</c>, <c>e_value_product</c>.
/// Source: V. Vovk, R. Wang, "E-values: Calibration, Combination and Applications", Ann. Statist. 49, 2021.
/// </remarks>
public static class EValues
{
    /// <summary>(E_1 + ... + E_m) / m, rounded down: an e-value, however they depend on each other.</summary>
    /// <param name="eValues">At least 0, at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static double Average(ReadOnlySpan<double> eValues)
    {
        var sum = 0.0;
        foreach (var e in Checked(eValues))
        {
            sum = Rounding.AddDown(sum, e);
        }

        return Rounding.DivideDown(sum, eValues.Length);
    }

    /// <summary>E_1 ... E_m, rounded down: an e-value if they are independent, or each has mean at most 1 given those before it.</summary>
    /// <inheritdoc cref="Average"/>
    public static double Product(ReadOnlySpan<double> eValues)
    {
        var product = 1.0;
        foreach (var e in Checked(eValues))
        {
            product = Rounding.MultiplyDown(product, e);
        }

        return product;
    }

    /// <summary>min(1, 1 / E), rounded up: a p-value.</summary>
    /// <param name="eValue">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of its range.</exception>
    public static double PValue(double eValue) => Checked([eValue])[0] <= 1 ? 1 : double.IsPositiveInfinity(eValue) ? 0 : Rounding.DivideUp(1, eValue);

    private static ReadOnlySpan<double> Checked(ReadOnlySpan<double> eValues)
    {
        if (eValues.IsEmpty)
        {
            throw new ArgumentOutOfRangeException(nameof(eValues), 0, "Expected at least one e-value.");
        }

        foreach (var e in eValues)
        {
            if (!(e >= 0))
            {
                throw new ArgumentOutOfRangeException(nameof(eValues), e, "Expected e-values of at least 0.");
            }
        }

        return eValues;
    }
}
