using System.Security.Cryptography;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Formats.Tables;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <summary>Counts the draws of a table that lie in the event of a claim.</summary>
/// <remarks>One draw a row. The columns are theta_0, theta_1, ... and no others, since a table with a weight or a number beside them may not be what it is taken for; a NumPy array, which names none, has them in this order.</remarks>
public static class DrawCounter
{
    private const long Largest = 1 << 30;
    private static readonly byte[] NumPy = [0x93, .. "NUMPY"u8];

    /// <summary>How many draws from q(. | x0) are not certain to lie among the theta of the claim.</summary>
    /// <remarks>Inside counts what is in the box and, where the claim has a least density, has a lower bound of ln q(theta | x0) of at least that, every operation rounded outward: a doubtful draw counts as outside, which makes the bound larger.</remarks>
    /// <param name="estimator">A network with the family log-density.</param>
    /// <param name="claim">Its box, observation and least density.</param>
    /// <param name="bytes">The table.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="confidence">In [1/2, 1).</param>
    /// <exception cref="TableFormatException">The table is malformed, or does not fit.</exception>
    public static DrawCount Outside(Estimator estimator, Claim claim, ReadOnlyMemory<byte> bytes, string name, double confidence)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(claim);
        if (estimator.Family is not ConditionalDensity density)
        {
            throw ClaimChecks.Wrong($"Draws bound the mass outside for the family {ConditionalDensity.Word}, not for {estimator.Family.Name}.");
        }

        var (network, least) = (estimator.Network, claim.DensityAtLeast);
        var output = network.Output(density.Output).Id;
        var isTheta = network.Inputs.Select(node => ((Input)node.Operator).Label == density.ParameterInput).ToArray();
        var dimension = claim.ParameterLower.Length;
        return Count(bytes, name, confidence, dimension, theta =>
        {
            for (var i = 0; i < theta.Length; i++)
            {
                if (!(claim.ParameterLower[i] <= theta[i] && theta[i] <= claim.ParameterUpper[i]))
                {
                    return true;
                }
            }

            double[] point = least is null ? [] : [.. isTheta.SelectMany(parameters => parameters ? theta : claim.Observation.AsEnumerable())];
            try
            {
                return least is { } level && !(network.Ranges(Box.Point(point))[output].Lower[0] >= level);
            }
            catch (DomainException)
            {
                return true; // no bound there
            }
        });
    }

    /// <summary>How many draws of theta lie in the event of the claim.</summary>
    /// <param name="claim">Its parameter and event.</param>
    /// <param name="parameters">How many parameters a draw has.</param>
    /// <param name="bytes">The table.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="confidence">In [1/2, 1).</param>
    /// <exception cref="TableFormatException">The table is malformed, or does not fit.</exception>
    public static DrawCount Inside(Claim claim, int parameters, ReadOnlyMemory<byte> bytes, string name, double confidence)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var ranges = claim.EventRanges;
        return ranges[^1].Parameter is var last && last >= parameters
            ? throw ClaimChecks.Wrong($"There is no parameter theta_{last}; a draw has theta_0 to theta_{parameters - 1}.")
            : Count(bytes, name, confidence, parameters, theta =>
            {
                foreach (var range in ranges)
                {
                    if (!range.Holds(theta))
                    {
                        return false;
                    }
                }

                return true;
            });
    }

    /// <summary>The bytes of a file of draws.</summary>
    /// <exception cref="TableFormatException">It has more than 1 GiB.</exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static byte[] Bytes(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read);
        var bytes = stream.Length <= Largest ? new byte[stream.Length] : throw new TableFormatException($"{path}: {stream.Length} bytes, a table of draws has at most {Largest}.");
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The places of theta_0, theta_1, ... in a table of draws.</summary>
    /// <exception cref="TableFormatException">There is another column.</exception>
    internal static int[] ColumnsOf(Table table, ReadOnlyMemory<byte> bytes, string name)
    {
        var columns = bytes.Span.StartsWith(NumPy) ? [.. Enumerable.Range(0, table.Columns.Length)] : table.Sequence("theta_");
        return columns.Length == table.Columns.Length ? [.. columns] : throw new TableFormatException(
            $"{name}: the column {OneLine.Quote(table.Columns.Index().First(column => !columns.Contains(column.Index)).Item)} is no parameter; a table of draws has the columns theta_0, theta_1, ... and no others.");
    }

    private static DrawCount Count(ReadOnlyMemory<byte> bytes, string name, double confidence, int dimension, Func<double[], bool> isHit)
    {
        var table = Table.Read(bytes, name);
        var columns = ColumnsOf(table, bytes, name);
        if (columns.Length != dimension)
        {
            throw new TableFormatException($"{name}: a draw has {columns.Length} numbers, expected {dimension}, one for each parameter.");
        }

        if (table.Rows == 0)
        {
            throw new TableFormatException($"{name}: the table has no rows, expected at least one draw.");
        }

        var hits = 0;
        Parallel.For(0, table.Rows, row =>
        {
            double[] theta = [.. columns.Select(column => table[row][column])];
            if (isHit(theta))
            {
                Interlocked.Increment(ref hits);
            }
        });
        return new DrawCount { File = Path.GetFileName(name), Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.Span)), Draws = table.Rows, Hits = hits, Confidence = confidence };
    }
}
