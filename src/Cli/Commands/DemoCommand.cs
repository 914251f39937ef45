using System.CommandLine;
using System.Globalization;
using System.Text;
using Estimators;
using Guarantees.Claims;

namespace Cli.Commands;

/// <summary><c>certify demo</c>: trains a small estimator whose exact posterior is known, certifies it, and compares with the truth.</summary>
internal static class DemoCommand
{
    private const string Observations = "x_0,x_1\n0,0\n0.3,-0.2\n-0.5,0.4\n0.7,0.7\n-0.9,0.1\n";

    internal const string Spec =
        """
        # Trained by 'certify demo' on sbibm's gaussian_linear in 2 dimensions; the exact posterior is N(x / 2, 0.05 I).
        estimator:
          model: model.onnx
          family: { name: gaussian, mean: mean, cholesky: { diagonal: cholesky_diagonal, lower: cholesky_lower } }
        domain: { lower: [-1, -1], upper: [1, 1] }
        claims:
          - robustness: { observations: observations.csv, norm: linf, radius: 0.1, metric: wasserstein2 }
          - lipschitz: { norm: l2, metric: wasserstein2 }
          - approximation: { reference: gaussian-linear, metric: wasserstein2 }

        """;

    public static CertifyCommand Create()
    {
        var folder = new Option<string>("--out") { Description = "Folder for model, spec, certificates and report.", DefaultValueFactory = _ => "out", HelpName = "DIR" };
        var seed = new Option<int>("--seed") { Description = "Seed of the training and of the attack.", DefaultValueFactory = _ => 1, HelpName = "NUMBER" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document and nothing else." };
        var command = new CertifyCommand("demo", "Trains a small estimator, certifies it and writes the report.", "certify demo --out out") { folder, seed, json };
        command.Does((parsed, cancellation) =>
        {
            var (path, number) = (parsed.GetValue(folder)!, parsed.GetValue(seed));
            using var journal = RunJournal.Open(path, resume: false);
            Train(path, number, cancellation);
            var session = new RunSession { OutFolder = path, Seed = number, TimeLimit = TimeSpan.FromSeconds(8), Gap = 0.01, Truth = Truth };
            var run = session.Run(Path.Combine(path, "spec.yaml"), cancellation, journal);
            RunCommand.Print(run, path, parsed.GetValue(json));
            return ExitCode.Of(run.Verdict);
        });
        return command;
    }

    private static void Train(string folder, int seed, CancellationToken cancellation)
    {
        var terminal = new Terminal();
        terminal.Show("training");
        var model = DemoEstimator.Train(seed, new Relay(terminal), cancellation);
        terminal.Clear();
        RunSession.Write(Path.Combine(folder, "model.onnx"), model);
        RunSession.Write(Path.Combine(folder, "observations.csv"), Encoding.UTF8.GetBytes(Observations));
        RunSession.Write(Path.Combine(folder, "spec.yaml"), Encoding.UTF8.GetBytes(Spec));
    }

    /// <summary>What the exact posterior would give: W2 between N(x/2, S) and N(x'/2, S) is |x - x'| / 2.</summary>
    private static (double Value, string Text)? Truth(Claim claim) => claim.Kind switch
    {
        ClaimKind.Robustness => (0.5 * Math.Sqrt(claim.Radius.Sum(radius => radius * radius)), "how far the exact posterior moves"),
        ClaimKind.Lipschitz => (0.5, "Lipschitz constant of the exact posterior"),
        ClaimKind.Approximation => (0, "what a perfect estimator would have"),
        _ => null,
    };

    private sealed class Relay(Terminal terminal) : IProgress<(int Epoch, int Epochs, double Loss)>
    {
        public void Report((int Epoch, int Epochs, double Loss) value) =>
            terminal.Show(string.Create(CultureInfo.InvariantCulture, $"training: epoch {value.Epoch} of {value.Epochs}, loss {value.Loss:F4} nats"));
    }
}
