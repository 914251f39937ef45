using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats.Smt;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Certify.Tests.Campaign;

/// <summary>Holds everything that the engines say about one case against values of g, and leaves the rest as questions to a solver.</summary>
internal sealed class Judge(Case drawn, Random random, int parts, bool ask)
{
    private readonly Dictionary<Box, (string Name, double Upper)> smallest = new(ReferenceEqualityComparer.Instance);
    private readonly List<(string Name, Box Part, string What, Func<string, string> Formula)> contracted = [];

    /// <summary>Statements that a value of g contradicts, each with what repeats it.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Formulas that have no solution if the engines are right: for every part the smallest bound that any engine gave, and every contraction.</summary>
    public IEnumerable<(string What, Func<string, string> Formula)> Questions => smallest
        .Select(entry => ($"{entry.Value.Name} over {Text(entry.Key)}: g <= {entry.Value.Upper:R}", (Func<string, string>)(prefix => Inputs($"(and {Membership(entry.Key)} {Above(prefix, entry.Value.Upper)})", prefix))))
        .Concat(contracted.Select(question => (question.What, question.Formula)));

    /// <summary>Comparisons of a value with a bound.</summary>
    public int Comparisons { get; private set; }

    /// <summary>Statements made, and those that say something: finite bounds, decided targets.</summary>
    public Tally Bounds { get; private set; }

    public Tally Decisions { get; private set; }

    public Tally Contractions { get; private set; }

    /// <summary>Bounds over the domain and parts of it, searches over the domain, contractions of parts.</summary>
    public void HearAll()
    {
        var domain = drawn.Domain.Box;
        var known = Evaluate(domain, 6);
        HearBounds(domain, known);
        HearSearches(known);
        HearContractions(domain, known);
        for (var k = 0; k < 3; k++)
        {
            var part = Draws.Part(random, domain);
            var here = Evaluate(part, 3);
            HearBounds(part, here);
            HearContractions(part, here);
        }
    }

    /// <summary>Points with values: exact where the network is, else an interval that holds the value.</summary>
    public List<Value> Evaluate(Box part, int count)
    {
        var values = new List<Value>();
        foreach (var point in drawn.Points(random, part, count))
        {
            if (drawn.Sketch.IsExact)
            {
                var exact = drawn.Exact(point);
                values.Add(new Value(point, exact, exact));
            }
            else if (Enclose(point.Select(c => c.RoundDown()).ToArray()) is { } range)
            {
                values.Add(new Value(point, double.IsFinite(range.Lower) ? Rational.Of(range.Lower) : null, double.IsFinite(range.Upper) ? Rational.Of(range.Upper) : null));
            }
        }

        return values;
    }

    public void HearBounds(Box part, List<Value> known)
    {
        foreach (var (name, accepts, create) in Engines.OfBounds)
        {
            foreach (var problem in drawn.Readings.Where(accepts))
            {
                Guarded(name, part, () =>
                {
                    var bounds = create(problem);
                    var upper = bounds.UpperBound(part);
                    Compare(name, part, known, upper, ask);
                    Bounds += double.IsFinite(upper);
                    bounds.UpperBound(drawn.Domain.Box);
                    if (!upper.Equals(bounds.UpperBound(part)) || !upper.Equals(bounds.Clone().UpperBound(part)))
                    {
                        Report(name, part, "gives another number the second time");
                    }

                    foreach (var value in known.Where(value => value.IsDouble))
                    {
                        var lower = bounds.LowerBoundAt(value.Double);
                        if (double.IsNaN(lower) || value.Upper?.CompareTo(lower) < 0)
                        {
                            Report(name, part, $"puts g({value}) = {value.Upper} at or above {lower:R}");
                        }
                    }
                });
            }
        }
    }

    public void HearSearches(List<Value> known)
    {
        // Targets where a small error changes the answer: at the largest value found, and a little above it.
        var largest = known.Select(value => value.Lower).Where(value => value is not null).DefaultIfEmpty(Rational.Zero).Max()!.Value.RoundDown();
        double[] targets = [largest, double.IsFinite(largest) ? Rounding.AddUp(largest, Math.Max(1e-6, Math.Abs(largest)) * Math.Pow(10, -random.Next(7))) : 0];
        foreach (var (name, accepts, search) in Engines.OfSearch)
        {
            foreach (var problem in drawn.Readings.Where(accepts))
            {
                foreach (var target in targets)
                {
                    if (double.IsFinite(target))
                    {
                        Guarded(name, problem.Domain.Box, () => Hear(name, problem.Domain, known, target, search(problem, target, parts)));
                    }
                }
            }
        }
    }

