using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>A family on finitely many values that is read from one output of logits.</summary>
public abstract class DiscreteFamily : Family
{
    private protected DiscreteFamily(string logits)
    {
        ArgumentException.ThrowIfNullOrEmpty(logits);
        Logits = logits;
    }

    /// <inheritdoc/>
    public override int Components => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => [Logits];

    /// <summary>Name of the output with the logits.</summary>
    public string Logits { get; }

    /// <summary>Whether a most probable value can be asked for.</summary>
    internal virtual bool HasDecision => true;

    /// <summary>Whether the probability of an interval of values is compiled.</summary>
    internal virtual bool HasEvents => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Always: there is no Gaussian to read.</exception>
    public override Parameters Bind(NetworkBuilder builder, IReadOnlyDictionary<string, Vector> outputs) =>
        throw new ArgumentException($"The family {Name} has logits, and no means and scales.");

    /// <summary>The probabilities of the values.</summary>
    internal abstract Vector Probabilities(NetworkBuilder builder, Vector logits);

    /// <summary>A distance between q of the graph and q0.</summary>
    internal abstract Distance Between(NetworkBuilder builder, Vector logits, DiscreteReference reference, Metric metric);

    /// <summary>P(lower &lt;= theta_parameter &lt;= upper), and the values that lie there, in words.</summary>
    /// <exception cref="ArgumentException">No value lies there, or all do.</exception>
    internal abstract (Vector Probability, string Words) Event(NetworkBuilder builder, Vector logits, int parameter, double lower, double upper);

    /// <summary>At most 0 where the most probable values of q0 are still most probable for q, and what it is, in words.</summary>
    /// <exception cref="ArgumentException">The enclosures at x0 do not say which values those are.</exception>
    internal abstract (Vector Margin, string Words) Margin(NetworkBuilder builder, Vector logits, Box logits0);

    /// <summary>Enclosures of logits and probabilities at x0.</summary>
    internal (Box Logits, Box Probabilities) At(Network network, ReadOnlySpan<double> x0)
    {
        var graph = Graph(network);
        var ranges = graph.Ranges(Box.Point(x0));
        var (z, p) = (ranges[graph.Outputs[0].Node], ranges[graph.Outputs[1].Node]);
        return z.Lower.All(double.IsFinite) && z.Upper.All(double.IsFinite)
            ? (z, p)
            : throw new DomainException("The logits are not finite at the point of reference.");
    }
    /// <summary>From data to logits and probabilities.</summary>
    internal Network Graph(Network network)
    {
        var builder = new NetworkBuilder();
        var logits = builder.Insert(network, builder.Input("x", network.InputLength))[Logits];
        builder.Output("logits", logits);
        builder.Output("probabilities", Probabilities(builder, logits));
        return builder.Build();
    }
}

/// <summary>q0 of a discrete family: enclosed at a point, or of the graph.</summary>
internal sealed class DiscreteReference
{
    private readonly Box? constant;
    private readonly Vector? shift;

    /// <summary>A reference at a point.</summary>
    public DiscreteReference(NetworkBuilder builder, Vector logits, Box logits0, Box probabilities0) =>
        (Builder, Probabilities, constant, LogitShift) = (builder, builder.Constant(probabilities0), probabilities0, logits - builder.Constant(logits0));

    /// <summary>A reference of the graph.</summary>
    /// <param name="builder">The graph.</param>
    /// <param name="probabilities">Its probabilities.</param>
    /// <param name="logitShift">logits - logits0.</param>
    /// <param name="shift">Probabilities minus these.</param>
    public DiscreteReference(NetworkBuilder builder, Vector probabilities, Vector logitShift, Vector shift) =>
        (Builder, Probabilities, LogitShift, this.shift) = (builder, probabilities, logitShift, shift);

    /// <summary>p0.</summary>
    public Vector Probabilities { get; }

    /// <summary>z - z0.</summary>
    public Vector LogitShift { get; }

    private NetworkBuilder Builder { get; }

    /// <summary>p - p0, for the probabilities from 0 on.</summary>
    public Vector Shift(Vector p) => shift is { } known ? known.Slice(0, p.Length) : p - Probabilities.Slice(0, p.Length);

    /// <summary>sqrt p - sqrt p0; where p0 varies as (p - p0) / (sqrt p + sqrt p0).</summary>
    public Vector RootShift(Vector p)
    {
        var (root, root0) = (Builder.Apply(new Sqrt(), p), Builder.Apply(new Sqrt(), Probabilities));
        return shift is null ? root - root0 : Shift(p) * Builder.Apply(new Reciprocal(), root + root0);
    }

    /// <summary>p0_i v_i, for the p0 from <paramref name="start"/> on.</summary>
    public Vector Times(Vector v, int start = 0) => constant is { } p
        ? Blocks.Times(Builder, p.Slice(start, v.Length), v)
        : Probabilities.Slice(start, v.Length) * v;

    /// <summary>sum_i p0_i v_i.</summary>
    public Vector Average(Vector v) => constant is { } p ? Blocks.Weigh(Builder, v, 1, Enumerable.Range(0, v.Length).Select(k => (0, k, p[k]))) : Builder.Sum(Probabilities * v);

    /// <summary>p0_i exp(e_i), for the p0 from <paramref name="start"/> on; where p0 varies less p0_i (1 + e_i), which adds up to 1 where p0 is all of a distribution under which e has mean 0: what is left is of second order.</summary>
    public Vector TimesExp(Vector e, int start = 0)
    {
        var exp = Builder.Apply(new Exp(), e);
        return Times(constant is null ? Builder.Combine([(1, exp), (-1, e)], -1) : exp, start);
    }

    /// <summary>What <see cref="TimesExp"/> leaves out of the sum over a distribution.</summary>
    public double LeftOut => constant is null ? 1 : 0;
}
