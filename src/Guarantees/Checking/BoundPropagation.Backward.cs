using System.Runtime.Intrinsics;
using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <remarks>
/// Backward linear relaxation. A row keeps the invariant, in exact arithmetic and for every x of the part:
///     target(x) &lt;= sum over pending nodes v of coefficients_v . v(x) + bias + error.
/// Going down one node replaces v by its upper plane where the coefficient is positive and by its lower plane where it is negative.
/// Coefficients and bias are computed in nearest rounding; what that may have lost, times the size of what it multiplies, goes to error.
/// Lower bounds are upper bounds of the negated target, so there is one code path.
/// </remarks>
public sealed partial class BoundPropagation
{
    private readonly Rows[] coefficients;
    private readonly bool[] pending;
    private readonly bool[] waists;
    private int absorbed; // elements of waists, in the present pass
    private double[] bias = [];
    private double[] error = [];
    private double[] sizes = [];
    private double[] biasScratch = [];
    private Rows[] targetRows = new Rows[8];
    private bool[] targetFresh = new bool[8];

    /// <summary>Tightens the range of a trunk node that a nonlinear operator reads, by rows for the elements where it can matter.</summary>
    private bool Tighten(Node node)
    {
        var range = ranges[node.Id];
        var elements = new List<int>(node.Length);
        var onlyUnstable = OnlyUnstableMatters(node.Id);
        for (var i = 0; i < node.Length; i++)
        {
            if (!onlyUnstable || (range.Lower[i] < 0 && range.Upper[i] > 0))
            {
                elements.Add(i);
            }
        }

        if (elements.Count == 0)
        {
            return true;
        }

        Pull(node, elements, toWaists: true);
        var (rows, input) = (elements.Count, InputRows);
        for (var r = 0; r < rows; r++)
        {
            var upper = OrCut(r, Concretize(input.Row(r, graph.InputLength), Total(r)));
            var lower = -OrCut(rows + r, Concretize(input.Row(rows + r, graph.InputLength), Total(rows + r)));
            if (!Intersect(range, elements[r], lower, upper))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether every user of the node is a ReLU: an element whose sign is known needs no better range.</summary>
    private bool OnlyUnstableMatters(int id)
    {
        foreach (var node in graph.Nodes)
        {
            if (roles[node.Id] != Role.Unused && node.Operator is not (ReLU or LeakyReLU) && node.Arguments.Contains(id))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Linear bounds of an anchor in the input, and the range they give.</summary>
    private bool BoundAnchor(Node node)
    {
        var n = graph.InputLength;
        var result = lines[node.Id] ??= new Lines(node.Length, n);
        if (node.Operator is Input slot)
        {
            result.SetIdentity(slot, inputMagnitude);
            return true;
        }

        var elements = new int[node.Length];
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = i;
        }

        Pull(node, elements);
        for (var i = 0; i < node.Length; i++)
        {
            var above = InputRows.Row(i, n);
            var below = InputRows.Row(node.Length + i, n);
            above.CopyTo(result.Upper.Row(i, n));
            var lower = result.Lower.Row(i, n);
            for (var j = 0; j < n; j++)
            {
                lower[j] = -below[j];
            }

            result.UpperBias[i] = Total(i);
            result.LowerBias[i] = -Total(node.Length + i);
            result.Measure(i, inputMagnitude);
            if (!Intersect(ranges[node.Id], i, -OrCut(node.Length + i, Concretize(below, Total(node.Length + i))), OrCut(i, Concretize(above, Total(i)))))
            {
                return false;
            }
        }

        return true;
    }

    private Rows InputRows { get; set; }

    private double Total(int row) => Rounding.AddUp(bias[row], error[row] * (1 + 1e-6));

    /// <summary>
    /// Rows 0 .. k-1: the given elements of the node; rows k .. 2k-1: their negatives; carried down to the input, or to the nearest waists, whose linear bounds in the input take it
    /// from there: many rows then pass a few layers only.
    /// </summary>
    private void Pull(Node target, IReadOnlyList<int> elements, bool toWaists = false)
    {
        (absorbed, isCut) = (0, false);
        var maySeparate = groups is not null && !separable[target.Id];
        var rows = 2 * elements.Count;
        if (bias.Length < rows)
        {
            bias = new double[rows];
            error = new double[rows];
        }

        Array.Clear(bias, 0, rows);
        Array.Clear(error, 0, rows);
        var input = new Rows(Reserve(InputRows.Data, rows * Kernels.Pad(graph.InputLength)), Kernels.Pad(graph.InputLength));
        Array.Clear(input.Data, 0, rows * input.Stride);
        InputRows = input;
        var seed = Open(target.Id, rows);
        Array.Clear(seed.Data, 0, rows * seed.Stride);
        for (var r = 0; r < elements.Count; r++)
        {
            seed.Row(r, target.Length)[elements[r]] = 1;
            seed.Row(elements.Count + r, target.Length)[elements[r]] = -1;
        }

        pending[target.Id] = true;
        for (var id = target.Id; id >= 0; id--)
        {
            if (!pending[id])
            {
                continue;
            }

            var node = graph.Nodes[id];
            if (maySeparate && separable[id] && StandsOnGroups(id))
            {
                Cut(id, rows);
                maySeparate = false;
            }

            // What has gone to the input is not pending: from there on a cut would miss it.
            maySeparate &= node.Operator is not Input && !(toWaists && waists[id]);
            pending[id] = false;
            if (fixedNodes[id])
            {
                AbsorbConstant(id, rows);
            }
            else if (node.Operator is Input slot)
            {
                for (var r = 0; r < rows; r++)
                {
                    var from = coefficients[id].Row(r, slot.Length);
                    var to = input.Row(r, graph.InputLength)[slot.Start..];
                    for (var i = 0; i < from.Length; i++)
                    {
                        to[i] += from[i];
                    }

                    error[r] += absorbed > 0 ? Rounding.Gamma(absorbed + 4) * MagnitudeOf(from, ranges[id]) : 0;
                }
            }
            else if (toWaists && waists[id])
            {
                AbsorbLines(id, rows);
            }
            else
            {
                Descend(node, rows);
            }
        }
    }

    private void AbsorbConstant(int id, int rows)
    {
        var range = ranges[id];
        for (var r = 0; r < rows; r++)
        {
            var row = coefficients[id].Row(r, range.Length);
            var (sum, size) = (0.0, 0.0);
            for (var i = 0; i < row.Length; i++)
            {
                if (row[i] != 0)
                {
                    var product = row[i] * (row[i] > 0 ? range.Upper[i] : range.Lower[i]);
                    sum += product;
                    size += Math.Abs(product);
                }
            }

            AddToBias(r, sum);
            error[r] += (Rounding.Gamma(row.Length + 2) * size) + Rounding.Tiny;
        }
    }

    /// <summary>Replaces a waist by its upper lines where the coefficient is positive and by its lower lines where it is negative.</summary>
    private void AbsorbLines(int id, int rows)
    {
        var (known, n, input) = (lines[id]!, graph.InputLength, InputRows);
        absorbed += graph.Nodes[id].Length;
        for (var r = 0; r < rows; r++)
        {
            var row = coefficients[id].Row(r, graph.Nodes[id].Length);
            var to = input.Row(r, n);
            var (sum, size) = (0.0, 0.0);
            for (var i = 0; i < row.Length; i++)
            {
                if (row[i] == 0)
                {
                    continue;
                }

                var above = row[i] > 0;
                var line = (above ? known.Upper : known.Lower).Row(i, n);
                for (var j = 0; j < n; j++)
                {
                    to[j] += row[i] * line[j];
                }

                sum += row[i] * (above ? known.UpperBias : known.LowerBias)[i];
                size += Math.Abs(row[i]) * (above ? known.UpperSize : known.LowerSize)[i];
            }

            // Each coefficient of the input is a sum of so many products, the ones before included.
            AddToBias(r, sum);
            size += Lines.SizeOf(to, 0, inputMagnitude);
            error[r] += (2 * Rounding.Gamma(absorbed + 4) * size) + (Rounding.Tiny * (1 + absorbed) * (1 + inputMagnitude.Max()));
        }
    }

    private void AddToBias(int r, double increment)
    {
        bias[r] += increment;
        error[r] += 2 * Rounding.UnitRoundoff * (Math.Abs(bias[r]) + Math.Abs(increment));
    }

    private void Descend(Node node, int rows)
    {
        var count = node.Arguments.Length;
        if (targetRows.Length < count)
        {
            (targetRows, targetFresh) = (new Rows[count], new bool[count]);
        }

        for (var k = 0; k < count; k++)
        {
            var argument = node.Arguments[k];
            targetFresh[k] = !pending[argument];
            targetRows[k] = pending[argument] ? coefficients[argument] : Open(argument, rows);

            // An argument that appears twice is opened, and may be overwritten, once: the second appearance adds to the first.
            pending[argument] = true;
        }

        var x = Network.Gather(node, ranges, ref argumentRanges);
        sizes = Reserve(sizes, node.Length);
        double factor;
        if (node.Operator is LinearOperator linear)
        {
            linear.Sizes(x, sizes);
            factor = 3 * linear.ErrorFactor;
            DescendLinear(node, linear, rows);
        }
        else
        {
            var nonlinear = (NonlinearOperator)node.Operator;
            MeasurePlanes(node, nonlinear);
            factor = 3 * Rounding.Gamma(node.Length + nonlinear.TermsPerElement + 8);
            DescendNonlinear(node, nonlinear, rows);
        }

        // A coefficient that underflows is off by less than 2^-1074 a term, times what it multiplies.
        var underflow = Rounding.Tiny * (1 + LargestOf(x));
        var a = coefficients[node.Id];
        for (var r = 0; r < rows; r++)
        {
            error[r] += (factor * SizeOf(a.Row(r, node.Length), sizes)) + underflow;
            for (var k = 0; k < count; k++)
            {
                if (!targetFresh[k])
                {
                    var argument = node.Arguments[k];
                    error[r] += Rounding.Gamma(16 + node.Length) * MagnitudeOf(coefficients[argument].Row(r, ranges[argument].Length), ranges[argument]);
                }
            }
        }
    }

    private void DescendLinear(Node node, LinearOperator linear, int rows)
    {
        var scratch = Reserve(biasScratch, rows);
        biasScratch = scratch;
        Array.Clear(scratch, 0, rows);
        var count = node.Arguments.Length;
        linear.PullRows(coefficients[node.Id], rows, targetRows.AsSpan(0, count), targetFresh.AsSpan(0, count), scratch);
        for (var r = 0; r < rows; r++)
        {
            AddToBias(r, scratch[r]);
        }
    }

    private void DescendNonlinear(Node node, NonlinearOperator map, int rows)
    {
        var p = planes[node.Id]!;
        var a = coefficients[node.Id];
        if (map is Activation && targetFresh[0])
        {
            for (var r = 0; r < rows; r++)
            {
                AddToBias(r, DescendBand(a.Data.AsSpan(r * a.Stride, a.Stride), targetRows[0].Data.AsSpan(r * targetRows[0].Stride, a.Stride), p));
            }

            return;
        }

        for (var k = 0; k < node.Arguments.Length; k++)
        {
            if (targetFresh[k])
            {
                Array.Clear(targetRows[k].Data, 0, rows * targetRows[k].Stride);
            }
        }

        var terms = map.TermsPerElement;
        for (var r = 0; r < rows; r++)
        {
            var row = a.Row(r, node.Length);
            var sum = 0.0;
            for (var i = 0; i < row.Length; i++)
            {
                var value = row[i];
                if (value == 0)
                {
                    continue;
                }

                var slopes = value > 0 ? p.UpperSlopes : p.LowerSlopes;
                sum += value * (value > 0 ? p.UpperIntercepts[i] : p.LowerIntercepts[i]);
                for (var t = 0; t < terms; t++)
                {
                    var (argument, element) = map.Term(i, t);
                    var target = targetRows[argument];
                    target.Data[(r * target.Stride) + element] += value * slopes[(i * terms) + t];
                }
            }

            AddToBias(r, sum);
        }
    }

    /// <summary>One row through an elementwise function: c = max(a, 0) upper slope + min(a, 0) lower slope; returns the intercepts' share of the bias.</summary>
    private static double DescendBand(ReadOnlySpan<double> a, Span<double> c, Planes p)
    {
        var sums = Vector256<double>.Zero;
        for (var i = 0; i < a.Length; i += Kernels.Lanes)
        {
            var value = Vector256.Create(a.Slice(i, Kernels.Lanes));
            var (positive, negative) = (Vector256.Max(value, Vector256<double>.Zero), Vector256.Min(value, Vector256<double>.Zero));
            var slopes = (positive * Vector256.Create(p.UpperSlopes.AsSpan(i, Kernels.Lanes))) + (negative * Vector256.Create(p.LowerSlopes.AsSpan(i, Kernels.Lanes)));
            slopes.CopyTo(c.Slice(i, Kernels.Lanes));
            sums += (positive * Vector256.Create(p.UpperIntercepts.AsSpan(i, Kernels.Lanes)))
                + (negative * Vector256.Create(p.LowerIntercepts.AsSpan(i, Kernels.Lanes)));
        }

        return Vector256.Sum(sums);
    }

    /// <summary>sizes[i] = the larger, over the two planes, of sum |slope| |argument| + |intercept|.</summary>
    private void MeasurePlanes(Node node, NonlinearOperator map)
    {
        var p = planes[node.Id]!;
        var terms = map.TermsPerElement;
        for (var i = 0; i < node.Length; i++)
        {
            var (above, below) = (Math.Abs(p.UpperIntercepts[i]), Math.Abs(p.LowerIntercepts[i]));
            for (var t = 0; t < terms; t++)
            {
                var (argument, element) = map.Term(i, t);
                var magnitude = ranges[node.Arguments[argument]][element].Magnitude;
                above += Math.Abs(p.UpperSlopes[(i * terms) + t]) * magnitude;
                below += Math.Abs(p.LowerSlopes[(i * terms) + t]) * magnitude;
            }

            sizes[i] = (Math.Max(above, below) * (1 + 1e-9)) + Rounding.Tiny;
        }
    }

    private static double LargestOf(ReadOnlySpan<Box> boxes)
    {
        var largest = 0.0;
        foreach (var box in boxes)
        {
            for (var i = 0; i < box.Length; i++)
            {
                largest = Math.Max(largest, Math.Max(Math.Abs(box.Lower[i]), Math.Abs(box.Upper[i])));
            }
        }

        return largest;
    }

    private static double SizeOf(ReadOnlySpan<double> row, ReadOnlySpan<double> sizes)
    {
        var sum = 0.0;
        for (var i = 0; i < row.Length; i++)
        {
            if (row[i] != 0)
            {
                sum += Math.Abs(row[i]) * sizes[i];
            }
        }

        return sum;
    }

    private static double MagnitudeOf(ReadOnlySpan<double> row, Box range)
    {
        var sum = 0.0;
        for (var i = 0; i < row.Length; i++)
        {
            if (row[i] != 0)
            {
                sum += Math.Abs(row[i]) * Math.Max(Math.Abs(range.Lower[i]), Math.Abs(range.Upper[i]));
            }
        }

        return sum;
    }

    /// <summary>Rows over a node, contents arbitrary.</summary>
    private Rows Open(int id, int rows)
    {
        var stride = Kernels.Pad(graph.Nodes[id].Length);
        return coefficients[id] = new Rows(Reserve(coefficients[id].Data ?? [], rows * stride), stride);
    }

    private static double[] Reserve(double[]? buffer, int length) => buffer is { } b && b.Length >= length ? b : new double[length];
}
