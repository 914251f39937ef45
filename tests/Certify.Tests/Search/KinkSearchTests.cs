using Certify.Search;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;

namespace Certify.Tests.Search;

/// <summary>Networks with so many inputs that kinks are decided rather than coordinates halved.</summary>
public sealed class KinkSearchTests
{
    private const int Inputs = 20;

    [Fact]
    public void Kinks_are_decided_and_the_kernel_walks_the_same_tree()
    {
        var decided = 0;
        for (var seed = 0; seed < 4; seed++)
        {
            var problem = Make(seed);
            var (best, root) = (Best(problem), Bounds.For(problem).UpperBound(problem.Domain.Box));
            var target = best + (0.4 * (root - best));
            var found = new DecisionSearch { Target = target, AttackStarts = 0 }.Solve(problem);
            Assert.Equal(DecisionOutcome.Proved, found.Outcome);
            Assert.Equal("", PropertyChecker.Walk(problem, found.Tree, target, CancellationToken.None));
            decided += found.Tree.Codes.ToArray().Count(code => code > Inputs);

            // The same tree proves nothing that a point contradicts.
            Assert.NotEqual("", PropertyChecker.Walk(problem, found.Tree, best - 1e-6, CancellationToken.None));
        }

        Assert.True(decided > 50, $"{decided} decided");
    }

    [Fact]
    public void Nothing_is_proved_below_a_value_that_is_attained()
    {
        for (var seed = 10; seed < 16; seed++)
        {
            var problem = Make(seed);
            var target = Best(problem) - 1e-4;
            var found = new DecisionSearch { Target = target, AttackStarts = 0, MostParts = 400 }.Solve(problem);
            Assert.NotEqual(DecisionOutcome.Proved, found.Outcome);
            Assert.True(found.Outcome != DecisionOutcome.Refuted || Bounds.For(problem).LowerBoundAt(found.Witness) > target);
        }
    }

    /// <summary>
    /// Networks that are decided to the end: none is proved below a value that is attained, whichever side that lies on. Mutant seen to fail: both halves on the
    /// same side of the kink.
    /// </summary>
    [Fact]
    public void Searches_that_end_leave_no_side_out()
    {
        var ended = 0;
        for (var seed = 100; seed < 140; seed++)
        {
            var problem = Make(seed, inputs: 13, layers: 1, width: 6);
            var best = Best(problem);
            foreach (var slack in new[] { -1e-3, 1e-3 })
            {
                var found = new DecisionSearch { Target = best + slack, AttackStarts = 0, MostParts = 3000, Confirm = _ => null }.Solve(problem);
                Assert.False(found.Outcome == DecisionOutcome.Proved && slack < 0, $"seed {seed}: proved below {best}");
                if (found.Outcome == DecisionOutcome.Proved)
                {
                    ended += found.Tree.Leaves > 1 ? 1 : 0;
                    Assert.Equal("", PropertyChecker.Walk(problem, found.Tree, best + slack, CancellationToken.None));
                }
            }
        }

        Assert.True(ended > 10, $"{ended} ended");
    }

    /// <summary>A search that was stopped and goes on from its checkpoint decides the same kinks.</summary>
    [Fact]
    public void A_search_goes_on_from_decided_kinks()
    {
        var problem = Make(1);
        var (best, root) = (Best(problem), Bounds.For(problem).UpperBound(problem.Domain.Box));
        DecisionSearch Options(Checkpoint? checkpoint) => new() { Target = best + (0.4 * (root - best)), AttackStarts = 0, Threads = 2, Checkpoint = checkpoint };
        var whole = Options(null).Solve(problem);
        Assert.Contains(whole.Tree.Codes.ToArray(), code => code > Inputs);
        var (state, count) = (Array.Empty<byte>(), 0);
        using var stop = new CancellationTokenSource();
        Options(new Checkpoint
        {
            Every = TimeSpan.Zero,
            Save = bytes =>
            {
                state = count < 9 ? bytes : state;
                if (++count == 9)
                {
                    stop.Cancel();
                }
            },
        }).Solve(problem, stop.Token);
        var resumed = Options(new Checkpoint { Saved = state, Save = _ => { }, Refused = why => Assert.Fail(why) }).Solve(problem);
        Assert.Equal(DecisionOutcome.Proved, resumed.Outcome);
        Assert.Equal(whole.Tree.Codes.ToArray(), resumed.Tree.Codes.ToArray());
    }

    private static double Best(Problem problem) => new Attack(problem).Run(30, new Random(1)).Value;

    private static Problem Make(int seed, int inputs = Inputs, int layers = 2, int width = 24)
    {
        var random = new Random(seed);
        double[] Draw(int count, double size) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)(size * ((2 * random.NextDouble()) - 1)))];
        var builder = new NetworkBuilder();
        var vector = builder.Input("x", inputs);
        for (var layer = 0; layer < layers; layer++)
        {
            vector = builder.Apply(new ReLU(), builder.Affine(vector, Draw(width * vector.Length, Math.Sqrt(6.0 / vector.Length)), Draw(width, 0.1)));
        }

        vector = builder.Affine(vector, Draw(width, 0.3), [0]);
        builder.Output("y", vector);
        var middle = Draw(inputs, 0.5);
        return new Problem(builder.Build(), vector.Id, new Domain(new Box([.. middle.Select(x => x - 0.2)], [.. middle.Select(x => x + 0.2)])));
    }
}
