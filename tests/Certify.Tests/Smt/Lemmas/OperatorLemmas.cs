using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using static Certify.Tests.Smt.Lemmas.Lemma;

namespace Certify.Tests.Smt.Lemmas;

/// <summary>The planes of the operators that have an algebraic form, one lemma each.</summary>
internal static class OperatorLemmas
{
    private const double Slope = 0.3125;
    private const double Limit = 0.6875;
    private static readonly Real X = Real.Symbol("x");
    private static readonly Real Y = Real.Symbol("y");
    private static readonly Real A = Real.Symbol("a");
    private static readonly Real B = Real.Symbol("b");
    private static readonly Real C = Real.Symbol("c");
    private static readonly Real K = Real.Symbol("k");
    private static readonly Real L = Real.Symbol("l");
    private static readonly Real U = Real.Symbol("u");
    private static readonly Real P = Real.Symbol("p");
    private static readonly Real Q = Real.Symbol("q");
    private static readonly Real R = Real.Symbol("r");
    private static readonly Real S = Real.Symbol("s");
    private static readonly Real T = Real.Symbol("t");
    private static readonly Formula Within = (L <= X) & (X <= U);
    private static readonly Formula AcrossZero = (L < 0) & (0 < U);
    private static readonly Box Factors = Single(new(-0.4375, 1.5625));

    public static IEnumerable<PlaneLemma> All() => [.. Kinks(), .. Curves(), .. Pairs(), .. Slopes()];

    /// <summary>ReLU, LeakyReLU, Abs, Cap.</summary>
    private static IEnumerable<PlaneLemma> Kinks()
    {
        yield return new("relu_chord", "The upper line of ReLU over [l, u], l < 0 < u, is its chord: max(x, 0) <= u (x - l) / (u - l).", "ReLU.cs", ["l", "u", "x", "y"], [AcrossZero, Within], Side.Above, U * (X - L), U - L)
        {
            Of = [new ReLU()],
            Facts = [PlaneLemma.SaidBy(new ReLU(), ["x"])],
            Boxes = Across,
            Others = Ends,
        };
        yield return new("relu_below", "A line through the origin of a slope in [0, 1] lies below ReLU.", "ReLU.cs", ["k", "x", "y"], [(0 <= K) & (K <= 1)], Side.Below, K * X)
        {
            Of = [new ReLU()],
            Facts = [PlaneLemma.SaidBy(new ReLU(), ["x"])],
            Boxes = Across,
            Others = SlopeOf(Side.Below),
        };

        var leaky = new LeakyReLU(Slope);
        yield return new(
            "leaky_relu_chord", "The upper line of the leaky ReLU with slope a in [0, 1] over [l, u], l < 0 < u, is its chord.", "LeakyReLU.cs", ["a", "l", "u", "x", "y"], [AcrossZero, Within, (0 <= A) & (A <= 1)], Side.Above, ((U - (A * L)) * (X - L)) + (A * L * (U - L)), U - L)
        {
            Of = [leaky],
            Facts = [PlaneLemma.SaidBy(leaky, ["x"], (Slope, "a"))],
            Boxes = Across,
            Others = one => [.. Ends(one), ("a", Rational.Of(Slope))],
            Hints = [Product(1 - A, (-L) * (U - X)), Product(-L, U - X), Product(1 - A, U * (X - L)), Product(U, X - L)],
        };
        yield return new("leaky_relu_below", "A line through the origin of a slope in [a, 1] lies below the leaky ReLU.", "LeakyReLU.cs", ["a", "k", "x", "y"], [(A <= K) & (K <= 1)], Side.Below, K * X)
        {
            Of = [leaky],
            Facts = [PlaneLemma.SaidBy(leaky, ["x"], (Slope, "a"))],
            Boxes = Across,
            Others = one => [.. SlopeOf(Side.Below)(one), ("a", Rational.Of(Slope))],
        };

        yield return new("abs_chord", "The upper line of |x| over [l, u], l < 0 < u, is its chord.", "Abs.cs", ["l", "u", "x", "y"], [AcrossZero, Within], Side.Above, ((U + L) * (X - L)) - (L * (U - L)), U - L)
        {
            Of = [new Abs()],
            Facts = [PlaneLemma.SaidBy(new Abs(), ["x"])],
            Boxes = Across,
            Others = Ends,
            Hints = [Product(-L, U - X), Product(U, X - L)],
        };
        yield return new("abs_below", "A line through the origin of a slope in [-1, 1] lies below |x|.", "Abs.cs", ["k", "x", "y"], [(-1 <= K) & (K <= 1)], Side.Below, K * X)
        {
            Of = [new Abs()],
            Facts = [PlaneLemma.SaidBy(new Abs(), ["x"])],
            Boxes = Across,
            Others = SlopeOf(Side.Below),
        };

        var cap = new Cap(Limit);
        yield return new("cap_chord", "The lower line of min(x, c) over [l, u], l < c < u, is its chord.", "Cap.cs", ["c", "l", "u", "x", "y"], [(L < C) & (C < U), Within], Side.Below, ((C - L) * (X - L)) + (L * (U - L)), U - L)
        {
            Of = [cap],
            Facts = [PlaneLemma.SaidBy(cap, ["x"], (Limit, "c"))],
            Boxes = random => [new(Limit - Number(random), Limit + Number(random))],
            Others = one => [.. Ends(one), ("c", Rational.Of(Limit))],
            Hints = [Product(C - L, U - X), Product(U - C, X - L)],
        };
        yield return new("cap_above", "A mean of x and c lies above min(x, c).", "Cap.cs", ["c", "k", "x", "y"], [(0 <= K) & (K <= 1)], Side.Above, (K * X) + ((1 - K) * C))
        {
            Of = [cap],
            Facts = [PlaneLemma.SaidBy(cap, ["x"], (Limit, "c"))],
            Boxes = random => [new(Limit - Number(random), Limit + Number(random))],
            Others = one => [.. SlopeOf(Side.Above)(one), ("c", Rational.Of(Limit))],
            Hints = [Product(K, X - C), Product(1 - K, C - X)],
        };
    }

