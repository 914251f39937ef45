using System.Diagnostics;
using System.Security.Cryptography;
using Guarantees.Arithmetic;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Tables;
using Guarantees.Networks;

namespace Guarantees.Checking;

/// <summary>What a check found.</summary>
/// <param name="Accepted">Whether every number and word that matters was derived again.</param>
/// <param name="Reason">Why not; empty when accepted.</param>
/// <param name="Verdict">The certificate's verdict.</param>
/// <param name="Lower">Lower end, as derived here.</param>
/// <param name="Upper">Upper end, as derived here.</param>
/// <param name="Leaves">Leaves visited.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record CheckReport(bool Accepted, string Reason, Verdict Verdict, double Lower, double Upper, int Leaves, double Seconds);

/// <summary>Derives a certificate again from the model file, trusting nothing in it: no Torch, no solver, no process, no network.</summary>
/// <remarks>
/// The steps: (1) the model is the one named; (2) the claim compiles to the same words; (3) every leaf of the evidence tree is bounded again and
/// the largest bound is the stated one; (4) the witness lies in the set, exactly, and has the stated value; (5) the verdict follows.
/// </remarks>
public static class CertificateChecker
{
    /// <summary>Stated and derived bounds may differ by this share: processors differ in the order of sums.</summary>
    private const double Slack = 1e-6;

    /// <summary>How much a stated attained end may lie above what the witness gives here: rounding in another order, at one point.</summary>
    private const double AttainedSlack = 1e-9;

    /// <summary>By which share what pairs say may differ, and by how much a threshold may lie above what is derived: another processor adds up in another order.</summary>
    private const double PairSlack = 1e-9;

    /// <summary>Deeper trees are refused: every level holds a box, and a search of any use ends long before.</summary>
    private const int MostDepth = 10_000;

    /// <summary>Checks one certificate.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="model">Bytes of the model file.</param>
    /// <param name="reference">Bytes of the model that the claim compares with, where it names one.</param>
    /// <param name="progress">Told the share of leaves done.</param>
    /// <param name="draws">The table of draws that the claim counts, to be counted again; null where only the counts are at hand, which are then believed: <c>certify check</c> calls such an answer undecided.</param>
    /// <param name="pairs">The tables that a claim of kind calibration, coverage or conformal rests on; null where they are not at hand, and the claim is then refused.</param>
    /// <param name="cancellation">Stops the check.</param>
    public static CheckReport Check(
        Certificate certificate, ReadOnlyMemory<byte> model, ReadOnlyMemory<byte>? reference = null, IProgress<double>? progress = null, ReadOnlyMemory<byte>? draws = null, PairTables? pairs = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var clock = Stopwatch.StartNew();
        CheckReport Report(string reason, double lower = double.NegativeInfinity, double upper = double.PositiveInfinity) =>
            new(reason.Length == 0, OneLine.Plain(reason), certificate.Verdict, lower, upper, certificate.Evidence.Leaves, clock.Elapsed.TotalSeconds);

        var hash = Convert.ToHexStringLower(SHA256.HashData(model.Span));
        if (hash != certificate.ModelSha256)
        {
            return Report($"the model file has SHA-256 {hash}, the certificate speaks of {certificate.ModelSha256}");
        }

        var claim = certificate.Claim;
        if (claim.ReferenceFamily is not null || claim.ReferenceSha256.Length > 0)
        {
            // A certificate without a hash must not pass for one of the model that happens to lie there.
            var other = reference is { } given ? Convert.ToHexStringLower(SHA256.HashData(given.Span)) : "";
            if (other != claim.ReferenceSha256)
            {
                return Report(other.Length == 0
                    ? $"the claim compares with the {(claim.TableRow is null ? "model" : "table")} '{claim.ReferenceModel}', which is not given"
                    : $"the {(claim.TableRow is null ? "model" : "table")} of the reference has SHA-256 {other}, the certificate speaks of {claim.ReferenceSha256}");
            }
        }

        if (claim.TableRow is { } stated && DeriveRow(claim, stated, certificate.Family.Name, reference) is { Length: > 0 } differs)
        {
            return Report(differs);
        }

        if (!PairStatistics.Answers(claim.Kind) && (!certificate.Findings.IsEmpty || claim.Pairs is not null))
        {
            return Report("pairs, and what is found from them, are for claims of kind calibration, coverage and conformal");
        }

        if (certificate.Semantics != Decision.SemanticsOf(certificate.Claim, certificate.Verdict, certificate.Float32))
        {
            return Report($"semantics '{certificate.Semantics}' does not follow from the verdict and the bound for float32");
        }

        if (PairStatistics.Answers(claim.Kind))
        {
            var (why, ends) = DerivePairs(certificate, model, hash, pairs, progress, cancellation);
            return Report(why, ends.Lower, ends.Upper);
        }

        if (certificate.Family.Noise is { } noise)
        {
            var (why, enclosure) = DeriveBlackBox(certificate, noise, draws);
            return Report(why, enclosure.Lower, enclosure.Upper);
        }

        Problem problem;
        Network network;
        Estimator estimator;
        try
        {
            network = OnnxImporter.Read(model, certificate.ModelName);
            estimator = new Estimator(network, certificate.Family.Bind(network), hash, certificate.ModelName);
            if (claim.ReferenceFamily is { } read && reference is { } bytes)
            {
                var compared = OnnxImporter.Read(bytes, claim.ReferenceModel);
                estimator = estimator with { References = [new Estimator(compared, read.Bind(compared), claim.ReferenceSha256, claim.ReferenceModel)] };
            }

            problem = ClaimCompiler.Compile(estimator, claim);
        }
        catch (Exception error) when (error is FormatException or ArgumentException or ArithmeticException or KeyNotFoundException)
        {
            return Report($"the claim does not compile: {OneLine.Of(error)}");
        }

        if (claim.Kind == ClaimKind.PosteriorStability)
        {
            var (why, bound) = DeriveStability(certificate, estimator, problem, draws, cancellation);
            return Report(why, 0, bound);
        }

        var (reason, lower, upper) = Derive(certificate, problem, progress, cancellation);
        reason = reason.Length > 0 ? reason : DeriveTotalVariation(certificate);
        reason = reason.Length > 0 || draws is not { } table ? reason : Recount(certificate.Claim, table, (bytes, stated) => DrawCounter.Outside(estimator, certificate.Claim, bytes, stated.File, stated.Confidence));
        return Report(reason.Length > 0 ? reason : DeriveFloat32(certificate, problem, network, model), lower, upper);
    }