    /// <summary>One answer of a search over a domain that holds the known points.</summary>
    public void Hear(string name, Domain domain, List<Value> known, double target, Said said)
    {
        var box = domain.Box;
        Compare(name, box, known, said.Upper, ask);
        Decisions += said.Upper <= target || said.Lower > target || said.Strict;
        foreach (var value in known.Where(_ => said.Leaves.Count > 0))
        {
            // The leaves cover the domain, and each bound holds in its leaf.
            var leaves = said.Leaves.Where(leaf => value.IsIn(leaf.Part)).ToArray();
            if (leaves.Length == 0)
            {
                Report(name, box, $"has no leaf that holds {value}");
            }

            foreach (var leaf in leaves)
            {
                Compare(name + ", leaf", leaf.Part, [value], leaf.Upper, ask: false);
            }
        }

        if (said.Lower == double.NegativeInfinity && said.Witness.Length == 0)
        {
            return;
        }

        var witness = said.Witness.Select(Rational.Of).ToArray();
        var value0 = drawn.Sketch.IsExact ? drawn.Exact(witness) : Enclose(said.Witness) is { Upper: < double.PositiveInfinity } range ? Rational.Of(range.Upper) : (Rational?)null;
        if (!domain.Contains(said.Witness) || double.IsNaN(said.Lower) || value0?.CompareTo(said.Lower) < (said.Strict ? 1 : 0))
        {
            Report(name, box, $"puts g at or above {said.Lower:R} at ({string.Join(", ", said.Witness)}), where it is {value0}");
        }
    }

    public void HearContractions(Box part, List<Value> known)
    {
        var finite = known.Where(value => value.Lower is not null).OrderBy(value => value.Lower!.Value).ToArray();
        if (finite.Length == 0)
        {
            return;
        }

        foreach (var (name, accepts, create) in Engines.OfContraction)
        {
            foreach (var problem in drawn.Readings.Where(accepts))
            {
                // Targets below some of the values, so that points must stay; the double below the largest, so that one must.
                double[] targets = [finite[^1].Lower!.Value.DoubleBelow(), finite[random.Next(finite.Length)].Lower!.Value.RoundDown(), finite[finite.Length / 2].Lower!.Value.DoubleBelow()];
                foreach (var target in targets.Where(double.IsFinite))
                {
                    Guarded(name, part, () => HearContraction(name, part, finite, target, create(problem)));
                }
            }
        }
    }

    private void HearContraction(string name, Box part, Value[] known, double target, Func<Box, double, double> contract)
    {
        var rest = new Box([.. part.Lower], [.. part.Upper]);
        var upper = contract(rest, target);
        Contractions += rest.Lower.Zip(part.Lower).Any(pair => pair.First > pair.Second) || rest.Upper.Zip(part.Upper).Any(pair => pair.First < pair.Second);
        for (var j = 0; j < part.Length; j++)
        {
            if (!(rest.Lower[j] >= part.Lower[j] && rest.Upper[j] <= part.Upper[j]))
            {
                Report(name, part, $"grows coordinate {j} to [{rest.Lower[j]:R}, {rest.Upper[j]:R}]");
            }
        }

        foreach (var value in known)
        {
            Comparisons++;
            if (value.Lower!.Value.CompareTo(target) > 0 && (!value.IsIn(rest) || !(value.Lower!.Value.CompareTo(upper) <= 0)))
            {
                Report(name, part, $"with target {target:R} keeps {Text(rest)} with bound {upper:R} and loses {value} with g = {value.Lower}");
            }
        }

        Compare(name, rest, [.. known.Where(value => value.IsIn(rest) && upper != double.NegativeInfinity)], upper, ask);
        if (ask && (upper == double.NegativeInfinity || !rest.Lower.SequenceEqual(part.Lower) || !rest.Upper.SequenceEqual(part.Upper)) && !contracted.Any(other => ReferenceEquals(other.Part, part) && other.Name == name))
        {
            var left = upper == double.NegativeInfinity ? "false" : "(and true " + string.Concat(Enumerable.Range(0, part.Length).Select(j => " (and (>= {" + j + "} " + Smt(rest.Lower[j]) + ") (<= {" + j + "} " + Smt(rest.Upper[j]) + "))")) + ")";
            contracted.Add((name, part, $"{name} over {Text(part)}: with target {target:R} keeps {Text(rest)}", prefix => Inputs($"(and {Membership(part)} {Above(prefix, target)} (not {left}))", prefix)));
        }
    }

