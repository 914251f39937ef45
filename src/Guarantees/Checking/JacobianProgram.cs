using Guarantees.Arithmetic;
using Guarantees.Networks.Operators;

namespace Guarantees.Checking;

/// <summary>A stack of halfspaces over a box |t_j| &lt;= r_j, and linear programs over their intersection.</summary>
/// <remarks>
/// The dual simplex method with bounded variables guesses multipliers; what it says is believed only after the Lagrangian has been bounded
/// with its rounding errors: for multipliers y >= 0 of halfspaces a_k t + b_k >= 0, c t + c0 >= c0 - sum y_k b_k - sum_j |c_j - sum_k y_k a_kj| r_j.
/// Source: D. Bertsimas, J. N. Tsitsiklis, "Introduction to Linear Optimization", Athena Scientific, 1997, sec. 4.5 and 4.7 (from memory).
/// </remarks>
internal sealed class JacobianProgram
{
    private const int MostPivots = 200;

    private readonly int n;
    private readonly double[] radius;
    private readonly double[] normals;
    private readonly double[] offsets;
    private readonly double[] scales;
    private readonly double[] tableau;
    private readonly double[] constants;
    private readonly double[] values;
    private readonly double[] costs;
    private readonly int[] rowVariable;
    private readonly int[] columnVariable;
    private readonly double[] position;
    private readonly double[] objective;
    private readonly double[] residual;
    private readonly double[] sizes;
    private double costConstant;

    public JacobianProgram(int n, int mostHalfspaces)
    {
        this.n = n;
        (radius, position, objective, residual, sizes, costs) = (new double[n], new double[n], new double[n], new double[n], new double[n], new double[n]);
        (normals, tableau) = (new double[n * mostHalfspaces], new double[n * mostHalfspaces]);
        (offsets, scales, constants, values) = (new double[mostHalfspaces], new double[mostHalfspaces], new double[mostHalfspaces], new double[mostHalfspaces]);
        (rowVariable, columnVariable) = (new int[mostHalfspaces], new int[n]);
    }

    /// <summary>Number of halfspaces.</summary>
    public int Count { get; private set; }

    /// <summary>Multiplications so far, about; a measure of work that does not depend on the machine.</summary>
    public double Work { get; private set; }

    public void Clear() => (Count, Work) = (0, 0);

    public void SetRadius(double[] r) => r.CopyTo(radius, 0);

    /// <summary>Adds sign (form_i + e) >= 0 for some |e| &lt;= error: rows of <paramref name="forms"/> are the slopes and then the offset.</summary>
    public void Push(Rows forms, int i, int sign, double error)
    {
        var scale = 1e-300;
        for (var j = 0; j < n; j++)
        {
            var slope = sign * forms.Data[(j * forms.Stride) + i];
            normals[(Count * n) + j] = slope;
            scale += Math.Abs(slope) * radius[j];
        }

        offsets[Count] = Rounding.AddUp(sign * forms.Data[(n * forms.Stride) + i], error);
        scales[Count] = 1 / scale;
        Count++;
    }

    public void Pop() => Count--;

    /// <summary>Law: true only where side (form_i + e) &lt; 0 on the whole intersection, for every |e| &lt;= error. The vertex is where the side reaches farthest, nearly.</summary>
    public bool Excludes(Rows forms, int i, int side, double error, out double[] vertex)
    {
        // Minimise -side form_i: is the least value above the error?
        var offset = -side * forms.Data[(n * forms.Stride) + i];
        var scale = 1e-300;
        for (var j = 0; j < n; j++)
        {
            objective[j] = -side * forms.Data[(j * forms.Stride) + i];
            scale += Math.Abs(objective[j]) * radius[j];
        }

        var excluded = Solve(offset, scale, error);
        vertex = [];
        if (!excluded)
        {
            vertex = new double[n];

            // Variables of the box sit in columns or rows; their values are in units of r.
            for (var j = 0; j < n; j++)
            {
                if (columnVariable[j] < n)
                {
                    vertex[columnVariable[j]] = position[j] * radius[columnVariable[j]];
                }
            }

            for (var k = 0; k < Count; k++)
            {
                if (rowVariable[k] < n)
                {
                    vertex[rowVariable[k]] = Math.Clamp(values[k], -1, 1) * radius[rowVariable[k]];
                }
            }
        }

        return excluded;
    }

