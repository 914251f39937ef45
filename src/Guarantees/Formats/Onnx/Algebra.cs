using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Formats.Onnx.Proto;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Formats.Onnx;

/// <summary>Real-number operations on tensors: constants are folded in interval arithmetic, the rest becomes nodes, as few as exactness allows.</summary>
/// <remarks>
/// Moving elements, scaling them by exact numbers and adding exact numbers make no node: a <see cref="VariableTensor"/> remembers weight, place and offset of
/// each element until an operator needs a vector. A weight or offset is remembered only where a double holds it exactly; otherwise a node is made first.
/// So the graph that results is the same real function, coefficient for coefficient.
/// </remarks>
internal partial class Algebra
{
    /// <summary>Most numbers that one import may create beside those stored in the file: a hostile file must not exhaust memory.</summary>
    private const long Budget = 1L << 26;

    private readonly Dictionary<int, Vector> vectors = [];
    private readonly Dictionary<int, string> names = [];
    private readonly Dictionary<int, ImmutableArray<int>> shapes = [];
    private long spent;

    public NetworkBuilder Builder { get; } = new();

    /// <summary>Whether the inputs have a batch axis, which shapes for people leave out.</summary>
    public bool HasBatchAxis { get; set; }

    /// <summary>Names by node.</summary>
    public IReadOnlyDictionary<int, string> Names => names;

    /// <summary>Shapes for people by node.</summary>
    public IReadOnlyDictionary<int, ImmutableArray<int>> NodeShapes => shapes;

    /// <summary>Counts <paramref name="numbers"/> against the limit, before they are made.</summary>
    public void Charge(long numbers)
    {
        spent += numbers;
        if (numbers > Budget || spent > Budget)
        {
            throw new ModelFormatException($"the model asks for more than {Budget} intermediate numbers; expected a smaller model");
        }
    }

    /// <summary>Number of elements of a shape about to be made, counted against the limit.</summary>
    public int Charge(int[] shape)
    {
        var count = Shapes.Count(shape);
        Charge(count);
        return count;
    }

    /// <summary>A shape as people read it, without the batch axis.</summary>
    public ImmutableArray<int> WithoutBatch(int[] shape) => HasBatchAxis && shape.Length > 0 && shape[0] == 1 ? [.. shape[1..]] : [.. shape];

    /// <summary>Told of each node before it is read; may refuse it.</summary>
    public virtual void Enter(NodeProto node)
    {
    }

    /// <summary>A network input.</summary>
    public virtual RealTensor Input(string name, int[] shape, ElementType type)
    {
        Charge(shape);
        return Whole(Builder.Input(name, WithoutBatch(shape).AsSpan()), shape, type);
    }

    /// <summary>Gives a tensor its ONNX name, and the node that computes it, if there is one.</summary>
    public void Bind(Tensor tensor, string name)
    {
        if (tensor is not VariableTensor variable)
        {
            return;
        }

        variable.Name = variable.Name.Length > 0 ? variable.Name : name;
        if (variable.Pending is null && IsWhole(variable, out var vector) && vectors[vector].Builder[vector].Operator is not Networks.Operators.Input)
        {
            names.TryAdd(vector, name);
            shapes.TryAdd(vector, WithoutBatch(variable.Shape));
        }
    }

    /// <summary>Renames the node of an output and gives it the shape of that output; a node that serves two shapes is copied.</summary>
    public Vector Output(RealTensor tensor, string name, HashSet<int> claimed)
    {
        var (vector, shape) = (Settle(tensor), WithoutBatch(tensor.Shape));
        if (Builder[vector.Id].Operator is Networks.Operators.Input || !claimed.Add(vector.Id))
        {
            var present = Builder[vector.Id].Operator is Networks.Operators.Input ? vector.Shape : shapes[vector.Id];
            if (present.SequenceEqual(shape))
            {
                return vector;
            }

            vector = Builder.Select(vector, [.. Enumerable.Range(0, vector.Length)], shape);
            claimed.Add(vector.Id);
        }

        (names[vector.Id], shapes[vector.Id]) = (name, shape);
        return vector;
    }

