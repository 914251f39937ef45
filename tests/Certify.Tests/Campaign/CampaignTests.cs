using System.Collections.Concurrent;
using System.Diagnostics;
using Certify.Smt;
using Guarantees.Claims;
using Guarantees.Formats.Smt;
using Guarantees.Networks.Operators;
using Xunit;
using Xunit.Abstractions;

namespace Certify.Tests.Campaign;

/// <summary>The soundness campaign: random and planted networks against values, exact evaluation and a solver. No engine may say what these contradict.</summary>
/// <remarks>
/// A violation names the seed, the engine, the part, the numbers and the network; <see cref="Case.Draw"/> or <see cref="Planted.Draw"/> of the seed repeats it.
/// New engines join with a row in <see cref="Engines"/>; a new operator that no case draws fails the run.
/// Mutants planted in the kernel that the default suite catches: ReLU's upper intercept 1 % too low; the chord of convex activations 1 % too low; the range of an affine
/// map without its rounding error; the chord of LeakyReLU replaced by slope 1 (the other phase's) where u > -l; a contraction that moves the wrong side.
/// Planted in pairs, so that which of the two was caught is not known apart: backward rows of chain bounds without the error of their coefficients, with the
/// sum at the corner in general bounds without its error.
/// Backward rows of general bounds without the error of their coefficients survived 300 networks before cancelling layers were drawn.
/// </remarks>
public class CampaignTests(ITestOutputHelper output)
{
    private const int Batch = 20;

