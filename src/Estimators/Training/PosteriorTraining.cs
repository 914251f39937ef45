using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Certify.Native;
using Estimators.Families;
using Estimators.Simulators;
using Estimators.Training.Methods;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>One epoch of a training.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Training">Mean of what the method makes small.</param>
/// <param name="Validation">The same on pairs that no step sees.</param>
/// <param name="Surprise">The network's own mean loss on those pairs: that of -ln q in nats, or what <see cref="AmortizedNetwork.LossText"/> says.</param>
/// <param name="Rate">Step size of the epoch's last step.</param>
public sealed record EpochMetrics(int Epoch, double Training, double Validation, double Surprise, double Rate);

/// <summary>A trained posterior with the course of its training.</summary>
/// <param name="Network">The network of the best epoch; the caller owns it.</param>
/// <param name="Epochs">Every epoch that was run.</param>
/// <param name="Best">The epoch that the network is from.</param>
public sealed record TrainedPosterior(AmortizedNetwork Network, ImmutableArray<EpochMetrics> Epochs, EpochMetrics Best) : IDisposable
{
    /// <summary>The network's own mean loss on pairs that no step saw.</summary>
    public double ValidationLoss => Best.Surprise;

    /// <summary>The course as CSV.</summary>
    public string ToCsv() => "epoch,training_loss,validation_loss,validation_surprise,rate\n"
        + string.Concat(Epochs.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Epoch},{one.Training:R},{one.Validation:R},{one.Surprise:R},{one.Rate:R}\n")));

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();
}

/// <summary>An untrained network.</summary>
/// <param name="Text">What tells it from others: a checkpoint of another is refused.</param>
/// <param name="Make">Makes it from simulated theta [rows, D] and x [rows, n].</param>
public sealed record NetworkPlan(string Text, Func<Tensor, Tensor, Generator, AmortizedNetwork> Make);

/// <summary>Training of any <see cref="AmortizedNetwork"/> by a <see cref="TrainingMethod"/>, from any source of pairs.</summary>
/// <remarks>
/// Accepts: pairs, a method, a seed. Returns: the network of the epoch whose validation loss was smallest once the method asked for all it asks, and every epoch's losses.
/// Idea: the last tenth of the pairs validates, the others are passed over in fresh orders by <see cref="AdamW"/> with a step size that falls to zero along half a cosine; the method's demands rise through the warm-up;
/// training stops when the validation loss has not fallen for so many epochs.
/// Guarantee: none of quality. Deterministic: on one machine the same pairs, options and seed give the same weights, bit by bit, also when a training is killed and goes on from a checkpoint: every epoch has a generator of its own.
/// </remarks>
public sealed partial record PosteriorTraining
{
    /// <summary>Fewest pairs.</summary>
    public const int LeastSimulations = 20;

    private const string Magic = "certify-training/2";

    /// <summary>Pairs, validation among them.</summary>
    public int Simulations { get; init; } = 10_000;

    /// <summary>Passes at most.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>Pairs in one step, at most those that do not validate; a smaller rest of an epoch is left out.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Step size at the start.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Share of a weight that a step of size 1 removes.</summary>
    public double WeightDecay { get; init; } = 1e-2;

    /// <summary>Largest norm of a gradient.</summary>
    public double Clip { get; init; } = 5;

    /// <summary>Epochs without a smaller validation loss after which training stops; the first that counts is the first after the warm-up.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>Share of the epochs in which the method's demands rise from nothing to all, where they do (<see cref="TrainingMethod.Rises"/>).</summary>
    public double WarmUp { get; init; } = 0.3;

    /// <summary>Share of a running average of the weights that survives one step, in [0, 1): the average is what validates and is kept. 0 keeps the weights themselves.</summary>
    public double Averaging { get; init; }

    /// <summary>What is trained; null for a <see cref="MixturePosterior"/> of the next three.</summary>
    public NetworkPlan? Plan { get; init; }

    /// <summary>K.</summary>
    public int Components { get; init; } = 1;

    /// <summary>Widths of the hidden layers.</summary>
    public ImmutableArray<int> HiddenSizes { get; init; } = [50, 50];

    /// <summary>What stands between the layers.</summary>
    public HiddenFunction Function { get; init; } = HiddenFunction.Relu;

    /// <summary>Where it is trained; null for the CPU. Other devices draw other numbers, and not every one of them computes the same in every run.</summary>
    public Device? Device { get; init; }

    /// <summary>What is made small.</summary>
    public TrainingMethod Method { get; init; } = new Plain();

