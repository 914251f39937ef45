using Guarantees.Formats.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families.Flows;

/// <summary>An increasing map of every number of a vector, u_i -&gt; z_i, each by <see cref="Count"/> numbers of its own that a network gives; onto, whatever they are.</summary>
/// <remarks>Vectors come as [batch, m] and the network's numbers as raw [batch, Count m]: number p of element i stands at p m + i. Formulas are written once for tensors and graphs, with rows for the numbers: [batch, Count, m].</remarks>
internal abstract class ElementMap
{
    /// <summary>How many numbers one element takes.</summary>
    public abstract int Count { get; }

    /// <summary>z and ln dz_i / du_i, [batch, 1, m] each.</summary>
    /// <param name="u">[batch, 1, m].</param>
    /// <param name="raw">[batch, Count, m].</param>
    public abstract (T Result, T Logs) Apply<T>(T u, T raw)
        where T : IFormula<T>;

    /// <summary>The u that is mapped to z, [batch, 1, m], in the current dispose scope.</summary>
    /// <param name="z">[batch, 1, m].</param>
    /// <param name="raw">[batch, Count, m].</param>
    public abstract Tensor Invert(Tensor z, Tensor raw);

    /// <summary>z and ln dz_i / du_i, [batch, m] each, in the current dispose scope.</summary>
    /// <param name="u">[batch, m].</param>
    /// <param name="raw">[batch, Count m].</param>
    public (Tensor Result, Tensor Logs) Forward(Tensor u, Tensor raw)
    {
        var (result, logs) = Apply(new TensorFormula(u.unsqueeze(1)), new TensorFormula(InRows(raw, u)));
        return (result.Value.squeeze(1), logs.Value.squeeze(1));
    }

    /// <summary>The u that is mapped to z, [batch, m], in the current dispose scope.</summary>
    /// <param name="z">[batch, m].</param>
    /// <param name="raw">[batch, Count m].</param>
    public Tensor Inverse(Tensor z, Tensor raw) => Invert(z.unsqueeze(1), InRows(raw, z)).squeeze(1);

    /// <summary>Adds the map to a model under construction.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="prefix">Unique beginning of names.</param>
    /// <param name="u">Name of u, [batch, m].</param>
    /// <param name="raw">Name of the network's numbers, [batch, Count m].</param>
    /// <param name="length">m.</param>
    /// <returns>Names of z and of ln dz_i / du_i, [batch, m] each.</returns>
    public (string Result, string Logs) Write(OnnxGraphBuilder graph, string prefix, string u, string raw, int length)
    {
        var names = new NameSource($"{prefix}_map");
        var (result, logs) = Apply(new GraphFormula(graph, names, u).Reshaped(-1, 1, length), new GraphFormula(graph, names, raw).Reshaped(-1, Count, length));
        return (result.Reshaped(-1, length).Name, logs.Reshaped(-1, length).Name);
    }

    private Tensor InRows(Tensor raw, Tensor u) => raw.reshape(-1, Count, u.shape[1]);
}