    /// <summary>Square, Reciprocal, Sqrt: chords, and tangents by their points of contact.</summary>
    private static IEnumerable<PlaneLemma> Curves()
    {
        yield return new("square_chord", "Over [l, u] the square lies below its chord (l + u) x - l u.", "Square.cs, Norm.cs", ["l", "u", "x", "y"], [Within], Side.Above, ((L + U) * X) - (L * U))
        {
            Of = [new Square()],
            Facts = [PlaneLemma.SaidBy(new Square(), ["x"])],
            Boxes = Anywhere,
            Others = Ends,
            Hints = [Product(X - L, U - X)],
        };
        yield return new("square_tangent", "The square lies above its tangent of slope 2 c: x^2 >= 2 c x - c^2.", "Square.cs", ["c", "x", "y"], [], Side.Below, (2 * (C * X)) - (C * C))
        {
            Of = [new Square()],
            Facts = [PlaneLemma.SaidBy(new Square(), ["x"])],
            Boxes = Anywhere,
            Others = one => [("c", Rational.Of(one.Slope(Side.Below) / 2))],
            Hints = [Square(X - C)],
        };
        yield return new("reciprocal_chord", "Over [l, u], l > 0, 1 / x lies below its chord (l + u - x) / (l u).", "Reciprocal.cs", ["l", "u", "x", "y"], [(0 < L) & Within], Side.Above, L + U - X, L * U)
        {
            Of = [new Reciprocal()],
            Facts = [PlaneLemma.SaidBy(new Reciprocal(), ["x"])],
            Boxes = Positive,
            Others = Ends,
            Hints = [Product(X - L, U - X), Product(Y, (X - L) * (U - X)), Product(X, Y), SignOf(X, Y)],
        };
        yield return new("reciprocal_tangent", "For x, c > 0, 1 / x lies above its tangent (2 c - x) / c^2.", "Reciprocal.cs", ["c", "x", "y"], [(0 < C) & (0 < X)], Side.Below, (2 * C) - X, C * C)
        {
            Of = [new Reciprocal()],
            Facts = [PlaneLemma.SaidBy(new Reciprocal(), ["x"])],
            Boxes = Positive,
            Others = one => [("c", Rational.Of(Math.Sqrt(-1 / one.Slope(Side.Below))))],
            Slack = 1e-9,
            Hints = [Product(Y, (X - C) * (X - C)), Square(X - C), SignOf(X, Y)],
        };
        yield return new("sqrt_chord", "Over [a^2, b^2], 0 <= a < b, the square root lies above its chord (x + a b) / (a + b).", "Sqrt.cs", ["a", "b", "x", "y"], [(0 <= A) & (A < B), (A * A <= X) & (X <= B * B)], Side.Below, X + (A * B), A + B)
        {
            Of = [new Sqrt()],
            Facts = [PlaneLemma.SaidBy(new Sqrt(), ["x"])],
            Boxes = random => [new(Root(random) is var a ? a * a : 0, Math.Pow(a + Root(random), 2))],
            Others = one => [("a", Rational.Of(Math.Sqrt(one.Read[0].Lower))), ("b", Rational.Of(Math.Sqrt(one.Read[0].Upper)))],
            Hints = [Product(Y - A, B - Y), Product(A - Y, A + Y), Product(Y - B, Y + B)],
        };
        yield return new("sqrt_tangent", "For c > 0 the square root lies below its tangent at c^2, (x + c^2) / (2 c).", "Sqrt.cs, Norm.cs", ["c", "x", "y"], [(0 < C) & (0 <= X)], Side.Above, X + (C * C), 2 * C)
        {
            Of = [new Sqrt()],
            Facts = [PlaneLemma.SaidBy(new Sqrt(), ["x"])],
            Boxes = Positive,
            Others = one => [("c", Rational.Of(0.5 / one.Slope(Side.Above)))],
            Slack = 1e-9,
            Hints = [Square(Y - C)],
        };
    }

