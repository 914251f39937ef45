using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Formats.Onnx;

/// <content>Elementwise arithmetic, matrix products and functions.</content>
internal static partial class OnnxOperators
{
    private static Tensor[] Add(NodeReader node) =>
        node.InputCount == 2 && !node.FirstInputIsShared && BiasJoins(node, 0, 1) is { } joined
            ? [joined]
            : [Elementwise(node, node.Algebra.Add, (a, b) => checked(a + b))];

    private static Tensor[] Subtract(NodeReader node) => [Elementwise(node, node.Algebra.Subtract, (a, b) => checked(a - b))];

    private static Tensor[] Multiply(NodeReader node) => [Elementwise(node, node.Algebra.Multiply, (a, b) => checked(a * b))];

    private static Tensor[] Divide(NodeReader node) => [Elementwise(node, node.Algebra.Divide, (a, b) => b != 0
        ? checked(a / b)
        : throw new ModelFormatException("a divisor is 0; expected another number"))];

    private static Tensor[] Maximum(NodeReader node) => [Elementwise(node, node.Algebra.Maximum, Math.Max)];

    private static Tensor[] Minimum(NodeReader node) => [Elementwise(node, node.Algebra.Minimum, Math.Min)];

    private static Tensor[] Negate(NodeReader node) => node.Any(0) is IntegerTensor integers
        ? [new IntegerTensor(integers.Shape, integers.Type, Array.ConvertAll(integers.Values, v => Fit(checked(-v), integers.Type)))]
        : [node.Algebra.Negate(node.Real(0))];

    private static Tensor[] Abs(NodeReader node) => node.Any(0) is IntegerTensor integers
        ? [new IntegerTensor(integers.Shape, integers.Type, Array.ConvertAll(integers.Values, v => Fit(Math.Abs(v), integers.Type)))]
        : [node.Algebra.Apply(new Abs(), node.Real(0))];

    private static Tensor[] LeakyRelu(NodeReader node)
    {
        var (x, alpha) = (node.Real(0), node.Number("alpha", 0.01f));
        if (alpha is >= 0 and <= 1)
        {
            return [node.Algebra.Apply(new LeakyReLU(alpha), x)];
        }

        // max(x, 0) - alpha max(-x, 0), for slopes that the operator does not take.
        var (positive, negative) = (node.Algebra.Apply(new ReLU(), x), node.Algebra.Apply(new ReLU(), node.Algebra.Negate(x)));
        return [node.Algebra.Add(positive, node.Algebra.Scale(negative, -alpha))];
    }

    /// <summary>min(max(x, low), high), so high wins where low exceeds it. A bound at or beyond the largest float32 is the format's way to say that there is none.</summary>
    private static Tensor[] Clip(NodeReader node)
    {
        var x = node.Real(0);
        if (node.Opset < 11 ? node.InputCount > 1 : node.HasAttribute("min") || node.HasAttribute("max"))
        {
            throw new ModelFormatException("bounds are given the wrong way; expected attributes before opset 11, inputs from it on");
        }

        var low = node.Opset < 11 ? AttributeBound("min", float.MinValue) : InputBound(1);
        var high = node.Opset < 11 ? AttributeBound("max", float.MaxValue) : InputBound(2);
        if (low is not null && low[0].Lower > -float.MaxValue)
        {
            x = node.Algebra.Maximum(x, (RealTensor)node.Algebra.Broadcast(low, x.Shape));
        }

        if (high is not null && high[0].Upper < float.MaxValue)
        {
            x = node.Algebra.Minimum(x, (RealTensor)node.Algebra.Broadcast(high, x.Shape));
        }

        return [x];

        ConstantTensor AttributeBound(string name, double absent) => new([], x.Type, [node.Number(name, absent)]);

        ConstantTensor? InputBound(int i) => !node.HasInput(i) ? null
            : node.RealOrInfinite(i) is ConstantTensor { Count: 1 } bound && bound.Type == x.Type && bound.Rank <= 1 ? new ConstantTensor([], x.Type, bound.Lower, bound.Upper)
            : throw new ModelFormatException($"bound {i} is {node.Input(i)}; expected one constant of type {x.Type}");
    }

