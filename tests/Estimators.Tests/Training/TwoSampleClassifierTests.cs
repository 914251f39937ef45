using Estimators.Training;
using Guarantees.Arithmetic;
using Guarantees.Statistics;
using Xunit;

namespace Estimators.Tests.Training;

/// <summary>Pairs of distributions whose best classifier is known: its accuracy is Phi(s / 2) for normal samples s standard deviations apart, whatever the dimension.</summary>
/// <remarks>
/// Accuracies are of 5 x 800 held-out members (standard deviation below 0.008): a tolerance of 0.03 is off by chance in fewer than 1 of 1000 runs, and the runs are seeded. Mutants seen to fail: labels exchanged, held-out members also
/// trained on, the answer 1 - accuracy.
/// </remarks>
public sealed class TwoSampleClassifierTests
{
    private static readonly TwoSampleClassifier Test = new() { Epochs = 15, Steps = 600 };

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(3, 2.5, 1)]
    [InlineData(2, 0, 3)]
    public void Accuracy_is_near_that_of_the_best_classifier(int dimension, double shift, double scale)
    {
        var (first, second) = (Normal(dimension, 2000, 1, 0, 1), Normal(dimension, 2000, 2, shift, scale));
        var best = scale == 1 ? Elementary.NormalCdf(0.5 * shift)
            : 0.5 * (1 + Math.Exp(-0.5 * Cut(scale) / (scale * scale)) - Math.Exp(-0.5 * Cut(scale))); // two dimensions: chi-square with two degrees, P(r² <= c) = 1 - exp(-c / 2)
        var accuracy = Test.Accuracy(first, second, 3);
        Assert.InRange(accuracy, best - 0.03, best + 0.03);

        var bound = ClassifierTest.TotalVariation(Test.HeldOut(first, second, 3), 0.01);
        Assert.InRange(bound, Math.Max(0, (2 * best) - 1 - 0.15), Math.Max(0, (2 * best) - 1));
    }

    /// <summary>40 members in ten dimensions are learnt by heart: only what was held out tells. The accuracy of guessing has standard deviation 0.056.</summary>
    [Fact]
    public void What_was_learnt_by_heart_does_not_count() => Assert.InRange((Test with { Epochs = 1 }).Accuracy(Normal(10, 40, 1, 0, 1), Normal(10, 40, 2, 0, 1), 3), 0.25, 0.75);

    [Fact]
    public void The_same_seed_gives_the_same_answer_and_bad_samples_are_refused()
    {
        var (first, second) = (Normal(2, 100, 1, 0, 1), Normal(2, 100, 2, 1, 1));
        var few = Test with { Epochs = 2, Steps = 10 };
        Assert.Equal(few.Accuracy(first, second, 5), few.Accuracy(first, second, 5));
        Assert.Contains("of one size", Assert.Throws<ArgumentException>(() => Test.Accuracy(first, second[..99], 1)).Message, StringComparison.Ordinal);
        Assert.Contains("finite", Assert.Throws<ArgumentException>(() => Test.Accuracy(first, [.. second[..99], [double.NaN, 0]], 1)).Message, StringComparison.Ordinal);
        Assert.Contains("of one length", Assert.Throws<ArgumentException>(() => Test.Accuracy(first, [.. second[..99], [0]], 1)).Message, StringComparison.Ordinal);
    }

    /// <summary>r² below which the narrow one of two centred normal distributions in two dimensions is denser: 2 ln s² / (1 - 1 / s²).</summary>
    private static double Cut(double scale) => 2 * Math.Log(scale * scale) / (1 - (1 / (scale * scale)));

    private static double[][] Normal(int dimension, int count, int seed, double shift, double scale)
    {
        var random = new Random(seed);
        double Next() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimension).Select(i => (scale * Next()) + (i == 0 ? shift : 0)).ToArray())];
    }
}