    // Structure.

    public Tensor Select(Tensor tensor, int[] shape, int[] places)
    {
        Charge(places.Length * (tensor is VariableTensor ? 4L : 2L));
        Force(tensor);
        var selected = tensor.Select(shape, places);
        return selected is VariableTensor { Count: 0 } ? new ConstantTensor(shape, tensor.Type, Array.Empty<double>()) : selected;
    }

    public virtual Tensor As(Tensor tensor, int[] shape, ElementType type)
    {
        Force(tensor);
        return tensor.As(shape, type);
    }

    public Tensor Reshape(Tensor tensor, int[] shape) => As(tensor, shape, tensor.Type);

    public Tensor Broadcast(Tensor tensor, int[] shape)
    {
        if (tensor.Shape.AsSpan().SequenceEqual(shape))
        {
            return tensor;
        }

        Charge(shape);
        return tensor.Count == Shapes.Count(shape) ? Reshape(tensor, shape) : Select(tensor, shape, Shapes.BroadcastPlaces(tensor.Shape, shape));
    }

    /// <summary>All tensors of one kind, element after element, taken from the given tensor and place.</summary>
    public virtual RealTensor Gather(int[] shape, ElementType type, IReadOnlyList<RealTensor> parts, (int Part, int Place)[] places)
    {
        Charge(4L * places.Length);
        if (parts.All(part => part is ConstantTensor))
        {
            return new ConstantTensor(shape, type, Array.ConvertAll(places, p => ((ConstantTensor)parts[p.Part])[p.Place]));
        }

        var elements = parts.Select(Elements).ToArray();
        return Normal(new VariableTensor(shape, type, Array.ConvertAll(places, p => elements[p.Part][p.Place])));
    }

    // Linear operations.

    public virtual RealTensor Add(RealTensor a, RealTensor b) => Combine(a, b, 1);

    public virtual RealTensor Subtract(RealTensor a, RealTensor b) => Combine(a, b, -1);

    public RealTensor Negate(RealTensor a) => Scale(a, -1);

    /// <summary>factor * a, for an exact factor.</summary>
    public virtual RealTensor Scale(RealTensor a, double factor)
    {
        if (factor == 1)
        {
            return a;
        }

        var factors = new double[a.Count];
        Array.Fill(factors, factor);
        Charge(factors.Length);
        return Multiply(a, new ConstantTensor(a.Shape, a.Type, factors));
    }

    /// <summary>The sums of the elements at the given places, one row for each element of the result.</summary>
    public virtual RealTensor Sum(RealTensor a, int[] shape, int[][] rows)
    {
        Charge(4L * rows.Sum(row => (long)row.Length));
        if (a is ConstantTensor constant)
        {
            return new ConstantTensor(shape, a.Type, Array.ConvertAll(
                rows, row => row.Aggregate(Interval.Point(0), (sum, place) => sum + constant[place])));
        }

        var elements = Elements(a);
        return Linear(shape, a.Type, Array.ConvertAll(rows, row => Array.ConvertAll(row, place => elements[place])));
    }

    /// <summary>W x + b as one dense map; the node is made when something needs it.</summary>
    public VariableTensor Affine(int[] shape, RealTensor x, double[] weights, double[] bias)
    {
        Charge(2L * weights.Length);
        return new VariableTensor(shape, x.Type, new PendingAffine(Settle(x), weights, bias));
    }

    /// <summary>Adds exact constants to a map that is not a node yet, if doubles hold the sums.</summary>
    public static VariableTensor? TryAddBias(RealTensor a, RealTensor b, int[] shape)
    {
        if (a is not VariableTensor { Pending: { } pending } || b is not ConstantTensor { IsExact: true } constant || a.Count != Shapes.Count(shape))
        {
            return null;
        }

        var places = Shapes.BroadcastPlaces(b.Shape, shape);
        var bias = new double[places.Length];
        for (var i = 0; i < bias.Length; i++)
        {
            if (!Exact.TryAdd(pending.Bias[i], constant.Lower[places[i]], out bias[i]))
            {
                return null;
            }
        }

        return new VariableTensor(shape, a.Type, pending with { Bias = bias });
    }

