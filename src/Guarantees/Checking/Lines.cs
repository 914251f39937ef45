using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <summary>Linear bounds of one node in the whole input: Lower_i . x + LowerBias_i &lt;= value_i(x) &lt;= Upper_i . x + UpperBias_i over the part.</summary>
internal sealed class Lines
{
    public Lines(int elements, int inputs)
    {
        var stride = Kernels.Pad(inputs);
        Upper = new Rows(new double[elements * stride], stride);
        Lower = new Rows(new double[elements * stride], stride);
        UpperBias = new double[elements];
        LowerBias = new double[elements];
        UpperSize = new double[elements];
        LowerSize = new double[elements];
    }

    public Rows Upper { get; }

    public Rows Lower { get; }

    public double[] UpperBias { get; }

    public double[] LowerBias { get; }

    /// <summary>At least sum_j |Upper_ij| |x_j| + |UpperBias_i|.</summary>
    public double[] UpperSize { get; }

    /// <summary>At least sum_j |Lower_ij| |x_j| + |LowerBias_i|.</summary>
    public double[] LowerSize { get; }

    /// <summary>x_i &lt;= x_i &lt;= x_i.</summary>
    public void SetIdentity(Input slot, double[] magnitude)
    {
        for (var i = 0; i < slot.Length; i++)
        {
            foreach (var rows in new[] { Upper, Lower })
            {
                var row = rows.Row(i, magnitude.Length);
                row.Clear();
                row[slot.Start + i] = 1;
            }

            UpperBias[i] = LowerBias[i] = 0;
            Measure(i, magnitude);
        }
    }

    /// <summary>Sets the sizes of element <paramref name="i"/>.</summary>
    public void Measure(int i, double[] magnitude)
    {
        UpperSize[i] = SizeOf(Upper.Row(i, magnitude.Length), UpperBias[i], magnitude);
        LowerSize[i] = SizeOf(Lower.Row(i, magnitude.Length), LowerBias[i], magnitude);
    }

    /// <summary>At least sum_j |row_j| magnitude_j + |bias|.</summary>
    public static double SizeOf(ReadOnlySpan<double> row, double bias, double[] magnitude)
    {
        var size = Math.Abs(bias);
        for (var j = 0; j < row.Length; j++)
        {
            size += Math.Abs(row[j]) * magnitude[j];
        }

        return (size * (1 + 1e-9)) + Rounding.Tiny;
    }
}
