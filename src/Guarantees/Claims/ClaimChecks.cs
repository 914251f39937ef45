using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Distributions;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <summary>What a claim must satisfy before it is compiled, and the set it speaks about.</summary>
internal static class ClaimChecks
{
    /// <summary>Whether a claim that compares says with what, and no other does.</summary>
    public static void CheckReference(Claim claim)
    {
        var isApproximation = claim.Kind == ClaimKind.Approximation;
        if ((claim.ReferenceSha256.Length > 0) != (isApproximation && claim.Reference is Claim.Network or Claim.Table) || (claim.ReferenceFamily is not null && !(isApproximation && claim.Reference == Claim.Network)))
        {
            throw Wrong($"A model to compare with is for claims of kind approximation with the reference '{Claim.Network}', and needed there.");
        }

        if (claim.TableRow is not null != (isApproximation && claim.Reference == Claim.Table))
        {
            throw Wrong($"A row of a table is for claims of kind approximation with the reference '{Claim.Table}', and needed there.");
        }

        if (claim.Conjugate is not null != (isApproximation && ConjugateModel.Names.Contains(claim.Reference)) || (claim.Conjugate is { } stated && stated.Name != claim.Reference))
        {
            throw Wrong($"A conjugate model is for claims of kind approximation with a reference of its name, and needed there.");
        }

        if (claim.LinearModel is not null && (claim.Kind != ClaimKind.Approximation || claim.Reference != Claim.GaussianLinear))
        {
            throw Wrong($"A linear model is for claims of kind approximation with the reference '{Claim.GaussianLinear}'.");
        }

        if (!claim.Point.IsEmpty && (claim.Quantity != Quantity.Mahalanobis || claim.Kind != ClaimKind.Functional))
        {
            throw Wrong($"A theta is for the Mahalanobis distance of claims of kind functional, not {claim.Name}.");
        }

        if (claim.Kind != ClaimKind.Symmetric && !(claim.Permutation.IsEmpty && claim.InputSigns.IsEmpty && claim.ParameterSigns.IsEmpty))
        {
            throw Wrong($"A permutation and signs are for claims of kind symmetric, not {claim.Name}.");
        }
    }

