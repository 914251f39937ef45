using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Certify.Search;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;

namespace Certify;

/// <summary>The answer to a VNN-LIB question, in the words of the yearly competition.</summary>
public enum PropertyAnswer
{
    /// <summary>No input satisfies any case.</summary>
    Unsat,

    /// <summary>The witness satisfies a case.</summary>
    Sat,

    /// <summary>Neither was shown.</summary>
    Unknown,

    /// <summary>Neither was shown within the time limit.</summary>
    Timeout,
}

/// <summary>An answer and what supports it.</summary>
/// <param name="Question">The property as read.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Reason">Why, where there is none.</param>
/// <param name="Witness">For sat: x.</param>
/// <param name="Outputs">For sat: f(x) as ONNX Runtime computes it.</param>
/// <param name="Certificate">For sat and unsat.</param>
/// <param name="Parts">Parts bounded.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record PropertyResult(
    VnnLibProperty Question, PropertyAnswer Answer, string Reason, double[] Witness, double[] Outputs, PropertyCertificate? Certificate, long Parts, double Seconds);

/// <summary>Answers a VNN-LIB question about an ONNX model, case by case.</summary>
/// <remarks>
/// A witness counts only if it lies in the case's region without tolerance, interval arithmetic over the whole network shows that every constraint holds there, and ONNX
/// Runtime computes the same outputs. Coordinates become float32 numbers where the region holds one close by, so that the program that users run sees the very point.
/// </remarks>
public sealed class PropertyVerifier
{
    private const int QuickParts = 100;

    /// <summary>What is done with every case before the next is done with any.</summary>
    private enum Phase
    {
        Quick,
        Attack,
        Search,
    }

    /// <summary>Wall time limit over all cases.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(116);

    /// <summary>At most this many parts over all cases: fewer than <see cref="EvidenceTree.MostNodes"/>, so that the certificate can be read.</summary>
    public long MostParts { get; init; } = 16_000_000;

    /// <summary>Climbs of the attack on each case.</summary>
    public int AttackStarts { get; init; } = 60;

    /// <summary>Seed of the attack.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told now and then.</summary>
    public IProgress<DecisionProgress>? Progress { get; init; }

    /// <summary>Where to leave the state now and then, and where to go on; null for neither. Bind it to <see cref="Binding"/>.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>For a property of several networks: the models of those beyond the first that are not copies, by the network's name.</summary>
    public IReadOnlyDictionary<string, NetworkModel> Others { get; init; } = ImmutableDictionary<string, NetworkModel>.Empty;

    /// <summary>All that must be the same for a state to be of use: files, tool, options; not the time limit and the threads, which change no tree.</summary>
    public string Binding(byte[] model, byte[] property) => string.Create(
        CultureInfo.InvariantCulture,
        $"vnnlib\n{Certifier.Tool}\n{Convert.ToHexStringLower(SHA256.HashData(model))}\n{Convert.ToHexStringLower(SHA256.HashData(property))}\n{MostParts}\n{AttackStarts}\n{Seed}")
        + string.Concat(Others.OrderBy(other => other.Key, StringComparer.Ordinal).Select(other => $"\n{other.Key} {Convert.ToHexStringLower(SHA256.HashData(other.Value.Model))}"));

