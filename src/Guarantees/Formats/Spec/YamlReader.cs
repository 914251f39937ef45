using System.Collections.Immutable;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Guarantees.Formats.Spec;

/// <summary>Reads one YAML document to nodes with their places. Anchors, aliases, tags and several documents are not accepted.</summary>
internal sealed class YamlReader
{
    private const int DeepestNesting = 16;
    private readonly Parser parser;
    private readonly string file;

    private YamlReader(TextReader text, string file) => (parser, this.file) = (new Parser(text), file);

    /// <exception cref="SpecFormatException">The text is not such a document.</exception>
    public static SpecNode Read(TextReader text, string file)
    {
        var reader = new YamlReader(text, file);
        reader.Next();
        var first = reader.Next();
        if (first is StreamEnd)
        {
            throw reader.At(first).Wrong("the file is empty, expected the keys 'estimator' and 'claims'.");
        }

        var root = reader.Node(reader.Next(), 0);
        reader.Next();
        var last = reader.Next();
        return last is StreamEnd ? root : throw reader.At(last).Wrong("a second document, expected one.");
    }

    private SpecNode Node(ParsingEvent start, int depth)
    {
        var place = At(start);
        if (depth > DeepestNesting)
        {
            throw place.Wrong($"more than {DeepestNesting} levels of nesting.");
        }

        if (start is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
        {
            throw place.Wrong("anchors and aliases are not supported, write the value out.");
        }

        if (start is NodeEvent { Tag.IsEmpty: false } tagged)
        {
            throw place.Wrong($"tags are not supported, found {OneLine.Quote(tagged.Tag.ToString())}.");
        }

        return start switch
        {
            Scalar scalar => new SpecText(place, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => new SpecList(place, Items(depth)),
            MappingStart => new SpecMapping(place, Members(depth)),
            _ => throw place.Wrong("expected a value."),
        };
    }

    private ImmutableArray<SpecNode> Items(int depth)
    {
        var items = ImmutableArray.CreateBuilder<SpecNode>();
        for (var next = Next(); next is not SequenceEnd; next = Next())
        {
            items.Add(Node(next, depth + 1));
        }

        return items.ToImmutable();
    }

    private ImmutableArray<(SpecText Key, SpecNode Value)> Members(int depth)
    {
        var members = ImmutableArray.CreateBuilder<(SpecText, SpecNode)>();
        var names = new HashSet<string>();
        for (var next = Next(); next is not MappingEnd; next = Next())
        {
            var key = Node(next, depth + 1) as SpecText ?? throw At(next).Wrong("a key must be a word.");
            if (!names.Add(key.Value))
            {
                throw key.Place.Wrong($"key {key.Words} appears twice.");
            }

            members.Add((key, Node(Next(), depth + 1)));
        }

        return members.ToImmutable();
    }

    private ParsingEvent Next()
    {
        try
        {
            return parser.MoveNext() ? parser.Current! : throw At(parser.Current).Wrong("the file ends too early.");
        }
        catch (YamlException error)
        {
            throw new Place(file, (int)error.Start.Line, (int)error.Start.Column).Wrong($"not YAML: {OneLine.Of(error)}", error);
        }
        catch (DecoderFallbackException error)
        {
            throw new SpecFormatException($"{file}: not a text in UTF-8.", error);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or OverflowException or IndexOutOfRangeException)
        {
            // The parser's own checks have holes; whatever it trips over is the text's fault.
            throw At(parser.Current).Wrong("not YAML after this place.", error);
        }
    }

    private Place At(ParsingEvent? position) => position is null ? new(file, 1, 1) : new(file, (int)position.Start.Line, (int)position.Start.Column);
}
