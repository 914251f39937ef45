namespace Guarantees.Formats.Onnx;

/// <content>Operators that move elements, and those that compute shapes.</content>
internal static partial class OnnxOperators
{
    private static Tensor[] Dropout(NodeReader node)
    {
        if (node.UsesOutput(1))
        {
            throw new ModelFormatException("output 1 (the mask) is used; expected output 0 only");
        }

        return !node.HasInput(2) || !node.Truth(2)
            ? [node.Any(0)]
            : throw new ModelFormatException("training_mode is true; expected inference");
    }

    private static Tensor[] Cast(NodeReader node)
    {
        var (value, type) = (node.Any(0), (ElementType)node.Integer("to"));
        var isReal = type is ElementType.Float or ElementType.Double or ElementType.Float16 or ElementType.BFloat16;
        if (value is RealTensor && isReal)
        {
            return [node.Algebra.As(value, value.Shape, type)];
        }

        if (value is IntegerTensor integers)
        {
            node.Algebra.Charge(integers.Count);
            if (isReal)
            {
                var reals = Array.ConvertAll(
                    integers.Values, v => Math.Abs((double)v) <= 1L << 53 ? (double)v : throw new ModelFormatException($"the integer {v} is too large; expected at most 2^53"));
                return [node.Algebra.As(new ConstantTensor(value.Shape, ElementType.Double, reals), value.Shape, type)];
            }

            if (type is ElementType.Int64 or ElementType.Int32)
            {
                return [new IntegerTensor(value.Shape, type, Array.ConvertAll(integers.Values, v => Fit(v, type)))];
            }

            if (type == ElementType.Bool)
            {
                return [new IntegerTensor(value.Shape, type, Array.ConvertAll(integers.Values, v => v != 0 ? 1L : 0))];
            }
        }

        throw new ModelFormatException($"a cast of {value} to {type} is not supported; expected float to float, or constant integers");
    }

    /// <summary>(q - zero) scale of stored integers, as float32 execution computes it: the difference is exact, its float32 and the product are rounded once each. The network's weights are these numbers.</summary>
    /// <remarks>Runtimes rewrite the products that follow (ONNX Runtime multiplies integers first and by the scale after), so no float32 execution is claimed for such a network: see <see cref="ExecutionAlgebra"/>.</remarks>
    private static Tensor[] Dequantize(NodeReader node)
    {
        if (node.Input(0) is not IntegerTensor { Type: ElementType.Int8 or ElementType.UInt8 or ElementType.Int16 or ElementType.UInt16 or ElementType.Int32 } stored)
        {
            throw new ModelFormatException($"input 0 is {node.Input(0)}; expected stored integers of 8, 16 or 32 bits: networks with quantised weights are read, those that quantise what they compute are not");
        }

        if (node.Integer("block_size", 0) != 0)
        {
            throw new ModelFormatException($"block_size is {node.Integer("block_size", 0)}; expected 0");
        }

        if (node.Input(1) is not ConstantTensor { Type: ElementType.Float, Rank: <= 1 } scale || !scale.IsExact)
        {
            throw new ModelFormatException($"the scale is {node.Input(1)}; expected stored float32 numbers, one or one for each part of an axis");
        }

        var perPart = scale.Rank == 1 && !(scale.Count == 1 && stored.Rank == 0);
        var axis = perPart ? Shapes.Axis(node.Integer("axis", 1), stored.Rank) : 0;
        var zeros = !node.HasInput(2) ? new long[scale.Count]
            : node.Input(2) is IntegerTensor zero && zero.Type == stored.Type && zero.Shape.SequenceEqual(scale.Shape) ? zero.Values
            : throw new ModelFormatException($"the zero point is {node.Input(2)}; expected the type {stored.Type} and the shape {Shapes.Text(scale.Shape)} of the scale");
        if (perPart && scale.Count != stored.Shape[axis])
        {
            throw new ModelFormatException($"the scale has {scale.Count} elements; expected {stored.Shape[axis]}, the extent of axis {axis}");
        }

        node.Algebra.Charge(stored.Count);
        var inner = perPart ? Shapes.Count([.. stored.Shape.AsSpan(axis + 1)]) : 1;
        var values = new double[stored.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var part = perPart ? i / inner % scale.Count : 0;
            values[i] = (float)((double)(float)(stored.Values[i] - zeros[part]) * scale.Lower[part]);
        }

        return [new ConstantTensor(stored.Shape, ElementType.Float, values)];
    }

