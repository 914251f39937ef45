using System.Globalization;
using System.Numerics;
using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Formats.Onnx;

/// <content>Softmax, norms, powers and channel factors.</content>
internal sealed partial class ExecutionAlgebra
{
    /// <inheritdoc/>
    /// <remarks>
    /// Executed: m the largest executed argument, e_j = exp(t_j - m), s = sum e_j in any order, e_k / s or e_k times a rounded 1 / s. The real value does not depend on m. Each e_j is
    /// exp(x_j - m) times a factor within exp(+-eps_j), eps_j = d_j + u D + 2^-20 with d_j what t_j is off by and D the widest difference of arguments, up to what is flushed; so
    /// e_k / s is the real quotient times a factor within exp(+-tau), tau = eps_k + max eps + gamma_n + 3 u, and exp(tau) - 1 &lt;= tau + tau² for tau &lt;= 1.
    /// </remarks>
    public override RealTensor Softmax(RealTensor x, int size)
    {
        var (t, values, errors) = (Executed(x), new Interval[x.Count], new double[x.Count]);
        ForGroups(t, size, (start, group) =>
        {
            for (var k = start; k < start + size; k++)
            {
                values[k] = Interval.Point(1) / RatioSum(t, start, size, k);
                var tau = Up(group.Factor(t.ErrorAt(k)) + group.Factor(group.Off) + ExecutedTensor.Gamma(size) + (4 * ExecutedTensor.Unit) + group.Vanished);
                errors[k] = tau <= 1 ? Up((values[k].Upper * (tau + (tau * tau))) + group.Vanished) : double.PositiveInfinity;
            }
        });
        return Plain(x.Shape, values, errors);
    }

    /// <inheritdoc/>
    /// <remarks>Executed: t_k - m - log s or t_k - (m + log s), with m and s as in <see cref="Softmax"/>. What s is off by, a factor within exp(+-(max eps + gamma_n)), moves log s by as much.</remarks>
    public override RealTensor LogSoftmax(RealTensor x, int size)
    {
        var (t, values, errors) = (Executed(x), new Interval[x.Count], new double[x.Count]);

        // ln n is below 0.7 times the number of bits of n.
        var most = 0.7 * (BitOperations.Log2((uint)size) + 1);
        ForGroups(t, size, (start, group) =>
        {
            var sum = Up(group.Factor(group.Off) + ExecutedTensor.Gamma(size) + group.Vanished);
            for (var k = start; k < start + size; k++)
            {
                values[k] = -new Log().Range(RatioSum(t, start, size, k));
                var logarithm = Up(most + group.Off + sum);
                var results = Up((2 * group.Size) + logarithm + (FunctionError * (1 + logarithm)));
                errors[k] = sum <= 1
                    ? Up(t.ErrorAt(k) + sum + (FunctionError * (1 + logarithm)) + (4 * ExecutedTensor.Unit * results) + (4 * ExecutedTensor.Flushed))
                    : double.PositiveInfinity;
            }
        });
        return Plain(x.Shape, values, errors);
    }

    /// <inheritdoc/>
    /// <remarks>The norm moves by at most the sum of what its arguments are off by; n squares, n - 1 sums and the root add gamma_{n+4} of its value; squares that vanish, sqrt(3 n) 2^-63.</remarks>
    public override RealTensor Norms(RealTensor x, int[] shape, int size)
    {
        Charge(2L * x.Count);
        var (t, values, errors) = (Executed(x), new Interval[x.Count / size], new double[x.Count / size]);
        for (var g = 0; g < values.Length; g++)
        {
            var (squares, off, mass) = (Interval.Point(0), 0.0, 0.0);
            for (var j = g * size; j < (g + 1) * size; j++)
            {
                squares += t[j].Square();
                off += t.ErrorAt(j);
                mass += (t.SizeAt(j) + t.ErrorAt(j)) * (t.SizeAt(j) + t.ErrorAt(j)) * (1 + 1e-12);
            }

            values[g] = squares.Sqrt();
            off *= 1 + 1e-9;
            errors[g] = mass * (1 + 1e-9) <= 1.7e38
                ? Up(off + (ExecutedTensor.Gamma(size + 4) * (values[g].Upper + off)) + (3.0 * size / (1L << 62) / 2))
                : double.PositiveInfinity;
        }

        return Plain(shape, values, errors);
    }

