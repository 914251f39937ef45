using Guarantees.Networks;

namespace Guarantees.Distributions;

/// <summary>A parametric family of distributions of theta, read from named outputs of an estimator's network.</summary>
/// <remarks>Families are immutable values. Lengths are checked when a family is bound to the outputs of a network.</remarks>
public abstract class Family
{
    /// <summary>Name in specs: "gaussian-mixture".</summary>
    public abstract string Name { get; }

    /// <summary>D, the number of parameters theta.</summary>
    public abstract int Dimension { get; }

    /// <summary>K, the number of components; 1 where there is no mixture.</summary>
    public abstract int Components { get; }

    /// <summary>The outputs that the family reads.</summary>
    public abstract IReadOnlyList<string> OutputNames { get; }

    /// <summary>Adds the nodes that turn outputs into parameters.</summary>
    /// <param name="builder">The graph under construction.</param>
    /// <param name="outputs">Outputs of the estimator's network by name.</param>
    /// <exception cref="ArgumentException">An output is missing or has the wrong length; the message says which.</exception>
    public abstract Parameters Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs);

    /// <summary>The family in words, such as "gaussian-mixture, 8 components in 2 dimensions".</summary>
    public virtual string Describe() => Components > 1
        ? $"{Name}, {Components} components in {Count(Dimension)}"
        : $"{Name} in {Count(Dimension)}";

    /// <inheritdoc cref="Describe"/>
    public override string ToString() => Describe();

    /// <summary>The output of that name, of that length.</summary>
    internal static Vector Read(string family, IReadOnlyDictionary<string, Vector> outputs, string name, int length, string why)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        if (!outputs.TryGetValue(name, out var output))
        {
            throw new ArgumentException(
                $"The family {family} reads an output '{name}'; the network has {string.Join(", ", outputs.Keys.Select(key => $"'{key}'"))}.", nameof(outputs));
        }

        return output.Length == length ? output : throw new ArgumentException(
            $"Output '{name}' has {output.Length} elements; the family {family} needs {length} ({why}).", nameof(outputs));
    }

    /// <summary>Length of an output of a network, for constructors that infer sizes.</summary>
    private protected static int LengthOf(Network network, string name)
    {
        ArgumentNullException.ThrowIfNull(network);
        foreach (var (output, node) in network.Outputs)
        {
            if (output == name)
            {
                return network.Nodes[node].Length;
            }
        }

        throw new ArgumentException(
            $"The network has no output '{name}'; it has {string.Join(", ", network.Outputs.Select(output => $"'{output.Name}'"))}.", nameof(name));
    }

    private static string Count(int dimension) => dimension == 1 ? "1 dimension" : $"{dimension} dimensions";
}
