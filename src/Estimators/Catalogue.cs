using System.Globalization;
using Estimators.Distributions;
using Estimators.Families;
using Estimators.Families.Ratios;
using Estimators.Simulators;
using Estimators.Training;
using static TorchSharp.torch;

namespace Estimators;

/// <summary>The tasks and families of <c>certify train</c>.</summary>
public static class Catalogue
{
    private const int MostDimensions = 1000;

    /// <summary>Length of the z of a vae-encoder where none is named.</summary>
    public const int UsualLatent = 2;

    /// <summary>Names of the tasks: the eight of sbibm without distractors and raw data, and one of exchangeable data.</summary>
    public static IReadOnlyList<string> Tasks { get; } =
    [
        "gaussian_linear", "gaussian_linear_uniform", "slcp", "bernoulli_glm", "gaussian_mixture", "two_moons", "sir", "lotka_volterra", "exchangeable_gaussian",
    ];

    /// <summary>Names of the families.</summary>
    public static IReadOnlyList<string> Families { get; } = ["coupling-flow", "autoregressive-flow", "spline-flow", "ratio", "contrastive-ratio", "balanced-ratio", "deep-sets", "flow-matching", "vae-encoder", "gaussian", "mixture"];

    /// <summary>How a family is usually trained for a task, by <see cref="PosteriorTraining"/>.</summary>
    /// <param name="task">The task; null where the pairs are of a table.</param>
    /// <param name="family">Name of the family.</param>
    /// <param name="latent">Length of the z of a vae-encoder, from 1 to 1000.</param>
    /// <exception cref="ArgumentException">There is no such family, or no such length, or the family needs to know the task.</exception>
    public static PosteriorTraining Training(Simulator? task, string family, int latent = UsualLatent)
    {
        if (latent is < 1 or > MostDimensions)
        {
            throw new ArgumentException($"The latent dimension is {latent}, expected 1 to {MostDimensions}.");
        }

        var isPositive = task?.Prior is LogNormal;
        return family switch
        {
            "gaussian" => new PosteriorTraining(),
            "mixture" => new PosteriorTraining { Components = 8 },
            "coupling-flow" => Long(family, (theta, x, random) => new CouplingFlow(theta, x, 4, [32, 32], HiddenFunction.Tanh, random, isPositive)),
            "autoregressive-flow" => Flow(family, (theta, x, random) => new AutoregressiveFlow(theta, x, 5, [50, 50], HiddenFunction.Tanh, random, isPositive)),
            "spline-flow" => Flow(family, (theta, x, random) => new SplineFlow(theta, x, 3, [32, 32], HiddenFunction.Tanh, random, isPositive)),
            "ratio" => Long(family, (theta, x, random) => new RatioEstimator(theta, x, [32, 32], HiddenFunction.Tanh, random)),
            "contrastive-ratio" => Long(family, (theta, x, random) => new RatioEstimator(theta, x, [32, 32], HiddenFunction.Tanh, random, new ContrastiveRatio())),
            "balanced-ratio" => Long(family, (theta, x, random) => new RatioEstimator(theta, x, [32, 32], HiddenFunction.Tanh, random, new BalancedRatio())),
            "vae-encoder" => Long($"{family} {latent}", (_, x, random) => new VaeEncoder(x, latent, [32, 32], HiddenFunction.Tanh, random)),
            "deep-sets" when task is null => throw new ArgumentException("The family deep-sets needs a task, which knows how long a point is."),
            "deep-sets" => Long(family, (theta, x, random) => new DeepSets(theta, x, task.PointLength, 8, 32, Pooling.Mean, random)),
            "flow-matching" => Long(family, (theta, x, random) => new FlowMatching(theta, x, 10, [32, 32], random)),
            _ => throw new ArgumentException($"There is no family '{family}'; there is {string.Join(", ", Families)}."),
        };
    }

