using Certify.Search;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Certify.Tests.Search;

/// <summary>Largest change of a log density, theta in a box beside x in a ball of any norm, where it is known in closed form.</summary>
public class LogDensityTests
{
    /// <remarks>
    /// Mean A x with orthogonal A of size 1/2, standard deviation s: with d = A (x - x0) and x0 = 0, ln q - ln q0 = (d·theta - |d|²/2) / s²; over theta in
    /// [-1, 1]² its absolute value is largest at theta = -sign d, (|d|_1 + |d|²/2) / s². For A = I/2 that is convex in x: the vertices decide, and for
    /// the l2 ball |d|_1 &lt;= sqrt(2) |d|.
    /// </remarks>
    [Theory]
    [InlineData(Norm.L1, 0.5, 0.125)]
    [InlineData(Norm.L2, 0.70710678118654757, 0.125)]
    [InlineData(Norm.Linf, 1, 0.25)]
    public void Enclosures_hold_the_closed_form(Norm norm, double linear, double square)
    {
        const double Deviation = 0.5;
        foreach (var radius in new[] { 0.0, 0.01, 0.3 })
        {
            var problem = Compile(norm, [radius, radius], Deviation);
            Assert.Equal(4, problem.Domain.Box.Length);
            var result = new BranchAndBound { RelativeGap = 0.02, TimeLimit = TimeSpan.FromMinutes(3) }.Solve(problem);
            var truth = ((linear * radius) + (square * radius * radius)) / (Deviation * Deviation);
            Assert.True(result.Lower <= truth * (1 + 1e-12) && result.Upper >= truth * (1 - 1e-12), $"{truth:R} is not in [{result.Lower:R}, {result.Upper:R}]");
            Assert.True(result.Lower >= (0.99 * truth) - 1e-9 && result.Upper <= (1.05 * truth) + 1e-9, $"[{result.Lower:R}, {result.Upper:R}] around {truth:R}");
        }
    }

    /// <summary>A ball in x alone: no point of it, with any theta of the box, lies above the bound; the larger ball of the larger norm has the larger bound.</summary>
    [Fact]
    public void Balls_are_ordered_as_their_norms()
    {
        double[] uppers = [.. new[] { Norm.L1, Norm.L2, Norm.Linf }.Select(norm => new BranchAndBound { RelativeGap = 0.02, TimeLimit = TimeSpan.FromMinutes(3) }.Solve(Compile(norm, [0.2, 0.1], 0.7)).Upper)];
        Assert.True(uppers[0] < uppers[1] && uppers[1] < uppers[2], string.Join(", ", uppers));
    }

    private static Problem Compile(Norm norm, double[] radius, double deviation)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        builder.Output("mean", 0.5 * x);
        builder.Output("sd", builder.Constant(deviation, deviation));
        return ClaimCompiler.Compile(new Estimator(builder.Build(), new DiagonalGaussian(2, "mean", SquareRoot.Diagonal("sd"))), new Claim
        {
            Kind = ClaimKind.Robustness,
            Metric = Metric.LogDensity,
            Norm = norm,
            Observation = [0, 0],
            Radius = [.. radius],
            ParameterLower = [-1, -1],
            ParameterUpper = [1, 1],
        });
    }
}
