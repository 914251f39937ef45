using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Cli;

/// <summary>A command with an example, which its help shows last.</summary>
internal sealed class CertifyCommand(string name, string description, string example, string footer = "") : Command(name, description)
{
    /// <summary>A command line that works, such as "certify check out/claim-*.json".</summary>
    public string Example { get; } = example;

    /// <summary>Words above the example that only the root has: what the exit codes mean.</summary>
    public string Footer { get; } = footer;

    /// <summary>Help in 80 columns: description, usage, arguments, options, then <see cref="Footer"/> and <see cref="Example"/>.</summary>
    public static HelpOption Help()
    {
        var option = new HelpOption { Description = "Show this help." };
        option.Action = new HelpWithExample();
        return option;
    }

    /// <summary>The library's help, and then ours.</summary>
    public sealed class HelpWithExample : SynchronousCommandLineAction
    {
        private readonly HelpAction inner = new() { MaxWidth = 80 };

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            inner.Invoke(parseResult);
            if (parseResult.CommandResult.Command is CertifyCommand command)
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.Write(command.Footer);
                output.WriteLine($"Example:\n  {command.Example}");
            }

            return ExitCode.Proved;
        }
    }
}