    /// <inheritdoc/>
    /// <remarks>Executed as products, or by a library's pow, within 2^-20 of the value either way, the exponent 1 included; a square on the way that vanishes costs what it is multiplied into.</remarks>
    public override RealTensor Power(RealTensor x, double exponent)
    {
        Charge(2L * x.Count);
        var (t, values, errors) = (Executed(x), new Interval[x.Count], new double[x.Count]);
        for (var i = 0; i < values.Length; i++)
        {
            var off = t.ErrorAt(i) + ExecutedTensor.Flushed;
            if (!double.IsFinite(off))
            {
                (values[i], errors[i]) = (PowerRange(t[i], exponent), double.PositiveInfinity);
                continue;
            }

            var around = new Interval(Rounding.SubtractDown(t.Lower[i], off), Rounding.AddUp(t.Upper[i], off));
            if (exponent is -1 or 0.5 && !((exponent < 0 ? around.Mignitude : around.Lower) >= ExecutedTensor.Flushed))
            {
                throw new ModelFormatException($"the argument may be {around}; expected {(exponent < 0 ? "a range without 0" : "positive numbers")}");
            }

            values[i] = PowerRange(t[i], exponent);
            var (m, size) = (around.Magnitude, PowerRange(around, exponent).Magnitude);
            var slope = exponent switch
            {
                -1 => new Reciprocal().Slope(around).Magnitude,
                0.5 => new Sqrt().Slope(around).Magnitude,
                1 => 1,
                2 => 2 * m,
                3 => 3 * m * m,
                _ => 4 * m * m * m,
            };
            errors[i] = size <= 1.7e38 ? Up((slope * off) + (FunctionError * size) + (ExecutedTensor.Flushed * (2 + (4 * m * m)))) : double.PositiveInfinity;
        }

        return Plain(x.Shape, values, errors);
    }

    /// <inheritdoc/>
    /// <remarks>Executed in any order: (t - mean) s + bias, t s + (bias - mean s), with s of a sum, a root, a reciprocal or quotient and a product.</remarks>
    public override RealTensor ScaleChannels(RealTensor x, ConstantTensor factors, ConstantTensor scale, ConstantTensor variance, double least)
    {
        if (!(least >= ExecutedTensor.Flushed))
        {
            // A sum that is flushed to zero has no root to divide by.
            throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture, $"a variance plus epsilon may be {least:R}; expected a normal float32 number"));
        }

        Charge(6L * x.Count);
        Executed(scale);
        Executed(variance);
        const int Roundings = 8;
        return Times(Executed(x), i => factors[i], Roundings);
    }

    private static Interval PowerRange(Interval x, double exponent) => exponent switch
    {
        -1 => new Reciprocal().Range(x),
        0.5 => new Sqrt().Range(x),
        1 => x,
        2 => x.Square(),
        3 => x.Square() * x,
        4 => x.Square().Square(),
        _ => throw new ModelFormatException($"the exponent is {exponent}; expected -1, 0.5, 1, 2, 3 or 4"),
    };

    /// <summary>1 + sum over l other than k of exp(x_l - x_k).</summary>
    private static Interval RatioSum(ExecutedTensor x, int start, int size, int k)
    {
        var sum = Interval.Point(1);
        for (var l = start; l < start + size; l++)
        {
            sum = l == k ? sum : sum + new Exp().Range(x[l] - x[k]);
        }

        return sum;
    }

    private void ForGroups(ExecutedTensor x, int size, Action<int, Group> visit)
    {
        Charge((4L * x.Count) + ((long)x.Count * size));
        for (var start = 0; start < x.Count; start += size)
        {
            var (low, high, off, largest) = (double.PositiveInfinity, double.NegativeInfinity, 0.0, 0.0);
            for (var j = start; j < start + size; j++)
            {
                var error = x.ErrorAt(j);
                (low, high) = (Math.Min(low, x.Lower[j] - error), Math.Max(high, x.Upper[j] + error));
                (off, largest) = (Math.Max(off, error), Math.Max(largest, x.SizeAt(j) + error));
            }

            visit(start, new Group(off, Up(high - low), largest, size));
        }
    }

    /// <param name="Off">Most that an executed argument is off by.</param>
    /// <param name="Spread">Most that executed arguments differ by.</param>
    /// <param name="Size">Largest executed argument.</param>
    /// <param name="Count">Number of arguments.</param>
    private readonly record struct Group(double Off, double Spread, double Size, int Count)
    {
        /// <summary>Results and partial sums that vanish, over a sum that is at least exp(-1).</summary>
        public double Vanished => 64.0 * (Count + 1) * ExecutedTensor.Flushed;

        /// <summary>|log| of the factor between an executed exponential and the real one.</summary>
        public double Factor(double off) => off + (ExecutedTensor.Unit * Spread) + (1.001 * FunctionError) + (4 * ExecutedTensor.Flushed);
    }
}
