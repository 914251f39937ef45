using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>Both parameters of q and of the reference q0.</summary>
/// <param name="First">a and a0.</param>
/// <param name="Second">b and b0.</param>
internal sealed record ShapePair(PositivePair First, PositivePair Second);

/// <summary>One positive parameter of every theta_i, [D]: t of q, and t0 of the reference, which is enclosed at a point or of the graph.</summary>
internal sealed class PositivePair
{
    private readonly NetworkBuilder builder;
    private readonly Box? known;
    private readonly Vector? ratio;

    /// <summary>A reference at a point.</summary>
    public PositivePair(NetworkBuilder builder, Vector value, Box reference)
    {
        (this.builder, known, Value, Reference) = (builder, reference, value, builder.Constant(reference));
        Shift = Value - Reference;
    }

    /// <summary>A reference of the graph.</summary>
    /// <param name="builder">The graph.</param>
    /// <param name="value">t.</param>
    /// <param name="reference">t0.</param>
    /// <param name="shift">t - t0, from wherever it is known best.</param>
    /// <param name="ratio">t / t0, where it is a vector already.</param>
    public PositivePair(NetworkBuilder builder, Vector value, Vector reference, Vector shift, Vector? ratio = null) =>
        (this.builder, Value, Reference, Shift, this.ratio) = (builder, value, reference, shift, ratio);

    /// <summary>t.</summary>
    public Vector Value { get; }

    /// <summary>t0.</summary>
    public Vector Reference { get; }

    /// <summary>t - t0.</summary>
    public Vector Shift { get; }

    /// <summary>t / t0; where t0 varies as 1 + (t - t0) / t0.</summary>
    public Vector Ratio => known is not null ? Over(Value) : ratio ?? (Over(Shift) + 1);

    /// <summary>1 / t - 1 / t0; where t0 varies as -(t - t0) / (t t0).</summary>
    public Vector InverseShift
    {
        get
        {
            var inverse = builder.Apply(new Reciprocal(), Value);
            return known is { } box ? inverse - builder.Constant(Inverse(box)) : -Over(Shift * inverse);
        }
    }

    /// <summary>t + 1 and t0 + 1.</summary>
    public PositivePair Next => known is { } box
        ? new(builder, Value + 1, ShapeFamily.Each(box, box, (one, _) => one + Arithmetic.Interval.Point(1)))
        : new(builder, Value + 1, Reference + 1, Shift);

    /// <summary>t + s and t0 + s0.</summary>
    public PositivePair Plus(PositivePair other) => known is { } box && other.known is { } second
        ? new(builder, Value + other.Value, ShapeFamily.Each(box, second, (one, two) => one + two))
        : new(builder, Value + other.Value, Reference + other.Reference, Shift + other.Shift);

    /// <summary>t0 v.</summary>
    public Vector Times(Vector v) => known is { } box ? Blocks.Times(builder, box, v) : Reference * v;

    /// <summary>v / t0.</summary>
    public Vector Over(Vector v) => known is { } box ? Blocks.Times(builder, Inverse(box), v) : v * builder.Apply(new Reciprocal(), Reference);

    private static Box Inverse(Box t) => ShapeFamily.Each(t, t, (one, _) => Arithmetic.Interval.Point(1) / one);
}
