using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Certify.Tests.Campaign;

/// <summary>Random numbers, boxes and points of the kinds that break verifiers.</summary>
internal static class Draws
{
    public enum Style
    {
        Plain,
        Integers,
        Sparse,
        Repeated,
        Huge,
        Tiny,
        Cancelling,
        Mixed,
        Overflowing,
    }

    /// <summary>Half of all layers are plain or small integers, so that several layers in a row stay comparable.</summary>
    public static Style AnyStyle(Random random) => random.Next(16) switch
    {
        < 6 => Style.Plain,
        < 9 => Style.Integers,
        9 => Style.Sparse,
        10 => Style.Repeated,
        11 => Style.Huge,
        12 => Style.Tiny,
        13 => Style.Cancelling,
        14 => Style.Mixed,
        _ => random.Next(12) == 0 ? Style.Overflowing : Style.Plain,
    };

    /// <summary>A matrix, [rows * columns].</summary>
    public static double[] Weights(Random random, Style style, int rows, int columns)
    {
        var w = new double[rows * columns];
        for (var i = 0; i < w.Length; i++)
        {
            w[i] = style switch
            {
                Style.Integers => random.Next(-2, 3),
                Style.Sparse => random.Next(3) > 0 ? 0 : Plain(random),
                Style.Huge => Plain(random) * Math.Pow(10, random.Next(8, 18)),
                Style.Tiny => random.Next(4) == 0 ? double.Epsilon * random.Next(1, 100) : Plain(random) * (random.Next(3) == 0 ? 1e-160 : 1e-30),
                Style.Mixed => random.Next(7) switch { 0 => 1e17 * Plain(random), 1 => 1e-30 * Plain(random), 2 => 0, 3 => 1, 4 => double.Epsilon * random.Next(1, 100), _ => Plain(random) },
                Style.Overflowing => Plain(random) * Math.Pow(10, random.Next(150, 308)),
                _ => Plain(random),
            };
        }

        for (var r = 1; r < rows && style == Style.Repeated; r++)
        {
            // Rows equal to the first, negated, or shifted by an ulp.
            var kind = random.Next(4);
            for (var j = 0; j < columns && kind > 0; j++)
            {
                w[(r * columns) + j] = kind switch { 1 => w[j], 2 => -w[j], _ => Math.BitIncrement(w[j]) };
            }
        }

        for (var i = 1; i < w.Length && style == Style.Cancelling; i += 2)
        {
            // Neighbours sum to almost nothing.
            w[i - 1] *= random.Next(2) == 0 ? 1e8 : 1e17;
            w[i] = random.Next(2) == 0 ? -w[i - 1] : Math.BitIncrement(-w[i - 1]);
        }

        return w;
    }

    public static double Slope(Random random) => random.Next(5) switch { 0 => 0, 1 => 1, 2 => 0.5, 3 => 0.1, _ => random.NextDouble() };

    /// <summary>Point boxes, thin, plain and huge ones, and all of these by coordinate; ends often at small integers, where integer weights have their kinks.</summary>
    public static Box Box(Random random, int n)
    {
        var kind = random.Next(8);
        var (lower, upper) = (new double[n], new double[n]);
        for (var j = 0; j < n; j++)
        {
            var center = random.Next(3) switch { 0 => 0, 1 => random.Next(-2, 3), _ => Plain(random) };
            switch (kind == 7 ? random.Next(7) : kind)
            {
                case 0:
                    (lower[j], upper[j]) = (center, center);
                    break;
                case 1:
                    (lower[j], upper[j]) = (center, Math.BitIncrement(center));
                    break;
                case 2:
                    var thin = Math.Pow(10, random.Next(-12, -2));
                    (lower[j], upper[j]) = (center - thin, center + (thin * random.NextDouble()));
                    break;
                case 3:
                    var huge = Math.Pow(10, random.Next(6) == 0 ? random.Next(13, 60) : random.Next(3, 13));
                    (lower[j], upper[j]) = (center - huge, center + huge);
                    break;
                case 4:
                    (lower[j], upper[j]) = (Math.Floor(center), Math.Floor(center) + random.Next(1, 4));
                    break;
                default:
                    (lower[j], upper[j]) = (center - random.NextDouble(), center + random.NextDouble());
                    break;
            }
        }

        return new Box(lower, upper);
    }

    /// <summary>A box cut by a ball; sometimes the last coordinate is outside the ball.</summary>
    public static Domain Ball(Random random, int n)
    {
        double[] center = [.. Enumerable.Range(0, n).Select(_ => Plain(random))];
        double[] radius = [.. Enumerable.Range(0, n).Select(_ => random.Next(5) == 0 ? 0 : random.NextDouble() * Math.Pow(10, random.Next(-6, 2)))];
        var box = new Box([.. center.Zip(radius, Rounding.SubtractDown)], [.. center.Zip(radius, Rounding.AddUp)]);
        var moving = random.Next(3) == 0 ? Math.Max(1, n - 1) : n;
        return new Domain(box) { Norm = random.Next(3) switch { 0 => Norm.L1, 1 => Norm.L2, _ => Norm.Linf }, Center = [.. center[..moving]], Radius = [.. radius[..moving]] };
    }

    /// <summary>The part left after a few random cuts, sometimes a point.</summary>
    public static Box Part(Random random, Box box)
    {
        for (var k = random.Next(1, 8); k > 0; k--)
        {
            var (left, right) = box.Split(random.Next(box.Length));
            box = random.Next(2) == 0 ? left : right;
        }

        return random.Next(8) == 0 ? Guarantees.Networks.Box.Point(Point(random, box)) : box;
    }

    public static double[] Point(Random random, Box box) => [.. Enumerable.Range(0, box.Length).Select(j => random.Next(4) switch
    {
        0 => box.Lower[j],
        1 => box.Upper[j],
        _ => Math.Clamp(box.Lower[j] + (random.NextDouble() * (box.Upper[j] - box.Lower[j])), box.Lower[j], box.Upper[j]),
    })];

    public static double[] Corner(Random random, Box box) => [.. Enumerable.Range(0, box.Length).Select(j => random.Next(2) == 0 ? box.Lower[j] : box.Upper[j])];

    /// <summary>The point moved towards the center until it is in the ball.</summary>
    public static double[] Pulled(Domain domain, double[] point, Box part)
    {
        var pulled = (double[])point.Clone();
        var n = domain.Center.Length;
        var shares = Enumerable.Range(0, n).Select(j => domain.Radius[j] > 0 ? Math.Abs(point[j] - domain.Center[j]) / domain.Radius[j] : 0).ToArray();
        var size = domain.Norm switch { Norm.L1 => shares.Sum(), Norm.L2 => Math.Sqrt(shares.Sum(s => s * s)), _ => shares.Append(0).Max() };
        var shrink = size > 1 ? (1 - 4e-15) / size : 1;
        for (var j = 0; j < n; j++)
        {
            pulled[j] = domain.Radius[j] > 0 ? Math.Clamp(domain.Center[j] + (shrink * (point[j] - domain.Center[j])), part.Lower[j], part.Upper[j]) : domain.Center[j];
        }

        return pulled;
    }

    public static double Plain(Random random) => random.Next(10) == 0 ? 0 : (2 * random.NextDouble()) - 1;
}
