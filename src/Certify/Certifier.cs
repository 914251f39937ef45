using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using Certify.Search;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats.Spec;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Certify;

/// <summary>A result and the certificate that supports it.</summary>
public sealed record Certification(ClaimResult Result, Certificate Certificate)
{
    /// <summary>Whether a limit ended the search: more time may tell more.</summary>
    public bool TimedOut { get; init; }
}

/// <summary>Answers claims: compiles, attacks, divides until the enclosure is tight, and writes down what a checker needs.</summary>
/// <example><code>
/// var network = OnnxImporter.Read("posterior.onnx");
/// var answer = new Certifier().Run(estimator, family, claim);
/// </code></example>
public sealed class Certifier
{
    /// <summary>Tool name and version, as written to certificates.</summary>
    public static string Tool { get; } =
        $"certify {typeof(Certifier).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    /// <summary>Search time allowed for one claim.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Parts into which a claim's set may be divided: unlike time, a budget that ends every search at the same place.</summary>
    public int MostParts { get; init; } = 2_000_000;

    /// <summary>The enclosure is tight enough when its width is this share of its upper end.</summary>
    public double RelativeGap { get; init; } = 0.01;

    /// <summary>Seed of the attack.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether to bound smaller radii too, for the figure in the report.</summary>
    public bool Curve { get; init; } = true;

    /// <summary>Makes the advice on where to divide for a compiled claim, or says that there is none; null for none at all.</summary>
    public Func<Problem, ISplitGuide?>? Guide { get; init; }

    /// <summary>Draws for the Monte Carlo lower bound of a total variation distance, at confidence 0.99.</summary>
    public int Draws { get; init; } = 20_000;

    /// <summary>Bytes of the model file: a witness refutes only when ONNX Runtime computes the same outputs there. Null for networks built in code.</summary>
    public byte[]? Model { get; init; }

    /// <summary>Bytes of the model that a claim compares with, for the same check; null where there is none.</summary>
    public byte[]? ReferenceModel { get; init; }

    /// <summary>Where to leave the state now and then, and where to go on; null for neither. Bind it to <see cref="Binding(Certificate)"/>.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>All that must be the same for a state or an answer to be of use: the claim as stated and compiled, model, family, tool, seed, gap; not the limit of time, nor what else the spec asks.</summary>
    /// <param name="certificate">A certificate of the claim; its answer does not matter.</param>
    public string Binding(Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var question = certificate with
        {
            Verdict = Verdict.Undecided,
            Lower = double.NegativeInfinity,
            Upper = double.PositiveInfinity,
            ExactMetric = true,
            Witness = [],
            Evidence = new EvidenceTree([0]),
            Semantics = "real",
            Float32 = null,
            RestrictedTotalVariation = null,
            TotalVariation = null,
            SpecName = "",
            SpecSha256 = "",
            Seconds = 0,
            Created = "",
        };
        return string.Create(CultureInfo.InvariantCulture, $"run\n{Encoding.UTF8.GetString(CertificateFile.ToBytes(question))}\n{RelativeGap:R}\n{Draws}");
    }

