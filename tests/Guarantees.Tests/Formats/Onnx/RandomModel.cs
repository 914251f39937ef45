using Google.Protobuf;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Onnx.Proto;

namespace Guarantees.Tests.Formats.Onnx;

/// <summary>A random model over all supported operators, in the attribute style of its opset, with constants stored in every way the format has.</summary>
/// <remarks>
/// Numbers stay moderate: constants lie in [-3, 3], divisors and arguments of logarithms and roots stay away from 0, and large values are squashed, so that
/// rounding stays far below what a wrong reading would change.
/// </remarks>
internal sealed class RandomModel
{
    private const double Large = 30;

    private readonly Random random;
    private readonly int opset;
    private readonly ElementType type;
    private readonly GraphProto graph = new() { Name = "random" };
    private readonly List<Value> values = [];
    private readonly List<string> operators = [];
    private int names;

    private RandomModel(int seed, bool isDouble, int opset)
    {
        (random, this.opset) = (new Random(seed), opset);
        type = isDouble ? ElementType.Double : ElementType.Float;
        var inputs = 1 + random.Next(2);
        for (var i = 0; i < inputs; i++)
        {
            int[] shape = random.Next(4) switch
            {
                0 => [1, 1 + random.Next(5)],
                1 => [1, 1 + random.Next(4), 1 + random.Next(4)],
                2 => [1, 2, 1 + random.Next(3), 2],
                _ => [1, 2 + random.Next(4)],
            };
            Declare(graph.Input, Add(shape, 2).Name, shape);
        }

        Action[] steps =
        [
            Unary, Unary, Unary, Positive, Positive, BinaryWithConstant, BinaryWithConstant, BinaryWithConstant, BinaryWithConstant, Binary, Binary, Clip, Power, Extremes,
            Gemm, Gemm, MatMul, MatMul, Normalize, Softmax, Reduce, Reduce, Concat, Split, Slice, Slice, Gather, Reshape, Flatten, Transpose, Squeeze,
            Unsqueeze, Expand, Pass, ShapeChain, Where, Folded,
        ];
        var count = 3 + random.Next(12);
        for (var i = 0; i < count; i++)
        {
            steps[random.Next(steps.Length)]();
        }

        // Everything that nothing reads is an output, and some other values too.
        var read = graph.Node.SelectMany(node => node.Input).ToHashSet();
        foreach (var value in values.Where(value => !read.Contains(value.Name) || random.Next(6) == 0))
        {
            Declare(graph.Output, value.Name, value.Shape);
        }
    }

