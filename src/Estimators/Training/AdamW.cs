using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>Adam with weight decay apart from the gradient: m and v are running means of g and g², w -= rate (m̂ / (√v̂ + 1e-8) + decay w), with the gradient shortened to a largest Euclidean norm first.</summary>
/// <remarks>
/// Written here, and not taken from TorchSharp, so that its whole state can be written and read. Running means keep 0.9 and 0.999 a step.
/// Source: I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019 (from memory).
/// </remarks>
internal sealed class AdamW : IDisposable
{
    private const double First = 0.9;
    private const double Second = 0.999;

    private readonly Parameter[] parameters;
    private readonly Tensor[] means;
    private readonly Tensor[] squares;
    private long steps;

    public AdamW(Parameter[] parameters)
    {
        using var constant = no_grad();
        this.parameters = parameters;
        means = [.. parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope())];
        squares = [.. parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope())];
    }

    /// <summary>Share of a matrix (not of a bias) that a step of size 1 removes.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Largest norm of the gradient of all parameters together.</summary>
    public required double Clip { get; init; }

    /// <summary>One step along the gradients that the parameters hold, which are then forgotten.</summary>
    public void Step(double rate)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        steps++;
        var gradients = parameters.Select(parameter => parameter.grad ?? zeros_like(parameter)).ToArray();
        var norm = stack(gradients.Select(gradient => gradient.square().sum())).sum().sqrt().item<float>();
        var shorter = Math.Min(1, Clip / (norm + 1e-12));
        var (correction, root) = (1 - Math.Pow(First, steps), Math.Sqrt(1 - Math.Pow(Second, steps)));
        for (var i = 0; i < parameters.Length; i++)
        {
            var gradient = gradients[i] * shorter;
            means[i].mul_(First).add_(gradient * (1 - First));
            squares[i].mul_(Second).add_(gradient.square() * (1 - Second));
            if (parameters[i].dim() > 1)
            {
                parameters[i].mul_(1 - (rate * WeightDecay));
            }

            parameters[i].sub_(means[i] / ((squares[i].sqrt() / root) + 1e-8) * (rate / correction));
            parameters[i].grad?.zero_();
        }
    }

    /// <summary>Writes the state.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(steps);
        StoredTensors.Write(writer, [.. means, .. squares]);
    }

    /// <summary>Reads a state that <see cref="Write"/> wrote.</summary>
    public void Read(BinaryReader reader)
    {
        steps = reader.ReadInt64();
        StoredTensors.Read(reader, [.. means, .. squares]);
    }

    public void Dispose()
    {
        foreach (var tensor in means.Concat(squares))
        {
            tensor.Dispose();
        }
    }
}