    /// <summary>The binding of a claim that has no certificate yet.</summary>
    public string Binding(Estimator estimator, FamilyDescription family, Claim claim)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        return Binding(new Certificate
        {
            Claim = claim,
            Text = ClaimCompiler.Compile(estimator, claim).Text,
            ModelName = estimator.ModelName,
            ModelSha256 = estimator.ModelSha256,
            Family = family,
            Verdict = Verdict.Undecided,
            Lower = double.NegativeInfinity,
            Upper = double.PositiveInfinity,
            Evidence = new EvidenceTree([0]),
            Tool = Tool,
            Seed = Seed,
        });
    }

    /// <summary>Answers one claim.</summary>
    /// <param name="estimator">The estimator.</param>
    /// <param name="family">The family as described in the spec; goes to the certificate.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="progress">Told the enclosure a few times a second.</param>
    /// <param name="cancellation">Stops the search; what is known is still returned.</param>
    /// <exception cref="ArgumentException">The claim does not fit the estimator.</exception>
    public Certification Run(
        Estimator estimator, FamilyDescription family, Claim claim, IProgress<ProgressPoint>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(claim);
        var problem = ClaimCompiler.Compile(estimator, claim);
        var states = new States(Checkpoint);
        var found = Search(problem, TimeLimit, claim, progress is null ? null : new Signed(progress, problem.Sign), states.Of(0)).Solve(problem, cancellation);
        if (problem.Graph.Nodes[problem.Objective].Operator is Cap cap && double.IsFinite(found.Upper))
        {
            // g never exceeds its cap, in any rounding: the allowance for other processors ends there. (Where a part has no bound, because an operator is not defined on it, neither has the whole.)
            found = found with { Upper = Math.Min(found.Upper, cap.Limit) };
        }

        if (problem.Slope is { } slope)
        {
            // What is replayed of a slope is a difference quotient: of two points about the one that was found.
            var pair = found.Witness.Length > 0 ? slope.WitnessNear(problem, found.Witness) : null;
            found = found with { Witness = pair ?? [], Lower = pair is null ? double.NegativeInfinity : Math.Min(slope.LowerBoundAt(problem, pair), found.Upper) };
        }

        var (lower, upper) = problem.Sign > 0 ? (found.Lower, found.Upper) : (-found.Upper, -found.Lower);
        var rigorous = MetricLower(problem, found.Witness);
        var (verdict, reason) = Decision.Of(claim, lower, upper, problem.ExactMetric, rigorous);
        if (verdict == Verdict.Refuted && Disagreement(estimator, claim, problem, found.Witness) is { } disagreement)
        {
            (verdict, reason) = (Verdict.Undecided, $"The witness refutes the claim, but ONNX Runtime disagrees there: {disagreement}.");
        }

        if (found.TimedOut && verdict == Verdict.Undecided)
        {
            reason = string.Create(CultureInfo.InvariantCulture, $"{reason} The search stopped after {found.Seconds:F1} s with {found.Tree.Leaves} parts.");
        }

        var (float32, noFloat32) = Float32Of(estimator, problem, lower, upper);
        var result = new ClaimResult
        {
            Claim = claim,
            Verdict = verdict,
            Lower = lower,
            Upper = upper,
            Semantics = Decision.SemanticsOf(claim, verdict, float32),
            Float32 = float32,
            Float32Reason = noFloat32,
            ExactMetric = problem.ExactMetric,
            Consequence = ClaimCompiler.Consequence(claim, estimator.Family is ConditionalDensity, lower, upper),
            MetricLower = problem.ExactMetric ? null : found.Witness.Length > 0 ? MetricLowerBound.At(estimator, claim, problem, found.Witness, Draws, Seed) : null,
            Seconds = found.Seconds,
            Text = problem.Text,
            Reason = reason,
            Witness = [.. Directions.DataAt(claim, found.Witness)],
            Curve = Curve && claim.Kind is ClaimKind.Robustness or ClaimKind.Modulus ? CurveOf(estimator, claim, lower, upper, states, cancellation) : [],
            Map = claim.Kind == ClaimKind.Modulus ? [] : MapOf(problem, found),
            Progress = [.. found.Progress.Select(point => Signed.Of(point, problem.Sign))],
        };
        return new Certification(result, new Certificate
        {
            Claim = claim,
            Text = problem.Text,
            ModelName = estimator.ModelName,
            ModelSha256 = estimator.ModelSha256,
            Family = family,
            Verdict = verdict,
            Lower = lower,
            Upper = upper,
            Semantics = result.Semantics,
            Float32 = float32,
            RestrictedTotalVariation = estimator.Family is ConditionalDensity ? DensityRatio.Restricted(upper) : null,
            TotalVariation = estimator.Family is ConditionalDensity && claim.MassOutside is { } mass ? DensityRatio.Whole(upper, mass) : null,
            ExactMetric = problem.ExactMetric,
            Witness = [.. found.Witness],
            Evidence = found.Tree,
            Tool = Tool,
            Seed = Seed,
            Seconds = found.Seconds,
            Created = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        })
        {
            TimedOut = found.TimedOut,
        };
    }

    /// <summary>What ONNX Runtime computes otherwise at a witness: at each of its points, and by each of the models.</summary>
    private string? Disagreement(Estimator estimator, Claim claim, Problem problem, double[] witness)
    {
        var n = problem.Domain.Box.Length;
        double[][] points = problem.Slope is not null ? [witness[..n], witness[n..]]
            : claim.Kind is ClaimKind.Symmetric or ClaimKind.Modulus && ClaimCompiler.DataAt(claim, witness) is var (mine, other) ? [mine, other]
            : [claim.Directions.IsEmpty ? problem.InputOf(witness) : Directions.DataAt(claim, witness)];
        if (Model is { } model && points.Select(point => OnnxReplay.Disagreement(model, estimator.Network, point)).FirstOrDefault(text => text is not null) is { } own)
        {
            return own;
        }

        return ReferenceModel is { } reference && claim.ReferenceFamily is not null
            && OnnxReplay.Disagreement(reference, estimator.References.First(other => other.ModelSha256 == claim.ReferenceSha256).Network, witness) is { } text
            ? $"{text} of the reference" : null;
    }

    /// <summary>The proved end for float32 executions, a little outward since other processors round the allowance otherwise.</summary>
    /// <param name="estimator">The estimator.</param>
    /// <param name="problem">The compiled claim.</param>
    /// <param name="lower">Lower end of the enclosure, as claimed.</param>
    /// <param name="upper">Upper end.</param>
    /// <returns>The end, or null and why there is none; no reason where none was asked for.</returns>
    public (double? End, string Reason) Float32Of(Estimator estimator, Problem problem, double lower, double upper)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(problem);
        var proved = problem.Sign > 0 ? upper : lower;
        if (Model is not { } model || !double.IsFinite(proved))
        {
            return (null, "");
        }

        var (allowance, reason) = Float32Allowance.Of(model, estimator.ModelName, estimator.Network, problem, problem.Sign * proved);
        var end = proved + (problem.Sign * ((allowance * (1 + 1e-6)) + (1e-15 * Math.Abs(proved)) + 1e-300));
        return reason.Length > 0 ? (null, reason) : double.IsFinite(end) ? (end, "") : (null, "the bound of the rounding errors is not finite");
    }

    private BranchAndBound Search(Problem problem, TimeSpan limit, Claim claim, IProgress<ProgressPoint>? progress, Checkpoint? checkpoint) => new()
    {
        TimeLimit = limit,
        MostParts = MostParts,
        RelativeGap = RelativeGap,
        Seed = Seed,
        Threads = Threads,
        Progress = progress,
        Checkpoint = checkpoint,
        Guide = Guide?.Invoke(problem),
        Target = TargetOf(problem, problem.Sign > 0 ? claim.AtMost : -claim.AtLeast),
    };

    /// <summary>A claim that g stays below its own cap is true of any bound: nothing is to be divided.</summary>
    private static double? TargetOf(Problem problem, double? claimed) =>
        problem.Graph.Nodes[problem.Objective].Operator is Cap cap && claimed >= cap.Limit ? double.PositiveInfinity : claimed;

    /// <summary>The compiled lower bound of the metric at the witness, rounded down; null where the problem has none.</summary>
    private static double? MetricLower(Problem problem, double[] witness) => problem.MetricLower >= 0 && witness.Length > 0
        ? Math.Max(0, problem.Graph.Ranges(Box.Point(witness))[problem.MetricLower].Lower[0])
        : null;

    /// <summary>
    /// Enclosures at four radii, a short search each. A bound at a larger radius holds at every smaller one and a value at a smaller radius is
    /// attained at every larger one, which makes both curves nondecreasing.
    /// </summary>
    private ImmutableArray<CurvePoint> CurveOf(Estimator estimator, Claim claim, double lower, double upper, States states, CancellationToken cancellation)
    {
        var shares = new[] { 0.2, 0.4, 0.6, 0.8 };
        var points = new CurvePoint[shares.Length + 2];
        points[0] = new CurvePoint(0, 0, 0);
        points[^1] = new CurvePoint(1, lower, upper);
        for (var k = shares.Length; k >= 1; k--)
        {
            var smaller = ClaimCompiler.Compile(estimator, claim with { Radius = [.. claim.Radius.Select(radius => radius * shares[k - 1])], AtMost = null });
            var found = Search(smaller, TimeLimit / 40, claim with { AtMost = null }, null, states.Of(k)).Solve(smaller, cancellation);
            points[k] = new CurvePoint(shares[k - 1], found.Lower, Math.Min(found.Upper, points[k + 1].Upper));
        }

        for (var k = 1; k < points.Length; k++)
        {
            points[k] = points[k] with { Lower = Math.Max(points[k].Lower, points[k - 1].Lower) };
        }

        return [.. points];
    }

    private static ImmutableArray<MapCell> MapOf(Problem problem, SearchResult found) =>
        problem.Domain.Box.Length == 2 && problem.Data < 0 && found.Leaves.Count > 1
            ? [.. found.Leaves.Where(leaf => double.IsFinite(leaf.Upper)).Select(leaf => new MapCell(
                leaf.Part.Lower[0], leaf.Part.Upper[0], leaf.Part.Lower[1], leaf.Part.Upper[1], problem.Sign * leaf.Upper))]
            : [];

    /// <summary>The states of the searches that one claim takes, kept together: the claim's own is number 0, those of its curve follow.</summary>
    private sealed class States
    {
        private readonly Checkpoint? whole;
        private readonly Dictionary<int, byte[]> states = [];

        public States(Checkpoint? whole)
        {
            this.whole = whole;
            if (whole?.Saved is { } saved && !whole.TryRead(saved, Restore))
            {
                states.Clear();
            }
        }

        public Checkpoint? Of(int number) => whole is null ? null : new Checkpoint
        {
            Saved = states.GetValueOrDefault(number),
            Refused = whole.Refused,
            Every = whole.Every,
            Save = state =>
            {
                states[number] = state;
                whole.Save(Checkpoint.Write(writer =>
                {
                    writer.Write(states.Count);
                    foreach (var (key, value) in states)
                    {
                        writer.Write(key);
                        Checkpoint.WriteBytes(writer, value);
                    }
                }));
            },
        };

        private void Restore(BinaryReader reader)
        {
            for (var count = Checkpoint.Count(reader, 2 * sizeof(int)); count > 0; count--)
            {
                states[reader.ReadInt32()] = Checkpoint.ReadBytes(reader);
            }
        }
    }

    /// <summary>Turns the enclosure of a negated quantity back.</summary>
    private sealed class Signed(IProgress<ProgressPoint> inner, int sign) : IProgress<ProgressPoint>
    {
        public static ProgressPoint Of(ProgressPoint point, int sign) => sign > 0 ? point : point with { Lower = -point.Upper, Upper = -point.Lower };

        public void Report(ProgressPoint value) => inner.Report(Of(value, sign));
    }
}