    public static (ModelProto Model, IReadOnlyList<string> Operators) Make(int seed, bool isDouble)
    {
        var opset = OnnxOperators.OldestOpset + (int)((uint)seed % (OnnxOperators.NewestOpset - OnnxOperators.OldestOpset + 1));
        var made = new RandomModel(seed, isDouble, opset);
        var model = new ModelProto { IrVersion = 8, Graph = made.graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        return (model, made.operators);
    }

    // Steps.

    private void Unary()
    {
        var x = Pick();
        var name = Choose("Relu", "LeakyRelu", "Abs", "Tanh", "Sigmoid", "Softplus", "Neg", "Identity", "Exp");
        if (name == "Exp")
        {
            Node("Exp", Node("Tanh", 1, x.Shape, x), 3, x.Shape);
            return;
        }

        var node = Node(name, x, name is "Tanh" or "Sigmoid" ? 1 : x.Size + 1, x.Shape);
        if (name == "LeakyRelu" && random.Next(3) > 0)
        {
            Attribute(node, "alpha", (float)((3 * random.NextDouble()) - 1));
        }
    }

    private void Positive()
    {
        var x = AwayFromZero(Pick());
        Node(Choose("Log", "Sqrt", "Reciprocal"), x, x.Size + 3, x.Shape);
    }

    private void BinaryWithConstant()
    {
        var x = Pick();
        var name = Choose("Add", "Sub", "Mul", "Div", "Sum", "Max", "Min");
        var (shape, result) = (Broadcastable(x.Shape), x.Shape);
        if (random.Next(8) == 0)
        {
            result = [.. x.Shape.Select(extent => extent == 1 ? 1 + random.Next(3) : extent)];
            shape = result;
        }

        var c = Constant(shape, name == "Div" ? 0.3 : -3, random.Next(4) == 0);
        if (name == "Div" && random.Next(3) == 0)
        {
            var divisor = AwayFromZero(x);
            Node(name, c, 12, result, divisor);
            return;
        }

        var swap = name != "Div" && random.Next(2) == 0;
        Node(name, swap ? c : x, name is "Mul" or "Div" ? 3.4 * x.Size : x.Size + 3, result, swap ? x : c);
    }

    private void Binary()
    {
        var x = Pick();
        var y = values.Where(v => Fits(v.Shape, x.Shape)).OrderBy(_ => random.Next()).First();
        var name = Choose("Add", "Sub", "Mul", "Div", "Max", "Min");
        y = name == "Div" ? AwayFromZero(y) : y;
        Node(name, x, name is "Mul" ? x.Size * y.Size : name is "Div" ? 3 * x.Size : x.Size + y.Size, Shapes.Broadcast(x.Shape, y.Shape), y);
    }

    private void Clip()
    {
        var x = Pick();
        var (low, high) = ((float)(-2 * random.NextDouble()), (float)(2 * random.NextDouble()));
        var (hasLow, hasHigh) = (random.Next(3) > 0, random.Next(3) > 0);
        if (opset < 11)
        {
            var node = Node("Clip", x, x.Size, x.Shape);
            if (hasLow)
            {
                Attribute(node, "min", low);
            }

            if (hasHigh)
            {
                Attribute(node, "max", high);
            }

            return;
        }

        var inputs = new List<Value> { x };
        if (hasLow || hasHigh)
        {
            inputs.Add(hasLow ? Stored([], [low]) : new Value("", [], 0));
        }

        if (hasHigh)
        {
            inputs.Add(Stored([], [high]));
        }

        Node("Clip", inputs, x.Size + 2, x.Shape);
    }

    private void Power()
    {
        var x = Pick();
        var exponent = new[] { -1, 0.5, 1, 2, 2, 2, 3, 4 }[random.Next(8)];
        x = exponent is -1 or 0.5 ? AwayFromZero(x) : exponent > 2 ? Squashed(x) : x;
        var stored = opset >= 12 && exponent != 0.5 && random.Next(3) == 0 ? Integers([], [(long)exponent]) : Stored(random.Next(2) == 0 ? [] : [1], [exponent]);
        Node("Pow", x, Math.Max(x.Size * x.Size, 3), stored.Shape.Length == 1 && x.Shape.Length == 0 ? [1] : x.Shape, stored);
    }

    private void Extremes()
    {
        var x = Pick();
        Node(Choose("Max", "Min", "Sum"), [x, Constant(Broadcastable(x.Shape)), x], (2 * x.Size) + 3, x.Shape);
    }

    private void Gemm()
    {
        var x = Matrix(Pick());
        var (transA, transB) = (random.Next(3) == 0, random.Next(2) == 0);
        var isLeft = random.Next(4) > 0;
        var n = 1 + random.Next(5);
        int[] shape;
        List<Value> inputs;
        if (isLeft)
        {
            var (m, k) = transA ? (x.Shape[1], x.Shape[0]) : (x.Shape[0], x.Shape[1]);
            (inputs, shape) = ([x, Constant(transB ? [n, k] : [k, n])], [m, n]);
        }
        else
        {
            var (k, m) = transB ? (x.Shape[1], x.Shape[0]) : (x.Shape[0], x.Shape[1]);
            (inputs, shape) = ([Constant(transA ? [k, n] : [n, k]), x], [n, m]);
        }

        if (opset < 11 || random.Next(4) > 0)
        {
            inputs.Add(random.Next(5) switch
            {
                0 => Constant([shape[1]]),
                1 => Constant([1, shape[1]]),
                2 => Constant(shape),
                3 => Constant([shape[0], 1]),
                _ => Constant([1]),
            });
        }

        var node = Node("Gemm", inputs, (9 * x.Size * x.Shape.Max()) + 9, shape);
        MaybeFlag(node, "transA", transA);
        MaybeFlag(node, "transB", transB);
        if (random.Next(3) == 0)
        {
            Attribute(node, "alpha", (float)(3 * random.NextDouble()));
        }

        if (random.Next(3) == 0)
        {
            Attribute(node, "beta", (float)(3 * random.NextDouble()));
        }
    }

    private void MatMul()
    {
        var x = Pick();
        if (x.Shape.Length == 0)
        {
            return;
        }

        var n = 1 + random.Next(4);
        var k = x.Shape[^1];
        var size = 3 * x.Size * k;
        Value product;
        switch (random.Next(x.Shape.Length == 1 ? 3 : 6))
        {
            case 0:
                product = Node("MatMul", x, size, x.Shape[..^1], Constant([k]));
                break;
            case 1 when x.Shape.Length == 1:
                product = Node("MatMul", Constant([n, k]), size, [n], x);
                break;
            case 2 when x.Shape.Length > 1:
                var rows = x.Shape[^2];
                product = Node("MatMul", Constant([n, rows]), 3 * x.Size * rows, [.. x.Shape[..^2], n, k], x);
                break;
            case 3:
                var order = Enumerable.Range(0, x.Shape.Length).ToArray();
                (order[^1], order[^2]) = (order[^2], order[^1]);
                x = Squashed(x);
                var turned = Node("Transpose", x, x.Size, Array.ConvertAll(order, axis => x.Shape[axis]));
                Attribute(graph.Node[^1], "perm", order);
                product = Node("MatMul", x, k, [.. x.Shape[..^1], x.Shape[^2]], turned);
                break;
            case 4 when x.Shape.Length > 1:
                product = Node("MatMul", x, size, Shapes.Broadcast([.. x.Shape[..^2], 1, 1], [2, 1, 1]) is { } batch && x.Shape[..^2].All(e => e == 1)
                    ? [.. batch[..^2], x.Shape[^2], n] : [.. x.Shape[..^1], n], Constant(x.Shape[..^2].All(e => e == 1) ? [2, k, n] : [k, n]));
                break;
            default:
                product = Node("MatMul", x, size, [.. x.Shape[..^1], n], Constant([k, n]));
                break;
        }

        // The style of tf2onnx: the bias is an Add of its own.
        if (random.Next(2) == 0)
        {
            var bias = Constant(Broadcastable(product.Shape));
            Node("Add", random.Next(2) == 0 ? [product, bias] : [bias, product], product.Size + 3, product.Shape);
        }
    }

    private void Normalize()
    {
        var x = Pick();
        if (x.Shape.Length < 2 || x.Shape[0] != 1)
        {
            return;
        }

        var c = x.Shape[1];
        var node = Node("BatchNormalization", [x, Constant([c]), Constant([c]), Constant([c]), Constant([c], 0.3)], 6 * (x.Size + 3), x.Shape);
        if (random.Next(2) == 0)
        {
            Attribute(node, "epsilon", 1e-3f);
        }

        if (random.Next(2) == 0)
        {
            Attribute(node, "momentum", 0.8f);
        }

        if (opset < 9 && random.Next(2) == 0)
        {
            Attribute(node, "spatial", 1L);
        }
        else if (opset >= 14 && random.Next(2) == 0)
        {
            Attribute(node, "training_mode", 0L);
        }
    }

    private void Softmax()
    {
        var x = Squashed(Pick());
        if (x.Shape.Length == 0)
        {
            return;
        }

        var node = Node(Choose("Softmax", "LogSoftmax"), x, 5, x.Shape);
        if (x.Shape.Length < 2 || random.Next(4) > 0)
        {
            Attribute(node, "axis", Axis(x.Shape.Length));
        }
    }

    private void Reduce()
    {
        var x = Squashed(Pick());
        if (x.Shape.Length == 0)
        {
            return;
        }

        var name = Choose("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL1", "ReduceL2");
        x = name == "ReduceL2" ? AwayFromZero(x) : x;
        int[] axes = [.. Enumerable.Range(0, x.Shape.Length).Where(_ => random.Next(2) == 0)];
        var keep = random.Next(2) == 0;
        var none = axes.Length == 0;
        int[] gone = none ? [.. Enumerable.Range(0, x.Shape.Length)] : axes;
        int[] shape = keep ? [.. x.Shape.Select((e, i) => gone.Contains(i) ? 1 : e)] : [.. x.Shape.Where((_, i) => !gone.Contains(i))];
        var isInput = opset >= (name == "ReduceSum" ? 13 : 18);
        var inputs = new List<Value> { x };
        long[] styled = [.. axes.Select(axis => Signed(axis, x.Shape.Length))];
        if (isInput && !none)
        {
            inputs.Add(Integers([axes.Length], styled));
        }

        var node = Node(name, inputs, x.Size * x.Size * Shapes.Count(x.Shape), shape);
        if (!isInput && !none)
        {
            Attribute(node, "axes", styled);
        }

        MaybeFlag(node, "keepdims", keep, absent: true);
    }

    private void Concat()
    {
        var x = Pick();
        if (x.Shape.Length == 0)
        {
            return;
        }

        var axis = random.Next(x.Shape.Length);
        int[] other = [.. x.Shape];
        other[axis] = 1 + random.Next(3);
        int[] shape = [.. x.Shape];
        shape[axis] = (2 * x.Shape[axis]) + other[axis];
        var node = Node("Concat", [x, Constant(other), x], x.Size + 3, shape);
        Attribute(node, "axis", Signed(axis, shape.Length));
    }

    private void Split()
    {
        var x = Pick();
        var candidates = Enumerable.Range(0, x.Shape.Length).Where(i => x.Shape[i] > 1).ToArray();
        if (candidates.Length == 0)
        {
            return;
        }

        var axis = candidates[random.Next(candidates.Length)];
        var extent = x.Shape[axis];
        var even = extent % 2 == 0 && random.Next(2) == 0;
        var uneven = !even && opset >= 18 && random.Next(2) == 0;
        var first = even ? extent / 2 : uneven ? (extent + 1) / 2 : 1 + random.Next(extent - 1);
        var inputs = new List<Value> { x };
        var explicitSizes = !even && !uneven;
        if (explicitSizes && opset >= 13)
        {
            inputs.Add(Integers([2], [first, extent - first]));
        }

        var (a, b) = (With(x.Shape, axis, first), With(x.Shape, axis, extent - first));
        var node = Node("Split", inputs, x.Size, a);
        var second = Add(b, x.Size);
        node.Output.Add(second.Name);
        Attribute(node, "axis", Signed(axis, x.Shape.Length));
        if (explicitSizes && opset < 13)
        {
            Attribute(node, "split", new long[] { first, extent - first });
        }

        if (!explicitSizes && opset >= 18)
        {
            Attribute(node, "num_outputs", 2L);
        }
    }

    private void Slice()
    {
        var x = Pick();
        if (x.Shape.Length == 0)
        {
            return;
        }

        int[] axes = [.. Enumerable.Range(0, x.Shape.Length).Where(_ => random.Next(2) == 0)];
        axes = axes.Length == 0 ? [random.Next(x.Shape.Length)] : axes;
        int[] shape = [.. x.Shape];
        var (starts, ends, steps) = (new long[axes.Length], new long[axes.Length], new long[axes.Length]);
        for (var k = 0; k < axes.Length; k++)
        {
            var extent = x.Shape[axes[k]];
            var (from, to) = (random.Next(extent), random.Next(extent));
            (from, to) = (Math.Min(from, to), Math.Max(from, to));
            steps[k] = opset >= 10 ? 1 + random.Next(3) : 1;
            shape[axes[k]] = ((to - from) / (int)steps[k]) + 1;
            if (opset >= 10 && random.Next(3) == 0)
            {
                // Backwards, from "to" down to and including "from".
                steps[k] = -steps[k];
                (starts[k], ends[k]) = (to, from - 1 < 0 ? long.MinValue + 1 : from - 1);
            }
            else
            {
                var end = to + 1;
                starts[k] = random.Next(2) == 0 ? from : from - extent;
                ends[k] = end == extent ? (random.Next(3) switch { 0 => int.MaxValue, 1 => long.MaxValue, _ => extent }) : random.Next(2) == 0 ? end : end - extent;
            }
        }

        long[] styled = [.. axes.Select(axis => Signed(axis, x.Shape.Length))];
        if (opset < 10)
        {
            var node = Node("Slice", x, x.Size, shape);
            Attribute(node, "starts", starts);
            Attribute(node, "ends", ends);
            Attribute(node, "axes", styled);
            return;
        }

        var inputs = new List<Value> { x, Integers([axes.Length], starts), Integers([axes.Length], ends), Integers([axes.Length], styled) };
        if (steps.Any(step => step != 1) || random.Next(2) == 0)
        {
            inputs.Add(Integers([axes.Length], steps));
        }

        Node("Slice", inputs, x.Size, shape);
    }

    private void Gather()
    {
        var x = Pick();
        if (x.Shape.Length == 0)
        {
            return;
        }

        var axis = random.Next(x.Shape.Length);
        int[] indexShape = random.Next(3) switch { 0 => [], 1 => [1 + random.Next(4)], _ => [2, 2] };
        long[] indices = [.. Enumerable.Range(0, Shapes.Count(indexShape)).Select(_ => Signed(random.Next(x.Shape[axis]), x.Shape[axis]))];
        var node = Node("Gather", x, x.Size, [.. x.Shape[..axis], .. indexShape, .. x.Shape[(axis + 1)..]], Integers(indexShape, indices));
        Attribute(node, "axis", Signed(axis, x.Shape.Length));
    }

    private void Reshape()
    {
        var x = Pick();
        var count = Shapes.Count(x.Shape);
        var divisor = Enumerable.Range(1, count).Where(d => count % d == 0).OrderBy(_ => random.Next()).First();
        (long[] asked, int[] shape) = random.Next(4) switch
        {
            0 when x.Shape.Length > 1 => ([0L, -1L], new[] { x.Shape[0], count / x.Shape[0] }),
            1 => ([-1L], [count]),
            2 => ([-1L, divisor], [count / divisor, divisor]),
            _ => ([1L, divisor, count / divisor], [1, divisor, count / divisor]),
        };
        Node("Reshape", x, x.Size, shape, Integers([asked.Length], asked));
    }

    private void Flatten()
    {
        var x = Pick();
        var axis = random.Next(x.Shape.Length + 1);
        var node = Node("Flatten", x, x.Size, [Shapes.Count(x.Shape.AsSpan(0, axis)), Shapes.Count(x.Shape.AsSpan(axis))]);
        Attribute(node, "axis", axis < x.Shape.Length ? Signed(axis, x.Shape.Length) : axis);
    }

    private void Transpose()
    {
        var x = Pick();
        int[] order = [.. Enumerable.Range(0, x.Shape.Length).OrderBy(_ => random.Next())];
        var isDefault = random.Next(4) == 0;
        order = isDefault ? [.. Enumerable.Range(0, order.Length).Reverse()] : order;
        var node = Node("Transpose", x, x.Size, Array.ConvertAll(order, axis => x.Shape[axis]));
        if (!isDefault)
        {
            Attribute(node, "perm", order);
        }
    }

    private void Squeeze()
    {
        var x = Pick();
        int[] ones = [.. Enumerable.Range(0, x.Shape.Length).Where(i => x.Shape[i] == 1)];
        int[] axes = [.. ones.Where(_ => random.Next(2) == 0)];
        var all = axes.Length == 0;
        var gone = all ? ones : axes;
        int[] shape = [.. x.Shape.Where((_, i) => !gone.Contains(i))];
        WithAxes("Squeeze", x, shape, all ? null : [.. axes.Select(axis => Signed(axis, x.Shape.Length))]);
    }

    private void Unsqueeze()
    {
        var x = Pick();
        if (x.Shape.Length > 4)
        {
            return;
        }

        var rank = x.Shape.Length + 2;
        int[] axes = [.. Enumerable.Range(0, rank).OrderBy(_ => random.Next()).Take(2).Order()];
        var next = 0;
        int[] shape = [.. Enumerable.Range(0, rank).Select(i => axes.Contains(i) ? 1 : x.Shape[next++])];
        WithAxes("Unsqueeze", x, shape, [.. axes.Select(axis => Signed(axis, rank))]);
    }

    private void Expand()
    {
        var x = Pick();
        int[] shape = [.. x.Shape.Select(extent => extent == 1 && random.Next(2) == 0 ? 2 : extent)];
        if (Shapes.Count(shape) < 100)
        {
            Node("Expand", x, x.Size, shape, Integers([shape.Length], [.. shape.Select(extent => (long)extent)]));
        }
    }

    private void Pass()
    {
        var x = Pick();
        switch (random.Next(3))
        {
            case 0 when opset < 12:
                Attribute(Node("Dropout", x, x.Size, x.Shape), "ratio", 0.3f);
                break;
            case 0:
                var inputs = new List<Value> { x };
                if (random.Next(2) == 0)
                {
                    inputs.Add(Stored([], [0.5], ElementType.Float));
                    inputs.Add(Truth(false));
                }

                Node("Dropout", inputs, x.Size, x.Shape);
                break;
            default:
                // Float32 to float64 and back keeps the value; so does float64 to float64.
                var wide = Node("Cast", x, x.Size, x.Shape);
                Attribute(wide, "to", (long)ElementType.Double);
                values.Remove(wide);
                Attribute(Node("Cast", wide, x.Size, x.Shape), "to", (long)type);
                break;
        }
    }

    /// <summary>A new shape computed from the shape of the input, as exporters with a dynamic batch axis write it.</summary>
    private void ShapeChain()
    {
        var x = Pick();
        if (x.Shape.Length < 2)
        {
            return;
        }

        var shape = Hidden("Shape", [x]);
        var batch = Hidden("Gather", [shape, Integers([], [0])]);
        var row = HiddenAxes("Unsqueeze", batch, [0]);
        var rest = Integers([1], [-1]);
        var wanted = Hidden("Concat", [row, rest]);
        Attribute(graph.Node[^1], "axis", 0L);
        var flat = Node("Reshape", x, x.Size, [x.Shape[0], Shapes.Count(x.Shape) / x.Shape[0]], wanted);
        if (opset >= 9)
        {
            var filled = Hidden("ConstantOfShape", [shape]);
            if (random.Next(2) == 0 || type == ElementType.Double)
            {
                Attribute(graph.Node[^1], "value", Proto([1], [1.5], type));
            }

            Node("Add", x, x.Size + 2, x.Shape, filled);
        }

        if (opset >= 11)
        {
            var range = Hidden("Range", [Integers([], [0]), Integers([], [flat.Shape[1]]), Integers([], [1])]);
            var node = Node("Gather", flat, flat.Size, flat.Shape, range);
            Attribute(node, "axis", 1L);
        }
    }

    private void Where()
    {
        var x = Pick();
        if (opset < 9 || x.Shape.Length == 0)
        {
            return;
        }

        long[] left = [.. Enumerable.Range(0, x.Shape[^1]).Select(_ => (long)random.Next(2))];
        var condition = Hidden("Equal", [Integers([left.Length], left), Integers([], [1])]);
        var other = random.Next(2) == 0 ? Constant(Broadcastable(x.Shape)) : Node("Tanh", x, 1, x.Shape);
        var swap = random.Next(2) == 0;
        Node("Where", [condition, swap ? other : x, swap ? x : other], x.Size + 3, x.Shape);
    }

    /// <summary>A function of a constant, which is folded.</summary>
    private void Folded()
    {
        var x = Pick();
        var c = Constant(Broadcastable(x.Shape), 0.3);
        var folded = Hidden(Choose("Log", "Sqrt", "Exp", "Tanh", "Abs", "Reciprocal", "Neg", "Softplus", "Sigmoid", "Relu"), [c]);
        Node(Choose("Add", "Mul"), x, 8 * (x.Size + 4), x.Shape, folded with { Shape = c.Shape });
    }

    // Parts.

    private Value Pick()
    {
        var x = values[random.Next(2) == 0 ? values.Count - 1 : random.Next(values.Count)];
        x = x.Size > Large ? Squashed(x) : x;
        return Shapes.Count(x.Shape) <= 60 && x.Shape.Length <= 5 ? x : Smaller(x);
    }

    private Value Smaller(Value x)
    {
        var flat = Node("Reshape", x, x.Size, [1, Shapes.Count(x.Shape)], Integers([2], [1, -1]));
        var taken = Node("Gather", flat, x.Size, [1, 3], Integers([3], [0, flat.Shape[1] - 1, flat.Shape[1] / 2]));
        Attribute(taken, "axis", 1L);
        return taken;
    }

    private Value Matrix(Value x) => x.Shape.Length == 2 ? x
        : Node("Reshape", x, x.Size, [1, Shapes.Count(x.Shape)], Integers([2], [1, -1]));

    private Value Squashed(Value x) => x.Size <= 1 ? x : Node(Choose("Tanh", "Sigmoid"), x, 1, x.Shape);

    private Value AwayFromZero(Value x) => Node("Add", Node(Choose("Abs", "Softplus"), x, x.Size + 1, x.Shape), x.Size + 1.5, x.Shape, Stored([], [0.5]));

    private void WithAxes(string name, Value x, int[] shape, long[]? axes)
    {
        var node = Node(name, axes is not null && opset >= 13 ? [x, Integers([axes.Length], axes)] : [x], x.Size, shape);
        if (axes is not null && opset < 13)
        {
            Attribute(node, "axes", axes);
        }
    }

    private Value HiddenAxes(string name, Value x, long[] axes)
    {
        var value = Hidden(name, opset >= 13 ? [x, Integers([axes.Length], axes)] : [x]);
        if (opset < 13)
        {
            Attribute(graph.Node[^1], "axes", axes);
        }

        return value;
    }

    private static bool Fits(int[] a, int[] b)
    {
        try
        {
            return Shapes.Count(Shapes.Broadcast(a, b)) <= 60;
        }
        catch (Guarantees.Formats.ModelFormatException)
        {
            return false;
        }
    }

    private int[] Broadcastable(int[] shape)
    {
        var skip = random.Next(shape.Length + 1);
        return [.. shape[skip..].Select(extent => random.Next(4) == 0 ? 1 : extent)];
    }

    private static int[] With(int[] shape, int axis, int extent)
    {
        int[] changed = [.. shape];
        changed[axis] = extent;
        return changed;
    }

    private long Axis(int rank) => Signed(random.Next(rank), rank);

    private long Signed(int axis, int rank) => opset >= 11 && random.Next(2) == 0 ? axis - rank : axis;

    private string Choose(params string[] options) => options[random.Next(options.Length)];

    private Value Constant(int[] shape, double least = -3, bool powersOfTwo = false)
    {
        var numbers = new double[Shapes.Count(shape)];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = powersOfTwo ? Math.Pow(2, random.Next(-1, 2)) : (float)(least + ((3 - least) * random.NextDouble()));
            numbers[i] = random.Next(10) == 0 && least < 0 ? 0 : numbers[i];
        }

        if (random.Next(8) == 0 && (opset >= 13 || least < 0))
        {
            // Half precision, cast up.
            var (half, bits) = (random.Next(2) == 0 || opset < 13, (Func<double, int>)(v => BitConverter.HalfToUInt16Bits((Half)v)));
            bits = half ? bits : v => BitConverter.SingleToInt32Bits((float)v) >> 16;
            var proto = new TensorProto { Name = Name(), DataType = half ? 10 : 16 };
            proto.Dims.AddRange(shape.Select(extent => (long)extent));
            if (random.Next(2) == 0)
            {
                proto.Int32Data.AddRange(numbers.Select(bits));
            }
            else
            {
                proto.RawData = ByteString.CopyFrom([.. numbers.Select(bits).SelectMany(v => new[] { (byte)v, (byte)(v >> 8) })]);
            }

            graph.Initializer.Add(proto);
            var cast = Hidden("Cast", [new Value(proto.Name, shape, 3)]);
            Attribute(graph.Node[^1], "to", (long)type);
            return cast with { Shape = shape };
        }

        return Stored(shape, numbers);
    }

