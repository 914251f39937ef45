using System.Collections.Immutable;
using System.Globalization;
using Certify.Native;
using Estimators.Distributions;
using Estimators.Families;
using Estimators.Simulators;
using Guarantees.Arithmetic;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>
/// Neural posterior estimation: a network q(theta | x) trained on simulations to be the posterior for every x at once.
/// </summary>
/// <remarks>
/// Accepts: a simulator (prior and program; no likelihood), a proposal for theta, a seed.
/// Returns: a ReLU network with a full-covariance Gaussian head.
/// Idea: theta is drawn from the proposal p~ (the prior when none is given), x from the simulator, and the mean of -w ln q(theta | x) is made small
/// by Adam on minibatches, with w = h(x) p(theta) / p~(theta). That mean estimates a constant plus the integral of h(x) p(x) KL(p(. | x) || q(. | x)):
/// whatever the positive function h, the best q at every x is the posterior, or the member of the family nearest to it in KL. A broad proposal
/// teaches the network about data that the prior predictive rarely shows; h, the ratio of Gaussian fits to the simulated data under proposal
/// and prior, makes such data count as much as any. What is returned is an exponential average of the weights over the steps.
/// Guarantee: none; how good the result is, is what the certificates are for. Deterministic: on one machine the same seed and options give
/// the same weights, bit by bit (training runs on one thread, in a fixed order).
/// Source: G. Papamakarios, I. Murray, "Fast epsilon-free Inference of Simulation Models with Bayesian Conditional Density Estimation", NeurIPS 2016;
/// the weights p / p~ and the free factor h (there a "calibration kernel"): J.-M. Lueckmann et al., "Flexible statistical inference for mechanistic
/// models of neural dynamics", NeurIPS 2017; both read in their implementations in sbi (classes NPE_A and SnpeB).
/// </remarks>
public sealed record NeuralPosteriorEstimation
{
    /// <summary>Widths of the hidden layers; small networks are much easier to certify.</summary>
    public ImmutableArray<int> HiddenSizes { get; init; } = [32, 32];

    /// <summary>Pairs (theta, x) that are simulated once, before the training.</summary>
    public int Simulations { get; init; } = 1 << 17;

    /// <summary>Passes over the simulations, in a fresh order each.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Pairs in one gradient step; a smaller rest of an epoch is left out.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Adam's step size at the start; it falls to zero along half a cosine.</summary>
    public double LearningRate { get; init; } = 5e-3;

    /// <summary>
    /// Share of a weight (not of a bias) that a step of size 1 would remove. It falls to zero with the step size: at first it thins out the kinks
    /// that the answer does not need, in the end it does not bias the answer.
    /// </summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Share of the running average of the weights that survives one step, in [0, 1); 0 returns the last weights.</summary>
    public double Averaging { get; init; } = 0.998;

    /// <summary>p~(theta), from which the parameters are drawn; the prior when null. Its tails must not be thinner than the prior's.</summary>
    public Distribution? Proposal { get; init; }

