using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Guarantees.Tests.Formats.Onnx;

/// <summary>A model in ONNX Runtime, one thread; without graph rewriting unless it is asked for, so that it computes node by node what the file says.</summary>
internal sealed class Reference : IDisposable
{
    private static readonly SessionOptions Plain = Options(GraphOptimizationLevel.ORT_DISABLE_ALL);
    private static readonly SessionOptions Rewritten = Options(GraphOptimizationLevel.ORT_ENABLE_ALL);

    private static SessionOptions Options(GraphOptimizationLevel level) => new()
    {
        GraphOptimizationLevel = level,
        IntraOpNumThreads = 1,
        InterOpNumThreads = 1,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };

    private readonly InferenceSession session;

    public Reference(byte[] model, GraphOptimizationLevel level = GraphOptimizationLevel.ORT_DISABLE_ALL) =>
        session = new InferenceSession(model, level == GraphOptimizationLevel.ORT_DISABLE_ALL ? Plain : Rewritten);

    public void Dispose() => session.Dispose();

    /// <summary>Outputs by name for one whole input, cut into the inputs in order; float32 inputs are given as float32.</summary>
    public Dictionary<string, double[]> Run(double[] input)
    {
        var start = 0;
        var feeds = new Dictionary<string, OrtValue>();
        try
        {
            foreach (var name in session.InputNames)
            {
                var declared = session.InputMetadata[name];
                var shape = Array.ConvertAll(declared.Dimensions, extent => extent < 1 ? 1L : extent);
                var part = input.AsSpan(start, (int)shape.Aggregate(1L, (a, b) => a * b)).ToArray();
                start += part.Length;
                feeds[name] = declared.ElementDataType == TensorElementType.Double
                    ? OrtValue.CreateTensorValueFromMemory(part, shape)
                    : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(part, v => (float)v), shape);
            }

            // An output that is an input is the caller's own memory: the feeds stay pinned until every output is read.
            using var options = new RunOptions();
            using var results = session.Run(options, feeds, session.OutputNames);
            CollectBeforeReading?.Invoke();
            return session.OutputNames.Zip(results, (name, value) => (name, Numbers(value))).ToDictionary(item => item.name, item => item.Item2);
        }
        finally
        {
            foreach (var feed in feeds.Values)
            {
                feed.Dispose();
            }
        }
    }

    /// <summary>Called between computing the outputs and reading them.</summary>
    public Action? CollectBeforeReading { get; init; }

    private static double[] Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Double
        ? value.GetTensorDataAsSpan<double>().ToArray()
        : Array.ConvertAll(value.GetTensorDataAsSpan<float>().ToArray(), v => (double)v);
}

/// <summary>How far an execution in floating point of unit roundoff u may stray from the real function, node by node.</summary>
/// <remarks>
/// With e the error of the arguments: the operator's own law (Tangent) bounds |f(x + e) - f(x)|; a sum of n products adds gamma_(n+2) times the sum of
/// sizes; an elementary function adds <see cref="FunctionUlps"/> units of its value (or of its argument's, for differences taken inside). The graph of
/// the model and ours order some operations differently (softmax, normalisation), for which the local terms are doubled.
/// </remarks>
internal static class RoundingBound
{
    /// <summary>Allowance for tanh, exp, log and their kin in a numerical library: none of them promises one unit, all of those measured keep within four.</summary>
    private const double FunctionUlps = 8;

    /// <summary>For every node the exact values, enclosed, and a bound of the error of a floating-point execution.</summary>
    /// <param name="network">The network.</param>
    /// <param name="input">The whole input.</param>
    /// <param name="unitRoundoff">u.</param>
    /// <param name="fused">
    /// Size of intermediate results that our graph does not have, because it adds offsets and multiplies weights of consecutive linear operators exactly.
    /// </param>
    public static (Box[] Exact, double[][] Error) Of(Network network, double[] input, double unitRoundoff, double fused = 0)
    {
        var exact = network.Ranges(Box.Point(input));
        var (errors, wide) = (new double[exact.Length][], new Box[exact.Length]);
        foreach (var node in network.Nodes)
        {
            var error = errors[node.Id] = new double[node.Length];
            var range = exact[node.Id];
            if (node.Operator is not (Input or Constant))
            {
                var x = node.Arguments.Select(k => wide[k]).ToArray();
                var dx = node.Arguments.Select(k => new Box(Array.ConvertAll(errors[k], e => -e), (double[])errors[k].Clone())).ToArray();
                var dy = new Box(node.Length);
                node.Operator.Tangent(x, dx, dy);
                var sizes = new double[node.Length];
                if (node.Operator is LinearOperator linear)
                {
                    linear.Sizes(x, sizes);
                    var terms = node.Arguments.Sum(k => network.Nodes[k].Length);
                    Array.ForEach([.. Enumerable.Range(0, sizes.Length)], i => sizes[i] = (terms + 2) * (sizes[i] + fused));
                }
                else
                {
                    // Libraries take the sigmoid from the hyperbolic tangent, and softplus as ln(1 + e^x): an error in units of 1.
                    var one = node.Operator is Sigmoid or Softplus ? 1 : 0;
                    for (var i = 0; i < sizes.Length; i++)
                    {
                        sizes[i] = FunctionUlps * (range[i].Magnitude + dy[i].Magnitude + one);
                    }

                    // A norm rounds as a sum of squares does.
                    if (node.Operator is Norm norm)
                    {
                        Array.ForEach([.. Enumerable.Range(0, sizes.Length)], i => sizes[i] *= norm.GroupSize);
                    }
                }

                for (var i = 0; i < error.Length; i++)
                {
                    error[i] = dy[i].Magnitude + (2 * unitRoundoff * sizes[i]) + (range[i].Upper - range[i].Lower) + (unitRoundoff < 1e-10 ? 1e-300 : 1e-37);
                }
            }
            else if (node.Operator is Constant)
            {
                for (var i = 0; i < error.Length; i++)
                {
                    error[i] = unitRoundoff * 2 * FunctionUlps * (range[i].Magnitude + fused);
                }
            }

            wide[node.Id] = new Box(
                [.. range.Lower.Zip(error, Rounding.SubtractDown)],
                [.. range.Upper.Zip(error, Rounding.AddUp)]);
        }

        return (exact, errors);
    }
}