    /// <summary>Trains a network.</summary>
    /// <param name="pairs">Simulated pairs; the first <see cref="Simulations"/> are used.</param>
    /// <param name="seed">Seed of first weights, orders and what the method draws.</param>
    /// <param name="progress">Told of each epoch.</param>
    /// <param name="saved">What <paramref name="save"/> was given by a training of the same pairs and options; null to begin anew.</param>
    /// <param name="save">Keeps the state after each epoch, in place of the one before.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <exception cref="ArgumentException">An option is out of range (the message names every one), or method, network and pairs do not fit.</exception>
    /// <exception cref="ArithmeticException">A loss is no longer a number.</exception>
    /// <exception cref="InvalidDataException">The saved state is damaged, or of another training.</exception>
    public TrainedPosterior Train(
        IPairSource pairs, int seed, IProgress<EpochMetrics>? progress = null, byte[]? saved = null, Action<byte[]>? save = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        Validate(pairs);
        NativeTorch.EnsureLoaded();
        var threads = get_num_threads();
        set_num_threads(1);
        try
        {
            using var scope = NewDisposeScope();
            using var place = new DefaultDevice(Device);
            var (theta, x) = SimulatedTensors.Take(pairs, Simulations);
            var rows = Simulations - Math.Max(1, Simulations / 10);
            var network = Prepared(theta.narrow(0, 0, rows), x.narrow(0, 0, rows), seed);
            try
            {
                var state = new State(network, WeightDecay, Clip, Averaging);
                using (state)
                {
                    if (saved is not null)
                    {
                        Resume(state, saved, Binding(pairs, seed));
                    }

                    Run(state, theta, x, rows, seed, progress, save is null ? null : () => save(Save(state, Binding(pairs, seed))), cancellation);
                    state.UseBest();
                    return new TrainedPosterior(place.IsOther ? Home(network, theta, x, rows, seed) : network, [.. state.Past], state.BestEpoch!);
                }
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

    /// <summary>The network before its first step.</summary>
    private AmortizedNetwork Prepared(Tensor theta, Tensor x, int seed)
    {
        using var first = Random(seed, 0);
        var network = (Plan ?? Mixture()).Make(theta, x, first);
        try
        {
            Method.Check(network);
            Method.Prepare(network, first);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The same network on the CPU, in place of the trained one.</summary>
    internal AmortizedNetwork Home(AmortizedNetwork network, Tensor theta, Tensor x, int rows, int seed)
    {
        using var place = new DefaultDevice(CPU);
        var copy = Prepared(theta.narrow(0, 0, rows).cpu(), x.narrow(0, 0, rows).cpu(), seed);
        using var constant = no_grad();
        foreach (var (to, from) in copy.parameters().Concat(copy.buffers()).Zip(network.parameters().Concat(network.buffers())))
        {
            to.copy_(from);
        }

        network.Dispose();
        return copy;
    }

    private NetworkPlan Mixture() => new(
        $"mixture {Components} {string.Join('-', HiddenSizes)} {Function}", (theta, x, random) => new MixturePosterior(theta, x, Components, HiddenSizes, Function, random));

    private void Run(State state, Tensor theta, Tensor x, int rows, int seed, IProgress<EpochMetrics>? progress, Action? save, CancellationToken cancellation)
    {
        var (size, warm) = (Math.Min(BatchSize, rows), Method.Rises ? (int)Math.Ceiling(WarmUp * Epochs) : 0);
        var batches = rows / size;
        var (heldTheta, held) = (theta.narrow(0, rows, theta.shape[0] - rows), x.narrow(0, rows, theta.shape[0] - rows));
        for (var epoch = state.Past.Count + 1; epoch <= Epochs && !IsOver(state); epoch++)
        {
            using var pass = NewDisposeScope();
            using var random = Random(seed, epoch);
            var order = randperm(rows, generator: random);
            var (total, rate) = (0.0, 0.0);
            for (var batch = 0; batch < batches; batch++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                var done = epoch - 1 + ((double)batch / batches);
                rate = LearningRate * 0.5 * (1 + Math.Cos(Math.PI * done / Epochs));
                var chosen = order.narrow(0, (long)batch * size, size);
                var loss = Method.Loss(state.Network, theta.index_select(0, chosen), x.index_select(0, chosen), warm == 0 ? 1 : Math.Min(1, done / warm), random);
                loss.backward();
                state.Optimizer.Step(rate);
                Method.AfterStep(state.Network);
                state.Average();
                total += loss.item<float>();
            }

            state.SwapAverages();
            var validation = Held(source => Method.Loss(state.Network, heldTheta, held, 1, source), seed);
            var surprise = Method is Plain ? validation : Held(source => state.Network.Loss(heldTheta, held, source), seed);
            var metrics = new EpochMetrics(epoch, total / batches, validation, surprise, rate);
            if (!double.IsFinite(metrics.Training) || !double.IsFinite(validation))
            {
                throw new ArithmeticException(string.Create(CultureInfo.InvariantCulture, $"The loss is {metrics.Training} in epoch {epoch}, {validation} in validation; a smaller learning rate may help."));
            }

            state.Add(metrics, counts: epoch >= Math.Min(warm + 1, Epochs));
            state.SwapAverages();
            progress?.Report(metrics);
            save?.Invoke();
        }
    }

    /// <summary>Patience counts from the end of the warm-up at the earliest, whatever the method: while steps are long, a loss that does not fall says little.</summary>
    private bool IsOver(State state) => state.BestEpoch is { } best && state.Past.Count - Math.Max(best.Epoch, Math.Ceiling(WarmUp * Epochs) + 1) >= Patience;

    /// <summary>A loss without keeping gradients (attacks in it need them), by the same draws in each epoch.</summary>
    private static double Held(Func<Generator, Tensor> loss, int seed)
    {
        using var scope = NewDisposeScope();
        using var random = Random(seed, -1);
        return loss(random).item<float>();
    }

    private string Binding(IPairSource pairs, int seed) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Magic} {pairs.Name} {pairs.ParameterCount} {pairs.DataCount} {seed} {Simulations} {Epochs} {BatchSize} {LearningRate:R} {WeightDecay:R} {Clip:R} {Patience} {WarmUp:R} {Averaging:R} {(Plan ?? Mixture()).Text} {Method.Name} {Method.Strength:R} {Method.Radius:R}{(Device is null || Device.type == TorchSharp.DeviceType.CPU ? "" : " " + Device)}");

    private static byte[] Save(State state, string binding)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        writer.Write(binding);
        state.Write(writer);
        writer.Flush();
        return buffer.ToArray();
    }

    private static void Resume(State state, byte[] saved, string binding)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(saved), Encoding.UTF8);
            var written = reader.ReadString();
            if (written != binding)
            {
                throw new InvalidDataException($"it is of '{written}', expected '{binding}'");
            }

            state.Read(reader);
            if (reader.BaseStream.Position != saved.Length)
            {
                throw new InvalidDataException("it goes on after its end");
            }
        }
        catch (Exception error) when (error is InvalidDataException or IOException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The saved training cannot be used: {error.Message.TrimEnd('.')}.", error);
        }
    }

