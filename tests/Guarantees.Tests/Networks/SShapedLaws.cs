using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;
using Xunit;

namespace Guarantees.Tests.Graphs;

/// <summary>The laws of the second and third derivatives of S-shaped functions, against difference quotients of the derivative below each.</summary>
/// <remarks>Mutant caught: 3 f² - 2 for 3 f² - 1 in tanh'''.</remarks>
public class SShapedLaws
{
    public static TheoryData<string> Functions => ["Tanh", "Sigmoid", "NormalCdf"];

    [Theory]
    [MemberData(nameof(Functions))]
    public void Derivatives_lie_in_their_ranges(string name)
    {
        SShaped f = name switch { "Tanh" => new Tanh(), "Sigmoid" => new Sigmoid(), _ => new NormalCdf() };
        var random = new Random(1);
        for (var k = 0; k < 4000; k++)
        {
            var (a, b) = (6 * ((2 * random.NextDouble()) - 1), 6 * ((2 * random.NextDouble()) - 1));
            var x = k % 3 == 0 ? Interval.Hull(a, a + (0.01 * random.NextDouble())) : Interval.Hull(a, b);
            var t = x.Lower + ((x.Upper - x.Lower) * random.NextDouble());
            const double h = 1e-4;
            var second = (f.Derivative(t + h) - f.Derivative(t - h)) / (2 * h);
            var third = (f.SecondDerivative(Interval.Point(t + h)).Middle - f.SecondDerivative(Interval.Point(t - h)).Middle) / (2 * h);
            var (seconds, thirds) = (f.SecondDerivative(x), f.ThirdDerivative(x));
            Assert.InRange(second, seconds.Lower - 1e-7, seconds.Upper + 1e-7);
            Assert.InRange(third, thirds.Lower - 1e-7, thirds.Upper + 1e-7);

            // At a point the enclosures are tight.
            Assert.InRange(f.SecondDerivative(Interval.Point(t)).Width, 0, 1e-12);
            Assert.InRange(f.SecondDerivative(Interval.Point(t)).Middle, second - 1e-7, second + 1e-7);
            Assert.InRange(f.ThirdDerivative(Interval.Point(t)).Middle, third - 1e-7, third + 1e-7);
        }
    }
}
