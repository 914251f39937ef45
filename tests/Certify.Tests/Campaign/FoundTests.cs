using Certify.Search;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Norm = Guarantees.Claims.Norm;

namespace Certify.Tests.Campaign;

/// <summary>What the campaign found, each in the smallest form.</summary>
public class FoundTests
{
    /// <summary>g = b max(a x, 0) over [0, 1e30], where a b is subnormal and g is not: the row's coefficient is off by up to 2^-1075, times 1e30.</summary>
    [Fact]
    public void A_coefficient_that_underflows_is_counted_with_what_it_multiplies()
    {
        var random = new Random(1);
        for (var k = 0; k < 200; k++)
        {
            var (a, b, x) = (1e-161 * (1 + random.NextDouble()), 1e-160 * (1 + random.NextDouble()), 1e30);
            var net = new NetworkBuilder();
            net.Output("y", net.Affine(net.Apply(new ReLU(), net.Affine(net.Input("x", 1), [a], [0])), [b], [0]));
            var graph = net.Build();
            var problem = new Problem(graph, graph.Output("y").Id, new Domain(new Box([0], [x])));
            var g = Rational.Of(a) * Rational.Of(b) * Rational.Of(x);
            foreach (var (name, _, create) in Engines.OfBounds)
            {
                var upper = create(problem).UpperBound(problem.Domain.Box);
                Assert.True(g.CompareTo(upper) <= 0, $"{name}: {upper:R} below g = {g.RoundDown():R} for a = {a:R}, b = {b:R}");
            }

            foreach (var (name, _, create) in Engines.OfContraction)
            {
                var part = new Box([0], [x]);
                Assert.True(g.CompareTo(create(problem)(part, g.DoubleBelow())) <= 0 && part.Upper[0] >= x, $"{name} for a = {a:R}, b = {b:R}");
            }
        }
    }

    /// <summary>0 times infinity on the way back: the gradient is NaN, and the attack goes on without it.</summary>
    [Theory]
    [InlineData(Norm.L1)]
    [InlineData(Norm.L2)]
    [InlineData(Norm.Linf)]
    public void A_gradient_that_overflows_does_not_end_the_attack(Norm norm)
    {
        var net = new NetworkBuilder();
        var huge = net.Apply(new Square(), net.Affine(net.Input("x", 2), [1e200, 1, 1, -1e200], [0, 0]));
        net.Output("y", net.Affine(net.Apply(new Square(), huge), [1, -1], [0]));
        var graph = net.Build();
        var domain = new Domain(new Box([-1, -1], [1, 1])) { Norm = norm, Center = [0, 0], Radius = [1, 1] };
        var found = new Attack(new Problem(graph, graph.Output("y").Id, domain)).Run(5, new Random(1));
        Assert.True(domain.Contains(found.Point));
    }

    /// <summary>
    /// F(x) = -1e400 x - 5e299 over [-1e-100, 0], all kinks open upwards: F(-1e-100) = 5e299, but the row's coefficient overflows and its product with the end 0 is 0.
    /// </summary>
    [Fact]
    public void A_coefficient_that_overflows_cuts_nothing()
    {
        var net = new NetworkBuilder();
        var hidden = net.Apply(new ReLU(), net.Affine(net.Input("x", 1), [1e200, 1e200, 1e200], [1e101, 1e101, 1e101]));
        net.Output("y", net.Affine(hidden, [1e200, -1e200, -1e200], [0.95e301]));
        var graph = net.Build();
        var problem = new Problem(graph, graph.Output("y").Id, new Domain(new Box([-1e-100], [0])));
        foreach (var (name, _, create) in Engines.OfContraction)
        {
            var part = new Box([-1e-100], [0]);
            Assert.True(create(problem)(part, 0) > 0 && part.Lower[0] <= -1e-100, name);
        }
    }

    /// <summary>The chord of a range wider than the largest double has no slope.</summary>
    [Fact]
    public void A_range_wider_than_every_double_still_has_a_band()
    {
        var band = new LeakyReLU(1).Relax(new Interval(-1e308, 1e308));
        Assert.True(band.Upper.At(1e308).Upper >= 1e308 && band.Lower.At(-1e308).Lower <= -1e308);
    }
}
