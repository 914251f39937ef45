using System.Collections.Immutable;
using Guarantees.Arithmetic;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <content>The sets of data and parameters that claims speak about, and their limits.</content>
internal static partial class ClaimChecks
{
    /// <summary>Whether a metric is a norm of the difference of output vectors.</summary>
    public static bool IsOfVectors(Metric metric) => metric is Metric.L1 or Metric.L2 or Metric.Linf;

    /// <summary>The set of the claim: the ball's bounding box, rounded outward, cut by the domain where both are given.</summary>
    public static Domain DomainOf(Claim claim)
    {
        if (claim.Kind == ClaimKind.Modulus)
        {
            return new Domain(new Box([.. claim.Radius.Select(radius => -radius), .. claim.DomainLower], [.. claim.Radius, .. claim.DomainUpper]))
            {
                Norm = claim.Norm,
                Center = [.. claim.Radius.Select(_ => 0.0)],
                Radius = claim.Radius,
            };
        }

        if (!claim.Directions.IsEmpty)
        {
            return new Domain(new Box([.. claim.Radius.Select(radius => -radius)], [.. claim.Radius]))
            {
                Norm = claim.Norm,
                Center = [.. claim.Radius.Select(_ => 0.0)],
                Radius = claim.Radius,
            };
        }

        if (claim.Radius.IsEmpty)
        {
            return new Domain(new Box([.. claim.DomainLower], [.. claim.DomainUpper]));
        }

        var n = claim.Observation.Length;
        var (lower, upper) = (new double[n], new double[n]);
        for (var i = 0; i < n; i++)
        {
            lower[i] = Rounding.SubtractDown(claim.Observation[i], claim.Radius[i]);
            upper[i] = Rounding.AddUp(claim.Observation[i], claim.Radius[i]);
            if (!claim.DomainLower.IsEmpty)
            {
                (lower[i], upper[i]) = (Math.Max(lower[i], claim.DomainLower[i]), Math.Min(upper[i], claim.DomainUpper[i]));
            }

            if (!(lower[i] <= upper[i]) || !double.IsFinite(lower[i]) || !double.IsFinite(upper[i]))
            {
                throw Wrong($"The ball around the observation does not meet the domain in a bounded set: coordinate {i} is {Number(claim.Observation[i])} with radius {Number(claim.Radius[i])}.");
            }
        }

        var box = new Box(lower, upper);
        return new Domain(box) { Norm = claim.Norm, Center = claim.Observation, Radius = claim.Radius, Entries = claim.Entries, Group = claim.Group };
    }

    /// <summary>The ball of a claim without a model: around an observation, which lies in the domain where there is one.</summary>
    public static void CheckBall(Claim claim)
    {
        NeedBall(claim);
        CheckSet(claim, claim.Observation.Length);
        CheckLimits(claim);
        for (var i = 0; i < claim.DomainLower.Length; i++)
        {
            if (!(claim.DomainLower[i] <= claim.Observation[i] && claim.Observation[i] <= claim.DomainUpper[i]))
            {
                throw Wrong($"The observation must lie in the domain; x_{i} is {Number(claim.Observation[i])}, outside [{Number(claim.DomainLower[i])}, {Number(claim.DomainUpper[i])}].");
            }
        }
    }

    private static void CheckSet(Claim claim, int n)
    {
        if (claim.Kind == ClaimKind.Modulus)
        {
            CheckPairs(claim, n);
            return;
        }

        if (claim.Radius.IsEmpty != claim.Observation.IsEmpty && (claim.Radius.IsEmpty || claim.Observation.IsEmpty))
        {
            throw Wrong(claim.Radius.IsEmpty ? "A claim around an observation needs a radius." : "A claim with a radius needs an observation.");
        }

        if (!claim.Radius.IsEmpty)
        {
            CheckLength("the observation", claim.Observation.Length, n, "data");
            CheckLength("the radius", claim.Radius.Length, claim.Directions.IsEmpty ? n : claim.Directions.Length / n, claim.Directions.IsEmpty ? "data" : "directions");
            for (var i = 0; i < n; i++)
            {
                if (!double.IsFinite(claim.Observation[i]))
                {
                    throw Wrong($"The observation must be finite; x_{i} is {Number(claim.Observation[i])}.");
                }

            }

            for (var i = 0; i < claim.Radius.Length; i++)
            {
                if (!(claim.Radius[i] >= 0 && double.IsFinite(claim.Radius[i])))
                {
                    throw Wrong($"The radius must be at least 0 and finite; that of {(claim.Directions.IsEmpty ? "x" : "u")}_{i} is {Number(claim.Radius[i])}.");
                }
            }
        }

        if (claim.Norm == Norm.L0)
        {
            if (claim.Kind == ClaimKind.Lipschitz)
            {
                throw Wrong("A Lipschitz constant is asked for in the norm l1, l2 or linf; l0 counts entries.");
            }

            if (claim.Radius.IsEmpty)
            {
                throw Wrong("The norm l0 counts the entries that differ from an observation; it needs one, with a radius.");
            }

            if (claim.Group < 1 || n % claim.Group != 0)
            {
                throw Wrong($"The {n} coordinates of x do not fall into groups of {claim.Group}.");
            }

            if (claim.Entries < 0 || claim.Entries > n / claim.Group)
            {
                throw Wrong($"{claim.Entries} of {n / claim.Group} entries cannot move; expected 0 to {n / claim.Group}.");
            }
        }

        if (claim.Radius.IsEmpty || !claim.DomainLower.IsEmpty || !claim.DomainUpper.IsEmpty)
        {
            if (claim.Radius.IsEmpty && claim.DomainLower.IsEmpty && claim.DomainUpper.IsEmpty)
            {
                throw Wrong($"A claim of kind {claim.Name} needs a domain, or an observation with a radius.");
            }

            CheckBox("the domain", claim.DomainLower, claim.DomainUpper, n);
            for (var i = 0; claim.Norm == Norm.L0 && i < n; i++)
            {
                if (!(claim.DomainLower[i] <= claim.Observation[i] && claim.Observation[i] <= claim.DomainUpper[i]))
                {
                    throw Wrong($"The observation must lie in the domain where few entries move; x_{i} is {Number(claim.Observation[i])}, outside [{Number(claim.DomainLower[i])}, {Number(claim.DomainUpper[i])}].");
                }
            }
        }
    }

