using Estimators.Families.Flows;
using Estimators.Training;
using static TorchSharp.torch;

namespace Estimators.Families;

/// <summary>A <see cref="NormalizingFlow"/> of masked autoregressive layers: z_i = (u_i - t_i) exp(-c_i), t_i and c_i of x and of u_1 ... u_(i-1), in the next layer of u_D ... u_(i+1), and so on in turn.</summary>
/// <remarks>
/// Each layer is one perceptron with masked weights; c = 2 tanh(r / 2) lies in (-2, 2). The density takes one pass, a draw D passes a layer. Sources: G. Papamakarios, T. Pavlakou, I. Murray, "Masked Autoregressive Flow for
/// Density Estimation", NeurIPS 2017; M. Germain, K. Gregor, I. Murray, H. Larochelle, "MADE: Masked Autoencoder for Distribution Estimation", ICML 2015 (both from memory).
/// </remarks>
public sealed class AutoregressiveFlow : NormalizingFlow
{
    /// <summary>Creates a flow near the identity, standardized by simulations.</summary>
    /// <param name="theta">[rows, D].</param>
    /// <param name="x">[rows, n].</param>
    /// <param name="depth">Layers, at least 1.</param>
    /// <param name="hiddenSizes">Widths of the hidden layers of each perceptron; one below D passes on only the first elements of the order.</param>
    /// <param name="function">What stands between its layers: one that acts on every number by itself.</param>
    /// <param name="random">Source of the weights.</param>
    /// <param name="isPositive">Whether parameters are positive and their logarithms learned.</param>
    public AutoregressiveFlow(Tensor theta, Tensor x, int depth, IReadOnlyList<int> hiddenSizes, HiddenFunction function, Generator random, bool isPositive = false)
        : base(nameof(AutoregressiveFlow), theta, x, depth, isPositive, k => AutoregressiveLayer.Of(k, (int)theta.shape[1], (int)x.shape[1], new AffineMap(), hiddenSizes, function, random))
    {
    }

    /// <inheritdoc/>
    public override string Family => "autoregressive-flow";
}
