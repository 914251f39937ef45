using System.Security.Cryptography;
using Certify;
using Estimators.Distributions;
using Estimators.Simulators;
using Estimators.Training;
using Estimators.Training.Methods;
using Guarantees.Arithmetic;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using DrawSource = Estimators.Simulators.DrawSource;

// From a simulator to a certificate: train, export, claim, prove. How far can an error of at most 2 % of each temperature's standard deviation move the posterior?
using var trained = new PosteriorTraining { Epochs = 30, Method = new IntervalBound() }.Train(new SimulatedPairs(new Cooling(), seed: 1, "training"), seed: 1);
var model = trained.Network.ToOnnx("cooling");
File.WriteAllBytes("posterior.onnx", model);

var (network, family) = (OnnxImporter.Read(model, "posterior.onnx"), FamilyDescription.Parse(trained.Network.FamilyText));
var claim = new Claim
{
    Kind = ClaimKind.Robustness,
    Metric = Metric.Wasserstein2,
    Norm = Norm.Linf,
    Observation = [0.74, 0.55, 0.41, 0.30],
    Radius = [.. trained.Network.DataScale().Select(scale => 0.02 * scale)],
    AtMost = 0.03,
};
var answer = new Certifier { MostParts = 10_000, TimeLimit = TimeSpan.FromMinutes(2), Model = model }.Run(new Estimator(network, family.Bind(network), Convert.ToHexStringLower(SHA256.HashData(model)), "posterior.onnx"), family, claim);
CertificateFile.Write(answer.Certificate, "certificate.json");
Console.WriteLine($"{Words.Of(answer.Result.Verdict)}: no error within the radius moves the posterior of (ln rate, start) by more than {answer.Result.Upper:G3}; {answer.Result.Lower:G3} is reached.");
return answer.Result.Verdict == Verdict.Proved ? 0 : 1;

/// <summary>A body cools: temperatures start e^(-rate t) at t = 1 to 4, measured with errors of 0.02; ln rate ~ N(-1.2, 0.09), start ~ N(1, 0.01).</summary>
internal sealed class Cooling : Simulator
{
    public override string Name => "cooling";

    public override int DataCount => 4;

    public override Distribution Prior { get; } = new IndependentNormal([-1.2, 1], [0.3, 0.1]);

    public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x)
    {
        for (var t = 1; t <= x.Length; t++)
        {
            x[t - 1] = (theta[1] * Elementary.Exp(-Elementary.Exp(theta[0]) * t)) + (0.02 * random.Normal());
        }
    }
}
