using System.Collections.Concurrent;
using System.Globalization;
using Guarantees.Formats.Tables;
using Guarantees.Tests;
using ICSharpCode.SharpZipLib.BZip2;

namespace Estimators.Tests.Simulators;

/// <summary>Observations, true parameters and reference posterior samples of sbibm, and pairs that its simulators drew.</summary>
internal static class Sbibm
{
    private static readonly ConcurrentDictionary<string, double[][]> Samples = new();

    public static double[] Observation(string task, int number) => Rows(Table.Read(PathOf(task, number, "observation.csv")))[0];

    /// <summary>10,000 draws.</summary>
    public static double[][] Reference(string task, int number) => Samples.GetOrAdd(PathOf(task, number, "reference_posterior_samples.csv.bz2"), path =>
    {
        using var file = File.OpenRead(path);
        using var text = new BZip2InputStream(file);
        return Rows(CsvReader.Read(text, path));
    });

    /// <summary>2000 pairs as sbi was given them.</summary>
    public static string Pairs(string task) => Path.Combine(SharedData.Folder!, "sbi", $"sbi_npe_mdn_{task}_s0_simulations.csv");

    private static string PathOf(string task, int number, string file) => Path.Combine(SharedData.Folder!, "sbibm", task, number.ToString(CultureInfo.InvariantCulture), file);

    private static double[][] Rows(Table table) => [.. Enumerable.Range(0, table.Rows).Select(row => table[row].ToArray())];
}
