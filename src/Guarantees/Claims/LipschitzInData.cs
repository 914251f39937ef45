using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <summary>A number C with |f(z, x) - f(z, x')|_2 &lt;= C |x - x'|_2 for every z and every x and x', whatever their size.</summary>
/// <remarks>
/// Node by node, L_v the constant of v: 1 for x and 0 for z and constants; for a linear map y = b + sum_a A_a v_a the smaller of sum_a |A_a|_2 L_a (triangle inequality) and
/// |[A_1 A_2 ...]|_2 sqrt(sum_a L_a²); for an elementwise function the largest |slope| over the whole line times L. Everything else, such as products, has none unless nothing that it reads changes.
/// Spectral norms by <see cref="SpectralNorm"/>; of maps of more than <see cref="MostEntries"/> entries by |A|_2² &lt;= |A|_1 |A|_inf, the largest sums of sizes in a column and in a row. All sums and products
/// are rounded up; what is no number is infinite.
/// </remarks>
internal static class LipschitzInData
{
    /// <summary>Most entries of a map whose spectral norm is found by elimination.</summary>
    private const int MostEntries = 1 << 14;

    /// <summary>C for one node; infinity where none is found.</summary>
    /// <param name="network">f.</param>
    /// <param name="data">Label of the input x.</param>
    /// <param name="output">The node.</param>
    public static double Of(Network network, string data, int output)
    {
        var constants = new double[network.Nodes.Length];
        foreach (var node in network.Nodes.Take(output + 1))
        {
            var constant = node.Operator is Input slot
                ? slot.Label == data ? 1 : 0
                : node.Arguments.All(argument => constants[argument] == 0) ? 0
                : node.Operator switch
                {
                    LinearOperator linear => OfLinear(network, node, linear, constants),
                    Activation activation => Rounding.MultiplyUp(Steepest(activation, node.Length), constants[node.Arguments[0]]),
                    _ => double.PositiveInfinity,
                };
            constants[node.Id] = double.IsNaN(constant) ? double.PositiveInfinity : constant;
        }

        return constants[output];
    }

    private static double OfLinear(Network network, Node node, LinearOperator linear, double[] constants)
    {
        var moving = Enumerable.Range(0, node.Arguments.Length).Where(a => constants[node.Arguments[a]] > 0).ToArray();
        var (starts, width) = (new int[node.Arguments.Length], 0);
        foreach (var a in moving)
        {
            starts[a] = width;
            width += network.Nodes[node.Arguments[a]].Length;
        }

        if ((long)node.Length * width > MostEntries)
        {
            return moving.Aggregate(0.0, (sum, a) => Rounding.AddUp(sum, Rounding.MultiplyUp(RowsAndColumns(network, node, linear, a), constants[node.Arguments[a]])));
        }

        var whole = new Interval[node.Length][];
        for (var i = 0; i < node.Length; i++)
        {
            whole[i] = new Interval[width];
            Array.Fill(whole[i], Interval.Point(0));
            var terms = linear.Terms(i);
            for (var t = 0; t < terms.Count; t++)
            {
                var (argument, element, weight) = terms[t];
                if (constants[node.Arguments[argument]] > 0)
                {
                    whole[i][starts[argument] + element] += Interval.Point(weight);
                }
            }
        }

        var (apart, squares) = (0.0, 0.0);
        foreach (var a in moving)
        {
            var (own, length) = (constants[node.Arguments[a]], network.Nodes[node.Arguments[a]].Length);
            apart = Rounding.AddUp(apart, Rounding.MultiplyUp(SpectralNorm.Upper([.. whole.Select(row => row.AsSpan(starts[a], length).ToArray())]), own));
            squares = Rounding.AddUp(squares, Rounding.MultiplyUp(own, own));
        }

        var together = Rounding.MultiplyUp(SpectralNorm.Upper(whole), Rounding.SqrtUp(squares));
        return double.IsNaN(together) || apart < together ? apart : together;
    }

    /// <summary>sqrt(|A|_1 |A|_inf) of the part of a map that reads one argument.</summary>
    private static double RowsAndColumns(Network network, Node node, LinearOperator linear, int argument)
    {
        var (columns, row) = (new double[network.Nodes[node.Arguments[argument]].Length], 0.0);
        for (var i = 0; i < node.Length; i++)
        {
            var terms = linear.Terms(i);
            var sum = 0.0;
            for (var t = 0; t < terms.Count; t++)
            {
                var (read, element, weight) = terms[t];
                if (read == argument)
                {
                    sum = Rounding.AddUp(sum, Math.Abs(weight));
                    columns[element] = Rounding.AddUp(columns[element], Math.Abs(weight));
                }
            }

            row = Math.Max(row, sum);
        }

        return Rounding.SqrtUp(Rounding.MultiplyUp(row, columns.Max()));
    }

    /// <summary>The largest |f(t) - f(s)| / |t - s| over all numbers and elements.</summary>
    private static double Steepest(Activation activation, int length)
    {
        try
        {
            var slopes = new Box(length);
            activation.Tangent(
                [new Box([.. Enumerable.Repeat(double.NegativeInfinity, length)], [.. Enumerable.Repeat(double.PositiveInfinity, length)])],
                [new Box([.. Enumerable.Repeat(1.0, length)], [.. Enumerable.Repeat(1.0, length)])],
                slopes);
            return Enumerable.Range(0, length).Max(i => slopes[i].Magnitude);
        }
        catch (DomainException)
        {
            return double.PositiveInfinity;
        }
    }
}
