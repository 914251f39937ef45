using Guarantees.Arithmetic;
using Guarantees.Claims;
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
        for (var i = 0; i < outputs; i++)
        {
            Bias[i] = map.Bias(i);
            var terms = map.Terms(i);
            for (var t = 0; t < terms.Count; t++)
            {
                var (_, element, weight) = terms[t];
                var place = (element * stride) + i;
                IsExact &= Weights.Data[place] == 0;
                Weights.Data[place] += weight;
                Sizes.Data[place] = Math.Abs(Weights.Data[place]);
            }
        }
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Null: none.</summary>
    public Activation? Activation { get; }

    /// <summary>W transposed, [in][out], rows padded.</summary>
    public Rows Weights { get; }

    /// <summary>|W| transposed.</summary>
    public Rows Sizes { get; }

    /// <summary>b, padded.</summary>
    public double[] Bias { get; }

    /// <summary>Whether no coefficient was the sum of two, which would round.</summary>
    public bool IsExact { get; } = true;
}

/// <summary>A Lipschitz problem whose features are a feed-forward chain of linear maps and elementwise functions of one input vector.</summary>
internal sealed class JacobianChain
{
    private JacobianChain(Problem problem, JacobianLayer[] layers) => (Problem, Layers) = (problem, layers);

    public Problem Problem { get; }

    public JacobianLayer[] Layers { get; }

    /// <summary>The chain of a problem, or null where its graph is none.</summary>
    public static JacobianChain? Of(Problem problem)
    {
        if (problem.JacobianFrom is null || problem.Domain.Norm != Claims.Norm.Linf || problem.Graph.Inputs.Length != 1)
        {
            return null;
        }

        var nodes = problem.Graph.Nodes;
        var layers = new List<JacobianLayer>();
        var node = nodes[problem.Objective];
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
            if (!layer.IsExact)
            {
                return null;
            }

            layers.Add(layer);
        }

        layers.Reverse();
        return layers.Count == 0 ? null : new JacobianChain(problem, [.. layers]);
    }
}