    // Products and functions.

    /// <summary>Elementwise product of tensors of one shape.</summary>
    public virtual RealTensor Multiply(RealTensor a, RealTensor b)
    {
        if (a is ConstantTensor && b is not ConstantTensor)
        {
            return Multiply(b, a);
        }

        if (b is ConstantTensor factors)
        {
            return a is ConstantTensor constant ? Fold(constant, factors, (x, y) => x * y) : MultiplyConstant((VariableTensor)a, factors);
        }

        var same = Elements(a).AsSpan().SequenceEqual(Elements(b));
        return same ? Apply(new Square(), a) : Whole(Builder.Add(new Multiply(), [Settle(a), Settle(b)]), a.Shape, a.Type);
    }

    /// <summary>Elementwise quotient of tensors of one shape.</summary>
    public virtual RealTensor Divide(RealTensor a, RealTensor b)
    {
        if (b is not ConstantTensor divisors)
        {
            return Multiply(a, Apply(new Reciprocal(), b));
        }

        for (var i = 0; i < divisors.Count; i++)
        {
            if (divisors[i].Contains(0))
            {
                throw new ModelFormatException($"divisor {i} is {divisors[i]}; expected a number other than 0");
            }
        }

        return a is ConstantTensor constant
            ? Fold(constant, divisors, (x, y) => x / y)
            : Multiply(a, Fold(divisors, divisors, (x, _) => Interval.Point(1) / x));
    }

    /// <summary>Elementwise maximum of tensors of one shape.</summary>
    public virtual RealTensor Maximum(RealTensor a, RealTensor b)
    {
        if (a is ConstantTensor && b is not ConstantTensor)
        {
            return Maximum(b, a);
        }

        if (b is ConstantTensor floor)
        {
            // max(x, c) = c + max(x - c, 0), which is one ReLU.
            return a is ConstantTensor constant
                ? Fold(constant, floor, (x, y) => new Interval(Math.Max(x.Lower, y.Lower), Math.Max(x.Upper, y.Upper)))
                : Add(Apply(new ReLU(), Subtract(a, b)), b);
        }

        return Whole(Builder.Add(new Maximum(), [Settle(a), Settle(b)]), a.Shape, a.Type);
    }

    /// <summary>Elementwise minimum of tensors of one shape.</summary>
    public virtual RealTensor Minimum(RealTensor a, RealTensor b)
    {
        if (a is ConstantTensor && b is not ConstantTensor)
        {
            return Minimum(b, a);
        }

        // min(x, c) = c - max(c - x, 0).
        return b is ConstantTensor && a is not ConstantTensor
            ? Subtract(b, Apply(new ReLU(), Subtract(b, a)))
            : Negate(Maximum(Negate(a), Negate(b)));
    }

    /// <summary>An elementwise function.</summary>
    public virtual RealTensor Apply(Activation function, RealTensor a)
    {
        Charge(2L * a.Count);
        if (a is ConstantTensor constant)
        {
            return new ConstantTensor(a.Shape, a.Type, [.. Enumerable.Range(0, constant.Count).Select(i => function.Range(constant[i]))]);
        }

        return Whole(Builder.Apply(function, Settle(a)), a.Shape, a.Type);
    }

    /// <summary>The vector that holds a tensor, made if there is none yet.</summary>
    public Vector Settle(RealTensor tensor)
    {
        if (tensor.Count == 0)
        {
            throw new ModelFormatException($"a tensor of shape {Shapes.Text(tensor.Shape)} has no elements; expected at least one");
        }

        if (tensor is ConstantTensor constant)
        {
            constant.RequireFinite("a constant");
            return Know(Builder.Constant(new Box([.. constant.Lower], [.. constant.Upper])));
        }

        var variable = (VariableTensor)tensor;

        if (IsWhole(variable, out var id))
        {
            return vectors[id];
        }

        if (variable.Original is { } original)
        {
            var root = Settle(original);
            variable.Become(Identity(root));
            return root;
        }

        Charge(8L * variable.Count);
        var vector = MakeRows(Array.ConvertAll(variable.Elements, element => new Row([element])), WithoutBatch(tensor.Shape));
        variable.Become(Identity(vector));
        if (variable.Name.Length > 0)
        {
            Bind(variable, variable.Name);
        }

        return vector;
    }

