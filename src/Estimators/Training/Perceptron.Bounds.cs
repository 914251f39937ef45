using static TorchSharp.torch;

namespace Estimators.Training;

/// <content>Bounds over boxes, and derivatives.</content>
public sealed partial class Perceptron
{
    /// <summary>Interval bounds of the last layer's numbers over boxes, [..., out]; differentiable, in float32 without outward rounding: a signal for training and no proof. The caller owns them.</summary>
    /// <param name="centre">[..., in].</param>
    /// <param name="radius">Half the sides, not negative, [..., in].</param>
    public (Tensor Lower, Tensor Upper) Bound(Tensor centre, Tensor radius)
    {
        using var scope = NewDisposeScope();
        foreach (var (i, (weight, bias)) in Maps().Index())
        {
            if (i > 0)
            {
                var (lower, upper) = (Hidden(centre - radius), Hidden(centre + radius));
                (centre, radius) = ((lower + upper) * 0.5, (upper - lower) * 0.5);
            }

            (centre, radius) = (nn.functional.linear(centre, weight, bias), nn.functional.linear(radius, weight.abs()));
        }

        return ((centre - radius).MoveToOuterDisposeScope(), (centre + radius).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Bounds of the last layer's numbers over boxes, [batch, out], by linear bounds of every f over the interval bounds of its argument, put into one another from the last layer back: CROWN over interval bounds.
    /// Differentiable, in float32 without outward rounding: a signal for training and no proof. The caller owns them.
    /// </summary>
    /// <remarks>
    /// max(t, 0) over [l, u] with l &lt; 0 &lt; u lies below u (t - l) / (u - l) and above t if u &gt; -l, above 0 else. tanh has on [l, u] at least the smaller slope s of its ends: it lies below tanh u + s (t - u) and above
    /// tanh l + s (t - l). Source: H. Zhang et al., "Efficient Neural Network Robustness Certification with General Activation Functions", NeurIPS 2018 (from memory).
    /// </remarks>
    /// <param name="centre">[batch, in].</param>
    /// <param name="radius">Half the sides, not negative, [batch, in].</param>
    public (Tensor Lower, Tensor Upper) BackwardBound(Tensor centre, Tensor radius)
    {
        using var scope = NewDisposeScope();
        var maps = Maps();
        var boxes = new List<(Tensor Lower, Tensor Upper)>();
        var (middle, half) = (centre, radius);
        foreach (var (weight, bias) in maps.SkipLast(1))
        {
            (middle, half) = (nn.functional.linear(middle, weight, bias), nn.functional.linear(half, weight.abs()));
            boxes.Add((middle - half, middle + half));
            var (lower, upper) = (Hidden(middle - half), Hidden(middle + half));
            (middle, half) = ((lower + upper) * 0.5, (upper - lower) * 0.5);
        }

        // Upper bounds of the outputs and of their negatives.
        var (last, lastBias) = maps[^1];
        var (rows, shift) = (cat([last, -last], 0).unsqueeze(0), cat([lastBias, -lastBias], 0).unsqueeze(0));
        for (var i = boxes.Count - 1; i >= 0; i--)
        {
            (rows, var moved) = Above(rows, boxes[i].Lower, boxes[i].Upper);
            shift = shift + moved + rows.matmul(maps[i].Bias);
            rows = rows.matmul(maps[i].Weight);
        }

        var bounds = (shift + rows.matmul(centre.unsqueeze(2)).squeeze(2) + rows.abs().matmul(radius.unsqueeze(2)).squeeze(2)).chunk(2, 1);
        return ((-bounds[1]).MoveToOuterDisposeScope(), bounds[0].MoveToOuterDisposeScope());
    }

    /// <summary>The last layer's numbers, [batch, out], and their derivatives, [batch, in, out]; both have gradients. The caller owns them.</summary>
    /// <param name="input">[batch, in].</param>
    public (Tensor Value, Tensor Jacobian) WithJacobian(Tensor input)
    {
        using var scope = NewDisposeScope();
        var maps = Maps();
        var (h, jacobian) = (nn.functional.linear(input, maps[0].Weight, maps[0].Bias), maps[0].Weight.t().unsqueeze(0));
        foreach (var (weight, bias) in maps.Skip(1))
        {
            jacobian = Pushed(jacobian, h).matmul(weight.t());
            h = nn.functional.linear(Hidden(h), weight, bias);
        }

        return (h.MoveToOuterDisposeScope(), jacobian.expand(input.shape[0], -1, -1).MoveToOuterDisposeScope());
    }

    /// <summary>Derivatives of f(h) from those of h.</summary>
    private Tensor Pushed(Tensor jacobian, Tensor h)
    {
        if (Function != HiddenFunction.GroupSort)
        {
            return jacobian * (Function == HiddenFunction.Relu ? (h > 0).to(h.dtype) : 1 - h.tanh().square()).unsqueeze(1);
        }

        var (numbers, slopes) = (h.chunk(2, 1), jacobian.expand(h.shape[0], -1, -1).chunk(2, 2));
        var rises = (numbers[1] > numbers[0]).unsqueeze(1);
        return cat([where(rises, slopes[1], slopes[0]), where(rises, slopes[0], slopes[1])], 2);
    }

    /// <summary>Linear upper bounds, in h, of rows · f(h) for h in boxes: rows [batch, r, width] and constants [batch, r].</summary>
    private (Tensor Rows, Tensor Constants) Above(Tensor rows, Tensor lower, Tensor upper)
    {
        switch (Function)
        {
            case HiddenFunction.GroupSort:
                // f(h) = h + Q max(D h, 0).
                var (r, l, u) = (rows.chunk(2, 2), lower.chunk(2, 1), upper.chunk(2, 1));
                var (rise, constants) = Between(r[0] - r[1], OfRelu(l[1] - u[0], u[1] - l[0]));
                return (cat([r[0] - rise, r[1] + rise], 2), constants);
            case HiddenFunction.Tanh:
                var (low, high) = (lower.tanh(), upper.tanh());
                var slope = minimum(1 - low.square(), 1 - high.square());
                return Between(rows, (slope, low - (slope * lower), slope, high - (slope * upper)));
            default:
                return Between(rows, OfRelu(lower, upper));
        }
    }

    private static (Tensor LowerSlope, Tensor Lower, Tensor UpperSlope, Tensor Upper) OfRelu(Tensor lower, Tensor upper)
    {
        var (l, u) = (lower.clamp_max(0), upper.clamp_min(0));
        var slope = u / (u - l).clamp_min(1e-12);
        return ((upper > -lower).to(lower.dtype), zeros_like(lower), slope, -slope * l);
    }

    private static (Tensor Rows, Tensor Constants) Between(Tensor rows, (Tensor LowerSlope, Tensor Lower, Tensor UpperSlope, Tensor Upper) lines)
    {
        var (positive, negative) = (rows.clamp_min(0), rows.clamp_max(0));
        return (
            (positive * lines.UpperSlope.unsqueeze(1)) + (negative * lines.LowerSlope.unsqueeze(1)),
            positive.matmul(lines.Upper.unsqueeze(2)).squeeze(2) + negative.matmul(lines.Lower.unsqueeze(2)).squeeze(2));
    }
}
