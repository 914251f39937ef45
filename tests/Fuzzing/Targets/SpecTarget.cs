using System.Text;
using Guarantees.Formats;
using Guarantees.Formats.Spec;

namespace Fuzzing;

/// <summary>Specs, with a small table of observations beside them and a large one.</summary>
internal sealed class SpecTarget : Target
{
    private const string Estimator = "estimator: { model: model.onnx, family: { name: diagonal-gaussian, mean: mean, log-standard-deviation: scale } }\n";

    private static readonly string[] Words =
    [
        "estimator", "model", "family", "name", "claims", "robustness", "lipschitz", "approximation", "event-probability", "credible-interval", "coverage", "monotone", "symmetric", "posterior-stability", "calibration", "conformal", "simulations", "set", "sequential", "samples", "prior", "uniform", "density-at-most", "modulus", "radii", "directions", "covariance", "functional", "mahalanobis", "at", "inside", "network", "prior-covariance", "noise-covariance", "matrix", "offset", "permutation", "input-signs", "direction", "increasing", "of", "mean", "observations", "rows", "norm", "radius", "metric", "at-most", "at-least",
        "domain", "lower", "upper", "parameter", "event", "level", "reference", "parameters", "output", "density-at-least", "mass-outside", "gaussian-linear", "beta-binomial", "alpha", "trials", "table", "file", "lipschitz", "inputs", "wasserstein2", "total-variation", "log-density", "kl", "l1", "l2", "linf", "observed.csv", "many.csv", "0-9", "0-99999", "samples", "draws", "confidence", "black-box", "noise", "command", "time-limit",
        ": ", "- ", "{ ", " }", "[", "]", ", ", "\n", "\n  ", "\n      - ", "? ", "&a ", "*a", "!!float ", "!<tag> ", "---\n", "...\n", "%TAG ! x\n", "|\n", ">-\n", "'", "\"", "# ", "\t", "~", "null", "yes", "<<: ", "cholesky", "transform", "softplus",
    ];

    private static readonly Lazy<string> Spec = new(() =>
    {
        File.WriteAllText(Path.Combine(Workshop.Folder, "observed.csv"), "x_0,x_1\n0.1,0.2\n-1,0.5\n3,4\n");
        File.WriteAllText(Path.Combine(Workshop.Folder, "many.csv"), "x_0,x_1\n" + string.Concat(Enumerable.Repeat("0.1,0.2\n", 100_000)));
        return Path.Combine(Workshop.Folder, "input.yaml");
    });

    public override string Name => "spec";

    protected override IEnumerable<byte[]> Seeds => new[]
    {
        Estimator + "claims:\n  - robustness: { observations: observed.csv, rows: 0-1, norm: linf, radius: 0.05, metric: wasserstein2, at-most: 0.2 }\n  - lipschitz: { norm: l2, metric: wasserstein2, domain: { lower: [-1, -1], upper: [1, 1] } }\n",
        Estimator + "domain:\n  lower: [-1, -1]\n  upper: [1, 1]\nclaims:\n  - event-probability:\n      observations: observed.csv\n      rows: [0, 2]\n      norm: l1\n      radius: [0.1, 0.2]\n      parameter: 0\n      event: { lower: 0, upper: .inf }\n      at-least: 0.3\n"
            + "  - credible-interval: { observations: observed.csv, norm: l2, radius: 0.1, parameter: 1, level: 0.9 }\n  - approximation: { reference: gaussian-linear, metric: total-variation }\n",
        Estimator + "domain: { lower: [-1, -1], upper: [1, 1] }\nclaims:\n  - approximation: { reference: { gaussian-linear: { prior-covariance: [[1, 0], [0, 1]], matrix: [[1, 2], [3, 4]], noise-covariance: [[1, 0.5], [0.5, 1]], offset: [1, 2] } }, metric: kl }\n"
            + "  - approximation: { reference: { beta-binomial: { alpha: 1, beta: [1, 2], trials: 5 } }, metric: kl }\n  - approximation: { reference: { network: { model: observed.csv, family: { name: vector } } }, metric: l2 }\n  - symmetric: { permutation: [1, 0], input-signs: [1, -1], metric: kl }\n  - monotone: { of: mean, parameter: 0, input: 1, direction: increasing, at-least: 0.5 }\n",
        "estimator: { model: m.onnx, family: { name: vector } }\nclaims:\n  - approximation: { reference: { table: { file: observed.csv, inputs: 1, error: 0.1, lipschitz: 2 } }, rows: 0-1, norm: l2, radius: 0.1, metric: l2 }\n",
        "estimator: { model: m.onnx, family: { name: log-density, parameters: theta, output: q } }\nclaims:\n  - robustness: { observations: observed.csv, norm: l1, radius: 0.1, metric: log-density, parameters: { lower: [0], upper: [1] }, density-at-least: -1, mass-outside: 0.01 }\n",
        "estimator:\n  model: \"m.onnx\"\n  family:\n    name: gaussian-mixture\n    logits: l\n    means: m\n    precision-factor: { diagonal: d, upper: u, transform: log }\nclaims:\n  - robustness:\n      observations: 'observed.csv'\n      norm: l2\n      radius: 1e-3\n      metric: log-density\n      parameters: { lower: [0], upper: [1] }\n",
    }.Select(Encoding.UTF8.GetBytes);

