using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Certify.Native;
using Certify.Search;
using Certify.Smt;
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

/// <summary>How a question is answered.</summary>
public enum PropertyMethod
{
    /// <summary>Attack, and branch and bound; a solver, where there is one, for what stays open.</summary>
    Search,

    /// <summary>One query to a solver for each case that the kernel does not settle at once. Complete for small piecewise-linear networks.</summary>
    Smt,
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
/// Runtime computes the same outputs. Where interval arithmetic cannot tell, exact arithmetic does. Parts that can be neither bounded nor divided further, and parts with few undecided neurons
/// that are open near the end of the time, go to a solver; what it says to have no solution is listed in the certificate as its word (<see cref="SolverLeaf"/>). Coordinates become float32 numbers where the region holds one close by, so that the program that users run sees the very point.
/// </remarks>
public sealed class PropertyVerifier
{
    private const int QuickParts = 100;

    /// <summary>A solver takes over at most this many open parts, with at most this many undecided neurons each, in this share of the time.</summary>
    private const int MostHandedOver = 16;
    private const int MostUndecided = 30;
    private const double SolverShare = 0.05;

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

    /// <summary>Search, or queries alone.</summary>
    public PropertyMethod Method { get; init; } = PropertyMethod.Search;

    /// <summary>Finds the solver for what stays open, called when one is needed first; it says null where there is none. Null for no solver.</summary>
    public Func<SmtSolver?>? Solver { get; init; }

    /// <summary>The folder in which every query is kept, as NAME-CASE-ENTRY.smt2; null for none.</summary>
    public string? SmtEvidence { get; init; }

    /// <summary>Makes the advice on where to divide for a case, or says that there is none; null for none at all.</summary>
    public Func<Problem, ISplitGuide?>? Guide { get; init; }

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
    /// <exception cref="NativeLoadException">The method needs a solver, and there is none.</exception>
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
        var (disagreement, open) = ("", new string[problems.Length]);
        var (modelSha, propertySha) = (Convert.ToHexStringLower(SHA256.HashData(model)), Convert.ToHexStringLower(SHA256.HashData(property)));
        var solverLeaves = new List<SolverLeaf>?[problems.Length];
        var partSolver = new Lazy<PartSolver?>(() => Solver?.Invoke() is { } solver
            ? new PartSolver(joint, question, modelSha, propertySha, solver, SmtEvidence, propertyName.Split('.')[0])
            : null);
        var guides = new Lazy<ISplitGuide?>[problems.Length];
        for (var k = 0; k < problems.Length; k++)
        {
            var problem = problems[k];
            guides[k] = new Lazy<ISplitGuide?>(() => Guide?.Invoke(problem));
        }

        var settled = new byte[problems.Length][];
        var variables = new InputSubstitution?[problems.Length];
        var (before, phase, next, trail) = (TimeSpan.Zero, Phase.Quick, 0, Array.Empty<byte>());
        if (Checkpoint is { Saved: { } saved } checkpoint && !(checkpoint.TryRead(saved, Restore) && IsStanding(checkpoint)))
        {
            (trees, parts, disagreement, before, phase, next, trail) = (new EvidenceTree?[problems.Length], 0, "", TimeSpan.Zero, Phase.Quick, 0, []);
        }

        if (Method == PropertyMethod.Smt)
        {
            return SolveByQueries();
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
            var reserve = TimeSpan.FromSeconds(Math.Min(5, TimeLimit.TotalSeconds * SolverShare));
            var found = Search(k, attacking: false, MostParts, Checkpoint is null ? null : new Checkpoint
            {
                Saved = phase == Phase.Search && k == next && trail.Length > 0 ? trail : null,
                Save = state => Checkpoint.Save(State(Phase.Search, k, started, state)),
                Refused = Checkpoint.Refused,
                Every = Checkpoint.Every,
            }, Solver is null ? null : (TimeLimit - Elapsed() - reserve, MostHandedOver, boxes => IsForSolver(k, boxes))).Solve(problems[k], cancellation);
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
                    // The other cases may still have a witness.
                    if (Settle(k, found) is { } point)
                    {
                        return Answered(PropertyAnswer.Sat, "", point, Outputs(point));
                    }

                    break;
                default:
                    Checkpoint?.Offer(() => State(Phase.Search, k + 1, Elapsed(), []));
                    break;
            }
        }

        return Concluded();

        PropertyResult Concluded() => trees.All(tree => tree is not null)
            ? Answered(PropertyAnswer.Unsat, "", [], [])
            : Answered(Elapsed() >= TimeLimit ? PropertyAnswer.Timeout : PropertyAnswer.Unknown, disagreement.Length > 0 ? disagreement : open.First(why => why is not null), [], []);

        PropertyResult SolveByQueries()
        {
            if (partSolver.Value is null)
            {
                throw new NativeLoadException("no SMT solver found: install z3 or cvc5 so that the command is on PATH (Debian, Ubuntu: apt-get install z3)");
            }

            for (var k = 0; k < problems.Length; k++)
            {
                if (Elapsed() >= TimeLimit || cancellation.IsCancellationRequested)
                {
                    var late = Elapsed() >= TimeLimit;
                    return Answered(late ? PropertyAnswer.Timeout : PropertyAnswer.Unknown, late ? "the time limit was reached" : "the search was stopped", [], []);
                }

                var root = Region(k, out var isSettled);
                parts++;
                if (isSettled)
                {
                    trees[k] = new EvidenceTree([0]);
                }
                else if (Settle(k, new DecisionResult(DecisionOutcome.Stuck, [], new EvidenceTree([0]), 1, 0) { Open = [new OpenPart(0, root)] }) is { } point)
                {
                    return Answered(PropertyAnswer.Sat, "", point, Outputs(point));
                }
            }

            return Concluded();
        }

