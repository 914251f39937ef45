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

/// <summary>What an export of a robustness certificate of a Gaussian states: for every x of a box W2(q(x), q(x0)) &lt;= c.</summary>
/// <remarks>
/// Follows from the model and the certificate. q(x) = N(mu, diag(sigma²)), or N(mu, L L^T) with L lower triangular, is read off one network with the outputs mu, the entries of L below its diagonal row by row, and s: the maps
/// before the last must be those of all outputs. sigma, the diagonal of L, is e^s, e^(s/2) or ln(1 + e^s), whether the family says so or the model ends in that function. The ends of { x : |x - x0| &lt;= radius } are exact sums rounded outward to multiples of 2^-<see cref="CheckerStatement.Precision"/>, x0 lies between
/// the multiples next to it, c is the claim's bound, or 1.01 times the
/// certificate's upper end and 10^-6 where it has none, rounded down. A domain that cuts the ball is left out: the box is
/// larger then. Theorems: proofs/coq/theories/Checker/GaussianLaws.v, <c>gaussian_robustness_sound</c>; CholeskyLaws.v, <c>cholesky_robustness_coupling</c>. Format: docs/formats.md.
/// </remarks>
public sealed class GaussianStatement
{
    /// <summary>By how much c is larger than the certificate's upper end, relative to it, where the claim names no bound: the checker divides parts until its bounds are as close to the distance.</summary>
    public const double Spare = 0.01;

    private static readonly string[] Kinds = ["standard-deviation", "log-standard-deviation", "variance", "log-variance"];

    private GaussianStatement(ImmutableArray<ChainLayer> layers, int dimension, string link, Claim claim, double atMost)
    {
        (Layers, Means, Link) = (layers, layers[^1].Outputs - dimension, link);
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
        text.Append(CultureInfo.InvariantCulture, $"{(Means == dimension ? "gaussian" : "cholesky")} {dimension} {Link}\n");
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

    /// <summary>Outputs that count as they are: means, and entries of L below its diagonal.</summary>
    internal int Means { get; }

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
        var isFull = certificate.Family.Name == "gaussian";
        Require(isFull || certificate.Family.Name == "diagonal-gaussian", name, $"of the certificates of 'certify run' the checker knows those of the families gaussian and diagonal-gaussian, not {OneLine.Quote(certificate.Family.Name)}");
        Require(claim.Kind == ClaimKind.Robustness && claim.Metric == Metric.Wasserstein2, name, "the checker knows robustness in the metric wasserstein2 only");
        Require(claim.Norm == Norm.Linf && claim.Directions.IsEmpty, name, "the checker knows balls of the norm linf about the entries of x only");
        Require(certificate.Verdict == Verdict.Proved, name, "the claim is not proved");
        using var family = JsonDocument.Parse(certificate.Family.ToJson());
        var parts = family.RootElement;
        if (isFull)
        {
            Require(parts.TryGetProperty("cholesky", out parts), name, "of the family gaussian the checker knows the form cholesky");
        }

        var (kind, output) = (isFull ? ["diagonal"] : Kinds).Where(key => parts.TryGetProperty(key, out _)).Select(key => (key, parts.GetProperty(key).GetString()!)).FirstOrDefault();
        Require(kind is not null, name, "the checker knows standard deviations and variances of one output, no factors");
        var (means, _) = Head(network, family.RootElement.GetProperty("mean").GetString()!, name, false);
        var (scales, activation) = Head(network, output, name, true);
        var link = (kind, activation, parts.TryGetProperty("transform", out var transform) ? transform.GetString() : null) switch
        {
            ("log-standard-deviation", null, null) or ("standard-deviation" or "diagonal", Exp, null) or ("diagonal", null, "log") => "exp",
            ("log-variance", null, null) or ("variance", Exp, null) => "half-exp",
            ("standard-deviation" or "diagonal", null, "softplus") or ("standard-deviation" or "diagonal", Softplus, null) => "softplus",
            _ => null,
        };
        Require(link is not null, name, $"the checker knows standard deviations e^s, e^(s/2) and ln(1 + e^s), not what '{kind}' and the end of the network give");
        ImmutableArray<ChainLayer>[] heads = isFull && parts.TryGetProperty("lower", out var lower) ? [means, Head(network, lower.GetString()!, name, false).Layers, scales] : [means, scales];
        var (trunk, dimension) = (means[..^1], means[^1].Outputs);
        Require(heads.All(head => head.Length == means.Length && trunk.Zip(head).All(two => IsSame(two.First, two.Second))), name, "all parameters must come from the same hidden layers");
        var joined = new ChainLayer(
            means[^1].Inputs,
            heads.Sum(head => head[^1].Outputs),
            [.. heads.SelectMany(head => head[^1].Weights.Take(head[^1].Outputs * head[^1].Stride))],
            [.. heads.SelectMany(head => head[^1].Bias.Take(head[^1].Outputs))]);
        ImmutableArray<ChainLayer> layers = [.. trunk, joined];
        Require(scales[^1].Outputs == dimension, name, $"there are {dimension} means and {scales[^1].Outputs} standard deviations");
        Require(joined.Outputs == (isFull ? 2 * dimension + (dimension * (dimension - 1) / 2) : 2 * dimension), name, $"{dimension} means do not fit a triangle with {joined.Outputs - (2 * dimension)} entries below its diagonal");
        Require(claim.Observation.Length == layers[0].Inputs && claim.Radius.Length == layers[0].Inputs, name, $"the claim is about {claim.Observation.Length} entries of x with {claim.Radius.Length} radii, the network has {layers[0].Inputs} inputs");
        Require(CheckerText.Misfit(layers) is null, name, CheckerText.Misfit(layers) ?? "");
        var atMost = claim.AtMost ?? ((1 + Spare) * certificate.Upper) + 1e-6;
        Require(double.IsFinite(atMost), name, "the certificate has no bound");
        return new GaussianStatement(layers, dimension, link!, claim, atMost);
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
