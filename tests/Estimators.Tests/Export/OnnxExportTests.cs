using Estimators.Export;
using Estimators.Families;
using Estimators.Training;
using Guarantees.Formats.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Estimators.Tests.Export;

/// <summary>Three readings of one model agree: the torch module, ONNX Runtime on the exported bytes, and our importer.</summary>
public sealed class OnnxExportTests
{
    /// <summary>
    /// float32 sums of at most 33 terms through three layers: 32 units in the last place of the largest intermediate number, which is below 64 here,
    /// give 32 * 2^-24 * 64; any wrong weight, order or activation shows in the first digits.
    /// </summary>
    private const double Tolerance = 1.3e-4;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(2, 4)]
    public void Torch_and_the_onnx_runtime_agree(int data, int parameters)
    {
        var (network, points) = Example(data, parameters);
        using (network)
        {
            using var session = new InferenceSession(OnnxExport.Write(network));
            var input = new DenseTensor<float>(points.SelectMany(point => point).Select(t => (float)t).ToArray(), [points.Length, data]);
            using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", input)]);
            var actual = results.ToDictionary(result => result.Name, result => result.AsEnumerable<float>().Select(value => (double)value).ToArray());
            AssertClose(Posterior(network, points), actual);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(2, 4)]
    public void Torch_and_the_importer_agree(int data, int parameters)
    {
        var (network, points) = Example(data, parameters);
        using (network)
        {
            var imported = OnnxImporter.Read(OnnxExport.Write(network), "exported");
            var values = points.Select(point => imported.Evaluate(point)).ToArray();
            var actual = imported.Outputs.ToDictionary(output => output.Name, output => values.SelectMany(value => value[output.Node]).ToArray());
            AssertClose(Posterior(network, points), actual);
        }
    }

    [Fact]
    public void A_single_parameter_has_no_lower_triangle()
    {
        var (network, _) = Example(2, 1);
        using (network)
        {
            var imported = OnnxImporter.Read(OnnxExport.Write(network), "exported");
            Assert.Equal(["mean", "cholesky_diagonal"], imported.Outputs.Select(output => output.Name));
        }
    }

    [Fact]
    public void Writing_twice_gives_the_same_bytes_and_leaves_no_tensor()
    {
        var (network, _) = Example(2, 2);
        using (network)
        {
            using var scope = NewDisposeScope();
            Assert.Equal(OnnxExport.Write(network), OnnxExport.Write(network));
            Assert.Equal(0, scope.DisposablesCount);
        }
    }

    private static Dictionary<string, double[]> Posterior(PosteriorNetwork network, double[][] points)
    {
        using var scope = NewDisposeScope();
        var q = network.Posterior(Numbers.Matrix(points).to(ScalarType.Float32));
        var outputs = new Dictionary<string, double[]> { ["mean"] = q.Mean.ToArray(), ["cholesky_diagonal"] = q.Diagonal.ToArray() };
        if (network.Head.LowerCount > 0)
        {
            outputs["cholesky_lower"] = q.Lower.ToArray();
        }

        return outputs;
    }

    private static void AssertClose(Dictionary<string, double[]> expected, Dictionary<string, double[]> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (name, values) in expected)
        {
            Assert.Equal(values.Length, actual[name].Length);
            Assert.All(values.Zip(actual[name]), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        }
    }

    /// <summary>A network with weights and biases far from zero, and points whose coordinates float32 holds exactly.</summary>
    private static (PosteriorNetwork Network, double[][] Points) Example(int data, int parameters)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var network = new PosteriorNetwork(data, [32, 16], new FullGaussianHead(parameters), random);
        using (no_grad())
        {
            foreach (var parameter in network.parameters())
            {
                parameter.add_(randn(parameter.shape, generator: random) * 0.3);
            }
        }

        double[][] points = [.. Enumerable.Range(-4, 9).Select(i => Enumerable.Range(0, data).Select(j => (i + (0.5 * j)) / 4).ToArray())];
        return (network, points);
    }
}
