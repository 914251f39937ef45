using Guarantees.Networks.Operators;

namespace Guarantees.Formats.Onnx;

/// <content>Operators on groups of elements: reductions and softmax.</content>
internal static partial class OnnxOperators
{
    private static Tensor Reduce(NodeReader node, int axesAreInputSince)
    {
        var value = node.Any(0);
        if (node.HasAttribute("noop_with_empty_axes") && node.Opset < axesAreInputSince)
        {
            throw new ModelFormatException($"noop_with_empty_axes is given; expected opset {axesAreInputSince} or later");
        }

        var given = node.IntegersBy(axesAreInputSince, "axes", 1) ?? [];
        if (given.Length == 0 && node.Flag("noop_with_empty_axes", false))
        {
            return value;
        }

        var axes = given.Length == 0 ? [.. Enumerable.Range(0, value.Rank)] : Shapes.Axes(given, value.Rank);
        var kept = Enumerable.Range(0, value.Rank).Except(axes).ToArray();
        var size = Shapes.Count(Array.ConvertAll(axes, axis => value.Shape[axis]));
        int[] outer = Array.ConvertAll(kept, axis => value.Shape[axis]);
        int[] shape = node.Flag("keepdims", true) ? [.. value.Shape.Select((extent, i) => axes.Contains(i) ? 1 : extent)] : outer;
        if (value.Count == 0)
        {
            throw new ModelFormatException($"input 0 is {value}; expected at least one element");
        }

        // Groups are made consecutive: axes that stay first, then those that go.
        var (algebra, groups) = (node.Algebra, Shapes.Count(outer));
        var ordered = Transpose(algebra, value, [.. kept, .. axes]);
        if (ordered is IntegerTensor { Type: not ElementType.Bool } integers)
        {
            return Reduce(node, integers, shape, groups, size);
        }

        var x = ordered as RealTensor ?? throw new ModelFormatException($"input 0 is {value}; expected numbers");
        switch (node.Operator)
        {
            case "ReduceSum":
                return algebra.SumGroups(x, shape, size);
            case "ReduceMean":
                var sum = algebra.SumGroups(x, shape, size);
                return algebra.Divide(sum, new ConstantTensor(shape, x.Type, [.. Enumerable.Repeat((double)size, groups)]));
            case "ReduceL1":
                return algebra.SumGroups(algebra.Apply(new Abs(), x), shape, size);
            case "ReduceSumSquare":
                return algebra.SumGroups(algebra.Apply(new Square(), x), shape, size);
            case "ReduceL2":
                return algebra.Norms(x, shape, size);
            case "ReduceMax":
                return LargestOfGroups(algebra, x, shape, groups, size);
            case "ReduceMin":
                return algebra.Negate(LargestOfGroups(algebra, algebra.Negate(x), shape, groups, size));
            default:
                throw new ModelFormatException($"the input depends on the network input; expected constant integers for {node.Operator}");
        }
    }

    private static IntegerTensor Reduce(NodeReader node, IntegerTensor x, int[] shape, int groups, int size)
    {
        Func<long, long, long> combine = node.Operator switch
        {
            "ReduceSum" => (a, b) => checked(a + b),
            "ReduceProd" => (a, b) => checked(a * b),
            "ReduceMax" => Math.Max,
            "ReduceMin" => Math.Min,
            _ => throw new ModelFormatException($"input 0 is {x}; expected a float type"),
        };
        var results = new long[groups];
        for (var g = 0; g < groups; g++)
        {
            results[g] = Fit(x.Values.AsSpan(g * size, size).ToArray().Aggregate(combine), x.Type);
        }

        return new IntegerTensor(shape, x.Type, results);
    }

    /// <summary>The largest element of each consecutive group, by halving all groups at once.</summary>
    private static RealTensor LargestOfGroups(Algebra algebra, RealTensor x, int[] shape, int groups, int size)
    {
        while (size > 1)
        {
            var half = (size + 1) / 2;
            x = algebra.Maximum(Part(0), Part(size - half));
            size = half;

            RealTensor Part(int start)
            {
                algebra.Charge((long)groups * half);
                return (RealTensor)algebra.Select(x, [groups, half], Shapes.Places([groups, half], [size, 1], start));
            }
        }

        return (RealTensor)algebra.Reshape(x, shape);
    }

    private static Tensor[] Softmax(NodeReader node) => [InGroups(node, (algebra, x, size) => algebra.Softmax(x, size))];

    private static Tensor[] LogSoftmax(NodeReader node) => [InGroups(node, (algebra, x, size) => algebra.LogSoftmax(x, size))];

    /// <summary>
    /// Applies a map to consecutive groups: along one axis from opset 13 on; before, over all axes from the given one (default 1) to the last.
    /// </summary>
    private static RealTensor InGroups(NodeReader node, Func<Algebra, RealTensor, int, RealTensor> map)
    {
        var (x, algebra) = (node.Real(0), node.Algebra);
        var single = node.Opset >= 13;
        var given = node.Integer("axis", single ? -1 : 1);
        var axis = !single && given == x.Rank ? x.Rank : Shapes.Axis(given, x.Rank);
        if (x.Count == 0)
        {
            throw new ModelFormatException($"input 0 is {x}; expected at least one element");
        }

        if (!single || axis == x.Rank - 1)
        {
            var size = Shapes.Count(x.Shape.AsSpan(axis));
            algebra.Charge(8L * x.Count * size);
            return map(algebra, x, size);
        }

        int[] order = [.. Enumerable.Range(0, x.Rank).Where(i => i != axis), axis];
        algebra.Charge(8L * x.Count * x.Shape[axis]);
        var result = map(algebra, (RealTensor)Transpose(algebra, x, order), x.Shape[axis]);
        var back = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            back[order[i]] = i;
        }

        return (RealTensor)Transpose(algebra, result, back);
    }
}
