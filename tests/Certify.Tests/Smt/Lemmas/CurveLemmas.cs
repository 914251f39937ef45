using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;
using static Certify.Tests.Smt.Lemmas.Lemma;

namespace Certify.Tests.Smt.Lemmas;

/// <summary>The planes of operators without an algebraic form: what is known of y is that the function is convex, or concave, in the inequality at one point.</summary>
internal static class CurveLemmas
{
    private static readonly Real X = Real.Symbol("x");
    private static readonly Real Y = Real.Symbol("y");
    private static readonly Real K = Real.Symbol("k");
    private static readonly Real L = Real.Symbol("l");
    private static readonly Real U = Real.Symbol("u");
    private static readonly Real P = Real.Symbol("p");
    private static readonly Real C = Real.Symbol("c");
    private static readonly Real M = Real.Symbol("m");
    private static readonly Real AtL = Real.Symbol("f_l");
    private static readonly Real AtU = Real.Symbol("f_u");
    private static readonly Real AtP = Real.Symbol("f_p");
    private static readonly Real AtZero = Real.Symbol("f_0");
    private static readonly Real SlopeX = Real.Symbol("d_x");
    private static readonly Real SlopeP = Real.Symbol("d_p");
    private static readonly Formula Within = (L <= X) & (X <= U);

    public static IEnumerable<PlaneLemma> All() => [.. Convex(), .. SShapes()];

    private static IEnumerable<PlaneLemma> Convex()
    {
        foreach (var convex in new[] { true, false })
        {
            var (kind, chord, tangent) = convex ? ("convex", Side.Above, Side.Below) : ("concave", Side.Below, Side.Above);
            Formula Beyond(Real f, Real line) => convex ? f >= line : f <= line;
            ConvexActivation[] of = convex ? [new Exp(), new Softplus()] : [new Log(), new ScaleRoot()];
            yield return new($"{kind}_chord", $"A {kind} function lies {(convex ? "below" : "above")} its chord; d_x is a slope at x.", "ConvexActivation.cs", ["d_x", "f_l", "f_u", "l", "u", "x", "y"], [Within, L < U], chord, (AtL * (U - X)) + (AtU * (X - L)), U - L)
            {
                Of = of,
                Facts = [Beyond(AtL, Y + (SlopeX * (L - X))).Text, Beyond(AtU, Y + (SlopeX * (U - X))).Text],
                Boxes = Positive,
                Slack = 1e-9,
                Others = one => [.. Ends(one), ("f_l", Value(one, one.Read[0].Lower)), ("f_u", Value(one, one.Read[0].Upper))],
                Hints = convex
                    ? [Product(U - X, AtL - (Y + (SlopeX * (L - X)))), Product(X - L, AtU - (Y + (SlopeX * (U - X))))]
                    : [Product(U - X, Y + (SlopeX * (L - X)) - AtL), Product(X - L, Y + (SlopeX * (U - X)) - AtU)],
            };
            yield return new(
                $"{kind}_tangent", $"A {kind} function lies {(convex ? "above" : "below")} its line of slope k near p, moved by what k misses of the slope d_p at p: m bounds (d_p - k) (x - p) at both ends.", "ConvexActivation.cs",
                ["d_p", "f_p", "k", "l", "m", "p", "u", "x", "y"], [Within, Beyond((SlopeP - K) * (L - P), M) & Beyond((SlopeP - K) * (U - P), M)], tangent, (K * (X - P)) + AtP + M)
            {
                Of = of,
                Facts = [Beyond(Y, AtP + (SlopeP * (X - P))).Text],
                Boxes = Positive,
                Slack = 1e-6,
                Others = one => Touching(one, tangent),
                Hints = [Product(SlopeP - K, X - L), Product(SlopeP - K, U - X), Product(K - SlopeP, X - L), Product(K - SlopeP, U - X)],
            };
        }
    }