    private Value Stored(int[] shape, double[] numbers, ElementType? of = null) => Keep(Proto(shape, numbers, of ?? type), shape);

    private Value Integers(int[] shape, long[] numbers)
    {
        var proto = new TensorProto { DataType = (int)ElementType.Int64 };
        proto.Dims.AddRange(shape.Select(extent => (long)extent));
        if (random.Next(2) == 0)
        {
            proto.Int64Data.AddRange(numbers);
        }
        else
        {
            proto.RawData = ByteString.CopyFrom([.. numbers.SelectMany(BitConverter.GetBytes)]);
        }

        return Keep(proto, shape);
    }

    private Value Truth(bool value)
    {
        var proto = new TensorProto { DataType = (int)ElementType.Bool };
        proto.Int32Data.Add(value ? 1 : 0);
        return Keep(proto, []);
    }

    /// <summary>As an initializer or as a Constant node, in one of its styles.</summary>
    private Value Keep(TensorProto proto, int[] shape)
    {
        if (random.Next(3) == 0)
        {
            var value = Hidden("Constant", []);
            var node = graph.Node[^1];
            if (opset >= 12 && shape.Length == 0 && proto.DataType == 7 && random.Next(2) == 0)
            {
                Attribute(node, "value_int", ((IntegerTensor)TensorReader.Read(proto, "")).Values[0]);
            }
            else if (opset >= 12 && shape.Length == 1 && proto.DataType == 7 && random.Next(2) == 0)
            {
                Attribute(node, "value_ints", ((IntegerTensor)TensorReader.Read(proto, "")).Values);
            }
            else if (opset >= 12 && shape.Length == 1 && proto.DataType == 1 && random.Next(2) == 0)
            {
                Attribute(node, "value_floats", Array.ConvertAll(((ConstantTensor)TensorReader.Read(proto, "")).Lower, v => (float)v));
            }
            else
            {
                Attribute(node, "value", proto);
            }

            return value with { Shape = shape };
        }

        proto.Name = Name();
        graph.Initializer.Add(proto);
        return new Value(proto.Name, shape, 3);
    }

