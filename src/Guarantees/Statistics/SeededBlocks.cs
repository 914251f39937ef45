using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Guarantees.Statistics;

/// <summary>Blocks of 32 bytes from a seed and a question: whoever has seen the draws of one question cannot fit another to the same ones.</summary>
/// <remarks>A key is SHA-256 of (label, seed, question); block k is SHA-256 of (key, k), numbers little-endian. That its bits behave like independent fair coins is an assumption.</remarks>
public sealed class SeededBlocks
{
    private readonly byte[] block = new byte[SHA256.HashSizeInBytes + sizeof(long)];
    private long counter;

    /// <param name="label">What the draws are for, with its version; ends with a zero byte.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="question">All that the draws are to answer.</param>
    public SeededBlocks(ReadOnlySpan<byte> label, int seed, ReadOnlySpan<byte> question)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(label);
        BinaryPrimitives.WriteInt32LittleEndian(block, seed);
        hash.AppendData(block, 0, sizeof(int));
        hash.AppendData(question);
        hash.GetHashAndReset().CopyTo(block, 0);
    }

    /// <summary>The next block.</summary>
    public byte[] Next()
    {
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(SHA256.HashSizeInBytes), counter++);
        return SHA256.HashData(block);
    }
}
