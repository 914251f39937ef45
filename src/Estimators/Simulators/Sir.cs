using Estimators.Distributions;
using Guarantees.Arithmetic;

namespace Estimators.Simulators;

/// <summary>
/// An epidemic: S' = -β S I / N, I' = β S I / N - γ I, N = 10^6, S = N - 1, I = 1, R = 0 at time 0; β ~ LogNormal(ln 0.4, 0.5), γ ~ LogNormal(ln 0.125, 0.2), per day; x_i ~ Binomial(1000, I(t_i) / N), i = 0 to 9.
/// </summary>
/// <remarks>
/// sbibm observes at t_i = 17 i days: from day 0, where x_0 is nearly always 0, to day 153 of 160. The logarithms of S and I are what is integrated (<see cref="DormandPrince"/>): I(t) has a relative error below 1e-7.
/// The task sir of sbibm (J.-M. Lueckmann et al., "Benchmarking Simulation-Based Inference", AISTATS 2021; read in its implementation).
/// </remarks>
public sealed class Sir : Simulator
{
    /// <summary>N, the population.</summary>
    public const double Population = 1e6;

    /// <summary>Number of people tested at each time.</summary>
    public const int Tested = 1000;

    /// <summary>Number of observations.</summary>
    public const int Observations = 10;

    /// <summary>Largest error estimate of a step.</summary>
    internal const double Tolerance = 1e-8;

    private const int MostSkipped = 100;

    private static readonly double LogPopulation = Elementary.Log(Population);
    private static readonly double LogSusceptible = Elementary.Log(Population - 1);

    /// <summary>ln of Tested over k.</summary>
    private static readonly double[] LogChoices = MakeLogChoices();

    /// <summary>sbibm's task: observations at days 0, 17, ..., 153.</summary>
    public Sir()
        : this(17, 0)
    {
    }

    /// <summary>The same epidemic, observed at days (first + i) daysBetween, i = 0 to 9: <c>new Sir(16, 1)</c> at days 16, 32, ..., 160.</summary>
    /// <param name="daysBetween">Days between observations, above 0 and finite.</param>
    /// <param name="first">Whole number from 0 to 100.</param>
    public Sir(double daysBetween, int first)
    {
        if (!(daysBetween > 0 && double.IsFinite(daysBetween)))
        {
            throw new ArgumentOutOfRangeException(nameof(daysBetween), daysBetween, "The days between observations must be positive and finite.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, MostSkipped);
        (DaysBetween, First) = (daysBetween, first);
    }

    /// <summary>Days between observations.</summary>
    public double DaysBetween { get; }

    /// <summary>The first observation is at day <see cref="DaysBetween"/> times this.</summary>
    public int First { get; }

    /// <inheritdoc/>
    public override string Name => "sir";

    /// <inheritdoc/>
    public override int DataCount => Observations;

    /// <inheritdoc/>
    public override Distribution Prior { get; } = new LogNormal([Elementary.Log(0.4), Elementary.Log(0.125)], [0.5, 0.2]);

    /// <inheritdoc/>
    public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<double> shares = stackalloc double[Observations];
        Infected(theta, Tolerance, shares);
        for (var i = 0; i < Observations; i++)
        {
            x[i] = random.Binomial(Tested, shares[i]);
        }
    }

    /// <inheritdoc/>
    public override double? LogLikelihood(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        Span<double> shares = stackalloc double[Observations];
        Infected(theta, Tolerance, shares);
        var sum = 0.0;
        for (var i = 0; i < Observations; i++)
        {
            var count = x[i];
            if (!(count >= 0 && count <= Tested && count == Math.Floor(count)))
            {
                return double.NegativeInfinity;
            }

            // 0 ln 0 = 0: a share may round to 1, or underflow.
            sum += LogChoices[(int)count] + (count > 0 ? count * Elementary.Log(shares[i]) : 0) + (count < Tested ? (Tested - count) * Elementary.Log(1 - shares[i]) : 0);
        }

        return sum;
    }

    /// <summary>The shares of infected people at the ten times, I(t_i) / N.</summary>
    /// <param name="theta">(β, γ), both positive.</param>
    public double[] Infected(ReadOnlySpan<double> theta)
    {
        var shares = new double[Observations];
        Infected(theta, Tolerance, shares);
        return shares;
    }

    internal void Infected(ReadOnlySpan<double> theta, double tolerance, Span<double> shares)
    {
        var (beta, gamma) = (theta[0], theta[1]);
        Span<double> solution = stackalloc double[2 * (First + Observations)];
        DormandPrince.Solve(
            (y, slope) =>
            {
                slope[0] = -beta * Elementary.Exp(y[1] - LogPopulation);
                slope[1] = (beta * Elementary.Exp(y[0] - LogPopulation)) - gamma;
            },
            [LogSusceptible, 0],
            DaysBetween,
            tolerance,
            solution);
        for (var i = 0; i < Observations; i++)
        {
            shares[i] = Math.Min(Elementary.Exp(solution[(2 * (First + i)) + 1] - LogPopulation), 1);
        }
    }

    private static double[] MakeLogChoices()
    {
        var choices = new double[Tested + 1];
        for (var k = 1; k <= Tested; k++)
        {
            choices[k] = choices[k - 1] + Elementary.Log((Tested - k + 1) / (double)k);
        }

        return choices;
    }
}