    private static Tensor[] Concat(NodeReader node)
    {
        node.RequireOneType();
        var parts = Enumerable.Range(0, node.InputCount).Select(node.Any).ToArray();
        var axis = Shapes.Axis(node.Integer("axis"), parts[0].Rank);
        long extent = 0;
        foreach (var part in parts)
        {
            if (part.Rank != parts[0].Rank || part.Shape.Where((size, i) => i != axis && size != parts[0].Shape[i]).Any())
            {
                throw new ModelFormatException($"shapes {Shapes.Text(parts[0].Shape)} and {Shapes.Text(part.Shape)} do not fit on axis {axis}; expected equal extents elsewhere");
            }

            extent += part.Shape[axis];
        }

        int[] shape = [.. parts[0].Shape];
        shape[axis] = (int)Math.Min(extent, int.MaxValue);
        var count = node.Algebra.Charge(shape);
        node.Algebra.Charge(count);
        var places = new (int Part, int Place)[count];
        var inner = Shapes.Count(shape.AsSpan(axis + 1));
        var next = 0;
        for (var outer = 0; next < count; outer++)
        {
            for (var k = 0; k < parts.Length; k++)
            {
                var run = parts[k].Shape[axis] * inner;
                for (var i = 0; i < run; i++)
                {
                    places[next++] = (k, (outer * run) + i);
                }
            }
        }

        if (parts[0] is IntegerTensor)
        {
            return [new IntegerTensor(shape, parts[0].Type, Array.ConvertAll(places, p => ((IntegerTensor)parts[p.Part]).Values[p.Place]))];
        }

        return [node.Algebra.Gather(shape, parts[0].Type, Array.ConvertAll(parts, part => (RealTensor)part), places)];
    }

    private static Tensor[] Split(NodeReader node)
    {
        var value = node.Any(0);
        var axis = Shapes.Axis(node.Integer("axis", 0), value.Rank);
        var extent = value.Shape[axis];
        var sizes = node.IntegersBy(13, "split", 1);
        var parts = node.OutputCount;
        if (node.HasAttribute("num_outputs") && (node.Opset < 18 || sizes is not null || node.Integer("num_outputs") != parts))
        {
            throw new ModelFormatException($"num_outputs is {node.Integer("num_outputs")} for {parts} outputs; expected that many outputs, no sizes, and opset 18 or later");
        }

        if (sizes is null)
        {
            // From opset 18 on the last part may be smaller; before, the parts are equal.
            long size = ((long)extent + parts - 1) / Math.Max(parts, 1);
            sizes = [.. Enumerable.Range(0, parts).Select(k => Math.Clamp(extent - (k * size), 0, size))];
            if (node.Opset < 18 && sizes.Any(s => s != size))
            {
                throw new ModelFormatException($"axis {axis} of extent {extent} does not split into {parts} equal parts");
            }
        }

        if (sizes.Length != parts || sizes.Any(size => size < 0 || size > extent) || sizes.Sum() != extent)
        {
            throw new ModelFormatException($"sizes {string.Join(", ", sizes)} do not split axis {axis} of extent {extent} into {parts} outputs");
        }

        var start = 0L;
        var results = new Tensor[parts];
        for (var k = 0; k < parts; start += sizes[k++])
        {
            results[k] = Window(node.Algebra, value, axis, start, 1, (int)sizes[k]);
        }

        return results;
    }