    /// <summary>Multiply, Maximum, Norm, Scale.</summary>
    private static IEnumerable<PlaneLemma> Pairs()
    {
        foreach (var side in Enum.GetValues<Side>())
        {
            var (rest, word) = side == Side.Above ? (R * S, "above") : (-(R * S), "below");
            yield return new(
                $"product_{word}", "Over |a - p| <= r, |b - q| <= s the product a b lies within r s of its tangent plane q a + p b - p q.", "Multiply.cs", ["a", "b", "p", "q", "r", "s", "y"],
                [(-R <= A - P) & (A - P <= R), (-S <= B - Q) & (B - Q <= S)], side, (Q * A) + (P * B) - (P * Q) + rest)
            {
                Of = [new Multiply()],
                Elements = ["a", "b"],
                Facts = [PlaneLemma.SaidBy(new Multiply(), ["a", "b"])],
                Boxes = random => [.. Anywhere(random), .. Anywhere(random)],
                Others = one => [("p", Rational.Of(one.Boxes[0].Middle)), ("q", Rational.Of(one.Boxes[1].Middle)), ("r", Radius(one.Boxes[0])), ("s", Radius(one.Boxes[1]))],
                Hints = [Product(R - (A - P), S - (B - Q)), Product(R + (A - P), S + (B - Q)), Product(R - (A - P), S + (B - Q)), Product(R + (A - P), S - (B - Q))],
            };
        }

        yield return new("maximum_above", "Where a - b lies in [l, u], l < 0 < u, max(a, b) <= b + u (a - b - l) / (u - l).", "Maximum.cs", ["a", "b", "l", "u", "y"], [AcrossZero, (L <= A - B) & (A - B <= U)], Side.Above, (B * (U - L)) + (U * (A - B - L)), U - L)
        {
            Of = [new Maximum()],
            Elements = ["a", "b"],
            Facts = [PlaneLemma.SaidBy(new Maximum(), ["a", "b"])],
            Boxes = Crossing,
            Others = one => [("l", Rational.Of((one.Boxes[0] - one.Boxes[1]).Lower)), ("u", Rational.Of((one.Boxes[0] - one.Boxes[1]).Upper))],
            Hints = [Product(-L, U - (A - B)), Product(U, A - B - L)],
        };
        yield return new("maximum_below", "A mean of a and b lies below max(a, b).", "Maximum.cs", ["a", "b", "k", "y"], [(0 <= K) & (K <= 1)], Side.Below, (K * A) + ((1 - K) * B))
        {
            Of = [new Maximum()],
            Elements = ["a", "b"],
            Facts = [PlaneLemma.SaidBy(new Maximum(), ["a", "b"])],
            Boxes = Crossing,
            Others = SlopeOf(Side.Below),
            Hints = [Product(K, B - A), Product(1 - K, A - B)],
        };

        yield return new(
            "norm_above", "The length of (a, b), a in [l, u], b in [p, q]: |z| <= (|z|^2 + t^2) / (2 t), and each square lies below its chord (two coordinates).", "Norm.cs", ["a", "b", "l", "u", "p", "q", "t", "y"],
            [(L <= A) & (A <= U), (P <= B) & (B <= Q), 0 < T], Side.Above, (((L + U) * A) - (L * U)) + (((P + Q) * B) - (P * Q)) + (T * T), 2 * T)
        {
            Of = [new Norm(2)],
            Elements = ["a", "b"],
            Facts = [PlaneLemma.SaidBy(new Norm(2), ["a", "b"])],
            Boxes = random => [.. Anywhere(random), .. Anywhere(random)],
            Others = one => [.. Ends(one), ("p", Rational.Of(one.Read[1].Lower)), ("q", Rational.Of(one.Read[1].Upper)), ("t", Rational.Of(one.Result.Upper[0]))],
            Hints = [Square(Y - T), Product(A - L, U - A), Product(B - P, Q - B)],
        };
        yield return new("norm_below", "A norm is at least its product with any vector of length at most 1: p a + q b <= |(a, b)| (two coordinates).", "Norm.cs", ["a", "b", "p", "q", "y"], [(P * P) + (Q * Q) <= 1], Side.Below, (P * A) + (Q * B))
        {
            Of = [new Norm(2)],
            Elements = ["a", "b"],
            Facts = [PlaneLemma.SaidBy(new Norm(2), ["a", "b"])],
            Boxes = random => [.. Anywhere(random), .. Anywhere(random)],
            Others = one => [("p", Rational.Of(one.Slope(Side.Below, 0))), ("q", Rational.Of(one.Slope(Side.Below, 1)))],
            Hints = [Square((P * B) - (Q * A)), Product(1 - ((P * P) + (Q * Q)), (A * A) + (B * B)), Product((P * A) + (Q * B) - Y, (P * A) + (Q * B) + Y), Product((P * A) + (Q * B) - Y, Y)],
        };

        foreach (var side in Enum.GetValues<Side>())
        {
            var w = Real.Symbol("w");
            Formula Beyond(Real product) => side == Side.Above ? w >= product : w <= product;
            yield return new(
                $"scale_{(side == Side.Above ? "above" : "below")}", "y = f x, f in [p, q], x in [l, u]: y - k x lies among the products of the ends of f - k and x.", "Scale.cs", ["k", "l", "p", "q", "u", "w", "x", "y"],
                [Within, (P <= K) & (K <= Q), Beyond((P - K) * L) & Beyond((P - K) * U), Beyond((Q - K) * L) & Beyond((Q - K) * U)], side, (K * X) + w)
            {
                Of = [new Scale(Factors)],
                Facts = [PlaneLemma.SaidBy(new Scale(Factors), ["x"], (Factors.Lower[0], "p"), (Factors.Upper[0], "q"))],
                Boxes = Anywhere,
                Others = one => [.. Ends(one), .. SlopeOf(side)(one), ("p", Rational.Of(Factors.Lower[0])), ("q", Rational.Of(Factors.Upper[0])), ("w", Extreme(one, side))],
                Hints = [Product(K - P, X - L), Product(K - P, U - X), Product(Q - K, X - L), Product(Q - K, U - X)],
            };
        }
    }

