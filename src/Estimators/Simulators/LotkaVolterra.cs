using Estimators.Distributions;
using Guarantees.Arithmetic;

namespace Estimators.Simulators;

/// <summary>
/// Prey X and predators Y: X' = α X - β X Y, Y' = -γ Y + δ X Y, X = 30, Y = 1 at time 0; α, γ ~ LogNormal(-0.125, 0.5), β, δ ~ LogNormal(-3, 0.5), per day; data are exp(ln X + 0.1 z) at ten times, then exp(ln Y + 0.1 z).
/// </summary>
/// <remarks>
/// theta = (α, β, γ, δ). The ten times lie 2.1 days apart, from day 0 to day 18.9 of 20; x_0 to x_9 are of prey, x_10 to x_19 of predators, each with independent standard normal z. Populations are held to
/// [1e-10, 10,000] before the noise, as in sbibm. The logarithms of X and Y are what is integrated (<see cref="DormandPrince"/>): populations have relative errors below 1e-6.
/// The task lotka_volterra of sbibm (J.-M. Lueckmann et al., "Benchmarking Simulation-Based Inference", AISTATS 2021; read in its implementation).
/// </remarks>
public sealed class LotkaVolterra : Simulator
{
    /// <summary>X at time 0.</summary>
    public const double Prey = 30;

    /// <summary>Y at time 0.</summary>
    public const double Predators = 1;

    /// <summary>Days between observations.</summary>
    public const double DaysBetween = 2.1;

    /// <summary>Number of times; the first is day 0.</summary>
    public const int Times = 10;

    /// <summary>Standard deviation of the noise of a logarithm.</summary>
    public const double NoiseDeviation = 0.1;

    /// <summary>Least population before the noise.</summary>
    public const double LeastPopulation = 1e-10;

    /// <summary>Largest population before the noise.</summary>
    public const double LargestPopulation = 1e4;

    /// <summary>Largest error estimate of a step.</summary>
    internal const double Tolerance = 1e-9;

    private static readonly double LogPrey = Elementary.Log(Prey);
    private static readonly double LogPredators = Elementary.Log(Predators);
    private static readonly double LogLeast = Elementary.Log(LeastPopulation);
    private static readonly double LogLargest = Elementary.Log(LargestPopulation);

    /// <inheritdoc/>
    public override string Name => "lotka_volterra";

    /// <inheritdoc/>
    public override int DataCount => 2 * Times;

    /// <inheritdoc/>
    public override Distribution Prior { get; } = new LogNormal([-0.125, -3, -0.125, -3], [0.5, 0.5, 0.5, 0.5]);

    /// <inheritdoc/>
    public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        Logarithms(theta, Tolerance, x);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = Elementary.Exp(x[i] + (NoiseDeviation * random.Normal()));
        }
    }

    /// <inheritdoc/>
    public override double? LogLikelihood(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        var means = new double[DataCount];
        Logarithms(theta, Tolerance, means);
        return new LogNormal([.. means], [.. Enumerable.Repeat(NoiseDeviation, DataCount)]).LogDensity(x);
    }

    /// <summary>ln X at the ten times, then ln Y, held to the limits.</summary>
    internal static void Logarithms(ReadOnlySpan<double> theta, double tolerance, Span<double> logarithms)
    {
        var (alpha, beta, gamma, delta) = (theta[0], theta[1], theta[2], theta[3]);
        Span<double> solution = stackalloc double[2 * Times];
        DormandPrince.Solve(
            (y, slope) =>
            {
                slope[0] = alpha - (beta * Elementary.Exp(y[1]));
                slope[1] = (delta * Elementary.Exp(y[0])) - gamma;
            },
            [LogPrey, LogPredators],
            DaysBetween,
            tolerance,
            solution);
        for (var i = 0; i < Times; i++)
        {
            logarithms[i] = Math.Clamp(solution[2 * i], LogLeast, LogLargest);
            logarithms[Times + i] = Math.Clamp(solution[(2 * i) + 1], LogLeast, LogLargest);
        }
    }
}
