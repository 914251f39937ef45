using Guarantees.Networks.Operators;
using static TorchSharp.torch;

namespace Certify.Tensors;

/// <summary>Lines around an elementwise activation: k x + c &lt;= f(x) &lt;= (k + <paramref name="SlopeSpread"/>) x + c + <paramref name="InterceptSpread"/> for l &lt;= x &lt;= u.</summary>
/// <param name="Slope">k, the lower slope, [boxes, n].</param>
/// <param name="SlopeSpread">Upper slope less k; null for parallel lines.</param>
/// <param name="Intercept">c; null for zero.</param>
/// <param name="InterceptSpread">Upper intercept less c.</param>
internal sealed record TensorRelaxation(Tensor Slope, Tensor? SlopeSpread, Tensor? Intercept, Tensor InterceptSpread) : IDisposable
{
    /// <summary>Widths below this are bounded as if they were this wide, which keeps chords finite (auto_LiRPA does the same).</summary>
    private const double LeastWidth = 1e-8;

    /// <summary>The activations with a tensor form, for messages.</summary>
    public const string Names = "ReLU, LeakyReLU, Tanh, Sigmoid";

    /// <summary>Whether the activation has a tensor form.</summary>
    public static bool Supports(Activation activation) => activation is ReLU or LeakyReLU or Tanh or Sigmoid;

    /// <summary>f(x), elementwise; every supported f is increasing.</summary>
    public static Tensor Value(Activation activation, Tensor x) => activation switch
    {
        ReLU => x.clamp_min(TensorArithmetic.Zero),
        LeakyReLU leaky => maximum(x, x.Times(leaky.NegativeSlope)), // its factor is at most 1
        Tanh => x.tanh(),
        Sigmoid => x.sigmoid(),
        _ => throw new NotSupportedException($"{activation.Name} has no tensor form."),
    };

    /// <summary>Lines for l &lt;= x &lt;= u; the caller owns them.</summary>
    public static TensorRelaxation Of(Activation activation, Tensor l, Tensor u)
    {
        using var scope = NewDisposeScope();
        var lines = activation switch
        {
            ReLU => Kinked(0, l, u),
            LeakyReLU leaky => Kinked(leaky.NegativeSlope, l, u),
            _ => SShaped(activation, l, u),
        };
        foreach (var tensor in lines.Tensors())
        {
            tensor.MoveToOuterDisposeScope();
        }

        return lines;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors())
        {
            tensor.Dispose();
        }
    }

    /// <summary>f(x) = x above 0 and a x below: the chord lies above; below, slope 1 or a through the origin, whichever leaves the smaller triangle (CROWN's adaptive slope).</summary>
    private static TensorRelaxation Kinked(double a, Tensor l, Tensor u)
    {
        var low = l.clamp_max(TensorArithmetic.Zero);
        var high = maximum(u.clamp_min(TensorArithmetic.Zero), low.Plus(LeastWidth));
        var share = high / high.Minus(low); // of the box above 0: exactly 1 for l >= 0
        var slope = share.gt(TensorArithmetic.Half).to(l.dtype).Times(1 - a).Plus(a);
        var upper = share.Times(1 - a).Plus(a);
        return new TensorRelaxation(slope, upper.Minus(slope), null, low.mul_(share).Times(a - 1));
    }

    /// <summary>
    /// f' is even and falls away from 0, so on [l, u] it is at least k = min(f'(l), f'(u)); then f(x) - k x increases, from f(l) - k l to f(u) - k u.
    /// </summary>
    private static TensorRelaxation SShaped(Activation activation, Tensor l, Tensor u)
    {
        var (atLower, atUpper) = (Value(activation, l), Value(activation, u));
        var slope = minimum(Derivative(activation, atLower), Derivative(activation, atUpper));
        var intercept = atLower.Minus(slope * l);
        return new TensorRelaxation(slope, null, intercept, atUpper.Minus(slope * u).MinusInPlace(intercept));
    }

    /// <summary>f' as a function of f.</summary>
    private static Tensor Derivative(Activation activation, Tensor value) => activation is Tanh ? value.square().neg_().Plus(1) : value * value.neg().Plus(1);

    private IEnumerable<Tensor> Tensors() => new[] { Slope, SlopeSpread, Intercept, InterceptSpread }.OfType<Tensor>();
}
