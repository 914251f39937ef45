using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace Reports.Tests;

/// <summary>The page as a browser shows it.</summary>
public sealed partial class HtmlReportBrowserTests(Browser browser) : IClassFixture<Browser>
{
    private static readonly string Report = HtmlReport.Render(SampleRun.Run);

    [ChromiumFact]
    public async Task Page_opens_from_disk_without_complaint_or_request()
    {
        await using var open = await browser.Open(Report, 1200);
        Assert.Empty(open.Complaints);
        Assert.Equal([open.Address], open.Requests.Where(address => !address.StartsWith("data:", StringComparison.Ordinal)));
    }

    [ChromiumFact]
    public async Task Nothing_overflows_and_every_figure_is_drawn_in_every_layout()
    {
        var layouts = new (string Name, int Width, ColorScheme Scheme, Media Media)[]
        {
            ("light", 1200, ColorScheme.Light, Media.Screen),
            ("dark", 1200, ColorScheme.Dark, Media.Screen),
            ("tablet", 800, ColorScheme.Light, Media.Screen),
            ("narrow", 390, ColorScheme.Light, Media.Screen),
            ("narrow-dark", 390, ColorScheme.Dark, Media.Screen),
            ("smallest", 320, ColorScheme.Light, Media.Screen),
            ("paper", 680, ColorScheme.Dark, Media.Print),
        };
        foreach (var (name, width, scheme, media) in layouts)
        {
            await using var open = await browser.Open(Report, width, scheme, media);
            await open.Keep(name);
            var (scroll, client) = (await Number(open, "document.documentElement.scrollWidth"), await Number(open, "document.documentElement.clientWidth"));
            Assert.True(scroll <= client, $"{name}: {scroll} wide in {client}");

            var figures = await open.Page.Locator("figure svg").AllAsync();
            Assert.Equal(SampleRun.Run.Claims.Length, figures.Count);
            foreach (var figure in figures)
            {
                var box = await figure.BoundingBoxAsync();
                Assert.True(box is { Width: > 250, Height: > 60 }, $"{name}: a figure is {box?.Width} x {box?.Height}");
            }

            var cut = await open.Page.EvaluateAsync<string[]>(Overhanging);
            Assert.True(cut.Length == 0, $"{name}: text leaves its figure: {string.Join(" | ", cut)}");
            var met = await open.Page.EvaluateAsync<string[]>(Colliding);
            Assert.True(met.Length == 0, $"{name}: labels overlap: {string.Join(" | ", met)}");
            Assert.Empty(open.Complaints);
        }
    }

