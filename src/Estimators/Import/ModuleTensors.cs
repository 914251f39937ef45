using System.Globalization;
using System.Runtime.InteropServices;
using Estimators.Export;
using Estimators.Training;
using Guarantees.Formats;
using static TorchSharp.torch;

namespace Estimators.Import;

/// <summary>Weights of our families from elsewhere, and to elsewhere: <c>network.Load(NamedTensors.Read("weights.pt"))</c>.</summary>
public static class ModuleTensors
{
    /// <summary>Names in one list of a message.</summary>
    private const int MostNames = 12;

    /// <summary>All parameters and standardizations of a network by name, in its order: what <see cref="Load"/> expects.</summary>
    /// <param name="network">Any of our families; float32.</param>
    public static NamedTensors ToNamedTensors(this nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        return new NamedTensors(
            network.state_dict().Select(entry => new NamedTensor(entry.Key, [.. entry.Value.shape], ImmutableCollectionsMarshal.AsImmutableArray(OnnxLayers.Numbers(entry.Value).ToArray()))), network.GetName());
    }

    /// <summary>Takes all parameters and standardizations of a network from tensors of the same names and shapes.</summary>
    /// <param name="network">Any of our families; unchanged where this fails.</param>
    /// <param name="tensors">As many as the network has, no others; weight matrices are [out, in], as PyTorch's.</param>
    /// <exception cref="ModelFormatException">Some are missing, unexpected, of another shape or out of range; the message names every one.</exception>
    public static void Load(this nn.Module network, NamedTensors tensors)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(tensors);
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var state = network.state_dict();
        var scales = network.named_modules().Where(part => part.module is Standardization).Select(part => $"{part.name}.inverseScale").ToHashSet(StringComparer.Ordinal);
        List<string> missing = [], unexpected = [], wrong = [];
        foreach (var (name, target) in state)
        {
            if (!tensors.TryGet(name, out var tensor))
            {
                missing.Add($"{OneLine.Quote(name)} {NamedTensor.Text(target.shape)}");
            }
            else if (!tensor.Shape.AsSpan().SequenceEqual(target.shape))
            {
                wrong.Add($"{OneLine.Quote(name)} is {NamedTensor.Text(tensor.Shape)}, expected {NamedTensor.Text(target.shape)}");
            }
            else if (scales.Contains(name) && tensor.Values.Any(value => value <= 0))
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{OneLine.Quote(name)} holds {tensor.Values.Min():R}, expected reciprocals of standard deviations, above 0"));
            }
        }

        unexpected.AddRange(tensors.All.Where(tensor => !state.ContainsKey(tensor.Name)).Select(tensor => $"{OneLine.Quote(tensor.Name)} {NamedTensor.Text(tensor.Shape)}"));
        if (missing.Count + unexpected.Count + wrong.Count > 0)
        {
            throw new ModelFormatException($"{tensors.Source}: no weights of this {network.GetName()}: {string.Join("; ", ((string[])[List("missing", missing), List("unexpected", unexpected), List("wrong", wrong)]).Where(text => text.Length > 0))}.");
        }

        foreach (var (name, target) in state)
        {
            var from = tensors[name];
            target.copy_(tensor(ImmutableCollectionsMarshal.AsArray(from.Values)!, [.. from.Shape]));
        }
    }

    private static string List(string what, List<string> names) =>
        names.Count == 0 ? "" : $"{what} {string.Join(", ", names.Take(MostNames))}{(names.Count > MostNames ? $" and {names.Count - MostNames} more" : "")}";
}
