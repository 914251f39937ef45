using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;

namespace Guarantees.Checking;

/// <summary>What a check of a property found.</summary>
/// <param name="Reason">Why it was rejected; empty when it was not.</param>
/// <param name="Leaves">Leaves of the evidence.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record PropertyReport(string Reason, int Leaves, double Seconds)
{
    /// <summary>Leaves that the kernel did not close and the checker's solver settled again.</summary>
    public int Resettled { get; init; }

    /// <summary>Leaves that rest on the word of the solver that the certificate names: nobody was asked, or had no answer.</summary>
    public int Unsettled { get; init; }

    /// <summary>Whether the answer was derived again.</summary>
    public bool Accepted => Reason.Length == 0 && Unsettled == 0;

    /// <summary>Whether nothing is wrong, and not everything was derived again.</summary>
    public bool IsUndecided => Reason.Length == 0 && Unsettled > 0;
}

/// <summary>Derives the answer to a VNN-LIB question again, from the model file, the property file and the certificate, trusting none of them.</summary>
/// <remarks>
/// <c>unsat</c>: the parts of each case's box are cut and bounded as the tree says, from the root on (<see cref="IBounds.Contract(Box, ReadOnlySpan{int}, double)"/>); every leaf must come out
/// below zero. Where another processor's rounding moved a cut so that a leaf stays open by a hair, it is divided a little further here.
/// A leaf that the certificate lists as settled by a solver is not derived again: where the kernel cannot close it, its query is written again from the two files,
/// must have the SHA-256 that the certificate states, and is put to the solver of whoever checks. Without one the answer is undecided.
/// <c>sat</c>: the witness lies in the case's region without tolerance, and interval arithmetic over the whole network, or exact arithmetic where that cannot tell,
/// shows that every constraint holds there.
/// </remarks>
public static class PropertyChecker
{
    /// <summary>Extra parts that one open leaf may cost.</summary>
    private const int Rescue = 256;

    /// <summary>Deeper trees are refused: every level holds a box, and a search of any use ends long before.</summary>
    private const int MostDepth = 10_000;

    /// <summary>Checks one certificate.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="model">Bytes of the model file.</param>
    /// <param name="property">Bytes of the property file.</param>
    /// <param name="cancellation">Stops the check.</param>
    /// <exception cref="FormatException">The model or the property cannot be read.</exception>
    /// <exception cref="ArgumentException">The property does not speak of this network.</exception>
    public static PropertyReport Check(PropertyCertificate certificate, ReadOnlyMemory<byte> model, byte[] property, CancellationToken cancellation = default) =>
        Check(certificate, model, property, ImmutableDictionary<string, byte[]>.Empty, null, cancellation);