    private static Tensor[] Power(NodeReader node)
    {
        var x = node.Real(0);
        var exponents = node.Any(1) switch
        {
            ConstantTensor { IsExact: true } constant => constant.Lower,
            IntegerTensor { Type: not ElementType.Bool } integers => Array.ConvertAll(integers.Values, v => (double)v),
            var other => throw new ModelFormatException($"the exponent is {other}; expected exact constants"),
        };
        if (exponents.Length == 0 || exponents.Any(e => e != exponents[0]))
        {
            throw new ModelFormatException("the exponents differ; expected one number");
        }

        var a = node.Algebra;
        x = (RealTensor)a.Broadcast(x, Shapes.Broadcast(x.Shape, node.Input(1).Shape));
        return [a.Power(x, exponents[0])];
    }

    private static Tensor[] MatMul(NodeReader node)
    {
        node.RequireOneType();
        return [MatrixProduct(node.Algebra, node.Real(0), node.Real(1))];
    }

    /// <summary>alpha A B + beta C.</summary>
    private static Tensor[] Gemm(NodeReader node)
    {
        var algebra = node.Algebra;
        var (a, b) = (Factor(0, "transA"), Factor(1, "transB"));
        var (alpha, beta) = (node.Number("alpha", 1), node.Number("beta", 1));
        var types = Enumerable.Range(0, node.InputCount).Where(node.HasInput).Select(i => node.Input(i).Type);
        if (types.Distinct().Count() > 1)
        {
            throw new ModelFormatException($"inputs are of types {string.Join(", ", types)}; expected one element type");
        }

        var product = MatrixProduct(algebra, a, b);
        if (alpha != 1)
        {
            product = algebra.Scale(product, alpha);
        }

        if (!node.HasInput(2))
        {
            return [product];
        }

        var c = algebra.Scale(node.Real(2), beta);
        if (!Shapes.Broadcast(c.Shape, product.Shape).AsSpan().SequenceEqual(product.Shape))
        {
            throw new ModelFormatException($"C has shape {Shapes.Text(c.Shape)}; expected one that broadcasts to {Shapes.Text(product.Shape)}");
        }

        return [Algebra.TryAddBias(product, c, product.Shape) ?? algebra.Add(product, (RealTensor)algebra.Broadcast(c, product.Shape))];

        RealTensor Factor(int i, string flag)
        {
            var factor = node.Real(i);
            return factor.Rank != 2 ? throw new ModelFormatException($"input {i} is {factor}; expected two axes")
                : node.Flag(flag, false) ? (RealTensor)Transpose(algebra, factor, [1, 0]) : factor;
        }
    }

    /// <summary>numpy.matmul.</summary>
    private static RealTensor MatrixProduct(Algebra algebra, RealTensor a, RealTensor b)
    {
        if (a.Rank == 0 || b.Rank == 0)
        {
            throw new ModelFormatException($"factors are {a} and {b}; expected at least one axis each");
        }

        // Vectors become matrices, whose extra axis is dropped at the end.
        int[] left = a.Rank == 1 ? [1, .. a.Shape] : a.Shape;
        int[] right = b.Rank == 1 ? [.. b.Shape, 1] : b.Shape;
        var (m, k, n) = (left[^2], left[^1], right[^1]);
        if (right[^2] != k)
        {
            throw new ModelFormatException($"factors have shapes {Shapes.Text(a.Shape)} and {Shapes.Text(b.Shape)}; expected {k} rows in the second, got {right[^2]}");
        }

        var batch = Shapes.Broadcast(left[..^2], right[..^2]);
        int[] shape = [.. batch, .. a.Rank == 1 ? Array.Empty<int>() : [m], .. b.Rank == 1 ? Array.Empty<int>() : [n]];
        var batches = Shapes.Count(batch);
        var count = algebra.Charge(shape);
        algebra.Charge((long)count * Math.Max(k, 1));
        if (count == 0 || k == 0)
        {
            throw new ModelFormatException($"factors have shapes {Shapes.Text(a.Shape)} and {Shapes.Text(b.Shape)}; expected no empty axis");
        }

        if (a is VariableTensor && b is ConstantTensor { IsExact: true } w && batches * m == 1)
        {
            var weights = new double[n * k];
            for (var j = 0; j < n; j++)
            {
                for (var i = 0; i < k; i++)
                {
                    weights[(j * k) + i] = w.Lower[(i * n) + j];
                }
            }

            return algebra.Affine(shape, a, weights, new double[n]);
        }

        if (a is ConstantTensor { IsExact: true } v && b is VariableTensor && batches * n == 1)
        {
            return algebra.Affine(shape, b, v.Lower, new double[m]);
        }

        // All products a_ik b_kj, then their sums: sparse where one factor is exact.
        var leftPlaces = Shapes.BroadcastPlaces(left[..^2], batch);
        var rightPlaces = Shapes.BroadcastPlaces(right[..^2], batch);
        var (first, second) = (new int[count * k], new int[count * k]);
        var rows = new int[count][];
        for (var (s, t) = (0, 0); s < count; s++)
        {
            var (block, i, j) = (s / (m * n), s / n % m, s % n);
            rows[s] = new int[k];
            for (var l = 0; l < k; l++, t++)
            {
                first[t] = (((leftPlaces[block] * m) + i) * k) + l;
                second[t] = (((rightPlaces[block] * k) + l) * n) + j;
                rows[s][l] = t;
            }
        }

        algebra.Settle(a, b);
        var products = algebra.Multiply(
            (RealTensor)algebra.Select(a, [first.Length], first),
            (RealTensor)algebra.Select(b, [second.Length], second));
        return algebra.Sum(products, shape, rows);
    }

