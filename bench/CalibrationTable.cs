using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Certify.Sampling;
using Estimators.Training;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Guarantees.Formats.Tables;
using Guarantees.Statistics;
using ICSharpCode.SharpZipLib.BZip2;

namespace Benchmarks;

/// <summary>What pairs and reference posteriors say of the four posteriors of <c>data/sbi</c>.</summary>
/// <remarks>
/// dotnet run -c Release --project bench -- calibration ../shared/data [TASK]: for each task (1) the claims <c>calibration</c> and <c>coverage</c> (highest density sets of 90 %) on all 2000 pairs at confidence 0.95 and 0.99;
/// (2) conformal highest density sets of 90 % from the first 1000 pairs, the share of the other 1000 that they hold, the 99 % interval of Beta(r, n + 1 - r) for the coverage of such sets and the
/// 99 % interval of the beta-binomial law for that share; (3) for observations 1 to 3 of <c>data/sbibm</c> the C2ST of 10,000 draws against the 10,000 of the reference, and the lower bound of total variation with confidence 0.99
/// from a classifier trained on half of them. The model of sir was trained on counts of days 16, 32, ..., 160; sbibm observes days 0, 17, ..., 153, so that its references are of another model.
/// </remarks>
internal static class CalibrationTable
{
    private static readonly string[] Tasks = ["gaussian_linear", "two_moons", "sir", "slcp"];

