using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Norm = Guarantees.Claims.Norm;

namespace Guarantees.Checking;

/// <summary>Bounds g over a part of a box where the network is a chain: the kernel's fast path, which search and check share.</summary>
/// <remarks>
/// Accepts: a <see cref="Problem"/> over a plain box whose objective is a <see cref="Chain"/>. Returns: a number not below g(x) = min_i F_i(x) for every x of
/// the part, F the objective's elements, and a smaller box that holds every x with g(x) above a threshold.
/// Idea: (1) layer by layer, an affine form of each pre-activation in the inputs and one symbol for each relaxed neuron (a zonotope), intersected with interval
/// arithmetic; (2) neurons that are still undecided are bounded again by backward linear relaxation, all of a layer together; (3) the objective backwards, and,
/// for the element closest to the threshold, with lower slopes improved by a few subgradient steps; (4) each element's linear bound a x + b must
/// exceed the threshold where g does, which cuts the box.
/// Guarantee: sound for the real function with exact coefficients. Slopes come from any arithmetic; every number that is relied on carries its rounding error.
/// Sources: G. Singh, T. Gehr, M. Mirman, M. Püschel, M. Vechev, "Fast and Effective Robustness Certification", NeurIPS 2018 (zonotopes); H. Zhang et al., "Efficient
/// Neural Network Robustness Certification with General Activation Functions", NeurIPS 2018 (backward relaxation); K. Xu et al., "Fast and Complete: Enabling
/// Complete Neural Network Verification with Rapid and Massively Parallel Incomplete Verifiers", ICLR 2021 (slopes by gradient steps).
/// Instances hold buffers and serve one thread at a time; <see cref="Clone"/> makes another for a second thread.
/// </remarks>
internal sealed partial class ChainBounds : IBounds
{
    /// <summary>Wider inputs get no affine forms: intervals and backward relaxation only.</summary>
    private const int MostFormInputs = 32;

    /// <summary>Symbols kept for relaxed neurons; what the others leave over is carried as a radius.</summary>
    private const int MostSymbols = 64;

    /// <summary>Above this many inputs kinks are decided, not coordinates halved (bench/RESULTS.md).</summary>
    private const int MostInputsToHalve = 12;

    /// <summary>Subgradient steps where kinks are decided: multipliers start from 0.</summary>
    private const int DecidedSteps = 8;

    private readonly Chain chain;
    private readonly int symbols;
    private readonly LayerState[] layers;
    private readonly int inputs;
    private readonly double[] inputMagnitude;
    private readonly double[] partLower;
    private readonly double[] partUpper;
    private readonly int[] kinks; // of each layer: the number of its first
    private Box part = null!;
    private bool decides;

    /// <summary>Prepares the bounds.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="symbols">Symbols kept for relaxed neurons; negative for no affine forms at all.</param>
    /// <exception cref="ArgumentException">The problem is not one for this class; see <see cref="TryFor"/>.</exception>
    public ChainBounds(Problem problem, int symbols = MostSymbols)
        : this(problem, Chain.TryRead(problem.Graph, problem.Objective) ?? throw new ArgumentException("The objective is not a chain of maps and activations.", nameof(problem)), symbols)
    {
    }

    private ChainBounds(Problem problem, Chain chain, int symbols)
    {
        if (problem.Domain.Norm != Norm.Linf || problem.JacobianFrom is not null)
        {
            throw new ArgumentException("Chains are bounded over boxes.", nameof(problem));
        }

        (Problem, this.chain, this.symbols, inputs) = (problem, chain, symbols, chain.InputLength);
        layers = [.. chain.Layers.Select(layer => new LayerState(layer))];
        (inputMagnitude, partLower, partUpper) = (new double[Kernels.Pad(inputs)], new double[Kernels.Pad(inputs)], new double[Kernels.Pad(inputs)]);
        forms = inputs <= MostFormInputs && symbols >= 0 ? new Forms(layers, inputs, symbols) : null;
        kinks = [.. layers.Select((layer, k) => layers.Take(k).Sum(before => before.HasKink ? before.Length : 0))];
        Kinks = layers.Sum(layer => layer.HasKink ? layer.Length : 0);
        widest = Math.Max(inputs, layers.Max(layer => layer.Length));
        objectiveUpper = new double[chain.OutputLength];
        objectiveRows = new Rows(new double[chain.OutputLength * Kernels.Pad(inputs)], Kernels.Pad(inputs));
        objectiveBias = new double[chain.OutputLength];
        improver = new Improver(this);
    }

