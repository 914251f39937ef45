using System.Text.Json;
using NJsonSchema;
using Xunit;

namespace Cli.Tests;

/// <summary>Claims that compare: the other model's way into the folder and back, and what is wrong with a spec.</summary>
public sealed class ReferenceTests(Workshop workshop) : IClassFixture<Workshop>
{
    private const string Domain = "domain: { lower: [-1, -1], upper: [1, 1] }\nclaims:\n  - ";
    private const string Family = "{ name: diagonal-gaussian, mean: mean, log-standard-deviation: scale }";
    private const string Model = "prior-covariance: [[1, 0.5], [0.5, 2]], matrix: [[1, 0], [0, 1]], noise-covariance: [[1, 0], [0, 1]]";

    [Fact]
    public async Task A_comparison_with_a_model_of_the_same_name_is_run_checked_and_resumed()
    {
        Directory.CreateDirectory(workshop.PathOf("old"));
        File.Copy(workshop.PathOf("linear.onnx"), workshop.PathOf("old", "linear.onnx"), overwrite: true);
        workshop.Write("compare.yaml", Workshop.Linear + Domain
            + $"approximation: {{ reference: {{ network: {{ model: old/linear.onnx, family: {Family} }} }}, metric: wasserstein2, at-most: 0.001 }}\n"
            + $"  - approximation: {{ reference: {{ gaussian-linear: {{ {Model} }} }}, metric: wasserstein2 }}\n"
            + "  - symmetric: { permutation: [1, 0], metric: wasserstein2, at-most: 1.5 }\n"
            + "  - monotone: { of: mean, parameter: 0, input: 0, direction: increasing, at-least: 0.4 }\n"
            + "  - monotone: { of: mean, parameter: 0, input: 0, direction: decreasing }\n");
        var ran = Program.Run(workshop.Folder, "run", "compare.yaml", "--out", "compare", "--json");
        Assert.Equal(1, ran.ExitCode);
        using var answer = JsonDocument.Parse(ran.Output);
        Assert.Equal(["proved", "proved", "proved", "proved", "refuted"], answer.RootElement.GetProperty("claims").EnumerateArray().Select(claim => claim.GetProperty("verdict").GetString()));
        Assert.Equal(0.5, answer.RootElement.GetProperty("claims")[3].GetProperty("lower").GetDouble(), 1e-9);

        string[] certificates = [.. Directory.GetFiles(workshop.PathOf("compare"), "claim-*.json").Order(StringComparer.Ordinal)];
        var copy = Assert.Single(Directory.GetFiles(workshop.PathOf("compare"), "linear-*.onnx"));
        Assert.Equal(0, Program.Run(workshop.Folder, ["check", .. certificates]).ExitCode);
        var schema = await JsonSchema.FromJsonAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "schema", "certificate.schema.json")));
        Assert.All(certificates, file => Assert.Empty(schema.Validate(File.ReadAllText(file))));
        var again = Program.Run(workshop.Folder, "run", "compare.yaml", "--out", "compare", "--resume");
        Assert.Equal(5, again.Errors.Split("taken over").Length - 1);

        // Elsewhere, and another one in its place.
        File.Move(copy, workshop.PathOf("moved.onnx"), overwrite: true);
        Assert.Equal(66, Program.Run(workshop.Folder, "check", certificates[0]).ExitCode);
        Assert.Equal(0, Program.Run(workshop.Folder, "check", certificates[0], "--reference", "moved.onnx").ExitCode);
        var rejected = Program.Run(workshop.Folder, "check", certificates[0], "--reference", "two_moons.onnx");
        Assert.Equal(1, rejected.ExitCode);
        Assert.Contains("REJECTED: the model of the reference has SHA-256", rejected.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("approximation: { reference: laplace, metric: kl }", ":4:33: there is no reference 'laplace'")]
    [InlineData("approximation: { reference: { tables: { file: a.csv } }, metric: kl }", ":4:35: the reference has no key 'tables', did you mean 'table'?")]
    [InlineData("approximation: { reference: { table: a.csv }, metric: kl }", ":4:42: the reference table must be a mapping of keys to values, got 'a.csv'.")]
    [InlineData("approximation: { reference: { table: { file: observations.csv } }, metric: kl }", ":4:50: observations.csv needs the columns x_0, x_1, ... and mean_0")]
    [InlineData("approximation: { reference: { table: { file: table.csv, error: -1 } }, metric: wasserstein2 }", ":4:68: error is '-1', expected a number of at least 0.")]
    [InlineData("approximation: { reference: { table: { file: table.csv, error: 1 } }, metric: kl }", ":4:5: An error or a Lipschitz constant of the reference needs a metric with a triangle inequality")]
    [InlineData("approximation: { reference: { table: { file: table.csv, inputs: 0 } }, metric: kl }", "inputs is '0', expected how many of the first columns are x, from 1.")]
    [InlineData("approximation: { reference: { table: { file: table.csv, inputs: 5 } }, metric: kl }", "has 6 columns, of which 5 are x; expected after them the lists mean, sd, of one length.")]
    [InlineData("approximation: { reference: { table: { file: table.csv } }, rows: 2, metric: kl }", "rows is '2', 'table.csv' has rows 0 to 1.")]
    [InlineData("approximation: { reference: { table: { file: bad.csv } }, metric: kl }", ":4:5: Row 1 of the table 'bad.csv' has sd_1 = -1, expected a number above 0.")]
    [InlineData("approximation: { reference: gaussian-linear, metric: kl, radius: 1 }", "the claim approximation has no key 'radius'")]
    [InlineData("approximation: { reference: { beta-binomial: { alpha: 1, beta: 1 } }, metric: kl }", "the reference beta-binomial lacks the key 'trials'.")]
    [InlineData("approximation: { reference: { beta-binomial: { alpha: 1, beta: 0, trials: 5 } }, metric: kl }", ":4:50: the reference beta-binomial is no model: beta holds 0, expected a number from 1e-12 to 1e12.")]
    [InlineData("approximation: { reference: { gamma-poisson: { shape: 1, rate: 1 } }, metric: kl, domain: { lower: [0, 0], upper: [1, 1] } }", ":4:5: The reference gamma-poisson is for the family gamma, or vector for its mean; the family is diagonal-gaussian")]
    [InlineData("approximation: { reference: { uniform-normal: { lower: -1, upper: [1, 1, 1], standard-deviation: 1 } }, metric: kl }", ":4:5: The reference uniform-normal has 3 numbers of upper, expected one or 2.")]
    [InlineData("approximation: { reference: { uniform-normal: { lower: -1, upper: 1, standard-deviation: 1 } }, metric: hellinger }", ":4:5: The reference uniform-normal is for one Gaussian with a diagonal covariance and the metrics kl and total-variation")]
    [InlineData("approximation: { reference: { }, metric: kl }", "needs exactly one of 'gaussian-linear', 'network', 'table', 'beta-binomial'")]
    [InlineData("approximation: { reference: { gaussian-linear: { prior-covariance: [[1, 0], [0]], matrix: [[1, 0], [0, 1]], noise-covariance: [[1, 0], [0, 1]] } }, metric: kl }", "prior-covariance has rows of 2 and of 1 numbers")]
    [InlineData("approximation: { reference: { gaussian-linear: { prior-covariance: [[1, 2], [2, 1]], matrix: [[1, 0], [0, 1]], noise-covariance: [[1, 0], [0, 1]] } }, metric: kl }", ":4:52: the reference gaussian-linear is no model: prior-covariance is not positive definite.")]
    [InlineData("approximation: { reference: { gaussian-linear: { prior-covariance: [[1, 0], [0, 1]], matrix: [[1, 0]], noise-covariance: [[1, 0], [0, 1]] } }, metric: kl }", "matrix has 1 rows of 2, expected 2 rows of 2")]
    [InlineData("approximation: { reference: { gaussian-linear: { prior-covariance: [[1, 0], [0, 1]], matrix: [[1, 0], [0, x]], noise-covariance: [[1, 0], [0, 1]] } }, metric: kl }", "matrix is 'x', expected a finite number")]
    [InlineData("approximation: { reference: { gaussian-linear: { prior-covariance: [[1]], matrix: [[1], [1]], noise-covariance: [[1, 0], [0, 1]] } }, metric: kl }", ":4:5: The reference gaussian-linear has 1 parameters and 2 data; the family has 2 and x has 2.")]
    [InlineData("approximation: { reference: { network: { model: two_moons.onnx, family: { name: vector } } }, metric: kl }", ":4:5: The two families differ")]
    [InlineData("approximation: { reference: { network: { model: two_moons.onnx, family: { name: categorical, logits: nothing } } }, metric: kl }", ":4:5: the reference: The network has no output 'nothing'")]
    [InlineData("approximation: { reference: { network: { model: observations.csv, family: { name: vector } } }, metric: kl }", "observations.csv")]
    [InlineData("approximation: { reference: gaussian-linear, metric: l2 }", ":4:5: The metric l2 is for the family vector")]
    [InlineData("symmetric: { metric: kl }", "needs a 'permutation', 'input-signs', or both")]
    [InlineData("symmetric: { permutation: [0, 0], metric: kl }", ":4:31: permutation is [0, 0], expected each of 0 to 1 once.")]
    [InlineData("symmetric: { permutation: [0, 1.5], metric: kl }", "permutation holds 1.5, expected entries of x, from 0")]
    [InlineData("symmetric: { permutation: [0, 2, 1], metric: kl }", ":4:5: The permutation is [0, 2, 1], expected each of 0 to 1 once.")]
    [InlineData("symmetric: { input-signs: [1, 2], metric: kl }", "input-signs holds 2, expected 1 or -1 for each entry of x")]
    [InlineData("symmetric: { input-signs: [1, -1], parameter-signs: [1], metric: kl }", ":4:5: Expected 2 numbers 1 or -1 for the signs of the parameters; got [1].")]
    [InlineData("robustness: { observations: observations.csv, rows: 0, norm: l2, radius: 1, covariance: [[1, 2], [2, 1]], metric: kl, domain: { lower: [-1, -1], upper: [1, 1] } }", "covariance is not symmetric and positive definite, or nearly not.")]
    [InlineData("robustness: { observations: observations.csv, rows: 0, norm: linf, radius: 1, covariance: [[1, 0], [0, 1]], metric: kl }", "covariance is for the norm 'l2'")]
    [InlineData("robustness: { observations: observations.csv, rows: 0, norm: l2, radius: 1, covariance: [[1]], metric: kl }", "covariance has 1 rows of 1, expected 2 rows of 2")]
    [InlineData("robustness: { observations: observations.csv, rows: 0, norm: l2, radius: 1, directions: [[1], [0]], covariance: [[1]], metric: kl }", "both 'directions' and 'covariance'")]
    [InlineData("robustness: { observations: observations.csv, rows: 0, norm: l2, radius: [1, 1], directions: [[1], [0]], metric: kl }", "radius has 2 entries, expected one number or 1")]
    [InlineData("robustness: { observations: observations.csv, rows: 0, norm: l2, radius: 1, directions: [[1], [0]], metric: kl }", "A claim with directions takes no domain.")]
    [InlineData("modulus: { norm: l2, metric: kl }", "the claim modulus needs a 'radius' or 'radii', one of them")]
    [InlineData("modulus: { norm: l2, radius: 1, radii: [1], metric: kl }", "the claim modulus needs a 'radius' or 'radii', one of them")]
    [InlineData("modulus: { norm: l2, radii: [0.1, -1], metric: kl }", "radii holds -1, expected 1 to 100 numbers >= 0.")]
    [InlineData("modulus: { norm: l2, radii: [], metric: kl }", ":4:33: radii is a list")]
    [InlineData("modulus: { norm: l2, radius: [0.1], metric: kl }", "radius has 1 entries, expected one number or 2")]
    [InlineData("modulus: { norm: l0, radius: 0.1, metric: kl }", "l0 counts entries")]
    [InlineData("modulus: { norm: l2, radius: 0.1, metric: log-density }", "metric is 'log-density'")]
    [InlineData("lipschitz: { norm: l2, metric: kl }", "metric is 'kl'")]
    [InlineData("functional: { of: mahalanobis }", "lacks the key 'at'")]
    [InlineData("functional: { of: mahalanobis, at: [0] }", "Expected 2 parameters in theta; got 1.")]
    [InlineData("functional: { of: mahalanobis, at: [0, 0], inside: 1 }", "inside is 1, expected a number strictly between 0 and 1.")]
    [InlineData("functional: { of: mahalanobis, at: [0, 0], inside: 0.5, at-most: 1 }", "more than one of 'inside', 'outside', 'at-most' and 'at-least'")]
    [InlineData("functional: { of: mean, parameter: 0, at: [0, 0] }", "has no key 'at'")]
    [InlineData("monotone: { of: mahalanobis, input: 0, direction: increasing }", ":4:5: ")]
    [InlineData("monotone: { of: mean, parameter: 0, input: 0, direction: up }", ":4:62: direction is 'up', expected increasing or decreasing.")]
    [InlineData("monotone: { of: mean, parameter: 0, input: 2, direction: increasing }", ":4:5: There is no input x_2; the network reads x_0 to x_1.")]
    [InlineData("monotone: { of: mean, parameter: 0, direction: increasing }", "lacks the key 'input'")]
    [InlineData("monotone: { of: mean, parameter: 0, input: 0, direction: increasing, at-most: 1 }", "the claim monotone has no key 'at-most'")]
    public void What_is_wrong_is_told_in_one_line(string claim, string expected)
    {
        workshop.Write("table.csv", "x_0,x_1,mean_0,mean_1,sd_0,sd_1\n0,0,0,0,1,1\n0.5,0,0,0,1,2\n");
        workshop.Write("bad.csv", "x_0,x_1,mean_0,mean_1,sd_0,sd_1\n0,0,0,0,1,1\n0.5,0,0,0,1,-1\n");
        workshop.Write("wrong.yaml", Workshop.Linear + Domain + claim + "\n");
        var ran = Program.Run(workshop.Folder, "run", "wrong.yaml", "--out", "wrong");
        Assert.Equal(65, ran.ExitCode);
        Assert.Contains(expected, ran.Errors, StringComparison.Ordinal);
        Assert.Single(ran.Errors.Split('\n'), line => line.StartsWith("certify: ", StringComparison.Ordinal));
    }

    /// <summary>A table with an error: the row and the file are bound, the assumption is told, and a changed row is found.</summary>
    [Fact]
    public async Task A_table_is_run_checked_and_bound_to_its_rows()
    {
        Directory.CreateDirectory(workshop.PathOf("truth"));
        const string Rows = "x_0,x_1,mean_0,mean_1,sd_0,sd_1\n0,0,0,0,0.25,0.25\n0.5,0,0.25,0,0.25,0.25\n";
        workshop.Write("truth/table.csv", Rows);
        workshop.Write("tabulated.yaml", Workshop.Linear + "claims:\n"
            + "  - approximation: { reference: { table: { file: truth/table.csv } }, metric: kl }\n"
            + "  - approximation: { reference: { table: { file: truth/table.csv, error: 0.01, lipschitz: 0.5 } }, rows: 1, norm: l2, radius: 0.1, metric: wasserstein2, at-most: 0.5 }\n");
        var ran = Program.Run(workshop.Folder, "run", "tabulated.yaml", "--out", "tabulated", "--json");
        Assert.True(ran.ExitCode == 0, ran.Errors);
        using var answer = JsonDocument.Parse(ran.Output);
        Assert.Equal(3, answer.RootElement.GetProperty("claims").GetArrayLength());
        var text = answer.RootElement.GetProperty("claims")[2].GetProperty("text").GetString()!;
        Assert.Contains("Assumes, and does not check, that the reference at x lies within 0.01 + 0.5 |x - x0|_l2 of the tabulated one", text, StringComparison.Ordinal);
        Assert.Contains("does not check", File.ReadAllText(workshop.PathOf("tabulated", "report.html")), StringComparison.Ordinal);

        string[] certificates = [.. Directory.GetFiles(workshop.PathOf("tabulated"), "claim-*.json").Order(StringComparer.Ordinal)];
        var schema = await JsonSchema.FromJsonAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "schema", "certificate.schema.json")));
        Assert.All(certificates, file => Assert.Empty(schema.Validate(File.ReadAllText(file))));
        var check = Program.Run(workshop.Folder, ["check", .. certificates, "--spec", "tabulated.yaml"]);
        Assert.Equal(0, check.ExitCode);
        Assert.Contains("assumes, and does not check, that the reference at x lies within 0.01 + 0.5 |x - x0|_l2", check.Output, StringComparison.Ordinal);
        Assert.Equal(3, Program.Run(workshop.Folder, "run", "tabulated.yaml", "--out", "tabulated", "--resume").Errors.Split("taken over").Length - 1);

        workshop.Write("other.csv", Rows.Replace("0.25,0,0.25", "0.26,0,0.25", StringComparison.Ordinal));
        var rejected = Program.Run(workshop.Folder, "check", certificates[2], "--reference", "other.csv");
        Assert.Equal(1, rejected.ExitCode);
        Assert.Contains("REJECTED: the table of the reference has SHA-256", rejected.Output, StringComparison.Ordinal);
        File.Delete(workshop.PathOf("tabulated", "table.csv"));
        Assert.Equal(66, Program.Run(workshop.Folder, "check", certificates[2]).ExitCode);
    }

    [Fact]
    public async Task A_conjugate_model_is_run_and_checked()
    {
        workshop.Write("cut.yaml", Workshop.Linear + Domain + "approximation: { reference: { uniform-normal: { lower: -2, upper: [2, 3], standard-deviation: 0.5 } }, metric: kl }\n");
        Assert.Equal(0, Program.Run(workshop.Folder, "run", "cut.yaml", "--out", "cut").ExitCode);
        var certificate = Assert.Single(Directory.GetFiles(workshop.PathOf("cut"), "claim-*.json"));
        var schema = await JsonSchema.FromJsonAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "schema", "certificate.schema.json")));
        Assert.Empty(schema.Validate(await File.ReadAllTextAsync(certificate)));
        Assert.Equal(0, Program.Run(workshop.Folder, "check", certificate, "--spec", "cut.yaml").ExitCode);
    }

    [Fact]
    public void A_missing_reference_is_a_missing_file()
    {
        workshop.Write("missing.yaml", Workshop.Linear + Domain + $"approximation: {{ reference: {{ network: {{ model: nowhere.onnx, family: {Family} }} }}, metric: kl }}\n");
        var ran = Program.Run(workshop.Folder, "run", "missing.yaml");
        Assert.Equal(66, ran.ExitCode);
        Assert.Contains("nowhere.onnx", ran.Errors, StringComparison.Ordinal);
    }
}
