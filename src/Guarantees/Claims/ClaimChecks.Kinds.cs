using Guarantees.Distributions;

namespace Guarantees.Claims;

/// <content>What each kind of claim and each family asks for.</content>
internal static partial class ClaimChecks
{
    /// <summary>Exactly one thing bounds the likelihood: a number that is assumed, or a box of theta over which the kernel finds one.</summary>
    private static void CheckStability(Claim claim, ConditionalDensity density, int n)
    {
        CheckSet(claim, n);
        NeedBall(claim);
        CheckLimits(claim);
        claim.Prior!.Check(density.Dimension);
        if (claim.Norm == Norm.L0 || claim.Metric is not (Metric.TotalVariation or Metric.Kl))
        {
            throw Wrong($"A claim of kind {claim.Name} is about total variation or kl over a ball in the norm l1, l2 or linf.");
        }

        if (claim.DensityAtLeast is not null || claim.MassOutside is not null || claim.Draws is not null)
        {
            throw Wrong($"A claim of kind {claim.Name} has no least density and no mass outside.");
        }

        if (!claim.ParameterLower.IsEmpty || !claim.ParameterUpper.IsEmpty)
        {
            CheckBox("the parameter box", claim.ParameterLower, claim.ParameterUpper, density.Dimension);
            if (claim.Prior.Law is not null)
            {
                throw Wrong("A box of parameters is for a prior of which a table holds draws; a prior with a law has its own.");
            }
        }

        if (claim.DensityAtMost is { } most && !double.IsFinite(most))
        {
            throw Wrong($"The largest log density must be finite; got {Number(most)}.");
        }

        var hasBox = claim.Prior.Law is { IsUniform: true } || !claim.ParameterLower.IsEmpty;
        if (claim.Metric == Metric.Kl && !hasBox)
        {
            throw Wrong("The metric kl needs a box that holds the prior, over which the largest term is found: 'parameters' for a table, or a uniform prior. Over unbounded parameters log likelihoods may differ by any number, and no bound of the mean follows from draws.");
        }

        if (claim.DensityAtMost is null && !hasBox)
        {
            throw Wrong("The log likelihood needs a bound: 'density-at-most', which is assumed, or a box that holds the prior, over which it is found ('parameters' for a table, or a uniform prior).");
        }

        if (claim.DensityAtMost is not null && !claim.ParameterLower.IsEmpty)
        {
            throw Wrong("The log likelihood is bounded by 'density-at-most' or over 'parameters', expected one of both.");
        }
    }

    private static void CheckSampler(Claim claim, Sampler sampler, int inputs)
    {
        if (claim.Kind != ClaimKind.Robustness || claim.Metric != Metric.Wasserstein2)
        {
            throw Wrong($"The family {Sampler.Word} is for claims of kind robustness with the metric wasserstein2, not of kind {claim.Name}{(claim.Kind == ClaimKind.Robustness ? $" with the metric {Words.Of(claim.Metric)}" : "")}.");
        }

        if (claim.DensityAtLeast is not null || claim.MassOutside is not null)
        {
            throw Wrong($"A least density and the mass outside are for the family {ConditionalDensity.Word}, not for {Sampler.Word}.");
        }

        CheckSet(claim, inputs - sampler.NoiseLength);
        NeedBall(claim);
        if (!(claim.NoiseBox is { } reach && reach > 0 && double.IsFinite(reach)))
        {
            throw Wrong($"The family {Sampler.Word} needs a noise box, a finite number above 0; got {(claim.NoiseBox is { } wrong ? Number(wrong) : "none")}.");
        }

        CheckLimits(claim);
    }