    [Theory]
    [InlineData(0, 300)]
    public void No_statement_about_a_random_network_is_contradicted(int firstSeed, int count) => RunCampaign(firstSeed, count, askEvery: 4);

    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData(1_000_000, 10_000)]
    public void No_statement_about_many_random_networks_is_contradicted(int firstSeed, int count) => RunCampaign(firstSeed, count, askEvery: 1);

    [Theory]
    [InlineData(0, 40)]
    public void No_engine_proves_over_a_hidden_witness(int firstSeed, int count) => RunPlanted(firstSeed, count);

    [Theory]
    [Trait("Category", "Nightly")]
    [InlineData(1_000_000, 2_000)]
    public void No_engine_proves_over_many_hidden_witnesses(int firstSeed, int count) => RunPlanted(firstSeed, count);

    /// <summary>The two readings that judge agree with each other and with the graph: otherwise the campaign would judge another network.</summary>
    [Fact]
    public void Exact_evaluation_the_solver_and_the_graph_read_the_same_network()
    {
        var questions = new List<(Case, string, Func<string, string>)>();
        for (var seed = 0; seed < 120; seed++)
        {
            var drawn = Case.Draw(seed);
            if (!drawn.Sketch.IsExact)
            {
                continue;
            }

            var random = new Random(seed);
            foreach (var value in new Judge(drawn, random, 0, false).Evaluate(drawn.Domain.Box, 1).Take(4))
            {
                var values = drawn.Sketch.Values(value.Point);
                if (value.IsDouble)
                {
                    var ranges = drawn.Scalar.Graph.Ranges(Guarantees.Networks.Box.Point(value.Double));
                    for (var k = 0; k < values.Length; k++)
                    {
                        var range = ranges[drawn.Sketch.Node(k)];
                        Assert.All(values[k].Index(), v => Assert.True(v.Item.CompareTo(range.Lower[v.Index]) >= 0 && v.Item.CompareTo(range.Upper[v.Index]) <= 0, $"seed {seed}, step {k}"));
                    }
                }

                if (drawn.IsSmall)
                {
                    // At this point the formula has this value, and no other.
                    string At(string prefix) => string.Concat(value.Point.Select((c, j) => $" (= {Sketch.InputSymbol(prefix, j)} {SmtLib.Number(c.Numerator, c.Denominator)})"));
                    string Same(string prefix) => string.Concat(values[drawn.Objective].Select((v, i) => $" (= {Sketch.Symbol(prefix, drawn.Objective, i)} {SmtLib.Number(v.Numerator, v.Denominator)})"));
                    questions.Add((drawn, $"g({value}) has another value", prefix => $"(and {At(prefix)} (not (and true {Same(prefix)})))"));
                }
            }
        }

        if (SmtSolvers.Available)
        {
            var tribunal = new Tribunal(SmtSolvers.Best(), TimeSpan.FromSeconds(20));
            tribunal.Ask(questions);
            Assert.Empty(tribunal.Violations);
            Assert.Equal(0, tribunal.Open);
            Assert.True(tribunal.Answered > 50, $"{tribunal.Answered} questions");
        }
    }

    /// <summary>A wrong statement is found out by the values, and one that no value shows by the solver.</summary>
    [Fact]
    public void A_bound_below_a_value_is_reported()
    {
        var (byValues, all) = (0, 0);
        var questions = new List<(Case, string, Func<string, string>)>();
        for (var seed = 0; seed < 60; seed++)
        {
            var drawn = Case.Draw(seed);
            var judge = new Judge(drawn, new Random(seed), 0, drawn.IsSmall);
            var known = judge.Evaluate(drawn.Domain.Box, 4);
            if (known.Count == 0 || known.Max(value => value.Lower) is not { } largest || !double.IsFinite(largest.DoubleBelow()))
            {
                continue;
            }

            all++;
            judge.Hear("a wrong engine", drawn.Domain, known, 0, new Said(largest.DoubleBelow(), double.NegativeInfinity, [], []));
            byValues += judge.Violations.Count > 0 ? 1 : 0;
            questions.AddRange(judge.Questions.Select(q => (drawn, q.What, q.Formula)));
        }

        Assert.Equal(all, byValues);
        Assert.True(questions.Count > 10, $"{questions.Count} questions");
        if (SmtSolvers.Available)
        {
            var tribunal = new Tribunal(SmtSolvers.Best(), TimeSpan.FromSeconds(20));
            foreach (var question in questions.Take(4))
            {
                tribunal.Ask([question]);
            }

            Assert.Equal(4, tribunal.Violations.Count);
        }
    }

    private void RunCampaign(int firstSeed, int count, int askEvery)
    {
        var clock = Stopwatch.StartNew();
        var solver = SmtSolvers.Available ? SmtSolvers.Best() : null;
        var (violations, kinds, operators) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<string, int>(), new ConcurrentDictionary<Type, int>());
        var questions = new List<(int Seed, (Case, string, Func<string, string>)[] Of)>();
        var (bounds, decisions, contractions, comparisons) = (default(Tally), default(Tally), default(Tally), 0L);
        Parallel.For(firstSeed, firstSeed + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            var drawn = Case.Draw(seed);
            kinds.AddOrUpdate(drawn.Kind, 1, (_, n) => n + 1);
            foreach (var node in drawn.Scalar.Graph.Nodes)
            {
                operators.TryAdd(node.Operator.GetType(), seed);
            }

            var judge = new Judge(drawn, new Random(seed), 48, solver is not null && drawn.IsSmall && seed % askEvery == 0);
            judge.HearAll();
            foreach (var violation in judge.Violations)
            {
                violations.Enqueue(violation);
            }

            lock (questions)
            {
                questions.Add((seed, [.. judge.Questions.Select(q => (drawn, q.What, q.Formula))]));
                (bounds, decisions, contractions) = (bounds + judge.Bounds, decisions + judge.Decisions, contractions + judge.Contractions);
                comparisons += judge.Comparisons;
            }
        });
        output.WriteLine($"seeds {firstSeed} to {firstSeed + count - 1}: {count} networks ({string.Join(", ", kinds.OrderBy(k => k.Key).Select(k => $"{k.Value} {k.Key}"))}), {comparisons} comparisons with values, {clock.Elapsed.TotalSeconds:0.0} s");
        output.WriteLine($"finite bounds {bounds}, targets decided {decisions}, parts shrunk {contractions}");

        if (solver is null)
        {
            output.WriteLine("no solver is installed: its questions were not asked");
        }
        else
        {
            clock.Restart();
            var small = questions.Where(q => q.Of.Length > 0).OrderBy(q => q.Seed).ToArray();
            var tribunals = new ConcurrentBag<Tribunal>();
            Parallel.ForEach(small.Chunk(Batch), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, batch =>
            {
                var tribunal = new Tribunal(solver, TimeSpan.FromSeconds(5));
                tribunals.Add(tribunal);
                tribunal.Ask([.. batch.SelectMany(q => q.Of)]);
            });
            var (answered, open) = (tribunals.Sum(t => t.Answered), tribunals.Sum(t => t.Open));
            output.WriteLine($"{solver.Description}: {small.Length} networks, {answered} statements confirmed or refuted, {open} without an answer, {clock.Elapsed.TotalSeconds:0.0} s");
            foreach (var violation in tribunals.SelectMany(t => t.Violations))
            {
                violations.Enqueue(violation);
            }

            Assert.True(open <= answered / 100, $"{open} questions without an answer, {answered} with");
        }

        Fail(violations);
        Assert.True(bounds.Useful > bounds.All / 2, $"finite bounds {bounds}");
        Assert.True(decisions.Useful > decisions.All / 3, $"targets decided {decisions}");
        var missing = typeof(Operator).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Operator)) && !type.IsAbstract && type.IsPublic && !operators.ContainsKey(type));
        Assert.Empty(missing);
    }

    private void RunPlanted(int firstSeed, int count)
    {
        var clock = Stopwatch.StartNew();
        var (violations, found, comparisons) = (new ConcurrentQueue<string>(), 0, 0L);
        Parallel.For(firstSeed, firstSeed + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            var (drawn, witness, target) = Planted.Draw(seed);
            var value = drawn.Exact(witness);
            Assert.True(value.CompareTo(target) > 0);
            var judge = new Judge(drawn, new Random(seed), 0, false);
            List<Value> known = [new Value(witness, value, value)];
            judge.HearBounds(drawn.Domain.Box, known);
            judge.HearContractions(drawn.Domain.Box, known);
            var random = new Random(seed);
            var part = drawn.Domain.Box;
            for (var k = 0; k < 6; k++)
            {
                part = Planted.Around(random, drawn.Domain.Box, known[0]);
                judge.HearBounds(part, known);
                judge.HearContractions(part, known);
            }

            // Over the whole domain few searches get down to the bump; over a part near it they must come to an answer.
            foreach (var (name, accepts, search) in Engines.OfSearch)
            {
                foreach (var problem in drawn.Readings.Where(accepts).SelectMany(problem => new[] { problem, problem with { Domain = new Domain(part) } }))
                {
                    var said = search(problem, target, 300);
                    judge.Hear(name, problem.Domain, known, target, said);
                    Interlocked.Add(ref found, said.Lower > target || said.Strict ? 1 : 0);
                    if (said.Upper <= target)
                    {
                        violations.Enqueue($"seed {seed} (planted): {name} proves g <= {target:R}; g({known[0]}) = {value}");
                    }
                }
            }

            foreach (var violation in judge.Violations)
            {
                violations.Enqueue(violation);
            }

            Interlocked.Add(ref comparisons, judge.Comparisons);
        });
        output.WriteLine($"seeds {firstSeed} to {firstSeed + count - 1}: {count} planted networks, {comparisons} comparisons, the witness or another found {found} times, {clock.Elapsed.TotalSeconds:0.0} s");
        Fail(violations);
    }

    private static void Fail(ConcurrentQueue<string> violations)
    {
        if (!violations.IsEmpty)
        {
            // "seed 7 (chain): ENGINE over ...": how many of each engine, and the shortest.
            var engines = violations.GroupBy(text => text[(text.IndexOf("): ", StringComparison.Ordinal) + 3)..].Split([" over ", " proves "], 2, StringSplitOptions.None)[0]).Select(group => $"{group.Key}: {group.Count()}");
            Assert.Fail($"{violations.Count} statements are contradicted ({string.Join("; ", engines.Order())}); the shortest:\n{string.Join("\n", violations.OrderBy(text => text.Length).Take(5))}");
        }
    }
}
