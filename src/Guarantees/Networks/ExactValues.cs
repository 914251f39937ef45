using System.Numerics;
using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Networks;

/// <summary>The network's outputs at one input without any rounding, where every operator on the way maps dyadic rationals to dyadic rationals.</summary>
/// <remarks>Every double is m 2^e with whole m and e, and so are sums and products of such numbers. Used where interval arithmetic cannot tell equality from a hair's breadth.</remarks>
public static class ExactValues
{
    /// <summary>Numbers with longer mantissas are given up: 64 layers of products, and some more.</summary>
    private const long MostBits = 1 << 14;

    /// <summary>Numbers beyond 2 to this, or below 2 to minus this, are given up: squares of squares double their exponent with one bit of mantissa.</summary>
    private const long MostExponent = 1 << 16;

    /// <summary>All outputs in order, exactly; null where an operator has no such value or a number becomes too long.</summary>
    /// <param name="network">The network.</param>
    /// <param name="input">x, finite.</param>
    public static Rational[]? Outputs(Network network, ReadOnlySpan<double> input)
    {
        ArgumentNullException.ThrowIfNull(network);
        var values = new Dyadic[network.Nodes.Length][];
        var needed = NetworkSmt.Ancestors(network, network.Outputs.Select(output => output.Node));
        foreach (var node in network.Nodes)
        {
            if (!needed[node.Id])
            {
                continue;
            }

            var y = new Dyadic[node.Length];
            for (var i = 0; i < y.Length; i++)
            {
                var value = node.Operator is Input slot ? Dyadic.Of(input[slot.Start + i]) : Value(node, i, values);
                if (value is not { } known || known.Mantissa.GetBitLength() > MostBits || Math.Abs(known.Exponent) > MostExponent)
                {
                    return null;
                }

                y[i] = known;
            }

            values[node.Id] = y;
        }

        return [.. network.Outputs.SelectMany(output => values[output.Node].Select(value => value.ToRational()))];
    }

    private static Dyadic? Value(Node node, int i, Dyadic[][] values)
    {
        Dyadic X(int k, int j) => values[node.Arguments[k]][j];
        switch (node.Operator)
        {
            case Constant { Value: var fixedValue } when fixedValue.Lower[i] == fixedValue.Upper[i]:
                return Dyadic.Of(fixedValue.Lower[i]);
            case Scale { Factors: var factors } when factors.Lower[i] == factors.Upper[i]:
                return Dyadic.Of(factors.Lower[i]) * X(0, i);
            case LinearOperator linear:
                var sum = Dyadic.Of(linear.Bias(i));
                var terms = linear.Terms(i);
                for (var t = 0; t < terms.Count; t++)
                {
                    var (argument, element, weight) = terms[t];
                    sum = weight == 0 ? sum : sum + (Dyadic.Of(weight) * X(argument, element));
                }

                return sum;
            case ReLU:
                return X(0, i).Sign > 0 ? X(0, i) : default(Dyadic);
            case LeakyReLU leaky:
                return X(0, i).Sign >= 0 ? X(0, i) : Dyadic.Of(leaky.NegativeSlope) * X(0, i);
            case Abs:
                return X(0, i).Sign >= 0 ? X(0, i) : -X(0, i);
            case Cap cap:
                return Smaller(X(0, i), Dyadic.Of(cap.Limit));
            case Maximum:
                return -Smaller(-X(0, i), -X(1, i));
            case Multiply:
                return X(0, i) * X(1, i);
            case Square:
                return X(0, i) * X(0, i);
            default:
                return null;
        }
    }

    private static Dyadic Smaller(Dyadic a, Dyadic b) => (a + -b).Sign <= 0 ? a : b;

    /// <summary>m 2^e. Operands are within the limits above, so that one product or sum of products neither wraps nor takes more than some 40 kB.</summary>
    private readonly record struct Dyadic(BigInteger Mantissa, long Exponent)
    {
        public int Sign => Mantissa.Sign;

        public static Dyadic Of(double value)
        {
            var exact = Rational.Of(value);
            return new(exact.Numerator, -(int)(exact.Denominator.GetBitLength() - 1));
        }

        public static Dyadic operator -(Dyadic a) => new(-a.Mantissa, a.Exponent);

        public static Dyadic operator +(Dyadic a, Dyadic b)
        {
            if (a.Sign == 0 || b.Sign == 0)
            {
                return a.Sign == 0 ? b : a;
            }

            var exponent = Math.Min(a.Exponent, b.Exponent);
            return new((a.Mantissa << checked((int)(a.Exponent - exponent))) + (b.Mantissa << checked((int)(b.Exponent - exponent))), exponent);
        }

        public static Dyadic operator *(Dyadic a, Dyadic b) => new(a.Mantissa * b.Mantissa, a.Sign == 0 || b.Sign == 0 ? 0 : a.Exponent + b.Exponent);

        public Rational ToRational() => Exponent >= 0 ? new(Mantissa << (int)Exponent, BigInteger.One) : new(Mantissa, BigInteger.One << (int)-Exponent);
    }
}
