using Guarantees.Arithmetic;
using Guarantees.Certificates;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Statistics;

/// <summary>Bounds by betting: the capital is a martingale at the mean and monotone in the candidate, and all statements hold at all times, by enumeration of all paths.</summary>
/// <remarks>
/// Mutants planted and found: bets that see their own round, in two ways; another logarithm; the variance around another mean; the limit applied 1 % too late, or 1 % short in the factor; the stake of K⁺ in K⁻; a goal of 0.999 / alpha; the
/// end of the bisection that does not hold; the wrong end of an enclosure, on each side; a scale not counted, up and down; alpha not halved in interval, sequence and gate; proved and refuted exchanged; a goal of half the
/// capital; decisions that do not stay; capital never looked at.
/// </remarks>
public class BettingLaws
{
    private static readonly Interval Unit = new(0, 1);

    /// <remarks>
    /// All paths of coins: the mean of the capital at m = p is 1, up to its rounding downward, at every time; at m > p the mean of K⁺ is at most 1, at m &lt; p that of K⁻. A bet that looks at its own round fails this.
    /// </remarks>
    [Theory]
    [InlineData(null)]
    [InlineData(8)]
    public void Capital_has_mean_one_at_the_mean_and_no_more_beyond(int? horizon)
    {
        const int n = 8;
        foreach (var p in new[] { 0.03125, 0.25, 0.5, 0.875 })
        {
            for (var t = 1; t <= n; t++)
            {
                var sums = new Rational[4];
                foreach (var path in Exact.Sequences(2, t))
                {
                    var bets = new Bets(0.05, horizon);
                    Array.ForEach(path, coin => bets.Add(Interval.Point(coin)));
                    var mass = Mass(path, Rational.Of(p));
                    sums[0] += mass * Rational.Of(bets.At(p).Above.Value);
                    sums[1] += mass * Rational.Of(bets.At(p).Below.Value);
                    sums[2] += mass * Rational.Of(bets.At(p + 0.03125).Above.Value);
                    sums[3] += mass * Rational.Of(bets.At(p - 0.03125).Below.Value);
                }

                Assert.InRange(sums[0].RoundUp(), 1 - 1e-12, 1);
                Assert.InRange(sums[1].RoundUp(), 1 - 1e-12, 1);
                Assert.True(sums[2] <= Rational.One && sums[3] <= Rational.One);
            }
        }
    }

    /// <remarks>Across the place where the limit of a bet begins, and next to it; with enclosures that are not points.</remarks>
    [Fact]
    public void Capital_is_monotone_in_the_candidate_up_to_rounding()
    {
        foreach (var sample in Samples())
        {
            foreach (var horizon in new int?[] { null, sample.Length })
            {
                var bets = new Bets(0.02, horizon);
                var kinks = new List<double>();
                foreach (var x in sample)
                {
                    var round = bets.Add(new(Math.Max(0, x - 1e-9), Math.Min(1, x + 1e-9)));
                    kinks.AddRange([round.Limit / round.Bet, 1 - (round.Limit / round.Bet)]);
                }

                double[] candidates = [.. Enumerable.Range(0, 201).Select(i => i / 200.0).Concat(kinks.SelectMany(m => new[] { Math.BitDecrement(m), m, Math.BitIncrement(m) })).Where(m => m is >= 0 and <= 1).Order()];
                var capitals = candidates.Select(m => bets.At(m)).ToArray();
                for (var i = 1; i < candidates.Length; i++)
                {
                    Assert.True(capitals[i].Above.Value <= capitals[i - 1].Above.Value * (1 + 1e-12), $"K+ rises at {candidates[i]:R}");
                    Assert.True(capitals[i].Below.Value >= capitals[i - 1].Below.Value * (1 - 1e-12), $"K- falls at {candidates[i]:R}");
                }
            }
        }
    }

    /// <remarks>A number known only to lie in an interval counts with the end that wins less, for each gambler.</remarks>
    [Fact]
    public void Capital_of_an_enclosure_is_at_most_that_of_its_members()
    {
        foreach (var m in new[] { 0.125, 0.5, 0.8125 })
        {
            foreach (var bet in new[] { 0.25, 1, 4 })
            {
                var round = new Bets.Round(bet, 0.75, new(0.25, 0.75));
                foreach (var y in new[] { 0.25, 0.5, 0.75 })
                {
                    var member = new Bets.Round(bet, 0.75, Interval.Point(y));
                    Assert.True(round.Above(m) <= member.Above(m) && round.Below(m) <= member.Below(m), $"{bet} at {m} on {y}");
                }
            }
        }
    }

