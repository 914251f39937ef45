using System.Globalization;
using Guarantees.Distributions;

namespace Guarantees.Claims;

/// <summary>What a claim must satisfy before it is compiled, and the set it speaks about.</summary>
internal static partial class ClaimChecks
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
        if (claim.Pairs is not null || PairStatistics.Answers(claim.Kind))
        {
            throw Wrong("Pairs answer claims of kind calibration, coverage and conformal, and no others; nothing of them is compiled.");
        }

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
                CheckEvent(claim, family.Dimension);
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

    public static ArgumentException Wrong(string message) => new(message);

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
