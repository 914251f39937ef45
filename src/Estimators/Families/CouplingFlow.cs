using Estimators.Families.Flows;
using Estimators.Training;
using static TorchSharp.torch;

namespace Estimators.Families;

/// <summary>
/// A <see cref="NormalizingFlow"/> of affine coupling layers: u is cut in two parts (a, b); layers in turn map b -&gt; (b - t(a, x)) exp(-c(a, x)) and a -&gt; (a - t(b, x)) exp(-c(b, x)).
/// </summary>
/// <remarks>
/// t and the raw logarithm r come from a perceptron of the other part and the standardized x; c = 2 tanh(r / 2) lies in (-2, 2), so that no layer can stretch by more than e².
/// Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, "Density estimation using Real NVP", ICLR 2017 (affine coupling layers).
/// </remarks>
public sealed class CouplingFlow : NormalizingFlow
{
    /// <summary>Creates a flow near the identity, standardized by simulations.</summary>
    /// <param name="theta">[rows, D], D at least 2.</param>
    /// <param name="x">[rows, n].</param>
    /// <param name="depth">Coupling layers, at least 1.</param>
    /// <param name="hiddenSizes">Widths of the hidden layers of each perceptron.</param>
    /// <param name="function">What stands between its layers.</param>
    /// <param name="random">Source of the weights.</param>
    /// <param name="isPositive">Whether parameters are positive and their logarithms learned.</param>
    public CouplingFlow(Tensor theta, Tensor x, int depth, IReadOnlyList<int> hiddenSizes, HiddenFunction function, Generator random, bool isPositive = false)
        : base(nameof(CouplingFlow), Checked(theta), x, depth, isPositive, k => CouplingLayer.Of(k, (int)theta.shape[1], (int)x.shape[1], new AffineMap(), hiddenSizes, function, random))
    {
    }

    /// <inheritdoc/>
    public override string Family => "coupling-flow";

    private static Tensor Checked(Tensor theta)
    {
        ArgumentNullException.ThrowIfNull(theta);
        return theta.shape[1] > 1 ? theta : throw new ArgumentException("A coupling flow needs at least two parameters: one part is moved as the other says.", nameof(theta));
    }
}
