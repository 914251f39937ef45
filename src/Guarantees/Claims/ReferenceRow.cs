using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Formats.Tables;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <summary>The reference at one tabulated data set x_j, and how far the reference at other data is assumed to lie from it: error + lipschitz |x - x_j|, in the claim's metric.</summary>
/// <remarks>
/// With p_j the tabulated distribution, the claim bounds metric(p_j, q(. | x)) + error + lipschitz |x - x_j|. Where metric(p(. | x), p_j) is at most what is assumed, this is at least metric(p(. | x), q(. | x)) by
/// the triangle inequality, which the metrics have but for the divergences.
/// </remarks>
/// <param name="Names">Names of the lists, without numbers: "mean", "sd".</param>
/// <param name="Values">The lists, every number taken as the double that is stored, exactly.</param>
/// <param name="Error">At least 0, in the units of the metric.</param>
/// <param name="Lipschitz">At least 0, in the units of the metric per unit of x in the claim's norm.</param>
public sealed record ReferenceRow(ImmutableArray<string> Names, ImmutableArray<ImmutableArray<double>> Values, double Error, double Lipschitz)
{
    private const string Mean = "mean";
    private const string Deviation = "sd";
    private const string Root = "cholesky";
    private const string Probability = "probability";
    private const double MostOff = 1e-6;

    /// <summary>Whether something is assumed of the reference.</summary>
    public bool Assumes => Error > 0 || Lipschitz > 0;

    /// <summary>The lists that a family's tables have, one choice after the other; empty where a family has no tables.</summary>
    /// <param name="family">Name of the family.</param>
    public static ImmutableArray<ImmutableArray<string>> ChoicesFor(string family) => family switch
    {
        "gaussian" or "diagonal-gaussian" or "student-t" => [[Mean, Deviation], [Mean, Root]],
        "gamma" => [["shape", "rate"]],
        "beta" => [["alpha", "beta"]],
        "categorical" or "bernoulli" or "binomial" => [[Probability]],
        OutputVector.Word => [["value"]],
        _ => [],
    };

    /// <summary>x_j and the parameters of every row.</summary>
    /// <param name="table">Columns x_0, x_1, ... and those of a choice of <see cref="ChoicesFor"/>, numbered likewise; or, with <paramref name="inputs"/>, x and the lists of the first choice in the order of the columns.</param>
    /// <param name="family">Name of the family.</param>
    /// <param name="inputs">Entries of x, where columns go by their order; 0 where they go by name.</param>
    /// <exception cref="ArgumentException">The columns are others; one line says which.</exception>
    public static (ImmutableArray<int> Data, ImmutableArray<string> Names, ImmutableArray<ImmutableArray<int>> Columns) Layout(Table table, string family, int inputs)
    {
        ArgumentNullException.ThrowIfNull(table);
        var choices = ChoicesFor(family);
        if (choices.IsEmpty)
        {
            throw ClaimChecks.Wrong($"A table is no reference for the family {family}.");
        }

        if (inputs > 0)
        {
            var (names, rest) = (choices[0], table.Columns.Length - inputs);
            return rest > 0 && rest % names.Length == 0
                ? (Run(0, inputs), names, [.. names.Select((_, k) => Run(inputs + (k * rest / names.Length), rest / names.Length))])
                : throw ClaimChecks.Wrong($"{OneLine.Plain(table.File)} has {table.Columns.Length} columns, of which {inputs} are x; expected after them the lists {string.Join(", ", names)}, of one length.");
        }

        var data = table.Sequence("x_");
        foreach (var choice in choices)
        {
            ImmutableArray<ImmutableArray<int>> columns = [.. choice.Select(name => table.Sequence($"{name}_"))];
            if (!data.IsEmpty && columns.All(list => !list.IsEmpty))
            {
                return (data, choice, columns);
            }
        }

        throw ClaimChecks.Wrong($"{OneLine.Plain(table.File)} needs the columns x_0, x_1, ... and {string.Join(", or ", choices.Select(choice => string.Join(" and ", choice.Select(name => $"{name}_0, ..."))))} for the family {family}; it has {OneLine.Quote(string.Join(',', table.Columns))}.");

        static ImmutableArray<int> Run(int start, int count) => [.. Enumerable.Range(start, count)];
    }

