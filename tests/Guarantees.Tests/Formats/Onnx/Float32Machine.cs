namespace Guarantees.Tests.Formats.Onnx;

/// <summary>In which order a float32 program adds.</summary>
internal enum SumOrder
{
    AsListed,
    Reversed,
    SmallFirst,
    LargeFirst,
    PositiveFirst,
    NegativeFirst,
    Shuffled,
    Upward,
    Downward,
    Pairwise,
    Blocks4,
    Blocks8,
    Blocks16,
}

/// <summary>Where a sum takes its bias.</summary>
internal enum BiasPlace
{
    First,
    Last,
    AsTerm,
}

/// <summary>What a product with a constant is multiplied into.</summary>
internal enum ScalePlace
{
    Result,
    Weights,
    Argument,
}

/// <summary>One way to execute a model in float32.</summary>
/// <param name="Fused">Fused multiply-add.</param>
/// <param name="Flushed">Subnormal arguments and results become 0.</param>
/// <param name="Wide">Sums are kept in float64 and rounded at the end.</param>
/// <param name="Reciprocal">Quotients are products with a rounded reciprocal.</param>
/// <param name="Push">Errors of the elementary functions, as a share of what is assumed, -1 to 1; NaN: those of MathF.</param>
internal sealed record ExecutionStyle(SumOrder Order, BiasPlace Bias, ScalePlace Scale, bool Fused, bool Flushed, bool Wide, bool Reciprocal, double Push)
{
    /// <summary>Every order with the other choices in rotation, so that all pairs occur.</summary>
    public static IReadOnlyList<ExecutionStyle> All { get; } = [.. Enum.GetValues<SumOrder>().SelectMany(order => Enumerable.Range(0, 4).Select(k => new ExecutionStyle(
        order,
        (BiasPlace)(((int)order + k) % 3),
        (ScalePlace)(((int)order / 2 + k) % 3),
        k % 2 == 1,
        k >= 2,
        order == SumOrder.AsListed && k >= 2,
        ((int)order + k) % 2 == 1,
        (((int)order * 4) + k) % 5 is 0 ? double.NaN : 0.9 * ((((int)order * 4) + k) % 3 - 1))))];
}

/// <summary>Float32 arithmetic in one style.</summary>
internal sealed class Float32Machine(ExecutionStyle style, int seed)
{
    private const float LeastNormal = 1.17549435e-38f;

    private readonly Random random = new(seed);

    public ExecutionStyle Style => style;

    public float Keep(float value) => style.Flushed && Math.Abs(value) < LeastNormal ? 0 : value;

    public float Times(float a, float b) => Keep(Keep(a) * Keep(b));

    public float Plus(float a, float b) => Keep(Keep(a) + Keep(b));

    public float Over(float a, float b) => style.Reciprocal ? Times(a, Keep(1 / Keep(b))) : Keep(Keep(a) / Keep(b));

    /// <summary>a b + c.</summary>
    public float TimesPlus(float a, float b, float c) => style.Fused ? Keep(MathF.FusedMultiplyAdd(Keep(a), Keep(b), Keep(c))) : Plus(Times(a, b), c);

    /// <summary>An elementary function, off by a share of what is assumed of it.</summary>
    public float Function(Func<double, double> exact, Func<float, float> library, float x, Func<double, double> assumed)
    {
        x = Keep(x);
        var value = exact(x);
        return Keep(double.IsNaN(style.Push) ? library(x) : (float)(value + (style.Push * assumed(value))));
    }

