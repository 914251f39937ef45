using System.Globalization;
using Estimators;
using Estimators.Simulators;

namespace Benchmarks;

/// <summary>
/// How far the exact posterior of sir moves over the balls of <see cref="TrainingTable"/>: no estimator that is right moves less. dotnet run -c Release --project bench -- exact-change.
/// </summary>
/// <remarks>
/// The posterior is proportional to the prior times exp(sum x_i logit p_i + 1000 sum ln(1 - p_i)), p_i the shares infected. Other data sets in the ball: whole counts from 0 to 1000, each count moved as far as the radius allows, up or down by the
/// sign of the first-order change of the mean along one of 64 directions. W2 of the two posteriors is at least the distance of their means, which is taken over grids that close in on their mass; two grids tell what quadrature is worth.
/// </remarks>
internal static class ExactChange
{
    private const int Observations = 20;
    private const int Simulations = 10_000;
    private const int Directions = 64;

    public static void Print()
    {
        var task = new Sir();
        var radius = Radius(task);
        Console.WriteLine("| grid | median change of the mean | least | most |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var side in new[] { 60, 90 })
        {
            var changes = Catalogue.Observations(task, Observations, 1).Select(x => Change(task, x, radius, side)).Order().ToArray();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {side} x {side} | {0.5 * (changes[(Observations - 1) / 2] + changes[Observations / 2]):G4} | {changes[0]:G4} | {changes[^1]:G4} |"));
        }
    }

    /// <summary>5 % of each column's standard deviation over the simulations of training with seed 1.</summary>
    private static double[] Radius(Sir task)
    {
        double[][] rows = [.. new SimulatedPairs(task, 1, "training").First(Simulations).SelectMany(block => Enumerable.Range(0, block.Count).Select(row => block.X(row).ToArray()))];
        return [.. Enumerable.Range(0, task.DataCount).Select(column =>
        {
            var mean = rows.Average(row => row[column]);
            return 0.05 * Math.Sqrt(rows.Average(row => (row[column] - mean) * (row[column] - mean)));
        })];
    }

    private static double Change(Sir task, double[] x, double[] radius, int side)
    {
        var (prior, lower, upper) = (task.Prior, new[] { Math.Log(0.4) - 2.5, Math.Log(0.125) - 1 }, new[] { Math.Log(0.4) + 2.5, Math.Log(0.125) + 1 });
        var best = 0.0;
        for (var zoom = 0; zoom < 7; zoom++)
        {
            var points = Grid(task, lower, upper, side);
            var here = Weights(points, x);
            double[][] candidates = [.. Enumerable.Range(0, Directions).Select(k => Signed(points, here, radius, Math.PI * k / Directions)).SelectMany(step => new[] { step, [.. step.Select(one => -one)] })];
            double[][] moved = [.. candidates.Select(step => Weights(points, [.. x.Zip(step, (count, change) => Math.Clamp(count + change, 0, Sir.Tested))]))];
            var start = Mean(points, here);
            best = moved.Max(weights => Mean(points, weights) is var mean ? Math.Sqrt(Square(mean.Beta - start.Beta) + Square(mean.Gamma - start.Gamma)) : 0);

            // Where any of these posteriors has mass, and one step more.
            var kept = Enumerable.Range(0, points.Length).Where(i => here[i] > 1e-7 || moved.Any(weights => weights[i] > 1e-7)).ToArray();
            for (var j = 0; j < 2; j++)
            {
                var step = (upper[j] - lower[j]) / (side - 1);
                (lower[j], upper[j]) = (kept.Min(i => points[i].Log(j)) - step, kept.Max(i => points[i].Log(j)) + step);
            }
        }

        return best;
    }

    private static Point[] Grid(Sir task, double[] lower, double[] upper, int side) =>
    [
        .. Enumerable.Range(0, side * side).AsParallel().AsOrdered().Select(k =>
        {
            double[] logs = [lower[0] + ((upper[0] - lower[0]) * (k % side) / (side - 1)), lower[1] + ((upper[1] - lower[1]) * (k / side) / (side - 1))];
            double[] theta = [Math.Exp(logs[0]), Math.Exp(logs[1])];
            var shares = task.Infected(theta).Select(share => Math.Clamp(share, 1e-300, 1 - 1e-16)).ToArray();

            // The grid is even in ln theta: the prior's density there is that of theta times the two factors.
            return new Point(
                theta[0], theta[1], task.Prior.LogDensity(theta) + logs[0] + logs[1] + shares.Sum(share => Sir.Tested * Math.Log(1 - share)), [.. shares.Select(share => Math.Log(share) - Math.Log(1 - share))]);
        }),
    ];

    private static double[] Weights(Point[] points, double[] x)
    {
        double[] logs = [.. points.Select(point => point.Constant + point.Logits.Zip(x, (logit, count) => logit * count).Sum())];
        var most = logs.Max();
        double[] weights = [.. logs.Select(log => Math.Exp(log - most))];
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    private static (double Beta, double Gamma) Mean(Point[] points, double[] weights) =>
        (points.Zip(weights, (point, weight) => point.Beta * weight).Sum(), points.Zip(weights, (point, weight) => point.Gamma * weight).Sum());

    /// <summary>± floor r, by the signs of the covariances of the logits with the mean's part along a direction.</summary>
    private static double[] Signed(Point[] points, double[] weights, double[] radius, double angle)
    {
        var (cosine, sine) = (Math.Cos(angle), Math.Sin(angle));
        var along = points.Select(point => (cosine * point.Beta) + (sine * point.Gamma)).ToArray();
        var mean = along.Zip(weights, (value, weight) => value * weight).Sum();
        return [.. radius.Select((r, i) => Math.Floor(r) * Math.Sign(points.Select((point, k) => weights[k] * (along[k] - mean) * point.Logits[i]).Sum()))];
    }

    private static double Square(double value) => value * value;

    private sealed record Point(double Beta, double Gamma, double Constant, double[] Logits)
    {
        public double Log(int axis) => Math.Log(axis == 0 ? Beta : Gamma);
    }
}
