using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;

namespace Guarantees.Claims;

/// <summary>Other variables u for the inputs x of a case, in which constraints between inputs become ends of ranges: x_v = u_v - sum_k c_k x_k for some v, x_i = u_i for the others.</summary>
/// <remarks>
/// A constraint l &lt;= x_v + sum_k c_k x_k &lt;= h, such as |x' - x| &lt;= e between two copies of a network or an equality, cuts a box badly: a search that halves boxes never
/// gets it true at a whole part, and an equality leaves no box at all. In u it is the range [l, h] of one variable. The change of variables is invertible, its coefficients
/// are exact doubles, and the box of u holds every member of the case (rounded outward), so that "none" in u is "none" in x. Chosen without arithmetic that rounds; search
/// and checker compile the same.
/// </remarks>
public sealed class InputSubstitution
{
    private readonly VnnLibRegion region;
    private readonly SortedDictionary<int, Rational>?[] expressions;
    private readonly Dictionary<int, (Rational Lower, Rational Upper)> pivots = [];

    private InputSubstitution(VnnLibCase item)
    {
        region = item.Region;
        expressions = new SortedDictionary<int, Rational>?[region.Length];
        (Box, Remaining) = (item.Box, item.Constraints);
    }

    /// <summary>The box of u.</summary>
    public Box Box { get; private set; }

    /// <summary>Whether u is x.</summary>
    public bool IsIdentity => Array.TrueForAll(expressions, expression => expression is null);

    /// <summary>Whether two constraints contradict each other: no x is left.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>What the box of u does not say, in terms of x and y.</summary>
    internal ImmutableArray<LinearConstraint> Remaining { get; private set; }

    /// <summary>The substitution for one case.</summary>
    /// <param name="item">The case.</param>
    /// <param name="equalitiesOnly">Whether only equalities are substituted; otherwise also what narrows a range or fixes a sign.</param>
    public static InputSubstitution Of(VnnLibCase item, bool equalitiesOnly)
    {
        ArgumentNullException.ThrowIfNull(item);
        var result = new InputSubstitution(item);
        result.Choose(item, equalitiesOnly);
        return result;
    }

    /// <summary>x for a u, each coordinate rounded to the nearest double and, where asked for, to the nearest float32 number; moved into the ranges of x.</summary>
    /// <exception cref="InvalidOperationException">No vector of doubles lies in the region.</exception>
    public double[] Point(ReadOnlySpan<double> u, bool toSingle = false)
    {
        var inner = region.Inner ?? throw new InvalidOperationException("No vector of doubles lies in the region.");
        var (x, free) = (u.ToArray(), u.ToArray());
        for (var v = 0; v < x.Length; v++)
        {
            free[v] = expressions[v] is null ? Math.Clamp(u[v], inner.Lower[v], inner.Upper[v]) : u[v];
        }

        for (var v = 0; v < x.Length; v++)
        {
            x[v] = free[v];
            if (expressions[v] is { } expression)
            {
                var sum = Rational.Zero;
                foreach (var (k, coefficient) in expression)
                {
                    sum += coefficient * Rational.Of(free[k]);
                }

                var (below, above) = (sum.RoundDown(), sum.RoundUp());
                x[v] = (sum - Rational.Of(below)) <= (Rational.Of(above) - sum) ? below : above;
                x[v] = toSingle ? (float)x[v] : x[v];
            }

            x[v] = Math.Clamp(x[v], inner.Lower[v], inner.Upper[v]);
        }

        return x;
    }

    /// <summary>u with every tied variable moved towards the middle of its range, by a share of its distance.</summary>
    public double[] Inward(ReadOnlySpan<double> u, double share)
    {
        var moved = u.ToArray();
        for (var v = 0; v < moved.Length; v++)
        {
            if (expressions[v] is not null)
            {
                var range = Box[v];
                moved[v] = Math.Clamp(moved[v] + (share * (range.Middle - moved[v])), range.Lower, range.Upper);
            }
        }

        return moved;
    }

    /// <summary>x_i in terms of u: indices and exact coefficients.</summary>
    internal IEnumerable<KeyValuePair<int, Rational>> Expression(int i) => expressions[i] ?? (IEnumerable<KeyValuePair<int, Rational>>)[KeyValuePair.Create(i, Rational.One)];

    /// <summary>Whether x_i is u_i.</summary>
    public bool IsPlain(int i) => expressions[i] is null;

