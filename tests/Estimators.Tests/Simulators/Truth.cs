using Estimators.Simulators;
using MathNet.Numerics.Distributions;

namespace Estimators.Tests.Simulators;

/// <summary>The tasks once more, written from sbibm's definitions with MathNet and without a look at the simulators: what turns draws into numbers of a known law.</summary>
internal static class Truth
{
    /// <summary>Numbers from theta that are independent and standard normal (true) or uniform (false) under the prior.</summary>
    public static (bool Normal, double[] Numbers) OfPrior(string task, ReadOnlySpan<double> theta)
    {
        var t = theta.ToArray();
        return task switch
        {
            "gaussian_linear" => (true, [.. t.Select(v => v / Math.Sqrt(0.1))]),
            "gaussian_linear_uniform" or "two_moons" => (false, [.. t.Select(v => (v + 1) / 2)]),
            "gaussian_mixture" => (false, [.. t.Select(v => (v + 10) / 20)]),
            "slcp" => (false, [.. t.Select(v => (v + 3) / 6)]),
            "sir" or "sir of sbi" => (true, [(Math.Log(t[0]) - Math.Log(0.4)) / 0.5, (Math.Log(t[1]) - Math.Log(0.125)) / 0.2]),
            "lotka_volterra" => (true, [.. t.Select((v, i) => (Math.Log(v) - (i % 2 == 0 ? -0.125 : -3)) / 0.5)]),
            "bernoulli_glm" => (true, [t[0] * Math.Sqrt(0.5), .. Smoothness(t[1..])]),
            _ => throw new ArgumentException(task),
        };
    }

    /// <summary>Numbers from x that are independent and standard normal (true) or uniform (false) given theta.</summary>
    /// <param name="task">Name.</param>
    /// <param name="theta">Parameters.</param>
    /// <param name="x">Data.</param>
    /// <param name="random">Breaks the ties of whole numbers.</param>
    public static (bool Normal, double[] Numbers) OfData(string task, ReadOnlySpan<double> theta, ReadOnlySpan<double> x, DrawSource random)
    {
        var (t, d) = (theta.ToArray(), x.ToArray());
        switch (task)
        {
            case "gaussian_linear" or "gaussian_linear_uniform":
                return (true, [.. d.Zip(t, (a, b) => (a - b) / Math.Sqrt(0.1))]);
            case "slcp":
                return (true, [.. Enumerable.Range(0, 4).SelectMany(k => Whitened(t, d[2 * k], d[(2 * k) + 1]))]);
            case "two_moons":
                var (r, a) = Polar(t, d);
                return (false, [Normal.CDF(0.1, 0.01, r), (a / Math.PI) + 0.5]);
            case "gaussian_mixture":
                var (u, v) = (d[0] - t[0], d[1] - t[1]);
                var wide = Normal.PDF(0, 1, u) / (Normal.PDF(0, 1, u) + Normal.PDF(0, 0.1, u));
                return (false, [(Normal.CDF(0, 1, u) + Normal.CDF(0, 0.1, u)) / 2, (wide * Normal.CDF(0, 1, v)) + ((1 - wide) * Normal.CDF(0, 0.1, v))]);
            case "sir" or "sir of sbi":
                return (false, [.. (task == "sir" ? Epidemic(t[0], t[1], 0.05) : Epidemic(t[0], t[1], 0.05, 16, 1)).Select((p, i) => Between(p, (int)d[i], random.Uniform()))]);
            case "lotka_volterra":
                var means = Populations(t, 0.005);
                return (true, [.. d.Select((value, i) => (Math.Log(value) - Math.Log(Math.Clamp(means[i], 1e-10, 1e4))) / 0.1)]);
            default:
                throw new ArgumentException(task);
        }
    }

    /// <summary>Radius and angle of what is left of x after theta's part.</summary>
    public static (double Radius, double Angle) Polar(double[] theta, double[] x)
    {
        // sbibm turns by -45 degrees: cos = √½, sin = -√½.
        var (c, s) = (Math.Cos(-Math.PI / 4), Math.Sin(-Math.PI / 4));
        var u = x[0] + Math.Abs((c * theta[0]) - (s * theta[1])) - 0.25;
        var v = x[1] - ((s * theta[0]) + (c * theta[1]));
        return (Math.Sqrt((u * u) + (v * v)), Math.Atan2(v, u));
    }

    /// <summary>I / N at ten times, days 0, 17, ..., 153 for sbibm, by the classical Runge-Kutta method of order 4 for (S, I), fixed steps.</summary>
    public static double[] Epidemic(double beta, double gamma, double step, double interval = 17, int first = 0)
    {
        const double n = 1e6;
        return [.. Path([n - 1, 1], y => [-beta * y[0] * y[1] / n, (beta * y[0] * y[1] / n) - (gamma * y[1])], interval, first + 10, step).Skip(first).Select(y => y[1] / n)];
    }

    /// <summary>Prey at days 0, 2.1, ..., 18.9, then predators, in the same way.</summary>
    public static double[] Populations(double[] theta, double step)
    {
        var path = Path([30, 1], y => [(theta[0] * y[0]) - (theta[1] * y[0] * y[1]), (-theta[2] * y[1]) + (theta[3] * y[0] * y[1])], 2.1, 10, step).ToArray();
        return [.. path.Select(y => y[0]), .. path.Select(y => y[1])];
    }

    /// <summary>F theta for the filter, F = D D + diag(√(i / 9)), D = 1 on the diagonal and -1 below it.</summary>
    private static double[] Smoothness(double[] filter)
    {
        double[] Difference(double[] values) => [.. values.Select((value, i) => value - (i > 0 ? values[i - 1] : 0))];
        return [.. Difference(Difference(filter)).Select((value, i) => value + (Math.Sqrt(i / 9.0) * filter[i]))];
    }

    private static double[] Whitened(double[] theta, double first, double second)
    {
        var (s1, s2, rho) = (theta[2] * theta[2], theta[3] * theta[3], Math.Tanh(theta[4]));
        var (variance1, variance2, covariance) = ((s1 * s1) + 1e-6, (s2 * s2) + 1e-6, rho * s1 * s2);
        var (u, v) = (first - theta[0], second - theta[1]);
        return [u / Math.Sqrt(variance1), (v - (covariance / variance1 * u)) / Math.Sqrt(variance2 - (covariance * covariance / variance1))];
    }

    private static double Between(double probability, int count, double share)
    {
        var below = count == 0 ? 0 : Binomial.CDF(probability, 1000, count - 1);
        return below + (share * (Binomial.CDF(probability, 1000, count) - below));
    }

    private static IEnumerable<double[]> Path(double[] start, Func<double[], double[]> slope, double interval, int times, double step)
    {
        var (y, steps) = (start, (int)Math.Ceiling(interval / step));
        var h = interval / steps;
        yield return y;
        for (var k = 1; k < times; k++)
        {
            for (var i = 0; i < steps; i++)
            {
                var a = slope(y);
                var b = slope(Moved(y, a, h / 2));
                var c = slope(Moved(y, b, h / 2));
                var d = slope(Moved(y, c, h));
                y = [y[0] + (h / 6 * (a[0] + (2 * b[0]) + (2 * c[0]) + d[0])), y[1] + (h / 6 * (a[1] + (2 * b[1]) + (2 * c[1]) + d[1]))];
            }

            yield return y;
        }
    }

    private static double[] Moved(double[] y, double[] slope, double by) => [y[0] + (by * slope[0]), y[1] + (by * slope[1])];
}