    /// <summary>Makes the nodes of tensors that many places will use.</summary>
    public virtual void Settle(RealTensor a, RealTensor b)
    {
        foreach (var tensor in (RealTensor[])[a, b])
        {
            if (tensor is VariableTensor)
            {
                Settle(tensor);
            }
        }
    }

    /// <summary>Makes the node of an affine map that has none yet.</summary>
    private void Force(Tensor tensor)
    {
        if (tensor is VariableTensor { Pending: { } pending } variable)
        {
            variable.Become(Identity(Know(Builder.Affine(pending.Input, pending.Weights, pending.Bias))));
            if (variable.Name.Length > 0)
            {
                Bind(variable, variable.Name);
            }
        }
    }

    private RealTensor MultiplyConstant(VariableTensor a, ConstantTensor factors)
    {
        if (!factors.IsExact)
        {
            return Whole(Builder.Apply(new Scale(new Box([.. factors.Lower], [.. factors.Upper])), Settle(a)), a.Shape, a.Type);
        }

        Charge(4L * a.Count);
        var (elements, products) = (Elements(a), new Element[a.Count]);
        for (var i = 0; i < products.Length; i++)
        {
            if (!elements[i].TryTimes(factors.Lower[i], out products[i]))
            {
                // As a node of its own the factor has weight 1 and no offset, and the product is exact.
                return MultiplyConstant(Whole(Settle(a), a.Shape, a.Type), factors);
            }
        }

        return Normal(new VariableTensor(a.Shape, a.Type, products));
    }

    /// <summary>a + sign b, for a sign of 1 or -1.</summary>
    private RealTensor Combine(RealTensor a, RealTensor b, double sign)
    {
        if (a is ConstantTensor x && b is ConstantTensor y)
        {
            return Fold(x, y, (p, q) => sign > 0 ? p + q : p - q);
        }

        var (left, right) = (Elements(a), Elements(b));
        Charge(8L * left.Length);
        var rows = new Element[left.Length][];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = [left[i], right[i] with { Weight = sign * right[i].Weight, Offset = sign * right[i].Offset }];
        }

