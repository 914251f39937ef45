using Certify.Sampling;
using Guarantees.Formats;
using Guarantees.Statistics;
using MathNet.Numerics.Distributions;
using Xunit;

namespace Certify.Tests.Sampling;

/// <summary>Estimators as programs, and the noise that they are given.</summary>
/// <remarks>Mutants planted and found: noise 5 % too large, or not scaled; numbers that are not finite, longer lines and fewer lines let pass; the exit status ignored.</remarks>
public class SamplerProcessTests
{
    /// <remarks>100,000 numbers against Phi at 99 places: a true generator leaves Massart's band with probability below 1e-6. A standard deviation 2 % too large is seen.</remarks>
    [Fact]
    public void Noise_is_standard_normal_and_its_streams_are_different()
    {
        var source = new NoiseSource(1, [0]);
        var draws = Enumerable.Range(0, 100_000).Select(_ => source.Next()).ToArray();
        bool Fits(double scale) => Enumerable.Range(1, 99).All(i =>
            DvoretzkyKieferWolfowitz.Band([.. draws.Select(draw => scale * draw)], Normal.InvCDF(0, 1, i / 100.0), 1e-6) is var band && band.Contains(i / 100.0));
        Assert.True(Fits(1));
        Assert.False(Fits(1.05));
        Assert.False(Fits(0.95));
        Assert.True(draws.Zip(draws.Skip(1), (a, b) => a * b).Average() is > -0.02 and < 0.02);

        double[] Take(int seed, byte stream) => new NoiseSource(seed, [stream]) is var other ? [.. Enumerable.Range(0, 50).Select(_ => other.Next())] : [];
        Assert.Equal(draws[..50], Take(1, 0));
        Assert.Empty(draws[..50].Intersect(Take(1, 1)).Concat(draws[..50].Intersect(Take(2, 0))));
    }

    [Fact]
    public void A_program_answers_a_line_for_a_line()
    {
        var table = Text(Draw(2, "awk", "-F,", "{ print $1 + $2 \"  \" 2 * $1 }"));
        var lines = table.TrimEnd('\n').Split('\n');
        Assert.Equal("theta_0,theta_1", lines[0]);
        Assert.Equal(6, lines.Length);
        var source = new NoiseSource(1, [0]);
        foreach (var line in lines[1..])
        {
            var (x0, x1) = (3 + (0.5 * source.Next()), -1 + (0.5 * source.Next()));
            var theta = line.Split(',').Select(double.Parse).ToArray();
            Assert.Equal(x0 + x1, theta[0], 1e-4); // awk prints six digits
            Assert.Equal(2 * x0, theta[1], 1e-4);
        }

        Assert.Equal(table, Text(Draw(2, "awk", "-F,", "{ print $1 + $2 \"\\t\" 2 * $1 }")));
    }

    [Theory]
    [InlineData("{ print NR == 3 ? \"abc\" : 1 }", "awk: line 3 of its output: 'abc' is no finite number.")]
    [InlineData("{ print NR == 2 ? \"nan\" : 1 }", "awk: line 2 of its output: 'nan' is no finite number.")]
    [InlineData("{ print NR == 2 ? \"1 2\" : 1 }", "awk: line 2 of its output has 2 numbers, expected 1, one for each parameter.")]
    [InlineData("{ print \"1 2\" }", "awk: line 1 of its output has 2 numbers, expected 1, one for each parameter.")]
    [InlineData("{ print NR == 2 ? \"0,73\" : 1 }", "awk: line 2 of its output: '0,73' has a comma; numbers are separated by white space, decimals by a point.")]
    [InlineData("{ printf \"1\\r\" }", "awk: ended in the middle of a line: the last one of its output has no line break, so that its end may be missing.")]
    [InlineData("{ printf \"1\\r\" } END { print \"\" }", "awk: line 1 of its output has 5 numbers, expected 1, one for each parameter.")]
    [InlineData("{ printf NR < 5 ? \"0.4567\\n\" : \"0.4\" }", "awk: ended in the middle of a line: the last one of its output has no line break, so that its end may be missing.")]
    [InlineData("{ print \"\" }", "awk: line 1 of its output has 0 numbers, expected 1, one for each parameter.")]
    [InlineData("NR < 4 { print 1 }", "awk: wrote 3 lines, expected 5, one for each line of its input.")]
    [InlineData("{ print 1; print 1 }", "awk: wrote more than 5 lines, expected one for each line of its input.")]
    [InlineData("{ exit 3 }", "awk: ended with exit status 3.")]
    [InlineData("{ print \"no such \\033file\" > \"/dev/stderr\"; exit 1 }", "awk: ended with exit status 1: 'no such ?file'.")]
    public void What_is_no_answer_is_told_in_one_line(string script, string message) =>
        Assert.Equal(message, Assert.Throws<TableFormatException>(() => Draw(1, "awk", script)).Message);

    [Fact]
    public void A_program_that_does_not_end_is_stopped()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var slow = new SamplerProcess(["sh", "-c", "cat; sleep 100"], "", TimeSpan.FromSeconds(0.5), 1);
        Assert.Equal("sh: did not end within the time limit of 0.5 s.", Assert.Throws<TableFormatException>(() => slow.Draw([3], 0.5, 5, new NoiseSource(1, [0]), default)).Message);
        using var stop = new CancellationTokenSource(200);
        Assert.Throws<OperationCanceledException>(() => new SamplerProcess(["sleep", "100"], "", TimeSpan.FromSeconds(90), 1).Draw([3], 0.5, 5, new NoiseSource(1, [0]), stop.Token));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 30);
        Assert.Contains("no-such-program: does not start", Assert.Throws<IOException>(() => Draw(1, "no-such-program")).Message, StringComparison.Ordinal);
    }

    /// <remarks>More than a pipe holds in both directions, read only at the end by the program.</remarks>
    [Fact]
    public void Many_lines_pass() => Assert.Equal(100_001, Text(new SamplerProcess(["sort"], "", TimeSpan.FromSeconds(60), 1).Draw([3], 0.5, 100_000, new NoiseSource(1, [0]), default)).Count(c => c == '\n'));

    private static byte[] Draw(int parameters, params string[] command) => new SamplerProcess([.. command], "", TimeSpan.FromSeconds(20), parameters).Draw([3, -1], 0.5, 5, new NoiseSource(1, [0]), default);

    private static string Text(byte[] table) => System.Text.Encoding.UTF8.GetString(table);
}
