using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>Independent theta_i ~ Binomial(n, p_i), p_i = 1 / (1 + exp(-z_i)); Bernoulli for n = 1.</summary>
/// <remarks>
/// <para>Output: logits z [D]. Trials n, 1 to 10^6, are given with the family.</para>
/// <para>
/// KL(q0 || q) = n sum_i ln((1 - p0_i) exp(-p0_i d_i) + p0_i exp((1 - p0_i) d_i)), d = z - z0, exactly, and
/// KL(q || q0) = n sum_i sum over both sides of p (exp t - 1 - t), t = ln(p0 / p). H² = 1 - prod_i (1 - h_i²)^n &lt;= n sum_i h_i² with
/// h_i² = 1/2 ((sqrt p_i - sqrt p0_i)² + (sqrt(1 - p_i) - sqrt(1 - p0_i))²), by 1 - prod (1 - a) &lt;= sum a. TV &lt;= n sum_i |p_i - p0_i|, coupling trial by
/// trial, and TV &lt;= sqrt(KL / 2) (Pinsker); the smaller counts. For one trial of one parameter the first of each is the distance.
/// </para>
/// </remarks>
public sealed class Binomial : DiscreteFamily
{
    /// <summary>Most trials.</summary>
    public const int MostTrials = 1_000_000;

    private readonly int trials;

    /// <summary>Creates the family.</summary>
    /// <param name="dimension">D, at least 1.</param>
    /// <param name="trials">n, from 1 to <see cref="MostTrials"/>.</param>
    /// <param name="logits">Name of the output.</param>
    public Binomial(int dimension, int trials, string logits)
        : base(logits)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(trials, MostTrials);
        (Dimension, this.trials) = (dimension, trials);
    }

    /// <inheritdoc/>
    public override string Name => trials == 1 ? "bernoulli" : "binomial";

    /// <inheritdoc/>
    public override int Dimension { get; }

    internal override bool HasDecision => trials == 1;

    internal override bool HasEvents => trials == 1;

    /// <summary>n.</summary>
    internal int Trials => trials;

    private bool IsSingle => Dimension == 1 && trials == 1;

    /// <summary>The family with D read from the length of the output.</summary>
    public static Binomial For(Network network, int trials, string logits) => new(LengthOf(network, logits), trials, logits);

    /// <inheritdoc/>
    public override string Describe() => trials == 1 ? base.Describe() : string.Create(CultureInfo.InvariantCulture, $"{base.Describe()}, {trials} trials");

    /// <summary>p [D], then 1 - p [D].</summary>
    internal override Vector Probabilities(NetworkBuilder builder, Vector logits) => builder.Apply(new Sigmoid(), builder.Concat(logits, -logits));

    internal override Distance Between(NetworkBuilder builder, Vector logits, DiscreteReference reference, Metric metric)
    {
        switch (metric)
        {
            case Metric.TotalVariation:
                var change = reference.Shift(builder.Apply(new Sigmoid(), logits));
                var coupled = trials * builder.Sum(builder.Apply(new Abs(), change));
                if (IsSingle)
                {
                    return new(builder.Apply(new Cap(1), coupled), [change.Id], true, "|p - p0|, which is the distance");
                }

                var (divergence, _) = Divergence(builder, reference);
                var pinsker = builder.Apply(new Sqrt(), builder.Apply(new ReLU(), 0.5 * divergence));
                return new(
                    builder.Apply(new Cap(1), builder.Minimum(coupled, pinsker)),
                    [change.Id],
                    false,
                    "the smaller of n |p - p0|_1 and sqrt(KL(q0 || q) / 2), cut at 1, which is at least the distance");
            case Metric.Hellinger:
                var roots = reference.RootShift(Probabilities(builder, logits));
                var factor = Box.Repeat((Interval.Point(trials) * Interval.Point(0.5)).Sqrt(), 1);
                return new(
                    builder.Apply(new Cap(1), Blocks.Times(builder, factor, builder.Apply(new Networks.Operators.Norm(2 * Dimension), roots))),
                    [roots.Id],
                    IsSingle,
                    $"sqrt(n / 2) |(sqrt p - sqrt p0, sqrt(1 - p) - sqrt(1 - p0))|, cut at 1, which is {(IsSingle ? "" : "at least ")}the distance");
            case Metric.JensenShannon:
                return JensenShannon.Of(builder, Between(builder, logits, reference, Metric.Hellinger));
            case Metric.KlReverse:
                var (each, shift) = Divergences(builder, reference);
                var outcomes = builder.Concat(reference.Times(shift, Dimension), -reference.Times(shift));
                var gain = KullbackLeibler.WeightGain(builder, builder.Concat(each, each), outcomes);
                return new(
                    trials * builder.Sum(Probabilities(builder, logits) * gain),
                    [shift.Id],
                    true,
                    "n sum_i (p_i (exp t_i - 1 - t_i) + (1 - p_i) (exp t'_i - 1 - t'_i)) with t_i = ln(p0_i / p_i) and t'_i that of the other side, which is the divergence");
            default:
                var (value, moved) = Divergence(builder, reference);
                return new(value, [moved.Id], true, "n sum_i ln((1 - p0_i) exp(-p0_i d_i) + p0_i exp((1 - p0_i) d_i)) with d the change of the logits, which is the divergence");
        }
    }

    internal override (Vector Probability, string Words) Event(NetworkBuilder builder, Vector logits, int parameter, double lower, double upper)
    {
        var (zero, one) = (lower <= 0 && upper >= 0, lower <= 1 && upper >= 1);
        return zero == one
            ? throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The event [{lower:R}, {upper:R}] holds {(zero ? "both" : "none")} of the values 0 and 1; expected one of them."))
            : (builder.Apply(new Sigmoid(), (one ? 1 : -1) * builder.Select(logits, [parameter])), one ? "1 / (1 + exp(-z))" : "1 / (1 + exp z)");
    }

    internal override (Vector Margin, string Words) Margin(NetworkBuilder builder, Vector logits, Box logits0)
    {
        for (var i = 0; i < Dimension; i++)
        {
            if (!(logits0.Lower[i] >= 0 || logits0.Upper[i] <= 0))
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The more probable side of event {i} at the observation is not settled: z_{i} lies in {logits0[i]}."));
            }
        }

        var margins = builder.Add(new SparseAffine([.. Enumerable.Range(0, Dimension).Select(i => new[] { (0, i, logits0.Lower[i] + logits0.Upper[i] > 0 ? -1.0 : 1.0) })]), [logits]);
        return (builder.Largest(margins), "largest -s_i z_i over the parameters, s_i the sign of z_i at the observation");
    }

    private (Vector Divergence, Vector Moved) Divergence(NetworkBuilder builder, DiscreteReference reference)
    {
        var (each, moved) = Divergences(builder, reference);
        return (trials * builder.Sum(each), moved);
    }

    /// <summary>KL(q0 || q) of one trial of each parameter, [D], and the change of the logits.</summary>
    private (Vector Each, Vector Moved) Divergences(NetworkBuilder builder, DiscreteReference reference)
    {
        var moved = reference.LogitShift;
        var down = reference.TimesExp(-reference.Times(moved), Dimension);
        var up = reference.TimesExp(reference.Times(moved, Dimension));
        return (builder.Apply(new Log(), down + up + reference.LeftOut), moved);
    }
}
