using Certify.Search;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Statistics;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Certify.Tests.Search;

/// <summary>Certified scores of posteriors against densities written out in ordinary arithmetic at points of the ball, closed forms, and what sbi exported.</summary>
/// <remarks>Mutants planted and found: the determinant with the other sign; without ln 2 pi; shares that do not sum to 1; the offset of a tangent too small; the sum of p ln p with the
/// other sign for the sup, and missing for the inf; a bound just above the best value found; half of each divided part forgotten.</remarks>
public class CertifiedScoresTests
{
    /// <summary>Heads of every kind that has a score, with their density beside them.</summary>
    public static TheoryData<string> Heads => ["precision", "covariance", "diagonal", "mixture", "mixture-covariance", "one"];

    /// <remarks>At points of balls of three norms: never outside the enclosure of the sup or of the inf, with 1 part and with 60, and with a target; the enclosure at the center holds the density.</remarks>
    [Theory]
    [MemberData(nameof(Heads))]
    public void Enclosures_hold_the_density_at_every_point_of_the_ball(string head)
    {
        var random = new Random(7);
        foreach (var (norm, seed) in from norm in (Norm[])[Norm.Linf, Norm.L2, Norm.L1] from seed in (int[])[1, 2, 3] select (norm, seed))
        {
            var estimator = Head(head, seed);
            double[] radius = [0.3, 0.5];
            (double[] Theta, double[] X)[] pairs = [.. Enumerable.Range(0, 4).Select(_ => (Draw(random, 2, 2), Draw(random, 2, 1)))];
            foreach (var parts in (int[])[1, 60])
            {
                var scores = new CertifiedScores(estimator, ScoreKind.NegativeLogDensity, norm, [.. radius]) { MostParts = parts, Threads = 2 };
                var (largest, smallest, at) = (scores.Largest(pairs).ToArray(), scores.Smallest(pairs).ToArray(), scores.At(pairs).ToArray());
                for (var i = 0; i < pairs.Length; i++)
                {
                    var (theta, x) = pairs[i];
                    Near(at[i], Score(estimator, theta, x));
                    var points = Enumerable.Range(0, 300).Select(_ => Member(random, x, radius, norm)).Append(x).Append(largest[i].Witness).Append(smallest[i].Witness).ToArray();
                    var values = points.Select(point => Score(estimator, theta, point)).ToArray();
                    Assert.True(values.Max() <= largest[i].Range.Upper + 1e-9, $"{head}, {norm}: {values.Max():R} above {largest[i].Range}");
                    Assert.True(values.Min() >= smallest[i].Range.Lower - 1e-9, $"{head}, {norm}: {values.Min():R} below {smallest[i].Range}");
                    Near(Interval.Point(largest[i].Range.Lower), Score(estimator, theta, largest[i].Witness));
                    Near(Interval.Point(smallest[i].Range.Upper), Score(estimator, theta, smallest[i].Witness));
                    Assert.True(parts == 1 || (largest[i].Range.Width < 0.1 + (0.02 * largest[i].Range.Magnitude) && smallest[i].Range.Width < 0.1 + (0.02 * smallest[i].Range.Magnitude)), $"{head}, {norm}: {largest[i]} {smallest[i]}");
                }

                // With a target, one of the two answers is known, or the budget is used up.
                var middle = largest[0].Range.Lower - 0.05;
                foreach (var (one, exact) in scores.Largest(pairs, middle).Zip(largest))
                {
                    Assert.True(one.Range.Upper >= exact.Range.Lower && one.Range.Lower <= exact.Range.Upper);
                    Assert.True(parts == 1 || one.Range.Upper <= middle || one.Range.Lower > middle || Math.Abs(exact.Range.Upper - middle) < 0.2);
                }
            }
        }
    }

    /// <remarks>theta ~ N(x / 2, s²): -ln q is largest at the end of the ball away from theta, in closed form; |z| likewise; smallest 0 where the mean reaches theta.</remarks>
    [Fact]
    public void Closed_forms_are_enclosed_closely()
    {
        const double s = 0.3;
        var builder = new NetworkBuilder();
        builder.Output("mean", 0.5 * builder.Input("x", 1));
        builder.Output("sd", builder.Constant(s));
        var estimator = new Estimator(builder.Build(), new DiagonalGaussian(1, "mean", SquareRoot.Diagonal("sd")));
        foreach (var (theta, x, radius) in new[] { (0.7, 0.2, 0.1), (-1.0, 0.5, 0.0), (0.1, 0.2, 0.5) })
        {
            var (z, density) = (Math.Abs(theta - (x / 2)), 0.5 * Math.Log(2 * Math.PI * s * s));
            var (far, near) = ((z + (radius / 2)) / s, Math.Max(0, z - (radius / 2)) / s);
            foreach (var (kind, most, least) in new[] { (ScoreKind.NegativeLogDensity, (0.5 * far * far) + density, (0.5 * near * near) + density), (ScoreKind.Mahalanobis, far, near) })
            {
                var scores = new CertifiedScores(estimator, kind, Norm.L2, [radius]) { Gap = 1e-4 };
                var (up, down) = (scores.Largest([([theta], [x])]).Single().Range, scores.Smallest([([theta], [x])]).Single().Range);
                Assert.True(up.Contains(most) || Math.Abs(up.Upper - most) < 1e-9, $"{most:R}, {up}");
                Assert.True(down.Contains(least) || Math.Abs(down.Lower - least) < 1e-9, $"{least:R}, {down}");
                Assert.True(up.Width < 2e-4 && down.Width < 2e-4, $"{kind}: {up} {down}");
            }
        }
    }