    /// <param name="estimator">The estimator.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="reference">The map that it compares with; null where there is none.</param>
    public static void Check(Estimator estimator, Claim claim, Estimator? reference)
    {
        var (network, family) = (estimator.Network, estimator.Family);
        if (Directions.Objection(claim, network.InputLength) is { Length: > 0 } objection)
        {
            throw Wrong(objection);
        }

        if (!claim.Directions.IsEmpty && family is ConditionalDensity or Sampler)
        {
            throw Wrong($"Directions are not for the family {family.Name}.");
        }

        if (claim.Draws is not null && family is not ConditionalDensity)
        {
            throw Wrong($"Draws are counted for the family {ConditionalDensity.Word}, not for {family.Name}.");
        }

        if ((claim.Kind == ClaimKind.PosteriorStability) != claim.Prior is not null || (claim.DensityAtMost is not null && claim.Prior is null))
        {
            throw Wrong("Draws of the prior and a largest log density are for claims of kind posterior-stability, and draws are needed there.");
        }

        if (family is not Sampler && (claim.NoiseBox is not null || claim.IsTruncated))
        {
            throw Wrong($"A noise box is for the family {Sampler.Word}, not for {family.Name}.");
        }

        if (claim.Kind == ClaimKind.PosteriorStability && family is not ConditionalDensity)
        {
            throw Wrong($"Claims of kind {claim.Name} are for the family {ConditionalDensity.Word}, not for {family.Name}.");
        }

        if (reference is not null)
        {
            CheckMaps(estimator, claim, reference);
            return;
        }

        if (claim.TableRow is { } row)
        {
            CheckTable(estimator, claim, row);
            return;
        }

        if (family is OutputVector && IsRead(claim))
        {
            CheckElement(claim, family, network.InputLength);
            return;
        }

        if (IsOfVectors(claim.Metric) != family is OutputVector || (family is OutputVector && claim.Kind is not (ClaimKind.Lipschitz or ClaimKind.Robustness)))
        {
            throw Wrong(family is OutputVector
                ? $"The family vector is for claims of kind lipschitz and robustness with the metric l1, l2 or linf, and functional and monotone of an output, not of kind {claim.Name} with the metric {Words.Of(claim.Metric)}."
                : $"The metric {Words.Of(claim.Metric)} is for the family vector, not for {family.Name}.");
        }

        if (family is OutputVector)
        {
            CheckSet(claim, network.InputLength);
            if (claim.Kind == ClaimKind.Robustness)
            {
                NeedBall(claim);
                if (network.Inputs.Length != 1)
                {
                    throw Wrong($"A claim of kind robustness needs a network with one input vector x; this one has {network.Inputs.Length}.");
                }
            }
            else if (!claim.Radius.IsEmpty)
            {
                throw Wrong("A Lipschitz constant is asked for over a box, not over a ball.");
            }

            CheckLimits(claim);
            return;
        }

        if (family is ConditionalDensity likelihood && claim.Kind == ClaimKind.PosteriorStability)
        {
            CheckStability(claim, likelihood, network.InputLength - likelihood.Dimension);
            return;
        }

        if (family is ConditionalDensity density)
        {
            if (claim.Kind != ClaimKind.Robustness || claim.Metric != Metric.LogDensity)
            {
                throw Wrong($"The family {ConditionalDensity.Word} is for claims of kind robustness with the metric log-density and posterior-stability, not of kind {claim.Name}{(claim.Kind == ClaimKind.Robustness ? $" with the metric {Words.Of(claim.Metric)}" : "")}.");
            }

            CheckSet(claim, network.InputLength - density.Dimension);
            NeedBall(claim);
            CheckBox("the parameter box", claim.ParameterLower, claim.ParameterUpper, density.Dimension);
            if (claim.DensityAtLeast is { } level && !double.IsFinite(level))
            {
                throw Wrong($"The least log density must be finite; got {Number(level)}.");
            }

            if (claim.MassOutside is { } mass && !(mass is >= 0 and <= 1))
            {
                throw Wrong($"The mass outside lies in [0, 1]; got {Number(mass)}.");
            }

            if (claim.Draws is { } draws)
            {
                draws.Check();
                if (!draws.Command.IsEmpty)
                {
                    throw Wrong($"Draws by a command are counted for the family {BlackBox.Word} only.");
                }

                if (!(claim.MassOutside >= draws.Upper))
                {
                    throw Wrong($"{Capital(draws.Words)}, at most {Number(draws.Upper)} of the mass lies outside; the claim says {(claim.MassOutside is { } said ? Number(said) : "nothing")}.");
                }
            }

            CheckLimits(claim);
            return;
        }

        if (family is Sampler sampler)
        {
            CheckSampler(claim, sampler, network.InputLength);
            return;
        }

        if (claim.DensityAtLeast is not null || claim.MassOutside is not null)
        {
            throw Wrong($"A least density and the mass outside are for the family {ConditionalDensity.Word}, not for {family.Name}.");
        }

        if (network.Inputs.Length != 1)
        {
            throw Wrong($"The family {family.Name} needs a network with one input vector x; this one has {network.Inputs.Length}.");
        }

        var n = network.InputLength;
        CheckSet(claim, n);
        if (family is DiscreteFamily discrete)
        {
            CheckDiscrete(claim, discrete);
            CheckLimits(claim);
            return;
        }

        if (family is ShapeFamily shapes)
        {
            CheckShapes(claim, shapes);
            CheckLimits(claim);
            return;
        }

        if (family is StudentT t)
        {
            CheckStudent(claim, t);
        }

        switch (claim.Kind)
        {
            case ClaimKind.Robustness:
                NeedBall(claim);
                if (claim.Metric == Metric.LogDensity)
                {
                    if (family.Components > 1)
                    {
                        throw Wrong($"The metric log-density is for one Gaussian component; the family is {family.Describe()}.");
                    }

                    CheckBox("the parameter box", claim.ParameterLower, claim.ParameterUpper, family.Dimension);
                }

                break;
            case ClaimKind.Lipschitz:
                CheckLipschitz(claim);
                if (family.Components > 1 && claim.Metric is Metric.Wasserstein1 or Metric.Wasserstein2)
                {
                    throw Wrong($"Lipschitz claims in the metric {Words.Of(claim.Metric)} need one Gaussian component; the family is {family.Describe()}. Those in hellinger and total-variation do not.");
                }

                break;
            case ClaimKind.Approximation:
                if (claim.Conjugate is not null)
                {
                    CheckTruncated(claim, family, network);
                    break;
                }

                if (claim.Reference != Claim.GaussianLinear)
                {
                    throw Wrong($"There is no reference '{claim.Reference}'; there are '{Claim.GaussianLinear}', '{Claim.Network}', '{Claim.Table}', {string.Join(", ", ConjugateModel.Names.Select(name => $"'{name}'"))}.");
                }

                if (claim.Metric == Metric.LogDensity)
                {
                    throw Wrong($"Approximation claims are for the metrics wasserstein1, wasserstein2, kl, kl-reverse, jensen-shannon, total-variation and hellinger, not {Words.Of(claim.Metric)}.");
                }

                if (family.Components > 1)
                {
                    throw Wrong($"Approximation claims need one Gaussian component; the family is {family.Describe()}.");
                }

                CheckLinear(claim, family.Dimension, n);
                break;
            case ClaimKind.EventProbability:
                CheckParameter(claim, family.Dimension);
                if (double.IsNaN(claim.EventLower) || double.IsNaN(claim.EventUpper) || !(claim.EventLower < claim.EventUpper)
                    || (double.IsInfinity(claim.EventLower) && double.IsInfinity(claim.EventUpper)))
                {
                    throw Wrong($"An event needs a lower end below its upper end, at least one of them finite; got [{Number(claim.EventLower)}, {Number(claim.EventUpper)}].");
                }

                break;
            case ClaimKind.Functional:
                CheckFunctional(claim, family);
                break;
            case ClaimKind.Monotone:
                CheckFunctional(claim with { AtLeast = null }, family);
                CheckSlope(claim, n);
                break;
            case ClaimKind.Decision:
                throw Wrong($"Decision claims are for the families categorical and bernoulli, not for {family.Name}.");
            case ClaimKind.CredibleInterval:
                NeedBall(claim);
                CheckParameter(claim, family.Dimension);
                if (!(claim.Level > 0 && claim.Level < 1))
                {
                    throw Wrong($"The level of a credible interval lies strictly between 0 and 1; got {Number(claim.Level)}.");
                }

                if (family.Components > 1)
                {
                    throw Wrong($"Credible-interval claims need one Gaussian component; the family is {family.Describe()}.");
                }

                break;
            default:
                throw Wrong($"There is no claim of kind {(int)claim.Kind}.");
        }

        CheckLimits(claim);
    }

