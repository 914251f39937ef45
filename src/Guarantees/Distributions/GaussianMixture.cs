using Guarantees.Networks;

namespace Guarantees.Distributions;

/// <summary>sum_k pi_k N(mu_k, Sigma_k), pi = softmax(logits).</summary>
/// <remarks>
/// Outputs: logits [K], means [K, D], and the entries of one root per component, see <see cref="SquareRoot"/>. sbi's mixture density network
/// gives <c>logits</c>, <c>means</c>, <c>precision_diagonal [K, D]</c> and <c>precision_upper [K, D(D-1)/2]</c>.
/// </remarks>
public sealed class GaussianMixture : Family
{
    private readonly string logits;
    private readonly string means;
    private readonly SquareRoot root;

    /// <summary>Creates the family.</summary>
    /// <param name="components">K, at least 1.</param>
    /// <param name="dimension">D, at least 1.</param>
    /// <param name="logits">Name of the output with the logits.</param>
    /// <param name="means">Name of the output with the means.</param>
    /// <param name="root">How the square roots are read.</param>
    public GaussianMixture(int components, int dimension, string logits, string means, SquareRoot root)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(components);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentException.ThrowIfNullOrEmpty(logits);
        ArgumentException.ThrowIfNullOrEmpty(means);
        ArgumentNullException.ThrowIfNull(root);
        (Components, Dimension, this.logits, this.means, this.root) = (components, dimension, logits, means, root);
    }

    /// <inheritdoc/>
    public override string Name => "gaussian-mixture";

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int Components { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => [logits, means, .. root.OutputNames];

    /// <summary>The family with K and D read from the lengths of the outputs.</summary>
    public static GaussianMixture For(Network network, string logits, string means, SquareRoot root)
    {
        var (components, length) = (LengthOf(network, logits), LengthOf(network, means));
        return length % components == 0
            ? new(components, length / components, logits, means, root)
            : throw new ArgumentException($"Output '{means}' has {length} elements, which {components} logits do not divide.", nameof(means));
    }

    /// <inheritdoc/>
    public override Parameters Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var z = Read(Name, outputs, logits, Components, $"{Components} components");
        var mu = Read(Name, outputs, means, Components * Dimension, $"{Components} x {Dimension}");
        return new(builder, Components, Components > 1 ? z : null, mu, root.PatternFor(Dimension), root.IsPrecision, root.Bind(builder, outputs, Name, Components, Dimension)) { HasPositiveDiagonal = root.IsPositive };
    }

    /// <inheritdoc/>
    public override string Describe() => Components == 1 ? $"{base.Describe()} (1 component)" : base.Describe();
}
