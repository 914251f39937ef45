using Guarantees.Arithmetic;
using Guarantees.Formats.Onnx.Proto;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Formats.Onnx;

/// <summary>Follows a model operator by operator, as a float32 program executes it: ranges of the real values, and bounds of what rounding does.</summary>
/// <remarks>
/// Covers every IEEE-754 float32 execution of the operators as the file lists them: sums in any order and blocking, bias first or last, with or without fused
/// multiply-add, products with constants taken before or after a sum, wider intermediate formats, subnormal numbers kept or flushed to zero. The error of
/// an operator is the one that its arguments bring plus its own: gamma_n sum |terms| for sums (N. J. Higham, "Accuracy and Stability of Numerical
/// Algorithms", 2nd ed., SIAM, 2002, sec. 3.1 and 4.2), u |value| for one operation. The elementary functions of a float32 library are not specified by the
/// standard; <see cref="Assumption"/> says what is assumed. Softmax: shifted by the largest argument of the group, sums in any order.
/// Not covered: formats narrower than float32 inside an operator (TF32, bfloat16), and rewriting across operators other than the above.
/// </remarks>
internal sealed partial class ExecutionAlgebra : Algebra
{
    /// <summary>2^-20, 16 units in the last place: the assumed error of tanh and sigmoid, and relative to the value (softplus and log: relative to 1 + |value|) of exp, pow, softplus and log.</summary>
    public const double FunctionError = 1.0 / (1 << 20);

    /// <summary>What is assumed, for certificates.</summary>
    public const string Assumption = "float32 tanh and sigmoid within 2^-20, exp and pow within 2^-20 of the value, softplus and log within 2^-20 (1 + |value|)";

    private static readonly HashSet<string> Modelled =
    [
        "Relu", "LeakyRelu", "Abs", "Tanh", "Sigmoid", "Softplus", "Exp", "Log", "Sqrt", "Reciprocal", "Pow", "Neg", "Clip", "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum",
        "MatMul", "Gemm", "BatchNormalization", "Softmax", "LogSoftmax", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL1", "ReduceL2",
        "Identity", "Dropout", "Cast", "Concat", "Split", "Slice", "Gather", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Expand", "Constant", "ConstantOfShape",
        "Shape", "Range", "Equal", "Where",
    ];

    private readonly Box domain;
    private int taken;

    /// <param name="domain">The whole input; every float32 vector in it.</param>
    public ExecutionAlgebra(Box domain) => this.domain = domain;

    /// <inheritdoc/>
    public override void Enter(NodeProto node)
    {
        if (!Modelled.Contains(node.OpType))
        {
            throw new ModelFormatException("the float32 execution of this operator is not modelled");
        }
    }

    /// <inheritdoc/>
    public override RealTensor Input(string name, int[] shape, ElementType type)
    {
        var count = Charge(shape);
        if (type != ElementType.Float)
        {
            throw new ModelFormatException($"input '{name}' is of type {type}; the execution is modelled for float32");
        }

        if (taken + count > domain.Length)
        {
            throw new ModelFormatException($"input '{name}' goes beyond the {domain.Length} coordinates of the domain");
        }

        var part = domain.Slice(taken, count);
        taken += count;
        return Plain(shape, [.. Enumerable.Range(0, count).Select(i => part[i])], new double[count]);
    }

    /// <inheritdoc/>
    /// <remarks>A cast of a constant rounds it, which the real function does not: only casts that change no number are modelled.</remarks>
    public override Tensor As(Tensor tensor, int[] shape, ElementType type) =>
        tensor is ConstantTensor constant && type != constant.Type && !(type == ElementType.Double || (type == ElementType.Float && IsSingle(constant)))
            ? throw new ModelFormatException($"a cast of the constant {tensor} to {type} is not modelled; expected numbers that float32 holds")
            : base.As(tensor, shape, type);

