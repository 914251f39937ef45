using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Guarantees.Arithmetic;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Norm = Guarantees.Claims.Norm;

namespace Certify.Export;

/// <summary>What an export of a robustness certificate of a diagonal Gaussian states: for every x of a box W2(q(x), q(x0)) &lt;= c.</summary>
/// <remarks>
/// Follows from the model and the certificate. q(x) = N(mu, diag(sigma²)) is read off one network with the outputs mu and then s: the maps before the last must be those of both outputs. sigma = e^s, e^(s/2) or
/// ln(1 + e^s), whether the family says so or the model ends in that function. The ends of { x : |x - x0| &lt;= radius } are exact sums rounded outward to multiples of 2^-<see cref="CheckerStatement.Precision"/>, x0 lies between
/// the multiples next to it, c is the claim's bound, or 1.01 times the
/// certificate's upper end and 10^-6 where it has none, rounded down. A domain that cuts the ball is left out: the box is
/// larger then. Theorem: proofs/coq/theories/Checker/GaussianLaws.v, <c>gaussian_robustness_sound</c>. Format: docs/formats.md.
/// </remarks>
public sealed class GaussianStatement
{
    /// <summary>By how much c is larger than the certificate's upper end, relative to it, where the claim names no bound: the checker divides parts until its bounds are as close to the distance.</summary>
    public const double Spare = 0.01;

    private static readonly string[] Kinds = ["standard-deviation", "log-standard-deviation", "variance", "log-variance"];

