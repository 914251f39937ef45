using System.Numerics;
using Guarantees.Arithmetic;
using Guarantees.Statistics;

namespace Estimators.Simulators;

/// <summary>Uniform, normal and binomial numbers, the same bits on every machine.</summary>
/// <remarks>
/// Words of 64 bits come from <see cref="SeededGenerator"/> (xoshiro256++); nothing but IEEE 754 operations and the functions of <see cref="Elementary"/> follows, no Math.Log and no Math.Sin.
/// That such numbers behave like independent draws is an assumption, and so is that their rounding to doubles does not matter.
/// </remarks>
public sealed class DrawSource
{
    private readonly SeededGenerator generator;

    /// <param name="seed">Any number.</param>
    /// <param name="stream">Any number: sources of the same seed for different uses.</param>
    public DrawSource(int seed, int stream = 0) => generator = new SeededGenerator(seed, stream);

    /// <summary>From 32 bytes, the state of the generator.</summary>
    internal DrawSource(ReadOnlySpan<byte> state) => generator = new SeededGenerator(state);

    /// <summary>A multiple of 2^-53 in [0, 1).</summary>
    public double Uniform() => generator.NextDouble();

    /// <summary>A standard normal number: <see cref="SeededGenerator.NextNormal"/>.</summary>
    public double Normal() => generator.NextNormal();

    /// <summary>cos a and sin a of an angle a uniform on (-π/2, π/2): a point of the half disc, brought to length 1.</summary>
    public (double Cosine, double Sine) HalfTurn()
    {
        while (true)
        {
            var (u, v) = (Uniform(), (2 * Uniform()) - 1);
            var s = (u * u) + (v * v);
            if (u > 0 && s <= 1)
            {
                var length = Math.Sqrt(s);
                return (u / length, v / length);
            }
        }
    }

    /// <summary>How many of so many independent events happen, each of one probability: a binomial number.</summary>
    /// <remarks>
    /// Each event happens where a number with random binary digits lies below p. Digits are drawn for all undecided events at once: those whose digit differs from p's are decided. About two fair bits an event;
    /// exact for the double p.
    /// </remarks>
    /// <param name="trials">At least 0.</param>
    /// <param name="probability">p in [0, 1].</param>
    public int Binomial(int trials, double probability)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trials);
        if (!(probability >= 0 && probability <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability lies in 0 to 1.");
        }

        if (probability == 1)
        {
            return trials;
        }

        var (open, happened) = (trials, 0);
        while (open > 0 && probability > 0)
        {
            var ones = FairCoins(open);
            probability *= 2;
            if (probability >= 1)
            {
                probability -= 1;
                happened += open - ones;
                open = ones;
            }
            else
            {
                open -= ones;
            }
        }

        return happened;
    }

    /// <summary>How many of so many fair coins show 1.</summary>
    private int FairCoins(int count)
    {
        var ones = 0;
        for (; count >= 64; count -= 64)
        {
            ones += BitOperations.PopCount(generator.NextBits());
        }

        return count == 0 ? ones : ones + BitOperations.PopCount(generator.NextBits() >> (64 - count));
    }
}
