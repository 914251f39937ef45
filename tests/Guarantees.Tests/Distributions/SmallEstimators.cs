using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using MathNet.Numerics.LinearAlgebra;
using Xunit;

namespace Guarantees.Tests.Distributions;

/// <summary>Small random estimators: one hidden tanh layer, outputs of moderate size.</summary>
internal static class SmallEstimators
{
    public static Estimator DiagonalGaussian(int seed, int inputs, int dimension, SquareRoot? scale = null) =>
        Build(seed, inputs, [("mean", dimension, 1), ("scale", dimension, 0.5)],
            new DiagonalGaussian(dimension, "mean", scale ?? SquareRoot.Diagonal("scale", ScaleKind.LogStandardDeviation)));

    public static Estimator Precision(int seed, int inputs, int dimension) =>
        Build(seed, inputs, [("mean", dimension, 1), ("diagonal", dimension, 0.7), .. dimension > 1 ? new (string, int, double)[] { ("upper", dimension * (dimension - 1) / 2, 0.6) } : []],
            new Gaussian(dimension, "mean", SquareRoot.PrecisionFactor("diagonal", dimension > 1 ? "upper" : null, PositiveTransform.Softplus)));

    public static Estimator Cholesky(int seed, int inputs, int dimension) =>
        Build(seed, inputs, [("mean", dimension, 1), ("diagonal", dimension, 0.5), ("lower", dimension * (dimension - 1) / 2, 0.6)],
            new Gaussian(dimension, "mean", SquareRoot.Cholesky("diagonal", "lower", PositiveTransform.Exp)));

    public static Estimator Mixture(int seed, int inputs, int components, int dimension, bool precision = true)
    {
        var off = dimension * (dimension - 1) / 2;
        var root = precision
            ? SquareRoot.PrecisionFactor("diagonal", off > 0 ? "off" : null, PositiveTransform.Softplus)
            : SquareRoot.Cholesky("diagonal", off > 0 ? "off" : null, PositiveTransform.Exp);
        return Build(seed, inputs,
            [("logits", components, 1), ("means", components * dimension, 1.5), ("diagonal", components * dimension, 0.6), .. off > 0 ? new (string, int, double)[] { ("off", components * off, 0.6) } : []],
            new GaussianMixture(components, dimension, "logits", "means", root));
    }

    public static Estimator DiagonalMixture(int seed, int inputs, int components, int dimension) =>
        Build(seed, inputs, [("logits", components, 1), ("means", components * dimension, 1.5), ("scale", components * dimension, 0.6)],
            new GaussianMixture(components, dimension, "logits", "means", SquareRoot.Diagonal("scale", ScaleKind.LogStandardDeviation)));

    public static Estimator Build(int seed, int inputs, (string Name, int Length, double Size)[] outputs, Family family, int hidden = 7)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => size * Normal())];
        var builder = new NetworkBuilder();
        var x = builder.Input("x", inputs);
        var h = builder.Apply(new Tanh(), builder.Affine(x, Draw(hidden * inputs, 0.6), Draw(hidden, 0.3)));
        foreach (var (name, length, size) in outputs)
        {
            builder.Output(name, builder.Affine(h, Draw(length * hidden, size / Math.Sqrt(hidden)), Draw(length, size)));
        }

        return new Estimator(builder.Build(), family);
    }

    /// <summary>Parameters at x as ordinary numbers.</summary>
    public static Mixture At(Estimator estimator, double[] x)
    {
        var box = new ParameterGraph(estimator.Network, estimator.Family).At(x);
        var (k, d, n) = (box.Components, box.Dimension, box.Pattern.Count);
        var (means, roots) = (new Vector<double>[k], new Matrix<double>[k]);
        for (var c = 0; c < k; c++)
        {
            means[c] = Vector<double>.Build.Dense(d, i => box.Means[(c * d) + i].Middle);
            roots[c] = Matrix<double>.Build.Dense(d, d);
            for (var e = 0; e < n; e++)
            {
                var (i, j) = box.Pattern.Entries[e];
                roots[c][i, j] = box.Root[(c * n) + e].Middle;
            }

            roots[c] = box.IsPrecision ? roots[c].Inverse() : roots[c];
        }

        return new([.. Enumerable.Range(0, k).Select(c => box.Weights is { } w ? w[c].Middle : 1)], means, [.. roots.Select(l => l * l.Transpose())], roots);
    }

    public static double[] Point(Random random, int length, double size) => [.. Enumerable.Range(0, length).Select(_ => size * ((2 * random.NextDouble()) - 1))];

    public static Claim Robustness(Metric metric, double[] x0, double radius) => new()
    {
        Kind = ClaimKind.Robustness,
        Metric = metric,
        Observation = [.. x0],
        Radius = [.. x0.Select(_ => radius)],
    };

    /// <summary>The value of the objective at x, and whether the enclosure there is thin and holds it.</summary>
    public static double Value(Problem problem, params double[] x)
    {
        var value = problem.Graph.Evaluate(x)[problem.Objective][0];
        var range = problem.Graph.Ranges(Box.Point(x))[problem.Objective][0];
        Assert.True(range.Lower <= value && value <= range.Upper, $"{value:R} lies outside {range}");
        Assert.True(range.Width <= 1e-9 * (1 + range.Magnitude) || range.Upper < 1e-5, $"the enclosure {range} is wide");
        return value;
    }
}

