using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Certify.Search;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
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
        var network = OnnxImporter.Read(model, modelName);
        using var stream = new MemoryStream(property);
        var question = VnnLibFile.Read(stream, propertyName);
        var problems = PropertyCompiler.Compile(network, question);
        var (trees, parts) = (new EvidenceTree?[problems.Length], 0L);
        var disagreement = "";
        // Cases that a few parts settle need no attack; every other case is attacked before the first of them is searched.
        for (var k = 0; k < problems.Length && parts < MostParts; k++)
        {
            var found = Search(k, attacking: false, QuickParts).Solve(problems[k], cancellation);
            parts += found.Parts;
            trees[k] = found.Outcome == DecisionOutcome.Proved ? found.Tree : null;
            if (found.Outcome == DecisionOutcome.Refuted)
            {
                return Answered(PropertyAnswer.Sat, "", found.Witness, OnnxReplay.Outputs(model, network, found.Witness));
            }
        }

        for (var k = 0; k < problems.Length; k++)
        {
            if (trees[k] is null && Search(k, attacking: true, QuickParts).Attack(problems[k], cancellation) is { } witness)
            {
                return Answered(PropertyAnswer.Sat, "", witness, OnnxReplay.Outputs(model, network, witness));
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

            var found = Search(k, attacking: false, MostParts).Solve(problems[k], cancellation);
            parts += found.Parts;
            trees[k] = found.Tree;
            switch (found.Outcome)
            {
                case DecisionOutcome.Refuted:
                    return Answered(PropertyAnswer.Sat, "", found.Witness, OnnxReplay.Outputs(model, network, found.Witness));
                case DecisionOutcome.Stopped:
                    var late = clock.Elapsed >= TimeLimit;
                    return Answered(
                        late ? PropertyAnswer.Timeout : PropertyAnswer.Unknown,
                        late ? "the time limit was reached" : cancellation.IsCancellationRequested ? "the search was stopped" : "the limit of parts was reached",
                        [],
                        []);
                case DecisionOutcome.Stuck:
                    return Answered(
                        PropertyAnswer.Unknown, disagreement.Length > 0 ? disagreement : "a part of the region could be neither bounded nor divided further", [], []);
                default:
                    break;
            }
        }

        return Answered(PropertyAnswer.Unsat, "", [], []);

        DecisionSearch Search(int k, bool attacking, long most) => new()
        {
            Target = PropertyCompiler.Target,
            TimeLimit = TimeLimit - clock.Elapsed,
            Seed = Seed,
            Threads = Threads,
            MostParts = Math.Min(most, MostParts - parts),
            AttackStarts = attacking ? AttackStarts : 0,
            Progress = Progress,
            Confirm = candidate => Confirm(question.Cases[k], candidate),
        };

        double[]? Confirm(VnnLibCase item, double[] candidate)
        {
            if (item.InnerBox is not { } inner)
            {
                return null;
            }

            foreach (var point in new[] { Snap(candidate, inner, toSingle: true), Snap(candidate, inner, toSingle: false) })
            {
                if (PropertyChecker.IsWitness(network, question, point))
                {
                    if (OnnxReplay.Disagreement(model, network, point) is not { } difference)
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
                    PropertyName = propertyName,
                    PropertySha256 = Convert.ToHexStringLower(SHA256.HashData(property)),
                    IsUnsatisfiable = answer == PropertyAnswer.Unsat,
                    Evidence = answer == PropertyAnswer.Unsat ? [.. trees.Select(tree => tree!)] : [],
                    Witness = [.. witness],
                    Tool = Certifier.Tool,
                    Seconds = Math.Round(clock.Elapsed.TotalSeconds, 3),
                    Created = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                }
                : null,
            parts,
            clock.Elapsed.TotalSeconds);
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
