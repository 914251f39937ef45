using Estimators.Families.Flows;
using Estimators.Training;
using static TorchSharp.torch;

namespace Estimators.Families;

/// <summary>
/// A <see cref="NormalizingFlow"/> of coupling layers that move a part by monotone splines of rational quadratic pieces: b_i -&gt; g((b_i - t) exp(-c)), t, c and the spline's knots and slopes of the other part and x;
/// one parameter is moved as x alone says.
/// </summary>
/// <remarks>
/// g has <see cref="Bins"/> bins in [-B, B], B = <see cref="Bound"/>, and is the identity outside; shares of widths and heights are at least 0.001 and slopes at knots in [0.001, 1000] by their parametrization: no bound is imposed by cutting.
/// Formulas: <c>Flows/SplineMap.cs</c>. The affine map before the spline is an addition to the paper: knots then need not follow a posterior's place. Source: C. Durkan, A. Bekasov, I. Murray, G. Papamakarios,
/// "Neural Spline Flows", NeurIPS 2019 (from memory).
/// </remarks>
public sealed class SplineFlow : NormalizingFlow
{
    /// <summary>K.</summary>
    public const int Bins = 8;

    /// <summary>B.</summary>
    public const int Bound = 5;

    /// <summary>Creates a flow near the identity, standardized by simulations.</summary>
    /// <param name="theta">[rows, D].</param>
    /// <param name="x">[rows, n].</param>
    /// <param name="depth">Coupling layers, at least 1.</param>
    /// <param name="hiddenSizes">Widths of the hidden layers of each perceptron.</param>
    /// <param name="function">What stands between its layers.</param>
    /// <param name="random">Source of the weights.</param>
    /// <param name="isPositive">Whether parameters are positive and their logarithms learned.</param>
    public SplineFlow(Tensor theta, Tensor x, int depth, IReadOnlyList<int> hiddenSizes, HiddenFunction function, Generator random, bool isPositive = false)
        : base(nameof(SplineFlow), theta, x, depth, isPositive, k => CouplingLayer.Of(k, (int)theta.shape[1], (int)x.shape[1], new SplineMap(Bins, Bound), hiddenSizes, function, random))
    {
    }

    /// <inheritdoc/>
    public override string Family => "spline-flow";
}
