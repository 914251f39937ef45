using System.Globalization;
using System.Net;
using Estimators.Distributions;
using Estimators.Simulators;
using Guarantees.Formats;
using Xunit;

namespace Estimators.Tests.Simulators;

/// <summary>Pairs by blocks: the same for the same seed and use, in any order, from simulators and tables; their first ones pinned.</summary>
/// <remarks>Mutants seen to fail: number of the block, use or seed not in the key of the generator.</remarks>
public sealed class PairSourceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pairs-").FullName;

    public static TheoryData<string> Tasks => [.. Catalogue.Tasks];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>The first three pairs of every task, seed 1, use "golden": what another machine must draw. CERTIFY_RENEW=1 writes them anew.</summary>
    [Fact]
    public void The_first_pairs_of_every_task_are_the_pinned_ones()
    {
        var lines = Catalogue.Tasks.Append("gaussian_linear:10").SelectMany(name =>
        {
            var block = new SimulatedPairs(Catalogue.Task(name), 1, "golden").Block(0);
            return Enumerable.Range(0, 3).Select(row => $"{name}: {Words(block.Theta(row))}; {Words(block.X(row))}");
        }).ToArray();
        var path = PathOf("tests", "Estimators.Tests", "Simulators", "golden-draws.txt");
        if (Environment.GetEnvironmentVariable("CERTIFY_RENEW") == "1")
        {
            File.WriteAllLines(path, lines);
        }

        Assert.Equal(File.ReadAllLines(path), lines);
    }

    [Theory, MemberData(nameof(Tasks))]
    public void A_block_does_not_need_those_before_it(string name)
    {
        var pairs = new SimulatedPairs(Catalogue.Task(name), 3, "test");
        var third = pairs.Block(2);
        var streamed = pairs.First(2100).ToArray();
        Assert.Equal([1024, 1024, 52], streamed.Select(block => block.Count));
        Assert.Equal([0L, 1024, 2048], streamed.Select(block => block.First));
        for (var row = 0; row < 52; row++)
        {
            Assert.Equal(third.Theta(row).ToArray(), streamed[2].Theta(row).ToArray());
            Assert.Equal(third.X(row).ToArray(), streamed[2].X(row).ToArray());
        }
    }

    [Fact]
    public void Blocks_seeds_and_uses_give_other_draws_and_all_are_float32()
    {
        var task = new GaussianLinear(2);
        PairBlock[] blocks =
        [
            new SimulatedPairs(task, 1, "a").Block(0), new SimulatedPairs(task, 1, "a").Block(1), new SimulatedPairs(task, 2, "a").Block(0), new SimulatedPairs(task, 1, "b").Block(0),
            new SimulatedPairs(new GaussianLinearUniform(2), 1, "a").Block(0),
        ];
        var numbers = blocks.SelectMany(block => Enumerable.Range(0, block.Count).SelectMany(row => (double[])[.. block.Theta(row), .. block.X(row)])).ToArray();
        Assert.True(numbers.Distinct().Count() > 0.999 * numbers.Length);
        Assert.All(numbers, value => Assert.Equal((float)value, value));
    }

    [Fact]
    public void A_proposal_takes_the_place_of_the_prior()
    {
        var block = new SimulatedPairs(new GaussianLinear(1), 1, "a", new UniformBox(1, 5, 6)).Block(0);
        Assert.All(Enumerable.Range(0, block.Count), row => Assert.InRange(block.Theta(row)[0], 5, 6));
        Law.IsStandardNormal(Enumerable.Range(0, block.Count).Select(row => (block.X(row)[0] - block.Theta(row)[0]) / Math.Sqrt(0.1)), "noise");
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimulatedPairs(new GaussianLinear(1), 1, "a", new UniformBox(2, 5, 6)));
    }

    [Fact]
    public void A_simulator_of_ones_own_is_the_documented_one()
    {
        var pairs = new SimulatedPairs(new Archer(), 1, "calibration");
        var block = pairs.Block(0);
        Assert.All(Enumerable.Range(0, block.Count), row => Assert.True(block.X(row)[0] is >= 0 and <= 20 && block.X(row)[1] is >= 0 and < 1));
        Assert.Equal((2, 2, null), (pairs.ParameterCount, pairs.DataCount, pairs.Count));
        Assert.Null(new Archer().Posterior(block.X(0)));
        Assert.Null(new Archer().LogPosteriorUnnormalized(block.Theta(0), block.X(0)));

        // The doc comment of Simulator holds that class, line by line.
        var documented = File.ReadAllLines(PathOf("src", "Estimators", "Simulators", "Simulator.cs")).Where(line => line.StartsWith("///", StringComparison.Ordinal)).Select(line => WebUtility.HtmlDecode(line[3..]).Trim());
        var written = File.ReadAllLines(PathOf("tests", "Estimators.Tests", "Simulators", "Archer.cs")).Select(line => line.Trim()).SkipWhile(line => !line.StartsWith("///", StringComparison.Ordinal)).ToArray();
        var from = documented.SkipWhile(line => line != written[0]).Take(written.Length);
        Assert.Equal(written, from);
    }

    [Fact]
    public void What_is_not_finite_is_told_in_one_line()
    {
        var problem = Assert.Throws<ArithmeticException>(() => new SimulatedPairs(new Broken(), 1, "a").Block(0));
        Assert.Matches(@"^broken: x_1 is (NaN|∞) at theta = \([-0-9.E]+\), no finite float32 number\.$", problem.Message);
    }

    [Fact]
    public void A_table_gives_its_rows_by_blocks()
    {
        var path = Write("pairs.csv", "x_1,theta_0,note,x_0", Enumerable.Range(0, 1500).Select(row => $"{row}.25,{-row},7,{2 * row}"));
        var pairs = TablePairs.Read(path);
        Assert.Equal((path, 1, 2, 1500), (pairs.Name, pairs.ParameterCount, pairs.DataCount, (int)pairs.Count!));
        var blocks = pairs.First(1500).ToArray();
        Assert.Equal([1024, 476], blocks.Select(block => block.Count));
        Assert.Equal([-1499], blocks[1].Theta(475).ToArray());
        Assert.Equal([2998, 1499.25], blocks[1].X(475).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => pairs.Block(2));
        Assert.Equal($"{path} has 1500 pairs, 1501 are asked for.", Assert.Throws<ArgumentException>(() => pairs.First(1501)).Message);
    }

    [Fact]
    public void Two_files_are_read_row_beside_row()
    {
        var theta = Path.Combine(folder, "theta.npy");
        File.WriteAllBytes(theta, Npy([1.5, -2, 3, 4.25], 2, 2));
        var x = Write("x.csv", "temperature", ["1", "2"]);
        var block = TablePairs.Read(theta, x).Block(0);
        Assert.Equal((2, 2, 1), (block.Count, block.Theta(0).Length, block.X(0).Length));
        Assert.Equal([3, 4.25], block.Theta(1).ToArray());
        Assert.Equal([2], block.X(1).ToArray());
        var longer = Write("longer.csv", "x_0", ["1", "2", "3"]);
        Assert.Equal($"{longer}: 3 rows, expected 2 as in {theta}.", Assert.Throws<TableFormatException>(() => TablePairs.Read(theta, longer)).Message);
    }

    [Theory]
    [InlineData("theta_0,y", "1,2", "no column 'x_0'")]
    [InlineData("t,x_0", "1,2", "no column 'theta_0'")]
    [InlineData("theta_0,x_0", null, "no rows, expected at least one pair")]
    [InlineData("theta_0,x_0", "1,nan", "has 'nan'")]
    [InlineData("theta_0,x_0,x_2", "1,2,3", "column 'x_1' is missing")]
    public void What_is_wrong_with_a_table_is_told_with_its_place(string header, string? row, string named)
    {
        var path = Write("wrong.csv", header, row is null ? [] : [row]);
        var problem = Assert.Throws<TableFormatException>(() => TablePairs.Read(path));
        Assert.StartsWith(path, problem.Message, StringComparison.Ordinal);
        Assert.Contains(named, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Theory]
    [InlineData("two_suns", "There is no task 'two_suns'")]
    [InlineData("two_moons:2", "one size only")]
    [InlineData("gaussian_linear:0", "from 1 to")]
    [InlineData("gaussian_linear:many", "from 1 to")]
    [InlineData("exchangeable_gaussian:51", "from 2 to 50")]
    public void A_wrong_task_is_told_in_one_line(string name, string named) =>
        Assert.Contains(named, Assert.Throws<ArgumentException>(() => Catalogue.Task(name)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("gaussian_linear", 2, 2)]
    [InlineData("gaussian_linear:10", 10, 10)]
    [InlineData("gaussian_linear_uniform", 10, 10)]
    [InlineData("slcp", 5, 8)]
    [InlineData("bernoulli_glm", 10, 10)]
    [InlineData("gaussian_mixture", 2, 2)]
    [InlineData("two_moons", 2, 2)]
    [InlineData("sir", 2, 10)]
    [InlineData("lotka_volterra", 4, 20)]
    [InlineData("exchangeable_gaussian:7", 2, 7)]
    public void Sizes_are_those_of_the_literature(string name, int parameters, int data)
    {
        var task = Catalogue.Task(name);
        Assert.Equal((parameters, data, name.Split(':')[0]), (task.ParameterCount, task.DataCount, task.Name));
    }

    private static string PathOf(params string[] path)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Guarantees.slnx")))
            {
                return Path.Combine([at.FullName, .. path]);
            }
        }

        throw new InvalidOperationException("no repository around the tests");
    }

    private static string Words(ReadOnlySpan<double> values) => string.Join(' ', values.ToArray().Select(value => ((float)value).ToString("R", CultureInfo.InvariantCulture)));

    private static byte[] Npy(double[] values, int rows, int columns)
    {
        var header = $"{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}";
        header = header.PadRight(((10 + header.Length + 64) / 64 * 64) - 11) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header.Select(c => (byte)c), .. values.SelectMany(BitConverter.GetBytes)];
    }

    private string Write(string name, string header, IEnumerable<string> rows)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllLines(path, rows.Prepend(header));
        return path;
    }

    private sealed class Broken : Simulator
    {
        public override string Name => "broken";

        public override int DataCount => 2;

        public override Distribution Prior { get; } = new UniformBox(1, -1, 1);

        public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x) => (x[0], x[1]) = (0, Math.Sqrt(theta[0]));
    }
}
