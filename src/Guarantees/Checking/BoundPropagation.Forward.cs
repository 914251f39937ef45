using System.Numerics.Tensors;
using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <remarks>
/// Forward linear bounds after the anchors: a linear map of bounded vectors takes the upper line where its weight is positive and the lower line where
/// it is negative; a nonlinear operator is replaced by its planes first. Rounding errors of the new coefficients are bounded by
/// gamma * sum |weight| * (size of the line), sizes being upper bounds of sum |coefficient| |x|.
/// </remarks>
public sealed partial class BoundPropagation
{
    private readonly Lines?[] lines;
    private double[] negated = [];

    private bool BoundForward(Node node)
    {
        var result = lines[node.Id] ??= new Lines(node.Length, graph.InputLength);
        var n = graph.InputLength;
        var largestInput = inputMagnitude.Max();
        if (node.Operator is Input slot)
        {
            result.SetIdentity(slot, inputMagnitude);
            return true;
        }

        for (var i = 0; i < node.Length; i++)
        {
            var upper = new LineSum(result.Upper, result.UpperBias, i, n);
            var lower = new LineSum(result.Lower, result.LowerBias, i, n);
            if (node.Operator is LinearOperator linear)
            {
                var terms = linear.Terms(i);
                upper.Start(linear.Bias(i));
                lower.Start(linear.Bias(i));
                for (var t = 0; t < terms.Count; t++)
                {
                    var (argument, element, weight) = terms[t];
                    AddTerm(ref upper, node.Arguments[argument], element, weight, above: true);
                    AddTerm(ref lower, node.Arguments[argument], element, weight, above: false);
                }
            }
            else
            {
                var map = (NonlinearOperator)node.Operator;
                var p = planes[node.Id]!;
                upper.Start(p.UpperIntercepts[i]);
                lower.Start(p.LowerIntercepts[i]);
                for (var t = 0; t < p.Terms; t++)
                {
                    var (argument, element) = map.Term(i, t);
                    AddTerm(ref upper, node.Arguments[argument], element, p.UpperSlopes[(i * p.Terms) + t], above: true);
                    AddTerm(ref lower, node.Arguments[argument], element, p.LowerSlopes[(i * p.Terms) + t], above: false);
                }
            }

            upper.Finish(+1, largestInput);
            lower.Finish(-1, largestInput);
            result.Measure(i, inputMagnitude);
            var reach = -ConcretizeNegated(result.Lower.Row(i, n), result.LowerBias[i]);
            if (!Intersect(ranges[node.Id], i, reach, Concretize(result.Upper.Row(i, n), result.UpperBias[i])))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Adds weight times element's line: its upper line when that bounds the product from the wanted side.</summary>
    private void AddTerm(ref LineSum sum, int argument, int element, double weight, bool above)
    {
        if (weight == 0)
        {
            return;
        }

        if (fixedNodes[argument])
        {
            var range = ranges[argument];
            sum.AddConstant(weight, weight > 0 == above ? range.Upper[element] : range.Lower[element]);
            return;
        }

        var known = lines[argument]!;
        if (weight > 0 == above)
        {
            sum.AddLine(weight, known.Upper.Row(element, graph.InputLength), known.UpperBias[element], known.UpperSize[element]);
        }
        else
        {
            sum.AddLine(weight, known.Lower.Row(element, graph.InputLength), known.LowerBias[element], known.LowerSize[element]);
        }
    }

    /// <summary>A number not below -(row . x + constant) over the part.</summary>
    private double ConcretizeNegated(ReadOnlySpan<double> row, double constant)
    {
        negated = Reserve(negated, row.Length);
        TensorPrimitives.Negate(row, negated.AsSpan(0, row.Length));
        return Concretize(negated.AsSpan(0, row.Length), -constant);
    }

    /// <summary>A weighted sum of lines under construction, with the size of everything that was rounded.</summary>
    private ref struct LineSum(Rows rows, double[] biases, int i, int n)
    {
        private readonly Span<double> row = rows.Row(i, n);
        private readonly double[] biases = biases;
        private double bias;
        private double size;
        private int terms;

        public void Start(double constant)
        {
            row.Clear();
            bias = constant;
            size = Math.Abs(constant);
        }

        public void AddConstant(double weight, double value)
        {
            var product = weight * value;
            bias += product;
            size += Math.Abs(product);
            terms++;
        }

        public void AddLine(double weight, ReadOnlySpan<double> line, double constant, double lineSize)
        {
            TensorPrimitives.MultiplyAdd(line, weight, row, row);
            bias += weight * constant;
            size += Math.Abs(weight) * lineSize;
            terms++;
        }

        /// <summary>Moves the bias outward by all rounding errors: side +1 up, -1 down.</summary>
        public readonly void Finish(int side, double largestInput) =>
            biases[i] = bias + (side * ((2 * Rounding.Gamma(terms + 4) * size) + (Rounding.Tiny * (1 + largestInput))));
    }
}
