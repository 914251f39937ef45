using Microsoft.Playwright;
using Xunit;

namespace Reports.Tests;

/// <summary>One headless Chromium for a class of tests. Nothing starts where it is not installed.</summary>
public sealed class Browser : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("report-").FullName;
    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (!File.Exists(ChromiumFactAttribute.Path))
        {
            return;
        }

        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = ChromiumFactAttribute.Path,
            ChromiumSandbox = false,
            Args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Milliseconds that anything of a page may take: a busy machine is no finding.</summary>
    private const float Patience = 240_000;

    /// <summary>Opens markup from disk, as a reader does, and records what the page complains about and asks for.</summary>
    public async Task<OpenPage> Open(string markup, int width, ColorScheme scheme = ColorScheme.Light, Media media = Media.Screen, string extension = "html")
    {
        var file = Path.Combine(folder, $"{Guid.NewGuid():N}.{extension}");
        await File.WriteAllTextAsync(file, markup);
        var page = await browser!.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
        page.SetDefaultTimeout(Patience);
        await page.EmulateMediaAsync(new() { Media = media, ColorScheme = scheme });
        var open = new OpenPage(page, new Uri(file).AbsoluteUri);
        page.Console += (_, message) => open.Complaints.Add(message.Text);
        page.PageError += (_, error) => open.Complaints.Add(error);
        page.Request += (_, request) => open.Requests.Add(request.Url);
        await page.GotoAsync(open.Address);
        return open;
    }
}

/// <summary>An open page and what it did.</summary>
/// <param name="Page">The page.</param>
/// <param name="Address">Its address on disk.</param>
public sealed record OpenPage(IPage Page, string Address) : IAsyncDisposable
{
    /// <summary>Console messages and uncaught errors.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Every address that was asked for.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Where pictures are kept for a person to look at: artifacts/pictures, unless the environment names another folder.</summary>
    public static string Pictures { get; } = Directory.CreateDirectory(Environment.GetEnvironmentVariable("REPORT_PICTURES") is { Length: > 0 } named ? named : Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "pictures")).FullName;

    /// <summary>Keeps a picture of the page.</summary>
    public async Task Keep(string name) => await Page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, name + ".png"), FullPage = true });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}