    private TensorProto Proto(int[] shape, double[] numbers, ElementType of)
    {
        var proto = new TensorProto { DataType = (int)of };
        proto.Dims.AddRange(shape.Select(extent => (long)extent));
        var raw = random.Next(2) == 0;
        if (of == ElementType.Double)
        {
            // Numbers that no float32 holds.
            double[] doubles = Array.ConvertAll(numbers, v => v * (1 + (random.Next(2) * 1e-12)));
            if (raw)
            {
                proto.RawData = ByteString.CopyFrom([.. doubles.SelectMany(BitConverter.GetBytes)]);
            }
            else
            {
                proto.DoubleData.AddRange(doubles);
            }
        }
        else if (raw)
        {
            proto.RawData = ByteString.CopyFrom([.. numbers.SelectMany(v => BitConverter.GetBytes((float)v))]);
        }
        else
        {
            proto.FloatData.AddRange(numbers.Select(v => (float)v));
        }

        return proto;
    }

    private void MaybeFlag(NodeProto node, string name, bool value, bool absent = false)
    {
        if (value != absent || random.Next(2) == 0)
        {
            Attribute(node, name, value ? 1L : 0L);
        }
    }

    private static void Attribute(NodeProto node, string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case long integer:
                (attribute.Type, attribute.I) = (AttributeProto.Types.Kind.Int, integer);
                break;
            case float number:
                (attribute.Type, attribute.F) = (AttributeProto.Types.Kind.Float, number);
                break;
            case int[] integers:
                attribute.Type = AttributeProto.Types.Kind.Ints;
                attribute.Ints.AddRange(integers.Select(v => (long)v));
                break;
            case long[] integers:
                attribute.Type = AttributeProto.Types.Kind.Ints;
                attribute.Ints.AddRange(integers);
                break;
            case float[] numbers:
                attribute.Type = AttributeProto.Types.Kind.Floats;
                attribute.Floats.AddRange(numbers);
                break;
            case TensorProto tensor:
                (attribute.Type, attribute.T) = (AttributeProto.Types.Kind.Tensor, tensor);
                break;
            default:
                throw new ArgumentException(name);
        }

