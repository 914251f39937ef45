using System.Text.Json;
using Guarantees.Formats.Onnx;
using Xunit;

namespace Cli.Tests;

/// <summary>Every page about claims has examples, and each one runs as written: proved or enclosed, and its certificates pass the check.</summary>
public sealed class DocumentationTests
{
    private static readonly string Pages = Path.Combine(Repository.Root, "docs", "claims");

    public static TheoryData<string> Examples() => [.. Directory.GetFiles(Pages, "*.md").Select(path => Path.GetFileName(path)!).Where(page => page is not ("README.md" or "sets.md")).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Examples))]
    public void The_examples_of_a_page_run_as_written(string page)
    {
        var text = File.ReadAllText(Path.Combine(Pages, page));
        const string Fence = "```yaml\n";
        Assert.Contains(Fence, text, StringComparison.Ordinal);
        foreach (var part in text.Split(Fence)[1..])
        {
            // A spec that names a program runs only where the reader allows it.
            if (part[..part.IndexOf("```\n", StringComparison.Ordinal)] is var spec && !spec.Contains("command:", StringComparison.Ordinal))
            {
                Run(page, spec);
            }
        }
    }

    private static void Run(string page, string spec)
    {
        var folder = Directory.CreateTempSubdirectory("docs-").FullName;
        File.WriteAllBytes(Path.Combine(folder, "posterior.onnx"), Posterior());
        File.WriteAllBytes(Path.Combine(folder, "retrained.onnx"), Posterior(change: 0.002));
        File.WriteAllBytes(Path.Combine(folder, "shapes.onnx"), Linear(("alpha", [1, 0, 0, 1], [2, 2]), ("beta", [-1, 0, 0, -1], [23.5f, 23.5f])));
        File.WriteAllBytes(Path.Combine(folder, "location.onnx"), Linear(("location", [0.25f, 0.25f], [0.25f]), ("scale", [0, 0], [0.4f])));
        File.WriteAllText(Path.Combine(folder, "reference.csv"), "x_0,x_1,mean_0,mean_1,sd_0,sd_1\n0.3,-0.2,0.1,0.2,0.5,0.75\n-0.5,0.4,-0.1,0,0.5,1\n");
        File.WriteAllBytes(Path.Combine(folder, "likelihood.onnx"), Likelihood());
        File.WriteAllText(Path.Combine(folder, "observed.csv"), "x_0,x_1\n0.3,-0.2\n-0.5,0.4\n");
        File.WriteAllText(Path.Combine(folder, "draws.csv"), "theta_0,theta_1\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => $"{(i % 4) - 0.5},0\n")));
        if (spec.Contains("simulations.csv", StringComparison.Ordinal))
        {
            WritePairs(folder, 2000, 99);
        }

        File.WriteAllText(Path.Combine(folder, "spec.yaml"), spec);

        var ran = Program.Run(folder, "run", "spec.yaml", "--out", "out", "--timeout", "20", "--json");

        Assert.True(ran.ExitCode == 0, $"{page}: exit {ran.ExitCode}\n{spec}\n{ran.Output}\n{ran.Errors}");
        using var answer = JsonDocument.Parse(ran.Output);
        Assert.NotEmpty(answer.RootElement.GetProperty("claims").EnumerateArray());
        Assert.Equal(0, Program.Run(folder, ["check", .. Directory.GetFiles(Path.Combine(folder, "out"), "claim-*.json"), .. spec.Contains("simulations.csv", StringComparison.Ordinal) ? (string[])[] : ["--draws", "draws.csv"]]).ExitCode);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Every_claim_has_a_page_and_every_page_says_what_it_does_not_say()
    {
        var claims = Enum.GetValues<Guarantees.Claims.ClaimKind>().Select(Guarantees.Claims.Words.Of).Append("well-defined");
        foreach (var claim in claims)
        {
            var text = File.ReadAllText(Path.Combine(Pages, claim + ".md"));
            Assert.Contains("**Use it**", text, StringComparison.Ordinal);
            Assert.Contains("It does not say", text, StringComparison.Ordinal);
            Assert.Contains($"{claim}.md", File.ReadAllText(Path.Combine(Pages, "README.md")), StringComparison.Ordinal);
        }
    }

    /// <summary>Outputs W x + c of two data; weights one row an output.</summary>
    private static byte[] Linear(params (string Name, float[] Weights, float[] Constants)[] outputs)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        foreach (var (name, weights, constants) in outputs)
        {
            var n = constants.Length;
            float[] columns = [.. Enumerable.Range(0, 2 * n).Select(k => weights[(k % n * 2) + (k / n)])];
            graph.Output(graph.Node("Gemm", name, [x, graph.Initializer($"w_{name}", columns, 2, n), graph.Initializer($"c_{name}", constants, n)]), n);
        }

        return graph.ToBytes();
    }

    /// <summary>-2 |x - theta|², of two parameters and two data.</summary>
    private static byte[] Likelihood()
    {
        var graph = new OnnxGraphBuilder();
        var away = graph.Node("Sub", "away", [graph.Input("x", 2), graph.Input("theta", 2)]);
        graph.Output(graph.Node("MatMul", "log_likelihood", [graph.Node("Mul", "square", [away, away]), graph.Initializer("minus_two", [-2f, -2f], 2, 1)]), 1);
        return graph.ToBytes();
    }

    /// <summary>Pairs of which the estimator diagonal-gaussian of the pages is the posterior: x standard normal, theta drawn from it; and as many draws more of each.</summary>
    private static void WritePairs(string folder, int pairs, int draws)
    {
        var (network, random) = (Guarantees.Formats.Onnx.OnnxImporter.Read(Posterior(), "posterior.onnx"), new Random(5));
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var (table, samples) = (new System.Text.StringBuilder("theta_0,theta_1,x_0,x_1\n"), new System.Text.StringBuilder("theta_0,theta_1\n"));
        for (var i = 0; i < pairs; i++)
        {
            double[] x = [Normal(), Normal()];
            var values = network.Evaluate(x);
            var (mean, scale) = (values[network.Output("mean").Id], values[network.Output("log_sd").Id]);
            string Theta() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{mean[0] + (Math.Exp(scale[0]) * Normal()):R},{mean[1] + (Math.Exp(scale[1]) * Normal()):R}");
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"{Theta()},{x[0]:R},{x[1]:R}\n");
            for (var l = 0; l < draws; l++)
            {
                samples.Append(Theta()).Append('\n');
            }
        }

        File.WriteAllText(Path.Combine(folder, "simulations.csv"), table.ToString());
        File.WriteAllText(Path.Combine(folder, "samples.csv"), samples.ToString());
    }

    /// <summary>A small tanh network with the outputs that the pages name.</summary>
    private static byte[] Posterior(double change = 0)
    {
        var (random, other) = (new Random(7), new Random(8));
        float[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => (float)((size * ((2 * random.NextDouble()) - 1)) + (change * ((2 * other.NextDouble()) - 1))))];
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var h = graph.Node("Tanh", "h", [graph.Node("Gemm", "a", [x, graph.Initializer("w", Draw(16, 1), 2, 8), graph.Initializer("b", Draw(8, 0.5), 8)])]);
        foreach (var (name, length) in new[] { ("mean", 2), ("log_sd", 2), ("logits", 3), ("means", 6), ("precision_diagonal", 6), ("precision_upper", 3) })
        {
            graph.Output(graph.Node("Gemm", name, [h, graph.Initializer($"v_{name}", Draw(8 * length, 0.5), 8, length), graph.Initializer($"c_{name}", Draw(length, 0.5), length)]), length);
        }

        return graph.ToBytes();
    }
}
