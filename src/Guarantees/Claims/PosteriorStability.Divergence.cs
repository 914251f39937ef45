using Guarantees.Checking;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Statistics;

namespace Guarantees.Claims;

public static partial class PosteriorStability
{
    /// <summary>A number that e^(l(theta, x0) - unit) (e^d - 1 - d), d = l(theta, x) - g(x) - l(theta, x0), does not exceed for any theta of the prior's box and any x of the ball: see <see cref="LikelihoodDivergence"/>.</summary>
    /// <remarks>Both values of l read the same theta: the network stands in the graph once, and beside it how far each node moves (<see cref="JointNetwork.Compare"/>), so that d shrinks with the ball and not with the box of theta.</remarks>
    internal static double LargestTerm(Network network, ConditionalDensity density, Claim claim, double[] slope, double unit, CancellationToken cancellation)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", claim.Observation.Length);
        var theta = builder.Input("theta", density.Dimension);
        var x0 = builder.Constant(claim.Observation.AsSpan());
        var still = builder.Constant(new double[density.Dimension]);
        var move = builder.Add(new SparseAffine([.. Enumerable.Range(0, x.Length).Select(i => new[] { (0, i, 1.0) })], [.. claim.Observation.Select(value => -value)]), [x]);
        var isTheta = IsTheta(network, density);
        var (values, changes) = JointNetwork.Compare(builder, network, [.. isTheta.Select(parameters => parameters ? theta : x0)], [.. isTheta.Select(parameters => parameters ? still : move)]);
        var output = network.Output(density.Output).Id;
        var (value, change) = (values[output], changes[output]);
        if (slope.Length > 0)
        {
            change = builder.Combine((1, change), (1, Tilt(builder, x, claim, slope)));
        }

        var both = value + change;
        builder.Output("both", both);
        var (lower, upper) = PriorBox(claim);
        var domain = ClaimChecks.DomainOf(claim);
        var root = new Box([.. domain.Box.Lower, .. lower], [.. domain.Box.Upper, .. upper]);
        var bounds = new BoundPropagation(new Problem(builder.Build(), both.Id, domain with { Box = root }) { Anchors = [value.Id, change.Id] });
        return Largest(root, Over, cancellation);

        // A part that holds no point of the ball has the bound -infinity, and no term.
        double Over(Box part) => bounds.UpperBound(part) is var bound && bound == double.NegativeInfinity ? 0
            : double.IsFinite(bound) ? LikelihoodDivergence.Term(bounds.Range(value.Id)[0], bounds.Range(change.Id)[0], unit)
            : double.PositiveInfinity;
    }

    /// <summary>-g(x), g(x) = a . x + b with b near -a . x0.</summary>
    private static Vector Tilt(NetworkBuilder builder, Vector x, Claim claim, double[] slope) => builder.Affine(x, [.. slope.Select(a => -a)], [Offset(claim, slope)]);

    private static double Offset(Claim claim, double[] slope) => slope.Zip(claim.Observation, (a, at) => a * at).Sum();
}