    /// <summary>Gate, Change: y is b times a slope in [s, t].</summary>
    private static IEnumerable<PlaneLemma> Slopes()
    {
        var between = (((S * B) <= Y) & (Y <= (T * B))) | (((T * B) <= Y) & (Y <= (S * B)));
        foreach (var side in Enum.GetValues<Side>())
        {
            var (first, last, word) = side == Side.Above ? (S, T, "above") : (T, S, "below");
            PlaneLemma Lemma(string name, string says, Formula[] premises, Real plane, Real? denominator, Func<Random, Interval> ofB) => new(name, says, "Gate.cs, Change.cs", ["b", "l", "s", "t", "u", "y"], premises, side, plane, denominator)
            {
                Of = [new Gate(new ReLU()), new Change(new ReLU()), new Change(new LeakyReLU(Slope))],
                Elements = ["b"],
                Facts = [between.Text],
                Boxes = random => [.. Across(random), ofB(random)],
                Others = Bounds,
                Hints = [Product(U, B - L), Product(-L, U - B), Product(T - S, B - L), Product(T - S, U - B), Product((T - S) * U, B - L), Product((T - S) * (-L), U - B)],
            };
            yield return Lemma(
                $"slope_chord_{word}", $"y lies between s b and t b, s <= t, b in [l, u], l < 0 < u: the chord of the {(side == Side.Above ? "larger" : "smaller")} lies {word}.", [AcrossZero, (L <= B) & (B <= U), S <= T],
                (((last * U) - (first * L)) * (B - L)) + (first * L * (U - L)), U - L, random => Across(random)[0]);
            yield return Lemma($"slope_positive_{word}", $"y lies between s b and t b, s <= t, b >= 0: {last.Text} b lies {word}.", [0 <= B, S <= T], last * B, null, random => Positive(random)[0]);
            yield return Lemma($"slope_negative_{word}", $"y lies between s b and t b, s <= t, b <= 0: {first.Text} b lies {word}.", [B <= 0, S <= T], first * B, null, random => -Positive(random)[0]);
        }
    }