    /// <summary>Checks one certificate of a property of several networks.</summary>
    /// <inheritdoc cref="Check(PropertyCertificate, ReadOnlyMemory{byte}, byte[], CancellationToken)"/>
    /// <param name="certificate">The certificate.</param>
    /// <param name="model">Bytes of the model file of the first network.</param>
    /// <param name="property">Bytes of the property file.</param>
    /// <param name="others">The model files that <see cref="PropertyCertificate.Networks"/> names, by the network's name.</param>
    /// <param name="solver">Whom to ask about the leaves that rest on a solver; null for nobody.</param>
    /// <param name="cancellation">Stops the check.</param>
    public static PropertyReport Check(
        PropertyCertificate certificate,
        ReadOnlyMemory<byte> model,
        byte[] property,
        IReadOnlyDictionary<string, byte[]> others,
        QuerySolver? solver = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(property);
        ArgumentNullException.ThrowIfNull(others);
        var clock = Stopwatch.StartNew();
        var leaves = certificate.Evidence.Sum(tree => tree.Leaves);
        var (resettled, unsettled) = (0, 0);
        PropertyReport Report(string reason) => new(OneLine.Plain(reason), leaves, clock.Elapsed.TotalSeconds) { Resettled = resettled, Unsettled = unsettled };

        if (Hash(model.Span) is var modelHash && modelHash != certificate.ModelSha256)
        {
            return Report($"the model file has SHA-256 {modelHash}, the certificate speaks of {certificate.ModelSha256}");
        }

        if (Hash(property) is var propertyHash && propertyHash != certificate.PropertySha256)
        {
            return Report($"the property file has SHA-256 {propertyHash}, the certificate speaks of {certificate.PropertySha256}");
        }

        var models = new Dictionary<string, NetworkModel>();
        foreach (var (network, name, stated) in certificate.Networks)
        {
            if (others.GetValueOrDefault(network) is not { } bytes)
            {
                return Report($"the model of network '{network}' is not given");
            }

            if (Hash(bytes) is var hash && hash != stated)
            {
                return Report($"the model of network '{network}' has SHA-256 {hash}, the certificate speaks of {stated}");
            }

            if (!models.TryAdd(network, new NetworkModel(name, bytes)))
            {
                return Report($"network '{network}' appears twice");
            }
        }

        using var stream = new MemoryStream(property);
        var question = VnnLibFile.Read(stream, certificate.PropertyName);
        var networks = PropertyNetworks.Read(question, new NetworkModel(certificate.ModelName, model.ToArray()), models);
        var problems = PropertyCompiler.Compile(networks, question); // also asks whether the property speaks of these networks
        if (certificate.SolverLeaves.FirstOrDefault(leaf => !IsLeaf(certificate, leaf)) is { } stray)
        {
            return Report($"entry {stray.Entry} of case {stray.Case}, said to be settled by a solver, is no leaf of the evidence");
        }

        var joint = PropertyNetworks.SideBySide(question, networks);
        if (!certificate.IsUnsatisfiable)
        {
            return Report(IsWitness(joint, question, certificate.Witness.AsSpan()) ? "" : "the witness does not satisfy any case of the property");
        }

        if (problems.Length != certificate.Evidence.Length)
        {
            return Report($"the property has {problems.Length} cases, the certificate has evidence for {certificate.Evidence.Length}");
        }

        // Leaves next to one another may be one query.
        var words = new ConcurrentDictionary<string, Lazy<QueryAnswer>>();
        for (var k = 0; k < problems.Length; k++)
        {
            var index = k;
            var solved = certificate.SolverLeaves.Where(leaf => leaf.Case == index + 1).ToLookup(leaf => leaf.Entry);
            if (Walk(problems[k], certificate.Evidence[k], PropertyCompiler.Target, Settle, cancellation) is { Length: > 0 } reason)
            {
                return Report($"case {k + 1}: {reason}");
            }

            // Null where the evidence does not send this leaf to a solver.
            string? Settle(int entry, Box part)
            {
                foreach (var leaf in solved[entry])
                {
                    var query = PropertyQuery.Of(joint, question, index, part, modelHash, propertyHash);
                    if (query?.Sha256 is var hash && hash != leaf.Sha256)
                    {
                        return $"the query of the leaf at entry {entry} has SHA-256 {hash ?? "of no query"}, the certificate speaks of {leaf.Sha256}";
                    }

                    switch (solver is null ? QueryAnswer.Unknown : words.GetOrAdd(leaf.Sha256, _ => new(() => solver(query!.Text, cancellation))).Value)
                    {
                        case QueryAnswer.Satisfiable:
                            return $"the query of the leaf at entry {entry}, said to have no solution, has one";
                        case QueryAnswer.Unsatisfiable:
                            Interlocked.Increment(ref resettled);
                            return "";
                        default:
                            Interlocked.Increment(ref unsettled);
                            return "";
                    }
                }

                return null;
            }
        }

        return Report("");
    }

    private static bool IsLeaf(PropertyCertificate certificate, SolverLeaf leaf) =>
        certificate.IsUnsatisfiable && leaf.Case >= 1 && leaf.Case <= certificate.Evidence.Length && certificate.Evidence[leaf.Case - 1].Codes is var codes
        && leaf.Entry >= 0 && leaf.Entry < codes.Length && codes[leaf.Entry] == 0;

    /// <summary>Whether the exact network at the exact input surely satisfies some case; for several networks, the network of them side by side.</summary>
    public static bool IsWitness(Network network, VnnLibProperty property, ReadOnlySpan<double> input)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(property);
        if (input.Length != network.InputLength || input.ContainsAnyExceptInRange(double.MinValue, double.MaxValue))
        {
            return false;
        }

        var point = Box.Point(input);
        Box[] ranges;
        try
        {
            ranges = network.Ranges(point);
        }
        catch (Networks.Operators.DomainException)
        {
            return false;
        }