    private static IEnumerable<PlaneLemma> SShapes()
    {
        SShaped[] of = [new Tanh(), new Sigmoid(), new NormalCdf()];
        foreach (var side in Enum.GetValues<Side>())
        {
            // Above: the curved part that a tangent bounds is x >= 0; below it is x <= 0.
            var above = side == Side.Above;
            var (end, atEnd, far) = above ? (L, AtL, U) : (U, AtU, L);
            Formula Beyond(Real a, Real b) => above ? a >= b : a <= b;
            Formula Facing(Real a, Real b) => above ? a <= b : a >= b;
            var chord = (Y * (0 - end)) <= ((atEnd * (0 - X)) + (AtZero * (X - end)));
            var reversed = (Y * (end - 0)) >= ((atEnd * (X - 0)) + (AtZero * (end - X)));
            yield return new(
                above ? "s_shape_above" : "s_shape_below",
                above
                    ? "f convex on [l, 0], concave on [0, u]: k x + c lies above where it does at l, and where c covers the tangent at p >= 0, at 0 and at u."
                    : "f convex on [l, 0], concave on [0, u]: k x + c lies below where it does at u, and where c covers the tangent at p <= 0, at l and at 0.",
                "SShaped.cs", ["c", "d_p", "f_0", above ? "f_l" : "f_u", "f_p", "k", "l", "p", "u", "x", "y"],
                [Within, (L < 0) & (0 < U), Beyond(C, atEnd - (K * end)), Beyond(C, AtP - (K * P) + ((SlopeP - K) * (0 - P))), Beyond(C, AtP - (K * P) + ((SlopeP - K) * (far - P)))], side, (K * X) + C)
            {
                Of = of,
                Boxes = random => [new(-Number(random), Number(random))],
                Slack = 1e-6,
                Others = one => Covering(one, side),
                Facts =
                [
                    Facing(AtZero, AtP + (SlopeP * (0 - P))).Text,
                    (above ? (X <= 0).Then(chord) : (X >= 0).Then(reversed)).Text,
                    (above ? X >= 0 : X <= 0).Then(Facing(Y, AtP + (SlopeP * (X - P)))).Text,
                ],
                Hints = above
                    ? [Product(-X, C - (AtL - (K * L))), Product(X - L, C - (AtZero - (K * 0))), Product(SlopeP - K, X), Product(SlopeP - K, U - X), Product(K - SlopeP, X), Product(K - SlopeP, U - X)]
                    : [Product(X, (AtU - (K * U)) - C), Product(U - X, AtZero - C), Product(SlopeP - K, -X), Product(SlopeP - K, X - L), Product(K - SlopeP, -X), Product(K - SlopeP, X - L)],
            };
        }
    }

    /// <summary>Where the line of the code touches the curve, by halving: any p is allowed.</summary>
    private static IEnumerable<(string, Rational)> Touching(Case one, Side side)
    {
        var (of, k, l, u) = ((Activation)one.Of, one.Slope(side), one.Read[0].Lower, one.Read[0].Upper);
        var p = WhereSlopeIs(of, k, l, u, rising: side == Side.Below);
        var (d, ends) = (Rational.Of(of.Derivative(p)) - Rational.Of(k), new[] { l, u });
        var misses = ends.Select(end => d * (Rational.Of(end) - Rational.Of(p))).Order().ToArray();
        return [.. Ends(one), ("k", Rational.Of(k)), ("p", Rational.Of(p)), ("f_p", Value(one, p)), ("d_p", Rational.Of(of.Derivative(p))), ("m", side == Side.Below ? misses[0] : misses[^1])];
    }

    private static IEnumerable<(string, Rational)> Covering(Case one, Side side)
    {
        var above = side == Side.Above;
        var (of, k, l, u) = ((Activation)one.Of, one.Slope(side), one.Read[0].Lower, one.Read[0].Upper);
        var p = above ? WhereSlopeIs(of, k, 0, u, rising: false) : WhereSlopeIs(of, k, l, 0, rising: true);
        var (end, far, slope) = (Rational.Of(above ? l : u), Rational.Of(above ? u : l), Rational.Of(k));
        var (atEnd, atP, d, touch) = (Value(one, above ? l : u), Value(one, p), Rational.Of(of.Derivative(p)), Rational.Of(p));
        Rational[] demands = [atEnd - (slope * end), atP - (slope * touch) + ((d - slope) * -touch), atP - (slope * touch) + ((d - slope) * (far - touch))];
        var ordered = demands.Order().ToArray();
        return
        [
            .. Ends(one), ("k", slope), ("p", touch), ("f_p", atP), ("d_p", d), (above ? "f_l" : "f_u", atEnd), ("c", above ? ordered[^1] : ordered[0]),
        ];
    }

    private static double WhereSlopeIs(Activation of, double slope, double low, double high, bool rising)
    {
        for (var k = 0; k < 60; k++)
        {
            var middle = 0.5 * (low + high);
            (low, high) = of.Derivative(middle) < slope == rising ? (middle, high) : (low, middle);
        }

        return 0.5 * (low + high);
    }

    private static IEnumerable<(string, Rational)> Ends(Case one) => [("l", Rational.Of(one.Read[0].Lower)), ("u", Rational.Of(one.Read[0].Upper))];

    private static Rational Value(Case one, double x) => Rational.Of(((Activation)one.Of).Value(x));

    private static double Number(Random random) => Math.Pow(2, (random.NextDouble() * 6) - 3);

    private static Interval[] Positive(Random random) => Number(random) is var l ? [new(l, l + Number(random))] : [];
}
