using System.Globalization;
using System.Text;

namespace Guarantees.Formats.VnnLib;

/// <summary>What a node of the text is.</summary>
internal enum SyntaxKind
{
    /// <summary>( node node ... ).</summary>
    List,

    /// <summary>A symbol or a number.</summary>
    Word,

    /// <summary>"characters".</summary>
    Text,

    /// <summary>[ characters ]: a shape or an index of VNN-LIB 2.0.</summary>
    Bracket,
}

/// <summary>A node of the text, with its place.</summary>
internal sealed class SyntaxNode(SyntaxKind kind, string text, int line, int column)
{
    private static readonly List<SyntaxNode> None = [];

    public SyntaxKind Kind { get; } = kind;

    /// <summary>The characters of a word, a text or a bracket.</summary>
    public string Text { get; } = text;

    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>The nodes of a list.</summary>
    public List<SyntaxNode> Children { get; } = kind == SyntaxKind.List ? [] : None;

    /// <summary>The word that a list begins with; "" where there is none.</summary>
    public string Head => Children is [{ Kind: SyntaxKind.Word } head, ..] ? head.Text : "";

    /// <summary>The node in words, for messages.</summary>
    public string Words => Kind switch
    {
        SyntaxKind.List when Children.Count == 0 => "'()'",
        SyntaxKind.List => Head.Length > 0 ? OneLine.Quote($"({Head} ...)") : "a list that begins with no word",
        SyntaxKind.Bracket => OneLine.Quote($"[{Text}]"),
        SyntaxKind.Text => OneLine.Quote($"\"{Text}\""),
        _ => OneLine.Quote(Text),
    };
}

/// <summary>Splits a text into its top-level lists, one at a time, without recursion. Comments run from ';' to the end of the line.</summary>
internal sealed class SyntaxReader(TextReader text, string file)
{
    /// <summary>Most characters of a text: 200 MB of ASCII, compressed or not.</summary>
    public const long LargestText = 200_000_000;

    /// <summary>Most lists around a node.</summary>
    public const int DeepestNesting = 1000;

    /// <summary>Most nodes in one top-level list.</summary>
    private const int LargestCommand = 5_000_000;

    /// <summary>Most characters of a word; longer texts between quotes are cut.</summary>
    private const int LongestWord = Arithmetic.Rational.LongestText;

    private readonly char[] buffer = new char[1 << 15];
    private readonly string[] recent = new string[1 << 12];
    private readonly StringBuilder word = new();
    private int position;
    private int end;
    private long consumed;
    private int line = 1;
    private int column = 1;

    /// <summary>The exception that says what is wrong at a node.</summary>
    public VnnLibFormatException Wrong(SyntaxNode node, string message) => Wrong(node.Line, node.Column, message);

