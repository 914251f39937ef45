using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Certify;
using Certify.Search;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Cli;

/// <summary>One run of a spec: every claim answered, every file written as soon as it is known.</summary>
internal sealed partial class RunSession
{
    private readonly Terminal terminal = new();
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private Func<Problem, ISplitGuide?>? guide;
    private ImmutableArray<(string Name, string Value)> limits = [];

    public required string OutFolder { get; init; }

    /// <summary>Search time for each claim, where neither <see cref="Budget"/> nor the spec says how much.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>What the caller allows; comes before what the spec does.</summary>
    public Budget Budget { get; init; } = new();

    public double Gap { get; init; } = 0.02;

    public int Seed { get; init; } = 1;

    /// <summary>Where tensors advise the search: see <see cref="DeviceOption"/>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Whether to take over what an earlier run left in the folder.</summary>
    public bool Resume { get; init; }

    /// <summary>Which claims of the spec are answered.</summary>
    public Predicate<Claim> Asks { get; init; } = _ => true;

    /// <summary>The certificate of a claim, and a model of this SHA-256, that the kernel has accepted and that answers it; null where there is none. Nothing is searched then.</summary>
    public Func<SpecClaim, string, Certificate?> Known { get; init; } = (_, _) => null;

    /// <summary>The exact value of a claim's quantity, where the caller knows it.</summary>
    public Func<Claim, (double Value, string Text)?> Truth { get; init; } = _ => null;

    /// <summary>Answers the spec.</summary>
    /// <param name="specPath">The spec file.</param>
    /// <param name="cancellation">Stops the run; what is known is written.</param>
    /// <param name="held">The journal of the folder, where the caller holds it.</param>
    /// <exception cref="SpecFormatException">The spec is malformed, or a claim does not fit the model.</exception>
    public RunSummary Run(string specPath, CancellationToken cancellation, RunJournal? held = null) => Run(SpecFile.Read(specPath), cancellation, held);

