using System.Collections.Immutable;
using Guarantees.Distributions;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <content>What a claim compares with: another network, a closed form, a table, the same network at other data.</content>
internal static partial class ClaimChecks
{
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
}