        var outputs = new Box(
            [.. network.Outputs.SelectMany(output => ranges[output.Node].Lower)], [.. network.Outputs.SelectMany(output => ranges[output.Node].Upper)]);
        Truth[] truths = [.. property.Cases.Select(item => item.Evaluate(point, outputs))];
        return truths.Contains(Truth.Satisfied)
            || (truths.Contains(Truth.Unknown) && ExactValues.Outputs(network, input) is { } exact && property.IsSatisfiedExactly(input, exact));
    }

    /// <summary>Derives g &lt;= target over the domain along the tree, on all cores. Empty, or why not.</summary>
    internal static string Walk(Problem problem, EvidenceTree evidence, double target, CancellationToken cancellation) =>
        Walk(problem, evidence, target, (_, _) => null, cancellation);

    /// <summary>The same; leaves that stay open are first shown to <paramref name="settle"/>, which says null where it has nothing to say, and else what is wrong.</summary>
    private static string Walk(Problem problem, EvidenceTree evidence, double target, Func<int, Box, string?> settle, CancellationToken cancellation)
    {
        var codes = evidence.Codes.ToArray();
        var ends = Ends(codes);
        var open = new Stack<(int Place, Box Part, int[] Sides, int Depth)>([(0, Copy(problem.Domain.Box), [], 0)]);
        var (busy, failure, gate) = (0, "", new object());
        ExceptionDispatchInfo? broken = null;
        var threads = Math.Max(1, Environment.ProcessorCount);
        var first = Bounds.For(problem);
        Parallel.For(0, threads, thread =>
        {
            try
            {
                Work(thread == 0 ? first : first.Clone());
            }
            catch (Exception error)
            {
                // The others wait for what this thread took.
                lock (gate)
                {
                    (broken, failure) = (ExceptionDispatchInfo.Capture(error), error.GetType().Name);
                    Monitor.PulseAll(gate);
                }
            }
        });
        broken?.Throw();
        cancellation.ThrowIfCancellationRequested();
        return failure;

        void Work(IBounds bounds)
        {
            while (true)
            {
                (int Place, Box Part, int[] Sides, int Depth) item;
                lock (gate)
                {
                    while (open.Count == 0 && busy > 0 && failure.Length == 0)
                    {
                        Monitor.Wait(gate);
                    }

                    if (open.Count == 0 || failure.Length > 0 || cancellation.IsCancellationRequested)
                    {
                        Monitor.PulseAll(gate);
                        return;
                    }

                    item = open.Pop();
                    busy++;
                }

                var (place, part, reason) = (item.Place, item.Part, "");
                var code = codes[place];
                var closed = bounds.Contract(part, item.Sides, target) <= target;
                if (!closed && code == 0)
                {
                    reason = settle(place, part) ?? (Divide(bounds, part, item.Sides, target) ? "" : $"leaf at entry {place} of the evidence does not come out below zero");
                }
                else if (!closed && code > part.Length && item.Sides.Length >= bounds.Kinks && bounds.Kinks > 0)
                {
                    reason = $"the evidence decides more kinks than the {bounds.Kinks} that there are";
                }
                else if (!closed && code > 0 && item.Depth == MostDepth)
                {
                    reason = $"the evidence divides a part more than {MostDepth} times";
                }
                else if (!closed && code > part.Length + bounds.Kinks)
                {
                    reason = $"the evidence cuts coordinate {code - 1} of {part.Length}{(bounds.Kinks > 0 ? $" and {bounds.Kinks} kinks" : "")}";
                }

                lock (gate)
                {
                    busy--;
                    failure = failure.Length > 0 ? failure : reason;
                    if (!closed && code > 0 && reason.Length == 0)
                    {
                        var kink = code - 1 - part.Length;
                        var (left, right) = kink < 0 ? part.Split(code - 1) : (part, Copy(part));
                        open.Push((ends[place + 1], right, kink < 0 ? item.Sides : [.. item.Sides, kink + 1], item.Depth + 1));
                        open.Push((place + 1, left, kink < 0 ? item.Sides : [.. item.Sides, -(kink + 1)], item.Depth + 1));
                    }

                    Monitor.PulseAll(gate);
                }
            }
        }
    }

    /// <summary>For each entry of a preorder: where its subtree ends.</summary>
    private static int[] Ends(int[] codes)
    {
        var ends = new int[codes.Length];
        for (var i = codes.Length - 1; i >= 0; i--)
        {
            ends[i] = codes[i] == 0 ? i + 1 : ends[ends[i + 1]];
        }

        return ends;
    }

    /// <summary>Settles a leaf that stayed open by halving it a few times.</summary>
    private static bool Divide(IBounds bounds, Box part, int[] sides, double target)
    {
        var open = new Stack<Box>([part]);
        var scores = new double[part.Length];
        for (var parts = 0; open.TryPop(out var next); parts++)
        {
            if (parts > Rescue)
            {
                return false;
            }

            if (bounds.Contract(next, sides, target) <= target)
            {
                continue;
            }

            bounds.SplitScores(next, scores);
            var axis = -1;
            for (var j = 0; j < scores.Length; j++)
            {
                var middle = next[j].Middle;
                axis = next.Lower[j] < middle && middle < next.Upper[j] && (axis < 0 || scores[j] > scores[axis]) ? j : axis;
            }

            if (axis < 0)
            {
                return false;
            }

            var (left, right) = next.Split(axis);
            open.Push(right);
            open.Push(left);
        }

        return true;
    }

    private static Box Copy(Box box) => new((double[])box.Lower.Clone(), (double[])box.Upper.Clone());

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
