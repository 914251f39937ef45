using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <summary>A bound of the Wasserstein distance of order 2 between the laws of T(z; x) and T(z; x0), z noise of a known law, x in a ball around x0.</summary>
/// <remarks>
/// Both laws read the same z, which couples them (proofs/coq/theories/Statistics/Transport.v, <c>common_noise</c>): W2² &lt;= E |T(z; x) - T(z; x0)|².
/// With B = [-b, b]^m and e(x) the largest |T(z; x) - T(z; x0)| over z in B:
/// <para>
/// Noise that stays in B (<see cref="Claim.IsTruncated"/>), whatever its law, the same for every x, such as a standard normal vector that is drawn anew until it lies in B: W2 &lt;= e(x). g = |T(z; x) - T(z; x0)|.
/// </para>
/// <para>
/// Standard normal noise: W2² &lt;= e(x)² + E [|T(z; x) - T(z; x0)|²; z outside B] &lt;= e(x)² + t² with t = C R sqrt(2 m Phi(-b)), C a constant with |T(z; x) - T(z; x0)| &lt;= C |x - x0| for every z
/// (<see cref="LipschitzInData"/>), R at least |x - x0| over the ball, and P(z outside B) &lt;= 2 m Phi(-b), the sum over both sides of every coordinate. g = sqrt(|T(z; x) - T(z; x0)|² + t²).
/// </para>
/// The largest g over the ball and B bounds the distance at every x. It is no lower bound: another coupling may be cheaper, and a mean is less than a largest value.
/// The network stands in the graph once, at (z, x0), and beside it how far each of its nodes moves when x0 becomes x (<see cref="JointNetwork.Compare"/>).
/// </remarks>
public static class SamplerChange
{
    /// <summary>How the sides of x count against those of z when a part is divided: g is nearly linear in x.</summary>
    private const double DataWeight = 0.05;

    internal static Problem Compile(Network network, Sampler sampler, Claim claim)
    {
        var reach = claim.NoiseBox!.Value;
        var output = network.Output(sampler.Output).Id;
        var tail = claim.IsTruncated ? 0 : Tail(network, sampler, claim, reach);
        if (!double.IsFinite(tail))
        {
            throw ClaimChecks.Wrong("The network's samples have no Lipschitz constant in x that holds for all noise, as a bound for standard normal noise needs; claim 'noise: truncated', which speaks of noise in the box.");
        }

        var builder = new NetworkBuilder();
        var x = builder.Input("x", claim.Observation.Length);
        var z = builder.Input("z", sampler.NoiseLength);
        var isNoise = network.Inputs.Select(node => ((Input)node.Operator).Label == sampler.NoiseInput).ToArray();
        var x0 = builder.Constant(claim.Observation.AsSpan());
        var still = builder.Constant(new double[sampler.NoiseLength]);
        var move = builder.Add(new SparseAffine([.. Enumerable.Range(0, x.Length).Select(i => new[] { (0, i, 1.0) })], [.. claim.Observation.Select(value => -value)]), [x]);
        var (values, changes) = JointNetwork.Compare(builder, network, [.. isNoise.Select(noise => noise ? z : x0)], [.. isNoise.Select(noise => noise ? still : move)]);
        var change = changes[output];
        var both = tail > 0 ? builder.Concat(change, builder.Constant(tail)) : change;
        var objective = builder.Apply(new Networks.Operators.Norm(both.Length), both);
        builder.Output("objective", objective);
        var domain = ClaimChecks.DomainOf(claim);
        var corner = Enumerable.Repeat(reach, z.Length).ToArray();
        return new Problem(
            builder.Build(), objective.Id, domain with { Box = new Box([.. domain.Box.Lower, .. corner.Select(value => -value)], [.. domain.Box.Upper, .. corner]) })
        {
            Anchors = [change.Id],
            Frontier = [change.Id],
            Waists = DensityChange.Waists(network, values, changes),
            Parameters = [(sampler.Output, change.Id)],
            SplitWeights = [.. Enumerable.Repeat(DataWeight, x.Length), .. Enumerable.Repeat(1.0, z.Length)],
            NetworkInput = [.. isNoise.SelectMany(noise => noise ? Enumerable.Range(x.Length, z.Length) : Enumerable.Range(0, x.Length))],
            ExactMetric = false,
            RealOnly = claim.IsTruncated ? "" : "samples of noise outside the box are bounded for the real network only",
            Text = TextOf(claim, sampler, reach, tail),
        };
    }

    /// <summary>t = C R sqrt(2 m Phi(-b)), rounded up.</summary>
    internal static double Tail(Network network, Sampler sampler, Claim claim, double reach)
    {
        var steepest = LipschitzInData.Of(network, sampler.DataInput, network.Output(sampler.Output).Id);
        var length = claim.Norm is Norm.Linf or Norm.L0
            ? Rounding.SqrtUp(claim.Radius.Aggregate(0.0, (sum, radius) => Rounding.AddUp(sum, Rounding.MultiplyUp(radius, radius))))
            : claim.Radius.Max();
        var outside = Math.Min(1, Rounding.MultiplyUp(2 * sampler.NoiseLength, Elementary.NormalCdfUpper(-reach)));
        return length > 0 ? Rounding.MultiplyUp(Rounding.MultiplyUp(steepest, length), Rounding.SqrtUp(outside)) : 0;
    }

    private static string TextOf(Claim claim, Sampler sampler, double reach, double tail)
    {
        var box = $"z in [-{Number(reach)}, {Number(reach)}]^{sampler.NoiseLength}";
        var (noise, formula) = claim.IsTruncated
            ? ($"noise of any law on the box, the same for every x, {box}", "|T(z; x) - T(z; x0)|")
            : ("standard normal noise z", $"sqrt(|T(z; x) - T(z; x0)|² + t²) over {box}, t = C R sqrt(2 m Phi(-b)) = {Number(tail)} for the noise outside");
        return $"Largest Wasserstein-2 distance between the laws of samples T(z; x0) and T(z; x), {noise}, for {ClaimCompiler.Where(claim)}: {formula}, which is at least the distance.";
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
