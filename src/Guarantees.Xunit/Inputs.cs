using System.Collections.Immutable;
using Guarantees.Claims;

namespace Guarantees.Xunit;

/// <summary>The data x for which something is claimed: a ball around an observation, or a box.</summary>
public sealed class Inputs
{
    private readonly Func<Claim, Claim> apply;

    private Inputs(Func<Claim, Claim> apply) => this.apply = apply;

    /// <summary>{ x : |(x - x0) / radius|_norm &lt;= 1 }, one radius for all coordinates.</summary>
    /// <param name="observation">x0, finite.</param>
    /// <param name="radius">At least 0, in the units of x.</param>
    /// <param name="norm">The norm.</param>
    public static Inputs Around(IReadOnlyCollection<double> observation, double radius, Norm norm = Norm.Linf)
    {
        ArgumentNullException.ThrowIfNull(observation);
        return Around(observation, [.. Enumerable.Repeat(radius, observation.Count)], norm);
    }

    /// <summary>{ x : |(x - x0) / radius|_norm &lt;= 1 }, a radius for each coordinate.</summary>
    /// <param name="observation">x0, finite.</param>
    /// <param name="radius">At least 0 each, in the units of x.</param>
    /// <param name="norm">The norm.</param>
    public static Inputs Around(IReadOnlyCollection<double> observation, IReadOnlyCollection<double> radius, Norm norm = Norm.Linf)
    {
        ArgumentNullException.ThrowIfNull(observation);
        ArgumentNullException.ThrowIfNull(radius);
        var (center, radii) = (observation.ToImmutableArray(), radius.ToImmutableArray());
        return new(claim => claim with { Observation = center, Radius = radii, Norm = norm });
    }

    /// <summary>{ x : lower &lt;= x &lt;= upper }, ends included.</summary>
    /// <param name="lower">The lower corner.</param>
    /// <param name="upper">The upper corner, not below it.</param>
    public static Inputs Between(IReadOnlyCollection<double> lower, IReadOnlyCollection<double> upper)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        var (from, to) = (lower.ToImmutableArray(), upper.ToImmutableArray());
        return new(claim => claim with { DomainLower = from, DomainUpper = to });
    }

    internal Claim Of(Claim claim) => apply(claim);
}