    /// <summary>A density known by its values: the score is minus the output, at a constant theta whichever input comes first.</summary>
    [Fact]
    public void A_density_known_by_its_values_has_a_score()
    {
        var builder = new NetworkBuilder();
        var (x, theta) = (builder.Input("x", 2), builder.Input("theta", 1));
        builder.Output("log_q", -builder.Sum(builder.Apply(new Square(), builder.Concat(theta - x[0], x[1]))));
        var network = builder.Build();
        var scores = new CertifiedScores(new Estimator(network, ConditionalDensity.For(network, "theta", "log_q")), ScoreKind.NegativeLogDensity, Norm.Linf, [0.5, 0.25]) { Gap = 1e-3, MostParts = 500 };
        var pair = (new[] { 3.0 }, new[] { 1.0, 0.5 });
        var (up, down) = (scores.Largest([pair]).Single().Range, scores.Smallest([pair]).Single().Range);
        Assert.True(up.Upper is >= 6.8125 and < 6.82 && up.Lower is <= 6.8125 and > 6.8, $"{up}");
        Assert.True(down.Lower is <= 2.3125 and > 2.3 && down.Upper is >= 2.3125 and < 2.32, $"{down}");
        Near(scores.At([pair]).Single(), 4.25);
    }

    /// <remarks>The same numbers on one thread and on three, as a stream that reads no further than it must, and the same again.</remarks>
    [Fact]
    public void Answers_do_not_depend_on_threads_and_come_as_a_stream()
    {
        var estimator = Models.Estimator("two_moons");
        (double[] Theta, double[] X)[] pairs = [.. Pairs(90)];
        CertifiedScores Scores(int threads) => new(estimator, ScoreKind.NegativeLogDensity, Norm.Linf, [0.0024, 0.0053]) { Threads = threads, MostParts = 4 };
        var (one, three) = (Scores(1).Largest(pairs).ToArray(), Scores(3).Largest(pairs).ToArray());
        Assert.Equal(one.Select(score => (score.Range, score.Parts)), three.Select(score => (score.Range, score.Parts)));
        Assert.Equal(Scores(1).Calibrate(pairs, 0.1).Threshold, Scores(3).Calibrate(pairs, 0.1).Threshold);
        var read = 0;
        _ = Scores(2).Largest(Enumerable.Range(0, 10_000).Select(i =>
        {
            read++;
            return pairs[i % pairs.Length];
        })).First();
        Assert.InRange(read, 1, 64);
    }

    /// <remarks>The threshold lies between what the attack and what whole balls give, every enclosure still holds the score at points, and one that is better than the target is not searched for.</remarks>
    [Fact]
    public void A_calibration_lowers_the_threshold_and_keeps_every_bound()
    {
        var estimator = Models.Estimator("sir");
        double[] radius = [2.95, 6.4, 6.05, 5.05, 4.3, 3.45, 2.7, 2.1, 1.65, 1.3];
        var random = new Random(2);
        var x = new double[] { 0, 0, 59, 276, 108, 17, 6, 0, 0, 0 };
        var q = estimator.Network.Evaluate(x)[estimator.Network.Output("means").Id];
        (double[] Theta, double[] X)[] pairs = [.. Enumerable.Range(0, 19).Select(_ => (new[] { q[0] + (0.02 * random.NextDouble()), q[1] + (0.02 * random.NextDouble()) }, x.Select(value => value + random.NextDouble()).ToArray()))];
        var scores = new CertifiedScores(estimator, ScoreKind.NegativeLogDensity, Norm.Linf, [.. radius]) { Gap = 0.05, MostParts = 40 };
        var whole = RobustConformal.AtCalibration([.. new CertifiedScores(estimator, ScoreKind.NegativeLogDensity, Norm.Linf, [.. radius]) { MostParts = 1 }.Largest(pairs).Select(one => one.Range)], 0.2);
        var (threshold, found) = scores.Calibrate(pairs, 0.2);
        Assert.True(threshold.Value < whole.Value && threshold.Enclosure.Lower >= whole.Enclosure.Lower, $"{threshold.Enclosure} {whole.Enclosure}");
        Assert.Contains(found, one => one.Parts == 1);
        foreach (var ((theta, data), one) in pairs.Zip(found))
        {
            for (var trial = 0; trial < 200; trial++)
            {
                Assert.True(Score(estimator, theta, Member(random, data, radius, Norm.Linf)) <= one.Range.Upper + 1e-9);
            }
        }
    }

