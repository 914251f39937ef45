namespace Certify.Smt;

/// <summary>One S-expression of SMT-LIB: an atom or a list. What a solver prints is read through this, so a cut-off answer is noticed.</summary>
internal sealed class SmtExpression
{
    /// <summary>The text of an atom, without quoting bars; a string literal keeps its quotation marks. Null for a list.</summary>
    public string? Atom { get; private init; }

    /// <summary>The elements of a list; null for an atom.</summary>
    public IReadOnlyList<SmtExpression>? Items { get; private init; }

    /// <summary>The first word of a list; null where there is none.</summary>
    public string? Head => Items is [{ Atom: { } head }, ..] ? head : null;

    /// <summary>Every expression in the text, in order.</summary>
    /// <exception cref="FormatException">A parenthesis, bar or quotation mark has no partner.</exception>
    public static List<SmtExpression> ParseAll(string text)
    {
        // Open lists, the outermost first: no recursion, so no input can exhaust the stack.
        var open = new Stack<List<SmtExpression>>([[]]);
        for (var i = 0; i < text.Length;)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (c == ';')
            {
                i = text.IndexOf('\n', i) is var end and >= 0 ? end : text.Length;
            }
            else if (c == '(')
            {
                open.Push([]);
                i++;
            }
            else if (c == ')')
            {
                var items = open.Pop();
                if (open.Count == 0)
                {
                    throw new FormatException($"A parenthesis closes at {i} that none opened.");
                }

                open.Peek().Add(new SmtExpression { Items = items });
                i++;
            }
            else
            {
                var end = c is '|' or '"' ? text.IndexOf(c, i + 1) + 1 : EndOfWord(text, i);
                if (end == 0)
                {
                    throw new FormatException($"The quotation at {i} has no end.");
                }

                open.Peek().Add(new SmtExpression { Atom = c == '|' ? text[(i + 1)..(end - 1)] : text[i..end] });
                i = end;
            }
        }

        return open.Count == 1 ? open.Pop() : throw new FormatException("A parenthesis is left open.");
    }

    private static int EndOfWord(string text, int start)
    {
        var end = start;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('(' or ')' or ';' or '|' or '"'))
        {
            end++;
        }

        return end;
    }
}
