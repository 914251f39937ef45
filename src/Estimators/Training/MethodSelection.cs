using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Certify;
using Estimators.Families;
using Estimators.Simulators;
using Estimators.Training.Methods;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>One setting that was tried.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="Strength">Its strength.</param>
/// <param name="Surprise">Mean of -ln q(theta | x) over the held-out pairs, nats; infinite if training failed.</param>
/// <param name="Attained">Median over the observations of the largest change in Wasserstein-2 that the search attained.</param>
/// <param name="Certified">Median over the observations of the certified bound of that change.</param>
/// <param name="Seconds">Wall time of training, held-out loss and certificates.</param>
/// <param name="Failure">Why training failed; null if it did not.</param>
public sealed record TriedSetting(string Method, double Strength, double Surprise, double Attained, double Certified, double Seconds, string? Failure = null)
{
    /// <summary>NAME:STRENGTH, as <see cref="TrainingMethod.Parse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Method}:{Strength}");
}

/// <summary>What a selection found.</summary>
/// <param name="Settings">Every setting, in the order given.</param>
/// <param name="Chosen">Index of the chosen one.</param>
/// <param name="Trained">Its network; the caller owns it.</param>
public sealed record Selection(ImmutableArray<TriedSetting> Settings, int Chosen, TrainedPosterior Trained) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Trained.Dispose();
}

/// <summary>Trains several settings on the same pairs and picks one: of those whose held-out mean of -ln q is within a tolerance of the smallest, the one with the smallest median certified change.</summary>
/// <remarks>
/// Accepts: a training, a simulator, methods with strengths. Returns: the network of the chosen setting and what was measured of all. Guarantee: of the choice none; both figures of the chosen setting are a little too good, being the best of
/// several. Its pairs and observations are draws of uses of their own ("selection", "selection-observations"): neither training nor calibration sees them, so what is calibrated afterwards is valid as if there had been one setting.
/// The change is that of <see cref="ClaimKind.Robustness"/> in Wasserstein-2 over the linf ball of the method's radius. Parts end a search, and no clock: the same machine gives the same table but for the seconds.
/// </remarks>
public sealed record MethodSelection
{
    /// <summary>Use of the held-out pairs (<see cref="SimulatedPairs"/>).</summary>
    public const string PairsUse = "selection";

    /// <summary>Use of the observations.</summary>
    public const string ObservationsUse = "selection-observations";

    /// <summary>What is tried; each once.</summary>
    public required ImmutableArray<TrainingMethod> Methods { get; init; }

    /// <summary>How far above the smallest mean of -ln q a setting may be, nats.</summary>
    public double Tolerance { get; init; } = 0.1;

    /// <summary>Held-out pairs.</summary>
    public int Pairs { get; init; } = 2000;

    /// <summary>Observations whose change is certified.</summary>
    public int Observations { get; init; } = 20;

    /// <summary>Parts at most of one certificate's search.</summary>
    public int MostParts { get; init; } = 300;

    /// <summary>Trains, measures and picks.</summary>
    /// <param name="training">The training, whose method is replaced.</param>
    /// <param name="simulator">The task.</param>
    /// <param name="seed">Seed of everything random.</param>
    /// <param name="progress">Told what goes on.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="ArithmeticException">No setting could be trained.</exception>
    public Selection Run(PosteriorTraining training, Simulator simulator, int seed, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(simulator);
        Validate();
        var settings = new List<TriedSetting>();
        var networks = new List<TrainedPosterior?>();
        try
        {
            foreach (var (i, method) in Methods.Index())
            {
                var what = string.Create(CultureInfo.InvariantCulture, $"setting {i + 1} of {Methods.Length}, {method.Name}:{method.Strength}");
                var clock = Stopwatch.StartNew();
                try
                {
                    var trained = (training with { Method = method }).Train(new SimulatedPairs(simulator, seed, "training"), seed, new Relay(progress, what, training.Epochs), cancellation: cancellation);
                    networks.Add(trained);
                    var network = trained.Network as MixturePosterior ?? throw new ArgumentException($"Settings are selected for the families gaussian and mixture; got {trained.Network.Family}.", nameof(training));
                    var surprise = Surprise(network, simulator, seed);
                    var (attained, certified) = Change(network, simulator, seed, method.Radius, new Steps(progress, what, Observations), cancellation);
                    settings.Add(new TriedSetting(method.Name, method.Strength, surprise, attained, certified, clock.Elapsed.TotalSeconds));
                }
                catch (ArithmeticException error)
                {
                    networks.Add(null);
                    settings.Add(new TriedSetting(method.Name, method.Strength, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, clock.Elapsed.TotalSeconds, error.Message));
                }
            }

            var chosen = Choose(settings, Tolerance);
            var kept = networks[chosen]!;
            networks[chosen] = null;
            return new Selection([.. settings], chosen, kept);
        }
        finally
        {
            networks.ForEach(network => network?.Dispose());
        }
    }

