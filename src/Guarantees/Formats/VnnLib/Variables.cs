using System.Collections.Immutable;
using System.Globalization;

namespace Guarantees.Formats.VnnLib;

/// <summary>The declared inputs and outputs. Input i has the code i, output j the code ~j.</summary>
internal sealed class Variables(SyntaxReader syntax)
{
    /// <summary>Most inputs, and most outputs, of a property.</summary>
    private const int MostElements = 10_000_000;

    private static readonly string[] ElementTypes = ["Real", "real", "float32", "float64"];

    private readonly Dictionary<string, (int Code, SyntaxNode Node)> constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (VnnLibTensor Tensor, bool IsOutput, SyntaxNode Node)> tensors = new(StringComparer.Ordinal);
    private readonly List<VnnLibNetwork> networks = [];
    private int inputs;
    private int outputs;

    /// <summary>Whether variables were declared one by one, as in VNN-LIB 1.0.</summary>
    public bool HasConstants => constants.Count > 0;

    /// <summary>Whether networks were declared, as in VNN-LIB 2.0.</summary>
    public bool HasNetworks => networks.Count > 0;

    /// <summary>(declare-const X_0 Real), (declare-fun X_0 () Real).</summary>
    public void DeclareConstant(SyntaxNode command)
    {
        var isFunction = command.Head == "declare-fun";
        if (command.Children.Count != (isFunction ? 4 : 3) || command.Children[1].Kind != SyntaxKind.Word
            || (isFunction && command.Children[2] is not { Kind: SyntaxKind.List, Children.Count: 0 }))
        {
            throw syntax.Wrong(command, $"found a malformed {command.Words}, expected {(isFunction ? "(declare-fun X_0 () Real)" : "(declare-const X_0 Real)")}.");
        }

        var (name, sort) = (command.Children[1], command.Children[^1]);
        if (sort is not { Kind: SyntaxKind.Word, Text: "Real" })
        {
            throw syntax.Wrong(sort, $"found the sort {sort.Words}, expected 'Real'.");
        }

        if (name.Text is not ['X' or 'Y', '_', .. var digits] || !TryNatural(digits, out var index))
        {
            throw syntax.Wrong(name, $"found the variable {name.Words}, expected an input X_i or an output Y_j with a number i or j from 0, below {MostElements.ToString(CultureInfo.InvariantCulture)}.");
        }

        if (!constants.TryAdd(name.Text, (name.Text[0] == 'X' ? index : ~index, name)))
        {
            throw syntax.Wrong(name, $"variable {name.Words} is declared a second time, expected once.");
        }
    }

    /// <summary>(declare-network f (equal-to g) (declare-input X float32 [1,5]) ... (declare-output Y float32 [1,5]) ...).</summary>
    public void DeclareNetwork(SyntaxNode command)
    {
        if (command.Children is not [_, { Kind: SyntaxKind.Word } name, ..])
        {
            throw syntax.Wrong(command, "found a network without a name, expected (declare-network NAME (declare-input ...) (declare-output ...)).");
        }

        if (networks.Any(network => network.Name == name.Text))
        {
            throw syntax.Wrong(name, $"network {name.Words} is declared a second time, expected once.");
        }

        var (ins, outs) = (ImmutableArray.CreateBuilder<VnnLibTensor>(), ImmutableArray.CreateBuilder<VnnLibTensor>());
        SyntaxNode? equal = null;
        SyntaxNode? isomorphic = null;
        foreach (var part in command.Children.Skip(2))
        {
            switch (part.Head)
            {
                case "declare-input" when outs.Count == 0:
                    ins.Add(DeclareTensor(part, false));
                    break;
                case "declare-output" when ins.Count > 0:
                    outs.Add(DeclareTensor(part, true));
                    break;
                case "declare-input" or "declare-output":
                    throw syntax.Wrong(part, $"found {part.Words} here, expected the inputs first and then the outputs.");
                case "equal-to" when ins.Count == 0 && equal is null && isomorphic is null:
                    equal = Other(part);
                    break;
                case "isomorphic-to" when ins.Count == 0 && equal is null && isomorphic is null:
                    isomorphic = Other(part);
                    break;
                case "equal-to" or "isomorphic-to":
                    throw syntax.Wrong(part, $"found {part.Words} here, expected at most one such statement, right behind the name of the network.");
                case "declare-hidden":
                    throw syntax.Wrong(part, "hidden nodes are not supported, expected inputs and outputs only.");
                default:
                    throw syntax.Wrong(part, $"found {part.Words}, expected 'declare-input', 'declare-output', 'equal-to' or 'isomorphic-to'.");
            }
        }

        if (outs.Count == 0)
        {
            throw syntax.Wrong(command, $"network {name.Words} has no {(ins.Count == 0 ? "input" : "output")}, expected one or more.");
        }

        if (ins.Concat(outs).Select(tensor => tensor.OnnxName is null).Distinct().Count() > 1)
        {
            throw syntax.Wrong(command, $"network {name.Words} names the ONNX nodes of some of its tensors, expected all or none.");
        }

        var network = new VnnLibNetwork(name.Text, ins.ToImmutable(), outs.ToImmutable(), equal?.Text, isomorphic?.Text);
        if ((equal ?? isomorphic) is { } link)
        {
            RequireSameShapes(network, link);
        }

        networks.Add(network);
    }

