namespace Guarantees.Statistics;

/// <summary>Both tails of a binomial number where they are not negligible, to about ten digits: proposals, never bounds.</summary>
/// <remarks>By ratios from the most probable count down to 1e-22 of its probability; the sum of all is taken for 1. Tails are sums from their ends, so they are monotone.</remarks>
internal readonly ref struct BinomialWindow
{
    private const double Cut = 1e-22;

    private readonly int first;
    private readonly double[] below;
    private readonly double[] above;

    /// <param name="count">n, at least 1.</param>
    /// <param name="probability">p, in (0, 1).</param>
    public BinomialWindow(int count, double probability)
    {
        var mode = Math.Min(count, (int)((count + 1.0) * probability));
        var odds = probability / (1 - probability);
        var down = new List<double>();
        for (var (k, value) = (mode, 1.0); k >= 0 && value >= Cut; value *= k / ((count - k + 1.0) * odds), k--)
        {
            down.Add(value);
        }

        first = mode - down.Count + 1;
        down.Reverse();
        for (var (k, value) = (mode + 1, (count - mode) / (mode + 1.0) * odds); k <= count && value >= Cut; value *= (count - k) / (k + 1.0) * odds, k++)
        {
            down.Add(value);
        }

        var size = down.Count;
        (below, above) = (new double[size], new double[size]);
        var (sum, rest) = (0.0, 0.0);
        for (var i = 0; i < size; i++)
        {
            below[i] = sum += down[i];
            above[size - 1 - i] = rest += down[size - 1 - i];
        }

        for (var i = 0; i < size; i++)
        {
            below[i] /= sum;
            above[i] /= sum;
        }
    }

    /// <summary>The smaller of P(N &lt;= k) and P(N >= k); 0 beyond the window.</summary>
    public double Tail(int k) => k < first || k >= first + below.Length ? 0 : Math.Min(below[k - first], above[k - first]);

    /// <summary>The counts, from one to another, whose tails are larger than the risk; none (the second below the first) where there are none.</summary>
    public (int Lower, int Upper) Inside(double risk)
    {
        var (low, high) = (0, below.Length - 1);
        while (low < below.Length && below[low] <= risk)
        {
            low++;
        }

        while (high >= 0 && above[high] <= risk)
        {
            high--;
        }

        return (first + low, first + high);
    }
}