    /// <remarks>The same products written out in plain doubles: from the paper, not from the code. Rounded down: never above by more than doubles err, and close.</remarks>
    [Fact]
    public void Capital_is_that_of_the_formula()
    {
        foreach (var sample in Samples())
        {
            foreach (var (alpha, fixedTime) in new[] { (0.05, false), (0.05, true), (0.3, true) })
            {
                foreach (var m in new[] { 1e-9, 0.05, 0.3, 0.5, 0.71, 0.99 })
                {
                    var bets = new Bets(alpha, fixedTime ? sample.Length : null);
                    var (above, below, n) = (1.0, 1.0, sample.Length);
                    for (var t = 1; t <= n; t++)
                    {
                        double Mean(int i) => (0.5 + sample[..i].Sum()) / (i + 1);
                        var variance = (0.25 + Enumerable.Range(1, t - 1).Sum(i => (sample[i - 1] - Mean(i)) * (sample[i - 1] - Mean(i)))) / t;
                        var bet = Math.Sqrt(2 * Math.Log(1 / alpha) / (variance * (fixedTime ? n : t * Math.Log(1 + t))));
                        var limit = fixedTime ? 0.95 : 0.5;
                        above *= 1 + (Math.Min(bet, limit / m) * (sample[t - 1] - m));
                        below *= 1 - (Math.Min(bet, limit / (1 - m)) * (sample[t - 1] - m));
                        bets.Add(Interval.Point(sample[t - 1]));
                    }

                    Assert.InRange(bets.At(m).Above.Value, above * (1 - 1e-10), above * (1 + 1e-10));
                    Assert.InRange(bets.At(m).Below.Value, below * (1 - 1e-10), below * (1 + 1e-10));
                }
            }
        }
    }

    /// <remarks>
    /// A bound has its defining property: at it, the capital reached its goal at some time, in exact rational arithmetic on the bets as they are; a little inside it did not.
    /// </remarks>
    [Fact]
    public void Every_bound_satisfies_its_inequality_exactly_and_hardly_more()
    {
        foreach (var sample in Samples())
        {
            const double alpha = 0.1;
            var bets = new Bets(alpha, sample.Length);
            var rounds = sample.Select(x => bets.Add(Interval.Point(x))).ToArray();
            var (l, u, goal) = (bets.Lower(alpha), bets.Upper(alpha), Rational.One / Rational.Of(alpha));
            Assert.True(l == 0 || Largest(rounds, sample, l, up: true) >= goal);
            Assert.True(u == 1 || Largest(rounds, sample, u, up: false) >= goal);
            Assert.True(Largest(rounds, sample, Math.Min(1, l + 1e-9), up: true) < goal, $"the lower bound {l:R} is loose");
            Assert.True(Largest(rounds, sample, Math.Max(0, u - 1e-9), up: false) < goal, $"the upper bound {u:R} is loose");
            Assert.True(bets.Lower(alpha / 2) <= l && u <= bets.Upper(alpha / 2));
            Assert.Equal((l, u), (BettingInterval.Lower(sample, Unit, alpha), BettingInterval.Upper(sample, Unit, alpha)));
        }
    }

