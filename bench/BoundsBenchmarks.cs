using BenchmarkDotNet.Attributes;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Norm = Guarantees.Claims.Norm;

namespace Benchmarks;

/// <summary>The kernel's bounds of one box, one thread: what a leaf of a search or a check costs. Random weights, fixed seed.</summary>
[MemoryDiagnoser]
public class BoundsBenchmarks
{
    private IBounds values = null!;
    private IBounds jacobian = null!;
    private Box box = null!;
    private double[] middle = null!;

    /// <summary>Inputs, hidden layers, their width.</summary>
    [Params("2-2x24", "5-6x50", "10-3x256")]
    public string Shape { get; set; } = "";

    /// <summary>Half the side of the box.</summary>
    [Params(0.01, 0.2)]
    public double Radius { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var numbers = Shape.Split('-', 'x').Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        var (inputs, depth, width) = (numbers[0], numbers[1], numbers[2]);
        var random = new Random(1);
        double[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => size * ((2 * random.NextDouble()) - 1))];
        var builder = new NetworkBuilder();
        var vector = builder.Input("x", inputs);
        for (var layer = 0; layer < depth; layer++)
        {
            vector = builder.Apply(new ReLU(), builder.Affine(vector, Draw(width * vector.Length, Math.Sqrt(6.0 / vector.Length)), Draw(width, 0.1)));
        }

        vector = builder.Affine(vector, Draw(5 * vector.Length, Math.Sqrt(3.0 / vector.Length)), Draw(5, 0.1));
        var first = builder.Select(vector, [0]);
        builder.Output("first", first);
        middle = Draw(inputs, 0.5);
        box = new Box([.. middle.Select(x => x - Radius)], [.. middle.Select(x => x + Radius)]);
        var graph = builder.Build();
        values = Bounds.For(new Problem(graph, first.Id, new Domain(box)));
        jacobian = Bounds.For(new Problem(graph, vector.Id, new Domain(box)) { JacobianFrom = Norm.L2 });
    }

    [Benchmark]
    public double UpperBound() => values.UpperBound(box);

    [Benchmark]
    public double UpperBoundOfJacobian() => jacobian.UpperBound(box);

    [Benchmark]
    public double ExactlyRoundedValue() => values.LowerBoundAt(middle);
}