    private GaussianStatement(ImmutableArray<ChainLayer> layers, string link, Claim claim, double atMost)
    {
        (Layers, Link) = (layers, link);
        var unit = new Rational(BigInteger.One << CheckerStatement.Precision, BigInteger.One);
        Rational[] center = [.. claim.Observation.Select(Rational.Of)];
        Rational[] radius = [.. claim.Radius.Select(Rational.Of)];
        Lower = [.. center.Zip(radius, (x, r) => CheckerText.Floor((x - r) * unit))];
        Upper = [.. center.Zip(radius, (x, r) => -CheckerText.Floor(-((x + r) * unit)))];
        ObservationLower = [.. center.Select(x => CheckerText.Floor(x * unit))];
        ObservationUpper = [.. center.Select(x => -CheckerText.Floor(-(x * unit)))];
        AtMost = CheckerText.Floor(Rational.Of(atMost) * unit);
        var text = new StringBuilder("statement\n");
        CheckerText.Network(text, layers);
        text.Append(CultureInfo.InvariantCulture, $"gaussian {Means} {Link}\n");
        CheckerText.Sides(text, "box", Lower, Upper);
        CheckerText.Sides(text, "observation", ObservationLower, ObservationUpper);
        text.Append("at-most ");
        CheckerText.Number(text, AtMost);
        Text = text.Append('\n').ToString();
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Text)));
    }

    /// <summary>The statement as text.</summary>
    public string Text { get; }

    /// <summary>SHA-256 of <see cref="Text"/>, lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    internal ImmutableArray<ChainLayer> Layers { get; }

    /// <summary>From s to sigma: "exp", "half-exp" or "softplus".</summary>
    internal string Link { get; }

    internal int Means => Layers[^1].Outputs / 2;

    internal ImmutableArray<BigInteger> Lower { get; }

    internal ImmutableArray<BigInteger> Upper { get; }

    internal ImmutableArray<BigInteger> ObservationLower { get; }

    internal ImmutableArray<BigInteger> ObservationUpper { get; }

    internal BigInteger AtMost { get; }

    /// <summary>The statement of a certificate.</summary>
    /// <exception cref="ModelFormatException">The certificate or the network does not fit the checker; one line.</exception>
    public static GaussianStatement Of(Network network, Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(certificate);
        var (claim, name) = (certificate.Claim, certificate.ModelName);
        Require(certificate.Family.Name == "diagonal-gaussian", name, $"of the certificates of 'certify run' the checker knows those of the family diagonal-gaussian, not {OneLine.Quote(certificate.Family.Name)}");
        Require(claim.Kind == ClaimKind.Robustness && claim.Metric == Metric.Wasserstein2, name, "the checker knows robustness in the metric wasserstein2 only");
        Require(claim.Norm == Norm.Linf && claim.Directions.IsEmpty, name, "the checker knows balls of the norm linf about the entries of x only");
        Require(certificate.Verdict == Verdict.Proved, name, "the claim is not proved");
        using var family = JsonDocument.Parse(certificate.Family.ToJson());
        var (kind, output) = Kinds.Where(key => family.RootElement.TryGetProperty(key, out _)).Select(key => (key, family.RootElement.GetProperty(key).GetString()!)).FirstOrDefault();
        Require(kind is not null, name, "the checker knows standard deviations and variances of one output, no factors");
        var (means, _) = Head(network, family.RootElement.GetProperty("mean").GetString()!, name, false);
        var (scales, activation) = Head(network, output, name, true);
        var link = (kind, activation, family.RootElement.TryGetProperty("transform", out _)) switch
        {
            ("log-standard-deviation", null, false) or ("standard-deviation", Exp, false) => "exp",
            ("log-variance", null, false) or ("variance", Exp, false) => "half-exp",
            ("standard-deviation", null, true) or ("standard-deviation", Softplus, false) => "softplus",
            _ => null,
        };
        Require(link is not null, name, $"the checker knows standard deviations e^s, e^(s/2) and ln(1 + e^s), not what '{kind}' and the end of the network give");
        var trunk = means[..^1];
        Require(trunk.Length == scales.Length - 1 && trunk.Zip(scales).All(two => IsSame(two.First, two.Second)), name, "means and standard deviations must come from the same hidden layers");
        var (m, s) = (means[^1], scales[^1]);
        var joined = new ChainLayer(m.Inputs, m.Outputs + s.Outputs, [.. m.Weights.Take(m.Outputs * m.Stride), .. s.Weights.Take(s.Outputs * s.Stride)], [.. m.Bias.Take(m.Outputs), .. s.Bias.Take(s.Outputs)]);
        ImmutableArray<ChainLayer> layers = [.. trunk, joined];
        Require(m.Outputs == s.Outputs, name, $"there are {m.Outputs} means and {s.Outputs} standard deviations");
        Require(claim.Observation.Length == layers[0].Inputs && claim.Radius.Length == layers[0].Inputs, name, $"the claim is about {claim.Observation.Length} entries of x with {claim.Radius.Length} radii, the network has {layers[0].Inputs} inputs");
        Require(CheckerText.Misfit(layers) is null, name, CheckerText.Misfit(layers) ?? "");
        var atMost = claim.AtMost ?? ((1 + Spare) * certificate.Upper) + 1e-6;
        Require(double.IsFinite(atMost), name, "the certificate has no bound");
        return new GaussianStatement(layers, link!, claim, atMost);
    }

    /// <summary>The maps to an output, and the function at its end where that makes it positive.</summary>
    private static (ImmutableArray<ChainLayer> Layers, Activation? End) Head(Network network, string output, string name, bool isPositive)
    {
        Require(network.Outputs.Any(item => item.Name == output), name, $"the network has no output {OneLine.Quote(output)}");
        var chain = Chain.TryRead(network, network.Outputs.First(item => item.Name == output).Node);
        Require(chain is not null, name, $"the network to the output {OneLine.Quote(output)} is no chain of exact affine maps and activations");
        var layers = chain!.Layers;
        return isPositive && layers.Length > 1 && layers[^2].Activation is Exp or Softplus && IsSame(layers[^1], ChainLayer.Identity(layers[^1].Inputs))
            ? ([.. layers[..^2], layers[^2] with { Activation = null }], layers[^2].Activation)
            : (layers, null);
    }

    private static bool IsSame(ChainLayer a, ChainLayer b) =>
        a.Inputs == b.Inputs && a.Outputs == b.Outputs && a.Activation?.GetType() == b.Activation?.GetType() && a.Weights.AsSpan().SequenceEqual(b.Weights) && a.Bias.AsSpan().SequenceEqual(b.Bias);

    private static void Require(bool holds, string name, string otherwise)
    {
        if (!holds)
        {
            throw new ModelFormatException($"{name}: {otherwise}.");
        }
    }
}
