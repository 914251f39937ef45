using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>Linear algebra on blocks of small triangular matrices, one matrix a component, as a handful of vector nodes.</summary>
internal static class Blocks
{
    /// <summary>Encloses sqrt(1/2).</summary>
    public static Box RootHalf { get; } = Box.Repeat(Interval.Point(0.5).Sqrt(), 1);

    /// <summary>Whether no input reaches a vector.</summary>
    public static bool IsConstant(NetworkBuilder builder, Vector v)
    {
        var (open, seen) = (new Stack<int>([v.Id]), new HashSet<int>());
        while (open.TryPop(out var id))
        {
            if (builder[id].Operator is Input)
            {
                return false;
            }

            foreach (var argument in seen.Add(id) ? builder[id].Arguments : [])
            {
                open.Push(argument);
            }
        }

        return true;
    }

    /// <summary>For each component the elements of every part, one part after the other.</summary>
    public static Vector Join(NetworkBuilder builder, int components, params ReadOnlySpan<Vector> parts)
    {
        var rows = new List<(int, int, double)[]>();
        for (var c = 0; c < components; c++)
        {
            for (var k = 0; k < parts.Length; k++)
            {
                var size = parts[k].Length / components;
                rows.AddRange(Enumerable.Range(c * size, size).Select(element => new[] { (k, element, 1.0) }));
            }
        }

        return builder.Add(new SparseAffine(rows), parts);
    }

    /// <summary>y_target = sum of factor * v_source over the terms, for factors known to lie in intervals.</summary>
    /// <remarks>The unknown rest of a factor stays with its own term, so y is 0 where v is.</remarks>
    public static Vector Weigh(NetworkBuilder builder, Vector v, int length, IEnumerable<(int Target, int Source, Interval Factor)> terms)
    {
        var used = terms.Where(term => term.Factor.Magnitude > 0).ToList();
        var rows = Enumerable.Range(0, length).Select(_ => new List<(int, int, double)>()).ToArray();
        if (used.All(term => term.Factor.Lower == term.Factor.Upper))
        {
            used.ForEach(term => rows[term.Target].Add((0, term.Source, term.Factor.Lower)));
            return builder.Add(new SparseAffine(rows), [v]);
        }

        var spread = builder.Select(v, [.. used.Select(term => term.Source)]);
        var scaled = builder.Apply(new Scale(new Box([.. used.Select(term => term.Factor.Lower)], [.. used.Select(term => term.Factor.Upper)])), spread);
        for (var t = 0; t < used.Count; t++)
        {
            rows[used[t].Target].Add((0, t, 1));
        }

        return builder.Add(new SparseAffine(rows), [scaled]);
    }

    /// <summary>a_i v_i for factors known to lie in a box.</summary>
    public static Vector Times(NetworkBuilder builder, Box a, Vector v) =>
        Weigh(builder, v, v.Length, Enumerable.Range(0, v.Length).Select(i => (i, i, a[i])));

    /// <summary>A B for constant A, or B A where <paramref name="constantFirst"/> is false, A known to lie in a box.</summary>
    public static Vector Product(NetworkBuilder builder, Pattern pattern, int components, Box a, Vector b, bool constantFirst) =>
        Weigh(builder, b, components * pattern.Count, Enumerable.Range(0, components).SelectMany(c => pattern.Products().Select(term =>
        {
            var (constant, variable) = constantFirst ? (term.Left, term.Right) : (term.Right, term.Left);
            var start = c * pattern.Count;
            return (start + term.Entry, start + variable, a[start + constant]);
        })));

    /// <summary>A v for constant A known to lie in a box, v [K, D].</summary>
    public static Vector Product(NetworkBuilder builder, Pattern pattern, int components, Box a, Vector v) =>
        Weigh(builder, v, components * pattern.Dimension, Enumerable.Range(0, components).SelectMany(c => pattern.Entries.Select((entry, e) =>
            ((c * pattern.Dimension) + entry.Row, (c * pattern.Dimension) + entry.Column, a[(c * pattern.Count) + e]))));

    /// <summary>A v, v [K, D].</summary>
    public static Vector Product(NetworkBuilder builder, Pattern pattern, int components, Vector a, Vector v)
    {
        var columns = Enumerable.Range(0, components).SelectMany(c => pattern.Entries.Select(entry => (c * pattern.Dimension) + entry.Column));
        var products = a * builder.Select(v, [.. columns]);
        var rows = Enumerable.Range(0, components * pattern.Dimension).Select(_ => new List<(int, int, double)>()).ToArray();
        for (var c = 0; c < components; c++)
        {
            for (var e = 0; e < pattern.Count; e++)
            {
                rows[(c * pattern.Dimension) + pattern.Entries[e].Row].Add((0, (c * pattern.Count) + e, 1));
            }
        }

        return builder.Add(new SparseAffine(rows), [products]);
    }