    /// <summary>Whether the row that a claim states is that of the table: x and every parameter. Where the columns go by their order, x is what was observed.</summary>
    private static string DeriveRow(Claim claim, ReferenceRow stated, string family, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } file || claim.ReferenceSha256.Length == 0)
        {
            return "the claim compares with a table, which is not given under its hash";
        }

        try
        {
            var table = Table.Read(file, claim.ReferenceModel);
            var isNamed = stated.Names.All(name => table.Columns.Contains($"{name}_0"));
            var (data, names, columns) = ReferenceRow.Layout(table, family, isNamed ? 0 : claim.Observation.Length);
            var row = claim.ObservationRow;
            if (row < 0 || row >= table.Rows)
            {
                return $"the claim speaks of row {row} of the table, which has {table.Rows} rows";
            }

            var isSame = data.Select(column => table[row][column]).SequenceEqual(claim.Observation) && names.SequenceEqual(stated.Names) && columns.Length == stated.Values.Length
                && columns.Zip(stated.Values).All(pair => pair.First.Select(column => table[row][column]).SequenceEqual(pair.Second));
            return isSame ? "" : $"row {row} of the table '{claim.ReferenceModel}' is not the one that the claim states";
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            return $"the table of the reference does not read: {OneLine.Of(error)}";
        }
    }

    /// <summary>A claim without a model: radius, noise and counts say everything. What is stated may be wider, not narrower.</summary>
    private static (string Reason, Interval Enclosure) DeriveBlackBox(Certificate certificate, double noise, ReadOnlyMemory<byte>? draws)
    {
        var claim = certificate.Claim;
        var (text, derived) = ("", Interval.Entire);
        try
        {
            (text, derived) = (BlackBox.Text(claim, noise), BlackBox.Enclosure(claim, noise));
        }
        catch (ArgumentException error)
        {
            return ($"the claim does not compile: {OneLine.Of(error)}", derived);
        }

        var (verdict, _) = BlackBox.Decide(claim, certificate.Lower, certificate.Upper);
        var reason = claim.Draws is not null && claim.EventRanges[^1].Parameter >= certificate.Family.Parameters ? $"there is no parameter theta_{claim.EventRanges[^1].Parameter}; a draw has {certificate.Family.Parameters} parameters"
            : text != certificate.Text || BlackBox.IsExact(claim) != certificate.ExactMetric ? $"the claim compiles to \"{text}\", the certificate says \"{certificate.Text}\""
            : certificate.Float32 is not null || certificate.RestrictedTotalVariation is not null || certificate.TotalVariation is not null || !certificate.Witness.IsEmpty || certificate.Evidence.Leaves != 1
                ? "a claim without a model has no evidence, witness or further bound"
            : !(certificate.Lower <= derived.Lower && derived.Upper <= certificate.Upper) ? $"[{derived.Lower:R}, {derived.Upper:R}] follows, the certificate states [{certificate.Lower:R}, {certificate.Upper:R}]"
            : verdict != certificate.Verdict ? $"from [{certificate.Lower:R}, {certificate.Upper:R}] follows '{Words.Of(verdict)}', the certificate says '{Words.Of(certificate.Verdict)}'"
            : draws is { } table ? Recount(claim, table, (bytes, stated) => DrawCounter.Inside(claim, certificate.Family.Parameters!.Value, bytes, stated.File, stated.Confidence), exactly: true)
            : "";
        return (reason, derived);
    }

    /// <summary>A claim that draws of a prior answer: all of them are bounded again. What is stated may be wider, not narrower.</summary>
    private static (string Reason, double Upper) DeriveStability(Certificate certificate, Estimator estimator, Problem problem, ReadOnlyMemory<byte>? draws, CancellationToken cancellation)
    {
        var claim = certificate.Claim;
        if (problem.Text != certificate.Text || certificate.ExactMetric)
        {
            return ($"the claim compiles to \"{problem.Text}\", the certificate says \"{certificate.Text}\"", double.PositiveInfinity);
        }

        if (certificate.Float32 is not null || certificate.RestrictedTotalVariation is not null || certificate.TotalVariation is not null || !certificate.Witness.IsEmpty || certificate.Evidence.Leaves != 1 || certificate.Lower != 0)
        {
            return ($"a claim of kind {claim.Name} has no evidence, witness, lower end or further bound", double.PositiveInfinity);
        }

        try
        {
            var answer = PosteriorStability.Bound(estimator, claim, draws, claim.Prior!.File, certificate.Seed, cancellation);
            var (verdict, _) = PosteriorStability.Decide(claim, certificate.Upper);
            return (!(answer.Bound <= certificate.Upper) ? $"{answer.Bound:R} follows, the certificate states {certificate.Upper:R}"
                : verdict != certificate.Verdict ? $"from {certificate.Upper:R} follows '{Words.Of(verdict)}', the certificate says '{Words.Of(certificate.Verdict)}'"
                : "", answer.Bound);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            return (OneLine.Of(error), double.PositiveInfinity);
        }
    }

    /// <summary>A claim that pairs answer: every one is measured again. Every number is the one stated but for the last digits.</summary>
    private static (string Reason, Interval Ends) DerivePairs(Certificate certificate, ReadOnlyMemory<byte> model, string hash, PairTables? tables, IProgress<double>? progress, CancellationToken cancellation)
    {
        var claim = certificate.Claim;
        try
        {
            Estimator? estimator = null;
            if (!certificate.Family.HasNoModel)
            {
                var network = OnnxImporter.Read(model, certificate.ModelName);
                estimator = new Estimator(network, certificate.Family.Bind(network), hash, certificate.ModelName);
            }

            PairStatistics.Check(estimator, certificate.Family, claim);
            var text = PairStatistics.Text(claim, certificate.Family.Name);
            if (text != certificate.Text)
            {
                return ($"the claim compiles to \"{text}\", the certificate says \"{certificate.Text}\"", Interval.Entire);
            }

            if (!certificate.ExactMetric || certificate.Float32 is not null || certificate.RestrictedTotalVariation is not null || certificate.TotalVariation is not null || !certificate.Witness.IsEmpty || certificate.Evidence.Leaves != 1)
            {
                return ($"a claim of kind {claim.Name} has no evidence, witness or further bound", Interval.Entire);
            }

            var answer = PairStatistics.Solve(estimator, certificate.Family, claim, tables ?? throw new ArgumentException($"the claim rests on the table {OneLine.Quote(claim.Pairs!.File)}, which is not given"), certificate.Seed, progress, cancellation);
            var ends = new Interval(answer.Lower, answer.Upper);
            return (certificate.Lower != answer.Lower || certificate.Upper != answer.Upper ? $"[{answer.Lower:R}, {answer.Upper:R}] follows, the certificate states [{certificate.Lower:R}, {certificate.Upper:R}]"
                : answer.Verdict != certificate.Verdict ? $"'{Words.Of(answer.Verdict)}' follows, the certificate says '{Words.Of(certificate.Verdict)}'"
                : answer.Findings.Length != certificate.Findings.Length || !answer.Findings.Zip(certificate.Findings).All(pair => IsSame(pair.First, pair.Second, answer.LeastThreshold)) ? $"what is found differs from what the certificate states: {Difference(answer, certificate.Findings)}"
                : "", ends);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or ArithmeticException or KeyNotFoundException)
        {
            return (OneLine.Of(error), Interval.Entire);
        }

        // A threshold may be larger, and not smaller than the score that set it: a smaller set need not cover.
        static bool IsSame(Finding derived, Finding stated, double least) => derived with { Seen = 0 } == stated with { Seen = 0 }
            && (derived.Seen == stated.Seen
                || (derived.Measure == "threshold" ? stated.Seen >= least && stated.Seen - derived.Seen <= PairSlack * Math.Max(1, Math.Abs(derived.Seen)) : Math.Abs(derived.Seen - stated.Seen) <= PairSlack * Math.Abs(derived.Seen)));

        static string Difference(PairStatistics.Answer answer, IReadOnlyList<Finding> stated) => answer.Findings.Length != stated.Count ? $"{answer.Findings.Length} numbers, and not {stated.Count}"
            : answer.Findings.Zip(stated).First(pair => !IsSame(pair.First, pair.Second, answer.LeastThreshold)) is var (mine, theirs) ? $"{mine.Name}, {mine.Measure} {mine.Seen:R}, and not {OneLine.Quote(theirs.Name)}, {OneLine.Quote(theirs.Measure)} {theirs.Seen:R}" : "";
    }

    /// <summary>What follows for total variation, from the proved end and the mass that the claim assumes outside.</summary>
    private static string DeriveTotalVariation(Certificate certificate)
    {
        var isDensity = certificate.Family.Name == ConditionalDensity.Word;
        double? restricted = isDensity ? DensityRatio.Restricted(certificate.Upper) : null;
        double? whole = isDensity && certificate.Claim.MassOutside is { } mass ? DensityRatio.Whole(certificate.Upper, mass) : null;
        return Follows(certificate.RestrictedTotalVariation, restricted) && Follows(certificate.TotalVariation, whole)
            ? ""
            : $"total variation is bounded by {Word(restricted)} on the set and {Word(whole)} in all, the certificate states {Word(certificate.RestrictedTotalVariation)} and {Word(certificate.TotalVariation)}";

        static bool Follows(double? stated, double? derived) => stated is { } end ? end >= derived : derived is null;

        static string Word(double? value) => value?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? "nothing";
    }

    /// <summary>The counts of the claim, from the draws themselves. Where what is doubtful may be a hit on one processor and none on another, fewer hits than stated are no less.</summary>
    private static string Recount(Claim claim, ReadOnlyMemory<byte> table, Func<ReadOnlyMemory<byte>, DrawCount, DrawCount> count, bool exactly = false)
    {
        if (claim.Draws is not { } stated)
        {
            return "draws are given, the certificate counts none";
        }

        if (Convert.ToHexStringLower(SHA256.HashData(table.Span)) is var hash && hash != stated.Sha256)
        {
            return $"the draws have SHA-256 {hash}, the certificate speaks of {stated.Sha256}";
        }

        try
        {
            var counted = count(table, stated);
            return counted.Draws != stated.Draws || counted.Hits > stated.Hits || (exactly && counted.Hits != stated.Hits) ? $"{counted.Hits} of {counted.Draws} draws are counted, the certificate states {stated.Hits} of {stated.Draws}"
                : "";
        }
        catch (FormatException error)
        {
            return OneLine.Of(error);
        }
    }

    /// <summary>The bound for float32 executions, from the proved end and the allowance as derived here.</summary>
    private static string DeriveFloat32(Certificate certificate, Problem problem, Network network, ReadOnlyMemory<byte> model)
    {
        if (certificate.Float32 is not { } stated)
        {
            return "";
        }

        var (allowance, why) = Float32Allowance.Of(
            model, certificate.ModelName, network, problem, problem.Sign > 0 ? certificate.Upper : -certificate.Lower);
        if (why.Length > 0)
        {
            return $"no bound for float32 follows: {why}";
        }

        var end = problem.Sign > 0 ? Rounding.AddUp(certificate.Upper, allowance) : Rounding.SubtractDown(certificate.Lower, allowance);
        return (problem.Sign > 0 ? stated >= end : stated <= end)
            ? ""
            : $"float32 executions are bounded by {end:R}, the certificate states {stated:R}";
    }

    /// <summary>Steps 2 to 5 for a problem already compiled.</summary>
    internal static (string Reason, double Lower, double Upper) Derive(
        Certificate certificate, Problem problem, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (problem.Text != certificate.Text || problem.ExactMetric != certificate.ExactMetric)
        {
            return ($"the claim compiles to \"{problem.Text}\", the certificate says \"{certificate.Text}\"", double.NegativeInfinity, double.PositiveInfinity);
        }

        IBounds bounds;
        try
        {
            bounds = Bounds.For(problem);
        }
        catch (Networks.Operators.DomainException error)
        {
            return (OneLine.Of(error), double.NegativeInfinity, double.PositiveInfinity);
        }

        // The problem maximises g; for "at least" claims g is the negative, and the ends of the enclosure change places.
        var (statedAttained, statedProved) = problem.Sign > 0 ? (certificate.Lower, certificate.Upper) : (-certificate.Upper, -certificate.Lower);
        string reason;
        (reason, var proved) = Walk(bounds, certificate.Evidence, statedProved, progress, cancellation);
        if (reason.Length == 0 && !(statedProved <= proved + (Slack * Math.Abs(proved)) + 1e-9))
        {
            reason = $"the evidence gives the bound {problem.Sign * proved:R}, the certificate states {problem.Sign * statedProved:R}";
        }

        var attained = double.NegativeInfinity;
        if (reason.Length == 0 && !certificate.Witness.IsEmpty)
        {
            attained = problem.Slope is { } slope ? slope.LowerBoundAt(problem, certificate.Witness.AsSpan())
                : certificate.Witness.Length == problem.Domain.Box.Length ? bounds.LowerBoundAt(certificate.Witness.AsSpan()) : attained;
            if (attained == double.NegativeInfinity)
            {
                reason = "the witness does not lie in the set of the claim";
            }
        }

        // Without a witness nothing is attained: an infinite slack would let any number pass.
        if (reason.Length == 0 && certificate.Lower > certificate.Upper)
        {
            reason = $"the lower end {certificate.Lower:R} lies above the upper end {certificate.Upper:R}";
        }

        if (reason.Length == 0 && attained != statedAttained
            && !(double.IsFinite(attained) && statedAttained - attained <= (AttainedSlack * Math.Abs(attained)) + 1e-13 && attained - statedAttained <= (Slack * Math.Abs(attained)) + 1e-9))
        {
            reason = $"the witness gives {problem.Sign * attained:R}, the certificate states {problem.Sign * statedAttained:R}";
        }

        double? metricLower = problem.MetricLower >= 0 && reason.Length == 0 && !certificate.Witness.IsEmpty
            ? problem.Graph.Ranges(Box.Point(certificate.Witness.AsSpan()))[problem.MetricLower].Lower[0]
            : null;

        // The proved end as stated, which the walk showed; the attained one as derived here, since a refutation must not hang on the slack.
        var (lower, upper) = problem.Sign > 0
            ? (Math.Min(certificate.Lower, attained), certificate.Upper)
            : (certificate.Lower, Math.Max(certificate.Upper, -attained));
        var (verdict, _) = Decision.Of(certificate.Claim, lower, upper, problem.ExactMetric, metricLower);
        if (reason.Length == 0 && verdict != certificate.Verdict)
        {
            reason = $"from [{certificate.Lower:R}, {certificate.Upper:R}] follows '{Words.Of(verdict)}', the certificate says '{Words.Of(certificate.Verdict)}'";
        }

        return problem.Sign > 0 ? (reason, attained, proved) : (reason, -proved, -attained);
    }

    /// <summary>
    /// Bounds every leaf again, on all cores. The largest bound must not exceed the stated one; a leaf that does is saved by an
    /// ancestor that does not, since a bound of the whole bounds its parts.
    /// </summary>
    private static (string Reason, double Upper) Walk(
        IBounds bounds, EvidenceTree evidence, double stated, IProgress<double>? progress, CancellationToken cancellation)
    {
        var leaves = new List<(Box Part, Ancestor? Parent)>();
        var place = 0;
        var path = new Stack<(Box Part, Ancestor? Parent)>([(bounds.Problem.Domain.Box, null)]);
        var threads = Math.Max(1, Environment.ProcessorCount);
        var workers = Enumerable.Range(0, threads).Select(t => t == 0 ? bounds : bounds.Clone()).ToArray();
        var (worst, done) = (double.NegativeInfinity, 0);
        var failure = "";

        // Leaves are gathered in blocks so that memory stays bounded whatever the size of the tree.
        while (path.TryPop(out var next) && failure.Length == 0)
        {
            var code = evidence.Codes[place++];
            if (code == 0)
            {
                leaves.Add(next);
            }
            else if (next.Parent?.Depth >= MostDepth)
            {
                failure = $"the evidence divides a part more than {MostDepth} times";
            }
            else if (code > next.Part.Length)
            {
                failure = $"the evidence cuts coordinate {code - 1} of {next.Part.Length}";
            }
            else
            {
                var (left, right) = next.Part.Split(code - 1);
                var parent = new Ancestor(next.Part, next.Parent, (next.Parent?.Depth ?? 0) + 1);
                path.Push((right, parent));
                path.Push((left, parent));
            }

            if (leaves.Count == 4096 || (path.Count == 0 && failure.Length == 0))
            {
                BoundBlock();
            }
        }

        return (failure, worst);

        void BoundBlock()
        {
            var results = new double[leaves.Count];
            var position = -1;
            Parallel.For(0, threads, thread =>
            {
                for (var i = Interlocked.Increment(ref position); i < leaves.Count; i = Interlocked.Increment(ref position))
                {
                    cancellation.ThrowIfCancellationRequested();
                    results[i] = workers[thread].UpperBound(leaves[i].Part, stated);
                    if (!(results[i] <= stated) && leaves[i].Parent is { } parent)
                    {
                        results[i] = Math.Min(results[i], parent.Best(workers[thread], stated));
                    }
                }
            });

            foreach (var (i, result) in results.Index())
            {
                worst = Math.Max(worst, result);
                if (!(result <= stated) && failure.Length == 0)
                {
                    failure = $"leaf {done + i + 1} of {evidence.Leaves} is bounded by {bounds.Problem.Sign * result:R} only, the certificate states {bounds.Problem.Sign * stated:R}";
                }
            }

            done += leaves.Count;
            leaves.Clear();
            progress?.Report((double)done / evidence.Leaves);
        }
    }

    /// <summary>A part that holds a leaf, and what holds it; shared by all its leaves, so that memory grows with the depth of a tree and not with its size.</summary>
    private sealed class Ancestor(Box part, Ancestor? parent, int depth)
    {
        private double best = double.NaN;

        public int Depth => depth;

        /// <summary>The first bound of at most <paramref name="stated"/> from here upward, or the least where there is none. Found once: a deep tree whose leaves all fail must not cost its depth squared.</summary>
        public double Best(IBounds bounds, double stated)
        {
            var (open, found) = (new Stack<(Ancestor Part, double Own)>(), double.PositiveInfinity);
            for (var next = this; next is not null && !(found <= stated); next = next.Above)
            {
                var known = Volatile.Read(ref next.best);
                if (!double.IsNaN(known))
                {
                    found = known;
                    break;
                }

                found = bounds.UpperBound(next.Part, stated);
                open.Push((next, found));
            }

            // From above downward: what bounds a part bounds the parts inside it. (Another thread writes the same number.)
            foreach (var (ancestor, own) in open)
            {
                found = Math.Min(found, own);
                Volatile.Write(ref ancestor.best, found);
            }

            return found;
        }

        private Box Part => part;

        private Ancestor? Above => parent;
    }
}
