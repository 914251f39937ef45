using Xunit;

namespace Cli.Tests;

public sealed class MalformedInputTests(Workshop workshop) : IClassFixture<Workshop>
{
    private const string Claim = "claims: [ { robustness: { observations: observations.csv, rows: 0, norm: l2, radius: 0.1, metric: wasserstein2 } } ]\n";

    [Theory]
    [InlineData("run", "nowhere.yaml", "nowhere.yaml")]
    [InlineData("run", "nowhere/a.yaml", "nowhere/a.yaml")]
    [InlineData("check", "nowhere.json", "nowhere.json")]
    [InlineData("report", "nowhere.json", "nowhere.json")]
    [InlineData("run", "model-missing.yaml", "nowhere.onnx")]
    [InlineData("run", "table-missing.yaml", "nowhere.csv")]
    public void A_missing_file_is_66(string command, string file, string named)
    {
        workshop.Write("model-missing.yaml", Workshop.Linear.Replace("linear.onnx", "nowhere.onnx", StringComparison.Ordinal) + Claim);
        workshop.Write("table-missing.yaml", Workshop.Linear + Claim.Replace("observations.csv", "nowhere.csv", StringComparison.Ordinal));

        Complains(66, named, command, file);
    }

    [Fact]
    public void A_certificate_without_its_model_is_66()
    {
        workshop.Write("spec.yaml", Workshop.Linear + Claim);
        Assert.Equal(0, Program.Run(workshop.Folder, "run", "spec.yaml", "--out", "lonely").ExitCode);
        File.Delete(workshop.PathOf("lonely", "linear.onnx"));

        Complains(66, "linear.onnx", "check", "lonely/claim-001-robustness.json");
        Assert.Equal(0, Program.Run(workshop.Folder, "check", "lonely/claim-001-robustness.json", "--model", "linear.onnx").ExitCode);
    }

    [Theory]
    [InlineData("claims: [ { robustness: ", ":3:1: not YAML")]
    [InlineData("claims: [ { robustness: { observations: observations.csv, norm: l3, radius: 1, metric: kl } } ]", ":2:65: norm is 'l3'")]
    [InlineData("claims: [ { event-probability: { observations: observations.csv, norm: l2, radius: 1, parameter: 7, event: { lower: 0 } } } ]", ":2:13: ")]
    [InlineData("claims: [ { robustness: { observations: broken.csv, norm: l2, radius: 1, metric: kl } } ]", "broken.csv:3: column 'x_1' has 'two'")]
    public void A_malformed_spec_or_table_is_65_with_its_place(string claims, string place)
    {
        workshop.Write("broken.csv", "x_0,x_1\n1,2\n1,two\n");
        workshop.Write("broken.yaml", Workshop.Linear + claims + "\n");

        Complains(65, place, "run", "broken.yaml");
    }

    [Fact]
    public void A_family_that_does_not_fit_the_model_is_65_and_names_the_spec()
    {
        workshop.Write("misfit.yaml", Workshop.Linear.Replace("mean: mean", "mean: average", StringComparison.Ordinal) + Claim);

        Complains(65, "misfit.yaml: estimator: ", "run", "misfit.yaml");
    }

    [Fact]
    public void A_malformed_model_is_65_and_named()
    {
        workshop.Write("text.onnx", "no model");
        File.WriteAllBytes(workshop.PathOf("cut.onnx"), File.ReadAllBytes(workshop.PathOf("two_moons.onnx"))[..5000]);
        foreach (var name in new[] { "text.onnx", "cut.onnx" })
        {
            workshop.Write("model.yaml", Workshop.Linear.Replace("linear.onnx", name, StringComparison.Ordinal) + Claim);
            Complains(65, name + ": ", "run", "model.yaml");
        }
    }

    [Theory]
    [InlineData("", "broken.json:1:1: ")]
    [InlineData("{\n  \"format\": ", "broken.json:2:13: ")]
    [InlineData("[]", "format is missing")]
    [InlineData("{ \"format\": \"guarantees-certificate/9\" }", "format is 'guarantees-certificate/9'")]
    [InlineData("{ \"format\": \"guarantees-certificate/1\" }", "claim is missing")]
    [InlineData("\u0000\u0001", "broken.json:1:1: ")]
    public void A_malformed_certificate_is_65_with_its_place(string text, string place)
    {
        workshop.Write("broken.json", text);

        Complains(65, place, "check", "broken.json");
        Complains(65, place, "report", "broken.json");
    }

    [Theory]
    [InlineData("lo0,lo1,hi0\n0,0,1\n", "boxes.csv: 3 columns, expected 4")]
    [InlineData("lo0,lo1,hi0,hi1\n0,0,1,1\n0,2,1,1\n", "boxes.csv:3: coordinate 1 is [2, 1], expected lower <= upper.")]
    [InlineData("lo0,lo1,hi0,hi1\n", "boxes.csv: no boxes")]
    public void A_malformed_table_of_boxes_is_65_with_its_line(string text, string place)
    {
        workshop.Write("boxes.csv", text);

        Complains(65, place, "bounds", "linear.onnx", "--box", "boxes.csv");
    }

    private void Complains(int code, string place, params string[] arguments)
    {
        var ran = Program.Run(workshop.Folder, arguments);

        Assert.Equal(code, ran.ExitCode);
        Assert.Empty(ran.Output);
        var complaint = Assert.Single(ran.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => !text.StartsWith("loaded ", StringComparison.Ordinal));
        Assert.StartsWith("certify: ", complaint, StringComparison.Ordinal);
        Assert.Contains(place, complaint, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", complaint, StringComparison.Ordinal);
    }
}
