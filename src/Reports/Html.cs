using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Reports;

/// <summary>Markup that is safe to write: what came from outside is escaped when the markup is made, not when somebody remembers to.</summary>
/// <remarks>Only literal parts of an interpolated string and other <see cref="Html"/> values enter as they are; a string in a hole is always text.</remarks>
internal readonly record struct Html(string Markup)
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Nothing.</summary>
    public static Html Empty { get; } = new("");

    /// <summary>Markup with holes: <c>Html.Of($"&lt;b&gt;{name}&lt;/b&gt;")</c> escapes <c>name</c>.</summary>
    public static Html Of(ref Template template) => new(template.Text);

    /// <summary>Text, escaped; characters that XML forbids become U+FFFD.</summary>
    public static Html Text(string? text) => new(Encoder.Encode(Legal(text)));

    /// <summary>The parts one after the other.</summary>
    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(part => part.Markup)));

    /// <summary>The text without characters that XML 1.0 forbids.</summary>
    public static string Legal(string? text) =>
        string.Concat((text ?? "").EnumerateRunes().Select(rune =>
            rune.Value is < 0x20 and not (0x9 or 0xA or 0xD) or 0xFFFE or 0xFFFF ? "\uFFFD" : rune.ToString()));

    /// <inheritdoc/>
    public override string ToString() => Markup;

    /// <summary>Builds <see cref="Html"/> from an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Template(int literalLength, int formattedCount)
    {
        private readonly StringBuilder builder = new(literalLength + (formattedCount * 32));

        /// <summary>The markup so far.</summary>
        public string Text => builder.ToString();

        /// <summary>Written in this program: markup.</summary>
        public void AppendLiteral(string markup) => builder.Append(markup);

        /// <summary>Text from anywhere.</summary>
        public void AppendFormatted(string? text) => builder.Append(Html.Text(text).Markup);

        /// <summary>A whole number.</summary>
        public void AppendFormatted(int number) => builder.Append(number.ToString(CultureInfo.InvariantCulture));

        /// <summary>Markup that is already safe.</summary>
        public void AppendFormatted(Html html) => builder.Append(html.Markup);

        /// <summary>Several pieces of markup.</summary>
        public void AppendFormatted(IEnumerable<Html> parts) => builder.Append(Join(parts).Markup);
    }
}
