namespace Guarantees.Distributions;

/// <summary>A parametric family of distributions, read from named outputs of an estimator's network.</summary>
public abstract class Family
{
    /// <summary>Name in specs: "gaussian-mixture".</summary>
    public abstract string Name { get; }
}
