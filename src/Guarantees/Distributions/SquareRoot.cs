using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>What a network gives for each parameter's spread.</summary>
public enum ScaleKind
{
    /// <summary>sigma.</summary>
    StandardDeviation,

    /// <summary>ln sigma.</summary>
    LogStandardDeviation,

    /// <summary>sigma².</summary>
    Variance,

    /// <summary>ln sigma².</summary>
    LogVariance,
}

/// <summary>What makes an output positive.</summary>
public enum PositiveTransform
{
    /// <summary>Nothing: the output is used as it is.</summary>
    None,

    /// <summary>e^output.</summary>
    Exp,

    /// <summary>ln(1 + e^output).</summary>
    Softplus,
}

/// <summary>How outputs are read as one square root per component of its covariance, Sigma = L L^T, or of its precision, Sigma^-1 = U^T U.</summary>
/// <remarks>
/// Entries outside the triangle are not read. A diagonal of any sign gives a covariance, so W2 bounds need no positivity; the others need
/// a diagonal without 0, and say so where a range holds 0.
/// </remarks>
public sealed class SquareRoot
{
    private readonly string diagonal;
    private readonly string? rest;
    private readonly bool isMatrix;
    private readonly bool isCovariance;
    private readonly ScaleKind scale;
    private readonly PositiveTransform transform;

    private SquareRoot(bool isPrecision, string diagonal, string? rest, bool isMatrix, ScaleKind scale, PositiveTransform transform, bool isCovariance = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(diagonal);
        (IsPrecision, this.diagonal, this.rest, this.isMatrix, this.scale, this.transform, this.isCovariance) = (isPrecision, diagonal, rest, isMatrix, scale, transform, isCovariance);
    }

    /// <summary>Whether the root is one of the precision (U) and not of the covariance (L).</summary>
    public bool IsPrecision { get; }

    /// <summary>Whether only diagonals are read.</summary>
    public bool IsDiagonal => rest is null && !isMatrix;

    /// <summary>Whether a transform makes the diagonal positive, whatever the output is.</summary>
    internal bool IsPositive => isCovariance || transform != PositiveTransform.None || scale != ScaleKind.StandardDeviation;

    /// <summary>The outputs that are read.</summary>
    public IReadOnlyList<string> OutputNames => rest is null ? [diagonal] : [diagonal, rest];

    /// <summary>A diagonal covariance from one output [K, D].</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="kind">What it gives.</param>
    /// <param name="softplus">Whether ln(1 + e^.) is applied to it first; not for logarithms.</param>
    public static SquareRoot Diagonal(string output, ScaleKind kind = ScaleKind.StandardDeviation, bool softplus = false) =>
        softplus && kind is (ScaleKind.LogStandardDeviation or ScaleKind.LogVariance)
            ? throw new ArgumentException($"Softplus makes an output positive, and {Claims.Words.Of(kind)} may have any sign; leave one of them out.", nameof(softplus))
            : new(false, output, null, false, kind, softplus ? PositiveTransform.Softplus : PositiveTransform.None);

    /// <summary>A lower triangular L from a diagonal [K, D] and the strict lower triangle [K, D(D-1)/2], row by row.</summary>
    /// <param name="diagonal">Name of the output with the diagonal.</param>
    /// <param name="lower">Name of the output with the strict lower triangle; null where there is none, and L is diagonal.</param>
    /// <param name="transform">What is applied to the diagonal.</param>
    public static SquareRoot Cholesky(string diagonal, string? lower, PositiveTransform transform = PositiveTransform.None) =>
        new(false, diagonal, lower, false, ScaleKind.StandardDeviation, transform);

    /// <summary>A lower triangular L from one output [K, D, D], row by row; what lies above its diagonal is not read.</summary>
    /// <param name="matrix">Name of the output.</param>
    /// <param name="transform">What is applied to the diagonal.</param>
    public static SquareRoot CholeskyMatrix(string matrix, PositiveTransform transform = PositiveTransform.None) =>
        new(false, matrix, null, true, ScaleKind.StandardDeviation, transform);

    /// <summary>The lower triangular L with a positive diagonal of a covariance Sigma = L L^T from one output [K, D, D], row by row; what lies above its diagonal is not read.</summary>
    /// <remarks>
    /// L by the recursion of A.-L. Cholesky, column after column: L_jj = sqrt(Sigma_jj - sum_k L_jk²), L_ij = (Sigma_ij - sum_k L_ik L_jk) / L_jj. Where the range of a root's argument holds a number below 0, or that of a
    /// divisor holds 0, nothing is known: such a part is divided. Bounds are wider than those from a factor, by more in more dimensions.
    /// </remarks>
    /// <param name="matrix">Name of the output.</param>
    public static SquareRoot Covariance(string matrix) => new(false, matrix, null, true, ScaleKind.StandardDeviation, PositiveTransform.None, isCovariance: true);

