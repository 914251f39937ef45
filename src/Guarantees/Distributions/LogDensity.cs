using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>|ln q(theta) - ln q0(theta)| for one Gaussian each, as a graph in theta and x.</summary>
/// <remarks>
/// With z0 = U0 (theta - mu0), w = U0 (mu - mu0) and M = U L0 = I + E: U (theta - mu) = z0 + d with d = E (z0 - w) - w, so
/// ln q - ln q0 = -1/2 (|z0 + d|² - |z0|²) + sum ln M_ii = -(d·z0 + |d|²/2) + sum ln M_ii, whose terms all vanish when both agree.
/// </remarks>
internal static class LogDensity
{
    public static Distance Between(FamilyPair pair, Vector theta)
    {
        var (builder, gaussians, reference) = (pair.Builder, pair.Gaussians, pair.Reference);
        var z0 = Blocks.Product(builder, reference.Pattern, 1, reference.PrecisionRoot, theta - (pair.ReferenceMeans ?? builder.Constant(reference.Means)));
        var w = gaussians.Whitened;
        var d = Blocks.Product(builder, reference.Pattern, 1, gaussians.E, z0 - w) - w;
        var quadratic = builder.Sum(builder.Concat(d * z0, 0.5 * builder.Apply(new Square(), d)));
        var determinant = builder.Sum(builder.Apply(new Log(), gaussians.Ratios));
        var difference = determinant - quadratic;
        return new(builder.Apply(new Abs(), difference), [difference.Id], true, "|ln q(theta | x) - ln q0(theta)|, which is the difference of log densities");
    }
}