    /// <summary>The exception that says what is wrong at a place.</summary>
    public VnnLibFormatException Wrong(int atLine, int atColumn, string message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{file}:{atLine}:{atColumn}: {message}"));

    /// <summary>The exception that says what is wrong with the whole text.</summary>
    public VnnLibFormatException Wrong(string message) => new($"{file}: {message}");

    /// <summary>The next top-level list; null at the end.</summary>
    public SyntaxNode? Next()
    {
        var (open, count) = (new List<SyntaxNode>(), 0);
        while (true)
        {
            var (atLine, atColumn, c) = (line, column, Peek());
            if (c < 0)
            {
                return open.Count == 0 ? null : throw Wrong(open[0], $"the list {open[0].Words} is not closed at the end of the file, expected a ')'.");
            }

            if (char.IsWhiteSpace((char)c))
            {
                Advance();
                continue;
            }

            if (c == ';')
            {
                SkipLine();
                continue;
            }

            if (c == ')')
            {
                Advance();
                if (open.Count == 0)
                {
                    throw Wrong(atLine, atColumn, "found a ')' without its '(', expected a command such as (assert ...).");
                }

                var closed = open[^1];
                open.RemoveAt(open.Count - 1);
                if (open.Count == 0)
                {
                    return closed;
                }

                continue;
            }

            var node = c == '(' ? Opened(atLine, atColumn) : Leaf(atLine, atColumn, (char)c);
            if (open.Count > 0)
            {
                open[^1].Children.Add(node);
            }
            else if (node.Kind != SyntaxKind.List)
            {
                throw Wrong(node, $"found {node.Words}, expected a command such as (assert ...).");
            }

            if (++count > LargestCommand)
            {
                throw Wrong(open[0], string.Create(CultureInfo.InvariantCulture, $"the list {open[0].Words} has more than {LargestCommand} nodes, expected fewer."));
            }

            if (node.Kind == SyntaxKind.List)
            {
                open.Add(node);
                if (open.Count > DeepestNesting)
                {
                    throw Wrong(node, string.Create(CultureInfo.InvariantCulture, $"found more than {DeepestNesting} lists inside one another, expected at most so many."));
                }
            }
        }
    }

    private SyntaxNode Opened(int atLine, int atColumn)
    {
        Advance();
        return new SyntaxNode(SyntaxKind.List, "", atLine, atColumn);
    }

    private SyntaxNode Leaf(int atLine, int atColumn, char first)
    {
        word.Clear();
        switch (first)
        {
            case '"':
                Enclosed('"', "text", atLine, atColumn);
                return new SyntaxNode(SyntaxKind.Text, word.ToString(), atLine, atColumn);
            case '|':
                Enclosed('|', "symbol", atLine, atColumn);
                return new SyntaxNode(SyntaxKind.Word, word.ToString(), atLine, atColumn);
            case '[':
                Enclosed(']', "bracket", atLine, atColumn);
                return new SyntaxNode(SyntaxKind.Bracket, word.ToString(), atLine, atColumn);
            case ']':
                throw Wrong(atLine, atColumn, "found a ']' without its '['.");
            default:
                break;
        }

        for (var c = Peek(); c >= 0 && !char.IsWhiteSpace((char)c) && (char)c is not ('(' or ')' or ';' or '"' or '[' or ']' or '|'); c = Peek())
        {
            if (word.Length == LongestWord)
            {
                throw Wrong(atLine, atColumn, string.Create(CultureInfo.InvariantCulture, $"found a word of more than {LongestWord} characters, {OneLine.Quote(word.ToString())}, expected a name or a number."));
            }

            word.Append((char)c);
            Advance();
        }

        return new SyntaxNode(SyntaxKind.Word, Recent(), atLine, atColumn);
    }

    /// <summary>The text up to the closing character.</summary>
    private void Enclosed(char close, string what, int atLine, int atColumn)
    {
        Advance();
        for (var c = Peek(); c != close; c = Peek())
        {
            if (c < 0)
            {
                throw Wrong(atLine, atColumn, $"a {what} is not closed at the end of the file, expected a '{close}'.");
            }

            if (word.Length < LongestWord)
            {
                word.Append((char)c);
            }

            Advance();
        }

        Advance();
    }

    /// <summary>The word as a string, the same one where it occurred not long ago.</summary>
    private string Recent()
    {
        var hash = 0u;
        for (var i = 0; i < word.Length; i++)
        {
            hash = (hash * 31) + word[i];
        }

        ref var slot = ref recent[hash % (uint)recent.Length];
        if (slot is null || !word.Equals(slot))
        {
            slot = word.ToString();
        }

        return slot;
    }

    private void SkipLine()
    {
        for (var c = Peek(); c >= 0 && c != '\n'; c = Peek())
        {
            Advance();
        }
    }

    private int Peek()
    {
        if (position < end)
        {
            return buffer[position];
        }

        consumed += end;
        if (consumed > LargestText)
        {
            throw Wrong(string.Create(CultureInfo.InvariantCulture, $"more than {LargestText} characters, expected at most so many."));
        }

        (position, end) = (0, text.Read(buffer, 0, buffer.Length));
        return end > 0 ? buffer[0] : -1;
    }

    /// <summary>Passes the character that was looked at.</summary>
    private void Advance()
    {
        if (buffer[position++] == '\n')
        {
            line++;
            column = 1;
        }
        else
        {
            column++;
        }
    }
}
