using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;
using Xunit;
using Xunit.Abstractions;

namespace Certify.Tests;

/// <summary>Lipschitz constants that the tool promises: exact ones, and tighter than the best published bounds on the same cores in less time.</summary>
/// <remarks>Every enclosure comes as a certificate, which is checked from its bytes and those of the model.</remarks>
[Trait("Category", "Nightly")]
public class LipschitzAcceptanceTests(ITestOutputHelper output)
{
    /// <summary>Small nets whose constants are known to 15 digits; the norm on outputs is that on inputs.</summary>
    public static TheoryData<string, Norm> Exact
    {
        get
        {
            var rows = new TheoryData<string, Norm>();
            foreach (var net in new[] { "SDnet_(10,15,10,3)", "iris_net_(4,5,5,3)" })
            {
                foreach (var norm in Enum.GetValues<Norm>().Except([Norm.L0]))
                {
                    rows.Add(net, norm);
                }
            }

            return rows;
        }
    }

    [SharedDataTheory]
    [MemberData(nameof(Exact))]
    public void Known_constants_are_enclosed_to_six_digits(string name, Norm norm)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(SharedData.Folder!, "lipschitz", "local_exact.json")));
        var net = document.RootElement.GetProperty(name);
        var exact = net.GetProperty($"exact_{norm}").GetDouble();
        var graph = new OnnxGraphBuilder();
        var (vector, length, k) = ("", 0, 0);
        foreach (var (weights, biases) in net.GetProperty("weights_in_by_out").EnumerateArray().Zip(net.GetProperty("biases").EnumerateArray()))
        {
            double[][] rows = [.. weights.EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())];
            double[] bias = [.. biases.EnumerateArray().Select(value => value.GetDouble())];
            vector = k == 0 ? graph.DoubleInput("x", rows.Length) : graph.Node("Relu", $"h{k}", [vector]);
            length = k == 0 ? rows.Length : length;
            k++;
            vector = graph.Node("Gemm", $"z{k}", [vector, graph.Initializer($"w{k}", rows.SelectMany(row => row).ToArray(), rows.Length, bias.Length), graph.Initializer($"b{k}", bias, bias.Length)]);
        }

        graph.DoubleOutput(vector, net.GetProperty("biases").EnumerateArray().Last().GetArrayLength());
        double[] ends = [.. net.GetProperty("box_each_dim").EnumerateArray().Select(value => value.GetDouble())];
        var found = Enclose($"{name} {norm}", graph.ToBytes(), [.. Enumerable.Repeat(ends[0], length)], [.. Enumerable.Repeat(ends[1], length)], norm, norm, 1e-6, 60);

        // The published constants carry an error in their last digits.
        Assert.InRange(exact, found.Lower * (1 - 1e-12), found.Upper * (1 + 1e-12));
        Assert.True(found.Upper - found.Lower <= 1e-6 * found.Upper);
        Assert.True(found.Seconds < 60);
    }

    /// <summary>auto_LiRPA's Jacobian bounds and their times on this machine.</summary>
    [SharedDataTheory]
    [InlineData("relu_3x256", 7.705880, 2.0)]
    [InlineData("tanh_3x256", 2.327397, 4.6)]
    public void Wide_nets_beat_the_reference_in_less_time(string name, double reference, double seconds)
    {
        var line = File.ReadLines(Path.Combine(SharedData.Folder!, "bounds", "mlp_e0.05_b1.csv")).Skip(1).First();
        double[] corners = [.. line.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        var n = corners.Length / 2;
        double[] center = [.. Enumerable.Range(0, n).Select(j => (corners[j] + corners[n + j]) / 2)];

        // The bound alone, without the search for a smaller gap.
        var found = Around(Path.Combine("bounds", name + ".onnx"), center, 0.01, Norm.Linf, Norm.Linf, atMost: reference * (1 - 1e-6));
        Assert.True(found.Upper < reference);
        Assert.True(found.Seconds < seconds);
    }

    [SharedDataTheory]
    [InlineData(Norm.Linf, Norm.Linf)]
    [InlineData(Norm.L2, Norm.L2)]
    [InlineData(Norm.Linf, Norm.L2)]
    [InlineData(Norm.L1, Norm.L1)]
    public void A_collision_avoidance_net_is_enclosed_to_six_digits(Norm from, Norm to)
    {
        double[] center = [-0.301041984, 0, 0.496690162, 0.4, 0.4];
        var found = Around(Path.Combine("acasxu", "ACASXU_run2a_1_1_batch_2000.onnx"), center, 0.01, from, to);
        Assert.True(found.Upper - found.Lower <= 1e-6 * found.Upper);
        Assert.True(found.Seconds < 60);
    }

    private Certificate Around(string file, double[] center, double radius, Norm from, Norm to, double? atMost = null) => Enclose(
        $"{Path.GetFileNameWithoutExtension(file)} {from} to {to}",
        File.ReadAllBytes(Path.Combine(SharedData.Folder!, file)),
        [.. center.Select(x => x - radius)],
        [.. center.Select(x => x + radius)],
        from,
        to,
        1e-6,
        60,
        atMost);

    private Certificate Enclose(
        string name, byte[] model, ImmutableArray<double> lower, ImmutableArray<double> upper, Norm from, Norm to, double gap, double limit, double? atMost = null)
    {
        var network = OnnxImporter.Read(model, name);
        var estimator = new Estimator(network, OutputVector.For(network), Convert.ToHexStringLower(SHA256.HashData(model)), name);
        var metric = to switch { Norm.L1 => Metric.L1, Norm.L2 => Metric.L2, _ => Metric.Linf };
        var claim = new Claim { Kind = ClaimKind.Lipschitz, Norm = from, Metric = metric, DomainLower = lower, DomainUpper = upper, AtMost = atMost };
        var found = new Certifier { RelativeGap = gap, TimeLimit = TimeSpan.FromSeconds(limit), Model = model }.Run(estimator, FamilyDescription.Vector, claim).Certificate;
        Assert.Equal(Verdict.Proved, found.Verdict);

        // As a stranger would: from the bytes of the certificate and of the model.
        var bytes = CertificateFile.ToBytes(found);
        var report = CertificateChecker.Check(CertificateFile.Read(bytes, name), model);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: [{found.Lower:R}, {found.Upper:R}], {found.Evidence.Leaves} parts, {found.Seconds:F2} s; certificate of {bytes.Length} bytes checked in {report.Seconds:F2} s"));
        Assert.Equal("", report.Reason);
        Assert.False(CertificateChecker.Check(found with { Upper = found.Upper * 0.999 }, model).Accepted);
        return found;
    }
}
