using System.Buffers.Binary;
using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Whole numbers from a seed, the same on every machine: xoshiro256++, its state from SplitMix64.</summary>
/// <remarks>
/// That such numbers behave like independent uniform ones is an assumption of everything drawn from them.
/// Sources: D. Blackman, S. Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM Trans. Math. Softw. 47, 2021; G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014; D. Lemire, "Fast Random Integer Generation in an Interval", ACM Trans. Model. Comput. Simul. 29, 2019.
/// </remarks>
public sealed class SeededGenerator
{
    private ulong a;
    private ulong b;
    private ulong c;
    private ulong d;
    private double spare = double.NaN;

    /// <param name="seed">Any number.</param>
    /// <param name="stream">Any number: generators of the same seed for different uses.</param>
    public SeededGenerator(int seed, int stream = 0)
    {
        var state = unchecked(((ulong)(uint)seed << 32) | (uint)stream);
        (a, b, c, d) = (Split(ref state), Split(ref state), Split(ref state), Split(ref state));
    }

    /// <summary>With the state from 32 bytes, little-endian, that are not all 0.</summary>
    internal SeededGenerator(ReadOnlySpan<byte> state)
        : this(BinaryPrimitives.ReadUInt64LittleEndian(state), BinaryPrimitives.ReadUInt64LittleEndian(state[8..]), BinaryPrimitives.ReadUInt64LittleEndian(state[16..]), BinaryPrimitives.ReadUInt64LittleEndian(state[24..]))
    {
    }

    /// <summary>With the four words of the state given.</summary>
    internal SeededGenerator(ulong a, ulong b, ulong c, ulong d) => (this.a, this.b, this.c, this.d) = (a, b, c, d);

    /// <summary>64 bits.</summary>
    public ulong NextBits()
    {
        unchecked
        {
            var bits = ulong.RotateLeft(a + d, 23) + a;
            var t = b << 17;
            c ^= a;
            d ^= b;
            b ^= c;
            a ^= d;
            c ^= t;
            d = ulong.RotateLeft(d, 45);
            return bits;
        }
    }

    /// <summary>A whole number from 0 to bound - 1, each with the same probability: products that would favour some are drawn again.</summary>
    /// <param name="bound">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var number = Math.BigMul(NextBits(), (ulong)bound, out var rest);
        if (rest < (ulong)bound)
        {
            var least = unchecked(0 - (ulong)bound) % (ulong)bound;
            while (rest < least)
            {
                number = Math.BigMul(NextBits(), (ulong)bound, out rest);
            }
        }

        return (int)number;
    }

    /// <summary>A multiple of 2^-53 in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1L << 53));

    /// <summary>A standard normal number, by the polar method: IEEE 754 operations and <see cref="Elementary"/> only. Every second one is the other of a pair.</summary>
    /// <remarks>Source: G. Marsaglia, T. A. Bray, "A Convenient Method for Generating Normal Variables", SIAM Review 6, 1964 (from memory).</remarks>
    public double NextNormal()
    {
        if (!double.IsNaN(spare))
        {
            var kept = spare;
            spare = double.NaN;
            return kept;
        }

        while (true)
        {
            var (u, v) = ((2 * NextDouble()) - 1, (2 * NextDouble()) - 1);
            var s = (u * u) + (v * v);
            if (s is > 0 and < 1)
            {
                var scale = Math.Sqrt(-2 * Elementary.Log(s) / s);
                spare = v * scale;
                return u * scale;
            }
        }
    }

    /// <summary>Brings the numbers into an order drawn at random, each with the same probability.</summary>
    /// <param name="numbers">What is shuffled, in place.</param>
    public void Shuffle(Span<int> numbers)
    {
        for (var i = numbers.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (numbers[i], numbers[j]) = (numbers[j], numbers[i]);
        }
    }

    /// <summary>The next word of SplitMix64.</summary>
    internal static ulong Split(ref ulong state)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15;
            var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
