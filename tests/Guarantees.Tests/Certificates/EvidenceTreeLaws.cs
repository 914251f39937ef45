using System.IO.Compression;
using Guarantees.Certificates;
using Xunit;

namespace Guarantees.Tests.Certificates;

/// <summary>Evidence trees: what is a tree and what is not, the text form, and texts made to exhaust a reader.</summary>
/// <remarks>
/// The referee is a grammar that derives all small trees. Mutants planted and found: codes after the tree accepted; the limit of nodes off by one;
/// bytes after the tree ignored; nodes kept while they are counted.
/// </remarks>
public class EvidenceTreeLaws
{
    [Fact]
    public void Text_form_repeats_every_tree()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var codes = DrawTree(new Random(seed), seed * seed / 10);
            var tree = new EvidenceTree(codes);
            var again = EvidenceTree.Decode(tree.Encode());
            Assert.Equal(codes, again.Codes.ToArray());
            Assert.Equal(codes.Count(code => code == 0), again.Leaves);
            Assert.Equal(tree.Encode(), again.Encode());
        }
    }

    /// <summary>Every list of up to seven codes below three: the constructor accepts those, and only those, that a grammar of trees derives.</summary>
    [Fact]
    public void What_is_accepted_is_one_tree()
    {
        var trees = Derived(7);
        var accepted = 0;
        for (var length = 0; length <= 7; length++)
        {
            for (var number = 0; number < Math.Pow(3, length); number++)
            {
                var digits = number;
                var codes = new int[length];
                for (var i = 0; i < length; i++, digits /= 3)
                {
                    codes[i] = digits % 3;
                }

                var isTree = trees.Contains(string.Join(' ', codes));
                Assert.Equal(isTree, Accepts(codes));
                Assert.Equal(isTree, Reads(Deflated(codes)));
                accepted += isTree ? 1 : 0;
            }
        }

        // Shapes 1, 1, 2, 5 with 1, 2, 4, 8 ways to label their inner nodes.
        Assert.Equal(1 + 2 + 8 + 40, accepted);
        Assert.False(Accepts([-1]));
        Assert.False(Accepts([1, 0, -1]));
    }

    [Fact]
    public void A_text_that_is_no_tree_is_refused_with_one_line()
    {
        var whole = new EvidenceTree([1, 0, 2, 0, 0]).Encode();
        var bytes = Convert.FromBase64String(whole);
        foreach (var text in new[]
        {
            "", "AA==", "not base64", whole[..4], Convert.ToBase64String(bytes[..2]), Deflated([0, 0]), Deflated([1, 0]), Deflated([]),
            DeflatedBytes([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), DeflatedBytes([0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0]), Convert.ToBase64String(new byte[500]),
        })
        {
            var error = Record.Exception(() => EvidenceTree.Decode(text));
            Assert.True(error is FormatException && !error.Message.Contains('\n', StringComparison.Ordinal), $"'{text}': {error}");
        }
    }

    [Fact]
    public void Size_is_limited_where_the_reader_says()
    {
        var text = Deflated([.. Enumerable.Repeat(1, 500), .. new int[501]]);
        Assert.Equal(501, EvidenceTree.Decode(text, 1001).Leaves);
        Assert.Contains("more than 1000 nodes", Assert.Throws<FormatException>(() => EvidenceTree.Decode(text, 1000)).Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// A gigabyte of nodes in a megabyte of text: refused after a hundredth of a second a million nodes, and without keeping any. The thread's own
    /// allocations are counted, so that other tests do not matter; the text's bytes are among them.
    /// </summary>
    [Theory]
    [InlineData((byte)1)]
    [InlineData((byte)0x7F)]
    public void A_text_that_inflates_without_end_is_refused_without_keeping_what_it_inflates_to(byte code)
    {
        var bomb = Bomb(code, 1L << 30);
        Assert.True(bomb.Length < 3 << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<FormatException>(() => EvidenceTree.Decode(bomb));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 8 << 20, $"{allocated >> 20} MiB");
    }

    [Fact]
    public void A_tree_of_the_largest_size_takes_four_bytes_a_node()
    {
        // A left spine: inner nodes first, then all the leaves.
        const int Inner = (EvidenceTree.MostNodes / 2) - 1;
        using var buffer = new MemoryStream();
        using (var deflate = new DeflateStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            Repeat(deflate, 1, Inner);
            Repeat(deflate, 0, Inner + 1);
        }

        var text = Convert.ToBase64String(buffer.ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var tree = EvidenceTree.Decode(text);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(Inner + 1, tree.Leaves);
        Assert.True(allocated < (4L * tree.Codes.Length) + (4 << 20), $"{allocated >> 20} MiB");
    }

    private static bool Accepts(int[] codes)
    {
        try
        {
            return new EvidenceTree(codes).Codes.SequenceEqual(codes);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool Reads(string text)
    {
        try
        {
            return EvidenceTree.Decode(text).Codes.Length > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The trees of at most <paramref name="size"/> nodes with labels 1 and 2, in preorder: a leaf, or a label and two trees.</summary>
    private static HashSet<string> Derived(int size)
    {
        var all = new HashSet<string> { "0" };
        for (var grown = true; grown;)
        {
            var next = all.SelectMany(left => all.SelectMany(right => new[] { $"1 {left} {right}", $"2 {left} {right}" })).Where(tree => tree.Length < 2 * size);
            var before = all.Count;
            all = [.. all, .. next.ToArray()];
            grown = all.Count > before;
        }

        return all;
    }

    private static int[] DrawTree(Random random, int inner)
    {
        var codes = new List<int>();
        for (long open = 1; open > 0;)
        {
            var splits = inner > 0 && (open == 1 || random.Next(2) == 0);
            codes.Add(splits ? random.Next(1, random.Next(2) == 0 ? 4 : int.MaxValue) : 0);
            (inner, open) = splits ? (inner - 1, open + 1) : (inner, open - 1);
        }

        return [.. codes];
    }

    private static string Deflated(int[] codes)
    {
        using var plain = new MemoryStream();
        using (var writer = new BinaryWriter(plain))
        {
            foreach (var code in codes)
            {
                writer.Write7BitEncodedInt(code);
            }
        }

        return DeflatedBytes(plain.ToArray());
    }

    private static string DeflatedBytes(byte[] bytes)
    {
        using var buffer = new MemoryStream();
        using (var deflate = new DeflateStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        return Convert.ToBase64String(buffer.ToArray());
    }

    private static string Bomb(byte value, long count)
    {
        using var buffer = new MemoryStream();
        using (var deflate = new DeflateStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
        {
            Repeat(deflate, value, count);
        }

        return Convert.ToBase64String(buffer.ToArray());
    }

    private static void Repeat(Stream stream, byte value, long count)
    {
        var block = new byte[1 << 16];
        Array.Fill(block, value);
        for (; count > 0; count -= block.Length)
        {
            stream.Write(block, 0, (int)Math.Min(count, block.Length));
        }
    }
}
