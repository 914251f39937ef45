using System.CommandLine;
using System.Runtime.InteropServices;

namespace Cli;

/// <summary>Turns what can go wrong in a command into one line on standard error and an exit code.</summary>
internal static class Guarded
{
    /// <summary>Sets the action of a command. The first Ctrl-C asks it to stop and write what it knows, the second ends the process.</summary>
    public static void Does(this Command command, Func<ParseResult, CancellationToken, int> action) => command.SetAction((ParseResult parsed) =>
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }

        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return Run(() => action(parsed, stop.Token));
    });

    private static int Run(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (Exception error)
        {
            if (Environment.GetEnvironmentVariable("CERTIFY_DEBUG") == "1")
            {
                Console.Error.WriteLine(error);
            }

            var (code, message) = error switch
            {
                FileNotFoundException missing => (ExitCode.NotFound, $"{missing.FileName ?? missing.Message}: file not found"),
                DirectoryNotFoundException => (ExitCode.NotFound, error.Message),
                ArgumentException { ParamName: { } name } => (ExitCode.Malformed, error.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)),
                FormatException or ArgumentException or ArithmeticException => (ExitCode.Malformed, error.Message),
                UnauthorizedAccessException or IOException => (ExitCode.NotFound, error.Message),
                OperationCanceledException => (ExitCode.Undecided, "stopped"),
                InvalidOperationException or NotSupportedException or DllNotFoundException => (ExitCode.Internal, error.Message),
                _ => (ExitCode.Internal, $"internal error: {error.GetType().Name}: {error.Message} (set CERTIFY_DEBUG=1 to see where)"),
            };

            // Names from files, such as that of a certificate's model, must not steer a terminal.
            Console.Error.WriteLine($"certify: {string.Concat(message.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? '?' : c))}");
            return code;
        }
    }
}
