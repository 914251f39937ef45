using TorchSharp;
using static TorchSharp.torch;

namespace Certify.Tensors;

/// <summary>Sums, differences and constants of tensors that the garbage collector cannot break.</summary>
/// <remarks>
/// TorchSharp 0.107 turns the numbers of an expression, and the factor 1 that <c>a + b</c>, <c>a - b</c> and <c>add_</c> pass on, into objects of class <c>Scalar</c> and hands on their
/// addresses without keeping them alive: a collection in that instant frees the number while libtorch reads it ("Expected false to be true"; with a collector that never
/// rests, one of 1,200 subtractions). Here every number is kept: by this class, or by its caller until the call is over.
/// Touch only where libtorch is loaded.
/// </remarks>
internal static class TensorArithmetic
{
    /// <summary>0.</summary>
    public static readonly Scalar Zero = 0.0;

    /// <summary>1/2.</summary>
    public static readonly Scalar Half = 0.5;

    /// <summary>1.</summary>
    public static readonly Scalar One = 1.0;

    private static readonly Scalar MinusOne = -1.0;

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    /// <summary>a - b.</summary>
    public static Tensor Minus(this Tensor a, Tensor b) => a.add(b, MinusOne);

    /// <summary>a + b, in place of a.</summary>
    public static Tensor PlusInPlace(this Tensor a, Tensor b) => a.add_(b, One);

    /// <summary>a - b, in place of a.</summary>
    public static Tensor MinusInPlace(this Tensor a, Tensor b) => a.add_(b, MinusOne);

    /// <summary>a + c.</summary>
    public static Tensor Plus(this Tensor a, double c)
    {
        Scalar number = c;
        var sum = a.add(number, One);
        GC.KeepAlive(number);
        return sum;
    }

    /// <summary>c a.</summary>
    public static Tensor Times(this Tensor a, double c)
    {
        Scalar number = c;
        var product = a.mul(number);
        GC.KeepAlive(number);
        return product;
    }
}
