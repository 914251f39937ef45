using System.IO.Compression;

namespace Guarantees.Certificates;

/// <summary>How the domain was divided: a binary tree whose inner nodes cut one coordinate at its middle. What a checker needs to repeat a proof.</summary>
/// <remarks>
/// Nodes in preorder; 0 is a leaf, k &gt; 0 cuts coordinate k - 1 and is followed by its left and right subtrees. The cut is
/// <see cref="Networks.Box.Split"/>'s, so no coordinates are stored. Text form: base64 of the deflated sequence of variable-length integers.
/// </remarks>
public sealed class EvidenceTree
{
    private readonly int[] codes;

    /// <summary>Creates a tree from its preorder codes.</summary>
    /// <exception cref="FormatException">The codes are not one tree.</exception>
    public EvidenceTree(ReadOnlySpan<int> codes)
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

        this.codes = codes.ToArray();
    }

    /// <summary>The preorder codes.</summary>
    public ReadOnlySpan<int> Codes => codes;

    /// <summary>Number of leaves.</summary>
    public int Leaves => (codes.Length + 1) / 2;

    /// <summary>The text form.</summary>
    public string Encode()
    {
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
    /// <param name="text">Base64 text.</param>
    /// <param name="mostNodes">Refuses larger trees: a hostile text must not exhaust the memory.</param>
    /// <exception cref="FormatException">The text is not the form of one tree of at most that size.</exception>
    public static EvidenceTree Decode(string text, int mostNodes = 200_000_000)
    {
        ArgumentNullException.ThrowIfNull(text);
        var codes = new List<int>();
        try
        {
            using var buffer = new MemoryStream(Convert.FromBase64String(text));
            using var deflate = new DeflateStream(buffer, CompressionMode.Decompress);
            using var reader = new BinaryReader(new BufferedStream(deflate, 1 << 16));
            for (long open = 1; open > 0;)
            {
                if (codes.Count == mostNodes)
                {
                    throw new FormatException($"The evidence has more than {mostNodes} nodes.");
                }

                var code = reader.Read7BitEncodedInt();
                codes.Add(code);
                open += code > 0 ? 1 : -1;
            }

            if (reader.BaseStream.ReadByte() >= 0)
            {
                throw new FormatException("The evidence goes on after its tree.");
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new FormatException("The evidence is not a whole deflated tree.", error);
        }

        return new EvidenceTree(codes.ToArray());
    }
}
