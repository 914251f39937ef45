using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Formats.Smt;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <summary>What a solver says of a query.</summary>
public enum QueryAnswer
{
    /// <summary>Nothing: a limit, an incomplete theory, an error.</summary>
    Unknown,

    /// <summary>The query has no solution.</summary>
    Unsatisfiable,

    /// <summary>It has one.</summary>
    Satisfiable,
}

/// <summary>Asks a solver that the kernel does not know; several threads may ask at once.</summary>
public delegate QueryAnswer QuerySolver(string query, CancellationToken cancellation);

/// <summary>The question "is there an x in this part and in the case's region at which every constraint of the case holds?" as SMT-LIB text, from the exact network and property.</summary>
/// <remarks>
/// Law: without a solution there is no such real x, strict constraints and decimal ends read exactly. Where <see cref="IsExact"/>, a solution is one.
/// What the kernel knows of the neurons over the part goes in as assertions: their ranges by interval arithmetic and by backward linear relaxation, whichever is
/// smaller, and the operators' planes over these. All follow from the network, so they change no answer. The part and the ranges are rounded outward to float32
/// numbers: short, and the same text on processors whose last bits differ. A part that is larger asks for more, and everything asked for still lies in the region.
/// </remarks>
public sealed class PropertyQuery
{
    private PropertyQuery(string text, NetworkSmt network, int inputs) =>
        (Text, IsExact, Undecided, Inputs) = (text, network.IsExact, network.Undecided, [.. Enumerable.Range(0, inputs).Select(network.Input)]);

    /// <summary>Logic, declarations and assertions; no <c>check-sat</c>.</summary>
    public string Text { get; }

    /// <summary>The text as a file of its own that any solver answers.</summary>
    public string File => SmtLib.Complete(Text);

    /// <summary>SHA-256 of <see cref="File"/>, lower-case hexadecimal.</summary>
    public string Sha256 => Hash(File);

    /// <summary>Whether every solution is an input that satisfies the case.</summary>
    public bool IsExact { get; }

    /// <summary>Elements that are neither linear nor constant over the part.</summary>
    public int Undecided { get; }

    /// <summary>The symbols of the inputs, by coordinate.</summary>
    public ImmutableArray<string> Inputs { get; }