    /// <inheritdoc/>
    public Problem Problem { get; }

    /// <summary>Subgradient steps for the slopes below the objective's most promising element, where its bound does not settle the question.</summary>
    public int ObjectiveSteps { get; init; } = 4;

    /// <summary>Subgradient steps for the slopes below every undecided neuron.</summary>
    public int NeuronSteps { get; init; }

    /// <summary>The bounds, where the problem is one for them.</summary>
    public static ChainBounds? TryFor(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return problem.Domain.Norm == Norm.Linf && problem.JacobianFrom is null && problem.Domain.Center.IsEmpty && problem.Condition < 0
            && Chain.TryRead(problem.Graph, problem.Objective) is { } chain && chain.Layers.Length > 1 ? new ChainBounds(problem, chain, MostSymbols) : null;
    }

    /// <inheritdoc/>
    public IBounds Clone() => new ChainBounds(Problem, chain, symbols) { ObjectiveSteps = ObjectiveSteps, NeuronSteps = NeuronSteps };

    /// <inheritdoc/>
    public double UpperBound(Box part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return Propagate(part, double.NegativeInfinity, improve: true);
    }

    /// <inheritdoc/>
    public double UpperBound(Box part, double enough)
    {
        ArgumentNullException.ThrowIfNull(part);
        return Propagate(part, enough, improve: true);
    }

    /// <summary>Elements before a ReLU or LeakyReLU, layer by layer.</summary>
    public int Kinks { get; }

    /// <inheritdoc/>
    public double Contract(Box part, double target) => Contract(part, [], target);

    /// <inheritdoc/>
    public double Contract(Box part, ReadOnlySpan<int> sides, double target)
    {
        ArgumentNullException.ThrowIfNull(part);
        try
        {
            Decide(sides);
            return ContractDecided(part, target);
        }
        finally
        {
            Decide([]);
        }
    }

    private double ContractDecided(Box part, double target)
    {
        for (var round = 0; ; round++)
        {
            var bound = Propagate(part, target, improve: true);
            if (bound <= target || !double.IsFinite(bound))
            {
                return bound;
            }

            var share = Cut(part, target);
            if (share == 0)
            {
                return double.NegativeInfinity;
            }

            if (share > 0.5 || round == 2)
            {
                return bound;
            }
        }
    }

    /// <inheritdoc/>
    public double LowerBoundAt(ReadOnlySpan<double> point)
    {
        if (!Problem.Domain.Contains(point))
        {
            return double.NegativeInfinity;
        }

        try
        {
            return Problem.Graph.Ranges(Box.Point(point))[Problem.Objective].Lower.Min();
        }
        catch (DomainException)
        {
            return double.NegativeInfinity;
        }
    }

    /// <inheritdoc/>
    public void SplitScores(Box part, Span<double> scores)
    {
        ArgumentNullException.ThrowIfNull(part);
        scores.Clear();
        var best = MostPromising();
        if (scores.Length > inputs && inputs > MostInputsToHalve && improver.Score(scores[inputs..], kinks))
        {
            return;
        }

        if (forms is not null && forms.IsKnown)
        {
            forms.Score(best, scores);
            return;
        }

        var row = objectiveRows.Row(best, inputs);
        for (var j = 0; j < inputs; j++)
        {
            scores[j] = Math.Abs(row[j]) * (part.Upper[j] - part.Lower[j]);
        }
    }

