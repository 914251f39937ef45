using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Guarantees.Formats.Spec;

/// <summary>Where a value stands: "FILE:LINE:COLUMN: ", or nothing for values that come from no file.</summary>
internal readonly record struct Place(string File, int Line, int Column)
{
    /// <summary>The exception that says what is wrong here.</summary>
    public SpecFormatException Wrong(string message, Exception? cause = null) => new($"{this}{message}", cause!);

    public override string ToString() => File is null or "" ? "" : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: ");
}

/// <summary>A value of a spec: text, list or mapping.</summary>
internal abstract record SpecNode(Place Place)
{
    /// <summary>The value in words, for messages.</summary>
    public abstract string Words { get; }

    /// <summary>Reads the same structure from JSON; numbers and booleans become their plain text.</summary>
    public static SpecNode From(JsonElement element, int depth = 0) => element.ValueKind switch
    {
        _ when depth > 16 => throw new SpecFormatException("More than 16 levels of nesting."),
        JsonValueKind.String => new SpecText(default, element.GetString()!, false),
        JsonValueKind.Array => new SpecList(default, [.. element.EnumerateArray().Select(item => From(item, depth + 1))]),
        JsonValueKind.Object => new SpecMapping(default, [.. element.EnumerateObject().Select(member => (new SpecText(default, member.Name, false), From(member.Value, depth + 1)))]),
        _ => new SpecText(default, element.GetRawText(), true),
    };
}

/// <summary>A text or number.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Value">The text.</param>
/// <param name="Plain">Whether it was written without quotes and so may be a number.</param>
internal sealed record SpecText(Place Place, string Value, bool Plain) : SpecNode(Place)
{
    public override string Words => Value.Length == 0 ? "nothing" : OneLine.Quote(Value);
}

/// <summary>A list.</summary>
internal sealed record SpecList(Place Place, ImmutableArray<SpecNode> Items) : SpecNode(Place)
{
    public override string Words => $"a list of {Items.Length}";
}

/// <summary>Keys and values, in the order written.</summary>
internal sealed record SpecMapping(Place Place, ImmutableArray<(SpecText Key, SpecNode Value)> Members) : SpecNode(Place)
{
    public override string Words => "a mapping";
}
