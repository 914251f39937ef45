using System.CommandLine;
using System.Globalization;
using Certify.Native;
using Certify.Smt;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Spec;

namespace Cli;

/// <summary>What <c>certify check</c> and <c>certify verify</c> share: where the files lie that a certificate speaks of, and the way to the kernel.</summary>
internal sealed class CertificateChecks
{
    private readonly Option<string?> model = new("--model") { Description = "The model file; by default the file of that name beside the certificate.", HelpName = "FILE" };
    private readonly Option<string?> reference = new("--reference") { Description = "For a claim that compares with another model or a table: its file; by default the file of that name beside the certificate.", HelpName = "FILE" };
    private readonly Option<string?> property = new("--property") { Description = "For an answer of 'certify vnnlib': the property file; by default the file of that name beside the certificate.", HelpName = "FILE" };
    private readonly Option<string?> spec = new("--spec") { Description = "The spec file that asked: a certificate of another one, or of none, or of a claim that it does not ask for, is rejected.", HelpName = "FILE" };
    private readonly Option<string?> draws = new("--draws") { Description = "The table of draws that the claim counts; by default the file of that name beside the certificate. Without it, such an answer is undecided.", HelpName = "FILE" };
    private readonly Option<string?> pairs = new("--pairs") { Description = "For claims of kind calibration, coverage and conformal: the table of pairs; by default the file of that name beside the certificate. Without it, such an answer is undecided.", HelpName = "FILE" };
    private readonly Option<string[]> network = new("--network") { Description = "For an answer about several networks: the model of a further one; by default the file of that name beside the certificate.", HelpName = "NAME=FILE" };
    private readonly Option<string> solver = new("--solver") { Description = "Whom to ask again about parts that rest on a solver's word; without one, such an answer is undecided.", DefaultValueFactory = _ => "none" };
    private readonly Option<double> timeout = new("--solver-timeout") { Description = "Seconds for each question to the solver.", DefaultValueFactory = _ => 600, HelpName = "SECONDS" };

    /// <summary>Adds the options to a command.</summary>
    public CertificateChecks(CertifyCommand command)
    {
        solver.AcceptOnlyFromAmong("none", "auto", "z3", "cvc5");
        timeout.Takes("seconds in [0.001, 1e6]", seconds => seconds is >= 0.001 and <= 1e6);
        foreach (var option in new Option[] { model, reference, spec, property, draws, pairs, network, solver, timeout })
        {
            command.Add(option);
        }

        command.Validators.Add(result => NetworkFiles.Validate(result, network));
    }

    /// <summary>The bytes of a file that is a certificate or an envelope.</summary>
    public static byte[] Read(string file) =>
        !File.Exists(file) ? throw new FileNotFoundException(null, file)
        : new FileInfo(file).Length > Envelope.LargestFile ? throw new ModelFormatException($"{file}: larger than {Envelope.LargestFile >> 20} MiB.")
        : File.ReadAllBytes(file);

    /// <summary>The worst of several exit codes: a refutation before anything undecided.</summary>
    public static int Worst(IReadOnlyCollection<int> codes) => codes.Contains(ExitCode.Refuted) ? ExitCode.Refuted : codes.Max();

