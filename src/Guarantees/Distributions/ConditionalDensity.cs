using System.Collections.Immutable;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>A density of theta given x of which only the value ln q(theta | x) is known: a network with two inputs, theta and x, and one output of length 1.</summary>
/// <remarks>
/// For conditional flows (masked autoregressive, coupling), energy-based posteriors and ratio estimators (a classifier's logit of (theta, x) is ln q up to a term that theta does
/// not change). There are no parameters of theta's distribution to read, so the one claim is how much the log density changes with x: see <see cref="Claims.DensityChange"/>.
/// </remarks>
public sealed class ConditionalDensity : Family
{
    /// <summary>Name in specs.</summary>
    public const string Word = "log-density";

    private ConditionalDensity(string parameters, string data, string output, int dimension) => (ParameterInput, DataInput, Output, Dimension) = (parameters, data, output, dimension);

    /// <inheritdoc/>
    public override string Name => Word;

    /// <summary>The input that is theta.</summary>
    public string ParameterInput { get; }

    /// <summary>The input that is x.</summary>
    public string DataInput { get; }

    /// <summary>The output that is ln q(theta | x), up to a term without theta.</summary>
    public string Output { get; }

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int Components => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => [Output];

    /// <summary>The density that a network computes.</summary>
    /// <param name="network">Two inputs and the output.</param>
    /// <param name="parameters">Name of the input that is theta; the other one is x.</param>
    /// <param name="output">Name of the output ln q(theta | x).</param>
    /// <exception cref="ArgumentException">There are not two inputs, none of that name, no such output, or it is not one number; one line says which.</exception>
    public static ConditionalDensity For(Network network, string parameters, string output)
    {
        ArgumentNullException.ThrowIfNull(network);
        var inputs = network.Inputs.Select(node => ((Input)node.Operator).Label).ToImmutableArray();
        if (inputs.Length != 2)
        {
            throw new ArgumentException($"The family {Word} needs a network with two inputs, theta and x; this one has {inputs.Length}: {string.Join(", ", inputs.Select(name => $"'{name}'"))}.", nameof(network));
        }

        var place = inputs.IndexOf(parameters);
        if (place < 0)
        {
            throw new ArgumentException($"The network has no input '{parameters}'; it has '{inputs[0]}' and '{inputs[1]}'.", nameof(parameters));
        }

        var length = LengthOf(network, output);
        return length == 1
            ? new(parameters, inputs[1 - place], output, network.Inputs[place].Length)
            : throw new ArgumentException($"Output '{output}' has {length} elements; the family {Word} needs 1, the log density.", nameof(output));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Always: there are no parameters of theta's distribution.</exception>
    public override Parameters Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs) =>
        throw new ArgumentException($"The family {Word} is known by its values only; its one claim is robustness with the metric log-density.");
}
