using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <summary>A model whose posterior has parameters in closed form: its name, and its numbers by their keys.</summary>
/// <remarks>
/// The data x [N] fall into D runs of N / D entries, one for each theta_j; an entry of each list of numbers stands for one theta_j (or, of trials and exposure, for one entry of x), and one number for all.
/// <code>
/// beta-binomial          theta_j ~ Beta(alpha, beta), x_i successes of trials_i      Beta(alpha + sum x, beta + sum (trials - x))
/// gamma-poisson          theta_j ~ Gamma(shape, rate), x_i ~ Poisson(exposure theta) Gamma(shape + sum x, rate + sum exposure)
/// normal-inverse-gamma   s² ~ InverseGamma(alpha, beta), theta ~ N(mean, s²/count),  t with 2 alpha + N degrees of freedom, see <see cref="Student"/>
///                        x_i ~ N(theta, s²), D = 1
/// uniform-normal         theta_j uniform on [lower, upper], x_j ~ N(theta_j,         N(x_j, standard-deviation²) cut to [lower, upper]
///                        standard-deviation²), D = N
/// </code>
/// H. Raiffa, R. Schlaifer, "Applied Statistical Decision Theory", Harvard University, 1961; A. Gelman, J. B. Carlin, H. S. Stern, D. B. Dunson, A. Vehtari, D. B. Rubin, "Bayesian Data Analysis",
/// 3rd edition, CRC Press, 2013, chapters 2 and 3. Every number is taken as the double that is stored, exactly, and x as real numbers: counts between the whole ones are read by the same formulas.
/// </remarks>
/// <param name="Name">One of <see cref="Names"/>.</param>
/// <param name="Numbers">The lists, in the order of <see cref="KeysOf"/>.</param>
public sealed record ConjugateModel(string Name, ImmutableArray<ImmutableArray<double>> Numbers)
{
    /// <summary>Number of successes.</summary>
    public const string BetaBinomial = "beta-binomial";

    /// <summary>Counts with a rate.</summary>
    public const string GammaPoisson = "gamma-poisson";

    /// <summary>Mean of normal data of unknown variance.</summary>
    public const string NormalInverseGamma = "normal-inverse-gamma";

    /// <summary>Mean of normal data within a box.</summary>
    public const string UniformNormal = "uniform-normal";

    /// <summary>Numbers other than 0 have sizes between <see cref="Smallest"/> and this.</summary>
    public const double Largest = 1e12;

    /// <summary>See <see cref="Largest"/>.</summary>
    public const double Smallest = 1e-12;

    /// <summary>Every name.</summary>
    public static ImmutableArray<string> Names { get; } = [BetaBinomial, GammaPoisson, NormalInverseGamma, UniformNormal];

    /// <summary>The keys of a model's numbers, and which of them may be left out.</summary>
    public static ImmutableArray<(string Key, double? Default)> KeysOf(string name) => name switch
    {
        BetaBinomial => [("alpha", null), ("beta", null), ("trials", null)],
        GammaPoisson => [("shape", null), ("rate", null), ("exposure", 1)],
        NormalInverseGamma => [("mean", 0), ("count", null), ("alpha", null), ("beta", null)],
        UniformNormal => [("lower", null), ("upper", null), ("standard-deviation", null)],
        _ => [],
    };

    /// <summary>What is wrong with the numbers, in one line without its end; empty where they are a model.</summary>
    public string Objection()
    {
        var keys = KeysOf(Name);
        if (keys.IsEmpty || Numbers.IsDefault || Numbers.Length != keys.Length || Numbers.Any(list => list.IsDefaultOrEmpty))
        {
            return $"there is no model '{Name}' of {(Numbers.IsDefault ? 0 : Numbers.Length)} lists of numbers";
        }

        foreach (var ((key, _), list) in keys.Zip(Numbers))
        {
            var anySign = key is "mean" or "lower" or "upper";
            foreach (var value in list)
            {
                if (!(anySign && value == 0) && !((anySign ? Math.Abs(value) : value) is >= Smallest and <= Largest))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{key} holds {value:R}, expected {(anySign ? "0 or a number of size" : "a number from")} {Smallest:0e0} to {Largest:0e0}");
                }
            }

            if (Name == NormalInverseGamma && list.Length != 1)
            {
                return $"{key} has {list.Length} numbers, expected one: there is one parameter";
            }
        }

