using System.Globalization;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Xunit;

namespace Guarantees.Xunit.Tests;

/// <summary>Assertions pass on what holds, and their failures say all that is needed to see why.</summary>
public sealed class CertifiedModelTests
{
    private static CertifiedModel Model => Certified.That("linear.onnx", Models.Family);

    private static Inputs Ball => Inputs.Around([0.1, 0.2], radius: 0.01);

    private static Inputs Box => Inputs.Between([-1, -1], [1, 1]);

    /// <summary>Each assertion with a bound that holds and one that does not: of the mean x / 2 and the standard deviation e^-1 everything is known.</summary>
    public static TheoryData<string, Func<CertifiedModel, double, Task>, double, double> Assertions => new()
    {
        { "robust", (model, c) => model.IsRobust(Ball, Metric.Wasserstein2, c), 0.00708, 0.00706 }, // sqrt(2) 0.01 / 2
        { "lipschitz", (model, c) => model.IsLipschitz(Box, Metric.Wasserstein2, Norm.L2, c), 0.501, 0.499 },
        { "mean from above", (model, c) => model.Keeps(Quantity.Mean, Box, atMost: c), 0.501, 0.499 },
        { "mean from below", (model, c) => model.Keeps(Quantity.Mean, Box, atLeast: c, parameter: 1), -0.501, -0.499 },
        { "quantile", (model, c) => model.Keeps(Quantity.Quantile, Box, atMost: c, level: 0.975), 0.5 + (1.95997 * 0.36788), 0.5 + (1.95995 * 0.36788) },
        { "probability", (model, c) => model.KeepsProbability(0, 0.05, double.PositiveInfinity, Inputs.Around([0.1, 0.2], radius: 0), atLeast: c), 0.4999, 0.5001 },
        { "approximation", (model, c) => model.Approximates("shifted.onnx", Box, Metric.Wasserstein2, c), 0.2501, 0.2499 },
        { "floor of scales", (model, c) => model.IsWellDefined(Box, smallestScale: c), 0.3678, 0.3680 },
        { "ceiling of scales", (model, c) => model.IsWellDefined(Box, largestScale: c), 0.3680, 0.3678 },
        { "any claim", (model, c) => model.Holds(new Claim { Kind = ClaimKind.CredibleInterval, Observation = [0, 0], Radius = [0.1, 0.1], AtMost = c }), 0.0501, 0.0499 },
    };

    [Theory]
    [MemberData(nameof(Assertions))]
    public async Task An_assertion_passes_where_it_holds_and_fails_where_it_does_not(string name, Func<CertifiedModel, double, Task> assert, double holds, double fails)
    {
        await assert(Model, holds);
        var failure = await Assert.ThrowsAsync<CertificationException>(() => assert(Model, fails));
        Assert.StartsWith("refuted: ", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.Answer.Result.Verdict == Verdict.Refuted, name);
    }

    [Fact]
    public async Task A_decision_stays_as_far_as_its_margin()
    {
        var model = Certified.That("categories.onnx", "{ name: categorical, logits: logits }");
        await model.KeepsDecision(Inputs.Around([0.5, 0], radius: 0.49));
        await Assert.ThrowsAsync<CertificationException>(() => model.KeepsDecision(Inputs.Around([0.5, 0], radius: 0.51)));
    }

    [Fact]
    public async Task A_failure_tells_bounds_witness_and_the_command_that_replays_it()
    {
        var failure = await Assert.ThrowsAsync<CertificationException>(() => Model.IsRobust(Ball, Metric.Wasserstein2, 0.004));
        var lines = failure.Message.Split(Environment.NewLine);
        string Line(string key) => Assert.Single(lines, line => line.StartsWith(key + ":", StringComparison.Ordinal))[(key.Length + 1)..].Trim();

        Assert.Equal("robustness of linear.onnx", Line("refuted"));
        Assert.Equal(failure.Answer.Result.Text, lines[1]);
        Assert.Equal("at most 0.004", Line("claimed"));
        const string Above = "never above ", More = " or more";
        var truth = Math.Sqrt(2) * 0.005;
        var (proved, attained) = (Line("proved"), Line("attained"));
        Assert.StartsWith(Above, proved, StringComparison.Ordinal);
        Assert.EndsWith(More, attained, StringComparison.Ordinal);
        Assert.True(Number(proved[Above.Length..]) >= truth * (1 - 1e-6));
        Assert.InRange(Number(attained[..^More.Length]), 0.004, truth * (1 + 1e-6));

        // The witness as printed is the witness, to the last digit, and lies in the set.
        var witness = Line("witness")["x = [".Length..^1].Split(", ").Select(Number).ToArray();
        Assert.Equal(failure.Answer.Result.Witness, witness);
        Assert.All(witness.Zip([0.1, 0.2]), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.01));

