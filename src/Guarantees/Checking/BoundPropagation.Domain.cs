using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Guarantees.Checking;

/// <remarks>The largest value of a linear function over a part: over its box, and over the ball by the dual norm; the smaller one counts.</remarks>
public sealed partial class BoundPropagation
{
    private readonly double[] inputMagnitude;
    private Box part = null!;

    /// <summary>A number not below row . x + constant over the part.</summary>
    private double Concretize(ReadOnlySpan<double> row, double constant)
    {
        var (sum, size) = (0.0, 0.0);
        for (var j = 0; j < row.Length; j++)
        {
            var c = row[j];
            if (c != 0)
            {
                sum += c * (c > 0 ? part.Upper[j] : part.Lower[j]);
                size += Math.Abs(c) * inputMagnitude[j];
            }
        }

        sum += (Rounding.Gamma(row.Length + 4) * size) + Rounding.Tiny;
        var domain = problem.Domain;
        if (domain.Norm != Norm.Linf)
        {
            sum = Math.Min(sum, OverBall(row, domain));
        }

        return Rounding.AddUp(sum, constant);
    }

    /// <summary>row . center + |row * radius|_dual, over the ball; coordinates beyond the ball's (such as parameters) range over the box.</summary>
    private double OverBall(ReadOnlySpan<double> row, Domain domain)
    {
        var (sum, size, dual) = (0.0, 0.0, 0.0);
        for (var j = 0; j < row.Length; j++)
        {
            if (j >= domain.Center.Length)
            {
                sum += row[j] * (row[j] > 0 ? part.Upper[j] : part.Lower[j]);
                size += Math.Abs(row[j]) * inputMagnitude[j];
                continue;
            }

            var (center, reach) = (row[j] * domain.Center[j], Math.Abs(row[j]) * domain.Radius[j]);
            sum += center;
            size += Math.Abs(center);
            dual = domain.Norm == Norm.L1 ? Math.Max(dual, reach) : dual + (reach * reach);
        }

        dual = domain.Norm == Norm.L1 ? dual : Math.Sqrt(dual);
        var gamma = Rounding.Gamma(row.Length + 6);
        return sum + dual + (2 * gamma * (size + dual)) + (1e-150 * row.Length);
    }

    /// <summary>Whether the part surely lies outside the ball.</summary>
    private bool MissesBall(Box part)
    {
        var domain = problem.Domain;
        if (domain.Norm == Norm.Linf)
        {
            return false;
        }

        var sum = 0.0;
        for (var j = 0; j < domain.Center.Length; j++)
        {
            if (domain.Radius[j] > 0)
            {
                var away = (part[j] - domain.Center[j]) / Interval.Point(domain.Radius[j]);
                sum = Rounding.AddDown(sum, domain.Norm == Norm.L1 ? away.Mignitude : Rounding.MultiplyDown(away.Mignitude, away.Mignitude));
            }
        }

        return sum > 1;
    }
}