    /// <remarks>theta from the model's own posterior at x, x of one place: plain sets lose what calibrated ones keep, under the attack's own answers.</remarks>
    [Fact]
    public void Sets_calibrated_over_balls_keep_what_the_attack_takes_from_plain_ones()
    {
        var estimator = Models.Estimator("two_moons");
        (double[] Theta, double[] X)[] pairs = [.. Pairs(160)];
        var scores = new CertifiedScores(estimator, ScoreKind.NegativeLogDensity, Norm.Linf, [0.012, 0.0265]);
        var (robust, found) = scores.Calibrate(pairs, 0.2);
        var plain = RobustConformal.AtInference([.. scores.At(pairs)], 0.2);
        var shown = scores.At(pairs.Zip(found, (pair, one) => (pair.Theta, one.Witness))).ToArray();
        var (kept, lost) = (shown.Count(robust.Contains), shown.Count(score => !plain.Contains(score)));
        Assert.True(kept >= 128 && lost > 40 && robust.Value > plain.Value, $"{kept} kept, {lost} lost");
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_what_is_not_defined_is_unknown()
    {
        var mixture = Models.Estimator("two_moons");
        Assert.Contains("Mahalanobis score is for one Gaussian", Assert.Throws<ArgumentException>(() => new CertifiedScores(mixture, ScoreKind.Mahalanobis, Norm.Linf, [0.1, 0.1])).Message, StringComparison.Ordinal);
        foreach (var wrong in new Action[]
        {
            () => _ = new CertifiedScores(mixture, ScoreKind.NegativeLogDensity, Norm.Linf, [0.1]), () => _ = new CertifiedScores(mixture, ScoreKind.NegativeLogDensity, Norm.Linf, [0.1, -0.1]),
            () => _ = new CertifiedScores(mixture, ScoreKind.NegativeLogDensity, Norm.L0, [0.1, 0.1]), () => _ = new CertifiedScores(mixture, (ScoreKind)7, Norm.Linf, [0.1, 0.1]),
            () => _ = new CertifiedScores(mixture, ScoreKind.NegativeLogDensity, Norm.Linf, [0.1, 0.1]).Largest([([0, 0, 0], [0, 0])]).ToArray(),
            () => _ = new CertifiedScores(mixture, ScoreKind.NegativeLogDensity, Norm.Linf, [0.1, 0.1]).Smallest([([0, 0], [0, double.NaN])]).ToArray(),
        })
        {
            Assert.Contains("Expected", Assert.ThrowsAny<ArgumentException>(wrong).Message, StringComparison.Ordinal);
        }

        // The scale is x: it reaches 0 within the ball, where the density is not defined.
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        builder.Output("mean", builder.Constant(0.0));
        builder.Output("sd", 1 * x);
        var scores = new CertifiedScores(new Estimator(builder.Build(), new DiagonalGaussian(1, "mean", SquareRoot.Diagonal("sd"))), ScoreKind.NegativeLogDensity, Norm.Linf, [1.0]) { MostParts = 8 };
        Assert.Equal(double.PositiveInfinity, scores.Largest([([1.0], [0.5])]).Single().Range.Upper);
        Assert.Equal(Interval.Entire, scores.At([([1.0], [0.0])]).Single());
    }

    private static void Near(Interval enclosure, double value) =>
        Assert.True(enclosure.Lower <= value + (1e-9 * (1 + Math.Abs(value))) && enclosure.Upper >= value - (1e-9 * (1 + Math.Abs(value))) && enclosure.Width < 1e-6, $"{value:R}, {enclosure}");

    /// <summary>Pairs of one place of the data, theta drawn from two_moons' own posterior there.</summary>
    private static IEnumerable<(double[] Theta, double[] X)> Pairs(int count)
    {
        var random = new Random(11);
        var network = Models.Estimator("two_moons").Network;
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        for (var i = 0; i < count; i++)
        {
            double[] x = [0.07 + (0.1 * Normal()), -0.67 + (0.1 * Normal())];
            var values = network.Evaluate(x);
            double[] Of(string name) => values[network.Output(name).Id];
            var (logits, means, diagonal, upper) = (Of("logits"), Of("means"), Of("precision_diagonal"), Of("precision_upper"));
            var (k, left) = (0, random.NextDouble() * logits.Sum(Math.Exp));
            while (k < logits.Length - 1 && left > Math.Exp(logits[k]))
            {
                left -= Math.Exp(logits[k++]);
            }

            var second = Normal() / diagonal[(2 * k) + 1];
            yield return ([means[2 * k] + ((Normal() - (upper[k] * second)) / diagonal[2 * k]), means[(2 * k) + 1] + second], x);
        }
    }

    /// <summary>-ln q in ordinary arithmetic, for two parameters: outputs as they are, by the formula of the density.</summary>
    private static double Score(Estimator estimator, double[] theta, double[] x)
    {
        var values = estimator.Network.Evaluate(x);
        double[] Of(string name) => values[estimator.Network.Output(name).Id];
        bool Has(string name) => estimator.Network.Outputs.Any(output => output.Name == name);
        var means = Of(Has("means") ? "means" : "mean");
        var (isPrecision, count) = (Has("precision_diagonal"), means.Length / 2);
        var (diagonal, off) = (Of(isPrecision ? "precision_diagonal" : "diagonal"), Has("precision_upper") ? Of("precision_upper") : Has("lower") ? Of("lower") : new double[count]);
        var logits = Has("logits") ? Of("logits") : new double[count];
        var sum = 0.0;
        for (var k = 0; k < count; k++)
        {
            var (u, v) = (theta[0] - means[2 * k], theta[1] - means[(2 * k) + 1]);
            var (a, d, c) = (diagonal[2 * k], diagonal[(2 * k) + 1], off[k]);
            var (z, w, scale) = isPrecision ? ((a * u) + (c * v), d * v, a * d) : (u / a, (v - (c * u / a)) / d, 1 / (a * d)); // U = [a c; 0 d], or L = [a 0; c d]
            sum += Math.Exp(logits[k]) / logits.Sum(Math.Exp) * scale / (2 * Math.PI) * Math.Exp(-0.5 * ((z * z) + (w * w)));
        }

        return -Math.Log(sum);
    }

    private static Estimator Head(string head, int seed)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[] Many(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => size * Normal())];
        var builder = new NetworkBuilder();
        var h = builder.Apply(new Tanh(), builder.Affine(builder.Input("x", 2), Many(12, 0.6), Many(6, 0.3)));
        Vector Out(int length, double size) => builder.Affine(h, Many(6 * length, size / 2.5), Many(length, size));
        Vector Positive(int length) => builder.Apply(new Exp(), Out(length, 0.4));
        var count = head.StartsWith("mixture", StringComparison.Ordinal) ? 3 : 1;
        if (head.StartsWith("mixture", StringComparison.Ordinal) || head == "one")
        {
            builder.Output("logits", Out(count, 0.8));
            builder.Output("means", Out(2 * count, 1));
        }
        else
        {
            builder.Output("mean", Out(2, 1));
        }