    /// <summary>A task by name: NAME, or NAME:SIZE for gaussian_linear (2 parameters and data without a size), gaussian_linear_uniform (10) and exchangeable_gaussian (20 data).</summary>
    /// <remarks>sbibm's gaussian_linear is gaussian_linear:10. No tensors are loaded.</remarks>
    /// <exception cref="ArgumentException">There is none of that name, or not of that size.</exception>
    public static Simulator Task(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Split(':', 2) switch
        {
            ["gaussian_linear", .. var size] => new GaussianLinear(Size(name, size, 2, 1, MostDimensions)),
            ["gaussian_linear_uniform", .. var size] => new GaussianLinearUniform(Size(name, size, 10, 1, MostDimensions)),
            ["exchangeable_gaussian", .. var size] => new ExchangeableGaussian(Size(name, size, 20, 2, ExchangeableGaussian.MostPoints)),
            ["slcp"] => new Slcp(),
            ["bernoulli_glm"] => new BernoulliGlm(),
            ["gaussian_mixture"] => new GaussianMixture(),
            ["two_moons"] => new TwoMoons(),
            ["sir"] => new Sir(),
            ["lotka_volterra"] => new LotkaVolterra(),
            [var fixedSize, _] when Tasks.Contains(fixedSize) => throw new ArgumentException($"The task '{fixedSize}' has one size only; got '{name}'."),
            _ => throw new ArgumentException($"There is no task '{name}'; there is {string.Join(", ", Tasks)}."),
        };
    }

    /// <summary>Trains a family for a task as <see cref="Training"/> says.</summary>
    /// <param name="task">The task.</param>
    /// <param name="family">Name of the family.</param>
    /// <param name="seed">Seed of everything random; on one machine the same seed gives the same weights.</param>
    /// <param name="epochs">Passes over the simulations at most; null for as many as the family usually takes.</param>
    /// <param name="latent">Length of the z of a vae-encoder, from 1 to 1000.</param>
    /// <param name="progress">Told of each epoch.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <exception cref="ArgumentException">There is no such family, or it does not fit the task.</exception>
    public static TrainedPosterior Train(
        Simulator task, string family, int seed, int? epochs = null, int latent = UsualLatent, IProgress<EpochMetrics>? progress = null, CancellationToken cancellation = default)
    {
        var training = Training(task, family, latent);
        return (training with { Epochs = epochs ?? training.Epochs }).Train(new SimulatedPairs(task, seed, "training"), seed, progress, cancellation: cancellation);
    }

    /// <summary>Data sets drawn from prior and program, row by row, other ones than those of the training with the same seed.</summary>
    /// <param name="task">The task.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Seed.</param>
    public static double[][] Observations(Simulator task, int count, int seed) =>
        [.. new SimulatedPairs(task, seed, "observations").First(count).SelectMany(block => Enumerable.Range(0, block.Count).Select(row => block.X(row).ToArray()))];

    private static int Size(string name, string[] size, int usual, int least, int most) => size is []
        ? usual
        : int.TryParse(size[0], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new ArgumentException($"The task '{name}' has size '{size[0]}', expected a whole number from {least} to {most}.");

    /// <summary>10,000 pairs, small batches, until the validation loss no longer falls: with so few pairs the best epoch may come early, so every epoch counts.</summary>
    private static PosteriorTraining Flow(string family, Func<Tensor, Tensor, Generator, AmortizedNetwork> make) => new()
    {
        Plan = new NetworkPlan(family, make),
        Epochs = 80,
        BatchSize = 100,
        WeightDecay = 0.1,
        WarmUp = 0,
        Averaging = 0.99,
    };

    /// <summary>Many pairs, large batches, an average of the weights.</summary>
    private static PosteriorTraining Long(string family, Func<Tensor, Tensor, Generator, AmortizedNetwork> make) => new()
    {
        Plan = new NetworkPlan(family, make),
        Simulations = 80_000,
        Epochs = 30,
        BatchSize = 512,
        LearningRate = 5e-3,
        WeightDecay = 0.01,
        Clip = 100,
        Averaging = 0.998,
    };
}
