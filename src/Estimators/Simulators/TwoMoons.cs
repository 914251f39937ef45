using Estimators.Distributions;
using Guarantees.Arithmetic;

namespace Estimators.Simulators;

/// <summary>theta ~ U[-1, 1]²; x = (r cos a + 0.25, r sin a) + (-|theta_0 + theta_1|, theta_1 - theta_0) / √2 with a ~ U(-π/2, π/2) and r ~ N(0.1, 0.01²).</summary>
/// <remarks>
/// With p = (r cos a, r sin a), whose density is φ((|p| - 0.1) / 0.01) / (0.01 π |p|) on the right half-plane (and the same with -|p| on the left), the posterior is that density at p = x - (0.25, 0) - shift(theta), on
/// the box: two crescents, mirror images at theta_0 + theta_1 = 0. The 1 / |p| is the Jacobian of polar coordinates; the function _likelihood of sbibm leaves it out, its reference samples do not.
/// The task two_moons of sbibm (J.-M. Lueckmann et al., "Benchmarking Simulation-Based Inference", AISTATS 2021; read in its implementation).
/// </remarks>
public sealed class TwoMoons : Simulator
{
    /// <summary>Mean of r.</summary>
    public const double RadiusMean = 0.1;

    /// <summary>Standard deviation of r.</summary>
    public const double RadiusDeviation = 0.01;

    /// <summary>What is added to the first datum.</summary>
    public const double Offset = 0.25;

    /// <summary>The box is [-1, 1]².</summary>
    public const double Bound = 1;

    private static readonly double LogPi = Elementary.Log(Math.PI);

    /// <inheritdoc/>
    public override string Name => "two_moons";

    /// <inheritdoc/>
    public override int DataCount => 2;

    /// <inheritdoc/>
    public override Distribution Prior { get; } = new UniformBox(2, -Bound, Bound);

    /// <inheritdoc/>
    public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        var (cosine, sine) = random.HalfTurn();
        var radius = RadiusMean + (RadiusDeviation * random.Normal());
        x[0] = (radius * cosine) + Offset - (Math.Abs(theta[0] + theta[1]) / Math.Sqrt(2));
        x[1] = (radius * sine) + ((theta[1] - theta[0]) / Math.Sqrt(2));
    }

    /// <inheritdoc/>
    public override double? LogLikelihood(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        var u = x[0] - Offset + (Math.Abs(theta[0] + theta[1]) / Math.Sqrt(2));
        var v = x[1] - ((theta[1] - theta[0]) / Math.Sqrt(2));
        var length = Math.Sqrt((u * u) + (v * v));
        var z = ((u < 0 ? -length : length) - RadiusMean) / RadiusDeviation;
        return (-0.5 * z * z) - IndependentNormal.HalfLogTwoPi - Elementary.Log(RadiusDeviation) - LogPi - Elementary.Log(length);
    }

    /// <inheritdoc/>
    public override Distribution Posterior(ReadOnlySpan<double> x) => new Crescents(this, x[0], x[1]);

    /// <summary>The posterior of one x.</summary>
    /// <remarks>
    /// Draws: a and r from their laws and a fair sign give theta = (±w - v, ±w + v) / √2 with w = r cos a + 0.25 - x_0 and v = x_1 - r sin a; they are kept where w &gt;= 0 and theta lies in the box. theta and (w, v)
    /// differ by a rotation, so that what is kept has the posterior's density. Its normalizer, twice the probability of being kept, is an integral over a of probabilities of intervals of r: the midpoint rule.
    /// </remarks>
    private sealed class Crescents : Distribution
    {
        private const int Nodes = 1 << 14;
        private const int MostTries = 10_000_000;

        private readonly TwoMoons task;
        private readonly double[] x;
        private readonly Lazy<double> logEvidence;

        public Crescents(TwoMoons task, double first, double second)
        {
            (this.task, x) = (task, [first, second]);
            logEvidence = new Lazy<double>(() => LogEvidence());
        }

        public override int Length => 2;

        public override double LogDensity(ReadOnlySpan<double> theta)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(theta.Length, 2);
            return double.IsNegativeInfinity(task.Prior.LogDensity(theta)) ? double.NegativeInfinity : task.LogLikelihood(theta, x)!.Value - logEvidence.Value;
        }

        public override void Sample(DrawSource random, Span<double> theta)
        {
            ArgumentNullException.ThrowIfNull(random);
            ArgumentOutOfRangeException.ThrowIfNotEqual(theta.Length, 2);
            for (var tries = 0; tries < MostTries; tries++)
            {
                var (cosine, sine) = random.HalfTurn();
                var radius = RadiusMean + (RadiusDeviation * random.Normal());
                var (w, v) = ((radius * cosine) + Offset - x[0], x[1] - (radius * sine));
                if (w >= 0)
                {
                    w = random.Uniform() < 0.5 ? -w : w;
                    (theta[0], theta[1]) = ((w - v) / Math.Sqrt(2), (w + v) / Math.Sqrt(2));
                    if (!double.IsNegativeInfinity(task.Prior.LogDensity(theta)))
                    {
                        return;
                    }
                }
            }

            throw Improbable();
        }

        /// <summary>ln ∫ p(x | theta) d theta over the box.</summary>
        private double LogEvidence()
        {
            var sum = 0.0;
            for (var k = 0; k < Nodes; k++)
            {
                // The angle enters a figure, not a draw: Math.SinCos is accurate enough.
                var (sine, cosine) = Math.SinCos(Math.PI * (((k + 0.5) / Nodes) - 0.5));
                foreach (var sign in (ReadOnlySpan<double>)[-1, 1])
                {
                    // w = r cosine + c >= 0; |±w - v| <= √2 and |±w + v| <= √2 with v = x_1 - r sine.
                    var (low, high) = (double.NegativeInfinity, double.PositiveInfinity);
                    var c = Offset - x[0];
                    AtLeast(cosine, c, ref low, ref high);
                    AtLeast(-(sign * cosine) - sine, Math.Sqrt(2) - (sign * c) + x[1], ref low, ref high);
                    AtLeast((sign * cosine) + sine, Math.Sqrt(2) + (sign * c) - x[1], ref low, ref high);
                    AtLeast(-(sign * cosine) + sine, Math.Sqrt(2) - (sign * c) - x[1], ref low, ref high);
                    AtLeast((sign * cosine) - sine, Math.Sqrt(2) + (sign * c) + x[1], ref low, ref high);
                    sum += low < high ? Elementary.NormalCdf((high - RadiusMean) / RadiusDeviation) - Elementary.NormalCdf((low - RadiusMean) / RadiusDeviation) : 0;
                }
            }

            return sum > 0 ? Elementary.Log(sum / Nodes) : throw Improbable();
        }

        /// <summary>Cuts [low, high] to where slope r + constant >= 0.</summary>
        private static void AtLeast(double slope, double constant, ref double low, ref double high)
        {
            if (slope > 0)
            {
                low = Math.Max(low, -constant / slope);
            }
            else if (slope < 0)
            {
                high = Math.Min(high, -constant / slope);
            }
            else if (constant < 0)
            {
                high = double.NegativeInfinity;
            }
        }

        private ArgumentException Improbable() => new(FormattableString.Invariant($"two_moons: the data ({x[0]:R}, {x[1]:R}) have almost no probability; their posterior is not drawn."));
    }
}
