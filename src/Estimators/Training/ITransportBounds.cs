using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>A posterior whose movement in the Wasserstein distance W2 can be bounded while it is trained: signals for training, differentiable, in float32, and no proofs.</summary>
public interface ITransportBounds
{
    /// <summary>The numbers of the network that make q(. | x), row by row; the caller owns them.</summary>
    /// <param name="standard">Standardized data, [batch, n].</param>
    Tensor Raw(Tensor standard);

    /// <summary>ln q(theta | x), row by row, [batch]; the caller owns it.</summary>
    /// <param name="raw">The network's numbers at x.</param>
    /// <param name="theta">[batch, D].</param>
    Tensor LogProb(Tensor raw, Tensor theta);

    /// <summary>Upper bounds of W2²(q(. | x), q(. | x')) for all x' of boxes, row by row, [batch], in units of theta squared; the caller owns them.</summary>
    /// <param name="raw">The network's numbers at x.</param>
    /// <param name="centre">Centres of boxes of standardized data, [batch, n].</param>
    /// <param name="radius">Half their sides.</param>
    Tensor TransportBound(Tensor raw, Tensor centre, double radius);

    /// <summary>The same bound for one x' a row.</summary>
    /// <param name="raw">The network's numbers at x.</param>
    /// <param name="other">The network's numbers at x'.</param>
    Tensor TransportBetween(Tensor raw, Tensor other);

    /// <summary>The length that W2 is measured by in losses: |s|, s the standard deviations of theta.</summary>
    double ParameterScale();
}
