using System.Globalization;
using System.Text.Json.Nodes;
using Cli.Commands;
using NJsonSchema;
using Xunit;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Cli.Tests;

/// <summary>The published schemas describe what the program reads and writes.</summary>
public sealed class SchemaTests(Workshop workshop) : IClassFixture<Workshop>
{
    private const string Head = "estimator: { model: m.onnx, family: { name: gaussian, mean: m, cholesky: { matrix: L } } }\nclaims:\n  - ";

    public static TheoryData<string> Specs => [.. Directory.GetFiles(Path.Combine(Repository.Root, "examples"), "*.yaml", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Repository.Root, path))];

    [Theory]
    [MemberData(nameof(Specs))]
    public async Task Every_example_is_valid(string path) =>
        Assert.Empty((await Schema("spec")).Validate(ToJson(await File.ReadAllTextAsync(Path.Combine(Repository.Root, path)))));

    [Fact]
    public async Task The_spec_of_the_demo_is_valid() => Assert.Empty((await Schema("spec")).Validate(ToJson(DemoCommand.Spec)));

    [Theory]
    [InlineData("robustness: { observations: a.csv, rows: [0, 2-3], norm: l1, radius: [1, 2], metric: log-density, parameters: { lower: [0], upper: [1] } }", true)]
    [InlineData("robustness: { observations: a.csv, norm: l1, radius: 1, metric: log-density, parameters: { lower: [0], upper: [1] }, density-at-least: -2, mass-outside: 0.01 }", true)]
    [InlineData("robustness: { observations: a.csv, norm: l1, radius: 1, metric: log-density, parameters: { lower: [0], upper: [1] }, mass-outside: 2 }", false)]
    [InlineData("robustness: { observations: a.csv, norm: l1, radius: 1, metric: log-density, parameters: { lower: [0], upper: [1] }, mass-outside: { samples: d.csv, confidence: 0.99 } }", true)]
    [InlineData("robustness: { observations: a.csv, norm: l1, radius: 1, metric: log-density, parameters: { lower: [0], upper: [1] }, mass-outside: { samples: d.csv, confidence: 1 } }", false)]
    [InlineData("robustness: { observations: a.csv, norm: l1, radius: 1, metric: log-density, parameters: { lower: [0], upper: [1] }, mass-outside: { samples: d.csv } }", false)]
    [InlineData("robustness: { observations: a.csv, norm: l1, radius: 1, metric: wasserstein2, noise-box: 5, noise: truncated }", true)]
    [InlineData("robustness: { observations: a.csv, norm: l1, radius: 1, metric: wasserstein2, noise-box: 0 }", false)]
    [InlineData("robustness: { observations: a.csv, norm: l1, radius: 1, metric: wasserstein2, noise-box: 5, noise: pink }", false)]
    [InlineData("robustness: { observations: a.csv, rows: 0-9, norm: l2, radius: 0, metric: kl, at-most: 1e-3 }", true)]
    [InlineData("event-probability: { parameter: 1, event: { lower: -.inf, upper: 2 }, at-least: 0.5, domain: { lower: [0], upper: [1] } }", true)]
    [InlineData("credible-interval: { observations: a.csv, norm: l2, radius: 1, parameter: 0, level: 0.9 }", true)]
    [InlineData("approximation: { reference: gaussian-linear, metric: hellinger }", true)]
    [InlineData("approximation: { reference: { gaussian-linear: { prior-mean: [0], prior-covariance: [[1]], matrix: [[1], [2]], offset: [0, 1], noise-covariance: [[1, 0], [0, 1]] } }, metric: kl }", true)]
    [InlineData("approximation: { reference: { gaussian-linear: { prior-covariance: [1], matrix: [[1]], noise-covariance: [[1]] } }, metric: kl }", false)]
    [InlineData("approximation: { reference: { gaussian-linear: { prior-covariance: [[1]], noise-covariance: [[1]] } }, metric: kl }", false)]
    [InlineData("approximation: { reference: { network: { model: old.onnx, family: { name: vector } } }, metric: l2, at-most: 0.1 }", true)]
    [InlineData("approximation: { reference: { network: { model: old.onnx } }, metric: l2 }", false)]
    [InlineData("approximation: { reference: { table: a.csv }, metric: kl }", false)]
    [InlineData("approximation: { reference: { table: { file: a.csv, error: 0.1, lipschitz: 2, inputs: 3 } }, rows: 0-3, norm: l2, radius: 0.1, metric: wasserstein2, at-most: 1 }", true)]
    [InlineData("approximation: { reference: { table: { file: a.csv, error: -0.1 } }, metric: wasserstein2 }", false)]
    [InlineData("approximation: { reference: { beta-binomial: { alpha: 1, beta: [1, 2], trials: 5 } }, metric: kl }", true)]
    [InlineData("approximation: { reference: { beta-binomial: { alpha: 1, beta: 0, trials: 5 } }, metric: kl }", false)]
    [InlineData("approximation: { reference: { gamma-poisson: { shape: 1, rate: 1 } }, metric: kl }", true)]
    [InlineData("approximation: { reference: { gamma-poisson: { shape: 1 } }, metric: kl }", false)]
    [InlineData("approximation: { reference: { normal-inverse-gamma: { mean: -1, count: 1, alpha: 1, beta: 1 } }, metric: wasserstein2 }", true)]
    [InlineData("approximation: { reference: { normal-inverse-gamma: { count: 1, alpha: [1], beta: 1 } }, metric: wasserstein2 }", false)]
    [InlineData("approximation: { reference: { uniform-normal: { lower: [-1, 0], upper: 1, standard-deviation: 0.1 } }, metric: kl }", true)]
    [InlineData("approximation: { reference: { uniform-normal: { lower: -1, upper: 1 } }, metric: kl }", false)]
    [InlineData("monotone: { of: quantile, parameter: 0, level: 0.5, input: 1, direction: decreasing, at-least: 0.1, domain: { lower: [0], upper: [1] } }", true)]
    [InlineData("monotone: { of: mean, parameter: 0, input: 1, direction: up }", false)]
    [InlineData("monotone: { of: output, element: 0, input: 1, direction: increasing, at-least: 0.1, domain: { lower: [0], upper: [1] } }", true)]
    [InlineData("functional: { of: output, element: -1 }", false)]
    [InlineData("monotone: { of: mean, parameter: 0, input: 1, direction: increasing, at-most: 1 }", false)]
    [InlineData("symmetric: { permutation: [1, 0], input-signs: [1, -1], parameter-signs: [-1], metric: wasserstein2, at-most: 0.1 }", true)]
    [InlineData("symmetric: { parameter-signs: [-1], metric: wasserstein2 }", false)]
    [InlineData("robustness: { observations: a.csv, norm: l2, radius: 1, covariance: [[1, 0], [0, 1]], metric: kl }", true)]
    [InlineData("robustness: { observations: a.csv, norm: l1, radius: [1], directions: [[1], [2]], metric: kl }", true)]
    [InlineData("robustness: { observations: a.csv, norm: l1, radius: 1, directions: [1, 2], metric: kl }", false)]
    [InlineData("modulus: { norm: l2, radius: 0.1, metric: kl, domain: { lower: [0], upper: [1] } }", true)]
    [InlineData("modulus: { norm: l2, radii: [0.1, 0.2], metric: hellinger, at-most: 0.1, domain: { lower: [0], upper: [1] } }", true)]
    [InlineData("modulus: { norm: l0, radius: 0.1, metric: kl, domain: { lower: [0], upper: [1] } }", false)]
    [InlineData("modulus: { norm: l2, radius: 0.1, radii: [0.1], metric: kl, domain: { lower: [0], upper: [1] } }", false)]
    [InlineData("modulus: { norm: l2, metric: kl, domain: { lower: [0], upper: [1] } }", false)]
    [InlineData("lipschitz: { norm: l2, metric: hellinger, domain: { lower: [0], upper: [1] } }", true)]
    [InlineData("functional: { of: mahalanobis, at: [0.5], inside: 0.9, domain: { lower: [0], upper: [1] } }", true)]
    [InlineData("functional: { of: mahalanobis, at: [0.5], outside: 1, domain: { lower: [0], upper: [1] } }", false)]
    [InlineData("symmetric: { input-signs: [0, 1], metric: wasserstein2 }", false)]
    [InlineData("robustness: { observations: a.csv, norm: l2, radius: 1, metrik: kl }", false)]
    [InlineData("robustness: { observations: a.csv, norm: l3, radius: 1, metric: kl }", false)]
    [InlineData("robustness: { observations: a.csv, norm: l2, radius: -1, metric: kl }", false)]
    [InlineData("robustness: { observations: a.csv, norm: l2, radius: large, metric: kl }", false)]
    [InlineData("lipschitz: { norm: l2, metric: kl }", false)]
    [InlineData("event-probability: { event: { lower: [0, -.inf], upper: [1, 2] }, domain: { lower: [0], upper: [1] } }", true)]
    [InlineData("event-probability: { event: { lower: [] }, domain: { lower: [0], upper: [1] } }", false)]
    [InlineData("event-probability: { observations: a.csv, norm: l2, radius: 1, parameter: 0, event: { lower: 0 }, samples: d.csv, confidence: 0.9 }", true)]
    [InlineData("event-probability: { observations: a.csv, norm: l2, radius: 1, parameter: 0, event: { lower: 0 }, draws: 100, confidence: 0.9 }", true)]
    [InlineData("event-probability: { observations: a.csv, norm: l2, radius: 1, parameter: 0, event: { lower: 0 }, draws: 0, confidence: 0.9 }", false)]
    [InlineData("calibration: { simulations: s.csv, confidence: 0.95 }", true)]
    [InlineData("calibration: { simulations: s.csv, draws: 99, confidence: 0.95, at-most: 0.1 }", true)]
    [InlineData("calibration: { simulations: s.csv, draws: 99, confidence: 0.95, at-least: 0.1 }", false)]
    [InlineData("calibration: { simulations: s.csv, draws: 0, confidence: 0.95 }", false)]
    [InlineData("coverage: { simulations: s.csv, level: 0.9, confidence: 0.95, at-least: 0.87, sequential: true }", true)]
    [InlineData("coverage: { simulations: s.csv, set: interval, parameter: 1, level: 0.9, draws: 99, confidence: 0.95, at-most: 0.97 }", true)]
    [InlineData("coverage: { simulations: s.csv, level: 1, confidence: 0.95 }", false)]
    [InlineData("coverage: { simulations: s.csv, level: 0.9, confidence: 0.95, set: box }", false)]
    [InlineData("coverage: { simulations: s.csv, level: 0.9 }", false)]
    [InlineData("conformal: { simulations: s.csv, set: mahalanobis, level: 0.9, confidence: 0.95, at-least: 0.88 }", true)]
    [InlineData("conformal: { simulations: s.csv, set: mahalanobis, level: 0.9, confidence: 0.95, draws: 10 }", false)]
    [InlineData("posterior-stability: { observations: a.csv, norm: l2, radius: 1, samples: d.csv, parameters: { lower: [0], upper: [1] }, confidence: 0.9, at-most: 0.1 }", true)]
    [InlineData("posterior-stability: { observations: a.csv, norm: l2, radius: 1, draws: 100, prior: { name: uniform, lower: [0], upper: [1] }, confidence: 0.9 }", true)]
    [InlineData("posterior-stability: { observations: a.csv, norm: l1, radius: [1], draws: 100, prior: { name: gaussian, mean: [0], standard-deviation: [1] }, density-at-most: 0, confidence: 0.9 }", true)]
    [InlineData("posterior-stability: { observations: a.csv, norm: l1, radius: 1, draws: 100, prior: { name: gaussian, mean: [0], standard-deviation: [0] }, density-at-most: 0, confidence: 0.9 }", false)]
    [InlineData("posterior-stability: { observations: a.csv, norm: l2, radius: 1, draws: 100, confidence: 0.9 }", false)]
    [InlineData("posterior-stability: { observations: a.csv, norm: l2, radius: { up-to: 1 }, samples: d.csv, density-at-most: 0, confidence: 0.9 }", false)]
    [InlineData("coverage: { level: 0.9 }", false)]
    public async Task A_claim_is_valid_where_the_program_reads_it(string claim, bool valid) =>
        Assert.Equal(valid, (await Schema("spec")).Validate(ToJson(Head + claim)).Count == 0);

    [Theory]
    [InlineData("{ name: gaussian-mixture, logits: l, means: m, precision-factor: { diagonal: d, upper: u } }", true)]
    [InlineData("{ name: gaussian, mean: m, cholesky: { diagonal: d, lower: l, transform: log } }", true)]
    [InlineData("{ name: diagonal-gaussian, mean: m, standard-deviation: s, transform: softplus }", true)]
    [InlineData("{ name: gaussian, mean: m, covariance: s }", true)]
    [InlineData("{ name: gaussian, mean: m, covariance: { matrix: s } }", false)]
    [InlineData("{ name: gaussian, means: m, cholesky: { matrix: L } }", false)]
    [InlineData("{ name: diagonal-gaussian, mean: m, cholesky: { matrix: L } }", false)]
    [InlineData("{ name: flow }", false)]
    [InlineData("{ name: log-density, parameters: theta, output: q }", true)]
    [InlineData("{ name: log-density, output: q }", false)]
    [InlineData("{ name: sampler, noise: z, output: t }", true)]
    [InlineData("{ name: sampler, output: t }", false)]
    [InlineData("{ name: log-density, parameters: theta, output: q, mean: m }", false)]
    public async Task A_family_is_valid_where_the_program_reads_it(string family, bool valid) => Assert.Equal(
        valid, (await Schema("spec")).Validate(ToJson($"estimator: {{ model: m.onnx, family: {family} }}\nclaims: [ {{ lipschitz: {{ norm: l2, metric: wasserstein2 }} }} ]")).Count == 0);

    [Theory]
    [InlineData("{ family: { name: black-box, noise: 0.1, parameters: 2 } }", true)]
    [InlineData("{ family: { name: black-box, noise: 0.1, parameters: 2 }, command: [python3, q.py], time-limit: 3 }", true)]
    [InlineData("{ family: { name: black-box, noise: 0.1, parameters: 2 }, model: m.onnx }", false)]
    [InlineData("{ family: { name: black-box, noise: 0, parameters: 2 } }", false)]
    [InlineData("{ family: { name: black-box } }", false)]
    [InlineData("{ family: { name: black-box, noise: 1 } }", false)]
    [InlineData("{ family: { name: black-box, noise: 1, parameters: 0 } }", false)]
    [InlineData("{ family: { name: samples, parameters: 2 } }", true)]
    [InlineData("{ family: { name: samples, parameters: 2 }, model: m.onnx }", false)]
    [InlineData("{ family: { name: samples } }", false)]
    [InlineData("{ family: { name: vector } }", false)]
    [InlineData("{ family: { name: vector }, model: m.onnx, command: sh }", false)]
    public async Task An_estimator_is_valid_where_the_program_reads_it(string estimator, bool valid) => Assert.Equal(
        valid, (await Schema("spec")).Validate(ToJson($"estimator: {estimator}\nclaims: [ {{ lipschitz: {{ norm: l2, metric: wasserstein2 }} }} ]")).Count == 0);

    [Theory]
    [InlineData("budget: { seconds: 60, parts: 20000, run-seconds: 600 }", true)]
    [InlineData("budget: { seconds: 0 }", false)]
    [InlineData("budget: { parts: 1.5 }", false)]
    [InlineData("budget: { parts: 2000001 }", false)]
    [InlineData("budget: { minutes: 1 }", false)]
    [InlineData("gate: { worse-by: 0.05, changed-model: fail, unproved: tell }", true)]
    [InlineData("gate: { worse-by: -1 }", false)]
    [InlineData("gate: { unproved: maybe }", false)]
    [InlineData("gate: { changed-model: warn }", false)]
    [InlineData("", false, ", budget: { run-seconds: 1 }")]
    [InlineData("", false, ", modulus: { norm: l1, radius: 1, metric: wasserstein2 }")]
    [InlineData("", true, ", budget: { seconds: 5, parts: 3 }")]
    public async Task A_budget_and_a_gate_are_valid_where_the_program_reads_them(string members, bool valid, string beside = "")
    {
        var text = $"{Workshop.Linear}domain: {{ lower: [0, 0], upper: [1, 1] }}\n{members}\nclaims: [ {{ lipschitz: {{ norm: l2, metric: wasserstein2 }}{beside} }} ]";

        Assert.Equal(valid, (await Schema("spec")).Validate(ToJson(text)).Count == 0);
        if (valid)
        {
            Guarantees.Formats.Spec.SpecFile.Read(new StringReader(text), "spec.yaml");
        }
        else
        {
            Assert.Matches("^spec.yaml:[0-9]+:[0-9]+: ", Assert.Throws<Guarantees.Formats.SpecFormatException>(() => Guarantees.Formats.Spec.SpecFile.Read(new StringReader(text), "spec.yaml")).Message);
        }
    }

    [Fact]
    public async Task Fresh_certificates_are_valid_and_the_schema_names_every_member()
    {
        workshop.Write("spec.yaml", Workshop.Linear + """
            domain: { lower: [-1, -1], upper: [1, 1] }
            claims:
              - robustness: { observations: observations.csv, rows: 0, norm: l1, radius: 0.1, metric: wasserstein2, at-most: 1 }
              - lipschitz: { norm: l2, metric: wasserstein2 }
              - event-probability: { parameter: 0, event: { lower: 0 }, at-least: 0.001 }
            """);
        Assert.Equal(0, Program.Run(workshop.Folder, "run", "spec.yaml", "--out", "out").ExitCode);
        var schema = await Schema("certificate");

        foreach (var file in Directory.GetFiles(workshop.PathOf("out"), "claim-*.json"))
        {
            var text = await File.ReadAllTextAsync(file);
            Assert.Empty(schema.Validate(text));
            var members = JsonNode.Parse(text)!.AsObject().Select(member => member.Key).ToArray();
            Assert.Equal(schema.RequiredProperties.Concat(["float32", "spec"]).Order(), members.Order());
            Assert.NotEmpty(schema.Validate(text.Replace("guarantees-certificate/2", "guarantees-certificate/1", StringComparison.Ordinal)));
            Assert.NotEmpty(schema.Validate(text.Replace("\"digest\"", "\"digests\"", StringComparison.Ordinal)));
        }
    }

    /// <summary>y = (x_0, x_1) / 2 and (-1, -1) over [0, 1]²: unsat and sat.</summary>
    [Theory]
    [InlineData("0.6", "unsat", 0)]
    [InlineData("0.4", "sat", 1)]
    public async Task Fresh_answers_to_vnnlib_questions_are_valid_and_the_schema_names_every_member(string bound, string verdict, int code)
    {
        workshop.Write("question.vnnlib", string.Concat(
            Enumerable.Range(0, 2).Select(i => $"(declare-const X_{i} Real)\n(assert (<= 0 X_{i} 1))\n")) + string.Concat(
            Enumerable.Range(0, 4).Select(i => $"(declare-const Y_{i} Real)\n")) + $"(assert (or (>= Y_0 {bound}) (>= Y_1 {bound})))\n");
        Assert.Equal(code, Program.Run(workshop.Folder, "vnnlib", "linear.onnx", "question.vnnlib", "--certificate", "answer.json").ExitCode);
        var schema = await Schema("property");
        var text = await File.ReadAllTextAsync(workshop.PathOf("answer.json"));

        Assert.Empty(schema.Validate(text));
        var document = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(schema.RequiredProperties.Order(), document.Select(member => member.Key).Order());
        Assert.Equal(verdict, (string?)document["verdict"]);
        foreach (var member in schema.RequiredProperties)
        {
            Assert.NotEmpty(schema.Validate(text.Replace($"\"{member}\"", $"\"{member}s\"", StringComparison.Ordinal)));
        }

        Assert.NotEmpty(schema.Validate(text.Replace(verdict, "maybe", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Fresh_envelopes_and_certificates_without_a_spec_are_valid_and_the_schemas_name_every_member()
    {
        workshop.Write("box.csv", "lo0,lo1,hi0,hi1\n0,0,1,1\n");
        Assert.Equal(0, Program.Run(workshop.Folder, "lipschitz", "linear.onnx", "--box", "box.csv", "--certificate", "constant.json").ExitCode);
        Assert.Equal(0, Program.Run(workshop.Folder, "key", "--out", "schema").ExitCode);
        Assert.Equal(0, Program.Run(workshop.Folder, "sign", "constant.json", "--key", "schema.private.pem").ExitCode);
        var text = await File.ReadAllTextAsync(workshop.PathOf("constant.json"));
        var certificate = await Schema("certificate");
        Assert.Empty(certificate.Validate(text));
        Assert.NotEmpty(certificate.Validate(text.Replace("guarantees-certificate/1", "guarantees-certificate/2", StringComparison.Ordinal)));

        var (envelope, statement) = (await Schema("envelope"), await Schema("statement"));
        var signed = await File.ReadAllTextAsync(workshop.PathOf("constant.dsse"));
        var node = JsonNode.Parse(signed)!.AsObject();
        var payload = System.Text.Encoding.UTF8.GetString(System.Convert.FromBase64String((string)node["payload"]!));
        Assert.Empty(envelope.Validate(signed));
        Assert.Empty(statement.Validate(payload));
        Assert.Equal(envelope.RequiredProperties.Order(), node.Select(member => member.Key).Order());
        var predicate = JsonNode.Parse(payload)!["predicate"]!.AsObject();
        Assert.Equal(statement.Properties["predicate"].RequiredProperties.Order(), predicate.Select(member => member.Key).Order());
        foreach (var (schema, document, member) in envelope.RequiredProperties.Select(member => (envelope, signed, member))
            .Concat(statement.RequiredProperties.Concat(statement.Properties["predicate"].RequiredProperties).Select(member => (statement, payload, member))))
        {
            Assert.NotEmpty(schema.Validate(document.Replace($"\"{member}\":", $"\"{member}s\":", StringComparison.Ordinal)));
        }
    }

    private static Task<JsonSchema> Schema(string name) => JsonSchema.FromFileAsync(Path.Combine(Repository.Root, "docs", "schema", $"{name}.schema.json"));

    private static string ToJson(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return Convert(stream.Documents[0].RootNode)!.ToJsonString();
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Select(member => KeyValuePair.Create(((YamlScalarNode)member.Key).Value!, Convert(member.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text } when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text } when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } flag => JsonValue.Create(flag.Value == "true"),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new NotSupportedException($"{node}"),
    };
}
