using System.Globalization;
using Certify.Search;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;
using Norm = Guarantees.Claims.Norm;
using Vector = Guarantees.Networks.Vector;

namespace Certify.Tests.Search;

/// <summary>A search ended after any step goes on from its checkpoint to the same end; a wrong checkpoint never changes an answer.</summary>
/// <remarks>
/// Mutants planted and found: axes of open parts changed in the state; bounds of parts taken over unchecked; the witness's value taken over unchecked; open parts cut
/// twice; settled parts not bounded again; open parts in another order; halves exchanged on the way down. Not found, since the answer stays the same: parts under way
/// saved as settled (they do not come out settled, and are searched).
/// </remarks>
public sealed class CheckpointTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("checkpoint-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 2)]
    public void Best_first_search_ended_after_any_round_comes_to_the_same_end(int kind, int threads)
    {
        var rounds = 0;
        for (var seed = 0; seed < 2; seed++)
        {
            var problem = kind > 2 ? Lipschitz(new Random(seed), kind - 3) : Net(new Random(seed), kind);
            BranchAndBound Options(Checkpoint? checkpoint) =>
                new() { RelativeGap = 1e-3, MostParts = 300, AttackStarts = 3, Threads = threads, TimeLimit = TimeSpan.FromHours(1), Checkpoint = checkpoint };
            var whole = Options(null).Solve(problem);
            byte[]? state = null;
            for (var (k, done) = (1, false); !done; k = k < 4 ? k + 1 : k + 5)
            {
                // From the start, and ended after k rounds.
                var fromStart = Ended(null, k, out _, checkpoint => Options(checkpoint));
                var resumed = Options(Resuming(fromStart)).Solve(problem);
                Same(whole, resumed, $"seed {seed}, round {k}");

                // From where the chain of runs stands, and ended a round later.
                state = Ended(state, 1, out done, checkpoint => Options(checkpoint));
                Same(whole, Options(Resuming(state)).Solve(problem), $"seed {seed}, chain {k}");
                rounds++;
                done |= k > 40;
            }

            byte[] Ended(byte[]? from, int round, out bool whole, Func<Checkpoint, BranchAndBound> options)
            {
                using var stop = new CancellationTokenSource();
                var (last, count) = (from, 0);
                options(new Checkpoint
                {
                    Saved = from,
                    Every = TimeSpan.Zero,
                    Refused = why => Assert.Fail(why),
                    Save = bytes =>
                    {
                        last = count < round ? bytes : last;
                        if (++count == round)
                        {
                            stop.Cancel();
                        }
                    },
                }).Solve(problem, stop.Token);
                whole = count < round + 1;
                return last!;
            }
        }

        Assert.True(rounds > 8 || kind == 3, $"{rounds} rounds"); // cells of ReLU chains are enumerated: the first part tells all
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Depth_first_search_ended_after_any_part_comes_to_the_same_end(int threads)
    {
        var (ended, divided) = (0, 0);
        for (var seed = 0; seed < 6; seed++)
        {
            var (problem, target) = Decidable(seed);
            DecisionSearch Options(Checkpoint? checkpoint) => new() { Target = target, Threads = threads, AttackStarts = 0, Checkpoint = checkpoint };
            var whole = Options(null).Solve(problem);
            Assert.Equal(DecisionOutcome.Proved, whole.Outcome);
            divided += whole.Tree.Leaves > 20 ? 1 : 0;
            for (var k = 1; k < Math.Min(whole.Parts, 60); k += 1 + (k / 5))
            {
                byte[]? state = null;
                for (var link = 0; link < 3; link++)
                {
                    var (before, count) = (state, 0);
                    using var stop = new CancellationTokenSource();
                    Options(new Checkpoint
                    {
                        Saved = before,
                        Every = TimeSpan.Zero,
                        Refused = why => Assert.Fail(why),
                        Save = bytes =>
                        {
                            state = count < k ? bytes : state;
                            if (++count == k)
                            {
                                stop.Cancel();
                            }
                        },
                    }).Solve(problem, stop.Token);
                    var resumed = Options(Resuming(state!)).Solve(problem);
                    Assert.Equal(DecisionOutcome.Proved, resumed.Outcome);
                    Assert.Equal(whole.Tree.Codes.ToArray(), resumed.Tree.Codes.ToArray());
                    Assert.Equal(whole.Parts, resumed.Parts);
                    ended++;
                }
            }
        }

        Assert.True(divided > 1 && ended > 100, $"{divided} divided, {ended} ended");
    }

    /// <summary>One thread meets parts in the same order too, so that it finds the same point.</summary>
    [Fact]
    public void Depth_first_search_on_one_thread_finds_the_same_point()
    {
        var late = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var (problem, target) = Decidable(seed, -0.002);
            var asked = 0;

            // The first points are refused, so that the search has some way to go.
            DecisionSearch Options(Checkpoint? checkpoint) => new()
            {
                Target = target,
                Threads = 1,
                AttackStarts = 0,
                MostParts = 3000,
                Checkpoint = checkpoint,
                Confirm = point => ++asked > 0 && point[0] > 0.1 && point[1] < 0.9 ? point : null,
            };
            var whole = Options(null).Solve(problem);
            if (whole.Outcome != DecisionOutcome.Refuted || whole.Parts < 10)
            {
                continue;
            }

            for (var k = 1; k < whole.Parts; k += 1 + (k / 3))
            {
                var (state, count) = (Array.Empty<byte>(), 0);
                using var stop = new CancellationTokenSource();
                Options(new Checkpoint
                {
                    Every = TimeSpan.Zero,
                    Save = bytes =>
                    {
                        state = count < k ? bytes : state;
                        if (++count == k)
                        {
                            stop.Cancel();
                        }
                    },
                }).Solve(problem, stop.Token);
                var resumed = Options(Resuming(state)).Solve(problem);
                Assert.Equal(DecisionOutcome.Refuted, resumed.Outcome);
                Assert.Equal(whole.Witness, resumed.Witness);
                Assert.Equal(whole.Parts, resumed.Parts);
                late++;
            }
        }

        Assert.True(late > 5, $"{late}");
    }

    [Fact]
    public void A_checkpoint_that_calls_everything_settled_settles_nothing()
    {
        for (var seed = 0; seed < 9; seed++)
        {
            var (problem, target) = Decidable(seed);
            var whole = new DecisionSearch { Target = target, AttackStarts = 0 }.Solve(problem);
            foreach (var forged in new[] { new EvidenceTree([0]), new EvidenceTree([1, 0, 2, 0, 0]), new EvidenceTree([99, 0, 0]) })
            {
                var held = new DecisionSearch { Target = target, AttackStarts = 0, Checkpoint = Resuming(DecisionSearch.Settled(forged)) }.Solve(problem);
                Assert.Equal(DecisionOutcome.Proved, held.Outcome);
                Assert.Equal("", PropertyChecker.Walk(problem, held.Tree, target, default));

                var broken = new DecisionSearch { Target = target - 0.05, AttackStarts = 0, MostParts = 4000, Checkpoint = Resuming(DecisionSearch.Settled(forged)) }.Solve(problem);
                Assert.NotEqual(DecisionOutcome.Proved, broken.Outcome);
            }

            Assert.True(whole.Tree.Leaves > 0);
        }
    }

    [Fact]
    public void A_state_with_any_byte_changed_changes_no_enclosure()
    {
        var (refused, used) = (0, 0);
        foreach (var kind in new[] { 0, 1, 4 })
        {
            var problem = kind > 2 ? Lipschitz(new Random(5), kind - 3) : Net(new Random(5), kind);
            var state = Array.Empty<byte>();
            BranchAndBound Options(int parts, Checkpoint checkpoint) => new() { RelativeGap = 1e-3, MostParts = parts, AttackStarts = 3, TimeLimit = TimeSpan.FromHours(1), Checkpoint = checkpoint };
            var whole = Options(120, new Checkpoint { Every = TimeSpan.Zero, Save = bytes => state = bytes }).Solve(problem);
            var sampled = kind > 2 ? whole.Lower : Sampled(problem, new Random(5));
            for (var i = 0; i < state.Length; i += 3)
            {
                byte[] changed = [.. state];
                changed[i] ^= (byte)(1 << (i % 8));
                var why = "";
                var found = Options(120, new Checkpoint { Saved = changed, Save = _ => { }, Refused = line => why = line }).Solve(problem);
                Assert.True(found.Upper >= sampled - 1e-9, $"kind {kind}, byte {i}: {found.Upper:R} where {sampled:R} is attained");
                Assert.True(Bounds.For(problem).LowerBoundAt(found.Witness) >= found.Lower, $"kind {kind}, byte {i}");
                Assert.Equal("", Derived(problem, found));
                Assert.DoesNotContain('\n', why);
                refused += why.Length > 0 ? 1 : 0;
                used += why.Length == 0 ? 1 : 0;
            }
        }

        Assert.True(refused > 100, $"{refused} refused, {used} used");
    }

    [Fact]
    public void A_trail_with_any_byte_changed_changes_no_answer()
    {
        for (var seed = 0; seed < 4; seed++)
        {
            var (problem, target) = Decidable(seed);
            byte[]? state = null;
            new DecisionSearch { Target = target, AttackStarts = 0, MostParts = 40, Checkpoint = new Checkpoint { Every = TimeSpan.Zero, Save = bytes => state = bytes } }.Solve(problem);
            for (var i = 16; i < state!.Length; i++)
            {
                byte[] changed = [.. state];
                changed[i] ^= (byte)(1 << (i % 8));
                var found = new DecisionSearch { Target = target, AttackStarts = 0, Checkpoint = new Checkpoint { Saved = changed, Save = _ => { } } }.Solve(problem);
                Assert.Equal(DecisionOutcome.Proved, found.Outcome);
                Assert.Equal("", PropertyChecker.Walk(problem, found.Tree, target, default));
            }
        }
    }

    [Fact]
    public void A_damaged_or_foreign_file_is_refused_in_one_line()
    {
        var path = Path.Combine(folder, "a.checkpoint");
        byte[] state = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        CheckpointFile.At(path, "this", resume: false, _ => { }).Save(state);
        var told = new List<string>();
        Assert.Equal(state, CheckpointFile.At(path, "this", resume: true, told.Add).Saved);
        Assert.Empty(told);
        Assert.Equal([path], Directory.GetFiles(folder));

        Assert.Null(CheckpointFile.At(path, "that", resume: true, told.Add).Saved);
        Assert.Contains("another model, question, option or version", Assert.Single(told), StringComparison.Ordinal);

        var bytes = File.ReadAllBytes(path);
        foreach (var damaged in Enumerable.Range(0, bytes.Length / 97).Select(i => Flipped(bytes, 97 * i)).Concat(new[] { 0, 1, 20, 21, 84, 85, 86, bytes.Length - 1 }.Select(n => bytes[..n]))
            .Append([.. Enumerable.Range(0, bytes.Length).Select(i => i % 97 == 0 ? (byte)~bytes[i] : bytes[i])]))
        {
            told.Clear();
            File.WriteAllBytes(path, damaged);
            Assert.Null(CheckpointFile.At(path, "this", resume: true, told.Add).Saved);
            Assert.StartsWith($"{path}: checkpoint refused, the search begins anew: ", Assert.Single(told), StringComparison.Ordinal);
            Assert.DoesNotContain('\n', told[0]);
        }

        Assert.Null(CheckpointFile.At(path, "this", resume: false, told.Add).Saved);
        Assert.False(File.Exists(path), "a checkpoint that nobody resumes is removed");

        static byte[] Flipped(byte[] bytes, int i)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 0x10;
            return changed;
        }
    }

    [Fact]
    public void What_cannot_be_written_is_told_once_and_the_search_goes_on()
    {
        var told = new List<string>();
        var (problem, target) = Decidable(1);
        var path = Path.Combine(folder, "absent", "a.checkpoint");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var checkpoint = CheckpointFile.At(path, "b", resume: false, told.Add);
        Directory.Delete(Path.GetDirectoryName(path)!);
        var result = new DecisionSearch
        {
            Target = target,
            AttackStarts = 0,
            Checkpoint = new Checkpoint { Save = checkpoint.Save, Every = TimeSpan.Zero },
        }.Solve(problem);
        Assert.Equal(DecisionOutcome.Proved, result.Outcome);
        Assert.Contains("checkpoint not written", Assert.Single(told), StringComparison.Ordinal);
    }

    private static Checkpoint Resuming(byte[] state) => new() { Saved = state, Save = _ => { }, Refused = why => Assert.Fail(why) };

    private static void Same(SearchResult whole, SearchResult resumed, string where)
    {
        Assert.True(
            (whole.Lower, whole.Upper, whole.TimedOut) == (resumed.Lower, resumed.Upper, resumed.TimedOut),
            string.Create(CultureInfo.InvariantCulture, $"{where}: [{whole.Lower:R}, {whole.Upper:R}] became [{resumed.Lower:R}, {resumed.Upper:R}]"));
        Assert.Equal(whole.Witness, resumed.Witness);
        Assert.Equal(whole.Tree.Codes.ToArray(), resumed.Tree.Codes.ToArray());
        Assert.Equal(whole.Leaves.Select(leaf => leaf.Upper), resumed.Leaves.Select(leaf => leaf.Upper));
    }

    private static (Problem Problem, double Target) Decidable(int seed, double above = 0.005)
    {
        var problem = Net(new Random(seed), seed % 3, inputs: 4);
        return (problem, Sampled(problem, new Random(seed)) + above);
    }

    /// <summary>Why the kernel does not derive the enclosure from its tree and witness; empty where it does.</summary>
    private static string Derived(Problem problem, SearchResult found) => CertificateChecker.Derive(
        new Certificate
        {
            Claim = new Claim { Kind = ClaimKind.Lipschitz },
            Text = problem.Text,
            ModelName = "",
            ModelSha256 = "",
            Family = Models.Mixture,
            Verdict = double.IsFinite(found.Upper) ? Verdict.Proved : Verdict.Undecided,
            Lower = found.Lower,
            Upper = found.Upper,
            Witness = [.. found.Witness],
            Evidence = found.Tree,
        },
        problem,
        null,
        default).Reason;

    /// <summary>The Lipschitz constant of a network of that kind, with two outputs: by cells, by forms, or by bounds of the Jacobian.</summary>
    private static Problem Lipschitz(Random random, int kind) => Net(random, kind, outputs: 2) with { JacobianFrom = Norm.L2 };

    /// <summary>A ReLU chain, a tanh chain, or one that reads its input again and is no chain.</summary>
    private static Problem Net(Random random, int kind, int inputs = 3, int outputs = 1)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", inputs);
        var y = builder.Apply(kind == 1 ? new Tanh() : new ReLU(), Layer(x, 8));
        y = builder.Apply(kind == 1 ? new Tanh() : new ReLU(), Layer(y, 6));
        var g = Layer(y, outputs);
        g = kind == 2 ? g + builder.Select(x, [0]) : g;
        builder.Output("g", g);
        double[] ends = [.. Enumerable.Repeat(1.0, inputs)];
        return new Problem(builder.Build(), g.Id, new Domain(new Box([.. ends.Select(end => -end)], ends)));

        Vector Layer(Vector from, int n) => builder.Affine(
            from, [.. Enumerable.Range(0, n * from.Length).Select(_ => (2 * random.NextDouble()) - 1)], [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)]);
    }

    private static double Sampled(Problem problem, Random random)
    {
        var attack = new Attack(problem);
        return Math.Max(attack.Run(40, random).Value, attack.Sweep(4000, 40, random, double.PositiveInfinity).Value);
    }
}