    private static Tensor[] Slice(NodeReader node)
    {
        var value = node.Any(0);
        if (node.Opset < 10 && node.InputCount > 1)
        {
            throw new ModelFormatException($"got {node.InputCount} inputs; expected 1 and attributes before opset 10");
        }

        var starts = node.IntegersBy(10, "starts", 1) ?? throw new ModelFormatException("starts are missing");
        var ends = node.IntegersBy(10, "ends", 2) ?? throw new ModelFormatException("ends are missing");
        var axes = node.IntegersBy(10, "axes", 3) ?? [.. Enumerable.Range(0, starts.Length)];
        var steps = (node.HasInput(4) ? node.Integers(4) : null) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
        {
            throw new ModelFormatException($"got {starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps; expected equal numbers");
        }

        Shapes.Axes(axes, value.Rank);
        for (var k = 0; k < axes.Length; k++)
        {
            var axis = Shapes.Axis(axes[k], value.Rank);
            long extent = value.Shape[axis];
            var step = steps[k] is > int.MinValue and < int.MaxValue and not 0
                ? steps[k]
                : throw new ModelFormatException($"step {k} is {steps[k]}; expected a number other than 0, of 32 bits");
            var start = Math.Clamp(starts[k] < 0 ? starts[k] + extent : starts[k], step > 0 ? 0 : -1, step > 0 ? extent : extent - 1);
            var end = Math.Clamp(ends[k] < 0 ? Math.Max(ends[k], long.MinValue / 2) + extent : ends[k], step > 0 ? 0 : -1, step > 0 ? extent : extent - 1);
            var length = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step;
            value = Window(node.Algebra, value, axis, start, step, (int)Math.Max(length, 0));
        }

        return [value];
    }

    private static Tensor Window(Algebra algebra, Tensor value, int axis, long start, long step, int length)
    {
        if (start == 0 && step == 1 && length == value.Shape[axis])
        {
            return value;
        }

        int[] shape = [.. value.Shape];
        shape[axis] = length;
        algebra.Charge(shape);
        var strides = Shapes.Strides(value.Shape);
        var origin = length == 0 ? 0 : checked((int)(start * strides[axis]));
        strides[axis] = length <= 1 ? 0 : checked((int)(step * strides[axis]));
        return algebra.Select(value, shape, Shapes.Places(shape, strides, origin));
    }

    private static Tensor[] Gather(NodeReader node)
    {
        var (value, indices) = (node.Any(0), node.Integers(1));
        var axis = Shapes.Axis(node.Integer("axis", 0), value.Rank);
        int[] shape = [.. value.Shape[..axis], .. node.Input(1).Shape, .. value.Shape[(axis + 1)..]];
        node.Algebra.Charge(shape);
        var places = new int[Shapes.Count(shape)];
        var inner = Shapes.Count(value.Shape.AsSpan(axis + 1));
        var next = 0;
        for (var outer = 0; next < places.Length; outer++)
        {
            foreach (var index in indices)
            {
                var chosen = Shapes.Axis(index, value.Shape[axis], "an index");
                for (var i = 0; i < inner; i++)
                {
                    places[next++] = (((outer * value.Shape[axis]) + chosen) * inner) + i;
                }
            }
        }

        return [node.Algebra.Select(value, shape, places)];
    }

    private static Tensor[] Reshape(NodeReader node)
    {
        var (value, wanted) = (node.Any(0), node.Integers(1));
        if (node.Input(1).Rank != 1)
        {
            throw new ModelFormatException($"the new shape is {node.Input(1)}; expected one axis");
        }

        var allowZero = node.Flag("allowzero", false);
        var shape = new int[wanted.Length];
        var free = -1;
        for (var i = 0; i < shape.Length; i++)
        {
            if (wanted[i] == -1 && free < 0)
            {
                (free, shape[i]) = (i, 1);
            }
            else
            {
                shape[i] = wanted[i] == 0 && !allowZero
                    ? i < value.Rank ? value.Shape[i] : throw Misfit()
                    : wanted[i] is >= 0 and < int.MaxValue ? (int)wanted[i] : throw Misfit();
            }
        }

        if (free >= 0)
        {
            var rest = Shapes.Count(shape);
            shape[free] = rest > 0 && value.Count % rest == 0 ? value.Count / rest : throw Misfit();
        }

        return Shapes.Count(shape) == value.Count ? [node.Algebra.Reshape(value, shape)] : throw Misfit();

        ModelFormatException Misfit() => new($"the new shape is {Shapes.Text(wanted)}; expected {value.Count} elements, as in {Shapes.Text(value.Shape)}");
    }

    private static Tensor[] Flatten(NodeReader node)
    {
        var value = node.Any(0);
        var axis = node.Integer("axis", 1);
        var cut = axis == value.Rank ? value.Rank : Shapes.Axis(axis, value.Rank);
        return [node.Algebra.Reshape(value, [Shapes.Count(value.Shape.AsSpan(0, cut)), Shapes.Count(value.Shape.AsSpan(cut))])];
    }

