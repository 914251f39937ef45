using Estimators.Distributions;

namespace Estimators.Simulators;

/// <summary>A prior p(theta) and a program that draws data x given parameters theta; its likelihood need not be known.</summary>
/// <remarks>
/// On plain doubles, without tensors. A simulator of one's own says its name, its sizes, its prior and how x is drawn:
/// <code>
/// /// &lt;summary&gt;How many of 20 throws hit and how far the hits lie from the middle on average, for an archer of spread theta_0 aiming theta_1 beside.&lt;/summary&gt;
/// public sealed class Archer : Simulator
/// {
///     public override string Name =&gt; "archer";
///     public override int DataCount =&gt; 2;
///     public override Distribution Prior { get; } = new LogNormal([-1, -1], [0.5, 0.5]);
///
///     public override void Simulate(ReadOnlySpan&lt;double&gt; theta, DrawSource random, Span&lt;double&gt; x)
///     {
///         x.Clear();
///         for (var i = 0; i &lt; 20; i++)
///         {
///             var (u, v) = (theta[1] + (theta[0] * random.Normal()), theta[0] * random.Normal());
///             var distance = Math.Sqrt((u * u) + (v * v));
///             x[0] += distance &lt; 1 ? 1 : 0;
///             x[1] += distance &lt; 1 ? distance : 0;
///         }
///
///         x[1] /= Math.Max(x[0], 1);
///     }
/// }
/// </code>
/// <c>new SimulatedPairs(new Archer(), seed: 1, "calibration")</c> then draws pairs, and <c>new PosteriorTraining().Train(...)</c> trains on them. A simulator must take all its randomness from
/// the source that it is given, and for the same draws on every machine no Math.Exp, Math.Log or Math.Sin, whose last bits differ, but the functions of <c>Guarantees.Arithmetic.Elementary</c>.
/// It is called from several threads at once.
/// </remarks>
public abstract class Simulator
{
    /// <summary>The task's name in the literature: "gaussian_linear".</summary>
    public abstract string Name { get; }

    /// <summary>Number of parameters, D.</summary>
    public int ParameterCount => Prior.Length;

    /// <summary>Number of data coordinates, n.</summary>
    public abstract int DataCount { get; }

    /// <summary>Length of the consecutive groups of data that are exchangeable points; 0 where the data are no sample of points.</summary>
    public virtual int PointLength => 0;

    /// <summary>p(theta).</summary>
    public abstract Distribution Prior { get; }

    /// <summary>One draw of x.</summary>
    /// <param name="theta">Parameters, D of them, where the prior's density is above 0.</param>
    /// <param name="random">Source of randomness.</param>
    /// <param name="x">Takes the n coordinates.</param>
    public abstract void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x);

    /// <summary>ln p(x | theta), natural logarithm, up to a number that may depend on x but not on theta where the task says so; null where it is not known.</summary>
    /// <param name="theta">Parameters, D of them, where the prior's density is above 0.</param>
    /// <param name="x">Data, n of them.</param>
    public virtual double? LogLikelihood(ReadOnlySpan<double> theta, ReadOnlySpan<double> x) => null;

    /// <summary>p(theta | x) where it can be written down and drawn from exactly; null elsewhere.</summary>
    /// <param name="x">Data, n of them.</param>
    /// <exception cref="ArgumentException">The data are so improbable that doubles do not hold the posterior.</exception>
    public virtual Distribution? Posterior(ReadOnlySpan<double> x) => null;

    /// <summary>ln p(theta) + ln p(x | theta): the posterior's log-density up to a number that does not depend on theta; null where the likelihood is not known.</summary>
    /// <param name="theta">Parameters, D of them; -∞ where the prior's density is 0.</param>
    /// <param name="x">Data, n of them.</param>
    public double? LogPosteriorUnnormalized(ReadOnlySpan<double> theta, ReadOnlySpan<double> x)
    {
        var prior = Prior.LogDensity(theta);
        return double.IsNegativeInfinity(prior) ? prior : prior + LogLikelihood(theta, x);
    }
}
