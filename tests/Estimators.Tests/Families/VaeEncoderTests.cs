using Estimators.Distributions;
using Estimators.Families;
using Estimators.Simulators;
using Estimators.Tests.Export;
using Estimators.Training;
using MathNet.Numerics.LinearAlgebra;
using Xunit;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Estimators.Tests.Families;

public sealed class VaeEncoderTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(3, 2, HiddenFunction.Tanh)]
    [InlineData(4, 1, HiddenFunction.Relu)]
    public void Torch_the_onnx_runtime_and_the_importer_agree(int data, int latent, HiddenFunction function)
    {
        using var scope = NewDisposeScope();
        using var network = Example(data, latent, [16, 8], function);
        var x = Points.Draw(20, data, 6);
        var (mean, logVariance) = network.Encode(Numbers.Matrix(x).to(ScalarType.Float32));
        using var model = new ExportedModel(network.ToOnnx("encoder"));
        foreach (var (name, expected) in new[] { ("mean", mean.ToArray()), ("log_variance", logVariance.ToArray()) })
        {
            Assert.Equal(20 * latent, expected.Length);
            Assert.All(expected.Zip(model.Run(name, ("x", x))), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
            Assert.All(expected.Zip(model.Evaluate(name, ("x", x))), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
            Assert.True(expected.Max() - expected.Min() > 0.01);
        }
    }

    /// <summary>The bound written out in doubles from what encoder and decoder say, for the same normal numbers.</summary>
    [Fact]
    public void The_loss_is_minus_the_evidence_lower_bound()
    {
        using var scope = NewDisposeScope();
        using var network = Example(3, 2, [8], HiddenFunction.Tanh);
        var x = Numbers.Matrix(Points.Draw(5, 3, 6)).to(ScalarType.Float32);
        using var random = new Generator(11);
        using var again = new Generator(11);
        var noise = randn([5, 2], generator: again);
        var (mean, logVariance) = network.Encode(x);
        var (back, deviation) = network.Decode(mean + ((logVariance * 0.5).exp() * noise));
        var (m, v, b, s, d) = (mean.ToArray(), logVariance.ToArray(), back.ToArray(), deviation.ToArray(), x.ToArray());
        var surprise = d.Select((value, i) => (0.5 * Math.Pow((value - b[i]) / s[i % 3], 2)) + Math.Log(s[i % 3]) + (0.5 * Math.Log(2 * Math.PI))).Sum();
        var divergence = m.Select((value, i) => 0.5 * (Math.Exp(v[i]) + (value * value) - 1 - v[i])).Sum();
        Assert.Equal((surprise + divergence) / 5, network.Loss(zeros(5, 1), x, random).item<float>(), 1e-4);
    }

    /// <summary>
    /// x = A z + c + noise in five dimensions from two. The mean of -ln p(x) under the exact N(c, A Aᵀ + s² I) is what no bound goes below; an encoder and a decoder without hidden layers come within 0.02 nats of it
    /// (8,192 fresh x: the difference has a standard error below 0.01), and the encoder is within 0.03 standard deviations of the exact posterior under the decoder that it has learned.
    /// </summary>
    [Fact]
    public void A_linear_encoder_comes_near_the_exact_evidence_and_the_posterior_of_its_decoder()
    {
        using var scope = NewDisposeScope();
        var task = new LinearFactors();
        var training = Catalogue.Training(task, "vae-encoder") with { WeightDecay = 0, Plan = new NetworkPlan("linear", (_, x, random) => new VaeEncoder(x, 2, [], HiddenFunction.Tanh, random)) };
        using var trained = training.Train(new SimulatedPairs(task, 3, "training"), 3);
        using var constant = no_grad();
        var network = (VaeEncoder)trained.Network;
        var x = SimulatedTensors.Draw(task, 9, "test", 8192).X;
        using var draws = new Generator(4);
        var loss = Enumerable.Range(0, 16).Average(_ => network.Loss(x, x, draws).item<float>());
        var exact = LinearFactors.Surprise(x.ToArray());
        output.WriteLine($"bound {loss}, evidence {exact}");
        Assert.InRange(loss - exact, -0.01, 0.02);

        // The posterior under the decoder N(W z + m, diag t²): precision I + Wᵀ diag t^-2 W.
        var (origin, deviation) = network.Decode(zeros(1, 2));
        var w = Matrix<double>.Build.DenseOfColumns(Enumerable.Range(0, 2).Select(k => (network.Decode(eye(2).narrow(0, k, 1)).Mean - origin).ToArray()));
        var weighted = w.TransposeThisAndMultiply(Matrix<double>.Build.DenseOfDiagonalArray([.. deviation.ToArray().Select(t => 1 / (t * t))]));
        var covariance = (Matrix<double>.Build.DenseIdentity(2) + (weighted * w)).Inverse();
        var centred = Matrix<double>.Build.DenseOfRowArrays((x - origin).ToArray().Chunk(5));
        var means = centred * (covariance * weighted).Transpose();
        var (mean, logVariance) = network.Encode(x);
        var (m, v) = (mean.ToArray(), logVariance.ToArray());
        for (var k = 0; k < 2; k++)
        {
            var error = Math.Sqrt(Enumerable.Range(0, centred.RowCount).Average(i => Math.Pow(m[(2 * i) + k] - means[i, k], 2)) / covariance[k, k]);
            output.WriteLine($"z_{k}: error {error}, variance {Enumerable.Range(0, centred.RowCount).Average(i => Math.Exp(v[(2 * i) + k]))} of {covariance[k, k]}");
            Assert.InRange(error, 0, 0.03);
            Assert.InRange(Enumerable.Range(0, centred.RowCount).Average(i => Math.Exp(v[(2 * i) + k])) / covariance[k, k], 0.95, 1.05);
        }
    }

    [Fact]
    public void Training_repeats_and_what_no_code_can_be_is_refused()
    {
        using var first = Catalogue.Train(new TwoMoons(), "vae-encoder", 3, epochs: 1, latent: 1);
        using var second = Catalogue.Train(new TwoMoons(), "vae-encoder", 3, epochs: 1, latent: 1);
        Assert.Equal(first.Network.ToOnnx("e"), second.Network.ToOnnx("e"));
        Assert.Contains("The latent dimension is 0, expected 1 to 1000", Assert.Throws<ArgumentException>(() => Catalogue.Train(new TwoMoons(), "vae-encoder", 3, latent: 0)).Message, StringComparison.Ordinal);
    }

    private static VaeEncoder Example(int data, int latent, int[] hidden, HiddenFunction function)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var network = new VaeEncoder((randn([100, data], generator: random) * 0.7) - 0.2, latent, hidden, function, random);
        using (no_grad())
        {
            foreach (var parameter in network.parameters())
            {
                parameter.add_(randn(parameter.shape, generator: random) * 0.3);
            }
        }

        return network;
    }

    /// <summary>z standard normal in two dimensions, x = A z + c + 0.5 e.</summary>
    private sealed class LinearFactors : Simulator
    {
        private const double Noise = 0.5;

        private static readonly double[,] A = { { 1, 0.5 }, { -0.8, 1 }, { 0.3, 0.9 }, { 1.2, -0.4 }, { 0, 0.7 } };

        private static readonly double[] C = [1, -2, 0, 0.5, 3];

        public override string Name => "linear_factors";

        public override int DataCount => 5;

        public override Distribution Prior { get; } = new IndependentNormal([0, 0], [1, 1]);

        public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x)
        {
            for (var i = 0; i < x.Length; i++)
            {
                x[i] = C[i] + (A[i, 0] * theta[0]) + (A[i, 1] * theta[1]) + (Noise * random.Normal());
            }
        }

        /// <summary>Mean of -ln p(x) over rows.</summary>
        public static double Surprise(double[] rows)
        {
            var a = Matrix<double>.Build.DenseOfArray(A);
            var factor = ((a * a.Transpose()) + (Noise * Noise * Matrix<double>.Build.DenseIdentity(5))).Cholesky();
            return rows.Chunk(5).Average(row =>
            {
                var residual = Vector<double>.Build.DenseOfEnumerable(row.Zip(C, (value, centre) => value - centre));
                return 0.5 * (residual.DotProduct(factor.Solve(residual)) + factor.DeterminantLn + (5 * Math.Log(2 * Math.PI)));
            });
        }
    }
}
