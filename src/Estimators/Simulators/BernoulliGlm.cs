using Estimators.Distributions;
using Guarantees.Arithmetic;

namespace Estimators.Simulators;

/// <summary>
/// A spiking neuron: y_t ~ Bernoulli(σ(V theta)_t), t = 0 to 99, V_t = (1, I_t, I_(t-1), ..., I_(t-8)) for a fixed stimulus I (0 before time 0); x = Vᵀ y: the number of spikes and the spike-triggered sums of the stimulus.
/// </summary>
/// <remarks>
/// theta is an offset and a filter of nine lags, normal with mean 0 and block-diagonal precision: 0.5 for the offset; Fᵀ F for the filter with F = D² + diag(√(i / 9)), i = 0 to 8, D = I - (ones below the diagonal), which makes
/// neighbouring lags alike. x is sufficient: ln p(y | theta) = xᵀ theta - Σ_t ln(1 + exp (V theta)_t), and <see cref="LogLikelihood"/> is that, which leaves out the logarithm of the number of y with the same x, the same
/// for all theta. The stimulus is sbibm's: 100 standard normal numbers of NumPy's RandomState(42), rounded to float32; a test draws them again. Sums are rounded from doubles, in sbibm from float32 numbers.
/// The task bernoulli_glm of sbibm (J.-M. Lueckmann et al., "Benchmarking Simulation-Based Inference", AISTATS 2021; read in its implementation).
/// </remarks>
public sealed class BernoulliGlm : Simulator
{
    /// <summary>Number of times.</summary>
    public const int Duration = 100;

    /// <summary>Number of lags of the filter.</summary>
    public const int Lags = 9;

    private static readonly float[] Input =
    [
        0.49671414f, -0.1382643f, 0.64768857f, 1.5230298f, -0.23415338f, -0.23413695f, 1.5792128f, 0.7674347f, -0.46947438f, 0.54256004f,
        -0.46341768f, -0.46572974f, 0.24196227f, -1.9132802f, -1.7249179f, -0.5622875f, -1.0128311f, 0.31424734f, -0.9080241f, -1.4123037f,
        1.4656488f, -0.2257763f, 0.0675282f, -1.4247482f, -0.54438275f, 0.11092259f, -1.1509936f, 0.37569803f, -0.6006387f, -0.29169375f,
        -0.6017066f, 1.8522782f, -0.013497225f, -1.0577109f, 0.82254493f, -1.2208437f, 0.2088636f, -1.9596701f, -1.328186f, 0.19686124f,
        0.73846656f, 0.17136829f, -0.115648285f, -0.30110368f, -1.478522f, -0.7198442f, -0.46063876f, 1.0571222f, 0.3436183f, -1.7630402f,
        0.32408398f, -0.38508227f, -0.676922f, 0.6116763f, 1.0309995f, 0.93128014f, -0.83921754f, -0.3092124f, 0.33126342f, 0.9755451f,
        -0.47917423f, -0.18565898f, -1.1063349f, -1.1962066f, 0.8125258f, 1.35624f, -0.07201012f, 1.0035329f, 0.361636f, -0.6451197f,
        0.3613956f, 1.5380366f, -0.03582604f, 1.5646436f, -2.619745f, 0.8219025f, 0.08704707f, -0.29900736f, 0.09176078f, -1.9875689f,
        -0.21967189f, 0.35711256f, 1.4778941f, -0.5182702f, -0.8084936f, -0.501757f, 0.9154021f, 0.32875112f, -0.5297602f, 0.51326746f,
        0.09707755f, 0.968645f, -0.70205307f, -0.32766214f, -0.39210814f, -1.4635149f, 0.2961203f, 0.26105526f, 0.005113457f, -0.23458713f,
    ];

    /// <summary>I.</summary>
    public static ReadOnlySpan<float> Stimulus => Input;

    /// <inheritdoc/>
    public override string Name => "bernoulli_glm";

    /// <inheritdoc/>
    public override int DataCount => Lags + 1;

    /// <inheritdoc/>
    public override Distribution Prior { get; } = new PrecisionNormal(Precision());

    /// <inheritdoc/>
    public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        x.Clear();
        for (var t = 0; t < Duration; t++)
        {
            if (random.Uniform() < Elementary.Sigmoid(Drive(theta, t)))
            {
                x[0] += 1;
                for (var lag = 0; lag < Lags && lag <= t; lag++)
                {
                    x[lag + 1] += Input[t - lag];
                }
            }
        }
    }

    /// <inheritdoc/>
    public override double? LogLikelihood(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            sum += x[i] * theta[i];
        }

        for (var t = 0; t < Duration; t++)
        {
            sum -= Elementary.Softplus(Drive(theta, t));
        }

        return sum;
    }

    /// <summary>(V theta)_t.</summary>
    private static double Drive(ReadOnlySpan<double> theta, int t)
    {
        var sum = theta[0];
        for (var lag = 0; lag < Lags && lag <= t; lag++)
        {
            sum += theta[lag + 1] * Input[t - lag];
        }

        return sum;
    }

    /// <summary>The prior's precision.</summary>
    private static double[,] Precision()
    {
        // D² has rows (..., 1, -2, 1), the 1 on the diagonal and the others before it.
        var f = new double[Lags, Lags];
        for (var i = 0; i < Lags; i++)
        {
            f[i, i] = 1 + Math.Sqrt(i / (double)Lags);
            if (i > 0)
            {
                f[i, i - 1] = -2;
            }

            if (i > 1)
            {
                f[i, i - 2] = 1;
            }
        }

        var precision = new double[Lags + 1, Lags + 1];
        precision[0, 0] = 0.5;
        for (var i = 0; i < Lags; i++)
        {
            for (var j = 0; j < Lags; j++)
            {
                for (var k = 0; k < Lags; k++)
                {
                    precision[i + 1, j + 1] += f[k, i] * f[k, j];
                }
            }
        }

        return precision;
    }
}
