using System.Collections.Immutable;
using Guarantees.Formats.Onnx.Proto;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Formats.Onnx;

/// <summary>Turns one ONNX graph into a <see cref="Network"/>: names, order of nodes, inputs and outputs.</summary>
internal sealed class GraphReader(ModelProto model, Algebra algebra)
{
    private readonly GraphProto graph = model.Graph ?? throw new ModelFormatException("the file holds no graph; expected an ONNX model");
    private readonly Dictionary<string, Tensor> values = [];
    private readonly Dictionary<string, int> producers = [];
    private readonly Dictionary<string, int> uses = [];

    public Network Read()
    {
        ReadNodes();
        return Finish();
    }

    /// <summary>The values of the outputs, for an algebra that makes no graph.</summary>
    public IReadOnlyDictionary<string, RealTensor> ReadValues()
    {
        ReadNodes();
        return graph.Output.DistinctBy(output => output.Name).ToDictionary(output => output.Name, output => values.GetValueOrDefault(output.Name) as RealTensor
            ?? throw new ModelFormatException($"output '{output.Name}': the value is {values.GetValueOrDefault(output.Name)}; expected a float tensor"));
    }

    private void ReadNodes()
    {
        var opset = Opset();
        if (graph.SparseInitializer.Count > 0)
        {
            throw new ModelFormatException($"initializer '{graph.SparseInitializer[0].Values?.Name}' is sparse; expected dense initializers");
        }

        foreach (var initializer in graph.Initializer)
        {
            RequireName(initializer.Name, "an initializer");
            if (!values.TryAdd(initializer.Name, TensorReader.Read(initializer, $"initializer '{initializer.Name}'")))
            {
                throw new ModelFormatException($"initializer '{initializer.Name}' is given twice; expected unique names");
            }
        }

        ReadInputs();
        CollectProducers();
        foreach (var place in Order())
        {
            ReadNode(graph.Node[place], opset);
        }
    }

    private int Opset()
    {
        var versions = model.OpsetImport.Where(set => set.Domain is "" or "ai.onnx").Select(set => set.Version).Distinct().ToArray();
        return versions switch
        {
            [>= OnnxOperators.OldestOpset and <= OnnxOperators.NewestOpset] => (int)versions[0],
            [] => throw new ModelFormatException($"the model names no opset; expected {OnnxOperators.OldestOpset} to {OnnxOperators.NewestOpset}"),
            _ => throw new ModelFormatException(
                $"the model uses opset {string.Join(" and ", versions)}; expected {OnnxOperators.OldestOpset} to {OnnxOperators.NewestOpset}"),
        };
    }

    private void ReadInputs()
    {
        var seen = new HashSet<string>();
        var inputs = new List<(string Name, int[] Shape, ElementType Type, bool IsDynamic)>();
        foreach (var input in graph.Input)
        {
            RequireName(input.Name, "an input");
            if (!seen.Add(input.Name))
            {
                throw new ModelFormatException($"input '{input.Name}' is declared twice; expected unique names");
            }

            // Before IR version 4 initializers are declared as inputs too, with the initializer as default.
            if (values.ContainsKey(input.Name))
            {
                continue;
            }

            var tensor = input.Type?.TensorType;
            var type = (ElementType)(tensor?.ElemType ?? 0);
            if (type is not (ElementType.Float or ElementType.Double or ElementType.Float16 or ElementType.BFloat16) || tensor!.Shape is null)
            {
                throw new ModelFormatException($"input '{input.Name}' is of type {type}{(tensor?.Shape is null ? " without a shape" : "")}; expected a float tensor with a shape");
            }

            inputs.Add((input.Name, InputShape(input.Name, tensor.Shape), type, IsDynamic(tensor.Shape)));
        }

        algebra.HasBatchAxis = inputs.Any(input => input.Shape.Length > 1 || input.IsDynamic);
        foreach (var (name, shape, type, _) in inputs)
        {
            values.Add(name, algebra.Input(name, shape, type));
        }
    }

    /// <summary>The shape with the batch axis as 1. A single static axis is no batch axis.</summary>
    private static int[] InputShape(string name, TensorShapeProto declared)
    {
        var shape = new int[declared.Dim.Count];
        for (var i = 0; i < shape.Length; i++)
        {
            var isDynamic = declared.Dim[i].ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue;
            var extent = isDynamic ? 1 : declared.Dim[i].DimValue;
            var mayBeBatch = i == 0 && (shape.Length > 1 || isDynamic);
            shape[i] = isDynamic && !mayBeBatch
                    ? throw new ModelFormatException($"input '{name}' has the dynamic extent '{declared.Dim[i].DimParam}' on axis {i}; expected a number")
                : mayBeBatch && extent is not (1 or 0 or -1)
                    ? throw new ModelFormatException($"input '{name}' has extent {extent} on the batch axis; expected 1 or a dynamic extent")
                : mayBeBatch ? 1
                : extent is > 0 and < int.MaxValue ? (int)extent
                : throw new ModelFormatException($"input '{name}' has extent {extent} on axis {i}; expected a positive number");
        }

        return shape;
    }

