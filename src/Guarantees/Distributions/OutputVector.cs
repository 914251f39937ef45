using Guarantees.Networks;

namespace Guarantees.Distributions;

/// <summary>The point mass at y = f(x), all outputs of the network one after the other: a network that is no estimator, or a point estimate.</summary>
/// <remarks>
/// Two point masses lie |y - y'| apart in the Wasserstein distance of any order over the ground distance |.|, since there is one coupling only; the metrics are therefore
/// norms of the difference of outputs (<c>l1</c>, <c>l2</c>, <c>linf</c>), and the one claim is <c>lipschitz</c>. There is no density, no spread and no event.
/// </remarks>
public sealed class OutputVector : Family
{
    /// <summary>Name in specs.</summary>
    public const string Word = "vector";

    private readonly string[] names;

    private OutputVector(int dimension, string[] names) => (Dimension, this.names) = (dimension, names);

    /// <inheritdoc/>
    public override string Name => Word;

    /// <summary>Number of elements of all outputs.</summary>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int Components => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => names;

    /// <summary>All outputs of a network.</summary>
    public static OutputVector For(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new(network.Outputs.Sum(output => network.Nodes[output.Node].Length), [.. network.Outputs.Select(output => output.Name)]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Always: a point mass has no parameters of spread.</exception>
    public override Parameters Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs) =>
        throw new ArgumentException("The family vector is a point without spread; its one claim is lipschitz with the metric l1, l2 or linf.");
}
