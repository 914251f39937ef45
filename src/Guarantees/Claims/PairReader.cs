using System.Collections.Immutable;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Formats.Tables;
using Guarantees.Statistics;

namespace Guarantees.Claims;

/// <summary>One pair, as its thread sees it.</summary>
/// <param name="index">From 0.</param>
/// <param name="theta">The parameter that made the data.</param>
/// <param name="data">x.</param>
/// <param name="draws">Posterior samples, one after the other; empty where the estimator is a model.</param>
/// <param name="random">Numbers for this pair alone.</param>
internal readonly ref struct OnePair(long index, ReadOnlySpan<double> theta, ReadOnlySpan<double> data, Span<double> draws, SeededGenerator random)
{
    public long Index { get; } = index;

    public ReadOnlySpan<double> Theta { get; } = theta;

    public ReadOnlySpan<double> Data { get; } = data;

    public Span<double> Draws { get; } = draws;

    public SeededGenerator Random { get; } = random;
}

/// <summary>Reads pairs in blocks, measures the pairs of a block on all processors, and hands the results over in the order of the pairs: memory does not grow with their number.</summary>
internal sealed class PairReader(Estimator? estimator, PairQuestion question, PairTables tables, int parameters, ReadOnlyMemory<byte> label, int seed)
{
    private const int MostBlock = 4096;
    private const int BlockNumbers = 4_000_000;

    /// <summary>What is measured of a pair, into as many numbers as asked for.</summary>
    /// <param name="posterior">Turned to x already; null for posterior samples.</param>
    /// <param name="pair">The pair.</param>
    /// <param name="results">To be filled.</param>
    public delegate void Measure(Posterior? posterior, OnePair pair, Span<double> results);

    /// <summary>Told the results of a pair; false ends the reading.</summary>
    public delegate bool Take(OnePair pair, ReadOnlySpan<double> results);

    /// <summary>Visits all pairs.</summary>
    /// <param name="skip">How many of the first are handed over without results.</param>
    /// <param name="size">How many numbers are measured.</param>
    /// <param name="measure">On any thread.</param>
    /// <param name="take">On one.</param>
    /// <param name="countsRest">Whether pairs are counted still after the visit was ended: what is said of the table's length is so.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="TableFormatException">A table is malformed or not the one of the claim, or a posterior is not finite at a pair.</exception>
    public void Visit(long skip, int size, Measure measure, Take take, bool countsRest, CancellationToken cancellation)
    {
        using var pairs = Open(tables.Pairs, question.File, question.Sha256);
        using var samples = question.SamplesFile.Length == 0 ? null
            : Open(tables.Samples ?? throw ClaimChecks.Wrong($"The claim rests on the table {OneLine.Quote(question.SamplesFile)}, which is not given."), question.SamplesFile, question.SamplesSha256);
        var (thetaColumns, dataColumns) = Columns(pairs);
        var sampleColumns = samples is null ? [] : SampleColumns(samples);
        var perPair = thetaColumns.Length + dataColumns.Length + (samples is null ? 0L : (long)question.Draws * parameters) + size;
        var block = (int)Math.Clamp(BlockNumbers / perPair, 1, Math.Min(MostBlock, question.Pairs));
        var row = new double[pairs.Columns.Length];
        var sampleRow = new double[samples?.Columns.Length ?? 0];
        var slots = new Slot[block];
        for (var i = 0; i < block; i++)
        {
            slots[i] = new Slot(new double[thetaColumns.Length], new double[dataColumns.Length], new double[samples is null ? 0 : question.Draws * parameters], new double[size]);
        }

        var seeds = new SeededBlocks("certify-posterior/1\0"u8, seed, label.Span);
        var posteriors = new System.Collections.Concurrent.ConcurrentBag<Posterior>();
        var done = 0L;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var filled = 0;
            while (filled < block && pairs.Next(row))
            {
                Fill(slots[filled], row, thetaColumns, dataColumns, pairs.Place, seeds);
                ReadSamples(slots[filled++], samples, sampleColumns, sampleRow);
            }

            if (done + filled > question.Pairs)
            {
                done += filled + Rest();
                CheckEnd();
            }

            var first = done;
            Parallel.For(0, filled, new ParallelOptions { CancellationToken = cancellation }, () => estimator is null ? null : posteriors.TryTake(out var kept) ? kept : Posterior.Of(estimator), (i, _, posterior) =>
            {
                var slot = slots[i];
                slot.Failure = "";
                if (first + i < skip)
                {
                    return posterior;
                }

                try
                {
                    if (posterior is not null && !posterior.At(slot.Data))
                    {
                        slot.Failure = "the posterior there is not finite, or has no density";
                        return posterior;
                    }

                    measure(posterior, slot.Pair(first + i), slot.Results);
                    slot.Failure = slot.Results.Any(double.IsNaN) ? "what is measured there is not a number" : "";
                }
                catch (ArgumentException error)
                {
                    slot.Failure = OneLine.Of(error).TrimEnd('.');
                }

                return posterior;
            }, posterior =>
            {
                if (posterior is not null)
                {
                    posteriors.Add(posterior);
                }
            });
            for (var i = 0; i < filled; i++, done++)
            {
                if (slots[i].Failure.Length > 0)
                {
                    throw new TableFormatException($"{slots[i].Place}: {slots[i].Failure}.");
                }

                if (!take(slots[i].Pair(done), slots[i].Results))
                {
                    done += filled - i + (countsRest ? Rest() : 0);
                    if (countsRest)
                    {
                        CheckEnd();
                    }

                    return;
                }
            }

            if (filled < block)
            {
                break;
            }
        }