    private static bool IsDynamic(TensorShapeProto declared) => declared.Dim.Count > 0
        && declared.Dim[0].ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue;

    private void CollectProducers()
    {
        for (var i = 0; i < graph.Node.Count; i++)
        {
            foreach (var output in graph.Node[i].Output.Where(name => name.Length > 0))
            {
                if (values.ContainsKey(output) || !producers.TryAdd(output, i))
                {
                    throw new ModelFormatException($"{Describe(graph.Node[i])}: the name '{output}' is given twice; expected unique names");
                }
            }

            foreach (var input in graph.Node[i].Input)
            {
                uses[input] = uses.GetValueOrDefault(input) + 1;
            }
        }

        foreach (var output in graph.Output)
        {
            uses[output.Name] = uses.GetValueOrDefault(output.Name) + 1;
        }
    }

    /// <summary>The nodes that outputs need, arguments first; by an explicit stack, for hostile depths.</summary>
    private List<int> Order()
    {
        if (graph.Output.Count == 0)
        {
            throw new ModelFormatException("the model has no outputs; expected at least one");
        }

        var order = new List<int>();
        var (entered, done) = (new bool[graph.Node.Count], new bool[graph.Node.Count]);
        var stack = new Stack<(int Node, int NextInput)>();
        foreach (var output in graph.Output)
        {
            RequireName(output.Name, "an output");
            if (values.ContainsKey(output.Name))
            {
                continue;
            }

            if (!producers.TryGetValue(output.Name, out var root))
            {
                throw new ModelFormatException($"output '{output.Name}' is computed by no node; expected a node, an input or an initializer of that name");
            }

            Enter(root);
            while (stack.TryPop(out var top))
            {
                var (node, next) = top;
                var inputs = graph.Node[node].Input;
                if (next == inputs.Count)
                {
                    done[node] = true;
                    order.Add(node);
                    continue;
                }

                stack.Push((node, next + 1));
                var name = inputs[next];
                if (name.Length == 0 || values.ContainsKey(name))
                {
                    continue;
                }

                if (!producers.TryGetValue(name, out var producer))
                {
                    throw new ModelFormatException($"{Describe(graph.Node[node])}: input '{name}' is computed by no node; expected a node, an input or an initializer of that name");
                }

                Enter(producer);
            }
        }

        return order;

        void Enter(int node)
        {
            if (done[node])
            {
                return;
            }

            if (entered[node])
            {
                throw new ModelFormatException($"{Describe(graph.Node[node])}: the node depends on its own output; expected a graph without cycles");
            }

            entered[node] = true;
            stack.Push((node, 0));
        }
    }

    private void ReadNode(NodeProto node, int opset)
    {
        try
        {
            var operation = Find(node, opset);
            if (node.Input.Count < operation.Inputs.Least || node.Input.Count > operation.Inputs.Most)
            {
                throw new ModelFormatException($"got {node.Input.Count} inputs; expected {operation.Inputs.Least} to {operation.Inputs.Most}");
            }

            if (node.Output.Count < 1 || node.Output.Count > operation.Outputs)
            {
                throw new ModelFormatException($"got {node.Output.Count} outputs; expected 1 to {operation.Outputs}");
            }

            var inputs = node.Input.Select(name => name.Length == 0 ? null : values[name]).ToArray();
            var shared = inputs.Length > 0 && uses.GetValueOrDefault(node.Input[0]) > 1;
            var reader = new NodeReader(node, opset, algebra, inputs, shared);
            if (reader.AttributeNames.FirstOrDefault(name => !operation.Attributes.Contains(name)) is { } unknown)
            {
                throw new ModelFormatException(
                    $"attribute '{unknown}' is not known; expected {(operation.Attributes.Length == 0 ? "none" : string.Join(", ", operation.Attributes))}");
            }

            algebra.Enter(node);
            var results = operation.Read(reader);
            for (var i = 0; i < Math.Min(results.Length, node.Output.Count); i++)
            {
                if (node.Output[i].Length > 0)
                {
                    values.Add(node.Output[i], results[i]);
                    algebra.Bind(results[i], node.Output[i]);
                }
            }
        }
        catch (Exception problem) when (problem is ModelFormatException or ArgumentException or ArithmeticException)
        {
            throw new ModelFormatException($"{Describe(node, opset)}: {problem.Message.TrimEnd('.')}", problem);
        }
    }

