using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Guarantees.Arithmetic;

namespace Guarantees.Formats.VnnLib;

/// <summary>The disjunctive normal form of a condition, one case after another, without those whose inputs are an empty set.</summary>
/// <remarks>
/// Depth first over the disjunctions with a trail to undo: what holds of single inputs is merged to a range at once, so an alternative that contradicts
/// the ranges is left with everything below it. Nothing is held but the path and the cases found.
/// </remarks>
internal sealed class Expansion
{
    /// <summary>Most parts visited, coordinates stored and constraints stored: a few seconds and a gigabyte.</summary>
    private const long MostWork = 20_000_000;

    /// <summary>Most bits of a derived range end.</summary>
    private const int LargestNumber = 1 << 15;

    private readonly SyntaxReader syntax;
    private readonly Variables variables;
    private readonly KnownBounds known;
    private readonly int maxCases;

    // Ends of ranges: 2 i for the lower one of input i, 2 i + 1 for the upper one.
    private readonly KnownBound?[] ends;
    private readonly Stack<(int End, KnownBound? Before)> trail = new();
    private readonly List<LinearConstraint> constraints = [];
    private readonly List<Disjunction> pending = [];
    private readonly Dictionary<ulong, List<(KnownBound?[] Ends, VnnLibRegion Region)>> regions = [];
    private readonly ImmutableArray<VnnLibCase>.Builder cases = ImmutableArray.CreateBuilder<VnnLibCase>();
    private ulong hash;
    private VnnLibRegion? current;
    private int open;
    private long work;

    private Expansion(SyntaxReader syntax, Variables variables, KnownBounds known, int inputs, int maxCases)
    {
        (this.syntax, this.variables, this.known, this.maxCases) = (syntax, variables, known, maxCases);
        ends = new KnownBound?[2 * inputs];
        open = ends.Length;
    }

    /// <summary>The cases of a conjunction of conditions.</summary>
    /// <exception cref="VnnLibFormatException">There are too many, or an input without both ends of its range in one of them.</exception>
    public static ImmutableArray<VnnLibCase> Of(IReadOnlyList<Formula> conditions, SyntaxReader syntax, Variables variables, KnownBounds known, int inputs, int maxCases)
    {
        var expansion = new Expansion(syntax, variables, known, inputs, maxCases);
        expansion.Run(new Conjunction([.. conditions]));
        return expansion.cases.ToImmutable();
    }

    private void Run(Formula root)
    {
        var choices = new Stack<Choice>();
        var (next, alive) = (0, Add(root));
        while (true)
        {
            if (alive && next < pending.Count)
            {
                choices.Push(new Choice(pending[next], next + 1, trail.Count, constraints.Count, pending.Count));
            }
            else if (alive)
            {
                Emit();
            }

            while (choices.TryPeek(out var done) && done.Alternative == done.Of.Parts.Length)
            {
                choices.Pop();
            }

            if (!choices.TryPeek(out var choice))
            {
                return;
            }

            Undo(choice.Trail);
            constraints.RemoveRange(choice.Constraints, constraints.Count - choice.Constraints);
            pending.RemoveRange(choice.Pending, pending.Count - choice.Pending);
            next = choice.Next;
            alive = Add(choice.Of.Parts[choice.Alternative++]);
        }
    }

    /// <summary>Assumes a condition; false where no input is left.</summary>
    private bool Add(Formula formula)
    {
        var parts = new Stack<Formula>([formula]);
        while (parts.TryPop(out var part))
        {
            Charge(1);
            switch (part)
            {
                case Conjunction all:
                    for (var i = all.Parts.Length - 1; i >= 0; i--)
                    {
                        parts.Push(all.Parts[i]);
                    }

                    break;
                case Disjunction { Parts.Length: 0 }:
                    return false;
                case Disjunction any:
                    pending.Add(any);
                    break;
                case RangeFormula range:
                    if (!Tighten((2 * range.Input) + (range.IsUpper ? 1 : 0), range.Bound))
                    {
                        return false;
                    }

                    break;
                case ConstraintFormula { Constraint: var constraint }:
                    constraints.Add(constraint);
                    break;
                default:
                    break;
            }
        }

        return true;
    }

    /// <summary>Moves one end of a range inward; false where the range is empty then.</summary>
    private bool Tighten(int end, KnownBound bound)
    {
        var (isUpper, before) = (end % 2 == 1, ends[end]);
        if (before is not null)
        {
            var order = ReferenceEquals(bound, before) ? 0 : isUpper ? bound.CompareTo(before) : before.CompareTo(bound);
            if (order > 0 || (order == 0 && (before.Bound.IsStrict || !bound.Bound.IsStrict)))
            {
                return true;
            }
        }

        trail.Push((end, before));
        Set(end, bound);
        if (ends[end ^ 1] is not { } opposite)
        {
            return true;
        }

        var width = isUpper ? bound.CompareTo(opposite) : opposite.CompareTo(bound);
        return width > 0 || (width == 0 && !bound.Bound.IsStrict && !opposite.Bound.IsStrict);
    }

    private void Undo(int until)
    {
        while (trail.Count > until)
        {
            var (end, before) = trail.Pop();
            Set(end, before);
        }
    }

