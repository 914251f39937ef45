namespace Guarantees.Certificates;

/// <summary>One number that pairs say about an estimator.</summary>
/// <param name="Name">What it is of: "theta_0", "density", "coverage".</param>
/// <param name="Measure">What it is: "distance", "bias", "threshold".</param>
/// <param name="Seen">The number.</param>
/// <param name="Lower">Lower end of a set for what it estimates, where there is one.</param>
/// <param name="Upper">Upper end.</param>
public sealed record Finding(string Name, string Measure, double Seen, double? Lower = null, double? Upper = null);

/// <summary>A curve with a band, for a figure.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="IsCoverage">Whether it is coverage against level; otherwise the distribution function of ranks less the uniform one.</param>
/// <param name="Points">Where, the value, and the ends of the band there: of the band that uniform ranks do not leave, or of a set for the coverage.</param>
public sealed record BandedCurve(string Name, bool IsCoverage, IReadOnlyList<(double At, double Value, double Lower, double Upper)> Points);