    /// <inheritdoc/>
    public override RealTensor Gather(int[] shape, ElementType type, IReadOnlyList<RealTensor> parts, (int Part, int Place)[] places)
    {
        if (parts.All(part => part is ConstantTensor))
        {
            return base.Gather(shape, type, parts, places);
        }

        Charge(4L * places.Length);
        var executed = parts.Select(Executed).ToArray();
        return Plain(shape, Array.ConvertAll(places, p => executed[p.Part][p.Place]), Array.ConvertAll(places, p => executed[p.Part].ErrorAt(p.Place)));
    }

    /// <inheritdoc/>
    public override RealTensor Add(RealTensor a, RealTensor b) => Join(Executed(a), Executed(b), 1);

    /// <inheritdoc/>
    public override RealTensor Subtract(RealTensor a, RealTensor b) => Join(Executed(a), Executed(b), -1);

    /// <inheritdoc/>
    public override RealTensor Scale(RealTensor a, double factor)
    {
        if (factor == 1)
        {
            return a;
        }

        var x = Executed(a);
        return factor == -1
            ? new ExecutedTensor(
                x.Shape,
                Array.ConvertAll(x.Upper, value => -value),
                Array.ConvertAll(x.Lower, value => -value),
                Array.ConvertAll(x.Inherited, value => Up(value + ExecutedTensor.Flushed)),
                x.Mass,
                x.Peak,
                x.Terms)
            : Times(x, _ => Interval.Point(factor), 1);
    }