    /// <summary>sum_j a_j b_j + bias.</summary>
    public float Sum(float[] a, float[] b, float? bias)
    {
        (a, b) = (Array.ConvertAll(a, Keep), Array.ConvertAll(b, Keep));
        if (style.Wide)
        {
            var wide = 0.0;
            for (var j = 0; j < a.Length; j++)
            {
                wide += (double)a[j] * b[j];
            }

            return Keep((float)(wide + (bias is { } c ? Keep(c) : 0)));
        }

        if (bias is { } term && style.Bias == BiasPlace.AsTerm)
        {
            (a, b, bias) = ([.. a, Keep(term)], [.. b, 1], null);
        }

        var start = bias is { } first && style.Bias == BiasPlace.First ? Keep(first) : (float?)null;
        var sum = style.Order switch
        {
            SumOrder.Pairwise => Halves(a, b, start),
            SumOrder.Blocks4 => Lanes(a, b, 4, start),
            SumOrder.Blocks8 => Lanes(a, b, 8, start),
            SumOrder.Blocks16 => Lanes(a, b, 16, start),
            SumOrder.Upward => Greedy(a, b, start, 1),
            SumOrder.Downward => Greedy(a, b, start, -1),
            _ => Chain(a, b, Ordered(a, b), start),
        };
        return bias is { } last && style.Bias == BiasPlace.Last ? Plus(sum, last) : sum;
    }

    private int[] Ordered(float[] a, float[] b)
    {
        var places = Enumerable.Range(0, a.Length);
        double Product(int j) => (double)a[j] * b[j];
        return style.Order switch
        {
            SumOrder.Reversed => [.. places.Reverse()],
            SumOrder.SmallFirst => [.. places.OrderBy(j => Math.Abs(Product(j)))],
            SumOrder.LargeFirst => [.. places.OrderByDescending(j => Math.Abs(Product(j)))],
            SumOrder.PositiveFirst => [.. places.OrderByDescending(Product)],
            SumOrder.NegativeFirst => [.. places.OrderBy(Product)],
            SumOrder.Shuffled => Shuffled(a.Length),
            _ => [.. places],
        };
    }

    private int[] Shuffled(int count)
    {
        int[] places = [.. Enumerable.Range(0, count)];
        random.Shuffle(places);
        return places;
    }

    private float Chain(float[] a, float[] b, IEnumerable<int> order, float? start)
    {
        var sum = start;
        foreach (var j in order)
        {
            sum = sum is { } so ? TimesPlus(a[j], b[j], so) : Times(a[j], b[j]);
        }

        return sum ?? 0;
    }

    private float Halves(float[] a, float[] b, float? start)
    {
        float Part(int from, int to) => to - from == 1 ? Times(a[from], b[from]) : Plus(Part(from, (from + to) / 2), Part((from + to) / 2, to));
        var sum = Part(0, a.Length);
        return start is { } bias ? Plus(bias, sum) : sum;
    }

    private float Lanes(float[] a, float[] b, int width, float? start)
    {
        var lanes = Enumerable.Range(0, Math.Min(width, a.Length)).Select(lane =>
            Chain(a, b, Enumerable.Range(0, a.Length).Where(j => j % width == lane), lane == 0 ? start : null)).ToArray();
        while (lanes.Length > 1)
        {
            var half = (lanes.Length + 1) / 2;
            lanes = [.. Enumerable.Range(0, half).Select(l => l + half < lanes.Length ? Plus(lanes[l], lanes[l + half]) : lanes[l])];
        }

        return lanes[0];
    }

    /// <summary>Takes the next term that rounds the most to one side, of up to 12 tried.</summary>
    private float Greedy(float[] a, float[] b, float? start, int side)
    {
        var left = Shuffled(a.Length).ToList();
        var sum = start;
        while (left.Count > 0)
        {
            var (best, most) = (0, double.NegativeInfinity);
            for (var k = 0; k < Math.Min(12, left.Count); k++)
            {
                var (p, q) = (a[left[k]], b[left[k]]);
                var next = sum is { } so ? TimesPlus(p, q, so) : Times(p, q);
                var gain = side * (next - ((sum ?? 0.0) + ((double)p * q)));
                (best, most) = gain > most ? (k, gain) : (best, most);
            }

            var j = left[best];
            sum = sum is { } now ? TimesPlus(a[j], b[j], now) : Times(a[j], b[j]);
            left.RemoveAt(best);
        }

        return sum ?? 0;
    }
}
