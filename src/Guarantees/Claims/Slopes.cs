using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <summary>The derivative of a vector of a graph along one entry of its input, written in the same graph by the chain rule.</summary>
/// <remarks>
/// Smooth operators get their derivatives as graphs (tanh' = 1 - tanh², sigmoid' = s (1 - s), ...); piecewise linear ones a <see cref="Gate"/>. Why its range bounds difference quotients where
/// kinks are met: along a segment f is Lipschitz continuous, hence the integral of its derivative, which exists almost everywhere. Where a node sits at its kink for a set of positive
/// measure, its derivative is 0 almost everywhere on that set, and so is its gate, whichever side is taken; elsewhere the chain rule holds. So f(x + h e_j) - f(x) is h times a mean of values
/// that the gates allow.
/// </remarks>
internal static class Slopes
{
    /// <summary>d f / d x_j, as long as f.</summary>
    /// <param name="builder">The graph.</param>
    /// <param name="f">The vector.</param>
    /// <param name="x">The one input of the graph.</param>
    /// <param name="coordinate">j.</param>
    /// <exception cref="ArgumentException">An operator has no derivative here.</exception>
    public static Vector Along(NetworkBuilder builder, Vector f, Vector x, int coordinate)
    {
        var count = f.Id + 1;
        var needed = new bool[count];
        needed[f.Id] = true;
        for (var id = f.Id; id >= 0; id--)
        {
            foreach (var argument in needed[id] ? builder[id].Arguments : [])
            {
                needed[argument] = true;
            }
        }

        // Absent: 0. Exact: numbers that no rounding has touched. The nodes before f are fixed; new ones come after it.
        var tangents = new Tangent?[count];
        for (var id = 0; id < count; id++)
        {
            var node = builder[id];
            if (id == x.Id)
            {
                var unit = new double[node.Length];
                unit[coordinate] = 1;
                tangents[id] = new(default, unit);
            }
            else if (needed[id] && node.Arguments.Any(argument => tangents[argument] is not null))
            {
                tangents[id] = Of(builder, node, [.. node.Arguments.Select(argument => tangents[argument])]);
            }
        }

        return tangents[f.Id] is { } tangent ? tangent.In(builder) : builder.Constant(new double[f.Length]);
    }

    private static Tangent Of(NetworkBuilder builder, Node node, Tangent?[] t)
    {
        var y = builder.At(node.Id);
        Vector X(int k) => builder.At(node.Arguments[k]);
        Vector? T(int k) => t[k]?.In(builder);
        return node.Operator switch
        {
            LinearOperator linear => Linear(builder, linear, node, t),
            Scale scale => new(builder.Apply(scale, T(0)!.Value)),
            ReLU or LeakyReLU or Abs or Cap => new(builder.Add(new Gate((Activation)node.Operator), [X(0), T(0)!.Value])),
            Tanh => Times(builder, builder.Combine([(-1, builder.Apply(new Square(), y))], 1), t[0]!.Value),
            Sigmoid => Times(builder, y - builder.Apply(new Square(), y), t[0]!.Value),
            Softplus => Times(builder, builder.Apply(new Sigmoid(), X(0)), t[0]!.Value),
            Exp => Times(builder, y, t[0]!.Value),
            Square => Times(builder, 2 * X(0), t[0]!.Value),
            Log => Times(builder, builder.Apply(new Reciprocal(), X(0)), t[0]!.Value),
            Sqrt => Times(builder, 0.5 * builder.Apply(new Reciprocal(), y), t[0]!.Value),
            Reciprocal => Times(builder, -builder.Apply(new Square(), y), t[0]!.Value),
            Multiply => new((T(0), T(1)) switch
            {
                ({ } a, { } b) => (a * X(1)) + (b * X(0)),
                ({ } a, null) => a * X(1),
                (_, var b) => b!.Value * X(0),
            }),

            // max(a, b) = b + relu(a - b).
            Maximum => new(Largest(builder, X(0), X(1), T(0), T(1))),
            Networks.Operators.Norm norm => new(builder.Sum(X(0) * T(0)!.Value, norm.GroupSize) * builder.Apply(new Reciprocal(), y)),
            _ => throw ClaimChecks.Wrong($"There are no slopes through {node.Operator.Name}."),
        };
    }

    private static Vector Largest(NetworkBuilder builder, Vector a, Vector b, Vector? da, Vector? db)
    {
        var difference = (da, db) switch { ({ } p, { } q) => p - q, ({ } p, null) => p, (_, var q) => -q!.Value };
        var gate = builder.Add(new Gate(new ReLU()), [a - b, difference]);
        return db is { } base0 ? base0 + gate : gate;
    }

    /// <summary>d_i t_i.</summary>
    private static Tangent Times(NetworkBuilder builder, Vector d, Tangent t) => new(t.Exact is { } numbers
        ? builder.Add(new SparseAffine([.. numbers.Select((number, i) => number == 0 ? [] : new[] { (0, i, number) })]), [d])
        : d * t.Value);

    /// <summary>The same map without its bias.</summary>
    private static Tangent Linear(NetworkBuilder builder, LinearOperator linear, Node node, Tangent?[] t)
    {
        // A unit vector picks one weight of a row: nothing is rounded.
        var isUnit = t.All(tangent => tangent is null || (tangent.Value.Exact is { } numbers && numbers.All(number => number is 0 or 1)));
        var picked = new double[node.Length];
        int[] places = [.. t.Select((_, k) => t.Take(k).Count(before => before is not null))];
        var rows = new List<(int, int, double)[]>();
        for (var i = 0; i < node.Length; i++)
        {
            var (row, met) = (new List<(int, int, double)>(), 0);
            var terms = linear.Terms(i);
            for (var s = 0; s < terms.Count; s++)
            {
                var (argument, element, weight) = terms[s];
                if (weight != 0 && t[argument] is { } tangent)
                {
                    row.Add((places[argument], element, weight));
                    if (isUnit && tangent.Exact![element] == 1)
                    {
                        (picked[i], met) = (weight, met + 1);
                    }
                }
            }

            isUnit &= met <= 1;
            rows.Add([.. row]);
        }

        if (isUnit)
        {
            return new(default, picked);
        }

        Vector[] arguments = [.. t.Where(tangent => tangent is not null).Select(tangent => tangent!.Value.In(builder))];
        return new(linear is Affine dense ? builder.Add(new Affine(dense.Weights.ToArray(), new double[node.Length]), arguments) : builder.Add(new SparseAffine(rows), arguments));
    }

    /// <summary>A tangent: a vector of the graph, or exact numbers.</summary>
    private readonly record struct Tangent(Vector Value, double[]? Exact = null)
    {
        public Vector In(NetworkBuilder builder) => Exact is { } numbers ? builder.Constant(numbers) : Value;
    }
}
