using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>The capital of two gamblers at a candidate m for a mean in [0, 1]: K⁺ bets that the numbers are larger than m, K⁻ that they are smaller.</summary>
/// <remarks>
/// <para>
/// K⁺_t(m) = product over i &lt;= t of 1 + min(l_i, c_i / m) (y_i - m), K⁻_t(m) = product of 1 - min(l_i, c_i / (1 - m)) (y_i - m), with bets l_i >= 0 and limits c_i in (0, 1) that depend on y_1, ..., y_(i-1) alone.
/// </para>
/// <para>
/// At m = E(y_i | y_1, ..., y_(i-1)), the same for all i, both are martingales that start at 1 and are never negative, since each factor is at least 1 - c_i and has mean 1. By Ville's inequality
/// P(K_t(m) >= 1 / alpha for some t) &lt;= alpha. proofs/coq/theories/Statistics/Ville.v, <c>betting_lower_bound</c>, <c>betting_upper_bound</c>, for the bounds themselves.
/// </para>
/// <para>
/// Each factor of K⁺ falls with m, for every y in [0, 1]: it is 1 + l (y - m) up to m = c / l and 1 - c + c y / m from there on, equal where they meet. So K⁺_t falls with m, and with it its largest value over t: where
/// K⁺ reached 1 / alpha at m, it has reached it at every smaller number, and one bisection excludes all of [0, m]. In the same way each factor of K⁻, 1 - l (y - m) from m = 1 - c / l on and
/// 1 - c + c (1 - y) / (1 - m) up to there, rises with m. No grid of candidates is needed, and none is used.
/// </para>
/// <para>
/// The bets are doubles; their formula decides how narrow bounds are and not whether they hold. Capital is computed with every operation rounded downward, for the number y as enclosed, and scaled by powers of two.
/// </para>
/// </remarks>
internal sealed class Bets
{
    /// <summary>Bounds differ by at most this from where the capital, as rounded, reaches its goal.</summary>
    private const double Close = 1e-12;

    private readonly List<Round> rounds = [];
    private readonly double log;
    private readonly int? horizon;
    private readonly double limit;
    private double sum = 0.5;
    private double squares = 0.25;

    /// <param name="alpha">The error probability for which bets are tuned.</param>
    /// <param name="horizon">The number of rounds for which they are tuned; null where it is open.</param>
    public Bets(double alpha, int? horizon)
    {
        log = -Elementary.Log(alpha);
        this.horizon = horizon;
        limit = horizon is null ? 0.5 : 0.95;
    }

    /// <summary>Rounds so far.</summary>
    public int Count => rounds.Count;

    /// <summary>The next round: its bets follow from the rounds before.</summary>
    /// <param name="y">An enclosure within [0, 1].</param>
    public Round Add(Interval y)
    {
        var t = rounds.Count + 1;
        var variance = squares / t;
        var pace = horizon is { } n ? n : t * Elementary.Log(t + 1.0);
        var round = new Round(Math.Sqrt(2 * log / (pace * variance)), limit, y);
        rounds.Add(round);
        sum += y.Middle;
        var deviation = y.Middle - (sum / (t + 1));
        squares += deviation * deviation;
        return round;
    }

    /// <summary>An l such that K⁺ reached 1 / alpha at every m of at most l; 0 where none was found.</summary>
    public double Lower(double alpha) => Bisect(1, 0, m => Reached(m, alpha, (round, at) => round.Above(at)));

    /// <summary>A u such that K⁻ reached 1 / alpha at every m of at least u; 1 where none was found.</summary>
    public double Upper(double alpha) => Bisect(0, 1, m => Reached(m, alpha, (round, at) => round.Below(at)));

    /// <summary>K⁺ and K⁻ at m after all rounds, each rounded down.</summary>
    public (Capital Above, Capital Below) At(double m)
    {
        var (above, below) = (new Capital(), new Capital());
        foreach (var round in rounds)
        {
            (above, below) = (above.Times(round.Above(m)), below.Times(round.Below(m)));
        }

        return (above, below);
    }

    private bool Reached(double m, double alpha, Func<Round, double, double> factor)
    {
        var (capital, goal) = (new Capital(), Rounding.DivideUp(1, alpha));
        foreach (var round in rounds)
        {
            capital = capital.Times(factor(round, m));
            if (capital.Reaches(goal))
            {
                return true;
            }
        }

        return false;
    }

    private static double Bisect(double outside, double inside, Predicate<double> holds)
    {
        while (Math.Abs(inside - outside) > Close)
        {
            var middle = 0.5 * (outside + inside);
            (outside, inside) = holds(middle) ? (outside, middle) : (middle, inside);
        }

        return inside;
    }

    /// <summary>A bet l with its limit c, and what came: an enclosure of y.</summary>
    public readonly record struct Round(double Bet, double Limit, Interval Came)
    {
        /// <summary>1 + min(l, c / m) (y - m), rounded down.</summary>
        public double Above(double m)
        {
            var y = Came.Lower;
            return Factor(Interval.Point(m), Rounding.SubtractDown(y, m), y);
        }

        /// <summary>1 - min(l, c / (1 - m)) (y - m), rounded down.</summary>
        public double Below(double m)
        {
            var y = Came.Upper;
            return Factor(Interval.Point(1) - m, Rounding.SubtractDown(m, y), Rounding.SubtractDown(1, y));
        }

        /// <summary>1 + l gain while l stake &lt;= c, 1 - c + c share / stake from there on, for gain = share - stake; the smaller where the rounded product does not decide.</summary>
        private double Factor(Interval stake, double gain, double share)
        {
            var plain = Rounding.AddDown(1, Rounding.MultiplyDown(Bet, gain));
            if (Rounding.MultiplyUp(Bet, stake.Upper) <= Limit)
            {
                return plain;
            }

            var limited = Rounding.AddDown(Rounding.SubtractDown(1, Limit), Rounding.DivideDown(Rounding.MultiplyDown(Limit, share), stake.Upper));
            return Rounding.MultiplyDown(Bet, stake.Lower) >= Limit ? limited : Math.Min(plain, limited);
        }
    }

    /// <summary>m 2^(400 s), rounded down.</summary>
    public readonly struct Capital
    {
        private const int Step = 400;
        private static readonly double Large = Math.ScaleB(1, Step);
        private readonly double mantissa;
        private readonly int scale;

        /// <summary>1.</summary>
        public Capital()
            : this(1, 0)
        {
        }

        private Capital(double mantissa, int scale) => (this.mantissa, this.scale) = (mantissa, scale);

        /// <summary>The capital times a factor, rounded down.</summary>
        public Capital Times(double factor)
        {
            var product = Rounding.MultiplyDown(mantissa, Math.Max(0, factor));
            return product > Large ? new(product / Large, scale + 1) : product > 0 && product < 1 / Large ? new(product * Large, scale - 1) : new(product, scale);
        }

        /// <summary>Whether the capital is at least the goal, a number of at least 1.</summary>
        public bool Reaches(double goal) => mantissa >= Math.ScaleB(goal, -Step * scale);

        /// <summary>The capital as a double, where it is one.</summary>
        public double Value => Math.ScaleB(mantissa, Step * scale);
    }
}
