using System.Globalization;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Tests.Claims;

/// <summary>The Kullback-Leibler divergence.</summary>
public partial class PosteriorStabilityLaws
{
    /// <summary>Random networks: at a draw every x of the ball has a term of at most what is stated, and no draw of the box one above what is stated for all of them.</summary>
    [Fact]
    public void Terms_of_the_divergence_hold_for_every_x_of_the_ball_and_the_largest_for_every_theta_of_the_box()
    {
        var (points, loose, wide) = (0, new List<double>(), new List<double>());
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var (estimator, claim) = Draw(random);
            claim = claim with { Metric = Metric.Kl, Prior = claim.Prior! with { Law = new PriorLaw { Name = PriorLaw.Uniform, First = [-1, -0.5], Second = [0.5, 2] } } };
            var (network, density) = (estimator.Network, (ConditionalDensity)estimator.Family);
            double[] slope = seed % 2 == 0 ? [] : [.. Enumerable.Range(0, 3).Select(_ => 2 * ((2 * random.NextDouble()) - 1))];
            var (problem, unit) = PosteriorStability.Tilted(network, density, claim, slope, claim.DensityAtMost!.Value);
            var most = PosteriorStability.LargestTerm(network, density, claim, slope, unit, default);
            Assert.True(double.IsFinite(most));
            var bounds = new PosteriorStability.AtDraw(network, density, claim, problem, unit);
            var parts = PosteriorStability.PartsOf(claim, problem);
            var top = 0.0;
            for (var trial = 0; trial < 20; trial++)
            {
                double[] theta = [.. claim.Prior.Law!.First.Zip(claim.Prior.Law.Second, (low, high) => random.Next(4) == 0 ? low : random.Next(3) == 0 ? high : low + ((high - low) * random.NextDouble()))];
                bounds.Move(theta);
                double[] stated = [.. parts.Select(bounds.TermOver)];
                var l0 = Value(network, theta, [.. claim.Observation]);
                var largest = 0.0;
                for (var k = 0; k < 60; k++)
                {
                    var x = InBall(random, claim);
                    if (!problem.Domain.Contains([.. x, 0, 0]))
                    {
                        continue;
                    }

                    points++;
                    var d = Value(network, theta, x) - l0 - slope.Select((a, i) => a * (x[i] - claim.Observation[i])).Sum();
                    var term = Math.Exp(l0 - unit) * (Math.Exp(d) - 1 - d);
                    Assert.All(Enumerable.Range(0, parts.Length).Where(part => parts[part].Contains(x)), part => Assert.True(term <= stated[part] + 1e-14, $"seed {seed}: {term:R}, {stated[part]:R}"));
                    Assert.True(term <= most + 1e-14, $"seed {seed}: {term:R} above the largest, {most:R}");
                    largest = Math.Max(largest, term);
                }

                top = Math.Max(top, largest);
                loose.Add(stated.Max() / Math.Max(largest, 1e-12));
            }

            wide.Add(most / Math.Max(top, 1e-12));
        }