    protected override IEnumerable<Func<byte[]>> Hostile =>
    [
        () => Text(new string('[', 1_000_000)),
        () => Text(new string('{', 1_000_000)),
        () => Text(string.Concat(Enumerable.Repeat("- ", 1_000_000))),
        () => Text(string.Concat(Enumerable.Repeat("? ", 1_000_000))),
        () => Text(string.Concat(Enumerable.Range(0, 1_000).Select(i => new string(' ', i) + "a:\n"))),
        () => Text("a: &a [x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"{(char)('a' + i)}: &{(char)('a' + i)} [{string.Join(',', Enumerable.Repeat("*" + (char)('a' + i - 1), 9))}]\n"))),
        () => Text(string.Concat(Enumerable.Range(0, 300_000).Select(i => $"k{i}: 1\n"))),
        () => Text(Estimator + "claims:\n" + string.Concat(Enumerable.Repeat("  - lipschitz: { norm: l2, metric: wasserstein2, domain: { lower: [0], upper: [1] } }\n", 40_000))),
        () => Text(Estimator + "claims:\n" + string.Concat(Enumerable.Repeat("  - robustness: { observations: many.csv, norm: l2, radius: 1, metric: kl }\n", 400))),
        () => Text(Estimator + "claims:\n  - robustness: { observations: many.csv, norm: l2, radius: 1, metric: kl, rows: [" + string.Join(',', Enumerable.Range(0, 100_000)) + "] }\n"),
        () => Text(Estimator + "claims:\n  - robustness: { observations: many.csv, norm: l2, radius: 1, metric: kl, rows: [" + string.Join(',', Enumerable.Repeat("0-99999", 10_000)) + "] }\n"),
        () => Text(Estimator + "claims:\n  - robustness: { observations: /dev/zero, norm: l2, radius: 1, metric: kl }\n"),
        () => Text(Estimator + "claims:\n  - approximation: { reference: { network: { model: /dev/zero, family: { name: vector } } }, metric: l2, domain: { lower: [0], upper: [1] } }\n"),
        () => Text("estimator: { model: m.onnx, family: { name: vector } }\nclaims:\n" + string.Concat(Enumerable.Repeat("  - approximation: { reference: { table: { file: many.csv, inputs: 1 } }, metric: l2 }\n", 400))),
        () => Text(Estimator + "claims:\n  - approximation: { reference: { table: { file: /dev/zero } }, metric: kl }\n"),
        () => Text(Estimator + "claims:\n  - approximation: { reference: { gaussian-linear: { prior-covariance: [" + string.Join(',', Enumerable.Repeat("[1,1,1,1,1,1,1,1]", 10_000)) + "], matrix: [[1]], noise-covariance: [[1]] } }, metric: kl }\n"),
        () => Text("estimator: \"" + new string('a', 4_000_000) + "\""),
        () => Text("a: |\n" + string.Concat(Enumerable.Repeat("  x\n", 500_000))),
        () => Text("a: \"" + string.Concat(Enumerable.Repeat("\\u0041", 500_000)) + "\""),
        () => Text(new string('#', 3_000_000)),
        () => Text(new string('\n', 3_000_000)),
        () => Text("a: " + new string('"', 1_000_000)),
        () => Text("a: " + new string('!', 1_000_000)),
        () => Text("a: " + new string('&', 1_000_000)),
        () => Text(string.Concat(Enumerable.Repeat("a: b: c: ", 200_000))),
        () => Text(string.Concat(Enumerable.Repeat("%TAG !a! b\n", 100_000))),
    ];

    public override bool Run(byte[] input)
    {
        try
        {
            // As SpecFile.Read(path) does, without a file.
            using var reader = new StreamReader(new MemoryStream(input), new UTF8Encoding(false, true));
            SpecFile.Read(reader, Spec.Value);
            return true;
        }
        catch (SpecFormatException error)
        {
            return Refused(error, Spec.Value);
        }
        catch (TableFormatException error)
        {
            return Refused(error, ":"); // it names the table
        }
        catch (IOException)
        {
            return false; // it names a table that is not there
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent) => mutator.Chance(0.15) ? mutator.Bytes(parent) : mutator.Text(parent, Words);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