    private void Set(int end, KnownBound? bound)
    {
        hash -= Hash(end, ends[end]);
        hash += Hash(end, bound);
        open += (bound is null ? 1 : 0) - (ends[end] is null ? 1 : 0);
        ends[end] = bound;
        current = null;
    }

    private static ulong Hash(int end, KnownBound? bound) =>
        bound is null ? 0 : BitOperations.RotateLeft((((ulong)(uint)end << 32) | (uint)bound.Id) * 0x9E3779B97F4A7C15, 29) * 0xBF58476D1CE4E5B9;

    private void Emit()
    {
        var before = trail.Count;
        if (open == 0 || Derive())
        {
            if (open > 0)
            {
                var end = Array.IndexOf(ends, null);
                var (name, node) = variables.Input(end / 2);
                throw syntax.Wrong(node, $"input '{name}' has no {(end % 2 == 0 ? "lower" : "upper")} bound, expected both in every alternative.");
            }

            if (cases.Count == maxCases)
            {
                throw syntax.Wrong(string.Create(CultureInfo.InvariantCulture, $"the disjunctions combine to more than {maxCases} cases, expected at most so many."));
            }

            Charge(constraints.Count + 1);
            cases.Add(new VnnLibCase(Region(), [.. constraints]));
        }

        Undo(before);
    }

    /// <summary>Ends that follow from constraints on inputs and the other ends; false where no input is left. The set of the case stays the same.</summary>
    /// <remarks>a_j x_j &lt;= c - sum over the others of the least a_i x_i. Properties of two copies bound the second by its distance to the first.</remarks>
    private bool Derive()
    {
        for (var (progress, pass) = (true, 0); progress && open > 0 && pass < 8; pass++)
        {
            progress = false;
            foreach (var constraint in constraints)
            {
                Charge(constraint.Inputs.Length);
                if (constraint.Outputs.Length > 0 || Sole(constraint) is not { } lone)
                {
                    continue;
                }

                var rest = constraint.Bound;
                foreach (var term in constraint.Inputs)
                {
                    rest -= term.Index == lone.Index ? Rational.Zero : term.Coefficient * ends[Least(term)]!.Bound.Value;
                }

                var value = rest / lone.Coefficient;
                if (value.Bits <= LargestNumber)
                {
                    progress = true;
                    if (!Tighten(Least(lone) ^ 1, known[new InputBound(value, false)]))
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    }

    /// <summary>The end at which a x is least.</summary>
    private static int Least(LinearTerm term) => (2 * term.Index) + (term.Coefficient.Sign > 0 ? 0 : 1);

    /// <summary>A term without the end that the constraint would give it, where all others have their least value.</summary>
    private LinearTerm? Sole(LinearConstraint constraint)
    {
        LinearTerm? wanting = null;
        LinearTerm? gaining = null;
        foreach (var term in constraint.Inputs)
        {
            if (ends[Least(term)] is null)
            {
                if (wanting is not null)
                {
                    return null;
                }

                wanting = term;
            }

            gaining = ends[Least(term) ^ 1] is null ? term : gaining;
        }

        return wanting is null ? gaining : ends[Least(wanting.Value) ^ 1] is null ? wanting : null;
    }

    /// <summary>The region of the present ends: the one of the last case where no end moved since, else one met before with the same ends, else a new one.</summary>
    private VnnLibRegion Region() => current ??= FindRegion();

    private VnnLibRegion FindRegion()
    {
        if (!regions.TryGetValue(hash, out var same))
        {
            regions.Add(hash, same = []);
        }

        foreach (var (of, found) in same)
        {
            Charge(1 + (ends.Length / 16));
            if (of.AsSpan().SequenceEqual(ends))
            {
                return found;
            }
        }

        Charge(ends.Length);
        var (lower, upper) = (new InputBound[ends.Length / 2], new InputBound[ends.Length / 2]);
        for (var i = 0; i < lower.Length; i++)
        {
            (lower[i], upper[i]) = (ends[2 * i]!.Bound, ends[(2 * i) + 1]!.Bound);
            if (!double.IsFinite(lower[i].Value.RoundDown()) || !double.IsFinite(upper[i].Value.RoundUp()))
            {
                var (name, node) = variables.Input(i);
                throw syntax.Wrong(node, $"input '{name}' has a bound beyond the largest double, expected at most 1.8e308.");
            }
        }

        var region = new VnnLibRegion(ImmutableArray.Create(lower), ImmutableArray.Create(upper));
        same.Add(([.. ends], region));
        return region;
    }

    private void Charge(int amount)
    {
        work += amount;
        if (work > MostWork)
        {
            throw syntax.Wrong(string.Create(CultureInfo.InvariantCulture, $"the cases of the disjunctions need more than {MostWork} numbers and constraints, expected a smaller property."));
        }
    }

    /// <summary>A disjunction on the path, the alternative to try next, and the state to return to.</summary>
    private sealed class Choice(Disjunction of, int next, int trail, int constraints, int pending)
    {
        public Disjunction Of { get; } = of;

        public int Next { get; } = next;

        public int Trail { get; } = trail;

        public int Constraints { get; } = constraints;

        public int Pending { get; } = pending;

        public int Alternative { get; set; }
    }
}
