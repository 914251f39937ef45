using System.Collections.Immutable;
using Guarantees.Certificates;
using Guarantees.Claims;

namespace Reports.Tests;

/// <summary>A run with one claim of each look: curve, surrogate, map, progress.</summary>
internal static class SampleRun
{
    /// <summary>Proved, exact metric, a curve over the radius.</summary>
    public static ClaimResult Curve { get; } = new()
    {
        Claim = new() { Kind = ClaimKind.Robustness, Metric = Metric.Wasserstein2, Norm = Norm.Linf, Radius = [0.05, 0.05], Observation = [0.31, -0.72], ObservationRow = 3, AtMost = 0.05 },
        Verdict = Verdict.Proved,
        Lower = 0.03518023911,
        Upper = 0.03700124508,
        Seconds = 1.73,
        Text = "Moving the observation in row 3 by at most 0.05 in every coordinate moves the posterior by at most 0.05 in Wasserstein-2 distance, in the units of θ.",
        Witness = [0.36, -0.77],
        Certificate = "certificates/robustness-3.json",
        Curve = [.. Enumerable.Range(0, 11).Select(i => i / 10.0).Select(s => new CurvePoint(s, 0.03518023911 * s * (1 - (0.1 * (1 - s))), 0.03700124508 * s * (1 - (0.06 * (1 - s)))))],
    };

    /// <summary>Refuted, on an upper bound of the metric.</summary>
    public static ClaimResult Surrogate { get; } = new()
    {
        Claim = new() { Kind = ClaimKind.Robustness, Metric = Metric.TotalVariation, Norm = Norm.L2, Radius = [0.05, 0.12], Observation = [0.31, -0.72], ObservationRow = 3, AtMost = 0.1 },
        Verdict = Verdict.Refuted,
        Lower = 0.1729340027,
        Upper = 0.24418831,
        ExactMetric = false,
        MetricLower = 0.1312077,
        Seconds = 0.41,
        Text = "Moving the observation in row 3 within an ellipse with half-axes 0.05 and 0.12 changes the posterior by at most 0.1 in total variation.",
        Witness = [0.3447218, -0.6358231],
        Certificate = "certificates/total variation 3.json",
    };

    /// <summary>Undecided, a map over the plane, the exact value known.</summary>
    public static ClaimResult Map { get; } = new()
    {
        Claim = new() { Kind = ClaimKind.Lipschitz, Metric = Metric.Wasserstein2, Norm = Norm.L2, DomainLower = [-1, -1], DomainUpper = [1, 1], AtMost = 0.55 },
        Verdict = Verdict.Undecided,
        Lower = 0.5371146,
        Upper = 0.5738902,
        Seconds = 20.02,
        Text = "Between any two data points of the box [−1, 1]², the posteriors are at most 0.55 times as far apart (Wasserstein-2) as the data (Euclidean).",
        Reason = "The time limit of 20 s was reached with 214 of 1 388 boxes open.",
        Witness = [0.4127, -0.3381],
        Certificate = "certificates/lipschitz.json",
        Map = Cells(5),
        Progress = [new(0.01, 0.2, 3.1), new(20.02, 0.5371146, 0.5738902)],
        Truth = 0.5,
        TruthText = "Lipschitz constant of the exact posterior, N(x/2, 0.05 I)",
    };

    /// <summary>Proved, progress only.</summary>
    public static ClaimResult Progress { get; } = new()
    {
        Claim = new() { Kind = ClaimKind.EventProbability, Norm = Norm.Linf, Radius = [0.02, 0.02], Observation = [1.2, 0.4], ObservationRow = 11, Parameter = 1, EventLower = 0, AtMost = 0.75 },
        Verdict = Verdict.Proved,
        Lower = 0.7120331,
        Upper = 0.7183004,
        Seconds = 3.9,
        Text = "However the observation in row 11 moves by at most 0.02 in every coordinate, the probability that θ₁ is at least 0 stays at or below 0.75.",
        Witness = [1.22, 0.38],
        Certificate = "certificates/event-11.json",
        Progress =
        [
            new(0.004, 0.55, 41), new(0.02, 0.66, 1.4), new(0.06, 0.7013, 0.93), new(0.11, 0.7099, 0.82), new(0.3, 0.7118, 0.771), new(0.7, 0.712, 0.744),
            new(1.5, 0.71203, 0.729), new(2.6, 0.7120331, 0.7212), new(3.9, 0.7120331, 0.7183004),
        ],
    };

    /// <summary>The run.</summary>
    public static RunSummary Run { get; } = new()
    {
        Title = "gaussian_linear.onnx",
        ModelName = "gaussian_linear.onnx",
        ModelSha256 = "9f2c1d6b7e0a4f358c91e2d07b6a5c4433f1e8d92a7b6c5d4e3f2a1b0c9d8e7f",
        Family = "full Gaussian in 2 dimensions, precision factor",
        Network = "2 inputs, 64-64 ReLU, 5 outputs",
        Claims = [Curve, Surrogate, Map, Progress],
        Tool = "certify 0.1.0",
        Environment = [("Operating system", "Debian GNU/Linux 12"), ("Processors", "2"), ("Runtime", ".NET 10.0.4"), ("Device", "cpu"), ("Seed", "20240517")],
        Finished = "2025-11-04T14:05:21Z",
    };

    /// <summary>A subdivision of [-1, 1]² that is finer near a ridge, as branch and bound leaves it.</summary>
    public static ImmutableArray<MapCell> Cells(int depth)
    {
        static double Height(double x, double y) => 0.42 + (0.13 * Math.Exp(-8 * Math.Pow(x - 0.4 + (0.7 * (y + 0.35)), 2) - (0.6 * Math.Pow(y + 0.34, 2))));
        var cells = ImmutableArray.CreateBuilder<MapCell>();
        void Split(double x0, double x1, double y0, double y1, int level)
        {
            var bound = Height((x0 + x1) / 2, (y0 + y1) / 2) + (0.03 * (x1 - x0));
            if (level == 0 || (level < depth - 1 && bound < 0.53))
            {
                cells.Add(new(x0, x1, y0, y1, bound));
                return;
            }

            var (x, y) = ((x0 + x1) / 2, (y0 + y1) / 2);
            Split(x0, x, y0, y, level - 1);
            Split(x, x1, y0, y, level - 1);
            Split(x0, x, y, y1, level - 1);
            Split(x, x1, y, y1, level - 1);
        }

        Split(-1, 1, -1, 1, depth);
        return cells.ToImmutable();
    }
}