    /// <summary>What does not fit a family, in one line without its end; empty where all does.</summary>
    internal string Misfit(Family family, Network network)
    {
        if (Names.IsDefault || Values.IsDefault || !ChoicesFor(family.Name).Any(choice => choice.SequenceEqual(Names)) || Values.Length != Names.Length || Values.Any(list => list.IsDefaultOrEmpty))
        {
            return $"has no list of parameters for the family {family.Name}";
        }

        if (!(Error >= 0 && Lipschitz >= 0 && double.IsFinite(Error) && double.IsFinite(Lipschitz)))
        {
            return string.Create(CultureInfo.InvariantCulture, $"has the error {Error:R} and the Lipschitz constant {Lipschitz:R}, expected finite numbers of at least 0");
        }

        var d = family is DiscreteFamily ? Logits(family, network) : family.Dimension;
        foreach (var (name, list) in Names.Zip(Values))
        {
            var length = name == Root ? d * (d + 1) / 2 : d;
            if (list.Length != length)
            {
                return $"has {list.Length} columns {name}_0, ..., expected {length}";
            }

            foreach (var (i, value) in list.Index())
            {
                var isWrong = name switch
                {
                    Probability => !(value is > 0 and < 1),
                    Root => IsDiagonal(i) && !(value > 0),
                    Mean or "value" => false,
                    _ => !(value > 0),
                };
                if (isWrong || !double.IsFinite(value))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"has {name}_{i} = {value:R}, expected {(name == Probability ? "a number strictly between 0 and 1" : "a number above 0")}");
                }
            }
        }

        return family is Categorical && Math.Abs(Values[0].Sum() - 1) is var off && !(off <= MostOff)
            ? string.Create(CultureInfo.InvariantCulture, $"has probabilities that add up to {Values[0].Sum():R}, expected 1 to {MostOff:0e0}") : "";
    }

    /// <summary>p_j as a Gaussian whose root has a shape and kind.</summary>
    internal ParameterBox Spread(Pattern pattern, bool isPrecision)
    {
        var (means, d) = (Box.Point([.. Values[0]]), Values[0].Length);
        if (Names[1] == Deviation)
        {
            var root = new Box(pattern.Count);
            for (var e = 0; e < pattern.Count; e++)
            {
                root[e] = e >= d ? Interval.Point(0) : isPrecision ? Interval.Point(1) / Interval.Point(Values[1][e]) : Interval.Point(Values[1][e]);
            }

            return new ParameterBox(1, pattern, isPrecision, means, root, null, null);
        }

        // A triangular root of the kind that the estimator has: C = L L^T exactly, then R R^T = C with the last parameter first for precisions, as for LinearModel.
        int Place(int i) => isPrecision ? d - 1 - i : i;
        Rational Entry(int i, int j) => j > i ? Rational.Zero : Rational.Of(Values[1][(i * (i + 1) / 2) + j]);
        var covariance = new Rational[d, d];
        for (var i = 0; i < d; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                for (var k = 0; k < d; k++)
                {
                    covariance[i, j] += Entry(Place(i), k) * Entry(Place(j), k);
                }
            }
        }

        var factors = SymmetricElimination.Of(covariance) ?? throw new InvalidOperationException("Broken invariant: L L^T is not positive definite.");
        var shape = new Pattern(d, isPrecision ? Triangle.Upper : Triangle.Lower);
        var factor = new Box(shape.Count);
        for (var e = 0; e < shape.Count; e++)
        {
            factor[e] = factors.Root(Place(shape.Entries[e].Row), Place(shape.Entries[e].Column));
        }

        return new ParameterBox(1, shape, isPrecision, means, isPrecision ? shape.Invert(factor, 1) : factor, null, null);
    }

    /// <summary>p_j of a discrete family: logits and probabilities as <see cref="DiscreteFamily.Graph"/> gives them.</summary>
    internal (Box Logits, Box Probabilities) Discrete(Family family)
    {
        Interval Of(double p) => Interval.Point(p);
        static Interval Log(Interval p) => new(Elementary.LogLower(p.Lower), Elementary.LogUpper(p.Upper));
        Interval[] given = [.. Values[0].Select(Of)];
        if (family is Categorical)
        {
            // What adds up to 1 only in print is divided by its sum.
            var sum = Values[0].Aggregate(Rational.Zero, (total, value) => total + Rational.Of(value));
            return (Box([.. given.Select(Log)]), Box([.. Values[0].Select(value => (Rational.Of(value) / sum).Enclosure)]));
        }

        Interval[] others = [.. Values[0].Select(value => (Rational.One - Rational.Of(value)).Enclosure)];
        return (Box([.. given.Zip(others, (p, q) => Log(p) - Log(q))]), Box([.. given, .. others]));
        static Box Box(Interval[] values) => new([.. values.Select(value => value.Lower)], [.. values.Select(value => value.Upper)]);
    }

    private static int Logits(Family family, Network network) => network.Nodes[network.Outputs.First(output => output.Name == ((DiscreteFamily)family).Logits).Node].Length;

    /// <summary>Whether entry i of a lower triangle, row by row, is on the diagonal: 0, 2, 5, ...</summary>
    private static bool IsDiagonal(int i)
    {
        var (row, last) = (0, 0);
        while (last < i)
        {
            last += ++row + 1;
        }

        return last == i;
    }
}
