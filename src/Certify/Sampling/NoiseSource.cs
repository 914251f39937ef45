using System.Buffers.Binary;
using Guarantees.Statistics;

namespace Certify.Sampling;

/// <summary>Standard normal numbers from a seed, the same on every machine up to the last bits of Math.Log and Math.SinCos.</summary>
/// <remarks>
/// A key is SHA-256 of (label, seed, question), so that another question gets other numbers; SHA-256 of (key, counter) gives four words of 64 bits, whose first 53 are uniform numbers; two of them make two normal ones (G. Box, M. Muller, "A Note on the Generation of Random Normal
/// Deviates", Ann. Math. Statist. 29, 1958). That such numbers behave like independent draws is an assumption, and so is that their rounding to doubles does not matter.
/// </remarks>
public sealed class NoiseSource
{
    private const int WordsPerBlock = 4;
    private readonly SeededBlocks blocks;
    private readonly double[] ready = new double[WordsPerBlock];
    private int left;

    /// <param name="seed">Seed of the run.</param>
    /// <param name="question">All that the draws are to answer, so that whoever has seen draws cannot fit the question to the same ones.</param>
    public NoiseSource(int seed, ReadOnlySpan<byte> question) => blocks = new("certify-noise/2\0"u8, seed, question);

    /// <summary>The next number.</summary>
    public double Next()
    {
        if (left == 0)
        {
            Fill();
        }

        return ready[--left];
    }

    private void Fill()
    {
        var digest = blocks.Next();
        for (var i = 0; i < WordsPerBlock; i += 2)
        {
            // The first lies in (0, 1], so that its logarithm is finite; the second in [0, 1).
            var length = Math.Sqrt(-2 * Math.Log((Bits(digest, i) + 1) * Math.ScaleB(1, -53)));
            var (sine, cosine) = Math.SinCos(2 * Math.PI * (Bits(digest, i + 1) * Math.ScaleB(1, -53)));
            (ready[i], ready[i + 1]) = (length * cosine, length * sine);
        }

        left = WordsPerBlock;
    }

    private static double Bits(byte[] digest, int word) => BinaryPrimitives.ReadUInt64LittleEndian(digest.AsSpan(8 * word)) >> 11;
}