    /// <summary>(x - mean) scale / sqrt(var + epsilon) + bias, per channel (axis 1), the factor enclosed.</summary>
    private static Tensor[] BatchNormalization(NodeReader node)
    {
        if (node.Flag("training_mode", false) || !node.Flag("spatial", true) || Enumerable.Range(1, Math.Max(node.OutputCount - 1, 0)).Any(node.UsesOutput))
        {
            throw new ModelFormatException("training outputs, training_mode or spatial = 0 are used; expected inference per channel");
        }

        var (x, algebra) = (node.Real(0), node.Algebra);
        if (x.Rank < 2)
        {
            throw new ModelFormatException($"input 0 is {x}; expected a batch axis and a channel axis");
        }

        var channels = x.Shape[1];
        var columns = new ConstantTensor[4];
        for (var i = 0; i < 4; i++)
        {
            columns[i] = node.Real(i + 1) is ConstantTensor { Rank: 1 } column && column.Count == channels
                ? column
                : throw new ModelFormatException($"input {i + 1} is {node.Input(i + 1)}; expected {channels} constants");
        }

        var epsilon = Interval.Point(node.Number("epsilon", 1e-5f));
        var (factors, least) = (new Interval[channels], double.PositiveInfinity);
        for (var i = 0; i < channels; i++)
        {
            var variance = columns[3][i] + epsilon;
            least = Math.Min(least, variance.Lower);
            factors[i] = variance.Lower > 0
                ? columns[0][i] / variance.Sqrt()
                : throw new ModelFormatException($"variance {i} plus epsilon is {variance}; expected a positive number");
        }

        var centred = algebra.Subtract(x, Column(columns[2]));
        var scaled = algebra.ScaleChannels(centred, Column(new ConstantTensor([channels], x.Type, factors)), columns[0], columns[3], least);
        return [algebra.Add(scaled, Column(columns[1]))];

        ConstantTensor Column(ConstantTensor values) =>
            (ConstantTensor)algebra.Broadcast(values.As([channels, .. Enumerable.Repeat(1, x.Rank - 2)], x.Type), x.Shape);
    }

    /// <summary>The second input as a bias of the first, where that is an affine map without a node yet.</summary>
    private static VariableTensor? BiasJoins(NodeReader node, int map, int bias) =>
        node.Any(map) is VariableTensor a && node.Any(bias) is ConstantTensor b && a.Type == b.Type
        && Shapes.Broadcast(a.Shape, b.Shape) is var shape && shape.AsSpan().SequenceEqual(a.Shape)
            ? Algebra.TryAddBias(a, b, shape)
            : null;

    private static Tensor Elementwise(NodeReader node, Func<RealTensor, RealTensor, RealTensor> reals, Func<long, long, long> integers)
    {
        node.RequireOneType();
        var result = node.Any(0);
        for (var i = 1; i < node.InputCount; i++)
        {
            var shape = Shapes.Broadcast(result.Shape, node.Any(i).Shape);
            var (a, b) = (node.Algebra.Broadcast(result, shape), node.Algebra.Broadcast(node.Any(i), shape));
            if (Shapes.Count(shape) == 0)
            {
                result = a;
            }
            else if (a is IntegerTensor { Type: not ElementType.Bool } x && b is IntegerTensor y)
            {
                node.Algebra.Charge(shape);
                result = new IntegerTensor(shape, a.Type, [.. x.Values.Zip(y.Values, (p, q) => Fit(integers(p, q), a.Type))]);
            }
            else if (a is RealTensor p && b is RealTensor q)
            {
                result = reals(p, q);
            }
            else
            {
                throw new ModelFormatException($"inputs are {a} and {b}; expected numbers");
            }
        }

        return result;
    }
}
