using System.Globalization;
using System.Security.Cryptography;
using Guarantees.Formats;
using Guarantees.Formats.Tables;

namespace Guarantees.Claims;

/// <summary>Draws of theta from the prior: a table, or a law that the spec names and the seed of the run.</summary>
/// <remarks>Assumed, and no part of a check: the draws are independent, come from the prior that is meant, and their number was fixed before.</remarks>
public sealed record PriorDraws
{
    /// <summary>Most draws.</summary>
    public const int Most = 1_000_000;

    /// <summary>The law; null where a table holds the draws.</summary>
    public PriorLaw? Law { get; init; }

    /// <summary>File name of the table; empty where there is a law.</summary>
    public string File { get; init; } = "";

    /// <summary>SHA-256 of the table, lower-case hexadecimal; empty where there is a law.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>How many draws, from 2 to <see cref="Most"/>.</summary>
    public required int Count { get; init; }

    /// <summary>Probability, over the draws, that the bound holds: in [1/2, 1).</summary>
    public required double Confidence { get; init; }

    /// <summary>"with confidence 0.99, from 10000 draws of the prior".</summary>
    public string Words => string.Create(CultureInfo.InvariantCulture, $"with confidence {Confidence:R}, from {Count} draws of the prior");

    /// <summary>Where the draws come from and what of it no check can see, in words.</summary>
    public string Assumed => Law is { } law
        ? $"that the numbers made from the seed are as good as independent draws of the prior, {law}, is assumed"
        : $"that the rows of the table {OneLine.Quote(File)} are drawn independently from the prior, their number fixed beforehand, is assumed and not checked";

    /// <summary>What a table says of itself: its hash and how many draws it holds.</summary>
    /// <param name="bytes">The table: see <see cref="Read"/>.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="confidence">In [1/2, 1).</param>
    /// <exception cref="TableFormatException">The table is malformed.</exception>
    public static PriorDraws Of(ReadOnlyMemory<byte> bytes, string name, double confidence) =>
        new() { File = Path.GetFileName(name), Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.Span)), Count = Rows(bytes, name).Table.Rows, Confidence = confidence };

    /// <summary>The draws of a table, one a row: the columns theta_0, theta_1, ... and no others; a NumPy array, which names none, has them in this order.</summary>
    /// <exception cref="TableFormatException">The table is malformed, is not the one of the claim, or a row does not fit; one line with the place.</exception>
    internal double[][] Read(ReadOnlyMemory<byte> bytes, string name, Claim claim, int dimension)
    {
        if (Convert.ToHexStringLower(SHA256.HashData(bytes.Span)) is var hash && hash != Sha256)
        {
            throw new TableFormatException($"{name}: the draws have SHA-256 {hash}, the claim speaks of {Sha256}.");
        }

        var (table, columns) = Rows(bytes, name);
        if (columns.Length != dimension)
        {
            throw new TableFormatException($"{name}: a draw has {columns.Length} numbers, expected {dimension}, one for each parameter.");
        }

        if (table.Rows != Count)
        {
            throw new TableFormatException($"{name}: the table has {table.Rows} draws, the claim speaks of {Count}.");
        }

        var draws = new double[table.Rows][];
        for (var j = 0; j < draws.Length; j++)
        {
            var row = table[j];
            var theta = draws[j] = new double[dimension];
            for (var i = 0; i < dimension; i++)
            {
                theta[i] = row[columns[i]];
                if (!claim.ParameterLower.IsEmpty && !(claim.ParameterLower[i] <= theta[i] && theta[i] <= claim.ParameterUpper[i]))
                {
                    throw new TableFormatException(string.Create(
                        CultureInfo.InvariantCulture, $"{table.PlaceOf(j)}: theta_{i} is {theta[i]:R}, outside the box of the prior, [{claim.ParameterLower[i]:R}, {claim.ParameterUpper[i]:R}]."));
                }
            }
        }

        return draws;
    }

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    internal void Check(int dimension)
    {
        if (Count is < 2 or > Most)
        {
            throw ClaimChecks.Wrong($"Expected from 2 to {Most} draws of the prior; got {Count}.");
        }

        if (!(Confidence is >= 0.5 and < 1))
        {
            throw ClaimChecks.Wrong(string.Create(CultureInfo.InvariantCulture, $"A confidence lies in [0.5, 1); got {Confidence:R}."));
        }

        if (Law is null != (File.Length > 0 && Sha256.Length > 0) || (Law is not null && File.Length + Sha256.Length > 0))
        {
            throw ClaimChecks.Wrong("Draws of the prior come from a table with a SHA-256, or from a law.");
        }

        Law?.Check(dimension);
    }

    private static (Table Table, int[] Columns) Rows(ReadOnlyMemory<byte> bytes, string name)
    {
        var table = Table.Read(bytes, name);
        return (table, DrawCounter.ColumnsOf(table, bytes, name));
    }
}
