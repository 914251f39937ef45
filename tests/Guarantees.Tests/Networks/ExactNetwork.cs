using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Tests.Graphs;

/// <summary>A network of linear maps and ReLUs in rational numbers: the referee of what is compiled from it.</summary>
internal static class ExactNetwork
{
    /// <summary>Every node's value at a rational input.</summary>
    public static Rational[][] Evaluate(Network network, ReadOnlySpan<Rational> input)
    {
        var (values, start) = (new Rational[network.Nodes.Length][], 0);
        foreach (var node in network.Nodes)
        {
            if (node.Operator is Input)
            {
                values[node.Id] = input.Slice(start, node.Length).ToArray();
                start += node.Length;
                continue;
            }

            Rational[][] x = [.. node.Arguments.Select(k => values[k])];
            values[node.Id] = [.. Enumerable.Range(0, node.Length).Select(i => node.Operator switch
            {
                ReLU => Positive(x[0][i]),
                Constant constant when constant.Value.Lower[i] == constant.Value.Upper[i] => Rational.Of(constant.Value.Lower[i]),
                Change { Of: ReLU } => Positive(x[0][i] + x[1][i]) - Positive(x[0][i]),
                Scale scale when scale.Factors[i] is var a && a.Lower == a.Upper => Rational.Of(a.Lower) * x[0][i],
                LinearOperator linear => Sum(linear, i, x),
                _ => throw new NotSupportedException($"{node} in rational numbers."),
            })];
        }

        return values;
    }

    private static Rational Positive(Rational x) => x.Sign > 0 ? x : Rational.Zero;

    private static Rational Sum(LinearOperator linear, int i, Rational[][] x)
    {
        var sum = Rational.Of(linear.Bias(i));
        var terms = linear.Terms(i);
        for (var t = 0; t < terms.Count; t++)
        {
            var (argument, element, weight) = terms[t];
            sum += Rational.Of(weight) * x[argument][element];
        }

        return sum;
    }
}