        var isPrecision = head is "precision" or "mixture" or "one";
        builder.Output(isPrecision ? "precision_diagonal" : "diagonal", Positive(2 * count));
        if (head != "diagonal")
        {
            builder.Output(isPrecision ? "precision_upper" : "lower", Out(count, 0.5));
        }

        var root = isPrecision ? SquareRoot.PrecisionFactor("precision_diagonal", "precision_upper") : SquareRoot.Cholesky("diagonal", "lower");
        return new Estimator(builder.Build(), head switch
        {
            "precision" or "covariance" => new Gaussian(2, "mean", root),
            "diagonal" => new DiagonalGaussian(2, "mean", SquareRoot.Diagonal("diagonal")),
            _ => new GaussianMixture(count, 2, "logits", "means", root),
        });
    }

    private static double[] Draw(Random random, int length, double size) => [.. Enumerable.Range(0, length).Select(_ => size * ((2 * random.NextDouble()) - 1))];

    /// <summary>A point of the ball, often far out.</summary>
    private static double[] Member(Random random, double[] x, double[] radius, Norm norm)
    {
        double[] share = [.. x.Select(_ => random.Next(3) == 0 ? (2 * random.Next(2)) - 1 : (2 * random.NextDouble()) - 1)];
        var size = norm switch { Norm.L1 => share.Sum(Math.Abs), Norm.L2 => Math.Sqrt(share.Sum(v => v * v)), _ => 1 };
        return [.. x.Zip(radius, share).Select(item => item.First + (item.Second * item.Third * 0.999999 / Math.Max(1, size)))];
    }
}