    private static void CheckDiscrete(Claim claim, DiscreteFamily family)
    {
        switch (claim.Kind)
        {
            case ClaimKind.Robustness when claim.Metric is Metric.TotalVariation or Metric.Hellinger or Metric.Kl or Metric.KlReverse or Metric.JensenShannon:
                NeedBall(claim);
                break;
            case ClaimKind.Lipschitz when claim.Metric is Metric.Hellinger or Metric.TotalVariation:
                CheckLipschitz(claim);
                break;
            case ClaimKind.Decision when family.HasDecision:
                NeedBall(claim);
                if (!(claim.AtMost <= 0))
                {
                    throw Wrong("A decision stays where its margin is at most 0: 'at most' is needed, and not above 0.");
                }

                break;
            case ClaimKind.EventProbability when family.HasEvents:
                CheckParameter(claim, family.Dimension);
                if (!claim.EventAlso.IsEmpty)
                {
                    throw Wrong($"An event of the family {family.Name} is of one parameter.");
                }

                break;
            default:
                throw Wrong($"The family {family.Name} is for claims of kind robustness with the metric total-variation, hellinger, kl, kl-reverse or jensen-shannon, lipschitz with the metric total-variation or hellinger{(family.HasEvents ? ", event-probability" : "")}{(family.HasDecision ? " and decision" : "")}, "
                    + $"not of kind {claim.Name}{(claim.Kind is ClaimKind.Robustness or ClaimKind.Lipschitz ? $" with the metric {Words.Of(claim.Metric)}" : "")}.");
        }
    }

    private static void CheckLipschitz(Claim claim)
    {
        if (claim.Metric is not (Metric.Wasserstein2 or Metric.Wasserstein1 or Metric.Hellinger or Metric.TotalVariation))
        {
            throw Wrong($"Lipschitz claims are for the metrics wasserstein2, wasserstein1, hellinger and total-variation, not {Words.Of(claim.Metric)}, which grows faster than in proportion.");
        }

        if (!claim.Radius.IsEmpty && claim.Norm != Norm.Linf)
        {
            throw Wrong("A Lipschitz constant is asked for over a box, not over a ball.");
        }
    }

    private static void CheckShapes(Claim claim, ShapeFamily family)
    {
        switch (claim.Kind)
        {
            case ClaimKind.Robustness when claim.Metric is Metric.Wasserstein1 or Metric.TotalVariation or Metric.Hellinger or Metric.Kl or Metric.KlReverse or Metric.JensenShannon:
                NeedBall(claim);
                break;
            case ClaimKind.Functional when claim.Quantity is Quantity.Mean or Quantity.StandardDeviation:
                CheckFunctional(claim, family);
                break;
            default:
                throw Wrong($"The family {family.Name} is for claims of kind robustness with the metric wasserstein1, total-variation, hellinger, kl, kl-reverse or jensen-shannon, and functional of a mean or "
                    + $"standard-deviation, not of kind {claim.Name}{(claim.Kind == ClaimKind.Robustness ? $" with the metric {Words.Of(claim.Metric)}" : claim.Kind == ClaimKind.Functional ? $" of {Words.Of(claim.Quantity)}" : "")}.");
        }
    }

    private static void CheckStudent(Claim claim, StudentT family)
    {
        var isSpread = claim.Kind is (ClaimKind.Robustness or ClaimKind.Lipschitz) && claim.Metric is (Metric.Wasserstein1 or Metric.Wasserstein2);
        if ((isSpread || (IsRead(claim) && claim.Quantity == Quantity.StandardDeviation)) && !(family.DegreesOfFreedom > 2))
        {
            throw Wrong($"A Student t with {Number(family.DegreesOfFreedom)} degrees of freedom has no finite variance; {(isSpread ? Words.Of(claim.Metric) : "standard-deviation")} needs more than 2.");
        }

        if (IsRead(claim) && claim.Quantity == Quantity.Mean && !(family.DegreesOfFreedom > 1))
        {
            throw Wrong($"A Student t with {Number(family.DegreesOfFreedom)} degrees of freedom has no mean; that needs more than 1.");
        }

        if (claim.Kind is ClaimKind.Approximation or ClaimKind.EventProbability or ClaimKind.CredibleInterval || (claim.Kind == ClaimKind.Robustness && claim.Metric == Metric.LogDensity)
            || (IsRead(claim) && claim.Quantity is Quantity.Quantile or Quantity.Mahalanobis))
        {
            throw Wrong($"The family student-t is not for claims of kind {claim.Name}{(claim.Kind == ClaimKind.Robustness ? " with the metric log-density" : IsRead(claim) ? $" of a {Words.Of(claim.Quantity)}" : "")}.");
        }
    }

