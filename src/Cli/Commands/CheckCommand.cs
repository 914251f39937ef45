using System.CommandLine;
using System.Globalization;
using Certify.Native;
using Certify.Smt;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;

namespace Cli.Commands;

/// <summary><c>certify check FILE...</c>: derives certificates again with the trusted kernel alone.</summary>
internal static class CheckCommand
{
    public static CertifyCommand Create()
    {
        var files = new Argument<string[]>("CERTIFICATE.json") { Description = "One or more certificates.", Arity = ArgumentArity.OneOrMore };
        var model = new Option<string?>("--model") { Description = "The model file; by default the file of that name beside the certificate.", HelpName = "FILE" };
        var property = new Option<string?>("--property") { Description = "For an answer of 'certify vnnlib': the property file; by default the file of that name beside the certificate.", HelpName = "FILE" };
        var solver = new Option<string>("--solver")
        {
            Description = "Whom to ask again about parts that rest on a solver's word; without one, such an answer is undecided.",
            DefaultValueFactory = _ => "none",
        };
        solver.AcceptOnlyFromAmong("none", "auto", "z3", "cvc5");
        var timeout = new Option<double>("--solver-timeout") { Description = "Seconds for each question to the solver.", DefaultValueFactory = _ => 600, HelpName = "SECONDS" };
        timeout.Takes("seconds in [0.001, 1e6]", seconds => seconds is >= 0.001 and <= 1e6);
        var network = new Option<string[]>("--network") { Description = "For an answer about several networks: the model of a further one; by default the file of that name beside the certificate.", HelpName = "NAME=FILE" };
        var command = new CertifyCommand(
            "check",
            "Derives every number of certificates again from the model file.",
            "certify check out/claim-*.json")
        {
            files, model, property, network, solver, timeout,
        };
        command.Validators.Add(result => NetworkFiles.Validate(result, network));
        command.Does((parsed, cancellation) =>
        {
            var ask = parsed.GetValue(solver) is var name and not "none" ? Asking(name!, TimeSpan.FromSeconds(parsed.GetValue(timeout))) : null;
            int[] codes = [.. parsed.GetValue(files)!.Select(file => Check(file, parsed.GetValue(model), parsed.GetValue(property), NetworkFiles.Split(parsed.GetValue(network)), ask, cancellation))];
            return codes.Contains(ExitCode.Refuted) ? ExitCode.Refuted : codes.Max();
        });
        return command;
    }

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

    private static int Check(string file, string? model, string? property, Dictionary<string, string> networks, QuerySolver? ask, CancellationToken cancellation)
    {
        if (!File.Exists(file))
        {
            throw new FileNotFoundException(null, file);
        }

        if (new FileInfo(file).Length <= PropertyCertificate.LargestFile && File.ReadAllBytes(file) is var bytes && PropertyCertificate.IsOne(bytes))
        {
            return CheckProperty(file, PropertyCertificate.Read(bytes, file), model, property, networks, ask, cancellation);
        }

        var certificate = CertificateFile.Read(file);
        var path = Beside(file, model, certificate.ModelName);
        var terminal = new Terminal();
        var report = CertificateChecker.Check(certificate, File.ReadAllBytes(path), new Relay(terminal, file), cancellation);
        terminal.Clear();
        if (!report.Accepted)
        {
            Console.WriteLine($"{file}: REJECTED: {report.Reason}");
            return ExitCode.Refuted;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{file}: accepted: {Words.Of(report.Verdict)}, {certificate.Claim.Name} in [{report.Lower:G6}, {report.Upper:G6}], {report.Leaves} leaves in {report.Seconds:F2} s"));
        return ExitCode.Proved;
    }

    private static int CheckProperty(string file, PropertyCertificate certificate, string? model, string? property, Dictionary<string, string> networks, QuerySolver? ask, CancellationToken cancellation)
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
        Console.WriteLine(
            report.Accepted ? $"{file}: accepted: {what}{(report.Resettled > 0 ? $", {report.Resettled} of them settled again by a solver" : "")}"
            : report.IsUndecided ? $"{file}: undecided: {what}, {report.Unsettled} of them on the word of a solver ({Plain(certificate.SolverLeaves[0].Solver)}): "
                + (ask is null ? "recheck with --solver auto|z3|cvc5" : "this solver has no answer for all of them")
            : $"{file}: REJECTED: {report.Reason}");
        return report.Accepted ? ExitCode.Proved : report.IsUndecided ? ExitCode.Undecided : ExitCode.Refuted;
    }

    /// <summary>The file given, or the one of that name beside the certificate.</summary>
    private static string Beside(string file, string? given, string name)
    {
        var path = given ?? Path.Combine(Path.GetDirectoryName(file) ?? "", Path.GetFileName(name));
        return File.Exists(path) ? path : throw new FileNotFoundException(null, path);
    }

    /// <summary>A name from a certificate, without what could forge a line of the answer.</summary>
    private static string Plain(string name) => string.Concat(name.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? '?' : c));

    private sealed class Relay(Terminal terminal, string file) : IProgress<double>
    {
        public void Report(double value) => terminal.Show(string.Create(CultureInfo.InvariantCulture, $"{file}: {value:P0}"));
    }
}