    /// <summary>A B, both packed.</summary>
    public static Vector MatrixProduct(NetworkBuilder builder, Pattern pattern, int components, Vector a, Vector b)
    {
        var terms = pattern.Products().ToArray();
        int[] Places(Func<(int Entry, int Left, int Right), int> side) => [.. Enumerable.Range(0, components).SelectMany(c => terms.Select(term => (c * pattern.Count) + side(term)))];
        var products = builder.Select(a, Places(term => term.Left)) * builder.Select(b, Places(term => term.Right));
        var rows = Enumerable.Range(0, components * pattern.Count).Select(_ => new List<(int, int, double)>()).ToArray();
        foreach (var (t, target) in Places(term => term.Entry).Index())
        {
            rows[target].Add((0, t, 1));
        }

        return builder.Add(new SparseAffine(rows), [products]);
    }

    /// <summary>G = I - (I + E)^-1, the root of the inverse's change, from E and r_i = 1 / (1 + E_ii).</summary>
    /// <remarks>
    /// (I + E) G = E by substitution: G_ii = 1 - r_i, and beside the diagonal G_ij = r_i E_ij r_j - sum of r_i E_ik G_kj over k strictly between.
    /// Entries at the same distance from the diagonal form one vector, so 4 nodes a distance do for all components. For small E every
    /// product after r_i E_ij r_j is of second order.
    /// </remarks>
    public static Vector InverseChange(NetworkBuilder builder, Pattern pattern, int components, Vector e, Vector r)
    {
        var onDiagonal = builder.Combine([(-1, r)], 1);
        if (pattern.Count == pattern.Dimension)
        {
            return onDiagonal;
        }

        var strict = pattern.StrictPlaces(components);
        var (entries, perComponent) = (pattern.Entries[pattern.Dimension..], pattern.Count - pattern.Dimension);
        int[] Across(Func<(int Row, int Column), int> side) =>
            [.. Enumerable.Range(0, components).SelectMany(c => entries.Select(entry => (c * pattern.Dimension) + side(entry)))];

        var left = builder.Select(e, strict) * builder.Select(r, Across(entry => entry.Row));
        var both = left * builder.Select(r, Across(entry => entry.Column));

        // Where each finished entry lives: which vector, which element.
        var parts = new List<Vector>();
        var home = new (int Part, int Element)[components * pattern.Count];
        for (var distance = 1; distance < pattern.Dimension; distance++)
        {
            var targets = new List<(int Component, int Row, int Column)>();
            for (var c = 0; c < components; c++)
            {
                targets.AddRange(entries.Where(entry => Math.Abs(entry.Row - entry.Column) == distance).Select(entry => (c, entry.Row, entry.Column)));
            }

            int Strict(int c, int i, int j) => (c * perComponent) + pattern.Place(i, j) - pattern.Dimension;
            var rows = new List<(int, int, double)[]>();
            var (first, second) = (new List<int>(), new List<(int, int, double)[]>());
            foreach (var (c, i, j) in targets)
            {
                var row = new List<(int, int, double)> { (0, Strict(c, i, j), 1) };
                for (var k = Math.Min(i, j) + 1; k < Math.Max(i, j); k++)
                {
                    row.Add((1, first.Count, -1));
                    first.Add(Strict(c, i, k));
                    var (part, element) = home[(c * pattern.Count) + pattern.Place(k, j)];
                    second.Add([(part, element, 1)]);
                }

                home[(c * pattern.Count) + pattern.Place(i, j)] = (parts.Count, rows.Count);
                rows.Add([.. row]);
            }

            parts.Add(first.Count == 0
                ? builder.Add(new SparseAffine(rows), [both])
                : builder.Add(new SparseAffine(rows), [both, builder.Select(left, [.. first]) * builder.Add(new SparseAffine(second), [.. parts])]));
        }

        var all = new List<(int, int, double)[]>();
        for (var c = 0; c < components; c++)
        {
            for (var entry = 0; entry < pattern.Count; entry++)
            {
                var (part, element) = home[(c * pattern.Count) + entry];
                all.Add(entry < pattern.Dimension ? [(parts.Count, (c * pattern.Dimension) + entry, 1)] : [(part, element, 1)]);
            }
        }

        return builder.Add(new SparseAffine(all), [.. parts, onDiagonal]);
    }
}
