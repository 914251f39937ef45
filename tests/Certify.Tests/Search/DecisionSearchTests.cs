using System.Diagnostics;
using Certify.Search;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Vector = Guarantees.Networks.Vector;

namespace Certify.Tests.Search;

/// <summary>How a decision ends: proved with a tree that the kernel walks again, refuted with a confirmed point, stopped or stuck, and always in the end.</summary>
/// <remarks>
/// Mutants planted and found: halves exchanged in the tree; a stuck part counted as settled; a limit that ends the search as proved; candidates not confirmed.
/// </remarks>
public class DecisionSearchTests
{
    [Fact]
    public void Any_number_of_threads_finds_the_same_tree_and_the_kernel_walks_it()
    {
        var (proved, divided) = (0, 0);
        for (var seed = 0; seed < 12; seed++)
        {
            var problem = Net(new Random(seed), seed % 3, inputs: 4);
            var sup = Sampled(problem, new Random(seed));
            var target = sup + 0.005 + (0.003 * seed);
            var results = new[] { 1, 2, 3 }.Select(threads => new DecisionSearch { Target = target, Threads = threads, AttackStarts = threads - 1 }.Solve(problem)).ToArray();
            Assert.All(results, result => Assert.Equal(DecisionOutcome.Proved, result.Outcome));
            Assert.All(results, result => Assert.Equal(results[0].Tree.Codes.ToArray(), result.Tree.Codes.ToArray()));
            Assert.All(results, result => Assert.Equal(result.Tree.Codes.Length, result.Parts));
            Assert.Equal("", PropertyChecker.Walk(problem, results[0].Tree, target, default));
            proved++;
            divided += results[0].Tree.Leaves > 20 ? 1 : 0;
        }

        Assert.True(divided > 3, $"{divided} of {proved} were divided");
    }

