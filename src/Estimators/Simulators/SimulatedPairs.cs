using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Estimators.Distributions;
using Guarantees.Statistics;

namespace Estimators.Simulators;

/// <summary>Pairs drawn from prior and program: theta ~ p(theta), x ~ p(x | theta), the same on every machine for one seed, use and simulator.</summary>
/// <remarks>
/// Block k is drawn by a generator of its own, whose state is the SHA-256 of (label, seed, name, use, k) as <see cref="SeededBlocks"/> makes it: the block does not need those before it, and another use ("training",
/// "calibration") gets other draws for the same seed, so that an estimator is not judged by the pairs that it has learned. theta is rounded to float32 before x is drawn for it, and x afterwards: the
/// numbers are what a network of float32 reads. That rounding, of a relative 2^-24, is taken for no change of the law.
/// </remarks>
public sealed class SimulatedPairs : IPairSource
{
    /// <summary>Pairs in a block.</summary>
    public const int PairsPerBlock = 1024;

    private readonly Simulator simulator;
    private readonly Distribution parameters;
    private readonly int seed;
    private readonly byte[] question;

    /// <param name="simulator">Prior and program.</param>
    /// <param name="seed">Any number.</param>
    /// <param name="use">What the pairs are for; any text.</param>
    /// <param name="proposal">What parameters are drawn from in place of the prior; null for the prior.</param>
    public SimulatedPairs(Simulator simulator, int seed, string use, Distribution? proposal = null)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        ArgumentNullException.ThrowIfNull(use);
        (this.simulator, this.seed, parameters) = (simulator, seed, proposal ?? simulator.Prior);
        ArgumentOutOfRangeException.ThrowIfNotEqual(parameters.Length, simulator.ParameterCount, nameof(proposal));
        question = [.. Encoding.UTF8.GetBytes($"{simulator.Name}\0{use}\0"), .. new byte[sizeof(long)]];
    }

    /// <inheritdoc/>
    public string Name => simulator.Name;

    /// <inheritdoc/>
    public int ParameterCount => simulator.ParameterCount;

    /// <inheritdoc/>
    public int DataCount => simulator.DataCount;

    /// <summary>There is no end.</summary>
    public long? Count => null;

    /// <inheritdoc/>
    public int BlockSize => PairsPerBlock;

    /// <inheritdoc/>
    /// <exception cref="ArithmeticException">A draw is not finite in float32.</exception>
    public PairBlock Block(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var text = question.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(text.AsSpan(text.Length - sizeof(long)), index);
        var random = new DrawSource(new SeededBlocks("certify-pairs/1\0"u8, seed, text).Next());
        var (theta, x) = (new double[PairsPerBlock * ParameterCount], new double[PairsPerBlock * DataCount]);
        for (var row = 0; row < PairsPerBlock; row++)
        {
            var t = theta.AsSpan(row * ParameterCount, ParameterCount);
            var d = x.AsSpan(row * DataCount, DataCount);
            parameters.Sample(random, t);
            Round(t, "theta", t);
            simulator.Simulate(t, random, d);
            Round(d, "x", t);
        }

        return new PairBlock(index * PairsPerBlock, PairsPerBlock, theta, x);
    }

    private void Round(Span<double> values, string name, ReadOnlySpan<double> theta)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var value = (float)values[i];
            if (!float.IsFinite(value))
            {
                throw new ArithmeticException(string.Create(
                    CultureInfo.InvariantCulture, $"{Name}: {name}_{i} is {values[i]:R} at theta = ({string.Join(", ", theta.ToArray().Select(t => t.ToString("R", CultureInfo.InvariantCulture)))}), no finite float32 number."));
            }

            values[i] = value;
        }
    }
}