        loose.Sort();
        wide.Sort();
        Assert.True(points > 20_000, $"{points} points");
        Assert.True(loose[loose.Count / 2] < 3, $"median {loose[loose.Count / 2]} times the largest term seen");
        Assert.True(wide[wide.Count / 2] < 30, $"median {wide[wide.Count / 2]} times the largest term seen over the box");
    }

    /// <remarks>l = -5 |theta - x|², theta uniform on [-1, 1] in each dimension: posteriors are products of truncated normals, their divergence by quadrature of one dimension. The largest is at a vertex of the ball.</remarks>
    [Theory]
    [InlineData(1, 0, 0.02, Norm.Linf, 1, 1.1)]
    [InlineData(1, 0, 0.1, Norm.Linf, 1, 1.1)]
    [InlineData(1, 0.4, 0.1, Norm.L2, 1, 1.1)]
    [InlineData(1, 1, 0.05, Norm.Linf, 1, 1.25)]
    [InlineData(2, 0.2, 0.05, Norm.Linf, 1.1, 1.5)]
    [InlineData(3, 0.2, 0.05, Norm.L1, 1.5, 3)]
    public void The_bound_is_not_below_the_divergence_of_truncated_normal_posteriors(int dimension, double at, double radius, Norm norm, double least, double most)
    {
        var builder = new NetworkBuilder();
        var (theta, x) = (builder.Input("theta", dimension), builder.Input("x", dimension));
        builder.Output("q", -5 * builder.Sum(builder.Apply(new Square(), theta - x)));
        var estimator = Of(builder.Build());
        var law = new PriorLaw { Name = PriorLaw.Uniform, First = Repeat(-1, dimension), Second = Repeat(1, dimension) };
        var claim = Ball(dimension, at, radius, norm) with { Metric = Metric.Kl, DensityAtMost = null, Prior = new PriorDraws { Law = law, Count = 20_000, Confidence = 0.99 } };
        var truth = (norm == Norm.L1 ? 1 : dimension) * Math.Max(Divergence(at, at + radius), Divergence(at, at - radius));
        for (var seed = 1; seed <= 3; seed++)
        {
            var answer = PosteriorStability.Bound(estimator, claim, null, "", seed);
            Assert.Equal(Metric.Kl, answer.Metric);
            Assert.True(answer.Bound >= truth, $"{answer.Bound} below {truth}");
            Assert.InRange(answer.Bound / truth, least, most);
        }
    }

    [Fact]
    public void A_divergence_needs_a_box_and_is_read_from_a_table_too()
    {
        var (estimator, claim) = Linear(1, 1, 0.05, Norm.Linf, 5000);
        claim = claim with { Metric = Metric.Kl, DensityAtMost = null };
        Assert.Contains("needs a box", Assert.Throws<ArgumentException>(() => ClaimCompiler.Compile(estimator, claim)).Message, StringComparison.Ordinal);
        var rows = new PriorLaw { Name = PriorLaw.Uniform, First = [-1], Second = [1] }.Draw(3, "table"u8, 5000);
        var table = Encoding.UTF8.GetBytes("theta_0\n" + string.Concat(rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row[0]:R}\n"))));
        var boxed = claim with { Prior = PriorDraws.Of(table, "prior.csv", 0.99), ParameterLower = [-1], ParameterUpper = [1] };
        Assert.Contains("Kullback-Leibler", ClaimCompiler.Compile(estimator, boxed).Text, StringComparison.Ordinal);
        var answer = PosteriorStability.Bound(estimator, boxed, table, "prior.csv", 1);
        Assert.InRange(answer.Bound, Divergence(1, 0.95), 2 * Divergence(1, 0.95));
        Assert.False(answer.Slope.IsEmpty);
        Assert.Contains("e^d - 1 - d", answer.Words, StringComparison.Ordinal);
        Assert.Equal(Verdict.Proved, PosteriorStability.Decide(boxed, 7).Verdict);
        Assert.Equal(Verdict.Undecided, PosteriorStability.Decide(boxed, double.PositiveInfinity).Verdict);
        Assert.Equal(Verdict.Undecided, PosteriorStability.Decide(boxed with { AtMost = 0.01 }, 0.02).Verdict);
    }

    /// <summary>KL between the posteriors at x and at y of one dimension: ln(Z(y) / Z(x)) + E_x (l(theta, x) - l(theta, y)).</summary>
    private static double Divergence(double x, double y)
    {
        const int steps = 20_000;
        var (atX, atY, change) = (0.0, 0.0, 0.0);
        for (var k = 0; k < steps; k++)
        {
            var theta = ((2 * (k + 0.5)) / steps) - 1;
            var (first, second) = (-5 * (theta - x) * (theta - x), -5 * (theta - y) * (theta - y));
            atX += Math.Exp(first);
            atY += Math.Exp(second);
            change += Math.Exp(first) * (first - second);
        }

        return Math.Log(atY / atX) + (change / atX);
    }
}