    private static Tensor[] Transpose(NodeReader node)
    {
        var value = node.Any(0);
        var order = node.IntegerList("perm") is { } perm ? Array.ConvertAll(perm, axis => Shapes.Axis(axis, value.Rank)) : [.. Enumerable.Range(0, value.Rank).Reverse()];
        if (order.Length != value.Rank || order.Distinct().Count() != order.Length)
        {
            throw new ModelFormatException($"perm is {Shapes.Text(order)}; expected each of the {value.Rank} axes once");
        }

        return [Transpose(node.Algebra, value, order)];
    }

    private static Tensor Transpose(Algebra algebra, Tensor value, int[] order)
    {
        if (order.SequenceEqual(Enumerable.Range(0, order.Length)))
        {
            return value;
        }

        var strides = Shapes.Strides(value.Shape);
        var shape = Array.ConvertAll(order, axis => value.Shape[axis]);
        algebra.Charge(shape);
        return algebra.Select(value, shape, Shapes.Places(shape, Array.ConvertAll(order, axis => strides[axis]), 0));
    }

    private static Tensor[] Squeeze(NodeReader node)
    {
        var value = node.Any(0);
        var axes = node.IntegersBy(13, "axes", 1) is { } given
            ? Shapes.Axes(given, value.Rank)
            : [.. Enumerable.Range(0, value.Rank).Where(i => value.Shape[i] == 1)];
        foreach (var axis in axes)
        {
            if (value.Shape[axis] != 1)
            {
                throw new ModelFormatException($"axis {axis} has extent {value.Shape[axis]}; expected 1");
            }
        }

        return [node.Algebra.Reshape(value, [.. value.Shape.Where((_, i) => !axes.Contains(i))])];
    }

    private static Tensor[] Unsqueeze(NodeReader node)
    {
        var value = node.Any(0);
        var given = node.IntegersBy(13, "axes", 1) ?? throw new ModelFormatException("axes are missing");
        node.Algebra.Charge(given.Length);
        var axes = Shapes.Axes(given, checked(value.Rank + given.Length));
        var shape = new int[value.Rank + axes.Length];
        for (var (i, next) = (0, 0); i < shape.Length; i++)
        {
            shape[i] = Array.BinarySearch(axes, i) >= 0 ? 1 : value.Shape[next++];
        }

        return [node.Algebra.Reshape(value, shape)];
    }

    private static Tensor[] Expand(NodeReader node) =>
        [node.Algebra.Broadcast(node.Any(0), Shapes.Broadcast(node.Any(0).Shape, NewShape(node, 1)))];

    private static Tensor[] Constant(NodeReader node)
    {
        if (node.AttributeNames.Count() != 1)
        {
            throw new ModelFormatException($"got attributes {string.Join(", ", node.AttributeNames)}; expected exactly one value");
        }

        var name = node.AttributeNames.Single();
        switch (name)
        {
            case "value":
                return [TensorReader.Read(node.StoredTensor("value")!, "the constant")];
            case "value_float":
                return [new ConstantTensor([], ElementType.Float, [node.Number(name, 0)])];
            case "value_floats":
                var numbers = node.Numbers(name)!;
                return numbers.All(double.IsFinite)
                    ? [new ConstantTensor([numbers.Length], ElementType.Float, numbers)]
                    : throw new ModelFormatException("value_floats holds a number that is not finite; expected finite numbers");
            case "value_int":
                return [new IntegerTensor([], ElementType.Int64, [node.Integer(name)])];
            case "value_ints":
                var integers = node.IntegerList(name)!;
                return [new IntegerTensor([integers.Length], ElementType.Int64, integers)];
            default:
                throw new ModelFormatException($"attribute '{name}' is not supported; expected a dense tensor of numbers");
        }
    }

    private static Tensor[] ConstantOfShape(NodeReader node)
    {
        var shape = NewShape(node, 0);
        var count = node.Algebra.Charge(shape);
        var fill = node.StoredTensor("value") is { } value ? TensorReader.Read(value, "the value") : new ConstantTensor([1], ElementType.Float, [0.0]);
        return fill.Count == 1
            ? [node.Algebra.Select(fill, shape, new int[count])]
            : throw new ModelFormatException($"the value has {fill.Count} elements; expected 1");
    }