    [ChromiumFact]
    public async Task Text_has_enough_contrast_in_both_themes()
    {
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using var open = await browser.Open(Report, 1200, scheme);
            var faint = await open.Page.EvaluateAsync<string[]>(Faint);
            Assert.True(faint.Length == 0, $"{scheme}: {string.Join(" | ", faint.Distinct())}");
        }
    }

    [ChromiumFact]
    public async Task Dark_screens_repaint_the_figures_and_paper_does_not()
    {
        async Task<string> Stroke(ColorScheme scheme, Media media)
        {
            await using var open = await browser.Open(Report, 1200, scheme, media);
            return await open.Page.Locator("figure .s-certified").First.EvaluateAsync<string>("e => getComputedStyle(e).stroke");
        }

        var light = await Stroke(ColorScheme.Light, Media.Screen);
        Assert.NotEqual(light, await Stroke(ColorScheme.Dark, Media.Screen));
        Assert.Equal(light, await Stroke(ColorScheme.Dark, Media.Print));
    }

    [ChromiumFact]
    public async Task Screen_readers_find_headings_table_and_figures()
    {
        await using var open = await browser.Open(Report, 390);
        Assert.Equal(1, await open.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }).CountAsync());
        Assert.Equal(SampleRun.Run.Claims.Length + 4, await open.Page.GetByRole(AriaRole.Heading, new() { Level = 2 }).CountAsync());
        Assert.Equal(SampleRun.Run.Claims.Length + 1, await open.Page.Locator("table.summary").GetByRole(AriaRole.Row).CountAsync());
        Assert.Equal(10, await open.Page.Locator("table.summary").GetByRole(AriaRole.Columnheader).CountAsync());
        var pictures = await open.Page.GetByRole(AriaRole.Img).AllAsync();
        Assert.Equal(SampleRun.Run.Claims.Length, pictures.Count);
        foreach (var picture in pictures)
        {
            Assert.NotEmpty(await picture.GetAttributeAsync("aria-label") ?? "");
        }
    }

    [ChromiumFact]
    public async Task Hostile_names_stay_text()
    {
        await using var open = await browser.Open(HtmlReport.Render(HtmlReportTests.Hostile), 390);
        Assert.Empty(open.Complaints);
        Assert.Equal(1, await open.Page.Locator("script, img, iframe, b > i").CountAsync()); // the page's own script
        Assert.Equal(HtmlReportTests.Attack, await open.Page.Locator("h1").TextContentAsync());
        Assert.True(await Number(open, "document.documentElement.scrollWidth") <= 390);
    }

    /// <summary>40 claims of two models: sorting, filtering, comparison, in every layout, by keyboard.</summary>
    [ChromiumFact]
    public async Task Many_claims_of_two_models_are_sorted_filtered_and_compared()
    {
        var page = HtmlReport.Render(HtmlReportTests.Two);
        Assert.True(page.Length < 2_000_000, $"{page.Length} characters");
        foreach (var (name, width, scheme, media) in new[] { ("two", 1200, ColorScheme.Light, Media.Screen), ("two-dark", 1200, ColorScheme.Dark, Media.Screen), ("two-narrow", 360, ColorScheme.Light, Media.Screen), ("two-paper", 680, ColorScheme.Light, Media.Print) })
        {
            await using var each = await browser.Open(page, width, scheme, media);
            await each.Keep(name);
            Assert.Empty(each.Complaints);
            Assert.True(await Number(each, "document.documentElement.scrollWidth") <= await Number(each, "document.documentElement.clientWidth"), name);
            var faint = await each.Page.EvaluateAsync<string[]>(Faint);
            Assert.True(faint.Length == 0, $"{name}: {string.Join(" | ", faint.Distinct())}");
        }

        await using var open = await browser.Open(page, 1200);
        async Task<string[]> Shown(string column) => [.. (await open.Page.Locator($"table.summary tbody tr:visible td[data-label={column}]").AllTextContentsAsync()).Select(text => text.Trim())];
        Assert.Equal(40, (await Shown("Certified")).Length);

        // Sorted by the certified bound by keyboard: up, down, and back.
        var asWritten = await Shown("Certified");
        var head = open.Page.Locator("table.summary thead").GetByRole(AriaRole.Button, new() { Name = "Certified" });
        await head.FocusAsync();
        await open.Page.Keyboard.PressAsync("Enter");
        var sorted = (await Shown("Certified")).Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(sorted.Order(), sorted);
        Assert.Equal("ascending", await open.Page.Locator("th[aria-sort]").GetAttributeAsync("aria-sort"));
        await open.Page.Keyboard.PressAsync("Enter");
        Assert.Equal(sorted.Reverse(), (await Shown("Certified")).Select(text => double.Parse(text, CultureInfo.InvariantCulture)));
        await open.Page.Keyboard.PressAsync("Enter");
        Assert.Equal(asWritten, await Shown("Certified"));

        // Filtered by words and by verdict, rows and sections alike.
        await open.Page.GetByRole(AriaRole.Searchbox).FillAsync("second.onnx total");
        Assert.Equal(10, (await Shown("Model")).Length);
        Assert.All(await Shown("Model"), model => Assert.Equal("second.onnx", model));
        Assert.Equal(10, await open.Page.Locator("section.claim:visible").CountAsync());
        Assert.Equal("10 of 40 claims", await open.Page.Locator(".filter output").TextContentAsync());
        await open.Page.GetByLabel("refuted").UncheckAsync();
        Assert.Empty(await Shown("Model"));
        await open.Page.GetByLabel("refuted").CheckAsync();
        await open.Page.GetByRole(AriaRole.Searchbox).FillAsync("");
        Assert.Equal(40, (await Shown("Model")).Length);

        Assert.Equal(20, await open.Page.Locator(".side tbody tr").CountAsync());
        Assert.Equal(20, await open.Page.Locator(".side a.best").CountAsync());
        Assert.Equal(40, await open.Page.GetByText("The witness in numbers").CountAsync());
    }

    [ChromiumFact]
    public async Task Page_prints_on_a_few_sheets()
    {
        await using var open = await browser.Open(Report, 1200, ColorScheme.Dark, Media.Print);
        var paper = await open.Page.PdfAsync(new() { Format = "A4", PreferCSSPageSize = true });
        await File.WriteAllBytesAsync(Path.Combine(OpenPage.Pictures, "paper.pdf"), paper);
        var sheets = PageObject().Count(System.Text.Encoding.Latin1.GetString(paper));
        Assert.InRange(sheets, 2, 4);
    }

    [ChromiumFact]
    public async Task Figure_also_reads_as_a_file_of_its_own()
    {
        await using var open = await browser.Open(SvgFigure.For(SampleRun.Map), 460, extension: "svg");
        Assert.Empty(open.Complaints);
        Assert.True(await Number(open, "document.querySelectorAll('text').length") > 10);
    }

    private const string Overhanging = """
        () => [...document.querySelectorAll('figure svg')].flatMap(svg => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(text => {
                const box = text.getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
            }).map(text => text.textContent);
        })
        """;

    private const string Colliding = """
        () => [...document.querySelectorAll('figure svg')].flatMap(svg => {
            const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
            return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([b, q]) =>
                Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1
                && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 0.3 * Math.min(p.height, q.height)).map(([b]) => a + ' / ' + b));
        })
        """;

    // WCAG 2.2, 1.4.3: 4.5 to 1 between text and the nearest painted ground.
    private const string Faint = """
        () => {
            const parse = c => c.match(/[\d.]+/g).map(Number);
            const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
            return [...document.querySelectorAll('body *')]
                .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.localName !== 'style' && !e.closest('.hidden'))
                .map(e => {
                    const style = getComputedStyle(e), colour = e.closest('svg') ? style.fill : style.color;
                    const [a, b] = [light(parse(colour).slice(0, 3)), light(ground(e.closest('svg') ? e.closest('svg').parentElement : e).slice(0, 3))];
                    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.localName + '.' + (e.getAttribute('class') || '') + ' ' + e.textContent.trim().slice(0, 30)];
                })
                .filter(([ratio]) => ratio < 4.5).map(([ratio, name]) => ratio.toFixed(2) + ' ' + name);
        }
        """;

    [GeneratedRegex(@"/Type\s*/Page\b")]
    private static partial Regex PageObject();

    private static async Task<double> Number(OpenPage open, string expression) =>
        double.Parse((await open.Page.EvaluateAsync<object>(expression)).ToString()!, CultureInfo.InvariantCulture);
}
