using System.Globalization;
using static TorchSharp.torch;

namespace Estimators.Distributions;

/// <summary>The uniform distribution on a cube [a, b]^D: p(x) = (b - a)^-D inside, 0 outside.</summary>
/// <remarks>Mean (a + b) / 2, variance (b - a)² / 12 in each coordinate. Draws are a + (b - a) u with u uniform on [0, 1).</remarks>
public sealed class UniformBox : Distribution
{
    /// <summary>Creates the family member.</summary>
    /// <param name="length">D &gt;= 1.</param>
    /// <param name="lower">a, finite.</param>
    /// <param name="upper">b &gt; a, finite.</param>
    public UniformBox(int length, double lower, double upper)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (!(lower < upper && double.IsFinite(lower) && double.IsFinite(upper)))
        {
            throw new ArgumentOutOfRangeException(nameof(upper), upper, string.Create(CultureInfo.InvariantCulture, $"Both ends must be finite and the upper one above {lower:R}."));
        }

        (Length, Lower, Upper) = (length, lower, upper);
    }

    /// <inheritdoc/>
    public override int Length { get; }

    /// <summary>a.</summary>
    public double Lower { get; }

    /// <summary>b.</summary>
    public double Upper { get; }

    /// <inheritdoc/>
    public override Tensor LogProb(Tensor x)
    {
        using var scope = NewDisposeScope();
        var inside = (x >= Lower).logical_and(x <= Upper).all(-1);
        return where(inside, full_like(x.select(-1, 0), -Length * Math.Log(Upper - Lower)), full_like(x.select(-1, 0), double.NegativeInfinity)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Sample(long count, Generator random)
    {
        using var scope = NewDisposeScope();
        return ((rand([count, Length], dtype: ScalarType.Float32, generator: random) * (Upper - Lower)) + Lower).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"U[{Lower:R}, {Upper:R}] in {Length} dimensions");
}
