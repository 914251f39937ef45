using System.CommandLine;
using System.CommandLine.Help;
using Cli.Commands;

namespace Cli;

/// <summary>The command <c>certify</c>: one file per subcommand under <c>Commands</c>.</summary>
/// <remarks>
/// Nothing heavy is loaded here: libtorch, ONNX Runtime, solvers and readers load when a command first touches them, so that help is immediate.
/// Standard output carries the answer; progress and messages go to standard error.
/// </remarks>
internal static class CommandLine
{
    /// <summary>Parses and runs one command line; the result is the exit code of the process.</summary>
    public static int Run(string[] arguments)
    {
        var root = new RootCommand(
            """
            Certifies trained maps from data to distributions: robustness, Lipschitz constants and distance to exact posteriors, each with a
            certificate that anybody can check.

            Exit codes: 0 every claim proved, 1 a claim refuted, 2 undecided, 64 wrong usage, 65 malformed input, 66 input not found, 70 internal error.
            """)
        {
            DemoCommand.Create(),
            RunCommand.Create(),
            CheckCommand.Create(),
            ReportCommand.Create(),
            BoundsCommand.Create(),
            LipschitzCommand.Create(),
        };
        var parsed = root.Parse(arguments);
        if (arguments.Length == 0)
        {
            parsed = root.Parse(["--help"]);
        }

        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            foreach (var error in parsed.Errors)
            {
                Console.Error.WriteLine($"certify: {error.Message}");
            }

            var command = parsed.CommandResult.Command == root ? "certify" : $"certify {parsed.CommandResult.Command.Name}";
            Console.Error.WriteLine($"See '{command} --help'.");
            return ExitCode.WrongUsage;
        }

        var code = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
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
}
