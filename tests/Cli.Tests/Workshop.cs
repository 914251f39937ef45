using Guarantees.Formats.Onnx;

namespace Cli.Tests;

/// <summary>A temporary folder with models, observations and specs.</summary>
public sealed class Workshop : IDisposable
{
    /// <summary>A Gaussian with mean x / 2 and covariance diag(e^-2, e^-2), of data in two dimensions: W2 between posteriors is |x - x'| / 2, exactly.</summary>
    public const string Linear = "estimator: { model: linear.onnx, family: { name: diagonal-gaussian, mean: mean, log-standard-deviation: scale } }\n";

    /// <summary>What sbi trained on two_moons.</summary>
    public const string Moons =
        "estimator: { model: two_moons.onnx, family: { name: gaussian-mixture, logits: logits, means: means, precision-factor: { diagonal: precision_diagonal, upper: precision_upper } } }\n";

    public Workshop()
    {
        Folder = Directory.CreateTempSubdirectory("certify-").FullName;
        File.WriteAllBytes(Path.Combine(Folder, "linear.onnx"), LinearModel());
        File.Copy(Path.Combine(Repository.Example, "two_moons.onnx"), Path.Combine(Folder, "two_moons.onnx"));
        File.Copy(Path.Combine(Repository.Example, "observations.csv"), Path.Combine(Folder, "observations.csv"));
    }

    public string Folder { get; }

    /// <summary>Writes a file; the result is its name.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(Folder, name), text);
        return name;
    }

    public string PathOf(params string[] names) => Path.Combine([Folder, .. names]);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>The model of <see cref="Linear"/>, its mean x times a slope.</summary>
    public static byte[] LinearModel(float slope = 0.5f)
    {
        var graph = new OnnxGraphBuilder();
        var x = graph.Input("x", 2);
        var half = graph.Initializer("half", [slope, 0, 0, slope], 2, 2);
        var none = graph.Initializer("none", [0f, 0, 0, 0], 2, 2);
        var minusOne = graph.Initializer("minus_one", [-1f, -1], 2);
        graph.Node("Gemm", "mean", [x, half], ("transB", 1));
        graph.Node("Gemm", "scale", [x, none, minusOne], ("transB", 1));
        graph.Output("mean", 2);
        graph.Output("scale", 2);
        return graph.ToBytes();
    }
}
