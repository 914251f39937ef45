using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>Means and standard deviations of the single parameters theta_i.</summary>
internal static class Moments
{
    /// <summary>Standard deviations of theta_i in each Gaussian, [K, D]: the norms of the rows of L, covariance L L^T.</summary>
    public static Vector RowNorms(Pattern pattern, int components, Vector covarianceRoot, NetworkBuilder builder)
    {
        if (pattern.Triangle == Triangle.Diagonal)
        {
            return builder.Apply(new Abs(), covarianceRoot);
        }

        var rows = new List<(int, int, double)[]>();
        for (var c = 0; c < components; c++)
        {
            for (var i = 0; i < pattern.Dimension; i++)
            {
                for (var j = 0; j < pattern.Dimension; j++)
                {
                    rows.Add(pattern.Place(i, j) is >= 0 and var e ? [(0, (c * pattern.Count) + e, 1)] : []);
                }
            }
        }

        return builder.Apply(new Norm(pattern.Dimension), builder.Add(new SparseAffine(rows), [covarianceRoot]));
    }

    /// <summary>The standard deviation of one parameter in each Gaussian, [K].</summary>
    public static Vector RowNorm(Pattern pattern, int components, Vector covarianceRoot, NetworkBuilder builder, int parameter)
    {
        int[] row = [.. Enumerable.Range(0, pattern.Dimension).Select(j => pattern.Place(parameter, j)).Where(e => e >= 0)];
        var rows = builder.Select(covarianceRoot, [.. Enumerable.Range(0, components).SelectMany(c => row.Select(e => (c * pattern.Count) + e))]);
        return builder.Apply(row.Length == 1 ? new Abs() : new Norm(row.Length), rows);
    }

    /// <summary>Encloses means and standard deviations of theta_i, [D] each, weights included.</summary>
    public static (Box Means, Box Deviations) Of(ParameterBox box)
    {
        var (d, n) = (box.Dimension, box.Pattern.Count);
        var (means, deviations) = (new Box(d), new Box(d));
        for (var i = 0; i < d; i++)
        {
            var (mean, variance) = (Interval.Point(0), Interval.Point(0));
            for (var c = 0; c < box.Components; c++)
            {
                mean += Weight(box, c) * box.Means[(c * d) + i];
            }

            for (var c = 0; c < box.Components; c++)
            {
                var own = (box.Components == 1 ? Interval.Point(0) : box.Means[(c * d) + i] - mean).Square();
                for (var j = 0; j < d; j++)
                {
                    own += box.Pattern.Place(i, j) is >= 0 and var e ? box.CovarianceRoot[(c * n) + e].Square() : Interval.Point(0);
                }

                variance += Weight(box, c) * own;
            }

            (means[i], deviations[i]) = (mean, variance.Sqrt());
        }

        return (means, deviations);
    }

    private static Interval Weight(ParameterBox box, int c) => box.Weights is { } weights ? weights[c] : Interval.Point(1);
}
