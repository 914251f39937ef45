using Guarantees.Arithmetic;
using Guarantees.Formats.Smt;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Certify.Tests.Smt.Lemmas;

/// <summary>Where a plane of an operator lies.</summary>
internal enum Side
{
    Below,
    Above,
}

/// <summary>A lemma about the plane that operators put below or above y over a box, tied to their code: where the code's numbers stand for the symbols, the lemma's premises hold and its plane is the code's.</summary>
internal sealed record PlaneLemma : Lemma
{
    private readonly Real? denominator;

    public PlaneLemma(string name, string says, string reliedOnBy, string[] symbols, Formula[] premises, Side side, Real plane, Real? denominator = null)
        : base(name, says, reliedOnBy, symbols, premises, Claim(side, denominator is null ? Real.Symbol("y") : Real.Symbol("y") * denominator, plane)) =>
        (Side, Plane, this.denominator) = (side, denominator is null ? plane : plane / denominator, denominator);

    public Side Side { get; }

    /// <summary>The plane, in the symbols of the lemma.</summary>
    public Real Plane { get; }

    /// <summary>Operators whose plane this is.</summary>
    public required NonlinearOperator[] Of { get; init; }

    /// <summary>Symbols of the elements that y reads.</summary>
    public string[] Elements { get; init; } = ["x"];

    /// <summary>Ranges of the arguments for which the plane is the code's.</summary>
    public required Func<Random, Interval[]> Boxes { get; init; }

    /// <summary>Values of the symbols that are no elements.</summary>
    public required Func<Case, IEnumerable<(string Symbol, Rational Value)>> Others { get; init; }

    /// <summary>How far the code's plane, which is rounded and may come out of a search, lies from the lemma's at most, relative to 1 + its size.</summary>
    public double Slack { get; init; } = 1e-12;

    /// <summary>What an operator says y is, whatever its arguments' ranges, with parameters' numbers read as symbols.</summary>
    public static string SaidBy(NonlinearOperator of, string[] elements, params (double Number, string Symbol)[] parameters)
    {
        var form = of.Encode(0, elements, "y", [.. elements.Select(_ => Interval.Entire)]);
        var text = form.Kind == SmtFormKind.Relation ? form.Text : $"(= y {form.Text})";
        return parameters.Aggregate(text, (all, one) => all.Replace(SmtLib.Number(one.Number), one.Symbol, StringComparison.Ordinal));
    }

    /// <summary>The claim of a plane that lies closer to y.</summary>
    public Formula Claim(double by) => Claim(Side, Real.Symbol("y") * (denominator ?? 1), (Plane - (Side == Side.Above ? by : -by)) * (denominator ?? 1));

    private static Formula Claim(Side side, Real y, Real plane) => side == Side.Above ? y <= plane : y >= plane;
}

/// <summary>The planes of an operator's code over a box.</summary>
internal sealed class Case
{
    public Case(NonlinearOperator of, Interval[] boxes)
    {
        (Of, Boxes) = (of, boxes);
        Box[] arguments = of is Norm ? [Box(boxes)] : [.. boxes.Select(box => Box([box]))];
        Result = new Box(1);
        of.Range(arguments, Result);
        Planes = new Planes(1, of.TermsPerElement);
        of.Relax(arguments, Result, Planes);
        Read = [.. Enumerable.Range(0, of.TermsPerElement).Select(t => of.Term(0, t)).Select(term => arguments[term.Argument][term.Element])];
    }

    public NonlinearOperator Of { get; }

    /// <summary>Ranges of the arguments.</summary>
    public Interval[] Boxes { get; }

    /// <summary>Range of y.</summary>
    public Box Result { get; }

    public Planes Planes { get; }

    /// <summary>Ranges of the elements that y reads.</summary>
    public Interval[] Read { get; }

    public double Slope(Side side, int term = 0) => side == Side.Above ? Planes.UpperSlopes[term] : Planes.LowerSlopes[term];

    public double Intercept(Side side) => side == Side.Above ? Planes.UpperIntercepts[0] : Planes.LowerIntercepts[0];

    /// <summary>The exact value of a plane of the code.</summary>
    public Rational At(Side side, IReadOnlyList<Rational> elements) =>
        elements.Select((x, t) => Rational.Of(Slope(side, t)) * x).Aggregate(Rational.Of(Intercept(side)), (sum, term) => sum + term);

    /// <summary>The corners of the elements' ranges.</summary>
    public IEnumerable<Rational[]> Corners() => Read.Aggregate<Interval, IEnumerable<Rational[]>>(
        [[]], (all, range) => all.SelectMany(head => new[] { range.Lower, range.Upper }.Select(end => (Rational[])[.. head, Rational.Of(end)])));

    private static Box Box(Interval[] ranges)
    {
        var box = new Box(ranges.Length);
        for (var i = 0; i < ranges.Length; i++)
        {
            box[i] = ranges[i];
        }

        return box;
    }
}
