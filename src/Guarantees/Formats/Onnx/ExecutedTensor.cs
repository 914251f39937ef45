using Guarantees.Arithmetic;

namespace Guarantees.Formats.Onnx;

/// <summary>Real numbers that depend on the input, and how far a float32 execution may be from them.</summary>
/// <remarks>
/// Law: for every float32 input of the domain the real value lies in [Lower, Upper], and every execution's value within <see cref="ErrorAt"/> of it. A sum keeps
/// its terms apart: with the sum of their sizes (mass) and their number (terms), what its additions round is at most gamma_terms mass, in any order, and
/// more terms may still join. A term is a product; whichever of its factors are multiplied first, what they give is at most the peak, and what falls below the
/// normal numbers on the way costs at most <see cref="Flushed"/> times the peak. Infinite where a float32 may overflow. For a row of products and a bias that is proved:
/// <c>proofs/coq/theories/Execution/Layers.v</c>, <c>row_execution_error</c>, <c>network_execution_error</c>.
/// </remarks>
/// <param name="shape">Shape.</param>
/// <param name="lower">Lower ends.</param>
/// <param name="upper">Upper ends.</param>
/// <param name="inherited">What the terms were off by before they were added; all of the error where <paramref name="terms"/> is 1.</param>
/// <param name="mass">At least the sum of the sizes of the terms as executed.</param>
/// <param name="peak">At least the sum over the terms of the product of max(1, |factor|).</param>
/// <param name="terms">How many roundings a term may meet, and at least 1.</param>
internal sealed class ExecutedTensor(int[] shape, double[] lower, double[] upper, double[] inherited, double[] mass, double[] peak, int terms) : RealTensor(shape, ElementType.Float)
{
    /// <summary>u = 2^-24.</summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>2^-126: what a value may lose where subnormal numbers are flushed to zero.</summary>
    public const double Flushed = 1.0 / (1L << 62) / (1L << 62) / 4;

    /// <summary>2^127, half of the largest power of two that overflows: sums of larger sizes may overflow on their way.</summary>
    private const double Largest = 1.7e38;

    public double[] Lower { get; } = lower;

    public double[] Upper { get; } = upper;

    public double[] Inherited { get; } = inherited;

    public double[] Mass { get; } = mass;

    public double[] Peak { get; } = peak;

    public int Terms { get; } = terms;

    public override int Count => Lower.Length;

    public Interval this[int i] => new(Lower[i], Upper[i]);

    /// <summary>Largest size of the real value.</summary>
    public double SizeAt(int i) => Math.Max(Math.Abs(Lower[i]), Math.Abs(Upper[i]));

    /// <summary>Bound of |executed - real|.</summary>
    public double ErrorAt(int i)
    {
        var error = Terms == 1 ? Inherited[i] : Inherited[i] + (Gamma(Terms) * Mass[i]);
        return Mass[i] <= Largest && Peak[i] <= Largest && error <= Largest ? error * (1 + 1e-9) : double.PositiveInfinity;
    }

    /// <summary>The float32 gamma_n = n u / (1 - n u), rounded up; infinite from n = 2^22 on.</summary>
    public static double Gamma(int n) => n < 1 << 22 ? 1.0000001 * n * Unit / (1 - (n * Unit)) : double.PositiveInfinity;

    public override Tensor Select(int[] shape, int[] places) => new ExecutedTensor(
        shape,
        Array.ConvertAll(places, place => Lower[place]),
        Array.ConvertAll(places, place => Upper[place]),
        Array.ConvertAll(places, place => Inherited[place]),
        Array.ConvertAll(places, place => Mass[place]),
        Array.ConvertAll(places, place => Peak[place]),
        Terms);

    public override Tensor As(int[] shape, ElementType type) => type == ElementType.Float
        ? new ExecutedTensor(shape, Lower, Upper, Inherited, Mass, Peak, Terms)
        : throw new ModelFormatException($"a cast to {type} is not modelled; expected float32 throughout");
}
