using System.Collections.Immutable;
using System.Security.Cryptography;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;

namespace Guarantees.Checking;

/// <summary>A model file of a network that a property declares.</summary>
/// <param name="Name">File name, for messages and certificates.</param>
/// <param name="Model">Its bytes.</param>
public sealed record NetworkModel(string Name, byte[] Model);

/// <summary>From the networks that a property declares to the model files.</summary>
/// <remarks>
/// VNN-LIB 2.0 (github.com/VNNLIB/VNNLIB-Standard, document/chapters/cli_solver.tex): one file for each network that is not <c>equal-to</c> another, neither fewer nor more. The
/// first network declared takes the model given first. <c>isomorphic-to</c> asks for a file; that its graph has the same nodes is not required here, only that inputs and outputs fit.
/// </remarks>
public static class PropertyNetworks
{
    /// <summary>The networks, in the order of the property; the same object for copies and for files with the same bytes.</summary>
    /// <param name="question">The property.</param>
    /// <param name="first">The model of the first network.</param>
    /// <param name="others">The models of the others by the network's name.</param>
    /// <exception cref="ArgumentException">A file is missing, or one too many is given.</exception>
    /// <exception cref="FormatException">A model cannot be read.</exception>
    public static ImmutableArray<Network> Read(VnnLibProperty question, NetworkModel first, IReadOnlyDictionary<string, NetworkModel> others)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(others);
        if (others.Keys.FirstOrDefault(name => question.Networks.All(network => network.Name != name)) is { } unknown)
        {
            throw new ArgumentException(
                $"{question.Name}: there is no network '{unknown}'; the property declares {string.Join(", ", question.Networks.Select(network => $"'{network.Name}'"))}.", nameof(others));
        }

        var (networks, read) = (ImmutableArray.CreateBuilder<Network>(), new Dictionary<string, Network>());
        foreach (var (k, network) in question.Networks.Index())
        {
            var given = others.GetValueOrDefault(network.Name);
            if (given is not null && (k == 0 || network.EqualTo is not null))
            {
                throw new ArgumentException(
                    $"{question.Name}: network '{network.Name}' {(k == 0 ? "is the model given first" : $"is equal to '{network.EqualTo}'")} and takes no other file.", nameof(others));
            }

            if (network.EqualTo is { } twin)
            {
                networks.Add(networks[question.Networks.ToList().FindIndex(item => item.Name == twin)]);
                continue;
            }

            var model = k == 0 ? first : given ?? throw new ArgumentException($"{question.Name}: network '{network.Name}' has no model, expected --network {network.Name}=FILE.", nameof(others));
            var hash = Convert.ToHexStringLower(SHA256.HashData(model.Model));
            networks.Add(read.TryGetValue(hash, out var same) ? same : read[hash] = OnnxImporter.Read(model.Model, model.Name));
        }

        return networks.ToImmutable();
    }

    /// <summary>The networks as one, nothing shared: inputs and outputs in the order of the property.</summary>
    public static Network SideBySide(VnnLibProperty question, ImmutableArray<Network> networks)
    {
        ArgumentNullException.ThrowIfNull(question);
        return JointNetwork.Of(question, networks);
    }

    /// <summary>The networks beyond the first that need a model of their own.</summary>
    public static IEnumerable<VnnLibNetwork> Others(VnnLibProperty question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return question.Networks.Skip(1).Where(network => network.EqualTo is null);
    }
}
