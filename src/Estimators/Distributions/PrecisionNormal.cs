using Estimators.Simulators;
using Guarantees.Arithmetic;

namespace Estimators.Distributions;

/// <summary>N(0, P^-1) for a precision matrix P: p(x) = (2 π)^(-D/2) √det P exp(-xᵀ P x / 2).</summary>
/// <remarks>With P = L Lᵀ (Cholesky) draws solve Lᵀ x = z for standard normal z, so that their covariance is P^-1.</remarks>
public sealed class PrecisionNormal : Distribution
{
    private readonly double[,] factor;
    private readonly double constant;

    /// <summary>Creates the family member.</summary>
    /// <param name="precision">P, [D, D], symmetric and positive definite.</param>
    /// <exception cref="ArgumentException">P is not so.</exception>
    public PrecisionNormal(double[,] precision)
    {
        ArgumentNullException.ThrowIfNull(precision);
        Length = precision.GetLength(0);
        factor = new double[Length, Length];
        constant = Length * IndependentNormal.HalfLogTwoPi;
        if (Length == 0 || precision.GetLength(1) != Length)
        {
            throw new ArgumentException($"A precision matrix is square, this one is {Length} by {precision.GetLength(1)}.", nameof(precision));
        }

        for (var i = 0; i < Length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = precision[i, j] == precision[j, i] ? precision[i, j] : double.NaN;
                for (var k = 0; k < j; k++)
                {
                    sum -= factor[i, k] * factor[j, k];
                }

                factor[i, j] = i == j ? Math.Sqrt(sum) : sum / factor[j, j];
            }

            if (!(factor[i, i] > 0 && double.IsFinite(factor[i, i])))
            {
                throw new ArgumentException($"The precision matrix is not symmetric and positive definite (row {i}).", nameof(precision));
            }

            constant -= Elementary.Log(factor[i, i]);
        }
    }

    /// <inheritdoc/>
    public override int Length { get; }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, Length);
        var squares = 0.0;
        for (var j = 0; j < Length; j++)
        {
            var sum = 0.0;
            for (var i = j; i < Length; i++)
            {
                sum += factor[i, j] * x[i];
            }

            squares += sum * sum;
        }

        return (-0.5 * squares) - constant;
    }

    /// <inheritdoc/>
    public override void Sample(DrawSource random, Span<double> x)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, Length);
        for (var j = Length - 1; j >= 0; j--)
        {
            var sum = random.Normal();
            for (var i = j + 1; i < Length; i++)
            {
                sum -= factor[i, j] * x[i];
            }

            x[j] = sum / factor[j, j];
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"normal of mean 0 in {Length} dimensions";
}
