using System.Globalization;
using System.Text;

namespace Guarantees.Tests.Formats.VnnLib;

/// <summary>Prints random properties of VNN-LIB 1.0 over numbers on the grid of tenths, so that random points of the grid often lie on their edges.</summary>
internal sealed class RandomProperty
{
    private readonly Random random;
    private readonly StringBuilder text = new("; a random property\n");

    public RandomProperty(int seed)
    {
        random = new Random(seed);
        (Inputs, Outputs) = (random.Next(1, 4), random.Next(1, 3));
        for (var i = 0; i < Inputs + Outputs; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"(declare-{(random.Next(2) == 0 ? $"const {Name(i)}" : $"fun {Name(i)} ()")} Real)\n");
        }

        for (var i = 0; i < Inputs; i++)
        {
            var (low, high) = (random.Next(-5, 3), random.Next(-2, 6));
            Assert(Relation(Name(i), high, upper: true));
            Assert(Relation(Name(i), low, upper: false));
        }

        for (var count = random.Next(1, 4); count > 0; count--)
        {
            Assert(Condition(random.Next(5)));
        }
    }

    public int Inputs { get; }

    public int Outputs { get; }

    public override string ToString() => text.ToString();

    /// <summary>k / 10 in one of its spellings.</summary>
    public string Tenths(int k) => random.Next(4) switch
    {
        0 => (k / 10.0).ToString("0.0###", CultureInfo.InvariantCulture),
        1 => string.Create(CultureInfo.InvariantCulture, $"{k}e-1"),
        2 when k < 0 => string.Create(CultureInfo.InvariantCulture, $"(- 0.{-k}00)"),
        3 => string.Create(CultureInfo.InvariantCulture, $"(/ {k} 10)"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(k < 0 ? "-" : "")}{Math.Abs(k) / 10}.{Math.Abs(k) % 10}"),
    };

    private string Name(int i) => i < Inputs ? string.Create(CultureInfo.InvariantCulture, $"X_{i}") : string.Create(CultureInfo.InvariantCulture, $"Y_{i - Inputs}");

    private void Assert(string condition) => text.Append(random.Next(3) == 0 ? "  " : "").Append("(assert ").Append(condition).Append(random.Next(4) == 0 ? ") ; so\n" : ")\n");

    /// <summary>A bound of one variable, in one of its forms; sometimes strict.</summary>
    private string Relation(string name, int tenths, bool upper)
    {
        var strict = random.Next(4) == 0 ? "" : "=";
        var (normal, flipped) = upper ? ("<", ">") : (">", "<");
        return random.Next(6) switch
        {
            0 => $"({normal}{strict} {name} {Tenths(tenths)})",
            1 => $"({flipped}{strict} {Tenths(tenths)} {name})",
            2 => $"({flipped}{strict} (* -2 {name}) (* {Tenths(tenths)} -2.0))",
            3 => $"(not ({flipped}{(strict.Length == 0 ? "=" : "")} {name} {Tenths(tenths)}))",
            4 => $"(and ({normal}{strict} (- {name} 0.5) (- {Tenths(tenths)} 0.5)) true)",
            _ => $"({normal}{strict} (+ {name} {name} (- {name}) ) (+ {Tenths(tenths)} 0))",
        };
    }

    private string Condition(int depth)
    {
        if (depth == 0 || random.Next(4) == 0)
        {
            return Comparison();
        }

        var parts = string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Condition(depth - 1)));
        return random.Next(8) switch
        {
            0 or 1 or 2 => $"(and {parts})",
            3 or 4 or 5 => $"(or {parts})",
            6 => $"(not {Condition(depth - 1)})",
            _ => $"(=> {Condition(depth - 1)} {parts})",
        };
    }

    private string Comparison()
    {
        if (random.Next(3) == 0)
        {
            return Relation(Name(random.Next(Inputs + Outputs)), random.Next(-5, 6), random.Next(2) == 0);
        }

        string[] relations = ["<=", "<=", ">=", ">=", "<", ">", "=", "distinct"];
        var relation = relations[random.Next(relations.Length)];
        return random.Next(6) == 0 && relation != "distinct" ? $"({relation} {Term(1)} {Term(1)} {Term(0)})" : $"({relation} {Term(2)} {Term(1)})";
    }

    private string Term(int depth) => (depth == 0 ? random.Next(2) : random.Next(7)) switch
    {
        0 => Tenths(random.Next(-9, 10)),
        1 => Name(random.Next(Inputs + Outputs)),
        2 => $"(+ {Term(depth - 1)} {Term(depth - 1)} {Term(depth - 1)})",
        3 => $"(- {Term(depth - 1)} {Term(depth - 1)})",
        4 => $"(- {Term(depth - 1)})",
        5 => $"(* {Tenths(random.Next(-20, 21))} {Term(depth - 1)})",
        _ => $"(/ {Term(depth - 1)} {(random.Next(2) == 0 ? "-" : "")}2.5)",
    };
}
