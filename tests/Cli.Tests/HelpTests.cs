using Xunit;

namespace Cli.Tests;

public sealed class HelpTests
{
    private static readonly string[] Heavy = ["TorchSharp", "Microsoft.Z3", "Microsoft.ML.OnnxRuntime", "YamlDotNet", "Google.Protobuf", "Spectre.Console", "SkiaSharp", "ScottPlot"];

    public static TheoryData<string> Commands => [.. CommandLine.Create().Subcommands.Select(command => command.Name)];

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData(null)]
    public void The_root_names_every_command_and_loads_nothing_heavy(string? argument)
    {
        var ran = Program.Run(Repository.Root, argument is null ? [] : [argument]);

        Assert.Equal(0, ran.ExitCode);
        Assert.All(CommandLine.Create().Subcommands, command => Assert.Contains($"\n  {command.Name} ", ran.Output, StringComparison.Ordinal));
        Assert.Contains("Usage:\n  certify ", ran.Output, StringComparison.Ordinal);
        Assert.Contains("Example:\n  certify ", ran.Output, StringComparison.Ordinal);
        Assert.Contains("65 malformed input", ran.Output, StringComparison.Ordinal);
        Assert.NotEmpty(ran.Loaded);
        Assert.Empty(ran.Loaded.Intersect(Heavy));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_has_an_example_and_fits_80_columns(string command)
    {
        var ran = Program.Run(Repository.Root, command, "--help");

        Assert.Equal(0, ran.ExitCode);
        Assert.Contains($"Usage:\n  certify {command} ", ran.Output, StringComparison.Ordinal);
        Assert.Contains($"Example:\n  certify {command} ", ran.Output, StringComparison.Ordinal);
        Assert.All(ran.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Empty(ran.Loaded.Intersect(Heavy));
    }

    [Fact]
    public void Version_prints_the_version()
    {
        var ran = Program.Run(Repository.Root, "--version");

        Assert.Equal(0, ran.ExitCode);
        Assert.Matches(@"^[0-9]+\.[0-9]+\.[0-9]+\n$", ran.Output);
    }
}