    private void Decide(ReadOnlySpan<int> sides)
    {
        decides = !sides.IsEmpty;
        foreach (var layer in layers)
        {
            layer.Undecide(decides);
        }

        foreach (var side in sides)
        {
            var kink = Math.Abs((long)side) - 1;
            if (kink < 0 || kink >= Kinks)
            {
                throw new NotSupportedException($"The network has {Kinks} kinks; there is none for side {side}.");
            }

            var k = layers.Length - 1;
            while (!layers[k].HasKink || kinks[k] > kink)
            {
                k--;
            }

            layers[k].Decide((int)kink - kinks[k], side > 0);
        }
    }

    /// <summary>Ranges of the objective's elements over a part; null where an operator is not defined or a number is not finite.</summary>
    public Box? Range(Box part)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (!double.IsFinite(Propagate(part, double.NegativeInfinity, improve: false)))
        {
            return null;
        }

        var last = layers[^1];
        var range = new Box(last.Length);
        for (var i = 0; i < last.Length; i++)
        {
            (range.Lower[i], range.Upper[i]) = (last.Lower[i], Math.Min(last.Upper[i], objectiveUpper[i]));
        }

        foreach (var upper in new[] { true, false })
        {
            if (NeuronSteps > 0 && improver.CanImprove)
            {
                improver.Run(layers.Length - 1, last.All, upper, 1 + NeuronSteps, double.NegativeInfinity, Limit);
            }
            else if (!upper)
            {
                Backward(layers.Length - 1, last.All, upper: false);
                for (var i = 0; i < last.Length; i++)
                {
                    Limit(i, Concretize(i));
                }
            }

            void Limit(int i, double bound)
            {
                if (upper)
                {
                    range.Upper[i] = Math.Min(range.Upper[i], bound);
                }
                else
                {
                    range.Lower[i] = Math.Max(range.Lower[i], -bound);
                }
            }
        }

