using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;

namespace Guarantees.Checking;

/// <summary>What a check of a property found.</summary>
/// <param name="Reason">Why it was rejected; empty when accepted.</param>
/// <param name="Leaves">Leaves of the evidence.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record PropertyReport(string Reason, int Leaves, double Seconds)
{
    /// <summary>Whether the answer was derived again.</summary>
    public bool Accepted => Reason.Length == 0;
}

/// <summary>Derives the answer to a VNN-LIB question again, from the model file, the property file and the certificate, trusting none of them.</summary>
/// <remarks>
/// <c>unsat</c>: the parts of each case's box are cut and bounded as the tree says, from the root on (<see cref="IBounds.Contract"/>); every leaf must come out
/// below zero. Where another processor's rounding moved a cut so that a leaf stays open by a hair, it is divided a little further here.
/// <c>sat</c>: the witness lies in the case's region without tolerance, and interval arithmetic over the whole network shows that every constraint holds there.
/// </remarks>
public static class PropertyChecker
{
    /// <summary>Extra parts that one open leaf may cost.</summary>
    private const int Rescue = 256;

    /// <summary>Checks one certificate.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="model">Bytes of the model file.</param>
    /// <param name="property">Bytes of the property file.</param>
    /// <param name="cancellation">Stops the check.</param>
    /// <exception cref="FormatException">The model or the property cannot be read.</exception>
    /// <exception cref="ArgumentException">The property does not speak of this network.</exception>
    public static PropertyReport Check(PropertyCertificate certificate, ReadOnlyMemory<byte> model, byte[] property, CancellationToken cancellation = default) =>
        Check(certificate, model, property, ImmutableDictionary<string, byte[]>.Empty, cancellation);

    /// <summary>Checks one certificate of a property of several networks.</summary>
    /// <inheritdoc cref="Check(PropertyCertificate, ReadOnlyMemory{byte}, byte[], CancellationToken)"/>
    /// <param name="certificate">The certificate.</param>
    /// <param name="model">Bytes of the model file of the first network.</param>
    /// <param name="property">Bytes of the property file.</param>
    /// <param name="others">The model files that <see cref="PropertyCertificate.Networks"/> names, by the network's name.</param>
    /// <param name="cancellation">Stops the check.</param>
    public static PropertyReport Check(
        PropertyCertificate certificate, ReadOnlyMemory<byte> model, byte[] property, IReadOnlyDictionary<string, byte[]> others, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(property);
        ArgumentNullException.ThrowIfNull(others);
        var clock = Stopwatch.StartNew();
        var leaves = certificate.Evidence.Sum(tree => tree.Leaves);
        PropertyReport Report(string reason) => new(reason, leaves, clock.Elapsed.TotalSeconds);

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
        if (!certificate.IsUnsatisfiable)
        {
            return Report(IsWitness(PropertyNetworks.SideBySide(question, networks), question, certificate.Witness.AsSpan()) ? "" : "the witness does not satisfy any case of the property");
        }

        if (problems.Length != certificate.Evidence.Length)
        {
            return Report($"the property has {problems.Length} cases, the certificate has evidence for {certificate.Evidence.Length}");
        }

        for (var k = 0; k < problems.Length; k++)
        {
            if (Walk(problems[k], certificate.Evidence[k], PropertyCompiler.Target, cancellation) is { Length: > 0 } reason)
            {
                return Report($"case {k + 1}: {reason}");
            }
        }

        return Report("");
    }

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
        return property.Cases.Any(item => item.Evaluate(point, outputs) == Truth.Satisfied);
    }

    /// <summary>Derives g &lt;= target over the domain along the tree, on all cores. Empty, or why not.</summary>
    internal static string Walk(Problem problem, EvidenceTree evidence, double target, CancellationToken cancellation)
    {
        var codes = evidence.Codes.ToArray();
        var ends = Ends(codes);
        var open = new Stack<(int Place, Box Part)>([(0, Copy(problem.Domain.Box))]);
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
                (int Place, Box Part) item;
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
                var closed = bounds.Contract(part, target) <= target;
                if (!closed && code == 0 && !Divide(bounds, part, target))
                {
                    reason = $"leaf at entry {place} of the evidence does not come out below zero";
                }
                else if (!closed && code > part.Length)
                {
                    reason = $"the evidence cuts coordinate {code - 1} of {part.Length}";
                }

                lock (gate)
                {
                    busy--;
                    failure = failure.Length > 0 ? failure : reason;
                    if (!closed && code > 0 && reason.Length == 0)
                    {
                        var (left, right) = part.Split(code - 1);
                        open.Push((ends[place + 1], right));
                        open.Push((place + 1, left));
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
    private static bool Divide(IBounds bounds, Box part, double target)
    {
        var open = new Stack<Box>([part]);
        var scores = new double[part.Length];
        for (var parts = 0; open.TryPop(out var next); parts++)
        {
            if (parts > Rescue)
            {
                return false;
            }

            if (bounds.Contract(next, target) <= target)
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