    /// <summary>Answers.</summary>
    /// <param name="model">Bytes of the model file.</param>
    /// <param name="modelName">Its file name.</param>
    /// <param name="property">Bytes of the property file.</param>
    /// <param name="propertyName">Its file name.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="FormatException">A file cannot be read.</exception>
    /// <exception cref="ArgumentException">The property does not speak of this network.</exception>
    public PropertyResult Solve(byte[] model, string modelName, byte[] property, string propertyName, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(property);
        var clock = Stopwatch.StartNew();
        using var stream = new MemoryStream(property);
        var question = VnnLibFile.Read(stream, propertyName);
        var networks = PropertyNetworks.Read(question, new NetworkModel(modelName, model), Others);
        var problems = PropertyCompiler.Compile(networks, question);
        var (joint, replays) = (PropertyNetworks.SideBySide(question, networks), Replays(question, networks, model));
        var (trees, parts) = (new EvidenceTree?[problems.Length], 0L);
        var disagreement = "";
        var settled = new byte[problems.Length][];
        var variables = new InputSubstitution?[problems.Length];
        var (before, phase, next, trail) = (TimeSpan.Zero, Phase.Quick, 0, Array.Empty<byte>());
        if (Checkpoint is { Saved: { } saved } checkpoint && !(checkpoint.TryRead(saved, Restore) && IsStanding(checkpoint)))
        {
            (trees, parts, disagreement, before, phase, next, trail) = (new EvidenceTree?[problems.Length], 0, "", TimeSpan.Zero, Phase.Quick, 0, []);
        }

        if (before >= TimeLimit)
        {
            return Answered(PropertyAnswer.Timeout, "the time limit was reached", [], []);
        }

        // Cases that a few parts settle need no attack; every other case is attacked before the first of them is searched.
        for (var k = next; phase == Phase.Quick && k < problems.Length && parts < MostParts; k++)
        {
            var found = Search(k, attacking: false, QuickParts).Solve(problems[k], cancellation);
            parts += found.Parts;
            trees[k] = found.Outcome == DecisionOutcome.Proved ? found.Tree : null;
            if (found.Outcome == DecisionOutcome.Refuted)
            {
                return Answered(PropertyAnswer.Sat, "", found.Witness, Outputs(found.Witness));
            }

            if (!cancellation.IsCancellationRequested)
            {
                Checkpoint?.Offer(() => State(Phase.Quick, k + 1, Elapsed(), []));
            }
        }

        for (var k = phase == Phase.Attack ? next : 0; phase <= Phase.Attack && k < problems.Length; k++)
        {
            if (trees[k] is null && Search(k, attacking: true, QuickParts).Attack(problems[k], cancellation) is { } witness)
            {
                return Answered(PropertyAnswer.Sat, "", witness, Outputs(witness));
            }

            if (!cancellation.IsCancellationRequested)
            {
                Checkpoint?.Offer(() => State(Phase.Attack, k + 1, Elapsed(), []));
            }
        }

        for (var k = 0; k < problems.Length; k++)
        {
            if (trees[k] is not null)
            {
                continue;
            }

            if (parts >= MostParts)
            {
                return Answered(PropertyAnswer.Unknown, "the limit of parts was reached", [], []);
            }

            var started = Elapsed();
            var found = Search(k, attacking: false, MostParts, Checkpoint is null ? null : new Checkpoint
            {
                Saved = phase == Phase.Search && k == next && trail.Length > 0 ? trail : null,
                Save = state => Checkpoint.Save(State(Phase.Search, k, started, state)),
                Refused = Checkpoint.Refused,
                Every = Checkpoint.Every,
            }).Solve(problems[k], cancellation);
            before = started + TimeSpan.FromSeconds(found.Seconds); // with what a run before spent on this case, without what it took to repeat its steps
            clock.Restart();
            parts += found.Parts;
            trees[k] = found.Outcome == DecisionOutcome.Proved ? found.Tree : null;
            switch (found.Outcome)
            {
                case DecisionOutcome.Refuted:
                    return Answered(PropertyAnswer.Sat, "", found.Witness, Outputs(found.Witness));
                case DecisionOutcome.Stopped:
                    var late = Elapsed() >= TimeLimit;
                    return Answered(
                        late ? PropertyAnswer.Timeout : PropertyAnswer.Unknown,
                        late ? "the time limit was reached" : cancellation.IsCancellationRequested ? "the search was stopped" : "the limit of parts was reached",
                        [],
                        []);
                case DecisionOutcome.Stuck:
                    return Answered(
                        PropertyAnswer.Unknown, disagreement.Length > 0 ? disagreement : "a part of the region could be neither bounded nor divided further", [], []);
                default:
                    Checkpoint?.Offer(() => State(Phase.Search, k + 1, Elapsed(), []));
                    break;
            }
        }

        return Answered(PropertyAnswer.Unsat, "", [], []);

        TimeSpan Elapsed() => before + clock.Elapsed;

        DecisionSearch Search(int k, bool attacking, long most, Checkpoint? own = null) => new()
        {
            Target = PropertyCompiler.Target,
            TimeLimit = TimeLimit - Elapsed(),
            Seed = Seed,
            Threads = Threads,
            MostParts = Math.Min(most, MostParts - parts),
            AttackStarts = attacking ? AttackStarts : 0,
            Progress = Progress,
            Checkpoint = own,
            Confirm = candidate => Confirm(k, candidate),
        };

        byte[] State(Phase phase, int next, TimeSpan elapsed, byte[] trail) => Checkpoint.Write(writer =>
        {
            writer.Write((int)phase);
            writer.Write(next);
            writer.Write(elapsed.Ticks);
            writer.Write(parts);
            writer.Write(disagreement);
            foreach (var tree in trees)
            {
                Checkpoint.WriteBytes(writer, tree is null ? [] : DecisionSearch.Settled(tree));
            }

            Checkpoint.WriteBytes(writer, trail);
        });

        void Restore(BinaryReader reader)
        {
            (phase, next) = ((Phase)reader.ReadInt32(), reader.ReadInt32());
            (before, parts, disagreement) = (new TimeSpan(Math.Max(0, reader.ReadInt64())), Math.Max(0, reader.ReadInt64()), reader.ReadString());
            if (phase is < Phase.Quick or > Phase.Search || next < 0 || next > problems.Length)
            {
                throw new FormatException($"it stands at case {next} of {problems.Length}");
            }

            for (var k = 0; k < problems.Length; k++)
            {
                settled[k] = Checkpoint.ReadBytes(reader);
            }

            trail = Checkpoint.ReadBytes(reader);
        }

        // Cases that were settled must be settled again, along their trees.
        bool IsStanding(Checkpoint checkpoint)
        {
            for (var k = 0; k < problems.Length; k++)
            {
                if (settled[k].Length > 0)
                {
                    var again = new DecisionSearch
                    {
                        Target = PropertyCompiler.Target,
                        TimeLimit = TimeSpan.MaxValue,
                        Threads = Threads,
                        MostParts = 0,
                        AttackStarts = 0,
                        Confirm = _ => null,
                        Progress = Progress,
                        Checkpoint = new Checkpoint { Saved = settled[k], Save = _ => { }, Refused = checkpoint.Refused },
                    }.Solve(problems[k], cancellation);
                    if (again.Outcome != DecisionOutcome.Proved)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        checkpoint.Refused?.Invoke($"case {k + 1} is not settled by its tree");
                        return false;
                    }

                    trees[k] = again.Tree;
                }
            }

            clock.Restart();
            return true;
        }

