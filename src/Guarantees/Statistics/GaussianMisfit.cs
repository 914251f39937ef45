using Guarantees.Arithmetic;
using MathNet.Numerics.Integration;

namespace Guarantees.Statistics;

/// <summary>A stated defect: the posterior is N(0, 1) in its own standard deviations, the estimator says N(shift, scale²). What ranks are then distributed like.</summary>
/// <remarks>
/// With theta ~ N(0, 1) the rank of theta among L draws of N(m, s²) is, given theta, binomial with L and Phi((theta - m) / s); the number of draws with a higher density is binomial with L and 2 Phi(|theta - m| / s) - 1.
/// Integrated by the rule of Gauss and Legendre with 16 nodes a panel, panels narrower than what L draws resolve: to about 1e-12. For planning and for the power of tests, not a bound.
/// </remarks>
public sealed record GaussianMisfit
{
    /// <summary>Most draws.</summary>
    public const int MostDraws = 20_000;

    private const double End = 9;
    private const double Cut = 1e-20;
    private const int Nodes = 16;

    /// <param name="scale">s, the estimator's standard deviation over the posterior's, from 0.01 to 100.</param>
    /// <param name="shift">m, the estimator's mean less the posterior's in standard deviations of the posterior, from -100 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public GaussianMisfit(double scale, double shift)
    {
        Scale = scale is >= 0.01 and <= 100 ? scale : throw new ArgumentOutOfRangeException(nameof(scale), scale, "Expected a scale from 0.01 to 100.");
        Shift = shift is >= -100 and <= 100 ? shift : throw new ArgumentOutOfRangeException(nameof(shift), shift, "Expected a shift from -100 to 100.");
    }

    /// <summary>s: below 1 the estimator is too sure.</summary>
    public double Scale { get; }

    /// <summary>m.</summary>
    public double Shift { get; }

    /// <summary>The probabilities of the ranks 0, ..., L of theta among L draws.</summary>
    /// <param name="draws">L, from 1 to <see cref="MostDraws"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of draws is out of its range.</exception>
    public double[] Ranks(int draws) => Mix(draws, z => (Elementary.NormalCdf(z), Elementary.NormalCdf(-z)));

    /// <summary>The probabilities of 0, ..., L draws with a higher density than theta.</summary>
    /// <inheritdoc cref="Ranks"/>
    public double[] DensityRanks(int draws) => Mix(draws, z => (1 - (2 * Elementary.NormalCdf(-Math.Abs(z))), 2 * Elementary.NormalCdf(-Math.Abs(z))));

    private double[] Mix(int draws, Func<double, (double Below, double Above)> split)
    {
        if (draws is < 1 or > MostDraws)
        {
            throw new ArgumentOutOfRangeException(nameof(draws), draws, $"Expected from 1 to {MostDraws} draws.");
        }

        var (masses, scratch) = (new double[draws + 1], new double[draws + 1]);
        var rule = new GaussLegendreRule(-1, 1, Nodes);
        var middle = Math.Clamp(Shift, -End, End);
        foreach (var side in new[] { -1, 1 })
        {
            for (var from = 0.0; from < End - (side * middle);)
            {
                // The share of higher density is near 0 at the middle, and L draws tell shares u apart to sqrt(u / L) there.
                var width = Math.Min(Math.Min(0.1, 3 * Scale / Math.Sqrt(draws)), 3 * Math.Sqrt(Scale * (from + (Scale / draws)) / draws));
                var half = 0.5 * Math.Min(width, End - (side * middle) - from);
                for (var i = 0; i < Nodes; i++)
                {
                    var theta = middle + (side * (from + (half * (1 + rule.Abscissas[i]))));
                    var (below, above) = split((theta - Shift) / Scale);
                    AddBinomial(masses, scratch, below, above, half * rule.Weights[i] * Math.Exp(-0.5 * theta * theta) / Math.Sqrt(2 * Math.PI));
                }

                from += 2 * half;
            }
        }

        // The tails beyond nine standard deviations hold 2e-19.
        var sum = masses.Sum();
        return [.. masses.Select(mass => mass / sum)];
    }

    /// <summary>Adds weight times the binomial probabilities, by ratios from the most probable count.</summary>
    private static void AddBinomial(double[] masses, double[] scratch, double below, double above, double weight)
    {
        var draws = masses.Length - 1;
        if (below <= 0 || above <= 0)
        {
            masses[below <= 0 ? 0 : draws] += weight;
            return;
        }

        var (mode, odds, sum) = (Math.Min(draws, (int)((draws + 1.0) * below)), below / above, 0.0);
        var (first, last) = (mode, mode);
        for (var value = 1.0; value >= Cut; value *= first / ((draws - first + 1.0) * odds), first--)
        {
            sum += scratch[first] = value;
            if (first == 0)
            {
                first--;
                break;
            }
        }

        for (var value = (draws - mode) / (mode + 1.0) * odds; last < draws && value >= Cut; value *= (draws - last) / (last + 1.0) * odds)
        {
            sum += scratch[++last] = value;
        }

        for (var k = first + 1; k <= last; k++)
        {
            masses[k] += weight * scratch[k] / sum;
        }
    }
}