        return Linear(a.Shape, a.Type, rows);
    }

    /// <summary>The sums of rows of elements. No node where every sum is again a multiple of one element plus a number.</summary>
    private RealTensor Linear(int[] shape, ElementType type, Element[][] rows)
    {
        var sums = Array.ConvertAll(rows, row => new Row(row));
        if (sums.All(sum => sum.Terms.Count <= 1 && sum.Loose.Count == 0))
        {
            return Normal(new VariableTensor(shape, type, Array.ConvertAll(
                sums, sum => sum.Terms.Count == 0 ? Element.Constant(sum.Offset) : sum.Terms[0] with { Offset = sum.Offset })));
        }

        return Whole(MakeRows(sums, WithoutBatch(shape)), shape, type);
    }

    private Vector MakeRows(Row[] sums, ImmutableArray<int> shape)
    {
        var arguments = new List<Vector>();
        var places = new Dictionary<int, int>();
        var loose = sums.SelectMany(sum => sum.Loose).ToArray();
        var rows = new (int, int, double)[sums.Length][];
        var bias = Array.ConvertAll(sums, sum => sum.Offset);
        foreach (var (source, _, _, _) in sums.SelectMany(sum => sum.Terms))
        {
            if (places.TryAdd(source, arguments.Count))
            {
                arguments.Add(vectors[source]);
            }
        }

        var next = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = [
                .. sums[i].Terms.Select(term => (places[term.Source], term.Index, term.Weight)),
                .. sums[i].Loose.Select(_ => (arguments.Count, next++, 1.0)),
            ];
        }

        if (loose.Length > 0)
        {
            arguments.Add(Know(Builder.Constant(loose)));
        }

        return Know(Builder.Add(new SparseAffine(rows, bias), arguments.ToArray(), "", shape));
    }

    private Element[] Elements(RealTensor tensor)
    {
        switch (tensor)
        {
            case VariableTensor variable:
                Force(variable);
                return variable.Elements;
            case ConstantTensor { IsExact: true } constant:
                constant.RequireFinite("a constant");
                return Array.ConvertAll(constant.Lower, Element.Constant);
            case ConstantTensor constant:
                constant.RequireFinite("a constant");
                return Identity(Know(Builder.Constant(new Box([.. constant.Lower], [.. constant.Upper]))));
            default:
                throw new ModelFormatException($"{tensor} is not a real tensor");
        }
    }

    private ConstantTensor Fold(ConstantTensor a, ConstantTensor b, Func<Interval, Interval, Interval> map)
    {
        Charge(2L * a.Count);
        a.RequireFinite("a constant");
        b.RequireFinite("a constant");
        var values = new Interval[a.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = map(a[i], b[i]);
        }

        return new ConstantTensor(a.Shape, a.Type, values);
    }

    /// <summary>A tensor none of whose elements depends on the input is a constant.</summary>
    private static RealTensor Normal(VariableTensor tensor) => tensor.Elements.All(element => element.IsConstant)
        ? new ConstantTensor(tensor.Shape, tensor.Type, Array.ConvertAll(tensor.Elements, element => element.Offset))
        : tensor;

    private VariableTensor Whole(Vector vector, int[] shape, ElementType type)
    {
        Charge(4L * vector.Length);
        Know(vector);
        return new VariableTensor(shape, type, Identity(vector));
    }

    private Vector Know(Vector vector)
    {
        vectors[vector.Id] = vector;
        return vector;
    }

    private bool IsWhole(VariableTensor tensor, out int vector)
    {
        Force(tensor);
        return IsWhole(tensor.Elements, out vector);
    }

    private bool IsWhole(Element[] elements, out int vector)
    {
        vector = elements.Length > 0 ? elements[0].Source : -1;
        if (vector < 0 || vectors[vector].Length != elements.Length)
        {
            return false;
        }

        for (var i = 0; i < elements.Length; i++)
        {
            if (elements[i] != Element.Of(vector, i))
            {
                return false;
            }
        }

        return true;
    }

    private static Element[] Identity(Vector vector)
    {
        var elements = new Element[vector.Length];
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = Element.Of(vector.Id, i);
        }

        return elements;
    }

    /// <summary>One sum: terms over distinct elements, the exact part of its offset, and the numbers that would round if added to it.</summary>
    private sealed class Row
    {
        /// <summary>Rows longer than this are not searched for repeated elements; a repetition is right, only wider.</summary>
        private const int LongestMerged = 64;

        public Row(Element[] summands)
        {
            foreach (var summand in summands)
            {
                Join(summand, summands.Length <= LongestMerged);
            }

            Terms.RemoveAll(term => term.Weight == 0);
        }

        public List<Element> Terms { get; } = [];

        public double Offset { get; private set; }

        public List<double> Loose { get; } = [];

        private void Join(Element summand, bool merge)
        {
            if (Exact.TryAdd(Offset, summand.Offset, out var offset))
            {
                Offset = offset;
            }
            else
            {
                Loose.Add(summand.Offset);
            }

            if (summand.IsConstant)
            {
                return;
            }

            var place = merge ? Terms.FindIndex(term => term.Source == summand.Source && term.Index == summand.Index) : -1;
            if (place >= 0 && Exact.TryAdd(Terms[place].Weight, summand.Weight, out var weight))
            {
                Terms[place] = Terms[place] with { Weight = weight };
            }
            else
            {
                Terms.Add(summand with { Offset = 0 });
            }
        }
    }
}
