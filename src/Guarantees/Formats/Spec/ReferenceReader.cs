using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Guarantees.Claims;
using Guarantees.Formats.Tables;

namespace Guarantees.Formats.Spec;

/// <summary>Reads what an approximation is compared with: a closed form, or another model or a table, whose file is hashed here so that the claim speaks of these bytes.</summary>
internal sealed class ReferenceReader(string folder, string model, string familyName)
{
    private const string Key = "reference";
    private readonly Dictionary<string, (string Name, string Path, string Sha256)> found = [];
    private readonly Dictionary<string, Table> tables = [];

    /// <summary>The models read so far, in the order of their paths.</summary>
    public ImmutableArray<(string Name, string Path, string Sha256)> Found => [.. found.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item.Value)];

    /// <summary>The table that the reference read last names, and the claim's part of it but for the rows; null where it names none.</summary>
    public TableReference? Table { get; private set; }

    /// <summary>The claim with its reference.</summary>
    public Claim Read(SpecNode node, Claim claim)
    {
        Table = null;
        if (node is SpecText)
        {
            var word = KeyReader.Text(node, Key);
            return word == Claim.GaussianLinear ? claim with { Reference = word } : throw node.Place.Wrong($"there is no reference {OneLine.Quote(word)}, expected 'gaussian-linear', {{ gaussian-linear: {{ ... }} }}, {{ network: {{ ... }} }}, {{ table: {{ ... }} }} or a conjugate model.");
        }

        var keys = new KeyReader(node, "the reference");
        (string Name, SpecNode? Given)[] kinds = [.. References.Select(name => (name, keys.Find(name)))];
        keys.Finish();
        return kinds.Where(kind => kind.Given is not null).ToArray() is [var (name, given)]
            ? name switch
            {
                Claim.GaussianLinear => claim with { Reference = name, LinearModel = Linear(given!) },
                Claim.Network => Network(given!, claim with { Reference = name }),
                Claim.Table => Tabulated(given!, claim with { Reference = name }),
                _ => claim with { Reference = name, Conjugate = Conjugate(given!, name) },
            }
            : throw node.Place.Wrong($"the reference needs exactly one of {OneLine.Join([.. References])}.");
    }

    private static ImmutableArray<string> References => [Claim.GaussianLinear, Claim.Network, Claim.Table, .. ConjugateModel.Names];

    /// <summary>A number, or a list of them, for each key.</summary>
    private static ConjugateModel Conjugate(SpecNode node, string name)
    {
        var keys = new KeyReader(node, $"the reference {name}");
        ImmutableArray<ImmutableArray<double>> numbers = [.. ConjugateModel.KeysOf(name).Select(item =>
            (item.Default is null ? keys.Need(item.Key) : keys.Find(item.Key)) is not { } given ? [item.Default!.Value]
            : given is SpecList ? KeyReader.Numbers(given, item.Key)
            : ImmutableArray.Create(KeyReader.Number(given, item.Key)))];
        keys.Finish();
        var model = new ConjugateModel(name, numbers);
        return model.Objection() is { Length: > 0 } objection ? throw node.Place.Wrong($"the reference {name} is no model: {objection}.") : model;
    }

    /// <summary>{ file: FILE, error: e, lipschitz: L, inputs: n }.</summary>
    private Claim Tabulated(SpecNode node, Claim claim)
    {
        var keys = new KeyReader(node, "the reference table");
        var place = keys.Need("file");
        var (error, lipschitz) = (AtLeastZero(keys, "error"), AtLeastZero(keys, "lipschitz"));
        var inputs = keys.Find("inputs") is not { } given ? 0
            : KeyReader.Number(given, "inputs") is >= 1 and <= 1e6 and var count && count == (int)count ? (int)count
            : throw given.Place.Wrong($"inputs is {given.Words}, expected how many of the first columns are x, from 1.");
        var path = PathOf(place, "file");
        keys.Finish();
        try
        {
            if (!tables.TryGetValue(path, out var table))
            {
                var bytes = Bytes(path, place, "file");
                Named(path, bytes);
                table = tables[path] = Formats.Tables.Table.Read(bytes, path);
            }

            var (data, names, columns) = ReferenceRow.Layout(table, familyName, inputs);
            Table = new TableReference(table, data, row => new ReferenceRow(names, [.. columns.Select(list => list.Select(column => table[row][column]).ToImmutableArray())], error, lipschitz));
        }
        catch (ArgumentException wrong)
        {
            throw place.Place.Wrong(wrong.Message, wrong);
        }

        return claim with { ReferenceModel = found[path].Name, ReferenceSha256 = found[path].Sha256 };
    }

    private static double AtLeastZero(KeyReader keys, string key) => keys.Find(key) is not { } node ? 0
        : KeyReader.Number(node, key) is >= 0 and var value ? value
        : throw node.Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"{key} is {node.Words}, expected a number of at least 0."));

    private static LinearModel Linear(SpecNode node)
    {
        var keys = new KeyReader(node, "the reference gaussian-linear");
        var (prior, noise) = (KeyReader.Matrix(keys.Need("prior-covariance"), "prior-covariance"), KeyReader.Matrix(keys.Need("noise-covariance"), "noise-covariance"));
        var map = KeyReader.Matrix(keys.Need("matrix"), "matrix");
        var result = new LinearModel(
            keys.Find("prior-mean") is { } mean ? KeyReader.Numbers(mean, "prior-mean") : [.. new double[prior.Rows]],
            prior.Values,
            map.Values,
            keys.Find("offset") is { } offset ? KeyReader.Numbers(offset, "offset") : [.. new double[noise.Rows]],
            noise.Values);
        keys.Finish();

        // What the numbers of a flat list do not say.
        return map.Rows != result.Data || map.Columns != result.Parameters ? throw keys.Need("matrix").Place.Wrong($"matrix has {map.Rows} rows of {map.Columns}, expected {result.Data} rows of {result.Parameters}, one row for each entry of x.")
            : result.Objection() is { Length: > 0 } objection ? throw node.Place.Wrong($"the reference gaussian-linear is no model: {objection}.")
            : result;
    }

    private Claim Network(SpecNode node, Claim claim)
    {
        var keys = new KeyReader(node, "the reference network");
        var (place, family) = (keys.Need("model"), FamilyDescription.Parse(keys.Need("family")));
        var path = PathOf(place, "model");
        keys.Finish();
        if (!found.TryGetValue(path, out var file))
        {
            file = Named(path, Bytes(path, place, "model"));
        }

        return claim with { ReferenceModel = file.Name, ReferenceSha256 = file.Sha256, ReferenceFamily = family };
    }

    private string PathOf(SpecNode place, string key)
    {
        var relative = KeyReader.Text(place, key);
        return relative.Contains('\0', StringComparison.Ordinal) ? throw place.Place.Wrong($"{key} is {place.Words}, expected a path.") : Path.Combine(folder, relative);
    }

    /// <summary>A file under a name of its own: a certificate is checked beside its models and tables, and two files of one name must not meet there.</summary>
    private (string Name, string Path, string Sha256) Named(string path, byte[] bytes)
    {
        if (found.TryGetValue(path, out var file))
        {
            return file;
        }

        var sha = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var name = Path.GetFileName(path);
        var isTaken = string.Equals(name, Path.GetFileName(model), StringComparison.OrdinalIgnoreCase) || found.Values.Any(other => string.Equals(other.Name, name, StringComparison.OrdinalIgnoreCase));
        return found[path] = (isTaken ? $"{Path.GetFileNameWithoutExtension(name)}-{sha[..12]}{Path.GetExtension(name)}" : name, path, sha);
    }

    /// <summary>A file of a stated length: what has none, such as a device, has no bytes.</summary>
    private static byte[] Bytes(string path, SpecNode place, string key)
    {
        using var stream = File.OpenRead(path);
        if (stream.Length > Array.MaxLength)
        {
            throw place.Place.Wrong($"{key} is {place.Words}, a file of {stream.Length} bytes, expected at most {Array.MaxLength}.");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

/// <summary>A table that claims compare with: its rows, which of its columns are x, and what a row says.</summary>
/// <param name="Table">The table.</param>
/// <param name="Data">Columns of x.</param>
/// <param name="RowOf">The reference at a row.</param>
internal sealed record TableReference(Table Table, ImmutableArray<int> Data, Func<int, ReferenceRow> RowOf);