    /// <summary>The code of the variable that a word, with the bracket behind it, names.</summary>
    public int Resolve(SyntaxNode word, SyntaxNode? index)
    {
        if (constants.TryGetValue(word.Text, out var constant) && index is null)
        {
            return constant.Code;
        }

        if (tensors.TryGetValue(word.Text, out var tensor))
        {
            var element = tensor.Tensor.Offset + Flat(tensor.Tensor, word, index);
            return tensor.IsOutput ? ~element : element;
        }

        throw index is not null && constants.ContainsKey(word.Text) ? syntax.Wrong(index, $"found {index.Words} behind {word.Words}, which has no elements.")
            : syntax.Wrong(word, $"variable {word.Words} is not declared, expected {(HasNetworks ? "a tensor of a network" : "a declared input X_i or output Y_j")} or a decimal number.");
    }

    /// <summary>The networks, once everything is declared.</summary>
    public ImmutableArray<VnnLibNetwork> Finish()
    {
        if (HasNetworks)
        {
            return [.. networks];
        }

        var (x, y) = (CountOf('X', "input"), CountOf('Y', "output"));
        return [new VnnLibNetwork("network", [new VnnLibTensor("X", "real", [x], 0, x)], [new VnnLibTensor("Y", "real", [y], 0, y)])];
    }