    /// <summary>Answers a spec that was read.</summary>
    /// <inheritdoc cref="Run(string, CancellationToken, RunJournal?)" path="/exception"/>
    public RunSummary Run(Spec spec, CancellationToken cancellation, RunJournal? held = null)
    {
        spec = spec with { Claims = [.. spec.Claims.Where(item => Asks(item.Claim))] };
        if (spec.Claims.IsEmpty)
        {
            throw new SpecFormatException($"{spec.File}: the spec has no claim of a kind that this command answers.");
        }

        limits = Describe(Budget.Or(spec.Budget));
        if (spec.Family.Noise is { } noise)
        {
            return RunBlackBox(spec, noise, held, cancellation);
        }

        if (spec.Family.HasNoModel)
        {
            return RunSamples(spec, held, cancellation);
        }

        var bytes = File.ReadAllBytes(spec.ModelPath);
        var network = OnnxImporter.Read(bytes, spec.ModelPath);
        var references = spec.References.Select(item => new Reference(item.Name, item.Path, File.ReadAllBytes(item.Path))).ToImmutableArray();
        var estimator = new Estimator(network, Bind(spec, network), Hash(bytes), Path.GetFileName(spec.ModelPath))
        {
            References = [.. references.Where(item => spec.Claims.Any(one => one.Claim.ReferenceFamily is not null && one.Claim.ReferenceModel == item.Name)).Select(item => item.Read())],
        };

        // Every draw is counted and every claim compiled before the first is searched: a slip in the last one is told at once.
        spec = spec with { Claims = [.. spec.Claims.Select(item => Counted(item, estimator))] };
        foreach (var item in spec.Claims)
        {
            try
            {
                if (PairStatistics.Answers(item.Claim.Kind))
                {
                    PairStatistics.Check(estimator, spec.Family, item.Claim);
                }
                else
                {
                    ClaimCompiler.Compile(estimator, item.Claim);
                }
            }
            catch (ArgumentException error)
            {
                throw new SpecFormatException($"{item.Where}{WithoutParameterName(error)}", error);
            }
            catch (SpecFormatException error)
            {
                throw new SpecFormatException($"{item.Where}the reference: {error.Message}", error);
            }
        }

        guide = DeviceOption.Guide(Device, () => network, line => terminal.Line($"certify: {line}"));
        using var journal = held ?? RunJournal.Open(OutFolder, Resume);
        var modelCopy = Path.Combine(OutFolder, estimator.ModelName);
        if (!File.Exists(modelCopy) || Path.GetFullPath(modelCopy) != Path.GetFullPath(spec.ModelPath))
        {
            Write(modelCopy, bytes);
        }

        foreach (var (name, _, content) in references)
        {
            Write(Path.Combine(OutFolder, name), content);
        }

        var results = ImmutableArray.CreateBuilder<ClaimResult>(spec.Claims.Length);
        foreach (var (i, item) in spec.Claims.Index())
        {
            var what = string.Create(
                CultureInfo.InvariantCulture, $"claim {i + 1} of {spec.Claims.Length}: {item.Claim.Name}{(item.Claim.ObservationRow >= 0 ? $" row {item.Claim.ObservationRow}" : "")}");
            terminal.Show(what);
            var file = string.Create(CultureInfo.InvariantCulture, $"claim-{i + 1:D3}-{item.Claim.Name}.json");
            var compared = references.FirstOrDefault(reference => Hash(reference.Content) == item.Claim.ReferenceSha256)?.Content;
            var allowed = Allowed(spec, item);
            var result = Known(item, estimator.ModelSha256) is { } known ? Take(known, file, estimator, spec, item, bytes)
                : PairStatistics.Answers(item.Claim.Kind) ? Pairs(file, estimator, spec, item, what, cancellation)
                : item.Claim.Kind == ClaimKind.PosteriorStability ? Stability(file, estimator, spec, item, cancellation)
                : item.SearchesRadius ? SearchRadius(file, estimator, spec, item.Claim, bytes, allowed, what, cancellation)
                : TakeOver(journal, file, estimator, spec, item.Claim, bytes, compared, allowed, cancellation)
                ?? Answer(journal, file, estimator, spec, item.Claim, bytes, compared, allowed, what, cancellation);
            var truth = Truth(item.Claim);
            results.Add(result with { Certificate = item.Claim.Pairs is null ? file : result.Certificate, Truth = truth?.Value, TruthText = truth?.Text ?? "" });
            var summary = Summarize(estimator, results.ToImmutable(), spec.Claims.Length);
            Write(Path.Combine(OutFolder, "summary.json"), RunDocument.ToBytes(summary));
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
        Write(Path.Combine(OutFolder, "report.html"), Encoding.UTF8.GetBytes(page.ToString()));
        return run;
    }

    /// <summary>The claim with its draws counted, and what they say.</summary>
    private static SpecClaim Counted(SpecClaim item, Estimator estimator)
    {
        if (item.Draws is not { } source)
        {
            return item;
        }

        try
        {
            if (source.Count > 0)
            {
                throw new ArgumentException($"'draws' are made for the family {BlackBox.Word} only.");
            }

            var count = DrawCounter.Outside(estimator, item.Claim, DrawCounter.Bytes(source.Path), source.Path, source.Confidence);
            return item with { Claim = item.Claim with { Draws = count, MassOutside = count.Upper } };
        }
        catch (ArgumentException error)
        {
            throw new SpecFormatException($"{item.Where}{WithoutParameterName(error)}", error);
        }
    }

    /// <summary>Searches, from the claim's checkpoint on where it is resumed; writes the certificate, then the entry, then forgets the checkpoint.</summary>
    private ClaimResult Answer(
        RunJournal journal, string file, Estimator estimator, Spec spec, Claim claim, byte[] model, byte[]? reference, Limits allowed, string what, CancellationToken cancellation)
    {
        var options = new Certifier { RelativeGap = Gap, Seed = Seed, Model = model };
        var (binding, path) = (options.Binding(estimator, spec.Family, claim), Path.Combine(OutFolder, file));
        var checkpoint = Path.ChangeExtension(path, ".checkpoint");
        var certifier = new Certifier
        {
            TimeLimit = allowed.Time,
            MostParts = allowed.Parts,
            RelativeGap = Gap,
            Seed = Seed,
            Model = model,
            ReferenceModel = reference,
            Guide = guide,
            Checkpoint = CheckpointFile.At(checkpoint, binding, Resume, line => terminal.Line($"certify: {line}")),
        };
        var answer = certifier.Run(estimator, spec.Family, claim, terminal.Enclosure(what), cancellation);
        var certificate = Named(answer.Certificate, spec);
        Write(path, CertificateFile.ToBytes(certificate));
        if (!cancellation.IsCancellationRequested)
        {
            // What was stopped in the middle is not done: it keeps its checkpoint.
            var result = answer.Result;
            journal.Add(new RunJournal.Entry(
                file,
                Hash(CertificateFile.ToBytes(certificate)),
                Hash(Encoding.UTF8.GetBytes(allowed.Bind(binding))),
                answer.TimedOut ? allowed.Time.TotalSeconds : 0,
                result.Reason,
                result.Curve,
                result.Map,
                result.Progress));
            CheckpointFile.Delete(checkpoint);
        }

        return answer.Result;
    }

    /// <summary>The largest radius at which the claim holds: writes the certificate of the proof, and beside it that of the refutation. It is searched anew when a run is resumed.</summary>
    private ClaimResult SearchRadius(string file, Estimator estimator, Spec spec, Claim claim, byte[] model, Limits allowed, string what, CancellationToken cancellation)
    {
        var found = LargestRadius.Find(
            limit => new Certifier { TimeLimit = limit, MostParts = allowed.Parts, RelativeGap = Gap, Seed = Seed, Model = model, Guide = guide, Curve = false },
            estimator,
            spec.Family,
            claim,
            Gap,
            allowed.Time,
            step => terminal.Show($"{what}: {step}"),
            cancellation);
        Write(Path.Combine(OutFolder, file), CertificateFile.ToBytes(Named(found.Holds.Certificate, spec)));
        if (found.Fails is { } fails && fails != found.Holds)
        {
            Write(Path.Combine(OutFolder, Path.ChangeExtension(file, ".refuted.json")), CertificateFile.ToBytes(Named(fails.Certificate, spec)));
        }

        return found.Holds.Result with { LargestRadius = (found.Proved, found.Refuted), Consequence = string.Join(' ', new[] { found.Holds.Result.Consequence, found.Words() }.Where(words => words.Length > 0)) };
    }

    /// <summary>The result of a run before, where its certificate is whole, answers this question under these options, and is derived again by the kernel; otherwise null.</summary>
    private ClaimResult? TakeOver(
        RunJournal journal, string file, Estimator estimator, Spec spec, Claim claim, byte[] model, byte[]? reference, Limits allowed, CancellationToken cancellation)
    {
        var path = Path.Combine(OutFolder, file);
        if (!Resume || !File.Exists(path) || journal.Find(file) is not { } entry)
        {
            return null;
        }

        try
        {
            var certificate = CertificateFile.Read(path);
            var certifier = new Certifier { RelativeGap = Gap, Seed = Seed, Model = model };
            var binding = certifier.Binding(estimator, spec.Family, claim);
            var refusal = Hash(File.ReadAllBytes(path)) != entry.Sha256 ? "it was changed"
                : certifier.Binding(certificate) != binding || Hash(Encoding.UTF8.GetBytes(allowed.Bind(binding))) != entry.Binding ? "it is of another model, claim, option or version"
                : entry.Limit > 0 && entry.Limit != allowed.Time.TotalSeconds ? "the time limit that ended its search is another"
                : CertificateChecker.Check(certificate, model, reference, cancellation: cancellation).Reason;
            if (refusal.Length > 0)
            {
                terminal.Line($"certify: {path}: not taken over, the claim is answered anew: {refusal}");
                return null;
            }

            if (Named(certificate, spec) is var named && named != certificate)
            {
                // The spec asks other things beside it now.
                Write(path, CertificateFile.ToBytes(named));
                journal.Add(entry with { Sha256 = Hash(CertificateFile.ToBytes(named)) });
            }

            terminal.Line($"{path}: taken over");
            return Stated(certificate, estimator, claim, model) with { Reason = entry.Reason, Curve = entry.Curve, Map = entry.Map, Progress = entry.Progress };
        }
        catch (ModelFormatException error)
        {
            terminal.Line($"certify: {error.Message}; the claim is answered anew");
            return null;
        }
    }

    /// <summary>A model that claims compare with.</summary>
    private sealed record Reference(string Name, string Path, byte[] Content)
    {
        /// <summary>The model, under no family of its own: each claim says how it is read.</summary>
        public Estimator Read()
        {
            var network = OnnxImporter.Read(Content, Path);
            return new Estimator(network, OutputVector.For(network), Hash(Content), Name);
        }
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Writes a file of the folder, which is this run's alone, and removes what a killed run left of it.</summary>
    internal static void Write(string path, byte[] bytes)
    {
        WholeFile.Sweep(path);
        WholeFile.Write(path, bytes);
    }

    private static Certificate Named(Certificate certificate, Spec spec) => certificate with { SpecName = Path.GetFileName(spec.File), SpecSha256 = spec.Sha256 };

    private RunSummary Summarize(Estimator estimator, ImmutableArray<ClaimResult> claims, int asked) =>
        Summarize(estimator.ModelName, estimator.ModelSha256, estimator.Family.Describe(), Describe(estimator.Network), claims, asked);

    private RunSummary Summarize(string model, string sha256, string family, string network, ImmutableArray<ClaimResult> claims, int asked) => new()
    {
        Title = model,
        ModelName = model,
        ModelSha256 = sha256,
        Family = family,
        Network = network,
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
            .. limits,
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
