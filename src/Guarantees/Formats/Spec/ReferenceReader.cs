using System.Collections.Immutable;
using System.Security.Cryptography;
using Guarantees.Claims;

namespace Guarantees.Formats.Spec;

/// <summary>Reads what an approximation is compared with: a closed form, or another model, whose file is hashed here so that the claim speaks of these bytes.</summary>
internal sealed class ReferenceReader(string folder, string model)
{
    private const string Key = "reference";
    private readonly Dictionary<string, (string Name, string Path, string Sha256)> found = [];

    /// <summary>The models read so far, in the order of their paths.</summary>
    public ImmutableArray<(string Name, string Path, string Sha256)> Found => [.. found.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item.Value)];

    /// <summary>The claim with its reference.</summary>
    public Claim Read(SpecNode node, Claim claim)
    {
        if (node is SpecText)
        {
            var name = KeyReader.Text(node, Key);
            return name == Claim.GaussianLinear ? claim with { Reference = name } : throw node.Place.Wrong($"there is no reference {OneLine.Quote(name)}, expected 'gaussian-linear', {{ gaussian-linear: {{ ... }} }} or {{ network: {{ ... }} }}.");
        }

        var keys = new KeyReader(node, "the reference");
        var (linear, network) = (keys.Find(Claim.GaussianLinear), keys.Find(Claim.Network));
        keys.Finish();
        return (linear, network) switch
        {
            ({ } given, null) => claim with { Reference = Claim.GaussianLinear, LinearModel = Linear(given) },
            (null, { } given) => Network(given, claim with { Reference = Claim.Network }),
            _ => throw node.Place.Wrong("the reference needs exactly one of 'gaussian-linear' and 'network'."),
        };
    }

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
        var relative = KeyReader.Text(place, "model");
        keys.Finish();
        if (relative.Contains('\0', StringComparison.Ordinal))
        {
            throw place.Place.Wrong($"model is {place.Words}, expected a path.");
        }

        var path = Path.Combine(folder, relative);
        if (!found.TryGetValue(path, out var file))
        {
            var sha = Convert.ToHexStringLower(SHA256.HashData(Bytes(path, place)));
            var name = Path.GetFileName(path);

            // A certificate is checked beside its models: two files of one name must not meet there.
            var isTaken = string.Equals(name, Path.GetFileName(model), StringComparison.OrdinalIgnoreCase) || found.Values.Any(other => string.Equals(other.Name, name, StringComparison.OrdinalIgnoreCase));
            file = found[path] = (isTaken ? $"{Path.GetFileNameWithoutExtension(name)}-{sha[..12]}{Path.GetExtension(name)}" : name, path, sha);
        }

        return claim with { ReferenceModel = file.Name, ReferenceSha256 = file.Sha256, ReferenceFamily = family };
    }

    /// <summary>A file of a stated length: what has none, such as a device, has no bytes.</summary>
    private static byte[] Bytes(string path, SpecNode place)
    {
        using var stream = File.OpenRead(path);
        if (stream.Length > Array.MaxLength)
        {
            throw place.Place.Wrong($"model is {place.Words}, a file of {stream.Length} bytes, expected at most {Array.MaxLength}.");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