    /// <inheritdoc/>
    public override RealTensor Sum(RealTensor a, int[] shape, int[][] rows)
    {
        Charge(4L * rows.Sum(row => (long)row.Length));
        var x = Executed(a);
        var (lower, upper) = (new double[rows.Length], new double[rows.Length]);
        var (inherited, mass, peak) = (new double[rows.Length], new double[rows.Length], new double[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
        {
            var range = Interval.Point(0);
            foreach (var place in rows[i])
            {
                range += x[place];
                inherited[i] += x.Inherited[place] + (2 * ExecutedTensor.Flushed);
                mass[i] += x.Mass[place];
                peak[i] += x.Peak[place];
            }

            (lower[i], upper[i]) = (range.Lower, range.Upper);
            (inherited[i], mass[i], peak[i]) = (inherited[i] * (1 + 1e-9), mass[i] * (1 + 1e-9), peak[i] * (1 + 1e-9));
        }

        return new ExecutedTensor(shape, lower, upper, inherited, mass, peak, x.Terms + rows.Max(row => row.Length));
    }

    /// <inheritdoc/>
    public override RealTensor Multiply(RealTensor a, RealTensor b)
    {
        if (a is ConstantTensor && b is not ConstantTensor)
        {
            return Multiply(b, a);
        }

        if (b is ConstantTensor { IsExact: true } factors)
        {
            Charge(6L * a.Count);
            Executed(factors);
            return Times(Executed(a), i => factors[i], 1);
        }

        Charge(6L * a.Count);
        var (x, y) = (Executed(a), Executed(b));
        var (values, inherited, mass, peak) = (new Interval[x.Count], new double[x.Count], new double[x.Count], new double[x.Count]);
        for (var i = 0; i < values.Length; i++)
        {
            var (p, q, dp, dq) = (x.SizeAt(i), y.SizeAt(i), x.ErrorAt(i), y.ErrorAt(i));
            values[i] = x[i] * y[i];
            inherited[i] = Up((p * dq) + (q * dp) + (dp * dq) + (ExecutedTensor.Flushed * (p + dp + q + dq + 2)));
            mass[i] = Up((p + dp) * (q + dq));
            peak[i] = Up(Math.Max(1, p + dp) * Math.Max(1, q + dq));
        }

        return new ExecutedTensor(x.Shape, Lower(values), Upper(values), inherited, mass, peak, 2);
    }

    /// <inheritdoc/>
    public override RealTensor Divide(RealTensor a, RealTensor b)
    {
        if (b is ConstantTensor { IsExact: true } divisors)
        {
            Executed(divisors);
            for (var i = 0; i < divisors.Count; i++)
            {
                if (divisors[i].Mignitude < ExecutedTensor.Flushed)
                {
                    throw new ModelFormatException($"divisor {i} is {divisors[i]}; expected a normal float32 number, whose reciprocal is finite");
                }
            }

            // A division, or the product with a rounded reciprocal.
            return Times(Executed(a), i => Interval.Point(1) / divisors[i], 3);
        }

        var (x, y) = (Executed(a), Executed(b));
        var (values, errors) = (new Interval[x.Count], new double[x.Count]);
        for (var i = 0; i < values.Length; i++)
        {
            var (least, dx, dy) = (y[i].Mignitude, x.ErrorAt(i), y.ErrorAt(i));
            if (!(least > dy + ExecutedTensor.Flushed))
            {
                throw new ModelFormatException($"divisor {i} may be {y[i]}; expected a range without 0");
            }

            // (p + dp) / (q + dq) - p / q = (dp - (p / q) dq) / (q + dq), and two roundings where a reciprocal is taken first.
            values[i] = x[i] / y[i];
            var exact = (dx + ExecutedTensor.Flushed + (values[i].Magnitude * (dy + ExecutedTensor.Flushed))) / (least - dy - ExecutedTensor.Flushed);
            errors[i] = Up(exact + (3 * ExecutedTensor.Unit * (values[i].Magnitude + exact)) + (3 * ExecutedTensor.Flushed * (1 + x.SizeAt(i) + dx)));
        }

        return Plain(x.Shape, values, errors);
    }

    /// <inheritdoc/>
    public override RealTensor Maximum(RealTensor a, RealTensor b) => Chosen(a, b, Math.Max);

    /// <inheritdoc/>
    public override RealTensor Minimum(RealTensor a, RealTensor b) => Chosen(a, b, Math.Min);

    /// <inheritdoc/>
    public override RealTensor Apply(Activation function, RealTensor a)
    {
        Charge(2L * a.Count);
        var x = Executed(a);
        var (values, errors) = (new Interval[x.Count], new double[x.Count]);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = function.Range(x[i]);
            errors[i] = Up(ErrorOf(function, x[i], x.ErrorAt(i) + ExecutedTensor.Flushed, values[i].Magnitude) + ExecutedTensor.Flushed);
        }

        return Plain(x.Shape, values, errors);
    }

    /// <inheritdoc/>
    public override void Settle(RealTensor a, RealTensor b)
    {
    }

    /// <summary>A tensor as executed; a constant is float32 and has no error.</summary>
    public static ExecutedTensor Executed(RealTensor tensor)
    {
        switch (tensor)
        {
            case ExecutedTensor executed:
                return executed;
            case ConstantTensor { Type: ElementType.Float or ElementType.Double } constant when IsSingle(constant) && constant.Lower.All(double.IsFinite):
                return Plain(constant.Shape, Array.ConvertAll(constant.Lower, Interval.Point), new double[constant.Count]);
            default:
                throw new ModelFormatException($"a constant {tensor} is no float32; its execution is not modelled");
        }
    }

    private static bool IsSingle(ConstantTensor constant) => constant.IsExact && constant.Lower.All(value => (float)value == value);

    /// <summary>|executed f(t) - f(x)| for |t - x| &lt;= error.</summary>
    private static double ErrorOf(Activation function, Interval x, double error, double size)
    {
        // f(t) - f(x) by the mean value theorem over all that t may be.
        var around = new Interval(Rounding.SubtractDown(x.Lower, error), Rounding.AddUp(x.Upper, error));
        double Moved() => double.IsFinite(error) ? Rounding.MultiplyUp(function.Slope(around).Magnitude, error) : double.PositiveInfinity;
        switch (function)
        {
            case ReLU or Abs:
                return error;
            case LeakyReLU:
                return error + (ExecutedTensor.Unit * (size + error)) + (ExecutedTensor.Flushed * (x.Magnitude + error));
            case Networks.Operators.Tanh or Sigmoid:
                return Moved() + FunctionError;
            case Softplus:
                return Moved() + (FunctionError * (1 + size + Moved()));
            case Exp:
                return double.IsFinite(error) ? Moved() + (FunctionError * Elementary.ExpUpper(around.Upper)) : double.PositiveInfinity;
            case Log when around.Lower > 0:
                return Moved() + (FunctionError * (1 + size + Moved()));
            case Square:
                return Moved() + (ExecutedTensor.Unit * (size + Moved()));
            case Reciprocal:
                return around.Mignitude < ExecutedTensor.Flushed ? double.PositiveInfinity : Moved() + (2 * ExecutedTensor.Unit * (size + Moved()));
            case Sqrt when around.Lower > 0:
                return Moved() + (2 * ExecutedTensor.Unit * (size + Moved()));
            case Log or Sqrt:
                throw new ModelFormatException($"the argument may be {around}; expected positive numbers");
            default:
                throw new ModelFormatException($"the float32 execution of {function.Name} is not modelled");
        }
    }

    /// <summary>a + sign b: the terms of both, in any order.</summary>
    private static ExecutedTensor Join(ExecutedTensor a, ExecutedTensor b, int sign)
    {
        var (values, inherited, mass, peak) = (new Interval[a.Count], new double[a.Count], new double[a.Count], new double[a.Count]);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = sign > 0 ? a[i] + b[i] : a[i] - b[i];
            inherited[i] = Up(a.Inherited[i] + b.Inherited[i] + (3 * ExecutedTensor.Flushed));
            mass[i] = Up(a.Mass[i] + b.Mass[i]);
            peak[i] = Up(a.Peak[i] + b.Peak[i]);
        }

        return new ExecutedTensor(a.Shape, Lower(values), Upper(values), inherited, mass, peak, a.Terms + b.Terms);
    }