    /// <summary>Writes the query; null where an operator may not be defined on all of the part, or where the case is searched in other variables than its inputs.</summary>
    /// <param name="network">The network that the property speaks of; of several, all side by side.</param>
    /// <param name="question">The property.</param>
    /// <param name="index">Which case, from 0.</param>
    /// <param name="part">A part of the case's box, as the kernel cut it.</param>
    /// <param name="modelSha256">For the header.</param>
    /// <param name="propertySha256">For the header.</param>
    /// <param name="margin">By how much every constraint must hold: 0 for the question itself; more to find inputs that rounding does not spoil.</param>
    public static PropertyQuery? Of(
        Network network, VnnLibProperty question, int index, Box part, string modelSha256, string propertySha256, Rational margin = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(part);
        var item = question.Cases[index];
        if (!PropertyCompiler.Variables(question, item).IsIdentity)
        {
            return null;
        }

        var outputs = network.Outputs.SelectMany(output => Enumerable.Range(0, network.Nodes[output.Node].Length).Select(i => (output.Node, Element: i))).ToArray();
        int[] nodes = [.. item.Constraints.SelectMany(constraint => constraint.Outputs).Select(term => outputs[term.Index].Node).Distinct().Order()];
        var outer = Outward(part, item.Box);
        NetworkSmt written;
        var text = new SmtLib("QF_LRA");
        text.Comment(string.Create(CultureInfo.InvariantCulture, $"Case {index + 1} of {question.Cases.Length} of the property with SHA-256 {propertySha256}"));
        text.Comment($"about the model with SHA-256 {modelSha256}, over a part of the case's region:");
        text.Comment("X are the inputs, v_n_i element i of node n of the network, all numbers exact.");
        text.Comment("unsat: no real input in the region and in the part satisfies every constraint of the case.");
        try
        {
            written = NetworkSmt.Write(text, network, nodes, ranges: Ranges(network, nodes, outer));
        }
        catch (DomainException)
        {
            return null;
        }

        text.Comment(written.IsExact
            ? "sat: the X of the model do; the assertions determine every v."
            : "sat: the X of the model are a candidate; some v are known by bounds only.");
        text.Comment("Ranges and planes of the v hold over the part by interval arithmetic and backward linear relaxation; they follow from the definitions.");
        text.Logic = written.IsLinear ? "QF_LRA" : "QF_NRA";
        text.Comment("The region and the part.");
        for (var j = 0; j < outer.Length; j++)
        {
            var (x, lower, upper) = (written.Input(j), item.Region.Lower[j], item.Region.Upper[j]);
            text.Assert($"({(lower.IsStrict ? "<" : "<=")} {SmtLib.Number(lower.Value)} {x})");
            text.Assert($"({(upper.IsStrict ? "<" : "<=")} {x} {SmtLib.Number(upper.Value)})");
            if (lower.Value.CompareTo(outer.Lower[j]) < 0)
            {
                text.Assert($"(<= {SmtLib.Number(outer.Lower[j])} {x})");
            }

            if (upper.Value.CompareTo(outer.Upper[j]) > 0)
            {
                text.Assert($"(<= {x} {SmtLib.Number(outer.Upper[j])})");
            }
        }

        text.Comment("The constraints.");
        foreach (var constraint in item.Constraints)
        {
            var sum = new StringBuilder("(+ 0");
            foreach (var term in constraint.Inputs)
            {
                sum.Append(CultureInfo.InvariantCulture, $" (* {SmtLib.Number(term.Coefficient)} {written.Input(term.Index)})");
            }

            foreach (var term in constraint.Outputs)
            {
                var (node, element) = outputs[term.Index];
                sum.Append(CultureInfo.InvariantCulture, $" (* {SmtLib.Number(term.Coefficient)} {written.Term(node, element)})");
            }

            text.Assert($"({(constraint.IsStrict ? "<" : "<=")} {sum}) {SmtLib.Number(constraint.Bound - margin)})");
        }

        return new PropertyQuery(text.ToString(), written, outer.Length);
    }

    /// <summary>Ranges of all nodes: intervals, and for what the given nodes depend on backward linear relaxation too.</summary>
    private static Box[] Ranges(Network network, int[] nodes, Box part)
    {
        var ranges = network.Ranges(part);
        foreach (var node in nodes)
        {
            var needed = NetworkSmt.Ancestors(network, [node]);
            var known = new BoundPropagation(new Problem(network, node, new Domain(part))).Ranges(part)
                ?? throw new InvalidOperationException("Broken invariant: a part of a plain box is empty.");
            for (var n = 0; n < ranges.Length; n++)
            {
                for (var i = 0; needed[n] && i < ranges[n].Length; i++)
                {
                    ranges[n][i] = new(Math.Max(ranges[n].Lower[i], known[n].Lower[i]), Math.Min(ranges[n].Upper[i], known[n].Upper[i]));
                }
            }
        }

        // Constants stay what they are: a point range is the number itself.
        return [.. network.Nodes.Select(node => node.Operator is Constant ? ranges[node.Id] : Outward(ranges[node.Id]))];
    }

    private static Box Outward(Box box) => new([.. box.Lower.Select(Rounding.SingleDown)], [.. box.Upper.Select(Rounding.SingleUp)]);

    /// <summary>The part, rounded outward, within the box of the case: what lies beyond belongs to no question.</summary>
    private static Box Outward(Box part, Box within)
    {
        var wide = Outward(part);
        return new([.. wide.Lower.Select((l, j) => Math.Max(l, within.Lower[j]))], [.. wide.Upper.Select((u, j) => Math.Min(u, within.Upper[j]))]);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
