using Estimators.Distributions;
using Estimators.Simulators;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>Simulated pairs as tensors.</summary>
internal static class SimulatedTensors
{
    /// <summary>The first so many pairs of a simulator, float32, [count, D] and [count, n]; the caller owns them.</summary>
    /// <remarks>Blocks are drawn on all cores; which core draws which does not matter to what is drawn.</remarks>
    /// <param name="simulator">Prior and program.</param>
    /// <param name="seed">Seed of the pairs.</param>
    /// <param name="use">What they are for (<see cref="SimulatedPairs"/>).</param>
    /// <param name="count">How many.</param>
    /// <param name="proposal">What parameters are drawn from; the prior when null.</param>
    /// <exception cref="ArithmeticException">A draw is not finite.</exception>
    public static (Tensor Theta, Tensor X) Draw(Simulator simulator, int seed, string use, int count, Distribution? proposal = null) =>
        Take(new SimulatedPairs(simulator, seed, use, proposal), count);

    /// <summary>The first so many pairs of a source, float32, [count, D] and [count, n]; the caller owns them.</summary>
    /// <exception cref="ArithmeticException">A draw is not finite.</exception>
    public static (Tensor Theta, Tensor X) Take(IPairSource pairs, int count)
    {
        var (theta, x) = (new float[(long)count * pairs.ParameterCount], new float[(long)count * pairs.DataCount]);
        try
        {
            Parallel.For(0L, (count + pairs.BlockSize - 1) / pairs.BlockSize, index =>
            {
                var block = pairs.Block(index);
                for (var row = 0; row < block.Count && block.First + row < count; row++)
                {
                    Copy(block.Theta(row), theta.AsSpan((int)(block.First + row) * pairs.ParameterCount));
                    Copy(block.X(row), x.AsSpan((int)(block.First + row) * pairs.DataCount));
                }
            });
        }
        catch (AggregateException error) when (error.InnerException is ArithmeticException first)
        {
            throw new ArithmeticException(first.Message, error);
        }

        return (tensor(theta, [count, pairs.ParameterCount]), tensor(x, [count, pairs.DataCount]));
    }

    private static void Copy(ReadOnlySpan<double> from, Span<float> to)
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = (float)from[i];
        }
    }
}