    /// <summary>Trains a network.</summary>
    /// <param name="simulator">Prior and program.</param>
    /// <param name="seed">Seed of parameters, data, first weights and orders.</param>
    /// <param name="progress">Told epoch (from 1) and mean weighted loss (nats) after each epoch.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names every one.</exception>
    /// <exception cref="ArithmeticException">The loss is no longer a number.</exception>
    public PosteriorNetwork Train(
        Simulator simulator, int seed, IProgress<(int Epoch, double Loss)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        Validate(simulator);
        NativeTorch.EnsureLoaded();
        var threads = get_num_threads();
        set_num_threads(1);
        try
        {
            using var scope = NewDisposeScope();
            using var random = new Generator((ulong)(uint)seed);
            var (theta, x, weight) = Simulate(simulator, seed);
            var (mean, scale) = (x.mean([0]), x.std(dim: 0));
            x = (x - mean) / scale;

            var network = new PosteriorNetwork(simulator.DataCount, HiddenSizes, new FullGaussianHead(simulator.ParameterCount), random);
            try
            {
                new Descent { Epochs = Epochs, BatchSize = BatchSize, LearningRate = LearningRate, WeightDecay = WeightDecay, Averaging = Averaging }.Minimize(
                    [.. network.parameters()],
                    [.. network.Layers.Select(layer => layer.Weight)],
                    [theta, x, weight],
                    batch => -(network.LogProb(batch[0], batch[1]) * batch[2]).mean(),
                    random,
                    progress,
                    cancellation);
                network.AbsorbStandardization(mean, scale);
                return network;
            }
            catch
            {
                network.Dispose();
                throw;
            }
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    /// <summary>theta ~ p~, x ~ simulator(theta), and weights of mean 1.</summary>
    private (Tensor Theta, Tensor X, Tensor Weight) Simulate(Simulator simulator, int seed)
    {
        using var scope = NewDisposeScope();
        var (theta, x) = SimulatedTensors.Draw(simulator, seed, "training", Simulations, Proposal);
        var weight = ones(Simulations);
        if (Proposal is not null)
        {
            weight = Ratios(simulator.Prior, Proposal, theta);
            var underProposal = LogGaussianFit(x, ones(Simulations));
            var underPrior = LogGaussianFit(x, weight);
            weight *= (underProposal - underPrior).exp();
            weight /= weight.mean();
        }

        return (theta.MoveToOuterDisposeScope(), x.MoveToOuterDisposeScope(), weight.MoveToOuterDisposeScope());
    }

    /// <summary>p(theta) / p~(theta), row by row.</summary>
    private static Tensor Ratios(Distribution prior, Distribution proposal, Tensor theta)
    {
        var (numbers, ratios) = (theta.data<float>().ToArray(), new float[theta.shape[0]]);
        Parallel.For(0, ratios.Length, row =>
        {
            Span<double> parameters = stackalloc double[proposal.Length];
            for (var i = 0; i < parameters.Length; i++)
            {
                parameters[i] = numbers[(row * parameters.Length) + i];
            }

            ratios[row] = (float)Elementary.Exp(prior.LogDensity(parameters) - proposal.LogDensity(parameters));
        });
        return tensor(ratios);
    }

    /// <summary>ln of the independent Gaussians with the weighted means and variances of x, at each row of x.</summary>
    private static Tensor LogGaussianFit(Tensor x, Tensor weight)
    {
        using var scope = NewDisposeScope();
        var share = (weight / weight.sum()).unsqueeze(1);
        var mean = (share * x).sum(dim: 0);
        var variance = (share * (x - mean).square()).sum(dim: 0);
        return (((x - mean).square() / variance).sum(1) * -0.5 - variance.log().sum() * 0.5).MoveToOuterDisposeScope();
    }

    private void Validate(Simulator simulator)
    {
        List<string> violations = [];
        Check(!HiddenSizes.IsDefaultOrEmpty && HiddenSizes.All(width => width > 0), "HiddenSizes must name at least one positive width");
        Check(BatchSize > 0, $"BatchSize must be positive, is {BatchSize}");
        Check(Simulations >= BatchSize, $"Simulations must hold a batch of {BatchSize}, is {Simulations}");
        Check(Epochs > 0, $"Epochs must be positive, is {Epochs}");
        Check(LearningRate > 0 && double.IsFinite(LearningRate), string.Create(CultureInfo.InvariantCulture, $"LearningRate must be positive, is {LearningRate}"));
        Check(WeightDecay >= 0 && double.IsFinite(WeightDecay), string.Create(CultureInfo.InvariantCulture, $"WeightDecay must not be negative, is {WeightDecay}"));
        Check(Averaging is >= 0 and < 1, string.Create(CultureInfo.InvariantCulture, $"Averaging must lie in [0, 1), is {Averaging}"));
        Check(Proposal is null || Proposal.Length == simulator.ParameterCount, $"Proposal must have {simulator.ParameterCount} coordinates, has {Proposal?.Length}");
        if (violations.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", violations) + ".", nameof(simulator));
        }

        void Check(bool holds, string violation)
        {
            if (!holds)
            {
                violations.Add(violation);
            }
        }
    }
}
