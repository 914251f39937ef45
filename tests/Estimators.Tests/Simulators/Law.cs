using MathNet.Numerics.Distributions;
using Xunit;

namespace Estimators.Tests.Simulators;

/// <summary>Whether numbers follow a law, with a known rate of false alarms.</summary>
/// <remarks>
/// Uniform numbers: the largest distance of their distribution function from the diagonal exceeds √(ln(2 / δ) / (2 n)) with a probability of at most δ, at every n (P. Massart, "The Tight Constant in the
/// Dvoretzky-Kiefer-Wolfowitz Inequality", Ann. Probab. 18, 1990); δ = 1e-9. The limit is 0.073 for n = 2000, 0.033 for 10,000, 0.0103 for 100,000. What is found with a probability of 0.97 is a true distance of the limit plus
/// 1.33 / √n; a normal number whose standard deviation is off by a share e has a distance of 0.24 e, one whose mean is off by e deviations 0.4 e.
/// Means: beyond 6 standard errors, 2e-9 by the central limit theorem; found with a probability of 0.97 where the true mean is 8 standard errors off.
/// </remarks>
internal static class Law
{
    private const double FalseAlarm = 1e-9;

    public static double Limit(int n) => Math.Sqrt(Math.Log(2 / FalseAlarm) / (2 * n));

    public static double Distance(IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToArray();
        var worst = 0.0;
        for (var i = 0; i < sorted.Length; i++)
        {
            worst = Math.Max(worst, Math.Max(((i + 1.0) / sorted.Length) - sorted[i], sorted[i] - ((double)i / sorted.Length)));
        }

        return double.IsNaN(sorted[0]) ? double.NaN : worst;
    }

    public static void IsUniform(IEnumerable<double> numbers, string name)
    {
        var all = numbers.ToArray();
        var distance = Distance(all);
        Assert.True(distance <= Limit(all.Length), $"{name}: distance {distance:F4} from uniform, at most {Limit(all.Length):F4} for {all.Length} numbers");
    }

    public static void IsStandardNormal(IEnumerable<double> numbers, string name)
    {
        var all = numbers.ToArray();
        IsUniform(all.Select(z => Normal.CDF(0, 1, z)), name);
        HasMean(all, 0, name);
        HasMean(all.Select(z => z * z), 1, name + ", squared");
    }

    public static void HasMean(IEnumerable<double> numbers, double mean, string name)
    {
        var deviation = Deviation(numbers, mean);
        Assert.True(Math.Abs(deviation) < 6, $"{name}: mean {deviation:F1} standard errors off {mean}");
    }

    /// <summary>Each column follows its law, and the product of any two, centred, has mean 0.</summary>
    public static void AreIndependent(IReadOnlyList<List<double>> columns, bool normal, string name)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (normal)
            {
                IsStandardNormal(columns[i], $"{name}_{i}");
            }
            else
            {
                IsUniform(columns[i], $"{name}_{i}");
            }

            var middle = normal ? 0 : 0.5;
            for (var j = 0; j < i; j++)
            {
                HasMean(columns[i].Zip(columns[j], (a, b) => (a - middle) * (b - middle)), 0, $"{name}_{i} times {name}_{j}");
            }
        }
    }

    /// <summary>Distance of the mean from the one expected, in standard errors.</summary>
    public static double Deviation(IEnumerable<double> numbers, double mean)
    {
        var all = numbers.ToArray();
        var average = all.Average();
        var variance = all.Sum(value => (value - average) * (value - average)) / (all.Length - 1);
        return (average - mean) / Math.Sqrt(variance / all.Length);
    }
}
