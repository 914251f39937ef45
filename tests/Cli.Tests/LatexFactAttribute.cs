using Xunit;

namespace Cli.Tests;

/// <summary>A test that compiles with LaTeX (Debian: texlive-latex-recommended, texlive-fonts-recommended).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LatexFactAttribute : FactAttribute
{
    public LatexFactAttribute()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!new[] { "pdflatex", "bibtex" }.All(tool => path.Any(folder => File.Exists(Path.Combine(folder, tool)))))
        {
            Skip = "needs pdflatex and bibtex";
        }
    }
}