/// <summary>A Gaussian mixture in ordinary numbers, with the closed forms and integrals that tests compare against.</summary>
internal sealed record Mixture(double[] Weights, Vector<double>[] Means, Matrix<double>[] Covariances, Matrix<double>[] Roots)
{
    public int Dimension => Means[0].Count;

    public double LogDensity(Vector<double> theta)
    {
        var logs = Enumerable.Range(0, Weights.Length).Select(k =>
        {
            var z = Roots[k].Solve(theta - Means[k]);
            return Math.Log(Weights[k]) - (0.5 * z.DotProduct(z)) - Math.Log(Math.Abs(Roots[k].Determinant())) - (0.5 * Dimension * Math.Log(2 * Math.PI));
        }).ToArray();
        var most = logs.Max();
        return most + Math.Log(logs.Sum(v => Math.Exp(v - most)));
    }

    public double Density(double theta) => Math.Exp(LogDensity(Vector<double>.Build.Dense(1, theta)));

    public static Matrix<double> SymmetricRoot(Matrix<double> a)
    {
        var eigen = a.Evd(Symmetricity.Symmetric);
        return eigen.EigenVectors * Matrix<double>.Build.DenseOfDiagonalVector(eigen.EigenValues.Real().Map(v => Math.Sqrt(Math.Max(v, 0)))) * eigen.EigenVectors.Transpose();
    }

    /// <summary>W2 of component k and a component of another mixture, in closed form.</summary>
    public double ExactWasserstein2(int k, Mixture other, int l)
    {
        var shift = Means[k] - other.Means[l];
        var root = SymmetricRoot(Covariances[k]);
        var cross = SymmetricRoot(root * other.Covariances[l] * root);
        return Math.Sqrt(Math.Max(0, shift.DotProduct(shift) + (Covariances[k] + other.Covariances[l] - (2 * cross)).Trace()));
    }

    /// <summary>KL(this component || that component).</summary>
    public double ExactKl(int k, Mixture other, int l)
    {
        var inverse = other.Covariances[l].Inverse();
        var shift = Means[k] - other.Means[l];
        return 0.5 * ((inverse * Covariances[k]).Trace() + shift.DotProduct(inverse * shift) - Dimension
            + Math.Log(other.Covariances[l].Determinant() / Covariances[k].Determinant()));
    }

    /// <summary>The Bhattacharyya coefficient of two components.</summary>
    public double ExactBhattacharyya(int k, Mixture other, int l)
    {
        var middle = (Covariances[k] + other.Covariances[l]) / 2;
        var shift = Means[k] - other.Means[l];
        return Math.Exp(-shift.DotProduct(middle.Inverse() * shift) / 8)
            * Math.Sqrt(Math.Sqrt(Covariances[k].Determinant() * other.Covariances[l].Determinant()) / middle.Determinant());
    }
}
