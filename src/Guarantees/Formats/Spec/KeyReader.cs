using System.Collections.Immutable;
using System.Globalization;

namespace Guarantees.Formats.Spec;

/// <summary>Takes the keys of one mapping, typed; what is left over at the end is an error that names the nearest known key.</summary>
internal sealed class KeyReader
{
    private readonly SpecMapping mapping;
    private readonly string what;
    private readonly List<string> known = [];

    /// <param name="node">Must be a mapping.</param>
    /// <param name="what">What the mapping is, for messages: "the family", "a robustness claim".</param>
    public KeyReader(SpecNode node, string what)
    {
        this.what = what;
        mapping = node as SpecMapping ?? throw node.Place.Wrong($"{what} must be a mapping of keys to values, got {node.Words}.");
    }

    public Place Place => mapping.Place;

    /// <summary>Text of a number: what YAML 1.2 calls a float or an integer in base 10.</summary>
    public static double Number(SpecNode node, string key, bool finite = true)
    {
        if (node is SpecText { Plain: true } text)
        {
            var value = text.Value switch
            {
                ".inf" or "+.inf" => double.PositiveInfinity,
                "-.inf" => double.NegativeInfinity,
                _ => double.TryParse(text.Value, NumberStyles.Float & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var parsed) && double.IsFinite(parsed) ? parsed : double.NaN,
            };
            if (!double.IsNaN(value) && (double.IsFinite(value) || !finite))
            {
                return value;
            }
        }

        throw node.Place.Wrong($"{key} is {node.Words}, expected a {(finite ? "finite " : "")}number.");
    }

    public static string Text(SpecNode node, string key) =>
        node is SpecText { Value.Length: > 0 } text ? text.Value : throw node.Place.Wrong($"{key} is {node.Words}, expected a word.");

    public SpecNode? Find(string key)
    {
        known.Add(key);
        return mapping.Members.FirstOrDefault(member => member.Key.Value == key).Value;
    }

    /// <summary>The value of a key that must be there.</summary>
    public SpecNode Need(string key)
    {
        if (Find(key) is { } node)
        {
            return node;
        }

        // A misspelt key is the likelier mistake: report that one if there is one.
        var near = mapping.Members.FirstOrDefault(member => OneLine.Suggest(member.Key.Value, [key]).StartsWith("did", StringComparison.Ordinal));
        throw near.Key is { } wrong
            ? wrong.Place.Wrong($"{what} has no key {wrong.Words}, did you mean '{key}'?")
            : Place.Wrong($"{what} lacks the key '{key}'.");
    }

    public string NeedText(string key) => Text(Need(key), key);

    public string? FindText(string key) => Find(key) is { } node ? Text(node, key) : null;

    public double NeedNumber(string key) => Number(Need(key), key);

    public double? FindNumber(string key) => Find(key) is { } node ? Number(node, key) : null;

    public ImmutableArray<double> NeedNumbers(string key) => Numbers(Need(key), key);

    public static ImmutableArray<double> Numbers(SpecNode node, string key) => node is SpecList { Items.Length: > 0 } list
        ? [.. list.Items.Select(item => Number(item, key))]
        : throw node.Place.Wrong($"{key} is {node.Words}, expected a list of numbers.");

    /// <summary>A list of rows, all of one length.</summary>
    public static (ImmutableArray<double> Values, int Rows, int Columns) Matrix(SpecNode node, string key)
    {
        if (node is not SpecList { Items.Length: > 0 } list)
        {
            throw node.Place.Wrong($"{key} is {node.Words}, expected a list of rows of numbers.");
        }

        var rows = list.Items.Select(item => Numbers(item, key)).ToArray();
        return Array.TrueForAll(rows, row => row.Length == rows[0].Length)
            ? ([.. rows.SelectMany(row => row)], rows.Length, rows[0].Length)
            : throw node.Place.Wrong($"{key} has rows of {rows[0].Length} and of {rows.First(row => row.Length != rows[0].Length).Length} numbers, expected rows of one length.");
    }

    /// <summary>One of the words of an enumeration.</summary>
    public T NeedWord<T>(string key)
        where T : struct, Enum => Word<T>(Need(key), key);

    public static T Word<T>(SpecNode node, string key)
        where T : struct, Enum
    {
        var word = Text(node, key);
        return Claims.Words.TryParse<T>(word, out var value)
            ? value
            : throw node.Place.Wrong($"{key} is {OneLine.Quote(word)}, {OneLine.Suggest(word, [.. Enum.GetValues<T>().Select(Claims.Words.Of)])}");
    }

    /// <summary>Call when every known key was asked for.</summary>
    public void Finish()
    {
        foreach (var (key, _) in mapping.Members)
        {
            if (!known.Contains(key.Value))
            {
                throw key.Place.Wrong($"{what} has no key {key.Words}, {OneLine.Suggest(key.Value, known)}");
            }
        }
    }
}
