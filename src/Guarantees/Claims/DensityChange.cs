using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <summary>g(x, theta) = |ln q(theta | x) - ln q(theta | x0)| for a density that is known by its values, x in a ball around x0 and theta in a box, or in the part of it where q(. | x0) is large.</summary>
/// <remarks>
/// Both values read the same theta: the network stands in the graph once, at (theta, x0), and beside it how far each of its nodes moves when x0 becomes x
/// (<see cref="JointNetwork.Compare"/>), so that bounds shrink with the ball and not with the box of theta. A density changes most, relative to itself, where there is almost none of it:
/// over a plain box the claim is about those theta too, and with <see cref="Claim.DensityAtLeast"/> it is not. What follows for total variation: <see cref="DensityRatio"/>.
/// </remarks>
internal static class DensityChange
{
    /// <summary>How the sides of x count against those of theta when a part is divided: g is nearly linear in x, whose corners decide, so theta is divided first (bench/RESULTS.md).</summary>
    private const double DataWeight = 0.02;

    public static Problem Compile(Network network, ConditionalDensity density, Claim claim)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", claim.Observation.Length);
        var theta = builder.Input("theta", density.Dimension);
        var x0 = builder.Constant(claim.Observation.AsSpan());
        var still = builder.Constant(new double[density.Dimension]);
        var move = builder.Add(new SparseAffine([.. Enumerable.Range(0, x.Length).Select(i => new[] { (0, i, 1.0) })], [.. claim.Observation.Select(value => -value)]), [x]);
        var isTheta = network.Inputs.Select(node => ((Input)node.Operator).Label == density.ParameterInput).ToArray();
        var (values, changes) = JointNetwork.Compare(
            builder, network, [.. isTheta.Select(parameters => parameters ? theta : x0)], [.. isTheta.Select(parameters => parameters ? still : move)]);
        var output = network.Output(density.Output).Id;
        var condition = claim.DensityAtLeast is { } least ? builder.Combine([(1, values[output])], -least).Id : -1;
        var objective = builder.Apply(new Abs(), changes[output]);
        builder.Output("objective", objective);
        var domain = ClaimChecks.DomainOf(claim);
        return new Problem(builder.Build(), objective.Id, domain with { Box = new Box([.. domain.Box.Lower, .. claim.ParameterLower], [.. domain.Box.Upper, .. claim.ParameterUpper]) })
        {
            Anchors = [changes[output].Id],
            Frontier = [changes[output].Id],
            Waists = Waists(network, values, changes),
            Condition = condition,
            Parameters = [(density.Output, changes[output].Id)],
            SplitWeights = [.. Enumerable.Repeat(DataWeight, x.Length), .. Enumerable.Repeat(1.0, theta.Length)],
            NetworkInput = [.. isTheta.SelectMany(parameters => parameters ? Enumerable.Range(x.Length, theta.Length) : Enumerable.Range(0, x.Length))],
            Text = TextOf(claim),
        };
    }

    /// <summary>What a wide linear map of the network reads, in both readings of the network, if it is narrow: what one transform of a flow hands to the next.</summary>
    internal static ImmutableArray<int> Waists(Network network, Vector[] values, Vector[] changes)
    {
        var narrow = network.Nodes.Where(node => node.Operator is LinearOperator).SelectMany(node => node.Arguments.Where(argument =>
            network.Nodes[argument].Operator is not Input && 2 * network.Nodes[argument].Length <= node.Length)).Distinct();
        return [.. narrow.SelectMany(node => new[] { values[node].Id, changes[node].Id })];
    }

    private static string TextOf(Claim claim)
    {
        var where = claim.DensityAtLeast is { } least ? $" where ln q(theta | x0) >= {Number(least)}" : "";
        var whole = claim.MassOutside is { } mass ? $", and with at most {Number(mass)} of the mass of q(. | x0) outside ({(claim.Draws is { } draws ? $"{draws.Words}; {draws.Assumed("q(. | x0)")}" : "assumed")}; q normalised) 1 - exp(-e)(1 - {Number(mass)}) without restriction" : "";
        return $"Largest change of the log density over theta in a box{where}, for {ClaimCompiler.Where(claim)}: |ln q(theta | x) - ln q(theta | x0)|. "
            + $"If that is at most e, the total variation between q(. | x) and q(. | x0) restricted to these theta is at most tanh(e/2){whole}.";
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
