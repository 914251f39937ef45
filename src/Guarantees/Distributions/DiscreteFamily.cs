using Guarantees.Claims;
using Guarantees.Networks;

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

    /// <summary>A distance between q of the graph and q0, whose logits and probabilities are enclosed.</summary>
    internal abstract Distance Between(NetworkBuilder builder, Vector logits, Box logits0, Box probabilities0, Metric metric);

    /// <summary>P(lower &lt;= theta_parameter &lt;= upper), and the values that lie there, in words.</summary>
    /// <exception cref="ArgumentException">No value lies there, or all do.</exception>
    internal abstract (Vector Probability, string Words) Event(NetworkBuilder builder, Vector logits, int parameter, double lower, double upper);

    /// <summary>At most 0 where the most probable values of q0 are still most probable for q, and what it is, in words.</summary>
    /// <exception cref="ArgumentException">The enclosures at x0 do not say which values those are.</exception>
    internal abstract (Vector Margin, string Words) Margin(NetworkBuilder builder, Vector logits, Box logits0);

    /// <summary>Enclosures of logits and probabilities at x0.</summary>
    internal (Box Logits, Box Probabilities) At(Network network, ReadOnlySpan<double> x0)
    {
        var builder = new NetworkBuilder();
        var logits = builder.Insert(network, builder.Input("x", network.InputLength))[Logits];
        var probabilities = Probabilities(builder, logits);
        builder.Output("probabilities", probabilities);
        var ranges = builder.Build().Ranges(Box.Point(x0));
        var (z, p) = (ranges[logits.Id], ranges[probabilities.Id]);
        return z.Lower.All(double.IsFinite) && z.Upper.All(double.IsFinite)
            ? (z, p)
            : throw new Networks.Operators.DomainException("The logits are not finite at the point of reference.");
    }
}