    private bool Solve(double offset, double scale, double error)
    {
        var (m, inverse) = (Count, 1 / scale);
        costConstant = 0;
        for (var j = 0; j < n; j++)
        {
            (columnVariable[j], costs[j]) = (j, objective[j] * radius[j] * inverse);
            position[j] = costs[j] > 0 ? -1 : 1;
        }

        for (var k = 0; k < m; k++)
        {
            (rowVariable[k], constants[k]) = (n + k, offsets[k] * scales[k]);
            for (var j = 0; j < n; j++)
            {
                tableau[(k * n) + j] = normals[(k * n) + j] * radius[j] * scales[k];
            }
        }

        var target = (error - offset) * inverse;
        for (var pivot = 0; pivot < MostPivots; pivot++)
        {
            var least = costConstant;
            for (var j = 0; j < n; j++)
            {
                least += costs[j] * position[j];
            }

            if (least > target && Proves(offset, error, inverse))
            {
                return true;
            }

            Work += 2.0 * m * n;
            var (row, violation) = (-1, 1e-10);
            for (var k = 0; k < m; k++)
            {
                var value = constants[k];
                for (var j = 0; j < n; j++)
                {
                    value += tableau[(k * n) + j] * position[j];
                }

                values[k] = value;
                var outside = rowVariable[k] >= n ? -value : Math.Abs(value) - 1;
                if (outside > violation)
                {
                    (row, violation) = (k, outside);
                }
            }

            if (row < 0)
            {
                return false;
            }

            // The leaving variable returns to its violated bound.
            var (variable, up) = (rowVariable[row], rowVariable[row] >= n || values[row] < 0);
            var (column, ratio) = (-1, double.PositiveInfinity);
            for (var j = 0; j < n; j++)
            {
                var entry = up ? tableau[(row * n) + j] : -tableau[(row * n) + j];
                var mayRise = columnVariable[j] >= n || position[j] < 0;
                if ((mayRise ? entry : -entry) > 1e-9)
                {
                    var steep = Math.Abs(costs[j] / entry);
                    if (steep < ratio)
                    {
                        (column, ratio) = (j, steep);
                    }
                }
            }

            if (column < 0)
            {
                // No point satisfies the row: the halfspaces do not meet the box. Its combination is the proof, with any weight.
                return ProvesEmpty(row, up);
            }

            Exchange(row, column, m);
            position[column] = variable >= n ? 0 : up ? -1 : 1;
        }

        return false;
    }

    private void Exchange(int row, int column, int m)
    {
        var p = 1 / tableau[(row * n) + column];
        var entering = tableau.AsSpan(row * n, n);
        for (var j = 0; j < n; j++)
        {
            entering[j] = j == column ? p : -entering[j] * p;
        }

        constants[row] *= -p;
        for (var k = 0; k < m; k++)
        {
            if (k != row)
            {
                constants[k] += Substitute(tableau.AsSpan(k * n, n), entering, column, constants[row]);
            }
        }

        costConstant += Substitute(costs, entering, column, constants[row]);
        (rowVariable[row], columnVariable[column]) = (columnVariable[column], rowVariable[row]);
    }

    private static double Substitute(Span<double> target, ReadOnlySpan<double> entering, int column, double constant)
    {
        var factor = target[column];
        if (factor == 0)
        {
            return 0;
        }

        target[column] = 0;
        for (var j = 0; j < target.Length; j++)
        {
            target[j] += factor * entering[j];
        }

        return factor * constant;
    }

    /// <summary>Whether the multipliers of the present costs prove offset + objective t > error on the intersection.</summary>
    private bool Proves(double offset, double error, double inverse)
    {
        var sum = new Lagrangian(this, offset, objective);
        for (var j = 0; j < n; j++)
        {
            if (columnVariable[j] >= n && costs[j] > 0)
            {
                sum.Subtract(columnVariable[j] - n, costs[j] * scales[columnVariable[j] - n] / inverse);
            }
        }

        return sum.IsAbove(error);
    }

    /// <summary>Whether the row, read as a combination of halfspaces, is negative on the whole box.</summary>
    private bool ProvesEmpty(int row, bool up)
    {
        Array.Clear(objective);
        var sum = new Lagrangian(this, 0, objective);

        // v = constant + sum T_j x_j: to hold v >= its bound, slacks x_j in columns would have to help and cannot; -v's combination is positive.
        var own = rowVariable[row];
        if (own >= n)
        {
            sum.Subtract(own - n, scales[own - n]);
        }

        for (var j = 0; j < n; j++)
        {
            var weight = up ? -tableau[(row * n) + j] : tableau[(row * n) + j];
            if (columnVariable[j] >= n && weight > 0)
            {
                sum.Subtract(columnVariable[j] - n, weight * scales[columnVariable[j] - n]);
            }
        }

        return sum.IsAbove(0);
    }

    /// <summary>c t + c0 - sum y_k (a_k t + b_k), its size, and a bound of its least value over the box.</summary>
    private ref struct Lagrangian
    {
        private readonly JacobianProgram program;
        private double constant;
        private double size;
        private int terms;

        public Lagrangian(JacobianProgram program, double offset, double[] objective)
        {
            (this.program, constant, size) = (program, offset, Math.Abs(offset));
            objective.CopyTo(program.residual, 0);
            for (var j = 0; j < objective.Length; j++)
            {
                program.sizes[j] = Math.Abs(objective[j]);
            }
        }

        public void Subtract(int k, double multiplier)
        {
            terms++;
            constant -= multiplier * program.offsets[k];
            size += Math.Abs(multiplier * program.offsets[k]);
            for (var j = 0; j < program.n; j++)
            {
                var term = multiplier * program.normals[(k * program.n) + j];
                program.residual[j] -= term;
                program.sizes[j] += Math.Abs(term);
            }
        }

        /// <summary>Whether the least value over the box is above a number, all rounding errors counted.</summary>
        public readonly bool IsAbove(double number)
        {
            var (reach, all) = (0.0, size);
            for (var j = 0; j < program.n; j++)
            {
                reach += Math.Abs(program.residual[j]) * program.radius[j];
                all += program.sizes[j] * program.radius[j];
            }

            var error = (4 * Rounding.Gamma(terms + program.n + 4) * (all + Math.Abs(number))) + Rounding.Tiny;
            return constant - reach - error > number;
        }
    }
}
