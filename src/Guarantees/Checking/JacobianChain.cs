using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <summary>One step of a chain: z = W a + b, then a = f(z) where there is an activation.</summary>
internal sealed class JacobianLayer
{
    public JacobianLayer(LinearOperator map, int inputs, int outputs, Activation? activation)
    {
        (Inputs, Outputs, Activation) = (inputs, outputs, activation);
        var stride = Kernels.Pad(outputs);
        (Weights, Sizes) = (new Rows(new double[inputs * stride], stride), new Rows(new double[inputs * stride], stride));
        Bias = new double[stride];
        Plain = new Rows(new double[outputs * Kernels.Pad(inputs)], Kernels.Pad(inputs));
        var rows = new double[outputs];
        for (var i = 0; i < outputs; i++)
        {
            Bias[i] = map.Bias(i);
            IsFit &= Math.Abs(Bias[i]) <= Rounding.Large;
            var terms = map.Terms(i);
            for (var t = 0; t < terms.Count; t++)
            {
                var (_, element, weight) = terms[t];
                var place = (element * stride) + i;
                rows[i] += Math.Abs(weight);
                IsFit &= Weights.Data[place] == 0 && Math.Abs(weight) <= Rounding.Large;
                Weights.Data[place] += weight;
                Sizes.Data[place] = Math.Abs(Weights.Data[place]);
                Plain.Data[(i * Plain.Stride) + element] = Weights.Data[place];
            }
        }

        LargestRow = rows.Max() * (1 + 1e-9);
        for (var j = 0; j < inputs; j++)
        {
            LargestColumn = Math.Max(LargestColumn, Sizes.Row(j, outputs).ToArray().Sum() * (1 + 1e-9));
        }
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Null: none.</summary>
    public Activation? Activation { get; }

    /// <summary>W transposed, [in][out], rows padded.</summary>
    public Rows Weights { get; }

    /// <summary>W, [out][in], rows padded.</summary>
    public Rows Plain { get; }

    /// <summary>Not below the largest sum of |W| over the outputs that read one input.</summary>
    public double LargestColumn { get; }

    /// <summary>Not below the largest sum of |W| over the inputs of one output.</summary>
    public double LargestRow { get; }

    /// <summary>|W| transposed.</summary>
    public Rows Sizes { get; }

    /// <summary>b, padded.</summary>
    public double[] Bias { get; }

    /// <summary>Whether no coefficient was the sum of two, which would round, or is above <see cref="Rounding.Large"/>.</summary>
    public bool IsFit { get; } = true;
}

/// <summary>A Lipschitz problem whose features are a feed-forward chain of linear maps and elementwise functions of one input vector.</summary>
internal sealed class JacobianChain
{
    private JacobianChain(Problem problem, JacobianLayer[] layers) => (Problem, Layers) = (problem, layers);

    public Problem Problem { get; }

    public JacobianLayer[] Layers { get; }

    /// <summary>The chain of a problem, or null where its graph is none or a number of it is above <see cref="Rounding.Large"/>.</summary>
    public static JacobianChain? Of(Problem problem)
    {
        if (problem.JacobianFrom is null || !problem.Held.IsEmpty || problem.Domain.Norm != Claims.Norm.Linf || problem.Graph.Inputs.Length != 1
            || !problem.Domain.Box.Lower.Concat(problem.Domain.Box.Upper).All(end => Math.Abs(end) <= Rounding.Large))
        {
            return null;
        }

        var nodes = problem.Graph.Nodes;
        var layers = new List<JacobianLayer>();
        var node = nodes[problem.Objective];
        if (node.Operator is Activation)
        {
            // The last layer is linear, so that the methods need not treat another end.
            var one = new double[node.Length * node.Length];
            for (var i = 0; i < node.Length; i++)
            {
                one[(i * node.Length) + i] = 1;
            }

            layers.Add(new JacobianLayer(new Affine(one, new double[node.Length]), node.Length, node.Length, null));
        }

        while (node.Operator is not Input)
        {
            var activation = node.Operator as Activation;
            var inner = activation is null ? node : nodes[node.Arguments[0]];
            if (inner.Arguments.Length != 1 || inner.Operator is not LinearOperator map)
            {
                return null;
            }

            node = nodes[inner.Arguments[0]];
            var layer = new JacobianLayer(map, node.Length, inner.Length, activation);
            if (!layer.IsFit)
            {
                return null;
            }

            layers.Add(layer);
        }

        layers.Reverse();
        return layers.Count == 0 ? null : new JacobianChain(problem, [.. layers]);
    }

    /// <summary>The middle of a part and how far it reaches; false where it is not bounded.</summary>
    public static bool Center(Box part, double[] center, double[] radius)
    {
        for (var j = 0; j < center.Length; j++)
        {
            center[j] = part[j].Middle;
            radius[j] = Math.Max(Rounding.SubtractUp(part.Upper[j], center[j]), Rounding.SubtractUp(center[j], part.Lower[j]));
            if (!double.IsFinite(radius[j]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the Jacobian at the point is a lower bound: a point of the domain, and no side of the domain of width 0, since the Jacobian also speaks of directions that leave it.</summary>
    public bool IsInside(ReadOnlySpan<double> point)
    {
        var box = Problem.Domain.Box;
        for (var j = 0; j < box.Length; j++)
        {
            if (!(box.Lower[j] < box.Upper[j]))
            {
                return false;
            }
        }

        return Problem.Domain.Contains(point);
    }
}