    [Fact]
    public void A_point_above_the_target_is_found_by_attack_or_by_search()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var problem = Net(new Random(seed), seed % 3);
            var target = Sampled(problem, new Random(seed)) - 0.01;
            foreach (var starts in new[] { 0, 20 })
            {
                var result = new DecisionSearch { Target = target, AttackStarts = starts }.Solve(problem);
                Assert.Equal(DecisionOutcome.Refuted, result.Outcome);
                Assert.True(problem.Domain.Contains(result.Witness));
                Assert.True(Bounds.For(problem).LowerBoundAt(result.Witness) > target);
            }
        }
    }

    [Fact]
    public void A_candidate_that_nobody_confirms_refutes_nothing()
    {
        var problem = Net(new Random(1), 0);
        var asked = 0;
        var result = new DecisionSearch
        {
            Target = Sampled(problem, new Random(1)) - 0.05,
            MostParts = 500,
            Confirm = _ =>
            {
                Interlocked.Increment(ref asked);
                return null;
            },
        }.Solve(problem);
        Assert.NotEqual(DecisionOutcome.Refuted, result.Outcome);
        Assert.NotEqual(DecisionOutcome.Proved, result.Outcome);
        Assert.Empty(result.Witness);
        Assert.True(asked > 0);
    }

    [Fact]
    public void The_search_stops_at_each_limit_and_says_so()
    {
        var (problem, target) = Endless();
        var clock = Stopwatch.StartNew();
        var parts = new DecisionSearch { Target = target, Confirm = _ => null, MostParts = 200, AttackStarts = 0 }.Solve(problem);
        Assert.Equal(DecisionOutcome.Stopped, parts.Outcome);
        Assert.InRange(parts.Parts, 200, 200 + Environment.ProcessorCount + 1);

        var time = new DecisionSearch { Target = target, Confirm = _ => null, TimeLimit = TimeSpan.FromSeconds(0.3), AttackStarts = 0 }.Solve(problem);
        Assert.Equal(DecisionOutcome.Stopped, time.Outcome);
        Assert.True(time.Seconds >= 0.3);

        var none = new DecisionSearch { Target = target, Confirm = _ => null, TimeLimit = TimeSpan.FromSeconds(-1) }.Solve(problem);
        Assert.Equal(DecisionOutcome.Stopped, none.Outcome);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(int.MaxValue / 40)]
    public void The_search_stops_when_asked_even_in_its_attack(int starts)
    {
        var (problem, target) = Endless();
        var clock = Stopwatch.StartNew();
        using var stop = new CancellationTokenSource();

        // From a thread of its own: a timer waits for the pool, which other tests fill.
        var stopping = new Thread(() =>
        {
            Thread.Sleep(300);
            stop.Cancel();
        });
        stopping.Start();
        var result = new DecisionSearch { Target = target, Confirm = _ => null, TimeLimit = TimeSpan.FromHours(1), AttackStarts = starts }.Solve(problem, stop.Token);
        stopping.Join();
        Assert.Equal(DecisionOutcome.Stopped, result.Outcome);
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5), $"{clock.Elapsed}"); // of an hour

        var late = new DecisionSearch { Target = target, Confirm = _ => null, TimeLimit = TimeSpan.FromSeconds(0.2), AttackStarts = int.MaxValue / 40 };
        Assert.Null(late.Attack(problem));
        Assert.Null(late.Attack(problem, new CancellationToken(canceled: true)));
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(10), $"{clock.Elapsed}");
    }

    /// <summary>g = target on a plateau: never above, and never below by a strict bound where rounding costs anything. The answer is never "refuted".</summary>
    [Theory]
    [InlineData(0.0, DecisionOutcome.Proved)]
    [InlineData(1e-9, DecisionOutcome.Stuck)]
    public void A_plateau_ends_the_search(double above, DecisionOutcome expected)
    {
        // g(x) = relu(x - 1) on [0, 1]: 0 everywhere. Above the target by nothing, or by 1e-9, which a point would confirm but the caller does not.
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        var g = builder.Affine(builder.Apply(new ReLU(), builder.Affine(x, [1], [-1])), [1], [0]);
        builder.Output("g", g);
        var problem = new Problem(builder.Build(), g.Id, new Domain(new Box([0.25], [0.25 + 1e-14])));
        var result = new DecisionSearch { Target = 1e-190 - above, Confirm = _ => null, TimeLimit = TimeSpan.FromSeconds(20) }.Solve(problem);
        Assert.Equal(expected, result.Outcome);
    }

    /// <summary>1 / 3 x + 0.1 x - 13 / 30 x rounds to a hair around 0: neither bounded below 0 nor shown above.</summary>
    [Fact]
    public void What_rounding_hides_is_stuck_and_never_proved()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        var y = builder.Apply(new ReLU(), builder.Affine(x, [1, 1], [0, 0]));
        var g = builder.Affine(y, [1.0 / 3, -1.0 / 3], [0]);
        builder.Output("g", g);
        var problem = new Problem(builder.Build(), g.Id, new Domain(new Box([0.1], [0.1 + 1e-14])));
        var result = new DecisionSearch { Target = -double.Epsilon, TimeLimit = TimeSpan.FromSeconds(20) }.Solve(problem);
        Assert.Equal(DecisionOutcome.Stuck, result.Outcome);
        Assert.Empty(result.Witness);
    }

    /// <summary>log(x) is not defined where x &lt;= 0: nothing is proved of a domain that holds such x, and a search of one that does not is as usual.</summary>
    [Theory]
    [InlineData(-1.0, false)]
    [InlineData(0.0, false)]
    [InlineData(0.01, true)]
    public void An_undefined_operator_proves_nothing(double lower, bool defined)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        var g = builder.Affine(builder.Apply(new Log(), x), [1, 1], [0]);
        builder.Output("g", g);
        var problem = new Problem(builder.Build(), g.Id, new Domain(new Box([lower, lower], [1, 1])));
        var result = new DecisionSearch { Target = 0.1, MostParts = 3000, TimeLimit = TimeSpan.FromSeconds(20) }.Solve(problem);
        Assert.True(defined ? result.Outcome == DecisionOutcome.Proved : result.Outcome is DecisionOutcome.Stuck or DecisionOutcome.Stopped, $"{result.Outcome}");
    }

    /// <summary>A failure in one thread reaches the caller; the others do not wait for ever for what it took.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_failing_thread_ends_the_search(int threads)
    {
        var problem = Net(new Random(1), 0);
        var search = new DecisionSearch
        {
            Target = Sampled(problem, new Random(1)) - 0.05,
            Threads = threads,
            AttackStarts = 0,
            Confirm = _ => throw new InvalidOperationException("from the caller"),
        };
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Task.Run(() => search.Solve(problem)).WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("from the caller", error.Message);
    }

    [Fact]
    public void Progress_counts_to_the_whole_domain()
    {
        var (problem, target) = Endless();
        var log = new Record();
        new DecisionSearch { Target = target, Confirm = _ => null, TimeLimit = TimeSpan.FromSeconds(1), AttackStarts = 0, Progress = log }.Solve(problem);
        Assert.NotEmpty(log.Seen);
        Assert.All(log.Seen, seen => Assert.InRange(seen.Share, 0, 1));
        Assert.Equal(log.Seen.Select(seen => seen.Parts).Order(), log.Seen.Select(seen => seen.Parts));
    }

    /// <summary>g stays a little below the target, over far too many inputs to divide.</summary>
    private static (Problem Problem, double Target) Endless()
    {
        var problem = Net(new Random(3), 1, inputs: 14);
        return (problem, Sampled(problem, new Random(3)) + 0.02);
    }

    /// <summary>One of: ReLU chain with one element; tanh chain; two elements, g the smaller one, and one that reads the input too, which is no chain.</summary>
    private static Problem Net(Random random, int kind, int inputs = 3)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", inputs);
        var y = builder.Apply(kind == 1 ? new Tanh() : new ReLU(), Layer(x, 8));
        y = builder.Apply(kind == 1 ? new Tanh() : new ReLU(), Layer(y, 6));
        var g = Layer(y, kind == 0 ? 1 : 2);
        g = kind == 2 ? g + builder.Select(x, [0, 1]) : g;
        builder.Output("g", g);
        double[] ends = [.. Enumerable.Repeat(1.0, inputs)];
        return new Problem(builder.Build(), g.Id, new Domain(new Box([.. ends.Select(end => -end)], ends)));

        Vector Layer(Vector from, int n) => builder.Affine(
            from, [.. Enumerable.Range(0, n * from.Length).Select(_ => (2 * random.NextDouble()) - 1)], [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)]);
    }

    /// <summary>The largest g of many points.</summary>
    private static double Sampled(Problem problem, Random random)
    {
        var attack = new Attack(problem);
        return Math.Max(attack.Run(40, random).Value, attack.Sweep(4000, 40, random, double.PositiveInfinity).Value);
    }

    private sealed class Record : IProgress<DecisionProgress>
    {
        public List<DecisionProgress> Seen { get; } = [];

        public void Report(DecisionProgress value) => Seen.Add(value);
    }
}
