using static TorchSharp.torch;

namespace Estimators.Tests;

/// <summary>Inputs to compare executions at.</summary>
internal static class Points
{
    /// <summary>Standard normal rows of float32 numbers.</summary>
    public static double[][] Draw(int count, int length, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(seed);
        return [.. randn([count, length], generator: random).ToArray().Chunk(length)];
    }
}
