using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Formats;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;

namespace Certify.Export;

/// <summary>What an export for the extracted checker states, in integers: for every case of a property and every x of its box one of its claims c . f(x) &gt;= d holds.</summary>
/// <remarks>
/// Follows from the model and the property alone, so that anyone can compute <see cref="Sha256"/> and compare it with that of an export. Law: if all of it is true, no real x satisfies
/// a case. A case { l &lt;= x &lt;= u, b_i . y &lt;= t_i } becomes the box [l, u], its ends rounded outward to multiples of 2^-<see cref="Precision"/>, and the claims b_i . y &gt;= d_i,
/// b_i multiplied by the common denominator of its numbers, d_i the smallest multiple above t_i (from t_i on, where the constraint is strict). Format: docs/formats.md.
/// </remarks>
public sealed class CheckerStatement
{
    /// <summary>All numbers but weights are multiples of 2^-Precision.</summary>
    public const int Precision = 24;

    /// <summary>Networks with more maps are refused.</summary>
    public const int MostLayers = 64;

    /// <summary>Wider layers are refused.</summary>
    public const int Widest = 4096;

    /// <summary>Networks with more weights are refused.</summary>
    public const int MostWeights = 1 << 22;

    /// <summary>Properties with more cases, and cases with more constraints, are refused.</summary>
    public const int MostCases = 1000;

    /// <summary>Longer integers are refused.</summary>
    public const int MostDigits = 40;

    /// <summary>Weights that are no multiple of 2^-LargestExponent are refused.</summary>
    public const int LargestExponent = 1100;

    private CheckerStatement(Chain chain, ImmutableArray<CheckerCase> cases)
    {
        (Chain, Cases) = (chain, cases);
        Text = Write();
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Text)));
    }

    /// <summary>The statement as text.</summary>
    public string Text { get; }

    /// <summary>SHA-256 of <see cref="Text"/>, lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>The cases, in the order of the property.</summary>
    public ImmutableArray<CheckerCase> Cases { get; }

    internal Chain Chain { get; }

    /// <summary>The statement for a property of one network.</summary>
    /// <exception cref="ModelFormatException">The network, the property, or a number does not fit the checker; one line.</exception>
    public static CheckerStatement Of(Network network, VnnLibProperty property)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(property);
        Require(property.Networks.Length == 1, property, "the checker knows properties of one network only");
        Require(network.Inputs.Length == 1 && network.Outputs.Length == 1, property, "the checker knows networks with one input and one output only");
        var chain = Chain.TryRead(network, network.Outputs[0].Node);
        Require(chain is not null, property, "the network is no chain of exact affine maps and activations");
        var layers = chain!.Layers;
        Require(CheckerText.Misfit(layers) is null, property, CheckerText.Misfit(layers) ?? "");
        Require(property.Cases.Length <= MostCases, property, $"the property has more than {MostCases} cases");
        return new CheckerStatement(chain, [.. property.Cases.Select(item => Case(property, item, network))]);
    }

    private static CheckerCase Case(VnnLibProperty property, VnnLibCase item, Network network)
    {
        Require(item.Constraints.Length is >= 1 and <= MostCases, property, $"a case has {item.Constraints.Length} constraints on outputs, expected 1 to {MostCases}");
        var outputs = network.Nodes[network.Outputs[0].Node].Length;
        var claims = ImmutableArray.CreateBuilder<CheckerClaim>();
        foreach (var constraint in item.Constraints)
        {
            Require(constraint.Inputs.IsEmpty, property, "a constraint ties inputs to outputs or to each other, which the checker does not know");
            var scale = constraint.Outputs.Aggregate(BigInteger.One, (all, term) => all * term.Coefficient.Denominator / BigInteger.GreatestCommonDivisor(all, term.Coefficient.Denominator));
            var coefficients = new BigInteger[outputs];
            foreach (var term in constraint.Outputs)
            {
                coefficients[term.Index] += term.Coefficient.Numerator * (scale / term.Coefficient.Denominator) << Precision;
            }

            var bound = constraint.Bound * new Rational(scale, BigInteger.One) * new Rational(BigInteger.One << Precision, BigInteger.One);
            var floor = CheckerText.Floor(bound);
            var isWhole = bound == new Rational(floor, BigInteger.One);
            claims.Add(new CheckerClaim([.. coefficients], constraint.IsStrict && isWhole ? floor : floor + 1));
        }

        var unit = new Rational(BigInteger.One << Precision, BigInteger.One);
        return new CheckerCase(
            [.. item.Region.Lower.Select(end => CheckerText.Floor(end.Value * unit))], [.. item.Region.Upper.Select(end => -CheckerText.Floor(-(end.Value * unit)))], claims.ToImmutable());
    }

    private static void Require(bool holds, VnnLibProperty property, string otherwise)
    {
        if (!holds)
        {
            throw new ModelFormatException($"{property.Name}: {otherwise}.");
        }
    }

    private string Write()
    {
        var text = new StringBuilder("statement\n");
        CheckerText.Network(text, Chain.Layers);
        text.Append(CultureInfo.InvariantCulture, $"cases {Cases.Length}\n");
        foreach (var item in Cases)
        {
            CheckerText.Sides(text, "box", item.Lower, item.Upper);
            text.Append(CultureInfo.InvariantCulture, $"claims {item.Claims.Length}\n");
            foreach (var (coefficients, bound) in item.Claims)
            {
                foreach (var coefficient in coefficients)
                {
                    CheckerText.Number(text, coefficient);
                    text.Append(' ');
                }

                CheckerText.Number(text, bound);
                text.Append('\n');
            }
        }

        return text.ToString();
    }
}

/// <summary>For every x with Lower &lt;= x &lt;= Upper one of the claims holds. Numbers are multiples of 2^-<see cref="CheckerStatement.Precision"/>.</summary>
/// <param name="Lower">Lower ends.</param>
/// <param name="Upper">Upper ends.</param>
/// <param name="Claims">The claims.</param>
public sealed record CheckerCase(ImmutableArray<BigInteger> Lower, ImmutableArray<BigInteger> Upper, ImmutableArray<CheckerClaim> Claims);

/// <summary>Coefficients . f(x) &gt;= Bound. Numbers are multiples of 2^-<see cref="CheckerStatement.Precision"/>.</summary>
/// <param name="Coefficients">c, one for each output.</param>
/// <param name="Bound">d.</param>
public readonly record struct CheckerClaim(ImmutableArray<BigInteger> Coefficients, BigInteger Bound);
