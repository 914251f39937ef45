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

    /// <summary>m, v and the last change of all weights in one row: one operation each in place of one for every parameter.</summary>
    private readonly Tensor mean;
    private readonly Tensor square;
    private readonly Tensor change;
    private readonly Tensor[] changes;

    public AdamW(Parameter[] parameters)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        this.parameters = parameters;
        var count = parameters.Sum(parameter => parameter.numel());
        (mean, square, change) = (zeros(count).DetachFromDisposeScope(), zeros(count).DetachFromDisposeScope(), zeros(count).DetachFromDisposeScope());
        changes = new Tensor[parameters.Length];
        for (var (i, start) = (0, 0L); i < parameters.Length; start += parameters[i].numel(), i++)
        {
            changes[i] = change.narrow(0, start, parameters[i].numel()).view(parameters[i].shape).DetachFromDisposeScope();
        }
    }

    /// <summary>Share of a matrix (not of a bias) that a step of size 1 removes.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Largest norm of the gradient of all parameters together.</summary>
    public required double Clip { get; init; }

    /// <summary>Steps so far.</summary>
    public long Steps { get; private set; }

    /// <summary>One step along the gradients that the parameters hold, which are then forgotten.</summary>
    public void Step(double rate)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        Steps++;
        var gradient = cat([.. parameters.Select(parameter => (parameter.grad ?? zeros_like(parameter)).flatten())]);
        gradient.mul_(Math.Min(1, Clip / (gradient.norm().item<float>() + 1e-12)));
        mean.mul_(First).add_(gradient * (1 - First));
        square.mul_(Second).add_(gradient.square() * (1 - Second));
        var (correction, root) = (1 - Math.Pow(First, Steps), Math.Sqrt(1 - Math.Pow(Second, Steps)));
        change.copy_(mean / ((square.sqrt() / root) + 1e-8) * (rate / correction));
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].dim() > 1)
            {
                parameters[i].mul_(1 - (rate * WeightDecay));
            }

            parameters[i].sub_(changes[i]);
            parameters[i].grad = null;
        }
    }

    /// <summary>Writes the state.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(Steps);
        StoredTensors.Write(writer, [mean, square]);
    }

    /// <summary>Reads a state that <see cref="Write"/> wrote.</summary>
    public void Read(BinaryReader reader)
    {
        Steps = reader.ReadInt64();
        StoredTensors.Read(reader, [mean, square]);
    }

    public void Dispose()
    {
        foreach (var tensor in changes.Concat([mean, square, change]))
        {
            tensor.Dispose();
        }
    }
}
