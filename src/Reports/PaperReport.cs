using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Guarantees.Certificates;
using Guarantees.Claims;
using Reports.Figures;

namespace Reports;

/// <summary>One run for a paper: a table, a paragraph on methods, an appendix with every statement and hash, the sources, and figures, as files to input.</summary>
/// <remarks>
/// results.tex, methods.tex, reproducibility.tex, guarantees.bib, and figures/*.svg and *.pdf of the width of a column: an overview of the claims about each quantity, and one of each claim. The text says what the certificates
/// say and no more: which semantics, which assumptions, which confidence. The same certificates give the same bytes.
/// </remarks>
public static partial class PaperReport
{
    /// <summary>Width of a figure in points: a column of most two-column journals (3.35 in).</summary>
    public const double ColumnWidth = 241;

    /// <summary>Figures of single claims beyond so many are left out; the overviews hold all.</summary>
    public const int MostFigures = 60;

    /// <summary>The files by name, '/' between folders.</summary>
    /// <param name="run">What the certificates say.</param>
    /// <param name="hashes">For each claim the SHA-256 of its certificate; empty where it has none.</param>
    public static IReadOnlyList<(string Name, byte[] Content)> Files(RunSummary run, IReadOnlyList<string> hashes)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(hashes);
        var figures = new List<(string Name, byte[] Content)>();
        var overviews = Overviews(run).Select((overview, i) => (Name: $"overview-{(i + 1).ToString("D2", CultureInfo.InvariantCulture)}", overview.Svg, overview.Caption)).ToArray();
        foreach (var (name, svg, _) in overviews)
        {
            Add(name, svg);
        }

        foreach (var (i, result) in run.Claims.Take(MostFigures).Index())
        {
            Add($"claim-{(i + 1).ToString("D3", CultureInfo.InvariantCulture)}", SvgFigure.For(result));
        }

        var methods = Methods(run);
        return
        [
            ("results.tex", Text(LatexReport.Render(run, isWide: true) + (overviews.Length > 0 ? Folder : "") + string.Concat(overviews.Select(Include)))),
            ("methods.tex", Text(methods)),
            ("reproducibility.tex", Text(Reproducibility(run, hashes))),
            ("guarantees.bib", Text(Sources(methods))),
            .. figures,
        ];

        void Add(string name, string svg)
        {
            // Some claims have several charts, which as a file are one above the other.
            figures.Add(($"figures/{name}.svg", Text(Stacked(svg))));
            figures.Add(($"figures/{name}.pdf", PdfFigure.Of(svg, ColumnWidth)));
        }

        static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Where the figures are, unless the article says so before it inputs the file.</summary>
    private const string Folder = "% Needs \\usepackage{graphicx}; \\guaranteesfolder is the folder of these files.\n\\providecommand{\\guaranteesfolder}{.}\n";

    private static string Include((string Name, string Svg, string Caption) overview) =>
        $"\n\\begin{{figure}}\n  \\centering\n  \\includegraphics[width=\\columnwidth]{{\\guaranteesfolder/figures/{overview.Name}.pdf}}\n  \\caption{{{LatexReport.Escape(overview.Caption)}}}\n\\end{{figure}}\n";

    /// <summary>An overview for each quantity and direction, of at most <see cref="ForestFigure.MostRows"/> claims.</summary>
    private static IEnumerable<(string Svg, string Caption)> Overviews(RunSummary run) => run.Claims
        .GroupBy(result => (Phrases.Quantity(result.Claim), result.Claim.AsksForSmallest, Phrases.HasNoAttack(result)))
        .Where(group => group.Count() > 1)
        .SelectMany(group => group.Chunk(ForestFigure.MostRows))
        .Select(ForestFigure.Draw);

    /// <summary>Several svg elements as one.</summary>
    private static string Stacked(string svgs)
    {
        var charts = System.Xml.Linq.XElement.Parse($"<all>{svgs}</all>").Elements().ToArray();
        if (charts.Length == 1)
        {
            return svgs;
        }

        var sizes = charts.Select(chart => chart.Attribute("viewBox")!.Value.Split(' ')).Select(box => (Width: box[2], Height: double.Parse(box[3], CultureInfo.InvariantCulture))).ToArray();
        var top = 0.0;
        var page = new StringBuilder();
        foreach (var (i, chart) in charts.Index())
        {
            chart.SetAttributeValue("y", top.ToString(CultureInfo.InvariantCulture));
            chart.SetAttributeValue("width", sizes[i].Width);
            chart.SetAttributeValue("height", sizes[i].Height.ToString(CultureInfo.InvariantCulture));
            page.Append(chart.ToString(System.Xml.Linq.SaveOptions.DisableFormatting));
            top += sizes[i].Height;
        }

        return string.Create(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {sizes[0].Width} {top}\">{page}</svg>");
    }

