using System.CommandLine;
using System.CommandLine.Parsing;
using Cli.Commands;

namespace Cli;

/// <summary>The command <c>certify</c>: one file per subcommand under <c>Commands</c>.</summary>
/// <remarks>
/// Nothing heavy is loaded here: libtorch, ONNX Runtime, solvers and readers load when a command first touches them, so that help is immediate.
/// Standard output carries the answer; progress and messages go to standard error.
/// </remarks>
internal static class CommandLine
{
    private const string ExitCodes =
        """
        Exit codes:
          0 every claim proved    1 a claim refuted      2 undecided
          64 wrong usage          65 malformed input     66 input not found,
          70 internal error                             or output not writable


        """;

    /// <summary>Parses and runs one command line; the result is the exit code of the process.</summary>
    public static int Run(string[] arguments)
    {
        var root = Create();
        var parsed = root.Parse(arguments.Length == 0 ? ["--help"] : arguments);
        var helps = parsed.Action is CertifyCommand.HelpWithExample;
        var code = !helps && (parsed.Errors.Count > 0 || (parsed.CommandResult.Command != root && UnknownOption(parsed) is not null))
            ? WrongUsage(root, parsed)
            : parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        if (Environment.GetEnvironmentVariable("CERTIFY_TRACE_ASSEMBLIES") == "1")
        {
            // For the test that a check loads no tensors and no solver.
            foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            {
                Console.Error.WriteLine($"loaded {assembly.GetName().Name}");
            }
        }

        return code;
    }

    /// <summary>The root and its commands. A plain command and no <c>RootCommand</c>, which would call itself after its file, "Cli".</summary>
    public static CertifyCommand Create() => new(
        "certify",
        "Certifies trained maps from data to distributions: robustness, Lipschitz constants, distance to exact posteriors; each answer with a certificate that anybody can check.",
        "certify run posterior.yaml --out out && certify check out/claim-*.json",
        ExitCodes)
    {
        DemoCommand.Create(),
        TrainCommand.Create(),
        RunCommand.Create(),
        SimulateCommand.Create(),
        CalibrateCommand.Create(),
        CheckCommand.Create(),
        KeyCommand.Create(),
        SignCommand.Create(),
        VerifyCommand.Create(),
        ReportCommand.Create(),
        BoundsCommand.Create(),
        LipschitzCommand.Create(),
        VnnLibCommand.Create(),
        ExportCommand.Create(),
        CertifyCommand.Help(),
        new VersionOption { Description = "Show the version." },
    };

    /// <summary>One line: the likeliest slip, and where to read on.</summary>
    private static int WrongUsage(Command root, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var message = command == root && parsed.UnmatchedTokens is [var unknown, ..]
            ? $"there is no {(unknown.StartsWith('-') ? "option" : "command")} '{unknown}'; the commands are {string.Join(", ", root.Subcommands.Select(known => known.Name))}."
            : command == root ? "a command is missing."
            : UnknownOption(parsed) is { } option ? $"there is no option '{option}'."
            : string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var name = command == root ? "certify" : $"certify {command.Name}";
        Console.Error.WriteLine($"certify: {message} See '{name} --help'.");
        return ExitCode.WrongUsage;
    }

    /// <summary>A misspelt option, which the parser takes for the name of a file. (A file whose name begins with '-' goes as "./-name".)</summary>
    private static string? UnknownOption(ParseResult parsed) => parsed.CommandResult.Children.OfType<ArgumentResult>()
        .SelectMany(argument => argument.Tokens).Concat(parsed.CommandResult.Tokens).Select(token => token.Value).Concat(parsed.UnmatchedTokens)
        .FirstOrDefault(value => value.Length > 1 && value.StartsWith('-'));
}
