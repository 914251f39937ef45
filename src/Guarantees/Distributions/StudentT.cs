using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Networks;

namespace Guarantees.Distributions;

/// <summary>The multivariate Student t distribution t_nu(mu, S), S = L L^T or S^-1 = U^T U: mu + L e sqrt(nu / c), e standard normal, c chi-squared with nu degrees of freedom.</summary>
/// <remarks>
/// <para>Outputs: those of <see cref="Gaussian"/>. nu is given with the family and does not depend on x.</para>
/// <para>
/// Distances. Given lambda = c / nu, theta is N(mu, S / lambda), and E lambda = 1. KL: by joint convexity KL(t0 || t) &lt;= E KL(N(mu0, S0/lambda) || N(mu, S/lambda)), of which only
/// 1/2 lambda |U (mu - mu0)|² depends on lambda, and linearly; so it is at most the divergence of the Gaussians with these mu and S. The same for (KL + reverse KL) / 8, which bounds H², and
/// total variation by Pinsker; with one constant S, TV &lt;= E (2 Phi(sqrt(lambda) m / 2) - 1) &lt;= 2 Phi(m / 2) - 1 by Jensen's inequality, the function being concave in lambda.
/// W2: the coupling through the same (e, c) gives W2² &lt;= |mu - mu0|² + nu / (nu - 2) |L - L0|_F², nu &gt; 2, with equality where both are diagonal, by
/// the lower bound in <see cref="Wasserstein2.LowerBound"/>, the standard deviation of theta_i being sqrt(nu / (nu - 2)) sigma_i.
/// </para>
/// </remarks>
public sealed class StudentT : Family
{
    private readonly Gaussian gaussian;

    /// <summary>Creates the family.</summary>
    /// <param name="gaussian">How mu and the root of S are read.</param>
    /// <param name="degreesOfFreedom">nu, above 0, finite.</param>
    public StudentT(Gaussian gaussian, double degreesOfFreedom)
    {
        ArgumentNullException.ThrowIfNull(gaussian);
        this.gaussian = gaussian;
        DegreesOfFreedom = degreesOfFreedom > 0 && double.IsFinite(degreesOfFreedom)
            ? degreesOfFreedom
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The degrees of freedom are {degreesOfFreedom:R}, expected a finite number above 0."), nameof(degreesOfFreedom));
    }

    /// <inheritdoc/>
    public override string Name => "student-t";

    /// <inheritdoc/>
    public override int Dimension => gaussian.Dimension;

    /// <inheritdoc/>
    public override int Components => 1;

    /// <summary>nu.</summary>
    public double DegreesOfFreedom { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => gaussian.OutputNames;

    /// <inheritdoc/>
    public override Parameters Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs)
    {
        var p = gaussian.Bind(builder, outputs);
        return new(p.Builder, 1, null, p.Means, p.Pattern, p.IsPrecision, p.Root) { DegreesOfFreedom = DegreesOfFreedom, HasPositiveDiagonal = p.HasPositiveDiagonal };
    }

    /// <inheritdoc/>
    public override string Describe() => string.Create(CultureInfo.InvariantCulture, $"{base.Describe()}, {DegreesOfFreedom:R} degrees of freedom");

    /// <summary>Encloses sqrt(nu / (nu - 2)), the standard deviation of a coordinate over its scale; nu above 2.</summary>
    internal static Interval Spread(double degreesOfFreedom)
    {
        var nu = Interval.Point(degreesOfFreedom);
        return (nu / (nu - Interval.Point(2))).Sqrt();
    }
}
