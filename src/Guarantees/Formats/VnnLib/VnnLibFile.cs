using System.Text;

namespace Guarantees.Formats.VnnLib;

/// <summary>Reads VNN-LIB properties, versions 1.0 and 2.0, plain or compressed by gzip.</summary>
/// <remarks>
/// Version 1.0: inputs X_0, X_1, ... and outputs Y_0, Y_1, ... declared as Real constants, and assertions that all hold. The language is that of SMT-LIB with
/// the commands <c>declare-const</c>, <c>declare-fun</c>, <c>assert</c> (and the silent ones of SMT-LIB such as <c>check-sat</c>), the connectives
/// <c>and or not =></c>, the relations <c>&lt;= &gt;= &lt; &gt; = distinct</c>, and <c>+ - * /</c> as far as they stay linear.
/// Version 2.0: <c>declare-network</c> with tensors of type real, float32 or float64, their elements written X[0,1]; several networks, <c>equal-to</c> and
/// <c>isomorphic-to</c> one another; the relations <c>==</c> and <c>!=</c>. Not supported: hidden nodes, products of variables, other element types.
/// Grammar and meaning: github.com/VNNLIB/VNNLIB-Standard, grammar.cf and document/chapters/query_language.tex.
/// Numbers are read exactly. Limits: 200,000,000 characters after expansion, 1,000 lists inside one another, 100,000 cases unless told otherwise.
/// </remarks>
public static class VnnLibFile
{
    /// <summary>Most cases, unless told otherwise.</summary>
    public const int DefaultMaxCases = 100_000;

    private static readonly string[] Commands = ["declare-const", "declare-fun", "declare-network", "assert", "vnnlib-version"];

    /// <summary>Reads a file, compressed (one whole gzip file) or not: its first two bytes say which.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxCases">Most cases, at least 1.</param>
    /// <exception cref="VnnLibFormatException">It is malformed; the message is one line with file, line and column.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static VnnLibProperty Read(string path, int maxCases = DefaultMaxCases)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = File.OpenRead(path);
        return Read(file, path, maxCases);
    }

    /// <summary>Reads a stream, compressed (one whole gzip file) or not: its first two bytes say which.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="name">Name of the file, for messages.</param>
    /// <param name="maxCases">Most cases, at least 1.</param>
    /// <inheritdoc cref="Read(string, int)" path="/exception"/>
    public static VnnLibProperty Read(Stream stream, string name, int maxCases = DefaultMaxCases)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var rest = new FirstBytes(stream);
        if (!rest.BeginWith(0x1F, 0x8B))
        {
            using var plain = new StreamReader(rest, new UTF8Encoding(false, true));
            return Parse(plain, name, maxCases);
        }

        using var expanded = new Gunzip(rest);
        using var reader = new StreamReader(expanded, new UTF8Encoding(false, true));
        return Parse(reader, name, maxCases);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">Name of the file, for messages.</param>
    /// <param name="maxCases">Most cases, at least 1.</param>
    /// <inheritdoc cref="Read(string, int)" path="/exception"/>
    public static VnnLibProperty Parse(string text, string name, int maxCases = DefaultMaxCases)
    {
        ArgumentNullException.ThrowIfNull(text);
        using var reader = new StringReader(text);
        return Parse(reader, name, maxCases);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">Name of the file, for messages.</param>
    /// <param name="maxCases">Most cases, at least 1.</param>
    /// <inheritdoc cref="Read(string, int)" path="/exception"/>
    public static VnnLibProperty Parse(TextReader text, string name, int maxCases = DefaultMaxCases)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCases, 1);
        try
        {
            return Parse(new SyntaxReader(text, name), name, maxCases);
        }
        catch (DecoderFallbackException error)
        {
            throw new VnnLibFormatException($"{name}: not a text in UTF-8.", error);
        }
        catch (InvalidDataException error)
        {
            throw new VnnLibFormatException($"{name}: a gzip file that is damaged, cut off or put together of several, expected one whole gzip file.", error);
        }
    }

    private static VnnLibProperty Parse(SyntaxReader syntax, string name, int maxCases)
    {
        var (variables, bounds, conditions) = (new Variables(syntax), new KnownBounds(), new List<Formula>());
        var formulas = new FormulaReader(syntax, variables, bounds);
        var (version, closed) = (0, "");
        while (syntax.Next() is { } command)
        {
            switch (command.Head)
            {
                case "assert" when closed.Length > 0:
                    throw syntax.Wrong(command, $"found an assertion behind ({closed}), expected none.");
                case "assert":
                    conditions.Add(command.Children.Count == 2 ? formulas.Read(command.Children[1])
                        : throw syntax.Wrong(command, "found a malformed '(assert ...)', expected one condition, as in (assert (<= X_0 0.5))."));
                    break;
                case "declare-const" or "declare-fun" when version < 2 && !variables.HasNetworks:
                    variables.DeclareConstant(command);
                    break;
                case "declare-network" when version != 1 && !variables.HasConstants:
                    variables.DeclareNetwork(command);
                    break;
                case "declare-const" or "declare-fun" or "declare-network":
                    throw syntax.Wrong(command, $"found {command.Words} in a file of VNN-LIB {(command.Head == "declare-network" ? "1.0, expected 'declare-const'" : "2.0, expected 'declare-network'")}.");
                case "vnnlib-version":
                    version = version != 0 || variables.HasConstants || variables.HasNetworks
                        ? throw syntax.Wrong(command, "found a version here, expected it once and at the beginning.")
                        : Version(syntax, command);
                    break;
                case "check-sat" or "exit":
                    closed = command.Head;
                    break;
                case "set-logic" or "set-info" or "set-option" or "get-model":
                    break;
                case "":
                    throw syntax.Wrong(command, $"found {command.Words}, expected a command such as (assert ...).");
                default:
                    throw syntax.Wrong(command, $"found the command {OneLine.Quote(command.Head)}, {OneLine.Suggest(command.Head, Commands)}");
            }
        }

        if (!variables.HasConstants && !variables.HasNetworks)
        {
            throw syntax.Wrong("no variable is declared, expected (declare-const X_0 Real) or (declare-network ...).");
        }

        var networks = variables.Finish();
        var inputs = networks.Sum(network => network.Inputs.Sum(tensor => tensor.Length));
        return new VnnLibProperty(name, variables.HasNetworks ? 2 : 1, networks, Expansion.Of(conditions, syntax, variables, bounds, inputs, maxCases));
    }

    /// <summary>(vnnlib-version &lt;2.0&gt;): the number before the point, which alone can break a reader.</summary>
    private static int Version(SyntaxReader syntax, SyntaxNode command) => command.Children is [_, { Kind: SyntaxKind.Word, Text: ['<', '1' or '2', '.', .., '>'] text }]
        ? text[1] - '0'
        : throw syntax.Wrong(command, $"found the version {(command.Children.Count > 1 ? command.Children[1].Words : "''")}, expected <1.0> or <2.0>.");
}
