using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Formats;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Certify.Export;

/// <summary>What all statements for the extracted checker share: the network and boxes as text.</summary>
internal static class CheckerText
{
    /// <summary>Why the checker cannot read the network; null where it can.</summary>
    public static string? Misfit(ImmutableArray<ChainLayer> layers) =>
        layers.Length < 2 ? "the network has no hidden layer"
        : layers[..^1].Any(layer => layer.Activation is not ReLU) ? "the checker knows ReLU after every map but the last, and nothing else"
        : layers.Length > CheckerStatement.MostLayers ? $"the network has more than {CheckerStatement.MostLayers} maps"
        : layers.Any(layer => layer.Inputs > CheckerStatement.Widest || layer.Outputs > CheckerStatement.Widest) ? $"a layer is wider than {CheckerStatement.Widest}"
        : layers.Sum(layer => (long)layer.Outputs * (layer.Inputs + 1)) > CheckerStatement.MostWeights ? $"the network has more than {CheckerStatement.MostWeights} weights"
        : null;

    /// <summary>Writes the precision and the layers.</summary>
    public static void Network(StringBuilder text, ImmutableArray<ChainLayer> layers)
    {
        text.Append(CultureInfo.InvariantCulture, $"precision {CheckerStatement.Precision}\nnetwork {layers.Length}\n");
        foreach (var layer in layers)
        {
            text.Append(CultureInfo.InvariantCulture, $"layer {layer.Outputs} {layer.Inputs}\n");
            for (var i = 0; i < layer.Outputs; i++)
            {
                for (var j = 0; j < layer.Inputs; j++)
                {
                    Weight(text, layer.Weights[(i * layer.Stride) + j]);
                    text.Append(' ');
                }

                Weight(text, layer.Bias[i]);
                text.Append('\n');
            }
        }
    }

    /// <summary>Writes the sides of a box.</summary>
    public static void Sides(StringBuilder text, string name, ImmutableArray<BigInteger> lower, ImmutableArray<BigInteger> upper)
    {
        text.Append(CultureInfo.InvariantCulture, $"{name} {lower.Length}\n");
        foreach (var (l, u) in lower.Zip(upper))
        {
            Number(text, l);
            text.Append(' ');
            Number(text, u);
            text.Append('\n');
        }
    }

    /// <summary>Writes an integer.</summary>
    /// <exception cref="ModelFormatException">It has too many digits; one line.</exception>
    public static void Number(StringBuilder text, BigInteger value)
    {
        var digits = value.ToString(CultureInfo.InvariantCulture);
        if (digits.Length > CheckerStatement.MostDigits)
        {
            throw new ModelFormatException($"The number {digits[..10]}... of the statement has more than {CheckerStatement.MostDigits} digits.");
        }

        text.Append(digits);
    }

    /// <summary>The largest integer at most a number.</summary>
    public static BigInteger Floor(Rational value)
    {
        var quotient = BigInteger.DivRem(value.Numerator, value.Denominator, out var rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }

    /// <summary>m and e with w = m 2^-e, m odd or e = 0.</summary>
    private static void Weight(StringBuilder text, double w)
    {
        var exact = Rational.Of(w);
        var exponent = (int)(exact.Denominator.GetBitLength() - 1);
        if (exponent > CheckerStatement.LargestExponent)
        {
            throw new ModelFormatException($"The weight {w.ToString("R", CultureInfo.InvariantCulture)} is no multiple of 2^-{CheckerStatement.LargestExponent}.");
        }

        Number(text, exact.Numerator);
        text.Append(CultureInfo.InvariantCulture, $" {exponent}");
    }
}