        // The case's box as the kernel cuts it.
        Box Region(int k, out bool isSettled)
        {
            var box = problems[k].Domain.Box;
            var root = new Box([.. box.Lower], [.. box.Upper]);
            isSettled = Bounds.For(problems[k]).Contract(root, PropertyCompiler.Target) <= PropertyCompiler.Target;
            return root;
        }

        bool IsForSolver(int k, IReadOnlyList<Box> boxes) =>
            boxes.All(box => PropertyQuery.Of(joint, question, k, box, modelSha, propertySha) is { Undecided: <= MostUndecided }) && partSolver.Value is not null;

        // What the search left open, by queries: sets the tree where nothing has a solution. A confirmed point, or null.
        double[]? Settle(int k, DecisionResult found)
        {
            open[k] = "a part of the region could be neither bounded nor divided further";
            if (found.Open is { Count: 0 })
            {
                trees[k] = found.Tree;
                return null;
            }

            if (partSolver.Value is not { } solver)
            {
                return null;
            }

            // With too many parts, the region is one question.
            var (tree, rest) = found.Open is { } listed ? (found.Tree, listed) : (new EvidenceTree([0]), [new OpenPart(0, Region(k, out _))]);
            var (leaves, witness, why, left) = (new List<SolverLeaf>(), (double[]?)null, "", rest.Count);
            var (gate, threads) = (new object(), Math.Max(1, Math.Min(Threads, rest.Count)));
            try
            {
                Parallel.ForEach(rest, new ParallelOptions { MaxDegreeOfParallelism = threads }, (part, state) =>
                {
                    var time = (TimeLimit - Elapsed()) * Math.Min(1, (double)threads / Math.Max(1, Volatile.Read(ref left)));
                    var answer = solver.Ask(k, problems[k], part, candidate => Confirm(k, candidate), time, cancellation);
                    lock (gate)
                    {
                        left--;
                        (witness, why) = (witness ?? answer.Witness, why.Length > 0 ? why : answer.Reason);
                        if (answer.Sha256 is { } hash)
                        {
                            leaves.Add(new SolverLeaf(k + 1, part.Entry, hash, solver.Description));
                        }

                        if (witness is not null)
                        {
                            state.Stop();
                        }
                    }
                });
            }
            catch (AggregateException errors)
            {
                if (errors.Flatten().InnerExceptions.FirstOrDefault(error => error is not OperationCanceledException) is { } error)
                {
                    ExceptionDispatchInfo.Throw(error);
                }

                open[k] = "the search was stopped";
                return witness;
            }

            if (leaves.Count == rest.Count && leaves.Count <= PropertyCertificate.MostSolverLeaves)
            {
                (trees[k], solverLeaves[k]) = (tree, [.. leaves.OrderBy(leaf => leaf.Entry)]);
            }
            else
            {
                open[k] = $"a part of the region stays open: {why}";
            }

            return witness;
        }

        TimeSpan Elapsed() => before + clock.Elapsed;

        DecisionSearch Search(int k, bool attacking, long most, Checkpoint? own = null, (TimeSpan, int, Func<IReadOnlyList<Box>, bool>)? handOver = null) => new()
        {
            Target = PropertyCompiler.Target,
            TimeLimit = TimeLimit - Elapsed(),
            Seed = Seed,
            Threads = Threads,
            MostParts = Math.Min(most, MostParts - parts),
            AttackStarts = attacking ? AttackStarts : 0,
            Progress = Progress,
            Checkpoint = own,
            HandOver = handOver,
            Guide = guides[k].Value,
            Confirm = candidate => Confirm(k, candidate),
        };

        byte[] State(Phase phase, int next, TimeSpan elapsed, byte[] trail) => Checkpoint.Write(writer =>
        {
            writer.Write((int)phase);
            writer.Write(next);
            writer.Write(elapsed.Ticks);
            writer.Write(parts);
            writer.Write(disagreement);
            foreach (var (j, tree) in trees.Index())
            {
                // What rests on a solver is searched and asked again.
                Checkpoint.WriteBytes(writer, tree is null || solverLeaves[j] is not null ? [] : DecisionSearch.Settled(tree));
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
                    ModelSha256 = modelSha,
                    Networks = [.. PropertyNetworks.Others(question).Select(other => new PropertyModel(
                        other.Name, Others[other.Name].Name, Convert.ToHexStringLower(SHA256.HashData(Others[other.Name].Model))))],
                    PropertyName = propertyName,
                    PropertySha256 = propertySha,
                    IsUnsatisfiable = answer == PropertyAnswer.Unsat,
                    Evidence = answer == PropertyAnswer.Unsat ? [.. trees.Select(tree => tree!)] : [],
                    SolverLeaves = answer == PropertyAnswer.Unsat ? [.. solverLeaves.SelectMany(leaves => leaves ?? [])] : [],
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
