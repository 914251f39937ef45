using System.Collections.Immutable;
using Guarantees.Claims;

namespace Guarantees.Certificates;

/// <summary>What is known about one claim after a run: the contract of <c>certify run --json</c>, and what reports show.</summary>
public sealed record ClaimResult
{
    /// <summary>The claim.</summary>
    public required Claim Claim { get; init; }

    /// <summary>The answer.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The value of the compiled quantity at a replayed witness, rounded down.</summary>
    public required double Lower { get; init; }

    /// <summary>A proved upper bound of the compiled quantity over the whole set.</summary>
    public required double Upper { get; init; }

    /// <summary>Whether the compiled quantity is the metric itself, and not an upper bound of it.</summary>
    public bool ExactMetric { get; init; } = true;

    /// <summary>Where the largest radius was searched: the shares of the radius asked for at which the claim was proved (0 for none) and refuted (null for none).</summary>
    public (double Proved, double? Refuted)? LargestRadius { get; init; }

    /// <summary>A lower bound of the metric itself at the witness; null when <see cref="ExactMetric"/>.</summary>
    public double? MetricLower { get; init; }

    /// <summary>"real" or "float32".</summary>
    public string Semantics { get; init; } = "real";

    /// <summary>The proved end for every float32 execution of the network; null where none is known.</summary>
    public double? Float32 { get; init; }

    /// <summary>Why there is no bound for float32 executions; empty where there is one, or none was asked for.</summary>
    public string Float32Reason { get; init; } = "";

    /// <summary>What follows from <see cref="Upper"/> for another distance, in words; empty where nothing is said.</summary>
    public string Consequence { get; init; } = "";

    /// <summary>Search time.</summary>
    public double Seconds { get; init; }

    /// <summary>The claim in words: one or two sentences, units and norm included.</summary>
    public string Text { get; init; } = "";

    /// <summary>Why the verdict is undecided; empty otherwise.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The input at which <see cref="Lower"/> is attained; empty when none was found.</summary>
    public ImmutableArray<double> Witness { get; init; } = [];

    /// <summary>Path of the certificate, relative to the output folder; empty when none was written.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>Bounds at smaller radii (share of the full radius in [0, 1], lower, upper), for the curve in a report; may be empty.</summary>
    public ImmutableArray<CurvePoint> Curve { get; init; } = [];

    /// <summary>The final subdivision projected on the first two coordinates (box corners and its certified bound), for the map in a report; may be empty.</summary>
    public ImmutableArray<MapCell> Map { get; init; } = [];

    /// <summary>Enclosure against time in seconds, for the progress figure; may be empty.</summary>
    public ImmutableArray<ProgressPoint> Progress { get; init; } = [];

    /// <summary>For claims that pairs answer: all numbers that were found; may be empty.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>For claims that pairs answer: curves with bands, for figures; may be empty.</summary>
    public ImmutableArray<BandedCurve> Banded { get; init; } = [];

    /// <summary>The exact value where it is known in closed form, such as the Lipschitz constant of the exact posterior; null otherwise.</summary>
    public double? Truth { get; init; }

    /// <summary>What <see cref="Truth"/> is, in words.</summary>
    public string TruthText { get; init; } = "";
}

/// <summary>One point of a curve of certified bounds.</summary>
/// <param name="Share">Share of the claim's radius, in [0, 1].</param>
/// <param name="Lower">Value at the best witness.</param>
/// <param name="Upper">Certified bound.</param>
public readonly record struct CurvePoint(double Share, double Lower, double Upper);

/// <summary>One cell of a map over the first two coordinates.</summary>
public readonly record struct MapCell(double X0, double X1, double Y0, double Y1, double Upper);

/// <summary>The enclosure at a moment of the search.</summary>
public readonly record struct ProgressPoint(double Seconds, double Lower, double Upper);