        return range;
    }

    /// <summary>Fills every range; the result is a bound of g. +infinity when nothing is known.</summary>
    private double Propagate(Box part, double target, bool improve)
    {
        if (part.Length != inputs)
        {
            throw new ArgumentException($"The part has {part.Length} coordinates, the problem {inputs}.", nameof(part));
        }

        this.part = part;
        for (var j = 0; j < inputs; j++)
        {
            (partLower[j], partUpper[j]) = (part.Lower[j], part.Upper[j]);
            inputMagnitude[j] = Math.Max(Math.Abs(part.Lower[j]), Math.Abs(part.Upper[j]));
        }

        // What an early end leaves behind must not steer the next split.
        improver.Forget();
        Array.Clear(objectiveRows.Data);
        Array.Fill(objectiveUpper, double.PositiveInfinity);
        forms?.Start(part);
        for (var k = 0; k < layers.Length; k++)
        {
            var (layer, before) = (layers[k], k > 0 ? layers[k - 1] : null);
            layer.Gather(before);
            layer.BoundByIntervals(before?.ImageLower ?? part.Lower, before?.ImageUpper ?? part.Upper, before);
            forms?.Map(layer);
            layer.TakeSides();
            if (layer.IsEmpty)
            {
                return double.NegativeInfinity;
            }

            if (!layer.IsFinite())
            {
                return double.PositiveInfinity;
            }

            if (k == layers.Length - 1)
            {
                break;
            }

            if (k > 0)
            {
                Tighten(k);
                if (layer.IsEmpty)
                {
                    return double.NegativeInfinity;
                }
            }

            try
            {
                layer.Relax();
            }
            catch (DomainException)
            {
                return double.PositiveInfinity;
            }

            forms?.Pass(layer);
        }

        return BoundObjective(target, improve);
    }

    /// <summary>Bounds the neurons of a layer whose relaxation is not exact, backwards, from above and below.</summary>
    private void Tighten(int k)
    {
        foreach (var upper in new[] { true, false })
        {
            var open = layers[k].Undecided();
            if (open.Length == 0)
            {
                return;
            }

            if (NeuronSteps > 0 && improver.CanImprove)
            {
                improver.Run(k, open, upper, 1 + NeuronSteps, layers[k].HasKink ? 0 : double.NegativeInfinity, (r, bound) => Limit(layers[k], open[r], upper, bound));
                continue;
            }

            Backward(k, open, upper);
            for (var r = 0; r < open.Length; r++)
            {
                Limit(layers[k], open[r], upper, Concretize(r));
            }
        }

        static void Limit(LayerState layer, int i, bool upper, double bound)
        {
            if (upper)
            {
                layer.LimitAbove(i, bound);
            }
            else
            {
                layer.LimitBelow(i, -bound);
            }
        }
    }

    private double BoundObjective(double target, bool improve)
    {
        var k = layers.Length - 1;
        var last = layers[k];
        Backward(k, last.All, upper: true);
        for (var i = 0; i < last.Length; i++)
        {
            // Until a row is found, "no more than infinity" is the element's linear bound.
            (objectiveUpper[i], objectiveBias[i]) = (double.PositiveInfinity, double.PositiveInfinity);
            objectiveRows.Row(i, inputs).Clear();
            Take(i, i, Concretize(i));
            objectiveUpper[i] = Math.Min(objectiveUpper[i], last.Upper[i]);
        }

        if (improve && objectiveUpper.Min() > target && ObjectiveSteps > 0 && improver.CanImprove)
        {
            int[] best = [MostPromising()];
            improver.Run(k, best, upper: true, 1 + (decides ? Math.Max(DecidedSteps, ObjectiveSteps) : ObjectiveSteps), target, (r, bound) => Take(best[0], r, bound));
        }

        var least = objectiveUpper.Min();
        return double.IsNaN(least) ? double.PositiveInfinity : least;
    }

    /// <summary>Takes row r as element i's linear bound, where it is better. A bound that is a number comes from a row of numbers: nothing overflowed.</summary>
    private void Take(int i, int r, double bound)
    {
        if (bound < objectiveUpper[i])
        {
            objectiveUpper[i] = bound;
            objectiveBias[i] = Total(r);
            backward.Row(r, inputs).CopyTo(objectiveRows.Row(i, inputs));
        }
    }

    private static bool IsFinite(ReadOnlySpan<double> row)
    {
        foreach (var value in row)
        {
            if (!double.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    private int MostPromising()
    {
        var best = 0;
        for (var i = 1; i < objectiveUpper.Length; i++)
        {
            best = objectiveUpper[i] < objectiveUpper[best] ? i : best;
        }

        return best;
    }

    /// <summary>
    /// Removes from the part what cannot hold a point with g above the target: there each element's bound a x + b must exceed it. Returns the share of the
    /// volume that is left, over the coordinates that have a width; 0 when nothing is.
    /// </summary>
    private double Cut(Box part, double target)
    {
        var share = 1.0;
        for (var i = 0; i < objectiveUpper.Length; i++)
        {
            var row = objectiveRows.Row(i, inputs);
            var total = objectiveBias[i];
            for (var j = 0; j < inputs; j++)
            {
                total = Rounding.AddUp(total, Rounding.MultiplyUp(row[j], row[j] > 0 ? part.Upper[j] : part.Lower[j]));
            }

            if (!double.IsFinite(total) || !IsFinite(row))
            {
                continue;
            }

            if (total <= target)
            {
                return 0;
            }

            for (var j = 0; j < inputs; j++)
            {
                var slope = row[j];
                if (slope == 0)
                {
                    continue;
                }

                // slope x_j > target - (the rest at its best), the rest being total without coordinate j.
                var rest = Rounding.SubtractUp(total, Rounding.MultiplyDown(slope, slope > 0 ? part.Upper[j] : part.Lower[j]));
                var needed = Rounding.SubtractDown(target, rest);
                var (lower, upper) = (part.Lower[j], part.Upper[j]);
                if (slope > 0)
                {
                    part.Lower[j] = Math.Max(lower, Rounding.DivideDown(needed, slope));
                }
                else
                {
                    part.Upper[j] = Math.Min(upper, Rounding.DivideUp(needed, slope));
                }

                if (!(part.Lower[j] <= part.Upper[j]))
                {
                    (part.Lower[j], part.Upper[j]) = (lower, upper);
                    return 0;
                }

                share *= upper > lower ? (part.Upper[j] - part.Lower[j]) / (upper - lower) : 1;
            }
        }

        return Math.Max(share, double.Epsilon);
    }
}