    private void Compare(string name, Box part, List<Value> known, double upper, bool ask)
    {
        foreach (var value in known)
        {
            Comparisons++;
            if (double.IsNaN(upper) || value.Lower?.CompareTo(upper) > 0)
            {
                Report(name, part, $"puts g at or below {upper:R}; g({value}) = {value.Lower}");
            }
        }

        if (ask && double.IsFinite(upper) && !(smallest.TryGetValue(part, out var other) && other.Upper <= upper))
        {
            smallest[part] = (name, upper);
        }
    }

    private Interval? Enclose(double[] point)
    {
        try
        {
            var problem = drawn.Scalar;
            return problem.Graph.Ranges(Box.Point(point))[problem.Objective][0];
        }
        catch (Guarantees.Networks.Operators.DomainException)
        {
            return null;
        }
    }

    /// <summary>Whether a constant part of the graph has no value: then general bounds refuse to be made.</summary>
    private bool IsUndefined()
    {
        try
        {
            _ = new BoundPropagation(drawn.Scalar);
            return false;
        }
        catch (DomainException)
        {
            return true;
        }
    }

    private void Guarded(string name, Box part, Action action)
    {
        try
        {
            action();
        }
        catch (DomainException) when (IsUndefined())
        {
            // Engines say so when they are made, and claim nothing.
        }
        catch (Exception error) when (error is not Xunit.Sdk.XunitException)
        {
            Report(name, part, $"throws {error.GetType().Name}: {error.Message}");
        }
    }

    private void Report(string name, Box part, string what) => Violations.Add(string.Create(
        CultureInfo.InvariantCulture, $"seed {drawn.Seed} ({drawn.Kind}): {name} over {Text(part)} {what}\n{drawn.Sketch}"));

    private string Above(string prefix, double bound) =>
        "(and true" + string.Concat(Enumerable.Range(0, drawn.Sketch.Length(drawn.Objective)).Select(i => $" (> {Sketch.Symbol(prefix, drawn.Objective, i)} {Smt(bound)})")) + ")";

    private static string Membership(Box part) =>
        "(and true" + string.Concat(Enumerable.Range(0, part.Length).Select(j => " " + Sketch.Within("{" + j + "}", part[j]))) + ")";

    /// <summary>{j} becomes the symbol of coordinate j.</summary>
    private string Inputs(string formula, string prefix)
    {
        for (var j = 0; j < drawn.Sketch.Inputs; j++)
        {
            formula = formula.Replace("{" + j + "}", Sketch.InputSymbol(prefix, j), StringComparison.Ordinal);
        }

        return formula;
    }

    private static string Smt(double number) => SmtLib.Number(number);

    private static string Text(Box box) => string.Join(" x ", Enumerable.Range(0, box.Length).Select(j => string.Create(CultureInfo.InvariantCulture, $"[{box.Lower[j]:R}, {box.Upper[j]:R}]")));
}

/// <summary>A point and what is known of g there; null where nothing is.</summary>
internal sealed record Value(Rational[] Point, Rational? Lower, Rational? Upper)
{
    public bool IsDouble => Point.All(c => c.RoundDown().Equals(c.RoundUp()) || c.Sign == 0);

    public double[] Double => [.. Point.Select(c => c.RoundDown())];

    public bool IsIn(Box part) => Enumerable.Range(0, part.Length).All(j => Point[j].CompareTo(part.Lower[j]) >= 0 && Point[j].CompareTo(part.Upper[j]) <= 0);

    public override string ToString() => string.Join(", ", Point.Select(c => c.RoundDown().Equals(c.RoundUp()) ? c.RoundDown().ToString("R", CultureInfo.InvariantCulture) : c.ToString()));
}

/// <summary>How many statements there were, and how many of them said something.</summary>
internal readonly record struct Tally(int All, int Useful)
{
    public static Tally operator +(Tally tally, bool useful) => new(tally.All + 1, tally.Useful + (useful ? 1 : 0));

    public static Tally operator +(Tally a, Tally b) => new(a.All + b.All, a.Useful + b.Useful);

    public override string ToString() => $"{Useful} of {All}";
}