    /// <summary>The rule: of the settings whose mean of -ln q is at most the smallest plus the tolerance, the one with the smallest certified change; of equal ones that with the smaller mean, then the first.</summary>
    /// <exception cref="ArithmeticException">No setting has a finite mean.</exception>
    public static int Choose(IReadOnlyList<TriedSetting> settings, double tolerance)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var trained = settings.Index().Where(one => double.IsFinite(one.Item.Surprise)).ToArray();
        if (trained.Length == 0)
        {
            throw new ArithmeticException($"No setting could be trained: {string.Join(" ", settings.Select(one => $"{one}: {one.Failure}"))}");
        }

        var most = trained.Min(one => one.Item.Surprise) + tolerance;
        return trained.Where(one => one.Item.Surprise <= most).OrderBy(one => one.Item.Certified).ThenBy(one => one.Item.Surprise).First().Index;
    }

    private double Surprise(MixturePosterior network, Simulator simulator, int seed)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var (theta, x) = SimulatedTensors.Take(new SimulatedPairs(simulator, seed, PairsUse), Pairs);
        return -network.LogProb(network.Raw(network.Standardize(x)), theta).mean().item<float>();
    }

    private (double Attained, double Certified) Change(MixturePosterior network, Simulator simulator, int seed, double radius, Steps steps, CancellationToken cancellation)
    {
        var bytes = network.ToOnnx(simulator.Name);
        var model = OnnxImporter.Read(bytes, simulator.Name);
        using var description = JsonDocument.Parse(network.FamilyText);
        var family = FamilyDescription.Parse(description.RootElement);
        var estimator = new Estimator(model, family.Bind(model), Convert.ToHexStringLower(SHA256.HashData(bytes)), simulator.Name);
        var certifier = new Certifier { RelativeGap = 0.05, Curve = false, MostParts = MostParts, TimeLimit = TimeSpan.FromDays(1) };
        ImmutableArray<double> radii = [.. network.DataScale().Select(scale => radius * scale)];
        var results = new List<ClaimResult>();
        foreach (var block in new SimulatedPairs(simulator, seed, ObservationsUse).First(Observations))
        {
            for (var row = 0; row < block.Count; row++)
            {
                steps.Tell(results.Count + 1);
                var claim = new Claim { Kind = ClaimKind.Robustness, Metric = Metric.Wasserstein2, Norm = Norm.Linf, Radius = radii, Observation = [.. block.X(row)], ObservationRow = results.Count };
                results.Add(certifier.Run(estimator, family, claim, cancellation: cancellation).Result);
            }
        }

        return (Middle(results.Select(one => one.Lower)), Middle(results.Select(one => one.Upper)));
    }

    private static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return 0.5 * (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]);
    }

    private void Validate()
    {
        List<string> violations = [];
        Check(!Methods.IsDefaultOrEmpty, "there must be a setting");
        Check(Tolerance >= 0 && double.IsFinite(Tolerance), string.Create(CultureInfo.InvariantCulture, $"the tolerance must not be negative, is {Tolerance}"));
        Check(Pairs > 0, $"Pairs must be positive, is {Pairs}");
        Check(Observations > 0, $"Observations must be positive, is {Observations}");
        Check(MostParts > 0, $"MostParts must be positive, is {MostParts}");
        foreach (var twice in (Methods.IsDefault ? [] : Methods).GroupBy(method => (method.Name, method.Strength)).Where(group => group.Count() > 1))
        {
            violations.Add(string.Create(CultureInfo.InvariantCulture, $"{twice.Key.Name}:{twice.Key.Strength} is named twice"));
        }

        if (violations.Count > 0)
        {
            throw new ArgumentException($"Settings to select from: {string.Join("; ", violations)}.");
        }

        void Check(bool holds, string rule)
        {
            if (!holds)
            {
                violations.Add(rule);
            }
        }
    }

    private sealed class Relay(IProgress<string>? target, string what, int epochs) : IProgress<EpochMetrics>
    {
        public void Report(EpochMetrics value) =>
            target?.Report(string.Create(CultureInfo.InvariantCulture, $"{what}: epoch {value.Epoch} of at most {epochs}, loss {value.Training:F4}, in validation {value.Validation:F4}"));
    }

    private sealed record Steps(IProgress<string>? Target, string What, int Count)
    {
        public void Tell(int number) => Target?.Report(string.Create(CultureInfo.InvariantCulture, $"{What}: certifying observation {number} of {Count}"));
    }
}