        node.Attribute.Add(attribute);
    }

    private Value Node(string name, Value x, double size, int[] shape, params Value[] more) => Node(name, [x, .. more], size, shape);

    private Value Node(string name, double size, int[] shape, Value x) => Node(name, [x], size, shape);

    private Value Node(string name, Value x, double size, int[] shape) => Node(name, [x], size, shape);

    private Value Node(string name, IEnumerable<Value> inputs, double size, int[] shape)
    {
        var value = Hidden(name, inputs) with { Shape = shape, Size = size };
        values.Add(value);
        return value;
    }

    private Value Hidden(string name, IEnumerable<Value> inputs)
    {
        operators.Add(name);
        var node = new NodeProto { OpType = name, Name = random.Next(2) == 0 ? $"node {graph.Node.Count}" : "" };
        node.Input.AddRange(inputs.Select(input => input.Name));
        node.Output.Add(Name());
        graph.Node.Add(node);
        return new Value(node.Output[0], [], 0) { Proto = node };
    }

    private Value Add(int[] shape, double size)
    {
        var value = new Value(Name(), shape, size);
        values.Add(value);
        return value;
    }

    private string Name() => $"v{names++}";

    private void Declare(ICollection<ValueInfoProto> list, string name, int[] shape)
    {
        var declared = new TensorShapeProto();
        declared.Dim.AddRange(shape.Select((extent, i) => i == 0 && ReferenceEquals(list, graph.Input) && extent == 1 && random.Next(2) == 0
            ? new TensorShapeProto.Types.Dimension { DimParam = "N" }
            : new TensorShapeProto.Types.Dimension { DimValue = extent }));
        list.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = declared } } });
    }

    private sealed record Value(string Name, int[] Shape, double Size)
    {
        public NodeProto? Proto { get; init; }

        public static implicit operator NodeProto(Value value) => value.Proto!;
    }
}
