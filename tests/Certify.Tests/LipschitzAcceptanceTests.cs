using System.Globalization;
using System.Text.Json;
using Certify.Search;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Xunit.Abstractions;
using Norm = Guarantees.Claims.Norm;
using Vector = Guarantees.Networks.Vector;

namespace Certify.Tests;

/// <summary>Lipschitz constants that the tool promises: exact ones, and tighter than the best published bounds on the same cores in less time.</summary>
/// <remarks>Every enclosure's tree is checked again as a certificate's would be.</remarks>
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
                foreach (var norm in Enum.GetValues<Norm>())
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
        var builder = new NetworkBuilder();
        Vector? vector = null;
        foreach (var (weights, biases) in net.GetProperty("weights_in_by_out").EnumerateArray().Zip(net.GetProperty("biases").EnumerateArray()))
        {
            double[][] rows = [.. weights.EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())];
            double[] bias = [.. biases.EnumerateArray().Select(value => value.GetDouble())];
            double[] matrix = [.. Enumerable.Range(0, bias.Length).SelectMany(i => rows.Select(row => row[i]))];
            vector = builder.Affine(vector is { } before ? builder.Apply(new ReLU(), before) : builder.Input("x", rows.Length), matrix, bias);
        }

        builder.Output("y", vector!.Value);
        var graph = builder.Build();
        double[] ends = [.. net.GetProperty("box_each_dim").EnumerateArray().Select(value => value.GetDouble())];
        var box = new Box([.. Enumerable.Repeat(ends[0], graph.InputLength)], [.. Enumerable.Repeat(ends[1], graph.InputLength)]);
        var found = Enclose($"{name} {norm}", new Problem(graph, vector.Value.Id, new Domain(box)) { JacobianFrom = norm, JacobianTo = norm }, 1e-6, 60);

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
        var problem = Read(Path.Combine("bounds", name + ".onnx"), center, 0.01, Norm.Linf, Norm.Linf);

        // The bound alone, without the search for a smaller gap.
        var found = Enclose(name, problem, 1e-6, 60, target: reference * (1 - 1e-6));
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
        var problem = Read(Path.Combine("acasxu", "ACASXU_run2a_1_1_batch_2000.onnx"), center, 0.01, from, to);
        var found = Enclose($"ACAS Xu 1_1 {from} to {to}", problem, 1e-6, 60);
        Assert.True(found.Upper - found.Lower <= 1e-6 * found.Upper);
        Assert.True(found.Seconds < 60);
    }

    private static Problem Read(string file, double[] center, double radius, Norm from, Norm to)
    {
        var network = OnnxImporter.Read(Path.Combine(SharedData.Folder!, file));
        var builder = new NetworkBuilder();
        var inputs = network.Inputs.Select(node => builder.Input(node.Name, node.Length)).ToArray();
        var outputs = builder.Insert(network, inputs);
        var features = builder.Concat([.. network.Outputs.Select(node => outputs[node.Name])]);
        builder.Output("features", features);
        var box = new Box([.. center.Select(x => x - radius)], [.. center.Select(x => x + radius)]);
        return new Problem(builder.Build(), features.Id, new Domain(box)) { JacobianFrom = from, JacobianTo = to };
    }

    private SearchResult Enclose(string name, Problem problem, double gap, double limit, double? target = null)
    {
        var found = new BranchAndBound { RelativeGap = gap, Target = target, TimeLimit = TimeSpan.FromSeconds(limit) }.Solve(problem);
        var certificate = new Certificate
        {
            Claim = new Claim { Kind = ClaimKind.Lipschitz, Norm = problem.JacobianFrom!.Value, AtMost = target },
            Text = problem.Text,
            ModelName = name,
            ModelSha256 = "",
            Family = Models.Mixture,
            Verdict = Verdict.Proved,
            Lower = found.Lower,
            Upper = found.Upper,
            Witness = [.. found.Witness],
            Evidence = found.Tree,
        };
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var (reason, _, _) = CertificateChecker.Derive(certificate, problem, null, default);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: [{found.Lower:R}, {found.Upper:R}], {found.Tree.Leaves} parts, {found.Seconds:F2} s, checked again in {clock.Elapsed.TotalSeconds:F2} s"));
        Assert.Equal("", reason);
        return found;
    }
}
