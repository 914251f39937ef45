using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Arithmetic;

namespace Guarantees.Claims;

/// <summary>theta ~ N(m, S0), x = A theta + b + N(0, S): a model whose posterior is known in closed form.</summary>
/// <remarks>
/// The posterior is N(m + G (x - A m - b), C) with the gain G = S0 A^T (A S0 A^T + S)^-1 and C = S0 - G A S0 (D. V. Lindley, A. F. M. Smith, "Bayes Estimates for the Linear Model",
/// Journal of the Royal Statistical Society B, 1972). Every number is taken as the double that is stored, exactly.
/// </remarks>
/// <param name="PriorMean">m, [D].</param>
/// <param name="PriorCovariance">S0, [D * D], row by row; symmetric and positive definite.</param>
/// <param name="Matrix">A, [N * D], row by row.</param>
/// <param name="Offset">b, [N].</param>
/// <param name="NoiseCovariance">S, [N * N], row by row; symmetric and positive definite.</param>
public sealed record LinearModel(
    ImmutableArray<double> PriorMean,
    ImmutableArray<double> PriorCovariance,
    ImmutableArray<double> Matrix,
    ImmutableArray<double> Offset,
    ImmutableArray<double> NoiseCovariance)
{
    /// <summary>Largest D and N: elimination in exact numbers takes their fourth power or more.</summary>
    public const int MostRows = 32;

    /// <summary>Numbers other than 0 have sizes between <see cref="Smallest"/> and this.</summary>
    public const double Largest = 1e15;

    /// <summary>See <see cref="Largest"/>.</summary>
    public const double Smallest = 1e-15;

    /// <summary>D, the number of parameters.</summary>
    public int Parameters => PriorMean.Length;

    /// <summary>N, the number of data.</summary>
    public int Data => Offset.Length;

    /// <summary>What is wrong with the numbers, in one line without its end; empty where they are a model.</summary>
    public string Objection()
    {
        var (d, n) = (PriorMean.IsDefault ? 0 : Parameters, Offset.IsDefault ? 0 : Data);
        if (d is 0 or > MostRows || n is 0 or > MostRows)
        {
            return $"the model has {d} parameters and {n} data, expected 1 to {MostRows} of both";
        }

        return Lengths("prior-covariance", PriorCovariance, d, d) ?? Lengths("matrix", Matrix, n, d) ?? Lengths("noise-covariance", NoiseCovariance, n, n)
            ?? Range("prior-mean", PriorMean) ?? Range("prior-covariance", PriorCovariance) ?? Range("matrix", Matrix) ?? Range("offset", Offset) ?? Range("noise-covariance", NoiseCovariance)
            ?? Covariance("prior-covariance", PriorCovariance, d) ?? Covariance("noise-covariance", NoiseCovariance, n) ?? "";
    }

    /// <summary>G, m - G (A m + b), and the factors of C with the parameters in their order, or the last one first.</summary>
    internal (Rational[,] Gain, Rational[] Constant, Func<int, int, Interval> Root) Posterior(bool lastFirst)
    {
        // One elimination of [[A S0 A^T + S, A S0], [S0 A^T, S0]] gives all: its last pivots are those of C.
        var (d, n) = (Parameters, Data);
        int Place(int i) => lastFirst ? d - 1 - i : i;
        var (prior, noise, map) = (Exact(PriorCovariance, d, d), Exact(NoiseCovariance, n, n), Exact(Matrix, n, d));
        var cross = new Rational[d, n];
        for (var i = 0; i < d; i++)
        {
            for (var k = 0; k < n; k++)
            {
                cross[i, k] = Sum(d, j => prior[i, j] * map[k, j]);
            }
        }

        var joint = new Rational[n + d, n + d];
        for (var k = 0; k < n; k++)
        {
            for (var l = 0; l <= k; l++)
            {
                joint[k, l] = noise[k, l] + Sum(d, j => map[k, j] * cross[j, l]);
            }
        }

        for (var i = 0; i < d; i++)
        {
            for (var k = 0; k < n; k++)
            {
                joint[n + i, k] = cross[Place(i), k];
            }

            for (var j = 0; j <= i; j++)
            {
                joint[n + i, n + j] = prior[Place(i), Place(j)];
            }
        }

        var factors = SymmetricElimination.Of(joint) ?? throw new InvalidOperationException("Broken invariant: the covariance of parameters and data is not positive definite.");
        var (placed, gain, constant) = (factors.Quotient(n), new Rational[d, n], new Rational[d]);
        for (var i = 0; i < d; i++)
        {
            for (var k = 0; k < n; k++)
            {
                gain[Place(i), k] = placed[i, k];
            }
        }

        var expected = new Rational[n];
        for (var k = 0; k < n; k++)
        {
            expected[k] = Rational.Of(Offset[k]) + Sum(d, j => map[k, j] * Rational.Of(PriorMean[j]));
        }

        for (var i = 0; i < d; i++)
        {
            constant[i] = Rational.Of(PriorMean[i]) - Sum(n, k => gain[i, k] * expected[k]);
        }

        return (gain, constant, (i, j) => factors.Root(n + Place(i), n + Place(j)));
    }

    private static Rational Sum(int count, Func<int, Rational> term)
    {
        var sum = Rational.Zero;
        for (var i = 0; i < count; i++)
        {
            sum += term(i);
        }

        return sum;
    }

    private static Rational[,] Exact(ImmutableArray<double> values, int rows, int columns)
    {
        var result = new Rational[rows, columns];
        for (var i = 0; i < values.Length; i++)
        {
            result[i / columns, i % columns] = Rational.Of(values[i]);
        }

        return result;
    }

    private static string? Lengths(string what, ImmutableArray<double> values, int rows, int columns) =>
        !values.IsDefault && values.Length == rows * columns ? null : $"{what} has {(values.IsDefault ? 0 : values.Length)} numbers, expected {rows} rows of {columns}";

    private static string? Range(string what, ImmutableArray<double> values)
    {
        foreach (var value in values)
        {
            if (value != 0 && !(Math.Abs(value) is >= Smallest and <= Largest))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{what} holds {value:R}, expected 0 or a number of size {Smallest:0e0} to {Largest:0e0}");
            }
        }

        return null;
    }

    private static string? Covariance(string what, ImmutableArray<double> values, int n)
    {
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (values[(i * n) + j] != values[(j * n) + i])
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{what} is not symmetric: entries ({i}, {j}) and ({j}, {i}) are {values[(i * n) + j]:R} and {values[(j * n) + i]:R}");
                }
            }
        }

        return SymmetricElimination.Of(Exact(values, n, n)) is null ? $"{what} is not positive definite" : null;
    }
}