    private static IEnumerable<(string, Rational)> Bounds(Case one)
    {
        var (of, a, b) = one.Of is Gate gate ? (gate.Of, one.Boxes[0], one.Boxes[1]) : (((Change)one.Of).Of, Interval.Hull(one.Boxes[0], one.Boxes[0] + one.Boxes[1]), one.Boxes[1]);
        var slope = of.Slope(a);
        return [("l", Rational.Of(b.Lower)), ("u", Rational.Of(b.Upper)), ("s", Rational.Of(slope.Lower)), ("t", Rational.Of(slope.Upper))];
    }

    private static IEnumerable<(string, Rational)> Ends(Case one) => [("l", Rational.Of(one.Read[0].Lower)), ("u", Rational.Of(one.Read[0].Upper))];

    private static Func<Case, IEnumerable<(string, Rational)>> SlopeOf(Side side) => one => [("k", Rational.Of(one.Slope(side)))];

    private static Formula SignOf(Real x, Real y) => ((x > 0) & (x * y).Is(1)).Then(y > 0);

    private static Rational Extreme(Case one, Side side)
    {
        var k = Rational.Of(one.Slope(side));
        var products = new[] { Factors.Lower[0], Factors.Upper[0] }.SelectMany(f => new[] { one.Read[0].Lower, one.Read[0].Upper }.Select(x => (Rational.Of(f) - k) * Rational.Of(x))).Order().ToArray();
        return side == Side.Above ? products[^1] : products[0];
    }

    private static Rational Radius(Interval range)
    {
        var (down, up) = (Rational.Of(range.Middle) - Rational.Of(range.Lower), Rational.Of(range.Upper) - Rational.Of(range.Middle));
        return down > up ? down : up;
    }

    private static double Number(Random random) => Math.Pow(2, (random.NextDouble() * 8) - 4);

    private static double Root(Random random) => (1 + random.Next(1 << 20)) / (double)(1 << 16);

    private static Interval[] Across(Random random) => [new(-Number(random), Number(random))];

    private static Interval[] Positive(Random random) => Number(random) is var l ? [new(l, l + Number(random))] : [];

    private static Interval[] Anywhere(Random random) => (random.NextDouble() - 0.5) * 8 is var l ? [new(l, l + Number(random))] : [];

    private static Interval[] Crossing(Random random) => (random.NextDouble() - 0.5) * 8 is var at ? [new(at - Number(random), at + Number(random)), new(at - Number(random), at + Number(random))] : [];

    private static Box Single(Interval range)
    {
        var box = new Box(1);
        box[0] = range;
        return box;
    }
}
