using Guarantees.Networks;

namespace Guarantees.Distributions;

/// <summary>N(mu, diag(sigma²)).</summary>
/// <remarks>Outputs: mu [D] and one of sigma, ln sigma, sigma², ln sigma² [D].</remarks>
public sealed class DiagonalGaussian : Family
{
    private readonly string mean;
    private readonly SquareRoot scale;

    /// <summary>Creates the family.</summary>
    /// <param name="dimension">D, at least 1.</param>
    /// <param name="mean">Name of the output mu.</param>
    /// <param name="scale">How sigma is read; diagonal.</param>
    public DiagonalGaussian(int dimension, string mean, SquareRoot scale)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentException.ThrowIfNullOrEmpty(mean);
        ArgumentNullException.ThrowIfNull(scale);
        if (!scale.IsDiagonal)
        {
            throw new ArgumentException("A diagonal-gaussian reads diagonals only; use gaussian for a triangular factor.", nameof(scale));
        }

        (Dimension, this.mean, this.scale) = (dimension, mean, scale);
    }

    /// <inheritdoc/>
    public override string Name => "diagonal-gaussian";

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int Components => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => [mean, .. scale.OutputNames];

    /// <summary>The family with D read from the length of the output mu.</summary>
    public static DiagonalGaussian For(Network network, string mean, SquareRoot scale) => new(LengthOf(network, mean), mean, scale);

    /// <inheritdoc/>
    public override Parameters Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var mu = Read(Name, outputs, mean, Dimension, $"{Dimension} parameters");
        return new(builder, 1, null, mu, scale.PatternFor(Dimension), scale.IsPrecision, scale.Bind(builder, outputs, Name, 1, Dimension)) { HasPositiveDiagonal = scale.IsPositive };
    }
}