        double[] Outputs(double[] witness) => [.. replays.SelectMany(replay => OnnxReplay.Outputs(replay.Model, replay.Network, witness.AsSpan(replay.Start)))];

        double[]? Confirm(int k, double[] candidate)
        {
            if (question.Cases[k].InnerBox is not { } inner)
            {
                return null;
            }

            foreach (var point in Candidates(variables[k] ??= PropertyCompiler.Variables(question, question.Cases[k]), candidate, inner))
            {
                if (PropertyChecker.IsWitness(joint, question, point))
                {
                    if (replays.Select(replay => OnnxReplay.Disagreement(replay.Model, replay.Network, point.AsSpan(replay.Start))).FirstOrDefault(text => text is not null) is not { } difference)
                    {
                        return point;
                    }

                    disagreement = $"a point satisfies the property, but ONNX Runtime disagrees there: {difference}";
                }
            }

            return null;
        }

        PropertyResult Answered(PropertyAnswer answer, string reason, double[] witness, double[] outputs) => new(
            question,
            answer,
            reason,
            witness,
            outputs,
            answer is PropertyAnswer.Sat or PropertyAnswer.Unsat
                ? new PropertyCertificate
                {
                    ModelName = modelName,
                    ModelSha256 = Convert.ToHexStringLower(SHA256.HashData(model)),
                    Networks = [.. PropertyNetworks.Others(question).Select(other => new PropertyModel(
                        other.Name, Others[other.Name].Name, Convert.ToHexStringLower(SHA256.HashData(Others[other.Name].Model))))],
                    PropertyName = propertyName,
                    PropertySha256 = Convert.ToHexStringLower(SHA256.HashData(property)),
                    IsUnsatisfiable = answer == PropertyAnswer.Unsat,
                    Evidence = answer == PropertyAnswer.Unsat ? [.. trees.Select(tree => tree!)] : [],
                    Witness = [.. witness],
                    Tool = Certifier.Tool,
                    Seconds = Math.Round(Elapsed().TotalSeconds, 3),
                    Created = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                }
                : null,
            parts,
            Elapsed().TotalSeconds);
    }

    /// <summary>Every network with the model that computes it and the place of its inputs.</summary>
    private (byte[] Model, Network Network, int Start)[] Replays(VnnLibProperty question, ImmutableArray<Network> networks, byte[] model)
    {
        var (models, start) = (new List<(byte[] Model, Network Network, int Start)>(), 0);
        foreach (var (k, network) in networks.Index())
        {
            var declared = question.Networks[k];
            var bytes = k == 0 ? model
                : declared.EqualTo is { } twin ? models[question.Networks.ToList().FindIndex(item => item.Name == twin)].Model
                : Others[declared.Name].Model;
            models.Add((bytes, network, start));
            start += network.InputLength;
        }

        return [.. models];
    }

    /// <summary>Points of x next to a point of u: of float32 numbers first. Where inputs are tied, also a little further inside the ranges of the ties, which rounding may have left.</summary>
    private static IEnumerable<double[]> Candidates(InputSubstitution variables, double[] u, Box inner)
    {
        if (variables.IsIdentity)
        {
            yield return Snap(u, inner, toSingle: true);
            yield return Snap(u, inner, toSingle: false);
            yield break;
        }

        foreach (var pull in new[] { 0, 1e-9, 1e-6, 1e-3 })
        {
            var moved = variables.Inward(u, pull);
            foreach (var (basic, tied) in new[] { (true, true), (true, false), (false, false) })
            {
                yield return variables.Point(basic ? [.. moved.Select((value, j) => variables.IsPlain(j) ? (double)(float)value : value)] : moved, tied);
            }
        }
    }

    /// <summary>Moves a point into the box; to float32 numbers where the box holds one next to the coordinate.</summary>
    private static double[] Snap(double[] candidate, Box inner, bool toSingle)
    {
        var point = new double[candidate.Length];
        for (var j = 0; j < point.Length; j++)
        {
            point[j] = Math.Clamp(candidate[j], inner.Lower[j], inner.Upper[j]);
            var single = (float)point[j];
            foreach (var near in toSingle ? new[] { single, MathF.BitDecrement(single), MathF.BitIncrement(single) } : [])
            {
                if (inner.Lower[j] <= near && near <= inner.Upper[j])
                {
                    point[j] = near;
                    break;
                }
            }
        }

        return point;
    }
}
