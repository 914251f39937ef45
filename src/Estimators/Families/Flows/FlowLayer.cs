using Estimators.Training;
using Guarantees.Formats.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families.Flows;

/// <summary>One layer of a flow, u -&gt; z for given data: some elements are moved by an <see cref="ElementMap"/> whose numbers a perceptron makes of the data and of elements that stay or that come before.</summary>
/// <param name="conditioner">The perceptron.</param>
internal abstract class FlowLayer(Perceptron conditioner)
{
    /// <summary>The perceptron; it belongs to the flow.</summary>
    public Perceptron Conditioner => conditioner;

    /// <summary>z, [batch, D], and ln |dz / du| of the moved elements, [batch, moved], in the current dispose scope.</summary>
    /// <param name="u">[batch, D].</param>
    /// <param name="data">Standardized data, [batch, n].</param>
    public abstract (Tensor Result, Tensor Logs) Forward(Tensor u, Tensor data);

    /// <summary>The u that is mapped to z, [batch, D], in the current dispose scope.</summary>
    /// <param name="z">[batch, D].</param>
    /// <param name="data">Standardized data, [batch, n].</param>
    public abstract Tensor Inverse(Tensor z, Tensor data);

    /// <summary>Adds the layer to a model under construction.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="prefix">Unique beginning of names.</param>
    /// <param name="u">Name of u, [batch, D].</param>
    /// <param name="data">Name of the standardized data, [batch, n].</param>
    /// <returns>Names of z and of the logarithms.</returns>
    public abstract (string Result, string Logs) Write(OnnxGraphBuilder graph, string prefix, string u, string data);
}
