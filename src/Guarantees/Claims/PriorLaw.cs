using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Statistics;

namespace Guarantees.Claims;

/// <summary>A prior that a spec names, and its draws: independent normal or independent uniform parameters.</summary>
/// <remarks>
/// Draws: a key is SHA-256 of (label, seed, question), so that another question gets other draws; SHA-256 of (key, counter) gives four words of 64 bits, whose first 53 are uniform numbers on the grid 2^-53 in [0, 1). Normal
/// numbers by the polar method (G. Marsaglia, T. A. Bray, "A Convenient Method for Generating Normal Variables", SIAM Review 6, 1964), with the logarithm of <see cref="Elementary"/>: the same bits on every
/// machine. That such numbers behave like independent draws of the law is an assumption, and so is that their rounding to doubles does not matter.
/// </remarks>
public sealed record PriorLaw
{
    /// <summary>Name of independent normal parameters in specs.</summary>
    public const string Gaussian = "gaussian";

    /// <summary>Name of independent uniform parameters in specs.</summary>
    public const string Uniform = "uniform";

    /// <summary><see cref="Gaussian"/> or <see cref="Uniform"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The means, or the lower ends; one for each parameter.</summary>
    public required ImmutableArray<double> First { get; init; }

    /// <summary>The standard deviations, or the upper ends.</summary>
    public required ImmutableArray<double> Second { get; init; }

    /// <summary>Whether the parameters are uniform on a box.</summary>
    public bool IsUniform => Name == Uniform;

    /// <summary>In words, with its numbers.</summary>
    public override string ToString() => IsUniform
        ? $"uniform on the box from ({Numbers(First)}) to ({Numbers(Second)})"
        : $"normal with independent parameters of mean ({Numbers(First)}) and standard deviation ({Numbers(Second)})";

    /// <summary>So many draws, each a vector of parameters.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="question">All that the draws are to answer, so that whoever has seen draws cannot fit the question to the same ones.</param>
    /// <param name="count">How many.</param>
    internal double[][] Draw(int seed, ReadOnlySpan<byte> question, int count)
    {
        var words = new Words(seed, question);
        var draws = new double[count][];
        var spare = double.NaN;
        for (var j = 0; j < count; j++)
        {
            var theta = draws[j] = new double[First.Length];
            for (var i = 0; i < theta.Length; i++)
            {
                theta[i] = IsUniform
                    ? Math.Clamp(First[i] + (words.Next() * (Second[i] - First[i])), First[i], Second[i])
                    : First[i] + (Second[i] * Normal(words, ref spare));
            }
        }

        return draws;
    }

    /// <exception cref="ArgumentException">A number is out of its range, or there are not as many as parameters.</exception>
    internal void Check(int dimension)
    {
        if (Name is not (Gaussian or Uniform))
        {
            throw ClaimChecks.Wrong($"There is no prior '{Name}'; there are '{Gaussian}' and '{Uniform}'.");
        }

        if (First.Length != dimension || Second.Length != dimension)
        {
            throw ClaimChecks.Wrong($"The prior is of {First.Length} parameters{(Second.Length == First.Length ? "" : $" and {Second.Length}")}, the network has {dimension}.");
        }

        for (var i = 0; i < dimension; i++)
        {
            if (!double.IsFinite(First[i]) || !double.IsFinite(Second[i]) || !double.IsFinite(Second[i] - First[i]) || !(IsUniform ? First[i] < Second[i] : Second[i] > 0))
            {
                throw ClaimChecks.Wrong(string.Create(
                    CultureInfo.InvariantCulture, $"The prior of theta_{i} needs {(IsUniform ? "a lower end below its upper end" : "a mean and a standard deviation above 0")}, finite; got {First[i]:R} and {Second[i]:R}."));
            }
        }
    }

    private static double Normal(Words words, ref double spare)
    {
        if (!double.IsNaN(spare))
        {
            var kept = spare;
            spare = double.NaN;
            return kept;
        }

        while (true)
        {
            var (u, v) = ((2 * words.Next()) - 1, (2 * words.Next()) - 1);
            var s = (u * u) + (v * v);
            if (s is > 0 and < 1)
            {
                var scale = Math.Sqrt(-2 * Elementary.Log(s) / s);
                spare = v * scale;
                return u * scale;
            }
        }
    }

    private static string Numbers(ImmutableArray<double> values) => string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    /// <summary>Uniform numbers from a seed and a question.</summary>
    private sealed class Words(int seed, ReadOnlySpan<byte> question)
    {
        private readonly SeededBlocks blocks = new("certify-prior/1\0"u8, seed, question);
        private byte[] digest = [];
        private int left;

        public double Next()
        {
            if (left == 0)
            {
                digest = blocks.Next();
                left = digest.Length / sizeof(ulong);
            }

            return (BinaryPrimitives.ReadUInt64LittleEndian(digest.AsSpan(sizeof(ulong) * --left)) >> 11) * Math.ScaleB(1, -53);
        }
    }
}
