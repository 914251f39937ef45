namespace Guarantees.Tests.Distributions;

/// <summary>Distances of mixtures on the line by quadrature: 40 001 points over 12 standard deviations beyond every mean.</summary>
internal static class Integrals
{
    private const int Points = 40_001;

    public static double TotalVariation(Mixture p, Mixture q) => Integrate(p, q, (a, b) => 0.5 * Math.Abs(a - b));

    public static double Hellinger(Mixture p, Mixture q) => Math.Sqrt(Math.Max(0, Integrate(p, q, (a, b) => 0.5 * Math.Pow(Math.Sqrt(a) - Math.Sqrt(b), 2))));

    /// <summary>KL(p || q).</summary>
    public static double Kl(Mixture p, Mixture q) => Integrate(p, q, (a, b) => a > 1e-290 && b > 1e-300 ? a * Math.Log(a / b) : 0);

    /// <summary>1/2 KL(p || m) + 1/2 KL(q || m), m = (p + q) / 2.</summary>
    public static double JensenShannon(Mixture p, Mixture q) => Integrate(p, q, (a, b) => 0.5 * (Part(a, b) + Part(b, a)));

    /// <summary>From the quantile functions: W2² is the integral of (F^-1 - G^-1)² over levels.</summary>
    public static double Wasserstein2(Mixture p, Mixture q) => Math.Sqrt(OverLevels(p, q, shift => shift * shift));

    /// <summary>The integral of |F^-1 - G^-1| over levels.</summary>
    public static double Wasserstein1(Mixture p, Mixture q) => OverLevels(p, q, Math.Abs);

    private static double Part(double a, double b) => a > 1e-290 ? a * Math.Log(2 * a / (a + b)) : 0;

    private static double OverLevels(Mixture p, Mixture q, Func<double, double> cost)
    {
        var (low, high) = Span(p, q);
        var step = (high - low) / (Points - 1);
        var (f, g) = (Cumulative(p, low, step), Cumulative(q, low, step));
        var (sum, levels) = (0.0, 20_000);
        var (i, j) = (0, 0);
        for (var level = 0; level < levels; level++)
        {
            var u = (level + 0.5) / levels;
            sum += cost(Quantile(f, u, ref i, low, step) - Quantile(g, u, ref j, low, step));
        }

        return sum / levels;
    }

    private static double Quantile(double[] cumulative, double u, ref int i, double low, double step)
    {
        while (i + 1 < cumulative.Length - 1 && cumulative[i + 1] < u)
        {
            i++;
        }

        var gap = cumulative[i + 1] - cumulative[i];
        return low + (step * (i + (gap > 0 ? Math.Clamp((u - cumulative[i]) / gap, 0, 1) : 0.5)));
    }

    private static double[] Cumulative(Mixture p, double low, double step)
    {
        var values = new double[Points];
        for (var i = 0; i < Points; i++)
        {
            for (var k = 0; k < p.Weights.Length; k++)
            {
                values[i] += p.Weights[k] * MathNet.Numerics.Distributions.Normal.CDF(p.Means[k][0], Math.Abs(p.Roots[k][0, 0]), low + (i * step));
            }
        }

        return values;
    }

    private static double Integrate(Mixture p, Mixture q, Func<double, double, double> f)
    {
        var (low, high) = Span(p, q);
        var step = (high - low) / (Points - 1);
        var sum = 0.0;
        for (var i = 0; i < Points; i++)
        {
            var t = low + (i * step);
            sum += f(Density(p, t), Density(q, t)) * (i is 0 or Points - 1 ? 0.5 : 1);
        }

        return sum * step;
    }

    private static double Density(Mixture p, double t)
    {
        var sum = 0.0;
        for (var k = 0; k < p.Weights.Length; k++)
        {
            var s = Math.Abs(p.Roots[k][0, 0]);
            var z = (t - p.Means[k][0]) / s;
            sum += p.Weights[k] * Math.Exp(-0.5 * z * z) / (s * Math.Sqrt(2 * Math.PI));
        }

        return sum;
    }

    private static (double Low, double High) Span(Mixture p, Mixture q)
    {
        var all = new[] { p, q }.SelectMany(m => Enumerable.Range(0, m.Weights.Length).Select(k => (Mean: m.Means[k][0], Scale: Math.Abs(m.Roots[k][0, 0])))).ToArray();
        return (all.Min(v => v.Mean - (12 * v.Scale)), all.Max(v => v.Mean + (12 * v.Scale)));
    }
}
