using Guarantees.Networks;

namespace Guarantees.Distributions;

/// <summary>N(mu, Sigma) with Sigma = L L^T, L lower triangular, or Sigma^-1 = U^T U, U upper triangular.</summary>
/// <remarks>Outputs: mu [D] and the entries of L or U; see <see cref="SquareRoot"/>.</remarks>
public sealed class Gaussian : Family
{
    private readonly string mean;
    private readonly SquareRoot root;

    /// <summary>Creates the family.</summary>
    /// <param name="dimension">D, at least 1.</param>
    /// <param name="mean">Name of the output mu.</param>
    /// <param name="root">How L or U is read.</param>
    public Gaussian(int dimension, string mean, SquareRoot root)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentException.ThrowIfNullOrEmpty(mean);
        ArgumentNullException.ThrowIfNull(root);
        (Dimension, this.mean, this.root) = (dimension, mean, root);
    }

    /// <inheritdoc/>
    public override string Name => "gaussian";

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int Components => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => [mean, .. root.OutputNames];

    /// <summary>The family with D read from the length of the output mu.</summary>
    public static Gaussian For(Network network, string mean, SquareRoot root) => new(LengthOf(network, mean), mean, root);

    /// <inheritdoc/>
    public override Parameters Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var mu = Read(Name, outputs, mean, Dimension, $"{Dimension} parameters");
        return new(builder, 1, null, mu, root.PatternFor(Dimension), root.IsPrecision, root.Bind(builder, outputs, Name, 1, Dimension)) { HasPositiveDiagonal = root.IsPositive };
    }
}