    /// <summary>A name from a certificate, without what could forge a line of the answer.</summary>
    public static string Plain(string name) => string.Concat(name.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? '?' : c));

    /// <summary>Derives a certificate again. What follows from the options, and may fail, is done once, before the first certificate.</summary>
    public Func<string, Statement, CheckOutcome> With(ParseResult parsed, CancellationToken cancellation)
    {
        var ask = parsed.GetValue(solver) is var name and not "none" ? Asking(name!, TimeSpan.FromSeconds(parsed.GetValue(timeout))) : null;
        var (modelFile, referenceFile, propertyFile, networks) = (parsed.GetValue(model), parsed.GetValue(reference), parsed.GetValue(property), NetworkFiles.Split(parsed.GetValue(network)));
        var (drawsFile, pairsFile) = (parsed.GetValue(draws), parsed.GetValue(pairs));
        var asked = parsed.GetValue(spec) is { } specFile ? SpecFile.Read(specFile) : null;
        return (file, what) => asked is not null && asked.Sha256 != what.Certificate?.SpecSha256
            ? new(ExitCode.Refuted, "REJECTED", $"the spec file has SHA-256 {asked.Sha256}, the certificate speaks of {(what.Certificate is { SpecSha256: { Length: > 0 } other } ? Plain(other) : "no spec")}")
            : asked is not null && !Asks(asked, what.Certificate!) ? new(ExitCode.Refuted, "REJECTED", "the spec does not ask for this claim, of this family, from such draws")
            : what.Certificate is { } certificate
            ? Check(file, certificate, modelFile, referenceFile, drawsFile, pairsFile, cancellation)
            : Check(file, what.Property!, modelFile, propertyFile, networks, ask, cancellation);
    }

    /// <summary>Whether a claim of the spec is that of the certificate, every number of it; the hash of the spec alone is only what the certificate says.</summary>
    private static bool Asks(Spec spec, Certificate certificate) => spec.Family.Equals(certificate.Family) && spec.Claims.Any(item =>
    {
        var (asked, stated) = (item.Claim, certificate.Claim);
        if (item.Draws is { } source)
        {
            var fits = stated.Draws is { } draws && draws.Confidence == source.Confidence
                && (source.Count > 0 ? draws.Draws == source.Count && draws.Command.SequenceEqual(spec.Command) : draws.Command.IsEmpty && draws.File == Path.GetFileName(source.Path));
            stated = fits ? stated with { Draws = null, MassOutside = asked.MassOutside } : stated;
        }

        // Of a search for the largest radius, some share of what was asked.
        stated = item.SearchesRadius && stated.Radius.Length == asked.Radius.Length && stated.Radius.Zip(asked.Radius).All(pair => pair.First <= pair.Second) ? stated with { Radius = asked.Radius } : stated;
        return CertificateFile.ToBytes(stated).SequenceEqual(CertificateFile.ToBytes(asked));
    });

    /// <summary>The kernel's way to a solver. Called, and anything of a solver loaded, only where the user names one.</summary>
    private static QuerySolver Asking(string name, TimeSpan time)
    {
        var solver = SmtSolvers.Find(name) ?? throw new NativeLoadException($"{(name == "auto" ? "neither z3 nor cvc5" : name + " not")} found on PATH: install {(name == "auto" ? "one of them" : "it")}, or leave out --solver");
        var limits = new SmtLimits(time, SmtLimits.Default.Megabytes);
        return (query, cancellation) => solver.Solve(query, limits, cancellation) switch
        {
            SmtAnswer.Unsat => QueryAnswer.Unsatisfiable,
            SmtAnswer.Sat => QueryAnswer.Satisfiable,
            _ => QueryAnswer.Unknown,
        };
    }

    /// <summary>Derives the certificate of a claim again from files that are named, or lie beside it.</summary>
    public static CheckOutcome Check(string file, Certificate certificate, string? model, string? reference, string? draws, string? pairs, CancellationToken cancellation, Terminal? shared = null)
    {
        var terminal = shared ?? new Terminal();
        if (certificate.Claim.Pairs is { } question)
        {
            return CheckPairs(file, certificate, question, model, draws, pairs, terminal, cancellation);
        }

        var counted = certificate.Claim.Draws?.File ?? certificate.Claim.Prior?.File ?? "";
        var beside = Path.Combine(Path.GetDirectoryName(file) ?? "", Path.GetFileName(counted));
        var table = counted.Length == 0 && certificate.Claim.Draws is null ? null : draws is not null || File.Exists(beside) ? DrawCounter.Bytes(draws ?? beside) : null;
        if (certificate.Claim.Prior is { Law: null } prior && table is null)
        {
            return new(ExitCode.Undecided, "undecided", $"{Words.Of(certificate.Verdict)} on the word of the certificate: {Plain(Path.GetFileName(prior.File))} is not beside it, recheck with --draws FILE");
        }

        var bytes = certificate.Family.Noise is null ? File.ReadAllBytes(Beside(file, model, certificate.ModelName)) : [];
        ReadOnlyMemory<byte>? other = certificate.Claim.ReferenceFamily is null && certificate.Claim.TableRow is null ? null : File.ReadAllBytes(Beside(file, reference, certificate.Claim.ReferenceModel));
        var report = CertificateChecker.Check(certificate, bytes, other, new Relay(terminal, file), table is null ? null : (ReadOnlyMemory<byte>?)table, cancellation: cancellation);
        terminal.Clear();
        var uncounted = certificate.Claim.Draws is not null && table is null;
        return report.Accepted
            ? new(uncounted ? ExitCode.Undecided : ExitCode.Proved, uncounted ? "undecided" : "accepted", string.Create(
                CultureInfo.InvariantCulture,
                $"{Words.Of(report.Verdict)}, {certificate.Claim.Name} in {Ends(certificate, report)}{(certificate.Float32 is { } end ? $", {end:G6} in float32" : "")}, {report.Leaves} leaves in {report.Seconds:F2} s{Counted(certificate, table)}{Assumed(certificate)}"))
            : new(ExitCode.Refuted, "REJECTED", report.Reason);
    }

    /// <summary>A claim that pairs answer: all of them are measured again, where their tables are at hand.</summary>
    private static CheckOutcome CheckPairs(string file, Certificate certificate, PairQuestion question, string? model, string? draws, string? pairs, Terminal terminal, CancellationToken cancellation)
    {
        string Place(string? given, string name) => given ?? Path.Combine(Path.GetDirectoryName(file) ?? "", Path.GetFileName(name));
        var (table, samples) = (Place(pairs, question.File), question.SamplesFile.Length == 0 ? "" : Place(draws, question.SamplesFile));
        foreach (var (path, option) in new[] { (table, "--pairs"), (samples, "--draws") })
        {
            if (path.Length > 0 && !File.Exists(path))
            {
                return new(ExitCode.Undecided, "undecided", $"{Words.Of(certificate.Verdict)} on the word of the certificate: {Plain(Path.GetFileName(path))} is not beside it, recheck with {option} FILE");
            }
        }

        var report = CertificateChecker.Check(
            certificate, certificate.Family.HasNoModel ? [] : File.ReadAllBytes(Beside(file, model, certificate.ModelName)), progress: new Relay(terminal, file), pairs: RunSession.Tables(table, samples), cancellation: cancellation);
        terminal.Clear();
        return report.Accepted
            ? new(ExitCode.Proved, "accepted", string.Create(CultureInfo.InvariantCulture, $"{Words.Of(report.Verdict)}, {certificate.Claim.Name} in {Ends(certificate, report)}, in {report.Seconds:F2} s; {question.Words}, measured again; {Plain(question.Assumed)}"))
            : new(ExitCode.Refuted, "REJECTED", report.Reason);
    }

    private static string Ends(Certificate certificate, CheckReport report) => certificate.Claim.Confidence is null
        ? string.Create(CultureInfo.InvariantCulture, $"[{report.Lower:G6}, {report.Upper:G6}]")
        : $"[{OutwardText.Down(report.Lower, 6)}, {OutwardText.Up(report.Upper, 6)}]";

    /// <summary>What of the statement rests on draws, and whether they were counted again.</summary>
    private static string Counted(Certificate certificate, byte[]? table) => certificate.Claim.Draws is { } draws
        ? $"; {draws.Words}, {(table is null ? $"on the word of the certificate: {Plain(Path.GetFileName(draws.File))} is not beside it, recheck with --draws FILE" : "counted again")}; {Plain(BlackBox.Unchecked(certificate.Claim))}"
        : certificate.Claim.Prior is { } prior ? $"; {prior.Words}, {(prior.Law is null ? "bounded again" : "drawn and bounded again")}; {Plain(prior.Assumed)}" : "";

    /// <summary>What is assumed of a tabulated reference.</summary>
    private static string Assumed(Certificate certificate) => ClaimCompiler.AssumptionOf(certificate.Claim) is { Length: > 0 } words ? $"; {char.ToLowerInvariant(words[0])}{words[1..^1]}" : "";

    /// <summary>The table of draws beside the certificate.</summary>
    private static string Beside(string file, DrawCount draws) => Path.Combine(Path.GetDirectoryName(file) ?? "", Path.GetFileName(draws.File));

    private static CheckOutcome Check(
        string file, PropertyCertificate certificate, string? model, string? property, Dictionary<string, string> networks, QuerySolver? ask, CancellationToken cancellation)
    {
        var report = PropertyChecker.Check(
            certificate,
            File.ReadAllBytes(Beside(file, model, certificate.ModelName)),
            File.ReadAllBytes(Beside(file, property, certificate.PropertyName)),
            certificate.Networks.DistinctBy(other => other.Network).ToDictionary(other => other.Network, other => File.ReadAllBytes(Beside(file, networks.GetValueOrDefault(other.Network), other.Name))),
            ask,
            cancellation);
        var what = string.Create(
            CultureInfo.InvariantCulture,
            $"{(certificate.IsUnsatisfiable ? "unsat" : "sat")}, {Plain(certificate.PropertyName)} of {Plain(certificate.ModelName)}, {report.Leaves} leaves in {report.Seconds:F2} s");
        return report.Accepted ? new(ExitCode.Proved, "accepted", $"{what}{(report.Resettled > 0 ? $", {report.Resettled} of them settled again by a solver" : "")}")
            : report.IsUndecided ? new(ExitCode.Undecided, "undecided", $"{what}, {report.Unsettled} of them on the word of a solver ({Plain(certificate.SolverLeaves[0].Solver)}): "
                + (ask is null ? "recheck with --solver auto|z3|cvc5" : "this solver has no answer for all of them"))
            : new(ExitCode.Refuted, "REJECTED", report.Reason);
    }

    /// <summary>The file given, or the one of that name beside the certificate.</summary>
    public static string Beside(string file, string? given, string name)
    {
        var path = given ?? Path.Combine(Path.GetDirectoryName(file) ?? "", Path.GetFileName(name));
        return File.Exists(path) ? path : throw new FileNotFoundException(null, path);
    }

    private sealed class Relay(Terminal terminal, string file) : IProgress<double>
    {
        public void Report(double value) => terminal.Show(string.Create(CultureInfo.InvariantCulture, $"{file}: {value:P0}"));
    }
}

/// <summary>What became of one certificate.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Word">"accepted", "undecided" or "REJECTED".</param>
/// <param name="Text">What was derived again, or why not.</param>
internal sealed record CheckOutcome(int Code, string Word, string Text);