    /// <summary>An upper triangular U from a diagonal [K, D] and the strict upper triangle [K, D(D-1)/2], row by row, as sbi exports it.</summary>
    /// <param name="diagonal">Name of the output with the diagonal.</param>
    /// <param name="upper">Name of the output with the strict upper triangle; null where there is none, and U is diagonal.</param>
    /// <param name="transform">What is applied to the diagonal.</param>
    public static SquareRoot PrecisionFactor(string diagonal, string? upper, PositiveTransform transform = PositiveTransform.None) =>
        new(true, diagonal, upper, false, ScaleKind.StandardDeviation, transform);

    internal Pattern PatternFor(int dimension) =>
        new(dimension, dimension == 1 || IsDiagonal ? Triangle.Diagonal : IsPrecision ? Triangle.Upper : Triangle.Lower);

    /// <summary>The entries of all roots, [K, entries of the pattern].</summary>
    internal Vector Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs, string family, int components, int dimension)
    {
        var pattern = PatternFor(dimension);
        var (sizes, off) = ($"{components} x {dimension}", dimension * (dimension - 1) / 2);
        Vector onDiagonal;
        Vector? others = null;
        if (isMatrix)
        {
            var matrix = Family.Read(family, outputs, diagonal, components * dimension * dimension, $"{sizes} x {dimension}");
            var places = Enumerable.Range(0, components).SelectMany(c => pattern.Entries.Select(e => (((c * dimension) + e.Row) * dimension) + e.Column)).ToArray();
            if (isCovariance)
            {
                return Factor(builder, builder.Select(matrix, places), pattern, components);
            }

            var packed = builder.Select(matrix, places);
            onDiagonal = builder.Select(packed, pattern.DiagonalPlaces(components));
            others = pattern.Count > dimension ? builder.Select(packed, pattern.StrictPlaces(components)) : null;
        }
        else
        {
            onDiagonal = Family.Read(family, outputs, diagonal, components * dimension, sizes);
            if (rest is not null && off == 0)
            {
                throw new ArgumentException($"In 1 dimension there is nothing off the diagonal; leave out the output '{rest}'.", nameof(outputs));
            }

            others = rest is null ? null : Family.Read(family, outputs, rest, components * off, $"{components} x {off}");
        }

        var positive = Transform(builder, onDiagonal);
        return others is null ? positive : Blocks.Join(builder, components, positive, others.Value);
    }

    /// <summary>The Cholesky factors of packed covariances, packed in the same way.</summary>
    private static Vector Factor(NetworkBuilder builder, Vector covariance, Pattern pattern, int components)
    {
        // Each entry is a vector over the components.
        Vector Entry(int e) => builder.Select(covariance, [.. Enumerable.Range(0, components).Select(c => (c * pattern.Count) + e)]);
        var factor = new Vector[pattern.Count];
        for (var j = 0; j < pattern.Dimension; j++)
        {
            var squares = Entry(pattern.Place(j, j));
            for (var k = 0; k < j; k++)
            {
                squares -= builder.Apply(new Square(), factor[pattern.Place(j, k)]);
            }

            factor[pattern.Place(j, j)] = builder.Apply(new Sqrt(), squares);
            var inverse = j + 1 < pattern.Dimension ? builder.Apply(new Reciprocal(), factor[pattern.Place(j, j)]) : default;
            for (var i = j + 1; i < pattern.Dimension; i++)
            {
                var rest = Entry(pattern.Place(i, j));
                for (var k = 0; k < j; k++)
                {
                    rest -= factor[pattern.Place(i, k)] * factor[pattern.Place(j, k)];
                }

                factor[pattern.Place(i, j)] = rest * inverse;
            }
        }

        return builder.Select(builder.Concat(factor), [.. Enumerable.Range(0, components).SelectMany(c => Enumerable.Range(0, pattern.Count).Select(e => (e * components) + c))]);
    }

    private Vector Transform(NetworkBuilder builder, Vector output)
    {
        var value = transform switch
        {
            PositiveTransform.Exp => builder.Apply(new Exp(), output),
            PositiveTransform.Softplus => builder.Apply(new Softplus(), output),
            _ => output,
        };
        return scale switch
        {
            ScaleKind.LogStandardDeviation => builder.Apply(new Exp(), value),
            ScaleKind.Variance => builder.Apply(new Sqrt(), value),
            ScaleKind.LogVariance => builder.Apply(new Exp(), 0.5 * value),
            _ => value,
        };
    }
}