    private void Choose(VnnLibCase item, bool equalitiesOnly)
    {
        var forms = new Dictionary<string, Form>(StringComparer.Ordinal);
        foreach (var constraint in item.Constraints)
        {
            if (constraint is { Outputs.Length: 0, Inputs.Length: > 1 })
            {
                var form = new Form(constraint);
                if (!forms.TryAdd(form.Key, form))
                {
                    forms[form.Key].Add(constraint);
                }
            }
        }

        var (settled, ranges) = (new HashSet<LinearConstraint>(), new List<LinearConstraint>());
        var (lower, upper) = ((double[])Box.Lower.Clone(), (double[])Box.Upper.Clone());
        foreach (var form in forms.Values.OrderBy(form => form.Pivot))
        {
            var (least, greatest) = Range(form.Terms.Select(term => KeyValuePair.Create(term.Index, term.Coefficient)), null);
            var (l, h) = (form.Lower is { } low && low > least ? low : least, form.Upper is { } high && high < greatest ? high : greatest);
            if (l > h)
            {
                IsEmpty = true;
                return;
            }

            var v = form.Pivot;
            var width = region.Upper[v].Value - region.Lower[v].Value;
            var wanted = equalitiesOnly ? l == h : h - l < width || l.Sign >= 0 || h.Sign <= 0;
            if (!wanted || expressions[v] is not null || Expand(form) is not { } expression)
            {
                continue;
            }

            expressions[v] = expression;
            settled.UnionWith(form.Constraints);
            (lower[v], upper[v]) = (l.RoundDown(), h.RoundUp());

            // The range of x_v itself stays a condition, unless the others say as much.
            var (from, to) = Range(expression, (v, l, h));
            if (from < region.Lower[v].Value)
            {
                ranges.Add(new([new(v, -Rational.One)], [], -region.Lower[v].Value, region.Lower[v].IsStrict));
            }

            if (to > region.Upper[v].Value)
            {
                ranges.Add(new([new(v, Rational.One)], [], region.Upper[v].Value, region.Upper[v].IsStrict));
            }

            pivots[v] = (l, h);
        }

        if (settled.Count > 0)
        {
            (Box, Remaining) = (new Box(lower, upper), [.. item.Constraints.Where(constraint => !settled.Contains(constraint)), .. ranges]);
        }
    }

    /// <summary>x_v = u_v - sum c_k x_k, written in u; null where a coefficient is no double. Pivots rise, so that no expression before reads u_v.</summary>
    private SortedDictionary<int, Rational>? Expand(Form form)
    {
        var sum = new SortedDictionary<int, Rational> { [form.Pivot] = Rational.One };
        foreach (var (index, coefficient) in form.Terms.Where(term => term.Index != form.Pivot))
        {
            foreach (var (k, inner) in Expression(index))
            {
                sum[k] = sum.GetValueOrDefault(k) - (coefficient * inner);
            }
        }

        foreach (var k in sum.Where(term => term.Value.Sign == 0).Select(term => term.Key).ToArray())
        {
            sum.Remove(k);
        }

        return sum.Values.All(value => value.Enclosure is var both && both.Lower == both.Upper && double.IsFinite(both.Lower)) ? sum : null;
    }

    /// <summary>The least and the greatest value of a sum over the exact ranges: of x, or of u where a pivot's own range is given.</summary>
    private (Rational Least, Rational Greatest) Range(IEnumerable<KeyValuePair<int, Rational>> terms, (int Index, Rational Lower, Rational Upper)? own)
    {
        var (least, greatest) = (Rational.Zero, Rational.Zero);
        foreach (var (k, coefficient) in terms)
        {
            var (low, high) = own is { } given && given.Index == k ? (given.Lower, given.Upper)
                : own is not null && pivots.TryGetValue(k, out var pivot) ? pivot
                : (region.Lower[k].Value, region.Upper[k].Value);
            var (a, b) = (coefficient * low, coefficient * high);
            (least, greatest) = coefficient.Sign > 0 ? (least + a, greatest + b) : (least + b, greatest + a);
        }

        return (least, greatest);
    }

    /// <summary>A linear form of inputs, scaled so that the coefficient of its last variable is 1, and what is said about it.</summary>
    private sealed class Form
    {
        public Form(LinearConstraint constraint)
        {
            var last = constraint.Inputs[^1];
            (Pivot, Terms) = (last.Index, [.. constraint.Inputs.Select(term => new LinearTerm(term.Index, term.Coefficient / last.Coefficient))]);
            Key = string.Join(' ', Terms.Select(term => string.Create(CultureInfo.InvariantCulture, $"{term.Coefficient}*{term.Index}")));
            Add(constraint);
        }

        public int Pivot { get; }

        public ImmutableArray<LinearTerm> Terms { get; }

        public string Key { get; }

        public List<LinearConstraint> Constraints { get; } = [];

        public Rational? Lower { get; private set; }

        public Rational? Upper { get; private set; }

        public void Add(LinearConstraint constraint)
        {
            Constraints.Add(constraint);
            var (scale, end) = (constraint.Inputs[^1].Coefficient, constraint.Bound / constraint.Inputs[^1].Coefficient);
            if (scale.Sign > 0)
            {
                Upper = Upper is { } before && before <= end ? before : end;
            }
            else
            {
                Lower = Lower is { } before && before >= end ? before : end;
            }
        }
    }
}
