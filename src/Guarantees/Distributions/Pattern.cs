using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>Which entries of a square matrix may differ from 0.</summary>
internal enum Triangle
{
    Diagonal,
    Lower,
    Upper,
}

/// <summary>The places of the entries of triangular D x D matrices that are stored as vectors: first the diagonal, then the strict triangle, row by row.</summary>
/// <remarks>Each kind is closed under products and inverses.</remarks>
internal sealed class Pattern
{
    private readonly int[] places;

    public Pattern(int dimension, Triangle triangle)
    {
        (Dimension, Triangle) = (dimension, triangle);
        var entries = new List<(int, int)>();
        entries.AddRange(Enumerable.Range(0, dimension).Select(i => (i, i)));
        for (var i = 0; i < dimension; i++)
        {
            for (var j = 0; j < dimension; j++)
            {
                if (triangle == Triangle.Upper ? j > i : triangle == Triangle.Lower && j < i)
                {
                    entries.Add((i, j));
                }
            }
        }

        Entries = [.. entries];
        places = new int[dimension * dimension];
        Array.Fill(places, -1);
        for (var e = 0; e < Entries.Length; e++)
        {
            places[(Entries[e].Row * dimension) + Entries[e].Column] = e;
        }
    }

    public int Dimension { get; }

    public Triangle Triangle { get; }

    /// <summary>Row and column of each entry.</summary>
    public (int Row, int Column)[] Entries { get; }

    /// <summary>Number of entries.</summary>
    public int Count => Entries.Length;

    /// <summary>Place of entry (i, j); -1 where the entry is 0.</summary>
    public int Place(int i, int j) => places[(i * Dimension) + j];

    /// <summary>The terms of a product of two matrices: entry (i, j) is the sum over k of left (i, k) times right (k, j).</summary>
    public IEnumerable<(int Entry, int Left, int Right)> Products()
    {
        for (var e = 0; e < Count; e++)
        {
            var (i, j) = Entries[e];
            for (var k = Math.Min(i, j); k <= Math.Max(i, j); k++)
            {
                yield return (e, Place(i, k), Place(k, j));
            }
        }
    }

    /// <summary>Places of the diagonals of <paramref name="components"/> matrices, one after the other.</summary>
    public int[] DiagonalPlaces(int components) => Places(components, 0, Dimension);

    /// <summary>Places of the strict triangles.</summary>
    public int[] StrictPlaces(int components) => Places(components, Dimension, Count);

    /// <summary>Encloses the inverses of all matrices whose entries lie in <paramref name="root"/>.</summary>
    public Box Invert(Box root, int components)
    {
        var inverse = new Box(root.Length);
        for (var c = 0; c < components; c++)
        {
            var start = c * Count;
            foreach (var e in Enumerable.Range(0, Count).OrderBy(e => Math.Abs(Entries[e].Row - Entries[e].Column)))
            {
                var (i, j) = Entries[e];
                if (root[start + i].Contains(0))
                {
                    throw DomainException.Of("the inverse of a scale", root[start + i], "a scale other than 0");
                }

                // T S = I: S_ij = -(sum over k beyond i, up to j, of T_ik S_kj) / T_ii.
                var sum = Interval.Point(i == j ? 1 : 0);
                for (var k = Math.Min(i, j); k <= Math.Max(i, j); k++)
                {
                    sum = k == i ? sum : sum - (root[start + Place(i, k)] * inverse[start + Place(k, j)]);
                }

                inverse[start + e] = sum / root[start + i];
            }
        }

        return inverse;
    }

    private int[] Places(int components, int from, int to) =>
        [.. Enumerable.Range(0, components).SelectMany(c => Enumerable.Range((c * Count) + from, to - from))];
}
