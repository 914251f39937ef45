using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Guarantees.Claims;

namespace Guarantees.Formats.Spec;

/// <summary>Reads spec files: YAML, kebab-case keys, paths relative to the file. The schema is <c>docs/schema/spec.schema.json</c>.</summary>
public static class SpecFile
{
    /// <summary>A spec is written by hand; a larger file is something else.</summary>
    private const long LargestFile = 4 << 20;

    /// <summary>Most claims of a spec, one for each observation.</summary>
    private const int MostClaims = 100_000;

    private const string BudgetKey = "budget";

    private static readonly string[] ClaimNames = [.. Enum.GetValues<ClaimKind>().Select(Words.Of), ClaimReader.WellDefined];

    /// <summary>Reads a spec and the tables that it names.</summary>
    /// <exception cref="SpecFormatException">It is malformed; the message is one line with file, line and column.</exception>
    /// <exception cref="TableFormatException">A table that it names is malformed.</exception>
    /// <exception cref="IOException">It, or a table that it names, is missing or cannot be read.</exception>
    public static Spec Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = File.OpenRead(path);
        if (stream.Length > LargestFile)
        {
            throw new SpecFormatException($"{path}: {stream.Length} bytes, a spec has at most {LargestFile}.");
        }

        // What is hashed is what is read.
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        using var reader = new StreamReader(new MemoryStream(bytes), new UTF8Encoding(false, true));
        return Read(reader, path) with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
    }

    /// <summary>Reads a spec from a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">Its file, for messages and relative paths.</param>
    /// <inheritdoc cref="Read(string)" path="/exception"/>
    public static Spec Read(TextReader text, string path)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var keys = new KeyReader(YamlReader.Read(text, path), "the spec");
        var estimator = new KeyReader(keys.Need("estimator"), "the estimator");
        var family = FamilyDescription.Parse(estimator.Need("family"));
        var folder = Path.GetDirectoryName(path) ?? "";
        var modelName = family.HasNoModel ? "" : estimator.NeedText("model");
        var model = modelName.Length > 0 ? Path.Combine(folder, modelName) : "";
        var (command, seconds) = family.Noise is null ? ([], 60) : Command(estimator);
        estimator.Finish();
        var references = new ReferenceReader(folder, modelName, family.Name);
        var pairs = new PairClaimReader(folder, family.Name);
        var claims = new ClaimReader(folder, keys.Find("domain") is { } domain ? CornerPair.Read(domain, "the domain") : null, references);
        var list = keys.Need("claims");
        var budget = keys.Find(BudgetKey) is { } limits ? Budget.Read(limits, whole: true) : new();
        var gate = keys.Find("gate") is { } settings ? GateSettings.Read(settings) : new();
        keys.Finish();
        var expanded = list is SpecList { Items.Length: > 0 } items
            ? items.Items.SelectMany(item => Claims(item, claims, pairs)).Take(MostClaims + 1).ToImmutableArray()
            : throw list.Place.Wrong($"claims is {list.Words}, expected a list of claims.");
        return expanded.Length <= MostClaims
            ? new Spec(path, model, family, expanded) { References = references.Found, Command = command, CommandSeconds = seconds, Budget = budget, Gate = gate }
            : throw list.Place.Wrong($"more than {MostClaims} claims, one for each observation; expected at most so many.");
    }

    /// <summary>The program of a black box, a word or a list of words, and how long it may take.</summary>
    private static (ImmutableArray<string> Command, double Seconds) Command(KeyReader keys)
    {
        const string Key = "command";
        var node = keys.Find(Key);
        var seconds = keys.Find("time-limit") is { } limit ? KeyReader.Number(limit, "time-limit") is > 0 and <= 1e6 and var given ? given
            : throw limit.Place.Wrong($"time-limit is {limit.Words}, expected seconds in (0, 1e6].") : 60;
        return (node switch
        {
            null => [],
            SpecList { Items.Length: > 0 } list => [.. list.Items.Select(item => Word(item))],
            _ => [Word(node)],
        }, seconds);

        static string Word(SpecNode item) => KeyReader.Text(item, Key) is var word && !word.Contains('\0', StringComparison.Ordinal) ? word : throw item.Place.Wrong($"{Key} is {item.Words}, expected a program and its arguments.");
    }

    /// <summary>One item, "- robustness: {...}", and beside it "budget: {...}" where there is one.</summary>
    private static IEnumerable<SpecClaim> Claims(SpecNode item, ClaimReader reader, PairClaimReader pairs)
    {
        if (item is not SpecMapping { Members.Length: 2 } mapping || mapping.Members.FirstOrDefault(member => member.Key.Value == BudgetKey) is not { Value: { } limits })
        {
            return ClaimsOf(item, reader, pairs);
        }

        var budget = Budget.Read(limits, whole: false);
        return ClaimsOf(mapping with { Members = [.. mapping.Members.Where(member => member.Key.Value != BudgetKey)] }, reader, pairs).Select(claim => claim with { Budget = budget });
    }

    /// <summary>One item, "- robustness: {...}", as one claim for each observation.</summary>
    private static IEnumerable<SpecClaim> ClaimsOf(SpecNode item, ClaimReader reader, PairClaimReader pairs)
    {
        if (item is not SpecMapping { Members: [var (name, body)] })
        {
            throw item.Place.Wrong($"a claim is one name with its keys, such as 'robustness: {{ ... }}'; got {(item is SpecMapping many ? $"{many.Members.Length} names" : item.Words)}.");
        }

        if (name.Value == ClaimReader.WellDefined)
        {
            return reader.ReadWellDefined(body).Select(claim => new SpecClaim(claim, name.Place.ToString()));
        }

        if (Words.TryParse<ClaimKind>(name.Value, out var kind))
        {
            if (PairStatistics.Answers(kind))
            {
                return [pairs.Read(kind, body, name.Place.ToString())];
            }

            var read = reader.Read(kind, body);
            var (searches, draws, prior) = (reader.SearchesRadius, reader.Draws, reader.PriorPath);
            return read.Select(claim => new SpecClaim(claim, name.Place.ToString(), searches) { Draws = draws, PriorPath = prior });
        }

        throw name.Place.Wrong($"there is no claim {name.Words}, {OneLine.Suggest(name.Value, ClaimNames)}");
    }
}

/// <summary>A box as written: { lower: [...], upper: [...] }, finite, as many lower as upper ends, lower &lt;= upper.</summary>
internal sealed record CornerPair(ImmutableArray<double> Lower, ImmutableArray<double> Upper, Place Place)
{
    public static CornerPair Read(SpecNode node, string what)
    {
        var keys = new KeyReader(node, what);
        var pair = new CornerPair(keys.NeedNumbers("lower"), keys.NeedNumbers("upper"), node.Place);
        keys.Finish();
        if (pair.Lower.Length != pair.Upper.Length)
        {
            throw node.Place.Wrong($"{what} has {pair.Lower.Length} lower and {pair.Upper.Length} upper ends, expected as many of both.");
        }

        for (var i = 0; i < pair.Lower.Length; i++)
        {
            if (pair.Lower[i] > pair.Upper[i])
            {
                throw node.Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"{what} has the side [{pair.Lower[i]:R}, {pair.Upper[i]:R}] in coordinate {i}, expected lower <= upper."));
            }
        }

        return pair;
    }
}
