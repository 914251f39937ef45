using System.Security.Cryptography;
using Cli.Tests;
using Xunit;
using Xunit.Abstractions;

namespace Fuzzing;

/// <summary>Whatever bytes a reader is given, it accepts them or refuses them in one line that names the file; within 5 s and 1 GB, and without ending the process.</summary>
/// <remarks>
/// Inputs are made from seed and index (<see cref="Target.Input"/>); each batch runs in a process of its own, so that an overflowing stack or memory is a finding with its input in
/// <c>findings/</c>. <c>bench/fuzz/run</c> looks for inputs by coverage and adds to <c>Corpus</c>. <see cref="WatchTests"/> show that a batch finds what it is for.
/// </remarks>
public sealed class FuzzingTests(ITestOutputHelper output)
{
    private const int Seed = 1;

    public static TheoryData<string> Formats => [.. Target.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Two_thousand_inputs_are_accepted_or_refused_in_one_line(string format) => Holds(format, Seed, 2_000);

    [Theory]
    [MemberData(nameof(Formats))]
    [Trait("Category", "Nightly")]
    public void Fifty_thousand_inputs_are_accepted_or_refused_in_one_line(string format) => Holds(format, Seed + 1, 50_000);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_seed_is_accepted(string format)
    {
        var target = Target.Of(format);
        Assert.NotEmpty(target.Corpus);
        Assert.True(target.Run(target.Corpus[0]));
    }

    /// <summary>With CERTIFY_RENEW=1 the states are saved anew, where the form of checkpoints has changed.</summary>
    [Fact]
    public void Every_stored_checkpoint_is_gone_on_from()
    {
        if (Environment.GetEnvironmentVariable("CERTIFY_RENEW") == "1")
        {
            var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "tests", "Fuzzing", "Corpus", "checkpoint")).FullName;
            Array.ForEach(Directory.GetFiles(folder), File.Delete);
            foreach (var state in CheckpointTarget.Saved())
            {
                File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(state))[..16]), state);
            }

            return;
        }

        var target = Target.Of("checkpoint");
        Assert.Contains(target.Corpus, state => state[0] == 'E');
        Assert.Contains(target.Corpus, state => state[0] == 'D');
        Assert.All(target.Corpus, state => Assert.True(target.Run(state)));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_input_is_a_function_of_seed_and_index(string format)
    {
        var target = Target.Of(format);
        var last = target.Corpus.Count + 40;
        for (var index = last; index < last + 20; index++)
        {
            Assert.Equal(target.Input(3, index), target.Input(3, index));
        }

        output.WriteLine($"the corpus: {Convert.ToHexStringLower(SHA256.HashData([.. target.Corpus.SelectMany(input => input)]))}");
        Assert.NotEqual(Enumerable.Range(last, 20).Select(index => Convert.ToHexString(target.Input(3, index))), Enumerable.Range(last, 20).Select(index => Convert.ToHexString(target.Input(4, index))));
    }

    private void Holds(string format, int seed, int count)
    {
        var report = Batch.Run(format, seed, count);
        output.WriteLine($"{format}, seed {seed}: {report}");
        Assert.True(report.Findings.Count == 0, $"{format}, seed {seed}: {report}\n{string.Join('\n', report.Findings)}");

        // Mutants that are all refused at the door would test the door only.
        Assert.True(report.Accepted > count / 100 && report.Refused > count / 100, $"{format}: {report}");
    }
}