    private static string Methods(RunSummary run)
    {
        var claims = run.Claims;
        var searched = claims.Where(result => result.Claim.Pairs is null && result.Claim.Kind != ClaimKind.PosteriorStability && !IsBlackBox(run)).ToArray();
        var page = new StringBuilder();
        page.Append($"% Written by certify report; \\input it. Needs guarantees.bib.\n\\paragraph{{Certified guarantees.}}\nWe checked {Plural(claims.Length, "claim")} about \\texttt{{{LatexReport.Escape(run.ModelName)}}} ({LatexReport.Escape(run.Family)}) with {LatexReport.Escape(run.Tool.Length > 0 ? run.Tool : "certify")}: {LatexReport.Escape(Phrases.Tally(run))}.\n");
        if (searched.Length > 0)
        {
            page.Append("""
                A claim asks for the largest (or smallest) value of a quantity over \emph{every} input of a set.
                Branch and bound divides the set; over each part the network followed by the quantity is bounded by linear relaxations that are propagated backwards~\cite{zhang2018crown,wang2021betacrown} and by interval arithmetic~\cite{moore2009interval}, with every operation rounded outward.
                The division is kept as evidence, from which a small kernel, without tensors or solvers, derives each bound again; only what it derives is called proved.
                The other end of an enclosure is attained: a point of the set found by gradient ascent, at which the quantity was evaluated in interval arithmetic.

                """);
            page.Append("Bounds in the tables speak of the network as a real function with its exact (binary32) weights");
            var float32 = searched.Count(result => result.Semantics == "float32");
            page.Append(float32 == 0 ? ", not of the rounding of its execution.\n"
                : $"; {(float32 == searched.Length ? "all" : $"{float32} of {searched.Length}")} verdicts also hold for every execution in IEEE binary32 arithmetic, in any order of sums, with or without fused multiply-add~\\cite{{higham2002accuracy}}, for which the proved ends are given in the appendix.\n");
            if (searched.Count(result => !result.ExactMetric) is var bounds && bounds > 0)
            {
                page.Append($"In {Plural(bounds, "claim")} (marked $^{{*}}$) what is bounded is never smaller than the metric named, so that a proved bound holds for the metric and an attained value need not.\n");
            }
        }

        foreach (var group in claims.GroupBy(result => (Phrases.Kind(result.Claim), Phrases.Metric(result.Claim))))
        {
            page.Append(About(run, [.. group]));
        }

        if (claims.Select(result => result.Claim.Confidence).OfType<double>().ToArray() is { Length: > 0 } confidences)
        {
            page.Append($"What rests on draws or pairs holds with a confidence over them, all of it together with at least {DrawCount.Together(confidences)}; that they are independent, come from the law named, and that their number and the question were fixed before they were seen, is assumed.\n");
        }

        return page.Append("Statements, hashes, seeds and commands are in the appendix.\n").ToString();
    }

    private static bool IsBlackBox(RunSummary run) => run.ModelName == BlackBox.Word;

    /// <summary>One sentence on the claims of one kind and metric, with its source.</summary>
    private static string About(RunSummary run, ImmutableArray<ClaimResult> results)
    {
        var claim = results[0].Claim;
        var what = $"{Phrases.Kind(claim)} ({Phrases.Metric(claim)}, {Plural(results.Length, "claim")})";
        var isMixture = run.Family.StartsWith("gaussian-mixture", StringComparison.Ordinal);
        var how = claim.Kind switch
        {
            _ when IsBlackBox(run) => @"the estimator's average over normal noise on its data, for which bounds hold whatever it computes~\cite{cohen2019smoothing}; probabilities were counted over draws~\cite{clopper1934limits}",
            ClaimKind.PosteriorStability => @"the exact posterior's change~\cite{stuart2010inverse}, by likelihoods at draws of the prior that are bounded over the ball and empirical Bernstein bounds of their means~\cite{maurer2009bernstein}",
            ClaimKind.Calibration => @"ranks of the parameters among posterior draws at data simulated from them~\cite{talts2018sbc}, of densities, and of distances to reference points~\cite{lemos2023tarp}, with an exact band for uniform ranks",
            ClaimKind.Coverage => @"how often credible sets hold the parameter that made the data, by Clopper and Pearson's interval~\cite{clopper1934limits}",
            ClaimKind.Conformal => @"thresholds of conformity scores by split conformal prediction~\cite{vovk2005algorithmic}, whose coverage assumes that pairs are exchangeable and nothing of the network",
            ClaimKind.Lipschitz => claim.Metric is Metric.Hellinger or Metric.TotalVariation
                ? @"the largest norm of the map's derivative in the Fisher metric~\cite{amari2000methods}" : "the largest norm of the Jacobian of the map, over the whole domain",
            ClaimKind.EventProbability => "the estimator's own probability of the event, at its smallest or largest over the set",
            ClaimKind.CredibleInterval => "the larger shift of the two ends of a central interval",
            ClaimKind.Decision => "whether the most probable category can change",
            ClaimKind.Functional or ClaimKind.Monotone => "a number of the posterior, over the whole set",
            _ => claim.Metric switch
            {
                Metric.Wasserstein2 or Metric.Wasserstein1 => isMixture
                    ? @"by the coupling of both mixtures component by component, which bounds it from above; of components by the closed form or a coupling~\cite{givens1984wasserstein}"
                    : @"by its closed form for diagonal covariances~\cite{givens1984wasserstein}, and by a coupling, which bounds it from above, for others",
                Metric.TotalVariation => @"by Pinsker's inequality~\cite{tsybakov2009nonparametric} where it has no closed form",
                Metric.Hellinger => @"by its closed form or from above by the divergence~\cite{tsybakov2009nonparametric}",
                Metric.Kl or Metric.KlReverse or Metric.JensenShannon => @"in nats, by closed forms, and for mixtures from above by convexity~\cite{tsybakov2009nonparametric}",
                Metric.LogDensity => "in nats, over a box of parameters",
                _ => "of the outputs",
            },
        };
        return $"\\emph{{{LatexReport.Escape(what)}}}: {how}.\n";
    }

