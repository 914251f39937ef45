using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <summary>How much more a compiled quantity may be where the network is executed in float32 and not read as a real function.</summary>
/// <remarks>
/// With p(x) the real outputs, p~(x) those of any execution and g the quantity as a function of the outputs: g(p~) - g(p) lies in the range of g's derivative along
/// p~ - p over all p and p~ (mean value theorem for Clarke's subdifferential: F. H. Clarke, "Optimization and Nonsmooth Analysis", Wiley, 1983, from memory), |p~ - p| from
/// <see cref="Float32Execution"/>. So "g(p(x)) &lt;= c for every x" gives "g(p~(x)) &lt;= c + allowance for every float32 x and every execution". What the family makes of the outputs, and
/// the reference posterior, stay real: the distribution meant is the one that the float32 numbers name. Where g = sqrt h, or that cut by a cap, the slope of g has no bound near 0,
/// but h &lt;= c² and h moves by at most m: g moves from at most c to at most sqrt(c² + m).
/// </remarks>
public static class Float32Allowance
{
    /// <summary>The allowance for a problem compiled from a model, at least 0; or infinity and why.</summary>
    /// <param name="model">Bytes of the model file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="network">The network that was read from it.</param>
    /// <param name="problem">The claim compiled for it.</param>
    /// <param name="proved">c: what g is proved to be at most.</param>
    public static (double Allowance, string Reason) Of(ReadOnlyMemory<byte> model, string name, Network network, Problem problem, double proved)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(problem);
        if (problem.JacobianFrom is not null)
        {
            return (double.PositiveInfinity, "a float32 map is a step function: its Lipschitz constant is that of the real map it rounds");
        }

        if (problem.Slope is not null)
        {
            return (double.PositiveInfinity, "a float32 map is a step function: its slopes are those of the real map it rounds");
        }

        if (problem.RealOnly.Length > 0)
        {
            return (double.PositiveInfinity, problem.RealOnly);
        }

        if (!problem.NetworkInput.IsEmpty)
        {
            return OfChange(model, name, problem);
        }

        if (problem.Parameters.IsEmpty || problem.Graph.Nodes[problem.Objective].Length != 1)
        {
            return (double.PositiveInfinity, "the question is not one about the outputs of an estimator at one point alone");
        }

        try
        {
            var outputs = Float32Execution.Over(model, name, problem.DataBox(network.InputLength));
            var allowance = Along(problem, network, outputs, proved);
            return double.IsFinite(allowance) ? (allowance, "") : (double.PositiveInfinity, "the bound of the rounding errors is not finite");
        }
        catch (Exception error) when (error is ModelFormatException or DomainException)
        {
            return (double.PositiveInfinity, OneLine.Plain(error.Message).TrimEnd('.'));
        }
    }

    /// <summary>
    /// g = |f(x, v) - f(x0, v)|, absolute value or Euclidean norm, with a log density f of theta = v or samples f of noise v: the first value is the network's one output, and moves g by no more than the
    /// norm of its own error. The reference stays real, as elsewhere.
    /// </summary>
    private static (double Allowance, string Reason) OfChange(ReadOnlyMemory<byte> model, string name, Problem problem)
    {
        try
        {
            var box = problem.Domain.Box;
            var outputs = Float32Execution.Over(model, name, new Box(problem.InputOf(box.Lower), problem.InputOf(box.Upper)));
            var errors = outputs[problem.Parameters[0].Output].Error;
            var error = errors.Length == 1 ? errors[0] : Rounding.SqrtUp(errors.Aggregate(0.0, (sum, e) => Rounding.AddUp(sum, Rounding.MultiplyUp(e, e))));
            return double.IsFinite(error) ? (error, "") : (double.PositiveInfinity, "the bound of the rounding errors is not finite");
        }
        catch (Exception error) when (error is ModelFormatException or DomainException)
        {
            return (double.PositiveInfinity, OneLine.Plain(error.Message).TrimEnd('.'));
        }
    }

    private static double Along(Problem problem, Network network, IReadOnlyDictionary<string, ExecutedOutput> outputs, double proved)
    {
        var graph = problem.Graph;
        var (ranges, tangents) = (new Box[graph.Nodes.Length], new Box[graph.Nodes.Length]);
        var moves = new bool[graph.Nodes.Length];
        var (x, dx) = (new Box[8], new Box[8]);
        var seeds = new Dictionary<int, (Box Range, Box Tangent)>();
        var bounds = new OutputBounds { Threads = 1 };
        foreach (var (output, node) in problem.Parameters)
        {
            var executed = outputs[output];
            if (executed.Error.Length != graph.Nodes[node].Length || !executed.Error.All(double.IsFinite))
            {
                return double.PositiveInfinity;
            }

            // The real range twice over: of the operators as listed by intervals, and of the network by linear relaxation.
            var real = bounds.Over(network, network.Output(output).Id, [problem.DataBox(network.InputLength)])[0];
            var (range, tangent) = (new Box(executed.Error.Length), new Box(executed.Error.Length));
            for (var i = 0; i < executed.Error.Length; i++)
            {
                var (low, high, error) = (Math.Max(real.Lower[i], executed.Range.Lower[i]), Math.Min(real.Upper[i], executed.Range.Upper[i]), executed.Error[i]);
                range[i] = new Interval(Rounding.SubtractDown(low, error), Rounding.AddUp(high, error));
                tangent[i] = new Interval(-error, error);
            }

            if (!seeds.TryAdd(node, (range, tangent)))
            {
                return double.PositiveInfinity;
            }
        }

        var objective = graph.Nodes[problem.Objective];
        if (objective.Operator is Cap { Limit: var limit } && proved >= limit)
        {
            return 0;
        }

        var inner = objective.Operator is Cap ? graph.Nodes[objective.Arguments[0]] : objective;
        var isRoot = inner.Operator is Sqrt && !seeds.ContainsKey(inner.Id) && !seeds.ContainsKey(objective.Id);
        var last = isRoot ? inner.Arguments[0] : problem.Objective;
        foreach (var node in graph.Nodes)
        {
            if (seeds.TryGetValue(node.Id, out var seed))
            {
                (ranges[node.Id], tangents[node.Id], moves[node.Id]) = (seed.Range, seed.Tangent, true);
            }
            else if (node.Operator is Input slot)
            {
                (ranges[node.Id], tangents[node.Id]) = (problem.Domain.Box.Slice(slot.Start, slot.Length), Box.Point(new double[slot.Length]));
            }
            else
            {
                (ranges[node.Id], tangents[node.Id]) = (new Box(node.Length), Box.Point(new double[node.Length]));
                var arguments = Network.Gather(node, ranges, ref x);
                node.Operator.Range(arguments, ranges[node.Id]);
                if (node.Arguments.Any(argument => moves[argument]))
                {
                    moves[node.Id] = true;
                    node.Operator.Tangent(arguments, Network.Gather(node, tangents, ref dx), tangents[node.Id]);
                }
            }

            if (node.Id == last)
            {
                var most = tangents[node.Id].Upper[0];
                return double.IsNaN(most) ? double.PositiveInfinity
                    : isRoot ? RootMoved(Math.Max(0, proved), Math.Max(0, most))
                    : Math.Max(0, most);
            }
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Broken invariant: the graph has no node {problem.Objective}."));
    }

    /// <summary>sqrt(c² + m) - c, rounded up.</summary>
    private static double RootMoved(double c, double m) => Rounding.SubtractUp(Rounding.SqrtUp(Rounding.AddUp(Rounding.MultiplyUp(c, c), m)), c);
}
