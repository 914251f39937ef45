using Guarantees.Distributions;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <summary>How large a metric is at least at a witness, where the compiled quantity is only an upper bound of it.</summary>
/// <remarks>
/// The larger of two: a node of the compiled graph, proved up to rounding, for Wasserstein distances (<c>Wasserstein1.LowerBound</c>, <c>Wasserstein2.LowerBound</c>); and
/// <see cref="SampledLowerBound"/>, which holds with the stated confidence or by quadrature.
/// </remarks>
public static class MetricLowerBound
{
    /// <summary>The bound at x; null where the compiled quantity is the metric, or no bound is known (Lipschitz claims).</summary>
    /// <param name="estimator">The estimator.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="problem">The claim compiled.</param>
    /// <param name="x">The witness.</param>
    /// <param name="samples">Draws, where there are any.</param>
    /// <param name="seed">Seed for them.</param>
    /// <param name="confidence">Confidence for them, in (0, 1).</param>
    public static double? At(Estimator estimator, Claim claim, Problem problem, ReadOnlySpan<double> x, int samples = 100_000, int seed = 0, double confidence = 0.99)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(problem);
        if (problem.ExactMetric)
        {
            return null;
        }

        var proved = problem.MetricLower >= 0 ? Math.Max(0, problem.Graph.Ranges(Box.Point(x))[problem.MetricLower].Lower[0]) : (double?)null;
        if (claim.Kind is not (ClaimKind.Robustness or ClaimKind.Approximation or ClaimKind.Symmetric or ClaimKind.Modulus) || claim.Metric is Metric.LogDensity or Metric.L1 or Metric.L2 or Metric.Linf || claim.TableRow is not null || claim.Conjugate?.Name == ConjugateModel.UniformNormal || estimator.Family is DiscreteFamily or ShapeFamily or StudentT or Sampler or ConditionalDensity)
        {
            return proved;
        }

        var parameters = new ParameterGraph(estimator.Network, estimator.Family);
        var (mine, other) = ClaimCompiler.DataAt(claim, x);
        var q = parameters.At(mine);
        var q0 = claim.Kind == ClaimKind.Robustness ? parameters.At([.. claim.Observation])
            : ClaimCompiler.ReferenceOf(estimator, claim) is { } reference ? new ParameterGraph(reference.Network, reference.Family).At(other)
            : ExactReference.Of(claim, q.Pattern, q.IsPrecision, problem.Domain.Box).At(mine);
        q0 = claim.ParameterSigns.IsEmpty ? q0 : q0.Turned(claim.ParameterSigns.AsSpan());
        return Math.Max(proved ?? 0, SampledLowerBound.Between(claim.Metric, q, q0, samples, seed, confidence));
    }
}