    private static string Reproducibility(RunSummary run, IReadOnlyList<string> hashes)
    {
        var page = new StringBuilder();
        void Line(string text) => page.Append(text).Append('\n');
        Line("% Written by certify report; \\input it, in an appendix.");
        Line(@"\begin{itemize}\raggedright");
        Line($@"  \item Model \texttt{{{LatexReport.Escape(run.ModelName)}}}{(run.ModelSha256.Length > 0 ? $@", SHA-256 {Hash(run.ModelSha256)}" : "")}; family {LatexReport.Escape(run.Family)}.");
        Line($@"  \item {LatexReport.Escape(run.Tool.Length > 0 ? run.Tool : "certify")}{string.Concat(run.Environment.Where(pair => pair.Value.Length > 0).Select(pair => $"; {LatexReport.Escape(pair.Name.ToLowerInvariant())} {LatexReport.Escape(pair.Value)}"))}{(run.Finished.Length > 0 ? $"; {LatexReport.Escape(run.Finished)}" : "")}.");
        Line(@"  \item Each certificate is checked, from the model alone, by \texttt{certify check FILE}.");
        Line(@"\end{itemize}");
        Line(@"\begin{enumerate}\raggedright");
        foreach (var (i, result) in run.Claims.Index())
        {
            var (file, hash) = (result.Certificate, i < hashes.Count ? hashes[i] : "");
            Line($@"  \item {LatexReport.Escape(result.Text)} {Phrases.Capital(LatexReport.Escape(Phrases.Of(result)))}, {(result.Float32 is { } end ? $"for every binary32 execution {Reading.Of(result).CertifiedSide} {LatexReport.Number(Reading.Of(result).FromBelow ? Numbers.Down(end) : Numbers.Up(end))}" : $"semantics {LatexReport.Escape(result.Semantics)}")}."
                + (file.Length > 0 ? $@" \texttt{{{LatexReport.Escape(file)}}}{(hash.Length > 0 ? $", SHA-256 {Hash(hash)}" : "")}." : "")
                + (result.Consequence.Length > 0 ? " " + LatexReport.Escape(result.Consequence) : ""));
        }

        Line(@"\end{enumerate}");
        return page.ToString();
    }

    /// <summary>A hash that lines may break.</summary>
    private static string Hash(string hash) => $@"\texttt{{\small {string.Join(@"\allowbreak{}", hash.Chunk(8).Select(part => new string(part)))}}}";

    /// <summary>The sources that the text cites, in the order of the collection.</summary>
    private static string Sources(string text)
    {
        var cited = Cite().Matches(text).SelectMany(match => match.Groups[1].Value.Split(',')).ToHashSet(StringComparer.Ordinal);
        using var reader = new StreamReader(typeof(PaperReport).Assembly.GetManifestResourceStream("Guarantees.bib") ?? throw new InvalidOperationException("The sources are missing."));
        var entries = reader.ReadToEnd().Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(entry => (Key: Key().Match(entry).Groups[1].Value, Entry: entry.Trim())).ToArray();
        return cited.Except(entries.Select(entry => entry.Key)).FirstOrDefault() is { } unknown ? throw new InvalidOperationException($"The source '{unknown}' is not in the collection.")
            : string.Concat(entries.Where(entry => cited.Contains(entry.Key)).Select(entry => entry.Entry + "\n\n"));
    }

    private static string Plural(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    [GeneratedRegex(@"\\cite\{([^}]*)\}")]
    private static partial Regex Cite();

    [GeneratedRegex(@"^\s*@\w+\{([^,]+),")]
    private static partial Regex Key();
}
