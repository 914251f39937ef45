using System.Text;
using Guarantees.Tests.Arithmetic;

namespace Guarantees.Tests.Formats.VnnLib;

/// <summary>The meaning of a VNN-LIB 1.0 text at one point, by plain recursion over its lists: the referee of the reader. Shares no code with it.</summary>
internal static class NaiveProperty
{
    /// <summary>Whether all assertions hold.</summary>
    public static bool Holds(string text, Rational[] x, Rational[] y)
    {
        var position = 0;
        var holds = true;
        while (Parse(text, ref position) is { } command)
        {
            if (command is List<object> list && list[0] is "assert")
            {
                holds &= Truth(list[1], x, y);
            }
        }

        return holds;
    }

    private static bool Truth(object node, Rational[] x, Rational[] y)
    {
        if (node is string word)
        {
            return word == "true" || (word == "false" ? false : throw new ArgumentException(word));
        }

        var list = (List<object>)node;
        var parts = list.Skip(1);
        return (string)list[0] switch
        {
            "and" => parts.All(part => Truth(part, x, y)),
            "or" => parts.Any(part => Truth(part, x, y)),
            "not" => !Truth(list[1], x, y),
            "=>" => !list.Skip(1).SkipLast(1).All(part => Truth(part, x, y)) || Truth(list[^1], x, y),
            "distinct" or "!=" => Value(list[1], x, y).CompareTo(Value(list[2], x, y)) != 0,
            var relation => parts.Zip(parts.Skip(1)).All(pair => Compare(relation, Value(pair.First, x, y).CompareTo(Value(pair.Second, x, y)))),
        };
    }

    private static bool Compare(string relation, int order) => relation switch
    {
        "<=" => order <= 0,
        "<" => order < 0,
        ">=" => order >= 0,
        ">" => order > 0,
        "=" or "==" => order == 0,
        _ => throw new ArgumentException(relation),
    };

    private static Rational Value(object node, Rational[] x, Rational[] y)
    {
        if (node is string word)
        {
            return word[0] is 'X' or 'Y' ? (word[0] == 'X' ? x : y)[int.Parse(word[2..], System.Globalization.CultureInfo.InvariantCulture)] : Rational.Parse(word);
        }

        var list = (List<object>)node;
        var values = list.Skip(1).Select(part => Value(part, x, y)).ToList();
        return (string)list[0] switch
        {
            "+" => values.Aggregate((a, b) => a + b),
            "*" => values.Aggregate((a, b) => a * b),
            "-" => values.Count == 1 ? Rational.Parse("0") - values[0] : values.Aggregate((a, b) => a - b),
            "/" => values.Aggregate((a, b) => a * (b.Numerator.Sign > 0 ? new Rational(b.Denominator, b.Numerator) : new Rational(-b.Denominator, -b.Numerator))),
            var other => throw new ArgumentException(other),
        };
    }

    private static object? Parse(string text, ref int position)
    {
        while (position < text.Length && (char.IsWhiteSpace(text[position]) || text[position] == ';'))
        {
            position = text[position] == ';' ? text.IndexOf('\n', position) : position + 1;
        }

        if (position == text.Length)
        {
            return null;
        }

        if (text[position] == '(')
        {
            position++;
            var list = new List<object>();
            while (true)
            {
                var start = position;
                while (char.IsWhiteSpace(text[start]))
                {
                    start++;
                }

                if (text[start] == ')')
                {
                    position = start + 1;
                    return list;
                }

                list.Add(Parse(text, ref position)!);
            }
        }

        var word = new StringBuilder();
        while (position < text.Length && !char.IsWhiteSpace(text[position]) && text[position] is not ('(' or ')'))
        {
            word.Append(text[position++]);
        }

        return word.ToString();
    }
}
