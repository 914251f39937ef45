using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Certify;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Cli;

/// <summary>One run of a spec: every claim answered, every file written as soon as it is known.</summary>
internal sealed class RunSession
{
    private readonly Terminal terminal = new();

    public required string OutFolder { get; init; }

    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(20);

    public double Gap { get; init; } = 0.02;

    public int Seed { get; init; } = 1;

    /// <summary>The exact value of a claim's quantity, where the caller knows it.</summary>
    public Func<Claim, (double Value, string Text)?> Truth { get; init; } = _ => null;

    /// <summary>Answers the spec.</summary>
    /// <exception cref="SpecFormatException">The spec is malformed, or a claim does not fit the model.</exception>
    public RunSummary Run(string specPath, CancellationToken cancellation)
    {
        var spec = SpecFile.Read(specPath);
        var bytes = File.ReadAllBytes(spec.ModelPath);
        var network = OnnxImporter.Read(bytes, spec.ModelPath);
        var estimator = new Estimator(network, Bind(spec, network), Convert.ToHexStringLower(SHA256.HashData(bytes)), Path.GetFileName(spec.ModelPath));

        // Every claim is compiled before the first is searched: a slip in the last one is told at once.
        foreach (var item in spec.Claims)
        {
            try
            {
                ClaimCompiler.Compile(estimator, item.Claim);
            }
            catch (ArgumentException error)
            {
                throw new SpecFormatException($"{item.Where}{WithoutParameterName(error)}", error);
            }
        }

        Directory.CreateDirectory(OutFolder);
        var modelCopy = Path.Combine(OutFolder, estimator.ModelName);
        if (!File.Exists(modelCopy) || Path.GetFullPath(modelCopy) != Path.GetFullPath(spec.ModelPath))
        {
            Publish(modelCopy, bytes);
        }

        var results = ImmutableArray.CreateBuilder<ClaimResult>(spec.Claims.Length);
        foreach (var (i, item) in spec.Claims.Index())
        {
            var what = string.Create(
                CultureInfo.InvariantCulture, $"claim {i + 1} of {spec.Claims.Length}: {item.Claim.Name}{(item.Claim.ObservationRow >= 0 ? $" row {item.Claim.ObservationRow}" : "")}");
            terminal.Show(what);
            var certifier = new Certifier { TimeLimit = TimeLimit, RelativeGap = Gap, Seed = Seed, Model = bytes };
            var answer = certifier.Run(estimator, spec.Family, item.Claim, terminal.Enclosure(what), cancellation);
            var file = string.Create(CultureInfo.InvariantCulture, $"claim-{i + 1:D3}-{item.Claim.Name}.json");
            CertificateFile.Write(answer.Certificate, Path.Combine(OutFolder, file));
            var truth = Truth(item.Claim);
            results.Add(answer.Result with { Certificate = file, Truth = truth?.Value, TruthText = truth?.Text ?? "" });
            var summary = Summarize(estimator, results.ToImmutable(), spec.Claims.Length);
            Publish(Path.Combine(OutFolder, "summary.json"), RunDocument.ToBytes(summary));
            if (cancellation.IsCancellationRequested)
            {
                terminal.Line($"certify: stopped in claim {i + 1} of {spec.Claims.Length}; what is known is written");
                break;
            }
        }

        terminal.Clear();
        var run = Summarize(estimator, results.ToImmutable(), spec.Claims.Length);
        using var page = new StringWriter(CultureInfo.InvariantCulture);
        Reports.HtmlReport.Write(run, page);
        Publish(Path.Combine(OutFolder, "report.html"), System.Text.Encoding.UTF8.GetBytes(page.ToString()));
        return run;
    }

    /// <summary>Writes to a temporary name and renames, so that a killed run leaves no half file.</summary>
    public static void Publish(string path, byte[] bytes)
    {
        File.WriteAllBytes(path + ".partial", bytes);
        File.Move(path + ".partial", path, overwrite: true);
    }

    private RunSummary Summarize(Estimator estimator, ImmutableArray<ClaimResult> claims, int asked) => new()
    {
        Title = estimator.ModelName,
        ModelName = estimator.ModelName,
        ModelSha256 = estimator.ModelSha256,
        Family = estimator.Family.Describe(),
        Network = Describe(estimator.Network),
        Claims = claims,
        Unanswered = asked - claims.Length,
        Tool = Certifier.Tool,
        Environment =
        [
            ("Operating system", RuntimeInformation.OSDescription),
            ("Processors", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
            ("Runtime", RuntimeInformation.FrameworkDescription),
            ("Device", "cpu"),
            ("Seed", Seed.ToString(CultureInfo.InvariantCulture)),
            ("Time limit per claim", string.Create(CultureInfo.InvariantCulture, $"{TimeLimit.TotalSeconds:G4} s")),
        ],
        Finished = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };

    /// <summary>The family of the spec, with its dimensions from the network; a misfit is the spec's.</summary>
    private static Family Bind(Spec spec, Network network)
    {
        try
        {
            return spec.Family.Bind(network);
        }
        catch (SpecFormatException error)
        {
            throw new SpecFormatException($"{spec.File}: estimator: {error.Message}", error);
        }
    }

    /// <summary>The message of an exception in one line, without the C# name that .NET appends.</summary>
    private static string WithoutParameterName(ArgumentException error)
    {
        var end = error.ParamName is null ? -1 : error.Message.LastIndexOf(" (Parameter '", StringComparison.Ordinal);
        return (end > 0 ? error.Message[..end] : error.Message).ReplaceLineEndings(" ");
    }

    /// <summary>"2 inputs; 50-50 ReLU; outputs logits [8], means [16]".</summary>
    private static string Describe(Network network)
    {
        var hidden = network.Nodes.Where(node => node.Operator is ReLU or LeakyReLU or Tanh or Sigmoid).ToArray();
        var outputs = network.Outputs.Select(output => $"{output.Name} [{network.Nodes[output.Node].Length}]");
        return $"{network.InputLength} inputs; {string.Join("-", hidden.Select(node => node.Length))} {string.Join("/", hidden.Select(node => node.Operator.Name).Distinct())}; "
            + $"outputs {string.Join(", ", outputs)}";
    }
}