    /// <summary>The name of an input, and where it is declared.</summary>
    public (string Name, SyntaxNode Node) Input(int input)
    {
        if (!HasNetworks)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"X_{input}");
            return (name, constants[name].Node);
        }

        var (tensor, _, node) = tensors.Values.First(item => !item.IsOutput && item.Tensor.Offset <= input && input < item.Tensor.Offset + item.Tensor.Length);
        var (rest, places) = (input - tensor.Offset, new int[tensor.Shape.Length]);
        for (var axis = places.Length - 1; axis >= 0; axis--)
        {
            (rest, places[axis]) = Math.DivRem(rest, tensor.Shape[axis]);
        }

        return (places.Length == 0 ? tensor.Name : $"{tensor.Name}[{string.Join(',', places)}]", node);
    }

    private static bool TryNatural(ReadOnlySpan<char> digits, out int value) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value < MostElements && (digits.Length == 1 || digits[0] != '0');

    private int CountOf(char letter, string what)
    {
        var (count, last) = (0, 0);
        SyntaxNode? highest = null;
        foreach (var (name, (code, node)) in constants)
        {
            if (name[0] == letter)
            {
                count++;
                (last, highest) = (code < 0 ? ~code : code) >= last ? (code < 0 ? ~code : code, node) : (last, highest);
            }
        }

        if (highest is null)
        {
            throw syntax.Wrong(string.Create(CultureInfo.InvariantCulture, $"no {what} is declared, expected (declare-const {letter}_0 Real)."));
        }

        for (var i = 0; i <= last; i++)
        {
            if (!constants.ContainsKey(string.Create(CultureInfo.InvariantCulture, $"{letter}_{i}")))
            {
                throw syntax.Wrong(highest, string.Create(CultureInfo.InvariantCulture, $"{what} {highest.Words} is declared and '{letter}_{i}' is not, expected {letter}_0, {letter}_1, ... without a gap."));
            }
        }

        return count;
    }

    /// <summary>(declare-input NAME TYPE SHAPE "ONNX name").</summary>
    private VnnLibTensor DeclareTensor(SyntaxNode part, bool isOutput)
    {
        if (part.Children is not [_, { Kind: SyntaxKind.Word } name, { Kind: SyntaxKind.Word } type, { Kind: SyntaxKind.Bracket } shape, .. var rest]
            || rest is not ([] or [{ Kind: SyntaxKind.Text }]))
        {
            throw syntax.Wrong(part, $"found a malformed {part.Words}, expected ({part.Head} NAME TYPE [SIZES]), for example ({part.Head} {(isOutput ? 'Y' : 'X')} float32 [1,5]).");
        }

        if (name.Text.Length == 0 || !char.IsAsciiLetter(name.Text[0]) || !name.Text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw syntax.Wrong(name, $"found the name {name.Words}, expected a letter, then letters, digits and '_'.");
        }

        if (!ElementTypes.Contains(type.Text))
        {
            throw syntax.Wrong(type, $"found the element type {type.Words}, expected 'real', 'float32' or 'float64'.");
        }

        var sizes = Naturals(shape);
        var (length, offset) = (sizes.Aggregate(1L, (product, size) => Math.Min(product * size, MostElements + 1L)), isOutput ? outputs : inputs);
        if (length == 0 || offset + length > MostElements)
        {
            throw syntax.Wrong(shape, $"found the shape {shape.Words}, expected sizes from 1 and at most {MostElements.ToString(CultureInfo.InvariantCulture)} elements in all tensors.");
        }

        var tensor = new VnnLibTensor(name.Text, type.Text == "Real" ? "real" : type.Text, sizes, offset, (int)length, rest.Count == 0 ? null : rest[0].Text);
        if (!tensors.TryAdd(name.Text, (tensor, isOutput, name)))
        {
            throw syntax.Wrong(name, $"variable {name.Words} is declared a second time, expected once.");
        }

        (inputs, outputs) = isOutput ? (inputs, outputs + (int)length) : (inputs + (int)length, outputs);
        return tensor;
    }

    /// <summary>(equal-to NAME).</summary>
    private SyntaxNode Other(SyntaxNode part) => part.Children is [_, { Kind: SyntaxKind.Word } name] && networks.Exists(network => network.Name == name.Text)
        ? name
        : throw syntax.Wrong(part, $"found a {part.Words} without a network declared before, expected ({part.Head} NAME).");

    private void RequireSameShapes(VnnLibNetwork network, SyntaxNode link)
    {
        var other = networks.Find(item => item.Name == link.Text)!;
        if (!Same(network.Inputs, other.Inputs) || !Same(network.Outputs, other.Outputs))
        {
            throw syntax.Wrong(link, $"network {OneLine.Quote(network.Name)} has other types or shapes than {link.Words}, expected the same inputs and outputs.");
        }

        static bool Same(ImmutableArray<VnnLibTensor> a, ImmutableArray<VnnLibTensor> b) =>
            a.Length == b.Length && a.Zip(b).All(pair => pair.First.ElementType == pair.Second.ElementType && pair.First.Shape.SequenceEqual(pair.Second.Shape));
    }

    private int Flat(VnnLibTensor tensor, SyntaxNode word, SyntaxNode? index)
    {
        var places = index is null ? [] : Naturals(index);
        if (places.Length != tensor.Shape.Length)
        {
            throw syntax.Wrong(index ?? word, string.Create(CultureInfo.InvariantCulture, $"found {places.Length} indices for {word.Words}, expected {tensor.Shape.Length}."));
        }

        var flat = 0;
        for (var axis = 0; axis < places.Length; axis++)
        {
            flat = places[axis] < tensor.Shape[axis] ? (flat * tensor.Shape[axis]) + places[axis]
                : throw syntax.Wrong(index!, string.Create(CultureInfo.InvariantCulture, $"found the index {places[axis]} on axis {axis} of {word.Words}, expected 0 to {tensor.Shape[axis] - 1}."));
        }

        return flat;
    }

    private ImmutableArray<int> Naturals(SyntaxNode bracket)
    {
        if (string.IsNullOrWhiteSpace(bracket.Text))
        {
            return [];
        }

        var numbers = ImmutableArray.CreateBuilder<int>();
        foreach (var text in bracket.Text.Split(','))
        {
            numbers.Add(TryNatural(text.Trim(), out var number) ? number
                : throw syntax.Wrong(bracket, $"found {OneLine.Quote(text.Trim())} in {bracket.Words}, expected whole numbers from 0 with ',' between."));
        }

        return numbers.ToImmutable();
    }
}