    /// <summary>a times exact factors, whose product may be taken before or after a's sum.</summary>
    private static ExecutedTensor Times(ExecutedTensor a, Func<int, Interval> factor, int roundings)
    {
        var (values, inherited, mass, peak) = (new Interval[a.Count], new double[a.Count], new double[a.Count], new double[a.Count]);
        for (var i = 0; i < values.Length; i++)
        {
            var c = factor(i);
            var size = c.Magnitude;
            values[i] = a[i] * c;
            peak[i] = Up(a.Peak[i] * Math.Max(1, size));
            inherited[i] = Up((a.Inherited[i] * size) + (8 * ExecutedTensor.Flushed * peak[i]));
            mass[i] = Up(a.Mass[i] * size);
        }

        return new ExecutedTensor(a.Shape, Lower(values), Upper(values), inherited, mass, peak, a.Terms + roundings);
    }

    private static ExecutedTensor Chosen(RealTensor a, RealTensor b, Func<double, double, double> choose)
    {
        var (x, y) = (Executed(a), Executed(b));
        var (values, errors) = (new Interval[x.Count], new double[x.Count]);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = new Interval(choose(x.Lower[i], y.Lower[i]), choose(x.Upper[i], y.Upper[i]));
            errors[i] = Math.Max(x.ErrorAt(i), y.ErrorAt(i)) + ExecutedTensor.Flushed;
        }

        return Plain(x.Shape, values, errors);
    }

    /// <summary>Values that are no sums.</summary>
    private static ExecutedTensor Plain(int[] shape, Interval[] values, double[] errors)
    {
        var mass = values.Zip(errors, (value, error) => Up(value.Magnitude + error)).ToArray();
        return new ExecutedTensor(shape, Lower(values), Upper(values), errors, mass, Array.ConvertAll(mass, size => Math.Max(1, size)), 1);
    }

    /// <summary>Pays for the rounding of the bound's own arithmetic; NaN, as from 0 times infinity, says nothing.</summary>
    private static double Up(double bound) => double.IsNaN(bound) ? double.PositiveInfinity : bound * (1 + 1e-12);

    private static double[] Lower(Interval[] values) => Array.ConvertAll(values, value => value.Lower);

    private static double[] Upper(Interval[] values) => Array.ConvertAll(values, value => value.Upper);
}