        CheckEnd();

        long Rest()
        {
            var rest = 0L;
            for (; pairs.Next(row); rest++)
            {
                cancellation.ThrowIfCancellationRequested();
                slots[0].Place = pairs.Place;
                ReadSamples(slots[0], samples, sampleColumns, sampleRow);
            }

            return rest;
        }

        void CheckEnd()
        {
            if (done != question.Pairs || (samples is not null && samples.Next(sampleRow)))
            {
                throw new TableFormatException($"{question.File}: the table has {done} pairs{(done == question.Pairs ? $" and more posterior samples than {question.Draws} for each" : "")}, the claim speaks of {question.Pairs}.");
            }
        }
    }

    private static TableRows Open(Func<Stream> open, string name, string sha256)
    {
        var stream = open();
        try
        {
            var hash = PairQuestion.Hash(stream);
            if (hash != sha256)
            {
                throw new TableFormatException($"{name}: the table has SHA-256 {hash}, the claim speaks of {sha256}.");
            }

            stream.Position = 0;
        }
        catch
        {
            stream.Dispose();
            throw;
        }

        return TableRows.Open(stream, name);
    }

    /// <summary>theta_0, ..., theta_(D-1), then x_0, ..., by name or, where columns have no names, by order.</summary>
    private (ImmutableArray<int> Theta, ImmutableArray<int> Data) Columns(TableRows rows)
    {
        var data = estimator is null ? -1 : Posterior.Of(estimator).DataLength;
        var (theta, x) = rows.IsArray
            ? ([.. Enumerable.Range(0, Math.Min(parameters, rows.Columns.Length))], [.. Enumerable.Range(0, rows.Columns.Length).Skip(parameters)])
            : (Table.Sequence(rows.Columns, question.File, "theta_"), Table.Sequence(rows.Columns, question.File, "x_"));
        return rows.Group > 0 ? throw new TableFormatException($"{question.File}: an array of three axes, expected two: a row for each pair.")
            : theta.Length != parameters || (data >= 0 && x.Length != data) || theta.Length + x.Length != rows.Columns.Length
            ? throw new TableFormatException($"{question.File}: {theta.Length} columns theta_0, theta_1, ..., {x.Length} columns x_0, x_1, ... and {rows.Columns.Length - theta.Length - x.Length} others, expected {parameters}, {(data >= 0 ? data : "any number")} and none.")
            : (theta, x);
    }

    private ImmutableArray<int> SampleColumns(TableRows rows)
    {
        var columns = rows.IsArray ? [.. Enumerable.Range(0, rows.Columns.Length)] : Table.Sequence(rows.Columns, question.SamplesFile, "theta_");
        return columns.Length == parameters && rows.Columns.Length == parameters && (rows.Group == 0 || rows.Group == question.Draws)
            ? columns
            : throw new TableFormatException($"{question.SamplesFile}: {rows.Columns.Length} columns, {columns.Length} of them theta_0, theta_1, ..., expected {parameters}, one for each parameter.");
    }

    private void ReadSamples(Slot slot, TableRows? samples, ImmutableArray<int> columns, double[] row)
    {
        for (var l = 0; samples is not null && l < question.Draws; l++)
        {
            if (!samples.Next(row))
            {
                throw new TableFormatException($"{question.SamplesFile}: the table ends before pair {slot.Place} has its {question.Draws} posterior samples.");
            }

            for (var i = 0; i < parameters; i++)
            {
                slot.Draws[(l * parameters) + i] = row[columns[i]];
            }
        }
    }

    private static void Fill(Slot slot, double[] row, ImmutableArray<int> theta, ImmutableArray<int> data, string place, SeededBlocks seeds)
    {
        slot.Place = place;
        slot.Seed = seeds.Next();
        for (var i = 0; i < theta.Length; i++)
        {
            slot.Theta[i] = row[theta[i]];
        }

        for (var i = 0; i < data.Length; i++)
        {
            slot.Data[i] = row[data[i]];
        }
    }

    private sealed class Slot(double[] theta, double[] data, double[] draws, double[] results)
    {
        public double[] Theta { get; } = theta;

        public double[] Data { get; } = data;

        public double[] Draws { get; } = draws;

        public double[] Results { get; } = results;

        public string Place { get; set; } = "";

        public byte[] Seed { get; set; } = [];

        public string Failure { get; set; } = "";

        public OnePair Pair(long index) => new(index, Theta, Data, Draws, new SeededGenerator(Seed));
    }
}
