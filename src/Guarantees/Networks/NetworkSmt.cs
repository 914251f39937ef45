using System.Globalization;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Formats.Smt;
using Guarantees.Networks.Operators;

namespace Guarantees.Networks;

/// <summary>A network as SMT-LIB: a term for every element that the asked nodes depend on, with exact rational coefficients.</summary>
/// <remarks>
/// Law: for every input x of the set over which the ranges hold, the assertions have the solution in which every symbol is the value of its element at x. So a solver's
/// <c>unsat</c>, after more assertions, speaks of the real network. Where <see cref="IsExact"/>, they have no other solution for that x, and <c>sat</c> speaks of it too.
/// Each operator gives its own form (<see cref="NonlinearOperator.Encode"/>). With ranges, operators on one side of a kink become linear, and where they are not, their
/// planes and ranges are asserted too, which follow from the forms but spare the solver work. Constants known to lie in an interval are symbols between its ends, and
/// so are operators without an algebraic form, between their planes.
/// </remarks>
public sealed class NetworkSmt
{
    private readonly SmtLib text;
    private readonly Network network;
    private readonly string prefix;
    private readonly Box[]? ranges;
    private readonly string[]?[] terms;

    private NetworkSmt(SmtLib text, Network network, string prefix, Box[]? ranges)
    {
        (this.text, this.network, this.prefix, this.ranges) = (text, network, prefix, ranges);
        terms = new string[network.Nodes.Length][];
    }

    /// <summary>Whether the assertions have one solution for each input.</summary>
    public bool IsExact { get; private set; } = true;

    /// <summary>Whether they are linear, <c>ite</c> aside.</summary>
    public bool IsLinear { get; private set; } = true;

    /// <summary>Elements that are neither linear nor constant over the ranges: about what a solver must decide.</summary>
    public int Undecided { get; private set; }

    /// <summary>Writes what the nodes depend on, with the inputs as free symbols.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="network">The network.</param>
    /// <param name="nodes">The nodes asked for; all inputs are declared too.</param>
    /// <param name="prefix">Before every symbol: coordinate j of the input is X_j, element i of node n is v_n_i.</param>
    /// <param name="ranges">Ranges of all nodes, sound wherever the caller confines the inputs to; null where nothing is known.</param>
    public static NetworkSmt Write(SmtLib text, Network network, IEnumerable<int> nodes, string prefix = "", Box[]? ranges = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(nodes);
        var written = new NetworkSmt(text, network, prefix, ranges);
        var needed = Ancestors(network, nodes);
        foreach (var node in network.Nodes.Where(node => needed[node.Id] || node.Operator is Input))
        {
            written.terms[node.Id] = written.Encode(node);
        }

        return written;
    }

    /// <summary>The term of an element of a node that was asked for, or that one of them depends on.</summary>
    public string Term(int node, int element) => terms[node]?[element] ?? throw new ArgumentOutOfRangeException(nameof(node), node, "The node was not asked for.");

    /// <summary>The symbol of coordinate j of the whole input.</summary>
    public string Input(int j) => Name("X", j);

    /// <summary>Which nodes the given ones depend on, themselves included.</summary>
    internal static bool[] Ancestors(Network network, IEnumerable<int> nodes)
    {
        var needed = new bool[network.Nodes.Length];
        foreach (var node in nodes)
        {
            needed[node] = true;
        }

        for (var i = needed.Length - 1; i >= 0; i--)
        {
            foreach (var argument in network.Nodes[i].Arguments)
            {
                needed[argument] |= needed[i];
            }
        }

        return needed;
    }

    private string[] Encode(Node node) => node.Operator switch
    {
        Input input => [.. Enumerable.Range(input.Start, node.Length).Select(j => text.DeclareReal(Input(j)))],
        Constant constant => [.. Enumerable.Range(0, node.Length).Select(i => Fixed(node, i, constant.Value[i]))],
        LinearOperator linear => [.. Enumerable.Range(0, node.Length).Select(i => Sum(node, i, linear))],
        NonlinearOperator nonlinear => Apply(node, nonlinear),
        _ => throw new NotSupportedException($"{node} has no SMT-LIB form."),
    };

    private string Fixed(Node node, int i, Interval value)
    {
        if (value.Lower == value.Upper)
        {
            return SmtLib.Number(value.Lower);
        }

        IsExact = false;
        var name = Declare(node, i);
        Confine(name, value);
        return name;
    }

