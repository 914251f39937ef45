using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Guarantees.Arithmetic;
using Guarantees.Formats;
using Guarantees.Formats.Tables;
using Guarantees.Statistics;

namespace Guarantees.Claims;

/// <summary>Which sets of parameters, at every x.</summary>
public enum CredibleSet
{
    /// <summary>{ theta : q(theta | x) at least a number }.</summary>
    HighestDensity,

    /// <summary>{ theta : theta_i between two quantiles of its marginal, as much mass below as above }.</summary>
    Interval,

    /// <summary>{ theta : (theta - mu)^T Sigma^-1 (theta - mu) at most a number }, of a Gaussian.</summary>
    Mahalanobis,
}

/// <summary>Pairs (theta, x) that a claim of kind calibration, coverage or conformal rests on, and how they are asked.</summary>
/// <remarks>
/// Assumed, and no part of a check: the pairs are independent draws of prior and simulator, of which the estimator saw none and by which it was not chosen, their number fixed beforehand; a table of posterior samples holds independent draws
/// of q(. | x).
/// </remarks>
public sealed record PairQuestion
{
    /// <summary>The family of an estimator that is known by a table of its samples only.</summary>
    public const string Samples = "samples";

    /// <summary>Draws a pair where nothing else is asked for: one hundred ranks.</summary>
    public const int DefaultRanks = 99;

    /// <summary>Draws a pair for the level of a set, where nothing else is asked for.</summary>
    public const int DefaultLevels = 999;

    /// <summary>Most draws a pair.</summary>
    public const int MostDraws = 100_000;

    /// <summary>Most numbers a thread holds for one pair.</summary>
    private const long MostNumbers = 100_000_000;

    /// <summary>File name of the table of pairs.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of that file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>n, how many pairs.</summary>
    public required int Pairs { get; init; }

    /// <summary>For the family samples: file name of the table of posterior samples; empty otherwise.</summary>
    public string SamplesFile { get; init; } = "";

    /// <summary>SHA-256 of that file; empty where there is none.</summary>
    public string SamplesSha256 { get; init; } = "";

    /// <summary>L, how many draws of q(. | x) a pair gets; 0 where none are needed.</summary>
    public int Draws { get; init; }

    /// <summary>Probability, over the pairs and draws, that what is stated holds: in [1/2, 1).</summary>
    public required double Confidence { get; init; }

    /// <summary>Which sets, for claims of kind coverage and conformal.</summary>
    public CredibleSet Set { get; init; }

    /// <summary>For claims of kind coverage: whether the pairs are looked at one after the other, until the claim is decided.</summary>
    public bool IsSequential { get; init; }

    /// <summary>"with confidence 0.99, from 2000 pairs".</summary>
    public string Words => string.Create(CultureInfo.InvariantCulture, $"with confidence {Confidence:R}, from {Pairs} pairs");

    /// <summary>What no check can see, in words.</summary>
    public string Assumed =>
        $"that the rows of the table {OneLine.Quote(File)} are independent draws of prior and simulator, which the estimator was not trained on nor chosen by, their number fixed beforehand, is assumed and not checked"
        + (SamplesFile.Length > 0 ? $"; so is that the rows of the table {OneLine.Quote(SamplesFile)} are independent draws of the estimator's posteriors" : "");

    /// <summary>How many draws a pair gets where the spec does not say.</summary>
    /// <param name="kind">The kind of claim.</param>
    /// <param name="set">Its sets.</param>
    /// <param name="family">The name of the family.</param>
    public static int DefaultDraws(ClaimKind kind, CredibleSet set, string family) => kind switch
    {
        ClaimKind.Calibration => DefaultRanks,
        ClaimKind.Coverage when set == CredibleSet.HighestDensity || (set == CredibleSet.Interval && family is not ("gaussian" or "diagonal-gaussian" or "gaussian-mixture")) => DefaultLevels,
        _ => 0,
    };

    /// <summary>1 - level as the decimal that is written, exactly.</summary>
    internal static Rational Outside(double level)
    {
        var text = decimal.Parse(level.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);
        var unit = BigInteger.Pow(10, 28);
        return new Rational(unit - new BigInteger(text * 1e28m), unit);
    }

    /// <summary>A table of pairs with its hash, counted.</summary>
    /// <param name="path">The table.</param>
    /// <param name="confidence">In [1/2, 1).</param>
    /// <exception cref="TableFormatException">It is malformed; the message names file, place and value.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static PairQuestion Of(string path, double confidence)
    {
        var (sha256, rows, _) = Count(path);
        return rows is >= 1 and <= RankCounts.MostPairs
            ? new PairQuestion { File = Path.GetFileName(path), Sha256 = sha256, Pairs = (int)rows, Confidence = confidence }
            : throw new TableFormatException($"{path}: {rows} rows, expected from 1 to {RankCounts.MostPairs} pairs.");
    }

    /// <summary>The same with a table of posterior samples, as many for every pair, in the order of the pairs.</summary>
    /// <param name="path">The table.</param>
    /// <inheritdoc cref="Of" path="/exception"/>
    public PairQuestion With(string path)
    {
        var (sha256, rows, group) = Count(path);
        return rows % Pairs == 0 && rows / Pairs is >= 1 and <= MostDraws && (group == 0 || group == rows / Pairs)
            ? this with { SamplesFile = Path.GetFileName(path), SamplesSha256 = sha256, Draws = (int)(rows / Pairs) }
            : throw new TableFormatException($"{path}: {rows} posterior samples{(group > 0 ? $", {group} for each pair," : "")} for {Pairs} pairs, expected as many for each pair, from 1 to {MostDraws}.");
    }

    /// <summary>SHA-256 of all that a stream holds, from where it stands.</summary>
    internal static string Hash(Stream stream) => Convert.ToHexStringLower(SHA256.HashData(stream));

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    internal void Check(int parameters)
    {
        if (Pairs is < 1 or > RankCounts.MostPairs)
        {
            throw ClaimChecks.Wrong($"Expected from 1 to {RankCounts.MostPairs} pairs; got {Pairs}.");
        }

        if (!(Confidence is >= 0.5 and < 1))
        {
            throw ClaimChecks.Wrong(string.Create(CultureInfo.InvariantCulture, $"A confidence lies in [0.5, 1); got {Confidence:R}."));
        }

        if (Draws is < 0 or > MostDraws || (long)Draws * parameters > MostNumbers)
        {
            throw ClaimChecks.Wrong($"Expected at most {MostDraws} draws for each pair, and at most {MostNumbers} numbers; got {Draws} draws of {parameters} parameters.");
        }

        if (Sha256.Length == 0 || (SamplesFile.Length == 0) != (SamplesSha256.Length == 0))
        {
            throw ClaimChecks.Wrong("A table of pairs, or of posterior samples, is named with its SHA-256.");
        }
    }

    private static (string Sha256, long Rows, int Group) Count(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read);
        var hash = Hash(stream);
        stream.Position = 0;
        using var rows = TableRows.Open(stream, path);
        var (row, count) = (new double[rows.Columns.Length], 0L);
        while (rows.Next(row))
        {
            count++;
        }

        return (hash, count, rows.Group);
    }
}

/// <summary>The tables of a <see cref="PairQuestion"/>, opened anew for every reading.</summary>
/// <param name="Pairs">The table of pairs: a stream that can seek.</param>
/// <param name="Samples">The table of posterior samples; null where there is none.</param>
public sealed record PairTables(Func<Stream> Pairs, Func<Stream>? Samples = null);
