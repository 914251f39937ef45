using System.CommandLine;
using System.CommandLine.Parsing;
using Guarantees.Checking;

namespace Cli;

/// <summary>The option <c>--network NAME=FILE</c>, once for each network beyond the first.</summary>
internal static class NetworkFiles
{
    /// <summary>Tells what is not NAME=FILE, or is given twice.</summary>
    public static void Validate(CommandResult result, Option<string[]> option)
    {
        string[] given = [.. result.GetResult(option)?.Tokens.Select(token => token.Value) ?? []];
        if (given.FirstOrDefault(text => text.IndexOf('=', StringComparison.Ordinal) is var place && (place < 1 || place == text.Length - 1)) is { } malformed)
        {
            result.AddError($"--network is '{malformed}', expected NAME=FILE.");
        }
        else if (given.GroupBy(Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            result.AddError($"--network names '{twice.Key}' twice.");
        }
    }

    /// <summary>Paths by name.</summary>
    public static Dictionary<string, string> Split(string[]? given) => (given ?? []).ToDictionary(Name, text => text[(Name(text).Length + 1)..]);

    /// <summary>Models by name.</summary>
    public static Dictionary<string, NetworkModel> Read(string[]? given) => Split(given).ToDictionary(
        item => item.Key, item => new NetworkModel(Path.GetFileName(item.Value), File.ReadAllBytes(item.Value)));

    private static string Name(string text) => text[..text.IndexOf('=', StringComparison.Ordinal)];
}