    private static Tensor[] Shape(NodeReader node)
    {
        var shape = node.Input(0).Shape;
        if (node.Opset < 15 && (node.HasAttribute("start") || node.HasAttribute("end")))
        {
            throw new ModelFormatException("start and end are given; expected opset 15 or later");
        }

        var (start, end) = (Place(node.Integer("start", 0)), Place(node.Integer("end", shape.Length)));
        long[] extents = [.. shape[start..Math.Max(start, end)].Select(extent => (long)extent)];
        return [new IntegerTensor([extents.Length], ElementType.Int64, extents)];

        int Place(long axis) => (int)Math.Clamp(axis < 0 ? axis + shape.Length : axis, 0, shape.Length);
    }

    private static Tensor[] Range(NodeReader node)
    {
        node.RequireOneType();
        var (start, limit, delta) = (Single(0), Single(1), Single(2));
        if (delta == 0)
        {
            throw new ModelFormatException("the step is 0; expected another number");
        }

        var length = (((Int128)limit - start) + delta - Math.Sign(delta)) / delta;
        length = length < 0 ? 0 : length;
        node.Algebra.Charge(length < long.MaxValue ? (long)length : long.MaxValue);
        var values = new long[(int)length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = start + (i * delta);
        }

        return [new IntegerTensor([values.Length], node.Input(0).Type, values)];

        long Single(int i) => node.Integers(i) is { Length: 1 } one ? one[0] : throw new ModelFormatException($"input {i} is {node.Input(i)}; expected one number");
    }

    private static Tensor[] Equal(NodeReader node)
    {
        node.RequireOneType();
        var shape = Shapes.Broadcast(node.Any(0).Shape, node.Any(1).Shape);
        node.Algebra.Charge(shape);
        var (a, b) = (node.Algebra.Broadcast(node.Any(0), shape), node.Algebra.Broadcast(node.Any(1), shape));
        long[] values = (a, b) switch
        {
            (IntegerTensor x, IntegerTensor y) => [.. x.Values.Zip(y.Values, (p, q) => p == q ? 1L : 0)],
            (ConstantTensor { IsExact: true } x, ConstantTensor { IsExact: true } y) => [.. x.Lower.Zip(y.Lower, (p, q) => p == q ? 1L : 0)],
            _ => throw new ModelFormatException($"the comparison of {a} with {b} depends on the input or on rounding; expected exact constants"),
        };
        return [new IntegerTensor(shape, ElementType.Bool, values)];
    }

    private static Tensor[] Where(NodeReader node)
    {
        node.RequireOneType(1);
        if (node.Input(0) is not IntegerTensor { Type: ElementType.Bool })
        {
            throw new ModelFormatException($"the condition is {node.Input(0)}; expected constant bools");
        }

        var shape = Shapes.Broadcast(Shapes.Broadcast(node.Input(0).Shape, node.Any(1).Shape), node.Any(2).Shape);
        node.Algebra.Charge(shape);
        var condition = (IntegerTensor)node.Algebra.Broadcast(node.Input(0), shape);
        var (a, b) = (node.Algebra.Broadcast(node.Any(1), shape), node.Algebra.Broadcast(node.Any(2), shape));
        if (a is IntegerTensor x && b is IntegerTensor y)
        {
            return [new IntegerTensor(shape, a.Type, [.. condition.Values.Select((v, i) => v != 0 ? x.Values[i] : y.Values[i])])];
        }

        return [node.Algebra.Gather(shape, a.Type, [(RealTensor)a, (RealTensor)b], [.. condition.Values.Select((v, i) => (v != 0 ? 0 : 1, i))])];
    }

    /// <summary>Input i as a shape.</summary>
    private static int[] NewShape(NodeReader node, int i)
    {
        var shape = Array.ConvertAll(node.Integers(i), extent => extent is >= 0 and < int.MaxValue
            ? (int)extent
            : throw new ModelFormatException($"extent {extent} is asked for; expected 0 to {int.MaxValue - 1}"));
        return node.Input(i).Rank == 1 ? shape : throw new ModelFormatException($"the shape is {node.Input(i)}; expected one axis");
    }

    private static long Fit(long value, ElementType type) => type != ElementType.Int32 || value is >= int.MinValue and <= int.MaxValue
        ? value
        : throw new ModelFormatException($"the integer {value} does not fit {type}; expected 32 bits");
}
