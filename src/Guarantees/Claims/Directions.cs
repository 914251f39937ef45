using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <summary>Sets x = x0 + A u with u in a ball: ellipsoids, and balls within the span of a few directions.</summary>
/// <remarks>
/// The set is the image of a ball under a matrix of doubles, taken exactly; a question about it is one about u, whose graph begins with the map from u to x. The ellipsoid
/// (x - x0)^T S^-1 (x - x0) &lt;= r² of a covariance S is the image of the l2 ball of radius r under any root of S; none is a matrix of doubles in general, so
/// <see cref="RootOver"/> gives an A with A A^T - S positive definite, decided exactly. Then S &lt;= A A^T, so (A A^T)^-1 &lt;= S^-1, and the ellipsoid lies in the image.
/// </remarks>
public static class Directions
{
    /// <summary>Most entries of x for which a root is found.</summary>
    public const int MostRows = 64;

    /// <summary>A lower triangular A with S &lt;= A A^T, larger than a root by 1e-12 of it or as little more as it takes; null where S is not symmetric and positive definite, or nearly not.</summary>
    /// <param name="covariance">S, [n, n], row by row, finite.</param>
    /// <param name="n">Number of rows, at most <see cref="MostRows"/>.</param>
    public static ImmutableArray<double>? RootOver(ImmutableArray<double> covariance, int n)
    {
        if (n is < 1 or > MostRows || covariance.Length != n * n || !covariance.All(double.IsFinite))
        {
            return null;
        }

        var root = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = covariance[(i * n) + j];
                for (var k = 0; k < j; k++)
                {
                    sum -= root[(i * n) + k] * root[(j * n) + k];
                }

                root[(i * n) + j] = i == j ? Math.Sqrt(sum) : sum / root[(j * n) + j];
                if (covariance[(i * n) + j] != covariance[(j * n) + i] || !double.IsFinite(root[(i * n) + j]) || (i == j && !(sum > 0)))
                {
                    return null;
                }
            }
        }

        for (var slack = 1e-12; slack < 1e-6; slack *= 4)
        {
            double[] wider = [.. root.Select(entry => entry * (1 + slack))];
            var rest = new Rational[n, n];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    var sum = -Rational.Of(covariance[(i * n) + j]);
                    for (var k = 0; k <= j; k++)
                    {
                        sum += Rational.Of(wider[(i * n) + k]) * Rational.Of(wider[(j * n) + k]);
                    }

                    (rest[i, j], rest[j, i]) = (sum, sum);
                }
            }

            if (SymmetricElimination.Of(rest) is not null)
            {
                return [.. wider];
            }
        }

        return null;
    }

    /// <summary>x0 + A u in the nearest doubles: where on the set of a claim a point of its coordinates lies; the point itself where the claim names no directions, and nothing where there is no point.</summary>
    public static double[] DataAt(Claim claim, ReadOnlySpan<double> point)
    {
        ArgumentNullException.ThrowIfNull(claim);
        if (claim.Directions.IsEmpty || point.IsEmpty)
        {
            return point.ToArray();
        }

        var x = claim.Observation.ToArray();
        for (var i = 0; i < x.Length; i++)
        {
            for (var j = 0; j < point.Length; j++)
            {
                x[i] += claim.Directions[(i * point.Length) + j] * point[j];
            }
        }

        return x;
    }

    /// <summary>x of a graph: an input, or x0 + A u for the input u.</summary>
    internal static Vector Data(NetworkBuilder builder, Claim claim, int n) => claim.Directions.IsEmpty
        ? builder.Input("x", n)
        : builder.Affine(builder.Input("u", claim.Radius.Length), [.. claim.Directions], [.. claim.Observation], "x");

    /// <summary>What is wrong with the directions of a claim about n data; empty where nothing is.</summary>
    internal static string Objection(Claim claim, int n) => claim.Directions.IsEmpty ? ""
        : claim.Kind is not (ClaimKind.Robustness or ClaimKind.EventProbability or ClaimKind.CredibleInterval or ClaimKind.Functional or ClaimKind.Decision) || claim.Observation.IsEmpty
            ? $"Directions are for claims around an observation, not for {claim.Name}{(claim.Observation.IsEmpty ? " over a domain" : "")}."
        : claim.Norm == Norm.L0 ? "Directions take the norm l1, l2 or linf; l0 counts entries."
        : !claim.DomainLower.IsEmpty ? "A claim with directions takes no domain."
        : claim.Directions.Length != n * claim.Radius.Length || claim.Radius.IsEmpty ? $"Expected {n} rows of {claim.Radius.Length} numbers, one for each radius, in the directions; got {claim.Directions.Length} numbers."
        : !claim.Directions.All(double.IsFinite) ? $"Every entry of the directions must be finite; got {claim.Directions.First(entry => !double.IsFinite(entry))}."
        : "";
}
