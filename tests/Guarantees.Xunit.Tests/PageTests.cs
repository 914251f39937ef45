using Guarantees.Claims;
using Guarantees.Xunit;
using Xunit;

namespace Example
{
    // Page begin
    public class PosteriorTests
    {
        private const string Family = "{ name: diagonal-gaussian, mean: mean, log-standard-deviation: log_sd }";

        [Fact]
        public async Task Noise_hardly_moves_it() =>
            await Certified.That("posterior.onnx", Family)
                .IsRobust(Inputs.Around([0.1, 0.2], radius: 0.01), Metric.Wasserstein2, atMost: 0.03);

        [Fact]
        public async Task Its_error_bars_stay_sensible() =>
            await Certified.That("posterior.onnx", Family)
                .Keeps(Quantity.StandardDeviation, Inputs.Between([-1, -1], [1, 1]), atLeast: 0.1, atMost: 10);

        [Theory]
        [CertifiedSpec("guarantees.yaml")]
        public Task It_keeps_its_guarantees(CertifiedClaim claim) => claim.Holds();
    }
    // Page end
}

namespace Guarantees.Xunit.Tests
{
    /// <summary>The program of <c>docs/xunit.md</c> is the one above, which runs here.</summary>
    public sealed class PageTests
    {
        [Fact]
        public void Page_and_readme_show_what_runs()
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(root.FullName, "Guarantees.slnx")))
            {
                root = root.Parent!;
            }

            var source = File.ReadAllText(Path.Combine(root.FullName, "tests", "Guarantees.Xunit.Tests", "PageTests.cs"));
            const string Begin = "    // Page begin\n", End = "    // Page end\n";
            var start = source.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
            var program = source[start..source.IndexOf(End, StringComparison.Ordinal)].Replace("\n    ", "\n", StringComparison.Ordinal).Trim();
            Assert.Contains("It_keeps_its_guarantees", program, StringComparison.Ordinal);
            Assert.Contains(program, File.ReadAllText(Path.Combine(root.FullName, "docs", "xunit.md")), StringComparison.Ordinal);
            Assert.Contains("await Certified.That(\"posterior.onnx\", Family)", File.ReadAllText(Path.Combine(root.FullName, "README.md")), StringComparison.Ordinal);
        }
    }
}
