using Estimators.Distributions;
using Guarantees.Arithmetic;

namespace Estimators.Simulators;

/// <summary>
/// theta ~ U[-3, 3]^5; x is four independent draws of N((theta_0, theta_1), S) in two dimensions, S = [[s² + e, r s t], [r s t, t² + e]] with s = theta_2², t = theta_3², r = tanh theta_4, e = 1e-6.
/// </summary>
/// <remarks>
/// "Simple likelihood, complex posterior": the signs of theta_2 and theta_3 do not show, so the posterior has four modes. Data are x, y of the first point, x, y of the second, and so on.
/// The e on the diagonal is sbibm's. The task slcp of sbibm (J.-M. Lueckmann et al., "Benchmarking Simulation-Based Inference", AISTATS 2021; read in its implementation).
/// </remarks>
public sealed class Slcp : Simulator
{
    /// <summary>The box is [-3, 3]^5.</summary>
    public const double Bound = 3;

    /// <summary>Number of points.</summary>
    public const int Points = 4;

    /// <summary>e, what is added to both variances.</summary>
    public const double Jitter = 1e-6;

    /// <inheritdoc/>
    public override string Name => "slcp";

    /// <inheritdoc/>
    public override int DataCount => 2 * Points;

    /// <inheritdoc/>
    public override int PointLength => 2;

    /// <inheritdoc/>
    public override Distribution Prior { get; } = new UniformBox(5, -Bound, Bound);

    /// <inheritdoc/>
    public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        var (a, b, c) = Factor(theta);
        for (var k = 0; k < DataCount; k += 2)
        {
            var (u, v) = (random.Normal(), random.Normal());
            (x[k], x[k + 1]) = (theta[0] + (a * u), theta[1] + (b * u) + (c * v));
        }
    }

    /// <inheritdoc/>
    public override double? LogLikelihood(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        var (a, b, c) = Factor(theta);
        var squares = 0.0;
        for (var k = 0; k < DataCount; k += 2)
        {
            var u = (x[k] - theta[0]) / a;
            var v = (x[k + 1] - theta[1] - (b * u)) / c;
            squares += (u * u) + (v * v);
        }

        return (-0.5 * squares) - (Points * ((2 * IndependentNormal.HalfLogTwoPi) + Elementary.Log(a) + Elementary.Log(c)));
    }

    /// <summary>The Cholesky factor [[a, 0], [b, c]] of S.</summary>
    /// <remarks>c² = t² (1 - r²) + e (1 + r² t² / a²) with 1 - r² = 4 σ(2 theta_4) σ(-2 theta_4): nothing cancels.</remarks>
    private static (double A, double B, double C) Factor(ReadOnlySpan<double> theta)
    {
        var (s, t, r) = (theta[2] * theta[2], theta[3] * theta[3], Elementary.Tanh(theta[4]));
        var rest = 4 * Elementary.Sigmoid(2 * theta[4]) * Elementary.Sigmoid(-2 * theta[4]);
        var a = Math.Sqrt((s * s) + Jitter);
        var b = r * s * t / a;
        return (a, b, Math.Sqrt((t * t * rest) + (Jitter * (1 + (r * t / a * (r * t / a))))));
    }
}