    /// <summary>The set of a modulus of continuity: a domain for x, a radius for x' - x.</summary>
    private static void CheckPairs(Claim claim, int n)
    {
        if (!claim.Observation.IsEmpty)
        {
            throw Wrong("A modulus of continuity is asked for over a domain, not around an observation.");
        }

        if (claim.Norm == Norm.L0)
        {
            throw Wrong("A modulus of continuity is asked for in the norm l1, l2 or linf; l0 counts entries.");
        }

        CheckLength("the radius", claim.Radius.Length, n, "data");
        for (var i = 0; i < n; i++)
        {
            if (!(claim.Radius[i] >= 0 && double.IsFinite(claim.Radius[i])))
            {
                throw Wrong($"The radius must be at least 0 and finite; that of x_{i} is {Number(claim.Radius[i])}.");
            }
        }

        CheckBox("the domain", claim.DomainLower, claim.DomainUpper, n);
    }

    private static void NeedBall(Claim claim)
    {
        if (claim.Radius.IsEmpty)
        {
            throw Wrong($"A claim of kind {claim.Name} needs an observation and a radius.");
        }
    }

    private static void CheckBox(string what, ImmutableArray<double> lower, ImmutableArray<double> upper, int n)
    {
        CheckLength($"the lower corner of {what}", lower.Length, n, "numbers");
        CheckLength($"the upper corner of {what}", upper.Length, n, "numbers");
        for (var i = 0; i < n; i++)
        {
            if (!(lower[i] <= upper[i] && double.IsFinite(lower[i]) && double.IsFinite(upper[i])))
            {
                throw Wrong($"Every side of {what} needs lower <= upper, both finite; coordinate {i} has [{Number(lower[i])}, {Number(upper[i])}].");
            }
        }
    }

    private static void CheckLength(string what, int length, int expected, string of)
    {
        if (length != expected)
        {
            throw Wrong($"Expected {expected} {of} in {what}; got {length}.");
        }
    }

    private static void CheckParameter(Claim claim, int dimension)
    {
        if (claim.Parameter < 0 || claim.Parameter >= dimension)
        {
            throw Wrong($"There is no parameter theta_{claim.Parameter}; the family has theta_0 to theta_{dimension - 1}.");
        }
    }

    internal static void CheckEvent(Claim claim, int dimension)
    {
        var last = -1;
        foreach (var range in claim.EventRanges)
        {
            range.Check();
            if (range.Parameter <= last)
            {
                throw Wrong($"The ranges of an event are of parameters in rising order; theta_{range.Parameter} follows theta_{last}.");
            }

            last = range.Parameter;
            CheckParameter(claim with { Parameter = range.Parameter }, dimension);
        }
    }

    private static void CheckLimits(Claim claim)
    {
        if (claim.AtMost is { } most && double.IsNaN(most))
        {
            throw Wrong("The limit of 'at most' must be a number.");
        }

        if (claim.AtLeast is { } least && (claim.Kind is not (ClaimKind.EventProbability or ClaimKind.Functional or ClaimKind.Monotone) || claim.IsChange || claim.AtMost is not null || double.IsNaN(least)))
        {
            throw Wrong($"'At least' is for event probabilities, slopes and functionals that are no changes, is a number and excludes 'at most'; got {Number(least)} in a claim of kind {claim.Name}.");
        }
    }
}
