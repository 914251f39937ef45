using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Certify.Search;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Guarantees.Formats.Tables;
using Guarantees.Networks;
using Guarantees.Statistics;
using Norm = Guarantees.Claims.Norm;

namespace Benchmarks;

/// <summary>Conformal sets of the posteriors of <c>data/sbi</c> when an adversary moves the data: plain ones, calibrated over balls, and widened at inference.</summary>
/// <remarks>
/// dotnet run -c Release --project bench -- robust-conformal ../shared/data [PAIRS]: the first PAIRS (1000) simulations calibrate, the next PAIRS test; alpha 0.1, score -ln q, linf balls of 1 and 5 % of each column's standard
/// deviation over all rows (a symmetric function of calibration and test, so that all stay exchangeable). The attack: 20 starts of projected gradient on s(theta, x~). Areas: importance sampling at 12 test data, 150 draws each from the
/// posterior with its scales times 1, 3 and 9; geometric means over the data.
/// </remarks>
internal static class RobustConformalTable
{
    private const double Alpha = 0.1;
    private const int Places = 12;
    private const int Draws = 150;

    public static void Print(string data, int pairs)
    {
        Console.WriteLine(Invariant($"99 % of test shares covered lie in {Expected(pairs, SplitConformal.Rank(pairs, Alpha), pairs)} if coverage is as stated."));
        Console.WriteLine("| posterior | radius | set | threshold | covers, as drawn | covers under attack | covers, certified for all of the ball | area | seconds |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var task in (string[])["two_moons", "sir"])
        {
            foreach (var share in (double[])[0.01, 0.05])
            {
                Print(data, task, share, pairs);
            }
        }
    }

    private static void Print(string data, string task, double share, int count)
    {
        var (estimator, all, radius) = Load(Path.Combine(data, "sbi", $"sbi_npe_mdn_{task}_s0"), share);
        var (calibration, test) = (all[..count], all[count..(2 * count)]);
        var scores = new CertifiedScores(estimator, ScoreKind.NegativeLogDensity, Norm.Linf, [.. radius]);
        var strong = new CertifiedScores(estimator, ScoreKind.NegativeLogDensity, Norm.Linf, [.. radius]) { AttackStarts = 20, MostParts = 1 };
        string Row(string set, string threshold, double drawn, double attacked, double certified, double area, double seconds) =>
            Invariant($"| {task} | {share:P0} | {set} | {threshold} | {drawn:P1} | {attacked:P1} | {certified:P1} | {area:G3} | {seconds:F1} |");

        var clock = Stopwatch.StartNew();
        var plain = RobustConformal.AtInference([.. scores.At(calibration)], Alpha);
        var plainSeconds = clock.Elapsed.TotalSeconds;
        clock.Restart();
        var (robust, _) = scores.Calibrate(calibration, Alpha);
        var robustSeconds = clock.Elapsed.TotalSeconds;
        Console.Error.WriteLine(Invariant($"{task} {share:P0}: plain {plain.Enclosure}, over balls {robust.Enclosure}, {robustSeconds:F1} s"));

        Interval[] drawn = [.. scores.At(test)];
        ScoreEnclosure[] attacked = [.. strong.Largest(test)];
        (double[] Theta, double[] X)[] moved = [.. test.Zip(attacked, (pair, one) => (pair.Theta, one.Witness.Length > 0 ? one.Witness : pair.X))];
        Interval[] shown = [.. scores.At(moved)];
        double Share(Func<int, bool> holds) => Enumerable.Range(0, count).Count(holds) / (double)count;
        double Certified(RobustThreshold threshold)
        {
            int[] open = [.. Enumerable.Range(0, count).Where(i => !threshold.ContainsAll(attacked[i].Range) && attacked[i].Range.Lower <= threshold.Value)];
            var more = scores.Largest(open.Select(i => test[i]), threshold.Value).Count(one => threshold.ContainsAll(one.Range));
            return (attacked.Count(one => threshold.ContainsAll(one.Range)) + more) / (double)count;
        }

        clock.Restart();
        ScoreEnclosure[] widened = [.. scores.Smallest(moved, plain.Value)];
        ScoreEnclosure[] atDrawn = [.. scores.Smallest(test, plain.Value)];
        var widenedSeconds = clock.Elapsed.TotalSeconds;
        var areas = Areas(estimator, scores, plain, robust, test);
        Console.WriteLine(Row("plain", Invariant($"{plain.Value:F3}"), Share(i => plain.Contains(drawn[i])), Share(i => plain.Contains(shown[i])), Certified(plain), areas[0], plainSeconds));
        Console.WriteLine(Row("calibrated over balls", Invariant($"{robust.Value:F3}, attack {robust.Enclosure.Lower:F3}"), Share(i => robust.Contains(drawn[i])), Share(i => robust.Contains(shown[i])), Certified(robust), areas[1], robustSeconds));

        // Whoever is covered by the plain set at x is in the widened set at every x~: that is what the last number counts.
        Console.WriteLine(Row("widened at inference", Invariant($"{plain.Value:F3}"), Share(i => plain.Contains(atDrawn[i].Range)), Share(i => plain.Contains(widened[i].Range)), Share(i => drawn[i].Upper <= plain.Value), areas[2], widenedSeconds));
        Console.Error.WriteLine(Invariant($"{task} {share:P0}: widened sets undecided at {widened.Count(one => one.Range.Lower <= plain.Value && one.Range.Upper > plain.Value)} of {count}"));
    }

    /// <summary>Geometric means of the areas of the three sets.</summary>
    private static double[] Areas(Estimator estimator, CertifiedScores scores, RobustThreshold plain, RobustThreshold robust, (double[] Theta, double[] X)[] test)
    {
        var random = new Random(5);
        var logs = new double[3];
        foreach (var (_, x) in test[..Places])
        {
            var q = new Planar(estimator.Network, x);
            double[][] draws = [.. Enumerable.Range(0, Draws).Select(_ => q.Draw(random))];
            Interval[] at = [.. scores.At(draws.Select(theta => (theta, x)))];
            ScoreEnclosure[] least = [.. scores.Smallest(draws.Select(theta => (theta, x)), plain.Value)];
            double Area(Func<int, bool> holds) => Enumerable.Range(0, Draws).Sum(i => holds(i) ? 1 / q.Proposal(draws[i]) : 0) / Draws;
            double[] areas = [Area(i => plain.Contains(at[i])), Area(i => robust.Contains(at[i])), Area(i => plain.Contains(least[i].Range))];
            for (var k = 0; k < 3; k++)
            {
                logs[k] += Math.Log(areas[k]) / Places;
            }
        }

        return [.. logs.Select(Math.Exp)];
    }

    /// <summary>The central 99 % of the share of m test scores that the r-th smallest of n covers: k of m with weight C(r + k - 1, k) C(n - r + m - k, m - k).</summary>
    private static string Expected(int n, int r, int m)
    {
        static double LogFactorial(int k) => Enumerable.Range(1, k).Sum(i => Math.Log(i));
        static double LogChoose(int a, int b) => LogFactorial(a) - LogFactorial(b) - LogFactorial(a - b);
        double[] mass = [.. Enumerable.Range(0, m + 1).Select(k => Math.Exp(LogChoose(r + k - 1, k) + LogChoose(n - r + m - k, m - k) - LogChoose(n + m, m)))];
        var (low, high, sum) = (0, 0, 0.0);
        for (var k = 0; k <= m; k++)
        {
            low = sum <= 0.005 ? k : low;
            high = sum < 0.995 ? k : high;
            sum += mass[k];
        }

        return Invariant($"[{low / (double)m:P1}, {high / (double)m:P1}]");
    }

    private static (Estimator Estimator, (double[] Theta, double[] X)[] Pairs, double[] Radius) Load(string stem, double share)
    {
        var network = OnnxImporter.Read(File.ReadAllBytes(stem + ".onnx"), stem);
        var family = FamilyDescription.Parse(JsonDocument.Parse(
            """{ "name": "gaussian-mixture", "logits": "logits", "means": "means", "precision-factor": { "diagonal": "precision_diagonal", "upper": "precision_upper" } }""").RootElement);
        var table = Table.Read(stem + "_simulations.csv");
        var (x, theta) = (table.Sequence("x_"), table.Sequence("theta_"));
        (double[] Theta, double[] X)[] pairs = [.. Enumerable.Range(0, table.Rows).Select(i => (theta.Select(j => table[i][j]).ToArray(), x.Select(j => table[i][j]).ToArray()))];
        double[] radius = [.. Enumerable.Range(0, x.Length).Select(j =>
        {
            var mean = pairs.Average(pair => pair.X[j]);
            return share * Math.Sqrt(pairs.Average(pair => (pair.X[j] - mean) * (pair.X[j] - mean)));
        })];
        return (new Estimator(network, family.Bind(network)), pairs, radius);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A posterior of two parameters in ordinary arithmetic, to draw from it with its scales widened.</summary>
    private sealed class Planar
    {
        private static readonly double[] Widths = [1, 3, 9];
        private readonly double[] weights;
        private readonly double[] means;
        private readonly double[] diagonal;
        private readonly double[] upper;

        public Planar(Network network, double[] x)
        {
            var values = network.Evaluate(x);
            double[] Of(string name) => values[network.Output(name).Id];
            (means, diagonal, upper) = (Of("means"), Of("precision_diagonal"), Of("precision_upper"));
            var logits = Of("logits");
            double[] raw = [.. logits.Select(logit => Math.Exp(logit - logits.Max()))];
            weights = [.. raw.Select(value => value / raw.Sum())];
        }

        public double[] Draw(Random random)
        {
            var (k, left) = (0, random.NextDouble());
            while (k < weights.Length - 1 && left > weights[k])
            {
                left -= weights[k++];
            }

            var (width, radius, angle) = (Widths[random.Next(3)], Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), 2 * Math.PI * random.NextDouble());
            var (a, b) = (width * radius * Math.Cos(angle), width * radius * Math.Sin(angle));
            var second = b / diagonal[(2 * k) + 1];
            return [means[2 * k] + ((a - (upper[k] * second)) / diagonal[2 * k]), means[(2 * k) + 1] + second];
        }

        public double Proposal(double[] theta) => Enumerable.Range(0, weights.Length).Sum(k =>
        {
            var (u, v) = (theta[0] - means[2 * k], theta[1] - means[(2 * k) + 1]);
            var (a, b) = ((diagonal[2 * k] * u) + (upper[k] * v), diagonal[(2 * k) + 1] * v);
            return weights[k] * Widths.Average(width => diagonal[2 * k] * diagonal[(2 * k) + 1] / (2 * Math.PI * width * width) * Math.Exp(-0.5 * ((a * a) + (b * b)) / (width * width)));
        });
    }
}
