using Guarantees.Distributions;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <summary>How large a metric is at least at a witness, where the compiled quantity is only an upper bound of it.</summary>
/// <remarks>
/// W2: a node of the compiled graph, see <c>Wasserstein2.LowerBound</c>; proved up to rounding. Total variation: <see cref="TotalVariationLowerBound"/>, which holds with
/// the stated confidence. Hellinger and Kullback-Leibler follow from total variation T: T &lt;= H sqrt(2 - H²) gives H² &gt;= 1 - sqrt(1 - T²);
/// Pinsker gives KL &gt;= 2 T², Bretagnolle and Huber's T &lt;= sqrt(1 - e^-KL) gives KL &gt;= -ln(1 - T²).
/// </remarks>
public static class MetricLowerBound
{
    /// <summary>The bound at x; null where the compiled quantity is the metric, or no bound is known (Lipschitz claims).</summary>
    /// <param name="estimator">The estimator.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="problem">The claim compiled.</param>
    /// <param name="x">The witness.</param>
    /// <param name="samples">Draws for total variation.</param>
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

        if (problem.MetricLower >= 0)
        {
            return Math.Max(0, problem.Graph.Ranges(Box.Point(x))[problem.MetricLower].Lower[0]);
        }

        if (claim.Kind is not (ClaimKind.Robustness or ClaimKind.Approximation or ClaimKind.Symmetric) || claim.Metric is not (Metric.TotalVariation or Metric.Hellinger or Metric.Kl)
            || estimator.Family is DiscreteFamily or StudentT)
        {
            return null;
        }

        var parameters = new ParameterGraph(estimator.Network, estimator.Family);
        var q = parameters.At(x);
        var q0 = claim.Kind == ClaimKind.Robustness ? parameters.At([.. claim.Observation])
            : ClaimCompiler.ReferenceOf(estimator, claim) is { } reference ? new ParameterGraph(reference.Network, reference.Family).At(ClaimCompiler.OtherData(claim, x))
            : ExactReference.Of(claim, q.Pattern, q.IsPrecision, problem.Domain.Box).At(x);
        q0 = claim.ParameterSigns.IsEmpty ? q0 : q0.Turned(claim.ParameterSigns.AsSpan());
        var variation = TotalVariationLowerBound.Between(q, q0, samples, seed, confidence);
        var square = variation * variation;
        return claim.Metric switch
        {
            Metric.Hellinger => Math.Sqrt(square / (1 + Math.Sqrt(1 - square))),
            Metric.Kl => Math.Max(2 * square, -Math.Log(1 - square)),
            _ => variation,
        };
    }
}