    /// <remarks>All paths of 10 coins and every time: the probability that any interval shown so far misses p is at most 1 - confidence. p on a grid and just outside ends that occur.</remarks>
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(0.95)]
    public void All_intervals_of_a_stream_hold_the_mean_together(double confidence)
    {
        const int n = 10;
        var shown = new Dictionary<string, Interval>();
        foreach (var path in Exact.Sequences(2, n))
        {
            var stream = new BettingSequence(Unit, confidence);
            Assert.Equal(Unit, stream.Bounds);
            for (var t = 1; t <= n; t++)
            {
                stream.Add(path[t - 1]);
                var key = string.Concat(path[..t]);
                if (!shown.ContainsKey(key))
                {
                    shown[key] = stream.Bounds;
                }
            }

            Assert.Equal(n, stream.Count);
        }

        var ends = shown.Values.SelectMany(interval => new[] { Math.BitDecrement(interval.Lower), Math.BitIncrement(interval.Upper) }).Where(p => p is > 0 and < 1).Distinct().Order().ToArray();
        foreach (var p in Enumerable.Range(0, 17).Select(i => i / 16.0).Concat(ends.Where((_, i) => i % Math.Max(1, ends.Length / 12) == 0)))
        {
            var missed = Rational.Zero;
            void Walk(string key, Rational mass)
            {
                if (key.Length > 0 && !shown[key].Contains(p))
                {
                    missed += mass; // and whatever follows
                }
                else if (key.Length < n && mass.Sign > 0)
                {
                    Walk(key + "0", mass * (Rational.One - Rational.Of(p)));
                    Walk(key + "1", mass * Rational.Of(p));
                }
            }

            Walk(string.Empty, Rational.One);
            Assert.True(missed <= Rational.One - Rational.Of(confidence), $"{p:R} at {confidence}: {missed.RoundUp()}");
        }

        foreach (var (key, interval) in shown.Where(pair => pair.Key.Length > 1))
        {
            Assert.True(shown[key[..^1]].Contains(interval), $"{key}: {interval} is not within {shown[key[..^1]]}");
        }
    }

    /// <remarks>Values -1, 0 and 3 with rational probabilities, all 3^6 orders, one side at a time.</remarks>
    [Fact]
    public void Three_values_are_covered_on_each_side()
    {
        const int n = 6;
        var range = new Interval(-1, 3);
        foreach (var alpha in new[] { 0.5, 0.2 })
        {
            var bounds = Exact.Sequences(3, n).Select(path => (path, new[] { -1.0, 0, 3 } is var values ? path.Select(i => values[i]).ToArray() : []))
                .Select(item => (item.path, Lower: BettingInterval.Lower(item.Item2, range, alpha), Upper: BettingInterval.Upper(item.Item2, range, alpha))).ToArray();
            foreach (var (a, b) in new[] { (1, 1), (4, 3), (7, 1), (1, 7), (8, 0), (6, 2), (2, 3) })
            {
                var weights = new[] { new Rational(a, 9), new Rational(b, 9), new Rational(9 - a - b, 9) };
                var mean = (weights[2] * Rational.Of(3)) - weights[0];
                var (above, below) = (Rational.Zero, Rational.Zero);
                foreach (var (path, lower, upper) in bounds)
                {
                    var mass = path.Aggregate(Rational.One, (product, i) => product * weights[i]);
                    above += mean.CompareTo(upper) > 0 ? mass : Rational.Zero;
                    below += mean.CompareTo(lower) < 0 ? mass : Rational.Zero;
                }

                Assert.True(above <= Rational.Of(alpha) && below <= Rational.Of(alpha), $"{a}, {b}, {alpha}: {above.RoundUp()}, {below.RoundUp()}");
            }
        }
    }

    /// <remarks>All paths of 12 coins: a gate gives a wrong verdict, ever, with probability at most alpha, for either claim, also where p is the threshold.</remarks>
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.25)]
    [InlineData(0.05)]
    public void A_gate_is_wrong_with_at_most_its_error_probability(double alpha)
    {
        const int n = 12;
        foreach (var threshold in new[] { 0.25, 0.5, 0.9375 })
        {
            foreach (var atLeast in new[] { true, false })
            {
                var verdicts = Exact.Sequences(2, n).Select(path =>
                {
                    var gate = atLeast ? SequentialGate.AtLeast(threshold, alpha) : SequentialGate.AtMost(threshold, alpha);
                    var seen = path.Select(coin => gate.Add(coin == 1)).ToArray();
                    Assert.Equal(seen[^1], gate.Verdict);
                    Assert.True(seen.Zip(seen[1..]).All(pair => pair.First == Verdict.Undecided || pair.First == pair.Second), "a decision did not stay");
                    return (path, gate.Verdict);
                }).ToArray();
                foreach (var p in new[] { 0.0, 0.125, 0.25 - 1e-9, 0.25, 0.25 + 1e-9, 0.4, 0.5, 0.625, 0.9, 0.9375, 0.95, 1 })
                {
                    var wrong = (atLeast ? p >= threshold : p <= threshold) ? Verdict.Refuted : Verdict.Proved;
                    var mass = verdicts.Where(item => item.Verdict == wrong).Aggregate(Rational.Zero, (sum, item) => sum + Mass(item.path, Rational.Of(p)));
                    Assert.True(mass <= Rational.Of(alpha), $"{(atLeast ? "at least" : "at most")} {threshold}, {p:R}, {alpha}: wrong with {mass.RoundUp()}");
                }

                if (alpha == 0.5 && threshold == 0.5)
                {
                    Assert.Contains(verdicts, item => item.Verdict == Verdict.Proved);
                    Assert.Contains(verdicts, item => item.Verdict == Verdict.Refuted);
                    Assert.Contains(verdicts, item => item.Verdict == Verdict.Undecided);
                }
            }
        }
    }

    /// <remarks>The verdict is that of the capital at the threshold alone, and follows from the interval where that lies on one side.</remarks>
    [Fact]
    public void A_gate_decides_when_capital_reaches_its_goal_and_no_later_than_its_interval()
    {
        foreach (var path in Exact.Sequences(2, 9))
        {
            var gate = SequentialGate.AtLeast(0.5, 0.25);
            var bets = new Bets(0.125, null);
            var expected = Verdict.Undecided;
            foreach (var coin in path)
            {
                bets.Add(Interval.Point(coin));
                var (above, below) = bets.At(0.5);
                expected = expected != Verdict.Undecided ? expected : above.Value >= 4 ? Verdict.Proved : below.Value >= 4 ? Verdict.Refuted : expected;
                Assert.Equal(expected, gate.Add((double)coin));
                Assert.True(gate.Bounds.Lower <= 0.5 || gate.Verdict != Verdict.Undecided);
                Assert.True(gate.Bounds.Upper >= 0.5 || gate.Verdict != Verdict.Undecided);
            }

            Assert.Equal(9, gate.Count);
            var stream = new BettingSequence(Unit, 0.75);
            Array.ForEach(path, coin => stream.Add(coin));
            Assert.InRange(gate.Bounds.Lower, stream.Bounds.Lower - 1e-9, stream.Bounds.Lower + 1e-9);
            Assert.InRange(gate.Bounds.Upper, stream.Bounds.Upper - 1e-9, stream.Bounds.Upper + 1e-9);
        }
    }

    /// <remarks>
    /// The paper's low-variance and coin examples: true mean 0.05, at 0.05. What the bound adds to the mean of a sample, averaged over 20 and 8 samples with fixed seeds, gives for
    /// losses uniform on [0, 0.1], n = 1000: 0.0533 (Hoeffding 0.0887), for coins, n = 10 000: 0.0551 (Hoeffding 0.0622); single samples, whose means vary by 0.0009 and 0.0022, lie at 0.0532 and 0.0567 and more.
    /// </remarks>
    [Fact]
    public void Reference_figures()
    {
        static double[] Sample(Func<Random, double> draw, int n, int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, n).Select(_ => draw(random))];
        }

        static double Low(Random random) => 0.1 * random.NextDouble();
        static double Coin(Random random) => random.NextDouble() < 0.05 ? 1 : 0;
        double[][] low = [.. Enumerable.Range(0, 20).Select(seed => Sample(Low, 1000, seed))], coins = [.. Enumerable.Range(0, 8).Select(seed => Sample(Coin, 10_000, seed))];
        double[] Bounds(double[][] samples) => [.. samples.Select(sample => BettingInterval.Upper(sample, Unit, 0.05))];
        var (lowBounds, coinBounds) = (Bounds(low), Bounds(coins));
        Assert.Equal(0.0533, Math.Round(0.05 + lowBounds.Average() - low.Average(sample => sample.Average()), 4));
        Assert.Equal(0.0551, Math.Round(0.05 + coinBounds.Average() - coins.Average(sample => sample.Average()), 4));
        Assert.InRange(0.0532, lowBounds.Min(), lowBounds.Max());
        Assert.InRange(0.0567, coinBounds.Min(), coinBounds.Max());
        Assert.Equal((0.0887, 0.0622), (Math.Round(0.05 + Hoeffding.Radius(1000, 1, 0.05), 4), Math.Round(0.05 + Hoeffding.Radius(10_000, 1, 0.05), 4)));
    }

    [Fact]
    public void Bounds_mirror_and_move_with_the_range_and_adapt_to_the_spread()
    {
        foreach (var sample in Samples())
        {
            var (l, u) = (BettingInterval.Lower(sample, Unit, 0.1), BettingInterval.Upper(sample, Unit, 0.1));
            double[] mirrored = [.. sample.Select(x => 1 - x)], moved = [.. sample.Select(x => (16 * x) - 3)];
            Assert.InRange(BettingInterval.Lower(mirrored, Unit, 0.1), 1 - u - 1e-11, 1 - u + 1e-11);
            Assert.InRange(BettingInterval.Upper(moved, new(-3, 13), 0.1), (16 * u) - 3 - 1e-10, (16 * u) - 3 + 1e-10);
            Assert.InRange(BettingInterval.Lower(moved, new(-3, 13), 0.1), (16 * l) - 3 - 1e-10, (16 * l) - 3 + 1e-10);
            var both = BettingInterval.Bounds(sample, Unit, 0.8);
            Assert.True(both.Lower <= l && u <= both.Upper && both.Lower >= l - 0.01 && both.Upper <= u + 0.01, $"{both} [{l}, {u}]");
        }

        double[] narrow = [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? 0.375 : 0.5)];
        var betting = BettingInterval.Bounds(narrow, Unit, 0.95);
        Assert.True(betting.Width < 0.6 * (EmpiricalBernstein.Upper(narrow, Unit, 0.025) - EmpiricalBernstein.Lower(narrow, Unit, 0.025)));
        Assert.Equal(new Interval(2, 2), BettingInterval.Bounds([2, 2, 2], new(2, 2), 0.9));
    }

    /// <remarks>Numbers that first all are 1 and then all 0: no mean explains them, the ends cross, and what is shown is an interval.</remarks>
    [Fact]
    public void Crossed_ends_give_the_interval_between_them()
    {
        var stream = new BettingSequence(Unit, 0.9);
        for (var i = 0; i < 3000; i++)
        {
            stream.Add(i < 40 ? 1 : 0);
        }

        Assert.True(stream.Bounds.Upper > 0.5 && stream.Bounds.Lower < 0.5 && stream.Bounds.Width > 0);
    }

    /// <remarks>Capital far beyond the range of doubles is kept.</remarks>
    [Fact]
    public void Long_streams_neither_overflow_nor_underflow()
    {
        var gate = SequentialGate.AtLeast(0.75, 1e-6);
        var stream = new BettingSequence(new(0, 4), 0.999);
        for (var i = 0; i < 20_000; i++)
        {
            gate.Add(i % 16 != 0);
            stream.Add(i % 4);
        }

        Assert.Equal(Verdict.Proved, gate.Verdict);
        Assert.InRange(gate.Bounds.Lower, 0.92, 0.9375);
        Assert.InRange(gate.Bounds.Upper, 0.9375, 0.95);
        Assert.True(stream.Bounds.Contains(1.5) && stream.Bounds.Width < 0.2);
        var bets = new Bets(0.05, null);
        for (var i = 0; i < 5000; i++)
        {
            bets.Add(Interval.Point(1));
        }

        Assert.True(bets.At(0.1).Above.Reaches(1e300) && !bets.At(0.1).Below.Reaches(1) && bets.At(0.1).Below.Value == 0);
    }

    [Fact]
    public void Wrong_numbers_are_refused_with_their_range()
    {
        foreach (var wrong in new Action[]
        {
            () => BettingInterval.Upper([], Unit, 0.1), () => BettingInterval.Lower([0.5, 1.5], Unit, 0.1), () => BettingInterval.Upper([0.5], Interval.Entire, 0.1), () => BettingInterval.Upper([0.5], Unit, 0), () => BettingInterval.Bounds([0.5], Unit, 1),
            () => _ = new BettingSequence(Interval.Entire, 0.9), () => _ = new BettingSequence(Unit, 0.3), () => new BettingSequence(Unit, 0.9).Add(1.5), () => new BettingSequence(Unit, 0.9).Add(double.NaN),
            () => SequentialGate.AtLeast(0, 0.1), () => SequentialGate.AtMost(1, 0.1), () => SequentialGate.AtMost(double.NaN, 0.1), () => SequentialGate.AtMost(0.5, 0.7), () => SequentialGate.AtMost(0.5, 0.1).Add(-0.1),
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(wrong);
        }
    }

    private static IEnumerable<double[]> Samples()
    {
        yield return [1];
        yield return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        yield return [1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0.5];
        yield return [0.25, 0.5, 0.375, 0.25, 0.125, 0.25, 0.25, 0.375, 0.3125, 0.25, 0.1875, 0.25];
        yield return [.. Enumerable.Range(0, 40).Select(i => i * 37 % 64 / 64.0)];
        yield return [.. Enumerable.Range(0, 40).Select(i => i % 9 == 4 ? 1.0 : 0.03125)];
    }

    private static Rational Mass(int[] path, Rational p) => path.Aggregate(Rational.One, (product, coin) => product * (coin == 1 ? p : Rational.One - p));

    /// <summary>The largest capital so far, in rational numbers.</summary>
    private static Rational Largest(Bets.Round[] rounds, double[] sample, double m, bool up)
    {
        var (capital, largest, at) = (Rational.One, Rational.One, Rational.Of(m));
        for (var i = 0; i < rounds.Length; i++)
        {
            var stake = up ? at : Rational.One - at;
            var bet = Rational.Of(rounds[i].Bet) is var l && l * stake <= Rational.Of(rounds[i].Limit) ? l : Rational.Of(rounds[i].Limit) / stake;
            var gain = Rational.Of(sample[i]) - at;
            capital *= Rational.One + (bet * (up ? gain : -gain));
            largest = capital > largest ? capital : largest;
        }

        return largest;
    }
}
