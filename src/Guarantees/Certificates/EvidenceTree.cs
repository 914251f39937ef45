using System.IO.Compression;

namespace Guarantees.Certificates;

/// <summary>How the domain was divided: a binary tree whose inner nodes cut one coordinate at its middle, or decide a kink. What a checker needs to repeat a proof.</summary>
/// <remarks>
/// Nodes in preorder; 0 is a leaf, k &gt; 0 cuts coordinate k - 1 and is followed by its left and right subtrees. Of n coordinates, k &gt; n decides kink k - 1 - n (elements
/// before a ReLU or LeakyReLU, counted layer by layer): at most 0 on the left, at least 0 on the right. The cut is
/// <see cref="Networks.Box.Split"/>'s, so no coordinates are stored. Text form: base64 of the deflated sequence of variable-length integers.
/// </remarks>
public sealed class EvidenceTree
{
    /// <summary>Larger trees are refused when they are read, unless the reader asks for more: 80 MB.</summary>
    public const int MostNodes = 20_000_000;

    private readonly int[] codes;
    private string? text;

    /// <summary>Creates a tree from its preorder codes.</summary>
    /// <exception cref="FormatException">The codes are not one tree.</exception>
    public EvidenceTree(ReadOnlySpan<int> codes)
        : this(codes.ToArray())
    {
    }

    /// <summary>Takes an array that nobody else holds.</summary>
    private EvidenceTree(int[] codes)
    {
        long open = 1;
        for (var i = 0; i < codes.Length; i++)
        {
            if (open == 0 || codes[i] < 0)
            {
                throw new FormatException($"The evidence is not one tree: entry {i} of {codes.Length}.");
            }

            open += codes[i] > 0 ? 1 : -1;
        }

        if (open != 0)
        {
            throw new FormatException($"The evidence breaks off: {open} subtrees are missing.");
        }

        this.codes = codes;
    }

    /// <summary>The preorder codes.</summary>
    public ReadOnlySpan<int> Codes => codes;

    /// <summary>Number of leaves.</summary>
    public int Leaves => (codes.Length + 1) / 2;

    /// <summary>The text form; made once, since a certificate's digest and its bytes both need it.</summary>
    public string Encode() => text ??= Deflated();

    private string Deflated()
    {
        // Number by number: the library's bytes depend on the pieces that it is given, and a reader expects the same bytes.
        using var buffer = new MemoryStream();
        using (var deflate = new DeflateStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
        using (var writer = new BinaryWriter(deflate))
        {
            foreach (var code in codes)
            {
                writer.Write7BitEncodedInt(code);
            }
        }

        return Convert.ToBase64String(buffer.ToArray());
    }

    /// <summary>Reads the text form.</summary>
    /// <remarks>
    /// A thousand nodes may hide in one byte of text. The text is therefore inflated twice, in small pieces: once to count, which ends at the limit and
    /// keeps nothing, and once into an array of exactly that size.
    /// </remarks>
    /// <param name="text">Base64 text.</param>
    /// <param name="mostNodes">Refuses larger trees: a hostile text must not exhaust the memory. Four bytes a node.</param>
    /// <exception cref="FormatException">The text is not the form of one tree of at most that size.</exception>
    public static EvidenceTree Decode(string text, int mostNodes = MostNodes)
    {
        ArgumentNullException.ThrowIfNull(text);
        var deflated = Convert.FromBase64String(text);
        try
        {
            var codes = new int[Read(deflated, [], mostNodes)];
            Read(deflated, codes, mostNodes);
            return new EvidenceTree(codes);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new FormatException("The evidence is not a whole deflated tree.", error);
        }
    }

    /// <summary>Inflates one tree into <paramref name="codes"/>, or to nowhere where that is empty. Returns the number of nodes.</summary>
    private static int Read(byte[] deflated, Span<int> codes, int mostNodes)
    {
        using var deflate = new DeflateStream(new MemoryStream(deflated), CompressionMode.Decompress);
        using var reader = new BinaryReader(new BufferedStream(deflate, 1 << 16));
        var count = 0;
        for (long open = 1; open > 0; count++)
        {
            if (count == mostNodes)
            {
                throw new FormatException($"The evidence has more than {mostNodes} nodes.");
            }

            var code = reader.Read7BitEncodedInt();
            if (code < 0)
            {
                throw new FormatException($"The evidence is not one tree: entry {count} is {code}.");
            }

            if (!codes.IsEmpty)
            {
                codes[count] = code;
            }

            open += code > 0 ? 1 : -1;
        }

        return reader.BaseStream.ReadByte() < 0 ? count : throw new FormatException("The evidence goes on after its tree.");
    }
}