    public static void Print(string data, string? only)
    {
        var tasks = Tasks.Where(task => only is null || task == only).ToArray();
        Console.WriteLine("| posterior | calibration | largest distance | dispersion of parameters | bias of parameters | highest density sets of 90 % cover | seconds |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var task in tasks)
        {
            Calibrate(data, task);
        }

        Console.WriteLine();
        Console.WriteLine("| posterior | score | threshold | Beta interval 99 % | of 1000 others covered | beta-binomial interval 99 % |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var task in tasks)
        {
            Conform(data, task);
        }

        Console.WriteLine();
        Console.WriteLine("| posterior | observation | C2ST | TV at least (99 %) | seconds |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var task in tasks)
        {
            Compare(data, task);
        }
    }

    private static void Calibrate(string data, string task)
    {
        var (estimator, family, stem) = Load(data, task);
        var clock = Stopwatch.StartNew();
        var bytes = File.ReadAllBytes(stem + "_simulations.csv");
        var question = Question(bytes, 0.95);
        var ranks = Solve(estimator, family, new Claim { Kind = ClaimKind.Calibration, Pairs = question with { Draws = 99 } }, bytes);
        var cover = Solve(estimator, family, new Claim { Kind = ClaimKind.Coverage, Level = 0.9, Pairs = question with { Draws = 999, Confidence = 0.99 } }, bytes);
        var of = ranks.Findings.Where(finding => finding.Name.StartsWith("theta_", StringComparison.Ordinal)).ToLookup(finding => finding.Measure, finding => finding.Seen);
        var p = ranks.Findings.First(finding => finding is { Name: "all", Measure: "p-value" }).Seen;
        Console.WriteLine(Invariant($"| {task} | {Words.Of(ranks.Verdict)}, p {p:G2} | [{ranks.Lower:F3}, {ranks.Upper:F3}] | {of["dispersion"].Min():F2} to {of["dispersion"].Max():F2} | {of["bias"].Min():F3} to {of["bias"].Max():F3} | ")
            + Invariant($"{cover.Findings[0].Seen:F4} in [{cover.Lower:F4}, {cover.Upper:F4}] | {clock.Elapsed.TotalSeconds:F1} |"));
    }

    private static void Conform(string data, string task)
    {
        var (estimator, family, stem) = Load(data, task);
        var lines = File.ReadAllLines(stem + "_simulations.csv");
        var table = Table.Read(stem + "_simulations.csv");
        var (n, m) = (1000, table.Rows - 1000);
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines[..(n + 1)]) + "\n");
        foreach (var (set, parameter) in new[] { (CredibleSet.HighestDensity, 0), (CredibleSet.Interval, 0) })
        {
            var claim = new Claim { Kind = ClaimKind.Conformal, Level = 0.9, Parameter = parameter, Pairs = Question(bytes, 0.99) with { Set = set } };
            var answer = Solve(estimator, family, claim, bytes);
            var certificate = new Certificate
            {
                Claim = claim,
                Text = PairStatistics.Text(claim, family.Name),
                ModelName = task,
                ModelSha256 = estimator.ModelSha256,
                Family = family,
                Verdict = answer.Verdict,
                Lower = answer.Lower,
                Upper = answer.Upper,
                Findings = answer.Findings,
                Evidence = new EvidenceTree([0]),
            };
            var sets = new ConformalSet(estimator, certificate);
            var (thetas, columns) = (table.Sequence("theta_"), table.Sequence("x_"));
            var held = Enumerable.Range(n, m).Count(row => sets.Contains([.. thetas.Select(j => table[row][j])], [.. columns.Select(j => table[row][j])]));
            var rank = SplitConformal.Rank(n, 0.1);
            var (low, high) = BetaBinomial(m, rank, n + 1 - rank, 0.005);
            Console.WriteLine(Invariant($"| {task} | {Words.Of(set)} | {sets.Threshold:G6} | [{ClopperPearson.Lower(rank, n, 0.005):F4}, {ClopperPearson.Upper(rank - 1, n, 0.005):F4}] | {held / (double)m:F4} | [{low / (double)m:F4}, {high / (double)m:F4}] |"));
        }
    }

    private static void Compare(string data, string task)
    {
        var (estimator, _, _) = Load(data, task);
        for (var observation = 1; observation <= 3; observation++)
        {
            var folder = Path.Combine(data, "sbibm", task, observation.ToString(CultureInfo.InvariantCulture));
            var x = Table.Read(Path.Combine(folder, "observation.csv"))[0];
            using var text = new MemoryStream();
            using (var file = File.OpenRead(Path.Combine(folder, "reference_posterior_samples.csv.bz2")))
            {
                BZip2.Decompress(file, text, isStreamOwner: false);
            }

            var table = Table.Read(text.ToArray(), "reference.csv");
            double[][] reference = [.. Enumerable.Range(0, table.Rows).Select(row => table[row].ToArray())];
            var clock = Stopwatch.StartNew();
            var draws = PosteriorSampler.Draw(estimator, x, reference.Length, observation);
            var test = new TwoSampleClassifier();
            var accuracy = test.Accuracy(reference, draws, 1);
            var bound = ClassifierTest.TotalVariation(test.HeldOut(reference, draws, 1), 0.01);
            Console.WriteLine(Invariant($"| {task} | {observation} | {accuracy:F3} | {bound:F3} | {clock.Elapsed.TotalSeconds:F0} |"));
        }
    }

    /// <summary>The smallest and largest count whose tails each hold more than the risk.</summary>
    private static (int Low, int High) BetaBinomial(int m, double a, double b, double risk)
    {
        double Log(int k) => MathNet.Numerics.SpecialFunctions.BinomialLn(m, k) + LogBeta(k + a, m - k + b) - LogBeta(a, b);
        double LogBeta(double p, double q) => MathNet.Numerics.SpecialFunctions.GammaLn(p) + MathNet.Numerics.SpecialFunctions.GammaLn(q) - MathNet.Numerics.SpecialFunctions.GammaLn(p + q);
        var (low, high, below, above) = (0, m, 0.0, 0.0);
        while ((below += Math.Exp(Log(low))) <= risk)
        {
            low++;
        }

        while ((above += Math.Exp(Log(high))) <= risk)
        {
            high--;
        }

        return (low, high);
    }

    private static PairStatistics.Answer Solve(Estimator estimator, FamilyDescription family, Claim claim, byte[] table) =>
        PairStatistics.Solve(estimator, family, claim, new PairTables(() => new MemoryStream(table)), seed: 1);

    private static PairQuestion Question(byte[] table, double confidence) => new()
    {
        File = "simulations.csv",
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(table)),
        Pairs = Table.Read(table, "simulations.csv").Rows,
        Confidence = confidence,
    };

    private static (Estimator Estimator, FamilyDescription Family, string Stem) Load(string data, string task)
    {
        var stem = Path.Combine(data, "sbi", $"sbi_npe_mdn_{task}_s0");
        var bytes = File.ReadAllBytes(stem + ".onnx");
        var network = OnnxImporter.Read(bytes, stem);
        var family = FamilyDescription.Parse(JsonDocument.Parse(
            """{ "name": "gaussian-mixture", "logits": "logits", "means": "means", "precision-factor": { "diagonal": "precision_diagonal", "upper": "precision_upper" } }""").RootElement);
        return (new Estimator(network, family.Bind(network), Convert.ToHexStringLower(SHA256.HashData(bytes)), task), family, stem);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