    private static OnnxOperator Find(NodeProto node, int opset)
    {
        if (node.Domain is not ("" or "ai.onnx"))
        {
            throw new ModelFormatException($"domain '{node.Domain}' is not supported; expected the default domain");
        }

        return !OnnxOperators.All.TryGetValue(node.OpType, out var operation)
                ? throw new ModelFormatException($"operator '{node.OpType}' is not supported; expected one of {string.Join(", ", OnnxImporter.Operators)}")
            : opset >= operation.Since ? operation
            : throw new ModelFormatException($"{node.OpType} is not part of opset {opset}; expected opset {operation.Since} or later");
    }

    private Network Finish()
    {
        var (claimed, declared) = (new HashSet<int>(), new HashSet<string>());
        var outputs = new List<(string Name, int Node)>();
        foreach (var output in graph.Output)
        {
            if (!declared.Add(output.Name))
            {
                throw new ModelFormatException($"output '{output.Name}' is declared twice; expected unique names");
            }

            try
            {
                if (values.GetValueOrDefault(output.Name) is not RealTensor real)
                {
                    throw new ModelFormatException($"the value is {values.GetValueOrDefault(output.Name)}; expected a float tensor");
                }

                RequireDeclaredShape(output, real.Shape);
                outputs.Add((output.Name, algebra.Output(real, output.Name, claimed).Id));
            }
            catch (Exception problem) when (problem is ModelFormatException or ArgumentException or ArithmeticException)
            {
                throw new ModelFormatException($"output '{output.Name}': {problem.Message.TrimEnd('.')}", problem);
            }
        }

        return Prune(outputs);
    }

    /// <summary>A declared extent that differs from the computed one means that the file contradicts itself. The batch axis may be declared as anything.</summary>
    private static void RequireDeclaredShape(ValueInfoProto output, int[] shape)
    {
        var declared = output.Type?.TensorType?.Shape?.Dim;
        if (declared is null || (declared.Count == 0 && shape.Length > 0))
        {
            return;
        }

        var fits = declared.Count == shape.Length && declared.Select((extent, i) =>
            i == 0 || extent.ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue || extent.DimValue == shape[i]).All(fit => fit);
        if (!fits)
        {
            throw new ModelFormatException($"the declared shape is {Shapes.Text(declared.Select(extent => extent.DimValue))}; expected the computed one, {Shapes.Text(shape)}");
        }
    }

    /// <summary>The finished network, without nodes that no output needs; inputs stay.</summary>
    private Network Prune(List<(string Name, int Node)> outputs)
    {
        var builder = algebra.Builder;
        var last = outputs.Max(output => output.Node);
        foreach (var name in graph.Input.Select(input => input.Name).Where(name => values.GetValueOrDefault(name) is VariableTensor))
        {
            last = Math.Max(last, algebra.Settle((VariableTensor)values[name]).Id);
        }

        var needed = new bool[last + 1];
        foreach (var (_, node) in outputs)
        {
            needed[node] = true;
        }

        for (var i = last; i >= 0; i--)
        {
            needed[i] |= builder[i].Operator is Input;
            foreach (var argument in needed[i] ? builder[i].Arguments : [])
            {
                needed[argument] = true;
            }
        }

        var places = new int[needed.Length];
        var nodes = ImmutableArray.CreateBuilder<Node>();
        for (var i = 0; i <= last; i++)
        {
            if (needed[i])
            {
                places[i] = nodes.Count;
                var node = builder[i];
                nodes.Add(node with
                {
                    Id = nodes.Count,
                    Arguments = [.. node.Arguments.Select(argument => places[argument])],
                    Name = algebra.Names.GetValueOrDefault(i, node.Name),
                    Shape = algebra.NodeShapes.GetValueOrDefault(i, node.Shape),
                });
            }
        }

        return new Network(nodes.ToImmutable(), [.. outputs.Select(output => (output.Name, places[output.Node]))]);
    }

    private static void RequireName(string name, string what)
    {
        if (name.Length == 0)
        {
            throw new ModelFormatException($"{what} has no name; expected one");
        }
    }

    private static string Describe(NodeProto node, int opset = 0)
    {
        var name = node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault(output => output.Length > 0) ?? "";
        return $"node '{name}' ({node.OpType}{(opset > 0 ? $", opset {opset}" : "")})";
    }
}