    private string Sum(Node node, int i, LinearOperator linear)
    {
        var (summands, bias, last) = (new List<string>(), linear.Bias(i), "");
        var coefficients = linear.Terms(i);
        for (var t = 0; t < coefficients.Count; t++)
        {
            var (argument, element, weight) = coefficients[t];
            if (weight != 0 && Term(node.Arguments[argument], element) is var term && term != "0")
            {
                last = weight == 1 ? term : "";
                summands.Add(weight == 1 ? term : $"(* {SmtLib.Number(weight)} {term})");
            }
        }

        if (summands.Count == 0)
        {
            return SmtLib.Number(bias);
        }

        if (summands.Count == 1 && bias == 0 && last.Length > 0)
        {
            return last;
        }

        var name = Declare(node, i);
        text.Assert($"(= {name} (+ {SmtLib.Number(bias)} {string.Join(' ', summands)}))");
        if (ranges is not null)
        {
            Confine(name, ranges[node.Id][i]);
        }

        return name;
    }

    private string[] Apply(Node node, NonlinearOperator nonlinear)
    {
        var result = new string[node.Length];
        var planes = Relax(node, nonlinear);
        for (var i = 0; i < result.Length; i++)
        {
            var count = nonlinear.TermsPerElement;
            var (x, over) = (new string[count], new Interval[count]);
            for (var t = 0; t < count; t++)
            {
                var (argument, element) = nonlinear.Term(i, t);
                x[t] = Term(node.Arguments[argument], element);
                over[t] = ranges is null ? Interval.Entire : ranges[node.Arguments[argument]][element];
            }

            var name = Name(string.Create(CultureInfo.InvariantCulture, $"v_{node.Id}"), i);
            var form = nonlinear.Encode(i, x, name, over);
            (IsExact, IsLinear) = (IsExact && form.IsExact, IsLinear && form.IsLinear);
            if (form.Kind == SmtFormKind.Alias)
            {
                result[i] = form.Text;
                continue;
            }

            result[i] = text.DeclareReal(name);
            text.Assert(form.Kind == SmtFormKind.Value ? $"(= {name} {form.Text})" : form.Text);
            if (ranges is null)
            {
                Undecided++;
                continue;
            }

            Confine(name, ranges[node.Id][i]);
            var exact = planes is not null;
            for (var t = 0; t < count && exact; t++)
            {
                exact = planes!.LowerSlopes[(i * count) + t] == planes.UpperSlopes[(i * count) + t];
            }

            if (planes is not null && !(exact && planes.LowerIntercepts[i] == planes.UpperIntercepts[i]))
            {
                Undecided++;
                Plane("<=", planes.LowerSlopes.AsSpan(i * count, count), planes.LowerIntercepts[i]);
                Plane(">=", planes.UpperSlopes.AsSpan(i * count, count), planes.UpperIntercepts[i]);
            }

            void Plane(string relation, ReadOnlySpan<double> slopes, double intercept)
            {
                if (!double.IsFinite(intercept) || slopes.ContainsAnyExceptInRange(double.MinValue, double.MaxValue))
                {
                    return;
                }

                var sum = new StringBuilder();
                for (var t = 0; t < slopes.Length; t++)
                {
                    sum.Append(slopes[t] == 0 ? "" : $" (* {SmtLib.Number(slopes[t])} {x[t]})");
                }

                var number = SmtLib.Number(intercept);
                text.Assert($"({relation} {(sum.Length > 0 ? $"(+ {number}{sum})" : number)} {name})");
            }
        }

        return result;
    }

    /// <summary>The operator's planes over the ranges, which the law of <see cref="NonlinearOperator.Relax"/> proves; null without ranges.</summary>
    private Planes? Relax(Node node, NonlinearOperator nonlinear)
    {
        if (ranges is null)
        {
            return null;
        }

        var planes = new Planes(node.Length, nonlinear.TermsPerElement);
        var buffer = new Box[8];
        var x = Network.Gather(node, ranges, ref buffer);
        var y = new Box(node.Length);
        nonlinear.Range(x, y);
        nonlinear.Relax(x, y, planes);
        return planes;
    }

    private void Confine(string name, Interval range)
    {
        if (double.IsFinite(range.Lower))
        {
            text.Assert($"(<= {SmtLib.Number(range.Lower)} {name})");
        }

        if (double.IsFinite(range.Upper))
        {
            text.Assert($"(<= {name} {SmtLib.Number(range.Upper)})");
        }
    }

    private string Declare(Node node, int i) => text.DeclareReal(Name(string.Create(CultureInfo.InvariantCulture, $"v_{node.Id}"), i));

    private string Name(string stem, int i) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{stem}_{i}");
}
