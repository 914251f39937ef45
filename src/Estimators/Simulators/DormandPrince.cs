using System.Globalization;
using Guarantees.Arithmetic;

namespace Estimators.Simulators;

/// <summary>The solution of y' = f(y) at given times, by the Runge-Kutta pair of orders 5 and 4 of Dormand and Prince with steps as its error estimate allows.</summary>
/// <remarks>
/// A step is kept where the estimate of its error is at most the tolerance in every coordinate (an absolute tolerance: for logarithms it is relative). Steps end at the times asked for, so nothing is interpolated. Only IEEE 754
/// operations and <see cref="Elementary"/>: the same bits on every machine.
/// Source: J. R. Dormand, P. J. Prince, "A Family of Embedded Runge-Kutta Formulae", J. Comput. Appl. Math. 6, 1980 (from memory; a test compares with a method of fixed fine steps).
/// </remarks>
internal static class DormandPrince
{
    private const int MostSteps = 1_000_000;

    /// <summary>f: takes y, fills y'.</summary>
    public delegate void Slope(ReadOnlySpan<double> y, Span<double> slope);

    private static ReadOnlySpan<double> Weights =>
    [
        1.0 / 5, 0, 0, 0, 0, 0,
        3.0 / 40, 9.0 / 40, 0, 0, 0, 0,
        44.0 / 45, -56.0 / 15, 32.0 / 9, 0, 0, 0,
        19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729, 0, 0,
        9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656, 0,
        35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84,
    ];

    /// <summary>Order 5 minus order 4.</summary>
    private static ReadOnlySpan<double> ErrorWeights => [71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40];

    /// <summary>Solves.</summary>
    /// <param name="f">f.</param>
    /// <param name="start">y at time 0.</param>
    /// <param name="interval">The solution is wanted at 0, interval, 2 interval, ...; above 0.</param>
    /// <param name="tolerance">Largest error estimate of a step, above 0.</param>
    /// <param name="solution">Takes y at those times, one after another.</param>
    /// <exception cref="ArithmeticException">More than a million steps would be needed, or the solution is not finite.</exception>
    public static void Solve(Slope f, ReadOnlySpan<double> start, double interval, double tolerance, Span<double> solution)
    {
        var d = start.Length;
        Span<double> y = stackalloc double[d], trial = stackalloc double[d], k = stackalloc double[7 * d];
        start.CopyTo(y);
        start.CopyTo(solution);
        f(y, k[..d]);
        var (step, steps) = (0.01 * interval, 0);
        for (var taken = d; taken < solution.Length; taken += d)
        {
            for (var left = interval; left > 0;)
            {
                if (++steps > MostSteps || !double.IsFinite(step))
                {
                    throw new ArithmeticException(string.Create(CultureInfo.InvariantCulture, $"A differential equation needs more than {MostSteps} steps, or its solution is not finite."));
                }

                var h = Math.Min(step, left);
                var error = Try(f, y, h, k, trial);
                var ratio = error / tolerance;
                if (ratio <= 1)
                {
                    left = h == left ? 0 : left - h;
                    trial.CopyTo(y);
                    k[(6 * d)..].CopyTo(k);
                }

                // The last step before a time asked for is short; what it says about longer ones is not used to shrink them.
                var factor = ratio > 0 ? Math.Clamp(0.9 * Elementary.Exp(-0.2 * Elementary.Log(ratio)), 0.2, 5) : double.IsNaN(ratio) ? 0.2 : 5;
                step = ratio <= 1 && h < step ? Math.Max(step, h * factor) : h * factor;
            }

            y.CopyTo(solution[taken..]);
        }
    }

    /// <summary>One step from y, whose slope is the first of k; the last of k becomes the slope at its end. The result is the largest error estimate of a coordinate.</summary>
    private static double Try(Slope f, ReadOnlySpan<double> y, double h, Span<double> k, Span<double> trial)
    {
        var d = y.Length;
        for (var stage = 1; stage <= 6; stage++)
        {
            for (var i = 0; i < d; i++)
            {
                var sum = 0.0;
                for (var j = 0; j < stage; j++)
                {
                    sum += Weights[(6 * (stage - 1)) + j] * k[(j * d) + i];
                }

                trial[i] = y[i] + (h * sum);
            }

            f(trial, k.Slice(stage * d, d));
        }

        var worst = 0.0;
        for (var i = 0; i < d; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < 7; j++)
            {
                sum += ErrorWeights[j] * k[(j * d) + i];
            }

            worst = Math.Max(worst, Math.Abs(h * sum));
        }

        return worst;
    }
}
