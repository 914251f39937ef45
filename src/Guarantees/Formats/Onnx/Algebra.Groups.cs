using Guarantees.Networks.Operators;

namespace Guarantees.Formats.Onnx;

/// <content>Operations on consecutive groups of a tensor's elements, and on whole powers and channels.</content>
internal partial class Algebra
{
    /// <summary>The sums of consecutive groups.</summary>
    public RealTensor SumGroups(RealTensor x, int[] shape, int size)
    {
        Charge(x.Count);
        return Sum(x, shape, [.. Enumerable.Range(0, x.Count / size).Select(g => Enumerable.Range(g * size, size).ToArray())]);
    }

    /// <summary>exp x_k / sum_l exp x_l over the group of k.</summary>
    public virtual RealTensor Softmax(RealTensor x, int size) => x is VariableTensor
        ? Whole(Builder.Softmax(Settle(x), size), x.Shape, x.Type)
        : Apply(new Reciprocal(), RatioSums(x, size));

    /// <summary>x_k - log sum_l exp x_l, as -log sum_l exp(x_l - x_k): the differences stay small where x is large.</summary>
    public virtual RealTensor LogSoftmax(RealTensor x, int size) => Negate(Apply(new Log(), RatioSums(x, size)));

    /// <summary>Euclidean norms of the groups.</summary>
    public virtual RealTensor Norms(RealTensor x, int[] shape, int size) => x is VariableTensor
        ? Whole(Builder.Apply(new Norm(size), Settle(x)), shape, x.Type)
        : Apply(new Sqrt(), SumGroups(Apply(new Square(), x), shape, size));

    /// <summary>x^exponent for -1, 0.5, 1, 2, 3 and 4.</summary>
    public virtual RealTensor Power(RealTensor x, double exponent) => exponent switch
    {
        -1 => Apply(new Reciprocal(), x),
        0.5 => Apply(new Sqrt(), x),
        1 => x,
        2 => Apply(new Square(), x),
        3 => Multiply(Apply(new Square(), x), x),
        4 => Apply(new Square(), Apply(new Square(), x)),
        _ => throw new ModelFormatException($"the exponent is {exponent}; expected -1, 0.5, 1, 2, 3 or 4"),
    };

    /// <summary>x times the channels' factors scale / sqrt(variance + epsilon), enclosed; one element of x each; <paramref name="least"/> is the smallest variance + epsilon.</summary>
    public virtual RealTensor ScaleChannels(RealTensor x, ConstantTensor factors, ConstantTensor scale, ConstantTensor variance, double least) => Multiply(x, factors);

    /// <summary>sum_l exp(x_l - x_k) over the group of k, for each k.</summary>
    private RealTensor RatioSums(RealTensor x, int size)
    {
        var groups = x.Count / size;
        Charge(8L * x.Count * size);
        int[] pairs = [groups, size, size];
        var others = (RealTensor)Select(x, pairs, Shapes.Places(pairs, [size, 0, 1], 0));
        var selves = (RealTensor)Select(x, pairs, Shapes.Places(pairs, [size, 1, 0], 0));
        return SumGroups(Apply(new Exp(), Subtract(others, selves)), x.Shape, size);
    }
}
