using System.Globalization;
using System.Xml.Linq;
using Guarantees.Certificates;
using Guarantees.Claims;
using Xunit;

namespace Reports.Tests;

/// <summary>The figures of claims that pairs answer: curves of ranks in their band, and coverage against level.</summary>
public class BandFigureTests
{
    private static readonly BandedCurve Inside = Ranks("theta_0", 0.01);
    private static readonly BandedCurve Above = Ranks("theta_1", 0.2);
    private static readonly BandedCurve Below = Ranks("density", -0.2);
    private static readonly BandedCurve Coverage = new("highest density sets", true, [.. Enumerable.Range(1, 19).Select(i => i / 20.0).Select(t => (t, t * t, Math.Max(0, (t * t) - 0.05), Math.Min(1, (t * t) + 0.05)))]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Figures_are_drawn_with_their_text(bool withCoverage)
    {
        var figures = Figures(Result(withCoverage ? [Inside, Coverage] : [Inside]));
        Assert.Equal(withCoverage ? 2 : 1, figures.Length);
        Assert.All(figures, figure =>
        {
            Assert.NotEmpty(figure.Attribute("aria-label")!.Value);
            Assert.DoesNotContain(figure.DescendantsAndSelf().Attributes(), attribute => attribute.Name.LocalName == "id" || attribute.Value.Contains("NaN", StringComparison.Ordinal) || attribute.Value.Contains('∞', StringComparison.Ordinal));
            Assert.True(figure.Descendants().Count(element => element.Name.LocalName == "path") >= 3);
            Assert.True(figure.Descendants().Count(element => element.Name.LocalName == "text") >= 4);
        });
        Assert.Equal("Distribution functions of 1 ranks less the uniform one, with a band: all lie in it.", figures[0].Attribute("aria-label")!.Value);
        Assert.Contains("none leaves the band", figures[0].Value, StringComparison.Ordinal);
        if (withCoverage)
        {
            Assert.Equal("Coverage of highest density sets against their level; at level 0.95 it is 0.902.", figures[1].Attribute("aria-label")!.Value);
            Assert.Contains("coverage = level", figures[1].Value, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Curves_outside_on_either_side_are_named_in_the_figure_and_for_those_who_do_not_see_it()
    {
        var figure = Figures(Result([Inside, Above, Below]))[0];
        Assert.EndsWith("with a band: outside: theta_1, density.", figure.Attribute("aria-label")!.Value, StringComparison.Ordinal);
        Assert.Contains("outside: theta_1, density", figure.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("none leaves", figure.Value, StringComparison.Ordinal);

        var many = Figures(Result([Inside, .. Enumerable.Range(0, 7).Select(i => Ranks($"theta_{i}", 0.2))]))[0];
        Assert.Contains("outside: theta_0, theta_1, theta_2 and 4 more", many.Value, StringComparison.Ordinal);
        Assert.Contains("theta_6", many.Attribute("aria-label")!.Value, StringComparison.Ordinal);
    }

    /// <summary>A curve on the edge of its band does not leave it, however its numbers are rounded.</summary>
    [Fact]
    public void A_curve_on_the_edge_is_inside()
    {
        var curve = Inside with { Points = [.. Inside.Points.Select(point => (point.At, point.Upper + 1e-15, point.Lower, point.Upper))] };
        Assert.Contains("all lie in it", Figures(Result([curve]))[0].Attribute("aria-label")!.Value, StringComparison.Ordinal);
        curve = Inside with { Points = [.. Inside.Points.Select((point, i) => (point.At, i == 4 ? point.Lower - 1e-6 : point.Value, point.Lower, point.Upper))] };
        Assert.Contains("outside: theta_0", Figures(Result([curve]))[0].Attribute("aria-label")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_from_elsewhere_are_text()
    {
        var figure = Figures(Result([Above with { Name = "<script>&\"" }]))[0];
        Assert.Contains("<script>&\"", figure.Attribute("aria-label")!.Value, StringComparison.Ordinal);
        Assert.DoesNotContain(figure.Descendants(), element => element.Name.LocalName == "script");
    }

    [Fact]
    public void The_page_has_figures_caption_and_all_numbers()
    {
        var result = Result([Inside, Above, Coverage]) with { Findings = [new("theta_0", "distance", 0.0123, 0, 0.0456), new("score", "threshold", double.PositiveInfinity), new("<b>", "p-value", 0.5)] };
        using var page = new StringWriter(CultureInfo.InvariantCulture);
        HtmlReport.Write(SampleRun.Run with { Claims = [result] }, page);
        var text = page.ToString();
        Assert.Contains("Calibrated ranks stay in the shaded band everywhere", text, StringComparison.Ordinal);
        Assert.Contains("a calibrated estimator is on the diagonal", text, StringComparison.Ordinal);
        Assert.Contains("infinite", text, StringComparison.Ordinal);
        Assert.Contains("&lt;b>", text.Replace("&gt;", ">", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("0.0456", text, StringComparison.Ordinal);
        Assert.Contains("300 pairs", text, StringComparison.Ordinal);
    }

    internal static ClaimResult Sample => Result([Inside, Above, Below, Coverage]);

    private static XElement[] Figures(ClaimResult result)
    {
        var text = SvgFigure.For(result);
        return [.. XElement.Parse($"<all>{text}</all>").Elements().Where(element => element.Name.LocalName == "svg")];
    }

    private static ClaimResult Result(BandedCurve[] curves) => new()
    {
        Claim = new() { Kind = ClaimKind.Calibration, Pairs = new PairQuestion { File = "pairs.csv", Sha256 = new string('a', 64), Pairs = 300, Draws = 19, Confidence = 0.95 }, AtMost = 0.1 },
        Verdict = Verdict.Refuted,
        Lower = 0.12,
        Upper = 0.31,
        Text = "Over pairs.",
        Certificate = "claim-001-calibration.json",
        Banded = [.. curves],
    };

    private static BandedCurve Ranks(string name, double reach) =>
        new(name, false, [(0, 0, 0, 0), .. Enumerable.Range(1, 9).Select(i => i / 10.0).Select(t => (t, reach * 4 * t * (1 - t), -0.05, 0.05)), (1, 0, 0, 0)]);
}