    private static Generator Random(int seed, int stream) => new(((ulong)(uint)seed << 32) | (uint)stream, get_default_device());

    private void Validate(IPairSource pairs)
    {
        List<string> violations = [];
        Check(BatchSize > 1, "BatchSize must be at least 2", BatchSize);
        Check(Simulations >= LeastSimulations, $"Simulations must be at least {LeastSimulations}", Simulations);
        Check(pairs.Count is null || pairs.Count >= Simulations, $"{pairs.Name} must hold {Simulations} pairs", pairs.Count ?? 0);
        Check(Epochs > 0, "Epochs must be positive", Epochs);
        Check(Patience > 0, "Patience must be positive", Patience);
        Check(Components > 0, "Components must be positive", Components);
        Check(LearningRate > 0 && double.IsFinite(LearningRate), "LearningRate must be positive", LearningRate);
        Check(WeightDecay >= 0 && double.IsFinite(WeightDecay), "WeightDecay must not be negative", WeightDecay);
        Check(Clip > 0, "Clip must be positive", Clip);
        Check(Averaging is >= 0 and < 1, "Averaging must lie in [0, 1)", Averaging);
        Check(WarmUp is >= 0 and < 1, "WarmUp must lie in [0, 1)", WarmUp);
        Check(Method.Strength > 0 && double.IsFinite(Method.Strength), "the method's strength must be positive", Method.Strength);
        Check(Method.Radius >= 0 && double.IsFinite(Method.Radius), "the method's radius must not be negative", Method.Radius);
        Check(!HiddenSizes.IsDefaultOrEmpty && HiddenSizes.All(width => width > 0), "HiddenSizes must name positive widths", 0);
        if (violations.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", violations) + ".");
        }

        void Check(bool holds, string rule, double value)
        {
            if (!holds)
            {
                violations.Add(string.Create(CultureInfo.InvariantCulture, $"{rule}, is {value}"));
            }
        }
    }
}
