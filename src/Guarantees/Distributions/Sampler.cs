using System.Collections.Immutable;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>q(. | x) = T(.; x)#rho, the law of theta = T(z; x) for noise z of a known law rho: a network with two inputs, z and x, and the output theta.</summary>
/// <remarks>
/// For posteriors that are sampled and not evaluated: flow matching and diffusion with their deployed steps unrolled, generative networks, flows in the direction of sampling. There is no density and
/// there are no parameters to read, so the one claim is how far the law moves in the Wasserstein distance: see <see cref="Claims.SamplerChange"/>.
/// </remarks>
public sealed class Sampler : Family
{
    /// <summary>Name in specs.</summary>
    public const string Word = "sampler";

    private Sampler(string noise, string data, string output, int noiseLength, int dimension) =>
        (NoiseInput, DataInput, Output, NoiseLength, Dimension) = (noise, data, output, noiseLength, dimension);

    /// <inheritdoc/>
    public override string Name => Word;

    /// <summary>The input that is z.</summary>
    public string NoiseInput { get; }

    /// <summary>The input that is x.</summary>
    public string DataInput { get; }

    /// <summary>The output that is theta.</summary>
    public string Output { get; }

    /// <summary>m, the length of z.</summary>
    public int NoiseLength { get; }

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int Components => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => [Output];

    /// <summary>The sampler that a network computes.</summary>
    /// <param name="network">Two inputs and the output.</param>
    /// <param name="noise">Name of the input that is z; the other one is x.</param>
    /// <param name="output">Name of the output theta.</param>
    /// <exception cref="ArgumentException">There are not two inputs, none of that name, or no such output; one line says which.</exception>
    public static Sampler For(Network network, string noise, string output)
    {
        ArgumentNullException.ThrowIfNull(network);
        var inputs = network.Inputs.Select(node => ((Input)node.Operator).Label).ToImmutableArray();
        if (inputs.Length != 2)
        {
            throw new ArgumentException($"The family {Word} needs a network with two inputs, z and x; this one has {inputs.Length}: {string.Join(", ", inputs.Select(name => $"'{name}'"))}.", nameof(network));
        }

        var place = inputs.IndexOf(noise);
        return place < 0
            ? throw new ArgumentException($"The network has no input '{noise}'; it has '{inputs[0]}' and '{inputs[1]}'.", nameof(noise))
            : new(noise, inputs[1 - place], output, network.Inputs[place].Length, LengthOf(network, output));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Always: there are no parameters of theta's distribution.</exception>
    public override Parameters Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs) =>
        throw new ArgumentException($"The family {Word} is known by its samples only; its one claim is robustness with the metric wasserstein2.");
}
