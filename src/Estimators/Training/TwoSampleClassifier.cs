using System.Globalization;
using Certify.Native;
using Guarantees.Statistics;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>A classifier two-sample test (C2ST): how often a network tells members of one sample from those of another; 1/2 where it cannot.</summary>
/// <remarks>
/// As in the literature: coordinates in units of the first sample's mean and standard deviation, two hidden layers of 10 D ReLU units, Adam, five folds, the mean accuracy on what was held out. The accuracy of the best classifier is
/// (1 + TV) / 2, so 2 accuracy - 1 estimates a lower bound of total variation, and <see cref="HeldOut"/> with <see cref="ClassifierTest.TotalVariation"/> is one with a confidence.
/// Sources: D. Lopez-Paz, M. Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017; J.-M. Lueckmann et al., "Benchmarking Simulation-Based Inference", AISTATS 2021 (both from memory).
/// Other than there, training runs for a fixed number of passes with a falling step size and an average of the weights.
/// </remarks>
public sealed record TwoSampleClassifier
{
    /// <summary>Folds, at least 2.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Passes over the training data, at least.</summary>
    public int Epochs { get; init; } = 40;

    /// <summary>Steps at least: small samples are passed over more often.</summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Rows in one step.</summary>
    public int BatchSize { get; init; } = 200;

    /// <summary>Step size at the start.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>The mean over folds of the share of right answers on the fold, for samples of one size.</summary>
    /// <param name="first">[n][D].</param>
    /// <param name="second">[n][D].</param>
    /// <param name="seed">Seed of folds and weights.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">The samples differ in size or dimension, are too small, or hold what is not finite.</exception>
    public double Accuracy(double[][] first, double[][] second, int seed, CancellationToken cancellation = default)
    {
        Check(first, second);
        var n = first.Length;
        var (one, other) = (Order(n, seed, 1), Order(n, seed, 2));
        var sum = 0.0;
        for (var fold = 0; fold < Folds; fold++)
        {
            var (from, to) = (n * fold / Folds, n * (fold + 1) / Folds);
            sum += Train(first, second, one, other, from, to, seed + fold, cancellation).BalancedAccuracy;
        }

        return sum / Folds;
    }

    /// <summary>Right answers on the second half of each sample, by a classifier trained on the first halves: what a confidence bound is made of.</summary>
    /// <inheritdoc cref="Accuracy"/>
    public HeldOut HeldOut(double[][] first, double[][] second, int seed, CancellationToken cancellation = default)
    {
        Check(first, second);
        return Train(first, second, Order(first.Length, seed, 1), Order(second.Length, seed, 2), first.Length / 2, first.Length, seed, cancellation);
    }

    private HeldOut Train(double[][] first, double[][] second, int[] one, int[] other, int from, int to, int seed, CancellationToken cancellation)
    {
        NativeTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        var random = new Generator((ulong)(uint)seed, CPU);
        var d = first[0].Length;
        var (mean, scale) = Units(first);
        Tensor Rows(double[][] sample, int[] order, Func<int, bool> isIn) =>
            tensor(order.Where((_, place) => isIn(place)).SelectMany(row => sample[row].Select((value, i) => (float)((value - mean[i]) / scale[i]))).ToArray(), dtype: ScalarType.Float32).reshape(-1, d);
        bool IsHeld(int place) => place >= from && place < to;
        var (p, q) = (Rows(first, one, place => !IsHeld(place)), Rows(second, other, place => !IsHeld(place)));
        var labels = cat([zeros(p.shape[0], 1, dtype: ScalarType.Float32), ones(q.shape[0], 1, dtype: ScalarType.Float32)]);
        using var network = new Perceptron([d, 10 * d, 10 * d, 1], HiddenFunction.Relu, random, lastScale: 1);
        var rows = (int)labels.shape[0];
        var batch = Math.Min(BatchSize, rows);
        new Descent { Epochs = Math.Max(Epochs, Steps / (rows / batch)), BatchSize = batch, LearningRate = LearningRate, WeightDecay = 0.01, Averaging = 0.99 }.Minimize(
            [.. network.Layers.SelectMany(layer => new[] { layer.Weight, layer.Bias })],
            [.. network.Layers.Select(layer => layer.Weight)],
            [cat([p, q]), labels],
            part => nn.functional.binary_cross_entropy_with_logits(network.forward(part[0]), part[1]),
            random,
            null,
            cancellation);
        using var constant = no_grad();
        var below = network.forward(Rows(first, one, IsHeld)).lt(0).sum().item<long>();
        var above = network.forward(Rows(second, other, IsHeld)).ge(0).sum().item<long>();
        return new HeldOut((int)below, to - from, (int)above, to - from);
    }

    private void Check(double[][] first, double[][] second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfLessThan(Folds, 2);
        if (first.Length != second.Length || first.Length < 2 * Folds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Expected samples of one size, at least {2 * Folds}; got {first.Length} and {second.Length}."), nameof(second));
        }

        if (first.Concat(second).Any(row => row.Length != first[0].Length || row.Length == 0 || !row.All(double.IsFinite)))
        {
            throw new ArgumentException("Expected rows of finite numbers, all of one length.", nameof(first));
        }
    }

    private static int[] Order(int count, int seed, int stream)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new SeededGenerator(seed, stream).Shuffle(order);
        return order;
    }

    private static (double[] Mean, double[] Scale) Units(double[][] sample)
    {
        var (mean, scale) = (new double[sample[0].Length], new double[sample[0].Length]);
        for (var i = 0; i < mean.Length; i++)
        {
            mean[i] = sample.Average(row => row[i]);
            var deviation = Math.Sqrt(sample.Average(row => (row[i] - mean[i]) * (row[i] - mean[i])));
            scale[i] = deviation > 0 ? deviation : 1;
        }

        return (mean, scale);
    }
}