        // The command names a certificate that the kernel derives again, with the model beside it.
        var file = Line("certificate");
        Assert.Equal($"certify check {file}", Line("replay"));
        Assert.StartsWith(Path.Combine(AppContext.BaseDirectory, "certificates"), file, StringComparison.Ordinal);
        var certificate = CertificateFile.Read(file);
        var report = CertificateChecker.Check(certificate, File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(file)!, certificate.ModelName)));
        Assert.True(report.Accepted, report.Reason);
        Assert.Equal(Verdict.Refuted, report.Verdict);
    }

    [Fact]
    public async Task A_path_with_spaces_is_quoted()
    {
        var model = Certified.That("linear.onnx", Models.Family, new CertifiedOptions { Folder = "it's a folder" });
        var failure = await Assert.ThrowsAsync<CertificationException>(() => model.IsRobust(Ball, Metric.Wasserstein2, 0.004));
        Assert.EndsWith($"certify check '{failure.Answer.CertificateFile.Replace("'", "'\\''", StringComparison.Ordinal)}'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_undecided_fails_with_its_reason_unless_said_otherwise()
    {
        // A bound that many parts prove and one part does not.
        var bound = 1.001 * (await Constant(400)).Upper;
        Task<CertifiedAnswer> Assertion(CertifiedOptions options) => Certified.That("posterior.onnx", Models.Family, options).IsLipschitz(Box, Metric.Wasserstein2, Norm.L2, bound);
        var failure = await Assert.ThrowsAsync<CertificationException>(() => Assertion(new CertifiedOptions { MostParts = 1 }));
        Assert.StartsWith("undecided: lipschitz of posterior.onnx", failure.Message, StringComparison.Ordinal);
        Assert.Contains("reason:      The enclosure still holds the claimed bound. The search stopped after", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Verdict.Undecided, (await Assertion(new CertifiedOptions { MostParts = 1, UndecidedPasses = true })).Result.Verdict);
        await Assertion(new CertifiedOptions());

        // What is refuted fails all the same.
        await Assert.ThrowsAsync<CertificationException>(() =>
            Certified.That("linear.onnx", Models.Family, new CertifiedOptions { UndecidedPasses = true }).IsRobust(Ball, Metric.Wasserstein2, 0.004));
    }

    [Fact]
    public async Task The_budget_ends_every_search_at_the_same_place()
    {
        var (first, second, more) = (await Constant(60), await Constant(60), await Constant(400));
        Assert.Equal((first.Verdict, first.Lower, first.Upper), (second.Verdict, second.Lower, second.Upper));
        Assert.Equal(first.Witness.AsEnumerable(), second.Witness.AsEnumerable());
        Assert.True(more.Upper < first.Upper, $"{more.Upper} after {first.Upper}");
    }

    [Fact]
    public async Task What_is_wrong_is_told_in_one_line()
    {
        Assert.Throws<FileNotFoundException>(() => Certified.That("absent.onnx", Models.Family));
        Assert.Contains("there is no family 'gauss'", Assert.ThrowsAny<FormatException>(() => Certified.That("linear.onnx", "{ name: gauss }")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Certified.That("linear.onnx", Models.Family, new CertifiedOptions { MostParts = 0 }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Model.IsRobust(Inputs.Around([0.1], radius: 0.01), Metric.Wasserstein2, 1));
        Assert.Contains("at least one bound", (await Assert.ThrowsAsync<ArgumentException>(() => Model.Keeps(Quantity.Mean, Box))).Message, StringComparison.Ordinal);
    }

    /// <summary>The Lipschitz constant of a bent network, enclosed with so many parts.</summary>
    private static async Task<ClaimResult> Constant(int parts) =>
        (await Certified.That("posterior.onnx", Models.Family, new CertifiedOptions { MostParts = parts })
            .Holds(new Claim { Kind = ClaimKind.Lipschitz, Norm = Norm.L2, DomainLower = [-1, -1], DomainUpper = [1, 1] })).Result;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