        if (Name == UniformNormal)
        {
            for (var i = 0; i < Math.Max(Numbers[0].Length, Numbers[1].Length); i++)
            {
                if (!(Of(Numbers[0], i) < Of(Numbers[1], i)))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"the prior has the side [{Of(Numbers[0], i):R}, {Of(Numbers[1], i):R}] in coordinate {i}, expected lower < upper");
                }
            }
        }

        return "";
    }

    /// <summary>What does not fit D parameters and the data of a box, in one line without its end; empty where all does.</summary>
    internal string Misfit(int d, Box data)
    {
        var n = data.Length;
        if (Name == NormalInverseGamma && d != 1)
        {
            return $"has 1 parameter; the family has {d}";
        }

        if (n % d != 0 || (Name == UniformNormal && n != d))
        {
            return $"needs {(Name == UniformNormal ? "one entry of x" : "as many entries of x")} for each parameter; the family has {d} and x has {n}";
        }

        foreach (var ((key, _), list) in KeysOf(Name).Zip(Numbers))
        {
            var length = key is "trials" or "exposure" ? n : d;
            if (list.Length != 1 && list.Length != length)
            {
                return $"has {list.Length} numbers of {key}, expected one or {length}";
            }
        }

        for (var i = 0; i < n; i++)
        {
            var most = Name == BetaBinomial ? Of(Numbers[2], i) : double.PositiveInfinity;
            if (Name is BetaBinomial or GammaPoisson && !(data[i].Lower >= 0 && data[i].Upper <= most))
            {
                return string.Create(CultureInfo.InvariantCulture, $"reads counts from 0{(Name == BetaBinomial ? $" to {most:R} trials" : "")}; x_{i} ranges over [{data[i].Lower:R}, {data[i].Upper:R}]");
            }
        }

        return "";
    }

    /// <summary>The degrees of freedom of the posterior of <see cref="NormalInverseGamma"/> given N data, rounded.</summary>
    internal double DegreesOfFreedom(int n) => (2 * Numbers[2][0]) + n;

    /// <summary>The posterior as an estimator of the kind of another, or its mean where that one is a vector.</summary>
    internal Estimator Posterior(Family family, int n)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", n);
        if (Name == NormalInverseGamma)
        {
            return Student(builder, x, family as StudentT);
        }

        var d = family.Dimension;
        var (first, second, total) = Shapes(builder, x, d);
        if (family is not ShapeFamily shapes)
        {
            builder.Output("mean", Blocks.Times(builder, Enclosures(total, sum => Rational.One / sum), first));
            var graph = builder.Build();
            return new Estimator(graph, OutputVector.For(graph));
        }

        // Where the estimator gives logarithms, so does the reference: differences of logarithms say more.
        var logarithms = shapes.GivesLogarithms;
        builder.Output("first", logarithms ? builder.Apply(new Log(), first) : first);
        builder.Output("second", logarithms ? builder.Apply(new Log(), second) : second);
        var transform = logarithms ? PositiveTransform.Exp : PositiveTransform.None;
        return new Estimator(builder.Build(), Name == BetaBinomial ? new Beta(d, "first", "second", transform) : new Gamma(d, "first", "second", transform));
    }

    /// <summary>Number i of a list that may hold one for all.</summary>
    internal static double Of(ImmutableArray<double> list, int i) => list[list.Length == 1 ? 0 : i];

    /// <summary>Numbers i of 0 to count - 1.</summary>
    internal static double[] All(ImmutableArray<double> list, int count) => [.. Enumerable.Range(0, count).Select(i => Of(list, i))];

    /// <summary>Both parameters of every theta_j, [D] each, and what the mean divides the first by: alpha + beta + all trials, or the rate.</summary>
    private (Vector First, Vector Second, Rational[] Total) Shapes(NetworkBuilder builder, Vector x, int d)
    {
        var each = x.Length / d;
        var sum = builder.Add(new SparseAffine([.. Enumerable.Range(0, d).Select(j => Enumerable.Range(j * each, each).Select(i => (0, i, 1.0)).ToArray())]), [x]);
        var first = builder.Combine((1, sum), (1, builder.Constant(All(Numbers[0], d))));

        // What the data add to the second parameter is exact as a rational number and enclosed once.
        var added = new Rational[d];
        for (var j = 0; j < d; j++)
        {
            added[j] = Rational.Of(Of(Numbers[1], j));
            for (var i = j * each; i < (j + 1) * each; i++)
            {
                added[j] += Rational.Of(Of(Numbers[2], i));
            }
        }

        var known = builder.Constant(Enclosures(added, value => value));
        return Name == BetaBinomial
            ? (first, known - sum, [.. added.Select((value, j) => value + Rational.Of(Of(Numbers[0], j)))])
            : (first, known, added);
    }

    /// <summary>
    /// The Student t of theta with nu = 2 alpha + n, location (count mean + sum x) / (count + n) and squared scale 2 b / (nu (count + n)), b = beta + 1/2 sum (x_i - m)² + count n (m - mean)² / (2 (count + n)), m the mean of x.
    /// With nu given by the family, 2 alpha is nu - n: the alpha that was stated up to the rounding of nu.
    /// </summary>
    private Estimator Student(NetworkBuilder builder, Vector x, StudentT? family)
    {
        var (n, prior) = (Rational.Of(x.Length), Rational.Of(Numbers[0][0]));
        var count = Rational.Of(Numbers[1][0]);
        var (all, two) = (count + n, Rational.Of(2));
        var sum = builder.Sum(x);
        builder.Output("mean", Times(Rational.One / all, sum + Constant(count * prior)));
        if (family is null)
        {
            var means = builder.Build();
            return new Estimator(means, OutputVector.For(means));
        }

        // n (x_i - m) = n x_i - sum x, and n (m - mean) = sum x - n mean.
        var apart = builder.Combine((x.Length, x), (-1, sum));
        var within = Times(Rational.One / (two * n * n), builder.Sum(builder.Apply(new Square(), apart)));
        var between = Times(count / (two * n * all), builder.Apply(new Square(), sum - Constant(n * prior)));
        var total = builder.Combine([(1, within), (1, between)], Numbers[3][0]);
        builder.Output("variance", Times(two / (Rational.Of(family.DegreesOfFreedom) * all), total));
        return new Estimator(builder.Build(), new StudentT(new Gaussian(1, "mean", SquareRoot.Diagonal("variance", ScaleKind.Variance)), family.DegreesOfFreedom));

        Vector Constant(Rational value) => builder.Constant(value.Enclosure, 1);
        Vector Times(Rational factor, Vector v) => Blocks.Times(builder, Enclosures([factor], value => value), v);
    }

    private static Box Enclosures(Rational[] values, Func<Rational, Rational> f)
    {
        var enclosed = values.Select(value => f(value).Enclosure).ToArray();
        return new Box([.. enclosed.Select(value => value.Lower)], [.. enclosed.Select(value => value.Upper)]);
    }
}
