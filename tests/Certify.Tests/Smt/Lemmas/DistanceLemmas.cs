using static Certify.Tests.Smt.Lemmas.Lemma;

namespace Certify.Tests.Smt.Lemmas;

/// <summary>Inequalities of one or two numbers behind distances and bounds of slopes. What these say of sums and integrals is linear, and not said here.</summary>
internal static class DistanceLemmas
{
    private static readonly Real One = 1;

    public static IEnumerable<Lemma> All()
    {
        var (a, b, c, d, e) = (Real.Symbol("a"), Real.Symbol("b"), Real.Symbol("c"), Real.Symbol("d"), Real.Symbol("e"));
        var (f, g, h, m) = (Real.Symbol("f"), Real.Symbol("g"), Real.Symbol("h"), Real.Symbol("m"));
        var (p, q, r, s) = (Real.Symbol("p"), Real.Symbol("q"), Real.Symbol("r"), Real.Symbol("s"));

        var square = SquaredLength(a + (s * b), c + (s * d));
        var (first, last) = (SquaredLength(a, c), SquaredLength(a + b, c + d));
        yield return new("kink_ends", "A squared norm of a vector that is affine in a slope s in [0, 1] is largest at an end (two coordinates).", "src/Guarantees/Checking/JacobianBounds.cs, which takes each side of a kink in turn", ["a", "b", "c", "d", "s"],
            [(0 <= s) & (s <= 1)], (square <= first) | (square <= last))
        {
            Hints = [Product(s * (One - s), SquaredLength(b, d)), Product(One - s, square - first), Product(s, square - last), Product(s, One - s)],
        };
        yield return new("product_largest", "Where 0 <= a <= c and 0 <= b <= d, a b <= c d.", "src/Guarantees/Networks/Operators/Multiply.cs, bounds at vertices", ["a", "b", "c", "d"],
            [(0 <= a) & (a <= c), (0 <= b) & (b <= d)], (a * b) <= (c * d))
        {
            Hints = [Product(c - a, b), Product(c, d - b)],
        };
        yield return new("hellinger_mixture", "With a, b the roots of two weights and h = 1 - BC of their components: (a^2 + b^2) / 2 - a b (1 - h) <= (a - b)^2 / 2 + h (a^2 + b^2) / 2.", "src/Guarantees/Distributions/Hellinger.cs",
            ["a", "b", "h"], [(0 <= a) & (0 <= b), (0 <= h) & (h <= 1)], ((a * a) + (b * b) - (2 * (a * b * (One - h)))) <= (((a - b) * (a - b)) + (h * ((a * a) + (b * b)))))
        {
            Hints = [Product(h, (a - b) * (a - b)), Square(a - b)],
        };
        yield return new("jensen_shannon_second", "With r the root of a ratio of densities: 1 / (2 r^2 (1 + r^2)) <= 1 / (4 r^3), the second derivatives of the functions whose divergences are JS and H^2.", "src/Guarantees/Distributions/JensenShannon.cs",
            ["r"], [0 < r], (4 * (r * r * r)) <= (2 * (r * r * (One + (r * r)))))
        {
            Hints = [Product(r * r, (r - 1) * (r - 1)), Square(r - 1), Square(r)],
        };
        yield return new("union_of_failures", "Where neither of two events fails with more than a and b, both hold with at least 1 - a - b: 1 - (1 - a)(1 - b) <= a + b.", "src/Guarantees/Distributions/Binomial.cs", ["a", "b"],
            [(0 <= a) & (a <= 1), (0 <= b) & (b <= 1)], (One - ((One - a) * (One - b))) <= (a + b))
        {
            Hints = [Product(a, b)],
        };

        // |p f - q g| as both signs; min(p, q) |f - g| as m d with m = min, d = |f - g|, and e the part of the larger weight beyond m.
        yield return new("mixture_difference", "Weights p, q with m = min(p, q), densities f, g: |p f - q g| <= m |f - g| + (p - m) f + (q - m) g.", "src/Guarantees/Distributions/TotalVariation.cs", ["d", "f", "g", "m", "p", "q"],
            [(0 <= f) & (0 <= g), (0 <= m) & (m <= p) & (m <= q), (f - g <= d) & (g - f <= d)], Within((p * f) - (q * g), (m * d) + ((p - m) * f) + ((q - m) * g)))
        {
            Hints = [Product(m, d - (f - g)), Product(m, d - (g - f)), Product(p - m, f), Product(q - m, g)],
        };
        yield return new("density_ratio_variation", "With r = exp(e): where two probabilities and their complements differ by a factor in [1 / r, r] at most, they differ by at most (r - 1) / (r + 1) = tanh(e / 2).", "src/Guarantees/Distributions/DensityRatio.cs", ["p", "q", "r"],
            [(0 <= p) & (p <= 1), (0 <= q) & (q <= 1), 1 <= r, (p <= r * q) & (q <= r * p), (One - p <= r * (One - q)) & (One - q <= r * (One - p))],
            Within((p - q) * (r + 1), r - 1));
        yield return new("density_ratio_on_a_set", "q >= g q0 on A with g = exp(-e), q0(A) = a >= 1 - m: what q lacks on A and all that lies outside is at most 1 - g (1 - m).", "src/Guarantees/Distributions/DensityRatio.cs", ["a", "g", "m"],
            [(0 <= g) & (g <= 1), (0 <= m) & (m <= 1), (One - m <= a) & (a <= 1)], (((One - g) * a) + (One - a)) <= (One - (g * (One - m))))
        {
            Hints = [Product(g, a - (One - m))],
        };
    }

    private static Real SquaredLength(Real x, Real y) => (x * x) + (y * y);

    private static Formula Within(Real x, Real bound) => (x <= bound) & (-x <= bound);
}