    /// <summary>Exactly one thing bounds the likelihood: a number that is assumed, or a box of theta over which the kernel finds one.</summary>
    private static void CheckStability(Claim claim, ConditionalDensity density, int n)
    {
        CheckSet(claim, n);
        NeedBall(claim);
        CheckLimits(claim);
        claim.Prior!.Check(density.Dimension);
        if (claim.Norm == Norm.L0 || claim.Metric != Metric.TotalVariation)
        {
            throw Wrong($"A claim of kind {claim.Name} is about total variation over a ball in the norm l1, l2 or linf.");
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
        if (claim.DensityAtMost is null && !hasBox)
        {
            throw Wrong("The log likelihood needs a bound: 'density-at-most', which is assumed, or a box that holds the prior, over which it is found ('parameters' for a table, or a uniform prior).");
        }

        if (claim.DensityAtMost is not null && !claim.ParameterLower.IsEmpty)
        {
            throw Wrong("The log likelihood is bounded by 'density-at-most' or over 'parameters', expected one of both.");
        }
    }

    private static void CheckLinear(Claim claim, int dimension, int n)
    {
        if (claim.LinearModel is not { } model)
        {
            if (dimension != n)
            {
                throw Wrong($"The reference gaussian-linear without a model has as many parameters as data; the family has {dimension} and x has {n}.");
            }

            return;
        }

        if (model.Objection() is { Length: > 0 } objection)
        {
            throw Wrong($"The reference gaussian-linear is no model: {objection}.");
        }

        if (model.Parameters != dimension || model.Data != n)
        {
            throw Wrong($"The reference gaussian-linear has {model.Parameters} parameters and {model.Data} data; the family has {dimension} and x has {n}.");
        }
    }

    /// <summary>Whether a claim compares with a map of parameters, or of means, that is built from a stated model; a model that does not fit is told here.</summary>
    public static bool HasPosteriorMap(Estimator estimator, Claim claim)
    {
        var (family, n) = (estimator.Family, estimator.Network.InputLength);
        if (claim.Conjugate is { } model)
        {
            if (model.Objection() is { Length: > 0 } objection)
            {
                throw Wrong($"The reference {model.Name} is no model: {objection}.");
            }

            CheckBox("the domain", claim.DomainLower, claim.DomainUpper, n);
            if (model.Misfit(family.Dimension, DomainOf(claim).Box) is { Length: > 0 } misfit)
            {
                throw Wrong($"The reference {model.Name} {misfit}.");
            }

            if (model.Name == ConjugateModel.UniformNormal)
            {
                return false;
            }

            var fits = (model.Name, family) switch
            {
                (_, OutputVector) => true,
                (ConjugateModel.BetaBinomial, Beta) or (ConjugateModel.GammaPoisson, Gamma) or (ConjugateModel.NormalInverseGamma, StudentT) => true,
                _ => false,
            };
            if (!fits)
            {
                throw Wrong($"The reference {model.Name} is for the family {model.Name switch { ConjugateModel.BetaBinomial => "beta", ConjugateModel.GammaPoisson => "gamma", _ => "student-t" }}, or vector for its mean; the family is {family.Describe()}.");
            }

            if (family is StudentT t && t.DegreesOfFreedom != model.DegreesOfFreedom(n))
            {
                throw Wrong($"The reference {model.Name} has 2 alpha + n = {Number(model.DegreesOfFreedom(n))} degrees of freedom, the family {Number(t.DegreesOfFreedom)}.");
            }

            return true;
        }

        if (family is not OutputVector || claim.Reference != Claim.GaussianLinear)
        {
            return false;
        }

        CheckBox("the domain", claim.DomainLower, claim.DomainUpper, n);
        CheckLinear(claim, family.Dimension, n);
        return true;
    }

    /// <summary>A posterior that is a normal distribution cut to a box.</summary>
    private static void CheckTruncated(Claim claim, Family family, Network network)
    {
        if (family is StudentT || family.Components > 1 || claim.Metric is not (Metric.Kl or Metric.TotalVariation))
        {
            throw Wrong($"The reference {claim.Reference} is for one Gaussian with a diagonal covariance and the metrics kl and total-variation, not for {family.Describe()} and {Words.Of(claim.Metric)}.");
        }

        var builder = new NetworkBuilder();
        if (family.Bind(builder, builder.Insert(network, builder.Input("x", network.InputLength))).Pattern.Triangle != Triangle.Diagonal)
        {
            throw Wrong($"The reference {claim.Reference} is for one Gaussian with a diagonal covariance and the metrics kl and total-variation; this covariance is read as a triangle.");
        }
    }

    /// <summary>A claim about the ball around a row of a table.</summary>
    private static void CheckTable(Estimator estimator, Claim claim, ReferenceRow row)
    {
        var (network, family) = (estimator.Network, estimator.Family);
        if (network.Inputs.Length != 1)
        {
            throw Wrong($"A table is compared with networks with one input vector x; this one has {network.Inputs.Length}.");
        }

        NeedBall(claim);
        CheckSet(claim, network.InputLength);
        CheckLimits(claim);
        if (family is OutputVector != IsOfVectors(claim.Metric) || claim.Metric == Metric.LogDensity)
        {
            throw Wrong($"The metric {Words.Of(claim.Metric)} is not for the family {family.Name} and a table.");
        }

        var asked = claim with { Kind = ClaimKind.Robustness };
        switch (family)
        {
            case OutputVector:
                break;
            case DiscreteFamily discrete:
                CheckDiscrete(asked, discrete);
                break;
            case ShapeFamily shapes:
                CheckShapes(asked, shapes);
                break;
            case StudentT t:
                CheckStudent(asked, t);
                break;
            default:
                if (family.Components > 1)
                {
                    throw Wrong($"A table is compared with one component; the family is {family.Describe()}.");
                }

                break;
        }

        if (row.Misfit(family, network) is { Length: > 0 } misfit)
        {
            throw Wrong($"Row {claim.ObservationRow} of the table '{claim.ReferenceModel}' {misfit}.");
        }

        if (row.Assumes && claim.Metric is Metric.Kl or Metric.KlReverse or Metric.JensenShannon)
        {
            throw Wrong($"An error or a Lipschitz constant of the reference needs a metric with a triangle inequality, such as wasserstein2 or total-variation, not {Words.Of(claim.Metric)}.");
        }

        if (row.Lipschitz > 0 && claim.Norm == Norm.L0)
        {
            throw Wrong("A Lipschitz constant of the reference is per unit of x in the norm l1, l2 or linf; l0 counts entries.");
        }
    }

    /// <summary>A claim that compares two networks, or one with itself at exchanged data: families of one kind, and a distance between them.</summary>
    private static void CheckMaps(Estimator estimator, Claim claim, Estimator reference)
    {
        var (network, family, other) = (estimator.Network, estimator.Family, reference.Family);
        if (network.Inputs.Length != 1 || reference.Network.Inputs.Length != 1 || reference.Network.InputLength != network.InputLength)
        {
            throw Wrong($"A claim of kind {claim.Name} needs networks with one input vector of one length; these read {network.InputLength} numbers in {network.Inputs.Length} vectors and {reference.Network.InputLength} in {reference.Network.Inputs.Length}.");
        }

        CheckSet(claim, network.InputLength);
        CheckLimits(claim);
        CheckExchange(claim, network.InputLength, family);
        if (family is OutputVector != IsOfVectors(claim.Metric) || claim.Metric == Metric.LogDensity || family is ConditionalDensity)
        {
            throw Wrong($"A claim of kind {claim.Name} between two networks takes the metrics wasserstein1, wasserstein2, kl, kl-reverse, jensen-shannon, total-variation and hellinger, for the family vector l1, l2 and linf; got {Words.Of(claim.Metric)} for {family.Name}.");
        }

        if ((family is DiscreteFamily && claim.Metric is (Metric.Wasserstein1 or Metric.Wasserstein2)) || (family is ShapeFamily && claim.Metric == Metric.Wasserstein2))
        {
            throw Wrong($"The metric {Words.Of(claim.Metric)} is not for the family {family.Name}.");
        }

        if (family is Sampler)
        {
            throw Wrong($"A claim of kind {claim.Name} between two networks is not for the family {family.Name}.");
        }

        var isSame = (family, other) switch
        {
            (OutputVector, OutputVector) => network.Outputs.Length == reference.Network.Outputs.Length
                && network.Outputs.Zip(reference.Network.Outputs).All(two => network.Nodes[two.First.Node].Length == reference.Network.Nodes[two.Second.Node].Length),
            (DiscreteFamily, _) => family.Describe() == other.Describe(),
            (ShapeFamily, ShapeFamily) => family.Describe() == other.Describe(),
            (OutputVector, _) or (_, OutputVector) or (_, DiscreteFamily) or (_, ConditionalDensity) or (_, Sampler) or (ShapeFamily, _) or (_, ShapeFamily) => false,
            (StudentT a, StudentT b) => a.DegreesOfFreedom == b.DegreesOfFreedom && a.Dimension == b.Dimension,
            (StudentT, _) or (_, StudentT) => false,
            _ => family.Components == other.Components && family.Dimension == other.Dimension,
        };
        if (!isSame)
        {
            throw Wrong($"The two families differ: {family.Describe()}, and {other.Describe()} of the reference.");
        }

        if (family is StudentT { DegreesOfFreedom: <= 2 } && claim.Metric is (Metric.Wasserstein1 or Metric.Wasserstein2))
        {
            CheckStudent(claim with { Kind = ClaimKind.Robustness }, (StudentT)family);
        }
    }

    /// <summary>A symmetry: a permutation or signs of the data, and signs of the parameters.</summary>
    private static void CheckExchange(Claim claim, int n, Family family)
    {
        if (claim.Kind != ClaimKind.Symmetric)
        {
            return;
        }

        if (claim.Permutation.IsEmpty && claim.InputSigns.IsEmpty)
        {
            throw Wrong("A claim of kind symmetric needs a permutation or signs of the inputs.");
        }

        if (!claim.Permutation.IsEmpty && (claim.Permutation.Length != n || !claim.Permutation.Order().SequenceEqual(Enumerable.Range(0, n))))
        {
            throw Wrong($"The permutation is [{string.Join(", ", claim.Permutation)}], expected each of 0 to {n - 1} once.");
        }

        CheckSigns("the signs of the inputs", claim.InputSigns, n);
        if (!claim.ParameterSigns.IsEmpty && family is OutputVector or DiscreteFamily or ShapeFamily)
        {
            throw Wrong($"Signs of parameters are for Gaussian families and student-t, not for {family.Name}.");
        }

        CheckSigns("the signs of the parameters", claim.ParameterSigns, family.Dimension);
    }

    private static void CheckSigns(string what, ImmutableArray<int> signs, int length)
    {
        if (!signs.IsEmpty && (signs.Length != length || signs.Any(sign => sign is not (1 or -1))))
        {
            throw Wrong($"Expected {length} numbers 1 or -1 for {what}; got [{string.Join(", ", signs)}].");
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

    public static ArgumentException Wrong(string message) => new(message);

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

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