    /// <summary>One output of a network: its range, its change, its slope.</summary>
    private static void CheckElement(Claim claim, Family family, int n)
    {
        if (claim.Quantity != Quantity.Output)
        {
            throw Wrong($"Of the family {OutputVector.Word} an output is read, not the {Words.Of(claim.Quantity)}.");
        }

        if (claim.Parameter < 0 || claim.Parameter >= family.Dimension)
        {
            throw Wrong($"There is no output element {claim.Parameter}; the network has 0 to {family.Dimension - 1}, all outputs one after the other.");
        }

        CheckSet(claim, n);
        if (claim.IsChange)
        {
            NeedBall(claim);
        }

        if (claim.Kind == ClaimKind.Monotone)
        {
            CheckSlope(claim, n);
        }

        CheckLimits(claim);
    }

    private static bool IsRead(Claim claim) => claim.Kind is ClaimKind.Functional or ClaimKind.Monotone;

    private static void CheckFunctional(Claim claim, Family family)
    {
        if (claim.IsChange)
        {
            NeedBall(claim);
        }

        switch (claim.Quantity)
        {
            case Quantity.Mean or Quantity.StandardDeviation:
                CheckParameter(claim, family.Dimension);
                break;
            case Quantity.Quantile:
                CheckParameter(claim, family.Dimension);
                if (!(claim.Level > 0 && claim.Level < 1))
                {
                    throw Wrong($"The level of a quantile lies strictly between 0 and 1; got {Number(claim.Level)}.");
                }

                if (family.Components > 1)
                {
                    throw Wrong($"Quantiles need one Gaussian component; the family is {family.Describe()}.");
                }

                break;
            case Quantity.Output:
                throw Wrong($"An output is read of the family {OutputVector.Word}, not of {family.Name}.");
            case Quantity.Mahalanobis:
                CheckLength("theta", claim.Point.Length, family.Dimension, "parameters");
                if (claim.Point.FirstOrDefault(entry => !double.IsFinite(entry), 0) is var entry && !double.IsFinite(entry))
                {
                    throw Wrong($"Every entry of theta must be finite; got {Number(entry)}.");
                }

                if (family.Components > 1)
                {
                    throw Wrong($"A Mahalanobis distance needs one Gaussian component; the family is {family.Describe()}.");
                }

                break;
            case Quantity.Weight or Quantity.SmallestWeight:
                if (family.Components == 1)
                {
                    throw Wrong($"Weights need more than one component; the family is {family.Describe()}.");
                }

                if (claim.Quantity == Quantity.Weight && (claim.Parameter < 0 || claim.Parameter >= family.Components))
                {
                    throw Wrong($"There is no component {claim.Parameter}; the family has 0 to {family.Components - 1}.");
                }

                break;
        }

        if (claim.IsChange && claim.Quantity is (Quantity.SmallestWeight or Quantity.SmallestScale or Quantity.LargestScale or Quantity.Mahalanobis))
        {
            throw Wrong($"The change of {Words.Of(claim.Quantity)} is not compiled; ask for its range.");
        }

        if (claim.Quantity == Quantity.SmallestScale && claim.AtMost is not null)
        {
            throw Wrong("A smallest scale is bounded from below: 'at-least'.");
        }

        if (claim.Quantity == Quantity.LargestScale && claim.AtLeast is not null)
        {
            throw Wrong("A largest scale is bounded from above: 'at-most'.");
        }
    }

    private static void CheckSlope(Claim claim, int n)
    {
        if (claim.Coordinate < 0 || claim.Coordinate >= n)
        {
            throw Wrong($"There is no input x_{claim.Coordinate}; the network reads x_0 to x_{n - 1}.");
        }

        if (claim.Quantity == Quantity.Mahalanobis)
        {
            throw Wrong("The slope of a Mahalanobis distance is not compiled; ask for its range.");
        }

        if (claim.Norm == Norm.L0 && !claim.Radius.IsEmpty)
        {
            throw Wrong("Slopes are bounded over convex sets; the norm l0 has none.");
        }

        if (!(DomainOf(claim).Box[claim.Coordinate] is { Lower: var lower, Upper: var upper } && lower < upper) || (!claim.Radius.IsEmpty && claim.Radius[claim.Coordinate] == 0))
        {
            throw Wrong($"The set holds one value of x_{claim.Coordinate} only; a slope in it needs room.");
        }

        if (claim.AtMost is not null)
        {
            throw Wrong("A slope is bounded from below: 'at-least'.");
        }
    }
}
