using System.Globalization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>Adam on minibatches, with a step size that falls to zero along half a cosine, decay of the weights that falls with its square, and an exponential average of the parameters as the result.</summary>
/// <remarks>Deterministic where the loss is: one order of the data an epoch, drawn from the generator. Options are checked by those who have them.</remarks>
internal sealed record Descent
{
    /// <summary>Passes over the data, in a fresh order each.</summary>
    public required int Epochs { get; init; }

    /// <summary>Rows in one step; a smaller rest of an epoch is left out.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The step size at the start.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Share of a weight that a step of size 1 would remove at the start.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Share of the running average that survives one step, in [0, 1).</summary>
    public required double Averaging { get; init; }

    /// <summary>Makes the mean loss small.</summary>
    /// <param name="parameters">What is moved.</param>
    /// <param name="decayed">Those of the parameters that decay: matrices, not biases.</param>
    /// <param name="data">Tensors with equally many rows.</param>
    /// <param name="loss">The mean loss of a batch: the same rows of each tensor.</param>
    /// <param name="random">Source of the orders.</param>
    /// <param name="progress">Told epoch (from 1) and mean loss after each epoch.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <returns>The mean loss of the last epoch.</returns>
    /// <exception cref="ArithmeticException">The loss is no longer a number.</exception>
    public double Minimize(
        Parameter[] parameters,
        Parameter[] decayed,
        Tensor[] data,
        Func<Tensor[], Tensor> loss,
        Generator random,
        IProgress<(int Epoch, double Loss)>? progress,
        CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var averages = parameters.Select(parameter => parameter.detach().clone()).ToArray();
        using var optimizer = optim.Adam(parameters, LearningRate);
        var (rows, last) = (data[0].shape[0], double.NaN);
        var batches = (int)(rows / BatchSize);
        var (step, steps) = (0, Epochs * batches);
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            using var pass = NewDisposeScope();
            var order = randperm(rows, generator: random);
            var shuffled = data.Select(tensor => tensor.index_select(0, order)).ToArray();
            var total = 0.0;
            for (var batch = 0; batch < batches; batch++, step++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                var cosine = 0.5 * (1 + Math.Cos(Math.PI * step / steps));
                foreach (var group in optimizer.ParamGroups)
                {
                    group.LearningRate = LearningRate * cosine;
                }

                optimizer.zero_grad();
                var start = (long)batch * BatchSize;
                var value = loss([.. shuffled.Select(tensor => tensor.narrow(0, start, BatchSize))]);
                value.backward();
                optimizer.step();
                Decay(decayed, LearningRate * cosine * WeightDecay * cosine);
                Average(parameters, averages, step);
                total += value.item<float>();
            }

            if (!double.IsFinite(total))
            {
                throw new ArithmeticException(string.Create(CultureInfo.InvariantCulture, $"The loss is {total} in epoch {epoch}; a smaller learning rate may help."));
            }

            last = total / batches;
            progress?.Report((epoch, last));
        }

        using var constant = no_grad();
        for (var i = 0; i < parameters.Length; i++)
        {
            parameters[i].copy_(averages[i]);
        }

        return last;
    }

    /// <summary>weight -= rate weight.</summary>
    private static void Decay(Parameter[] decayed, double rate)
    {
        using var constant = no_grad();
        foreach (var weight in decayed)
        {
            weight.mul_(1 - rate);
        }
    }

    /// <summary>average += (1 - decay) (parameter - average), with the decay shortened at first so that early weights do not linger.</summary>
    private void Average(Parameter[] parameters, Tensor[] averages, int step)
    {
        using var constant = no_grad();
        var decay = Math.Min(Averaging, (1.0 + step) / (10.0 + step));
        for (var i = 0; i < parameters.Length; i++)
        {
            averages[i].lerp_(parameters[i], 1 - decay);
        }
    }
}
