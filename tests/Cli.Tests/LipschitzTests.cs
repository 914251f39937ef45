using System.Text.Json;
using Xunit;

namespace Cli.Tests;

public sealed class LipschitzTests(Workshop workshop) : IClassFixture<Workshop>
{
    /// <summary>mean = x / 2, scale constant: the Jacobian is I / 2 over zeros.</summary>
    [Theory]
    [InlineData("l2", "l2", 0.5)]
    [InlineData("linf", "linf", 0.5)]
    [InlineData("linf", "l1", 1)]
    [InlineData("l1", "l1", 0.5)]
    public void Both_norms_can_be_chosen(string from, string to, double expected)
    {
        workshop.Write("boxes.csv", "lo0,lo1,hi0,hi1\n-1,-1,1,1\n");
        var ran = Program.Run(workshop.Folder, "lipschitz", "linear.onnx", "--box", "boxes.csv", "--norm", from, "--output-norm", to, "--gap", "1e-6", "--json");

        Assert.Equal(0, ran.ExitCode);
        using var document = JsonDocument.Parse(ran.Output);
        var answer = Assert.Single(document.RootElement.EnumerateArray());
        Assert.Equal(from, answer.GetProperty("norm").GetString());
        Assert.Equal(to, answer.GetProperty("outputNorm").GetString());
        Assert.InRange(answer.GetProperty("lower").GetDouble(), expected - 1e-5, expected + 1e-12);
        Assert.InRange(answer.GetProperty("upper").GetDouble(), expected, expected + 1e-5);
    }

    [Fact]
    public void Outputs_are_measured_by_the_Euclidean_norm_unless_said_otherwise()
    {
        workshop.Write("boxes.csv", "lo0,lo1,hi0,hi1\n-1,-1,1,1\n");
        var ran = Program.Run(workshop.Folder, "lipschitz", "linear.onnx", "--box", "boxes.csv", "--norm", "linf", "--json");
        using var document = JsonDocument.Parse(ran.Output);
        Assert.Equal("l2", document.RootElement[0].GetProperty("outputNorm").GetString());
        Assert.InRange(document.RootElement[0].GetProperty("upper").GetDouble(), Math.Sqrt(0.5), 0.72);
    }
}
