using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Formats;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;
using Xunit;

namespace Guarantees.Tests.Formats.VnnLib;

/// <summary>Examples: files of the competition, each form of each version, each message, damaged files.</summary>
/// <remarks>Mutants that failed here: ranges derived from the greatest values; a strict bound dropped behind an equal one; the outer box rounded inward; a region for each case;
/// equality taken for a violation, in rational numbers; equality taken for satisfaction of a strict constraint, in intervals; a file cut off in its trailer accepted.</remarks>
public class VnnLibFileTests
{
    private const string Head = "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(declare-const Y_1 Real)\n";
    private const string Ranges = "(assert (<= 0 X_0 0.7))\n(assert (and (>= X_1 -0.1) (<= X_1 0.3)))\n";
    private const string Network = "(vnnlib-version <2.0>)\n(declare-network f (declare-input X float32 [1,2]) (declare-output Y float32 [2]))\n";
    private const string Copy = "(declare-network g (equal-to f) (declare-input U float32 [1,2]) (declare-output W float32 [2]))\n";

    [SharedDataTheory]
    [InlineData("acasxu/prop_1.vnnlib", 5, 5, 1, 1)]
    [InlineData("acasxu/prop_2.vnnlib", 5, 5, 1, 1)]
    [InlineData("acasxu/prop_3.vnnlib", 5, 5, 1, 1)]
    [InlineData("acasxu/prop_4.vnnlib", 5, 5, 1, 1)]
    [InlineData("acasxu/prop_5.vnnlib", 5, 5, 1, 4)]
    [InlineData("acasxu/prop_6.vnnlib", 5, 5, 2, 8)]
    [InlineData("acasxu/prop_7.vnnlib", 5, 5, 1, 2)]
    [InlineData("acasxu/prop_8.vnnlib", 5, 5, 1, 3)]
    [InlineData("acasxu/prop_9.vnnlib", 5, 5, 1, 4)]
    [InlineData("reach_prob_density/vdp_*.vnnlib", 3, 3, 1, 1)]
    public void Files_of_the_competition_have_their_boxes_and_cases(string pattern, int inputs, int outputs, int boxes, int cases)
    {
        var files = SharedData.Files(Path.GetFileName(pattern)).Where(file => file.StartsWith(Path.GetDirectoryName(pattern)!, StringComparison.Ordinal)).ToList();
        Assert.Equal(pattern.Contains('*', StringComparison.Ordinal) ? 12 : 1, files.Count);
        foreach (var file in files)
        {
            var property = VnnLibFile.Read(Path.Combine(SharedData.Folder!, file));
            Assert.Equal((inputs, outputs, boxes, cases), (property.InputLength, property.OutputLength, property.Groups.Length, property.Cases.Length));
            Assert.All(property.Cases, item => Assert.NotNull(item.InnerBox));
        }
    }

    [SharedDataFact]
    public void Every_file_of_the_competition_means_what_its_text_says()
    {
        var (random, inside) = (new Random(1), 0);
        foreach (var file in SharedData.Files("*.vnnlib"))
        {
            var path = Path.Combine(SharedData.Folder!, file);
            var (property, text) = (VnnLibFile.Read(path), File.ReadAllText(path));
            for (var trial = 0; trial < 100; trial++)
            {
                var region = property.Groups[random.Next(property.Groups.Length)].Region;
                var ends = random.Next(2) == 0 ? region.Inner! : region.Outer;
                double[] x = [.. Enumerable.Range(0, region.Length).Select(i => random.Next(2) == 0 ? ends.Lower[i] : ends.Upper[i])];
                double[] y = [.. Enumerable.Range(0, property.OutputLength).Select(_ => (random.Next(5) - 2) / 2.0)];
                var holds = property.IsSatisfiedExactly(x, [.. y.Select(Rational.Of)]);
                Assert.Equal(NaiveProperty.Holds(text, [.. x.Select(Arithmetic.Rational.Of)], [.. y.Select(Arithmetic.Rational.Of)]), holds);
                inside += holds ? 1 : 0;
            }
        }

        Assert.True(inside > 50, $"only {inside} points lie inside");
    }

    [Fact]
    public void Bounds_are_exact_decimals_with_the_doubles_on_both_sides()
    {
        var item = Assert.Single(VnnLibFile.Parse(Head + Ranges + "(assert (<= Y_0 Y_1))", "p").Cases);

        Assert.Equal(new Rational(7, 10), item.Region.Upper[0].Value);
        Assert.Equal((0.7, 0.7000000000000001), (item.InnerBox!.Upper[0], item.Box.Upper[0])); // the double 0.7 lies below 7/10
        Assert.Equal((-0.1, Math.BitIncrement(-0.1)), (item.Box.Lower[1], item.InnerBox.Lower[1])); // the double -0.1 lies below -1/10
        Assert.Equal((0.0, 0.0), (item.Box.Lower[0], item.InnerBox.Lower[0]));
        Assert.Equal("1 Y_0 - 1 Y_1 <= 0", Assert.Single(item.Constraints).ToString());
        Assert.True(item.IsSatisfiedExactly([0, 0], [Rational.Zero, Rational.Zero]));
        Assert.False(item.IsSatisfiedExactly([0, -0.1], [Rational.Zero, Rational.Zero]));
        Assert.False(item.IsSatisfiedExactly([0, 0], [new Rational(1, 3), new Rational(333333333, 1000000000)]));
        Assert.False(item.IsSatisfiedExactly([0.0], [Rational.Zero, Rational.Zero]));
    }

    [Fact]
    public void A_range_between_two_doubles_has_an_outer_box_and_no_inner_one()
    {
        var item = Assert.Single(VnnLibFile.Parse(Head + "(assert (= X_0 0.1)) (assert (< 0 X_1 1e-400))", "p").Cases);

        Assert.Null(item.InnerBox);
        Assert.Equal((0.09999999999999999, 0.1), (item.Box.Lower[0], item.Box.Upper[0]));
        Assert.Equal((0, double.Epsilon), (item.Box.Lower[1], item.Box.Upper[1]));
        Assert.False(item.IsSatisfiedExactly([0.1, 0], []));
        Assert.Equal(Truth.Unknown, item.Evaluate(item.Box, item.Box));
    }

    [Theory]
    [InlineData("<=", "1.0", 0.25, 1, Truth.Unknown)]
    [InlineData("<", "1.0", 0.25, 1, Truth.Violated)]
    [InlineData("<=", "1.0", 0, 0.25, Truth.Satisfied)]
    [InlineData("<", "1.0", 0, 0.25, Truth.Unknown)]
    [InlineData("<=", "0.1", 0.25, 1, Truth.Unknown)] // 0.1 is no double: decided by rational numbers
    [InlineData("<", "0.1", 0.25, 1, Truth.Violated)]
    [InlineData("<=", "0.1", 0, 0.25, Truth.Satisfied)]
    [InlineData("<", "0.1", 0, 0.25, Truth.Unknown)]
    public void A_box_that_touches_a_constraint_is_on_the_side_of_its_edge(string relation, string scale, double lower, double upper, Truth truth)
    {
        var constraint = Read($"{Ranges}(assert ({relation} (+ (* {scale} Y_0) (* {scale} Y_1)) (* {scale} 0.5)))").Cases[0].Constraints[0];
        Assert.Equal(truth, constraint.Evaluate(Box.Point([0, 0]), new Box([lower, lower], [upper, upper])));
    }

    [Fact]
    public void Empty_ranges_leave_and_what_is_always_true_or_false_folds()
    {
        Assert.Empty(Read(Ranges + "(assert (>= X_0 0.70000000000000000001))").Cases);
        Assert.Empty(Read(Ranges + "(assert (> X_0 0.7))").Cases);
        Assert.Single(Read(Ranges + "(assert (>= X_0 0.7))").Cases);
        Assert.True(Assert.Single(Read(Ranges + "(assert (< X_0 0.7))(assert (<= X_0 0.7))").Cases).Region.Upper[0].IsStrict);
        Assert.Empty(Read(Ranges + "(assert (< 1 (/ 2 2)))").Cases);
        Assert.Empty(Read("(assert false)").Cases);
        Assert.Empty(Assert.Single(Read(Ranges + "(assert (or (<= 1 1) (<= Y_0 0)))").Cases).Constraints);
        Assert.Empty(Assert.Single(Read(Ranges + "(assert (<= (- Y_0 Y_0) (* 0 Y_1)))").Cases).Constraints);
        Assert.Single(Read(Ranges + "(assert (or (and (>= X_0 0.8) (<= Y_0 0)) (<= Y_1 0)))").Cases);
        Assert.Equal(2, Read("(assert (or (and (<= 0 X_0 0.1) (<= 0 X_1 1)) (and (<= 0.1 X_0 0.2) (<= 0 X_1 1)))) (assert (or (<= X_0 0.05) (>= X_0 0.15)))").Cases.Length);
    }

    [Fact]
    public void Ranges_follow_from_constraints_on_other_inputs()
    {
        var region = Assert.Single(Read("(assert (<= 0 X_0 1)) (assert (<= (- X_1 (* 2 X_0)) 0.5)) (assert (>= (+ X_1 X_0) 0.25))").Cases).Region;
        Assert.Equal((new Rational(-3, 4), new Rational(5, 2)), (region.Lower[1].Value, region.Upper[1].Value));
        Assert.Empty(Read("(assert (<= 0 X_0 1)) (assert (<= (+ X_1 X_0) -2)) (assert (>= (- X_1 X_0) 1))").Cases);
    }

    [Fact]
    public void A_long_list_of_alternatives_shares_its_regions()
    {
        var text = new StringBuilder(Head + Ranges + "(assert (or");
        for (var i = 0; i < 20_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  (and (<= X_0 0.{(i % 7) + 1}) (<= Y_0 {i}.5))");
        }

        var property = VnnLibFile.Parse(text.Append("))").ToString(), "p");
        Assert.Equal((20_000, 7), (property.Cases.Length, property.Groups.Length));
    }

    [Fact]
    public void Silent_commands_comments_bars_and_deep_nesting_are_read()
    {
        var deep = string.Concat(Enumerable.Repeat("(and ", 900)) + "(<= " + string.Concat(Enumerable.Repeat("(- ", 90)) + "Y_0" + new string(')', 90) + " 1)" + new string(')', 900);
        var property = VnnLibFile.Parse(
            $"\uFEFF; (\n(set-logic QF_LRA)\r\n(set-info :source |a ) b \n|)(set-info :x \"(\")\t(declare-fun X_0 () Real)(declare-const |Y_0| Real)\n(assert (<= 0 X_0 1));\n(assert {deep})(check-sat)(get-model)(exit)".TrimStart('\uFEFF'), "p");
        Assert.Equal("1 Y_0 <= 1", Assert.Single(Assert.Single(property.Cases).Constraints).ToString());
    }

    [Fact]
    public void A_compressed_file_is_told_by_its_content_and_a_damaged_one_is_refused()
    {
        var plain = Encoding.UTF8.GetBytes(Head + Ranges + "(assert (<= Y_0 Y_1))\n");
        var packed = Gzip(plain);
        Assert.Single(VnnLibFile.Read(new MemoryStream(packed), "p").Cases);
        Assert.Single(VnnLibFile.Read(new MemoryStream([0xEF, 0xBB, 0xBF, .. plain]), "p").Cases);
        for (var cut = 2; cut < packed.Length; cut++)
        {
            Assert.Throws<VnnLibFormatException>(() => VnnLibFile.Read(new MemoryStream(packed[..cut]), "p"));
        }

        Assert.Throws<VnnLibFormatException>(() => VnnLibFile.Read(new MemoryStream([.. packed, .. packed]), "p"));
        packed[^6] ^= 1; // the checksum
        Assert.Equal("p: a gzip file that is damaged, cut off or put together of several, expected one whole gzip file.", Assert.Throws<VnnLibFormatException>(() => VnnLibFile.Read(new MemoryStream(packed), "p")).Message);
        Assert.Equal("p: not a text in UTF-8.", Assert.Throws<VnnLibFormatException>(() => VnnLibFile.Read(new MemoryStream([0x28, 0xFF, 0xFE, 0x29]), "p")).Message);
        Assert.Throws<VnnLibFormatException>(() => VnnLibFile.Read(new MemoryStream([]), "p"));
        Assert.Throws<FileNotFoundException>(() => VnnLibFile.Read("/nowhere.vnnlib"));
    }

    [Fact]
    public void A_bomb_is_stopped_at_the_limit()
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var block = new byte[1 << 20];
            Array.Fill(block, (byte)' ');
            for (var i = 0; i < 200; i++)
            {
                zip.Write(block);
            }
        }

        packed.Position = 0;
        Assert.Equal("p: more than 200000000 characters, expected at most so many.", Assert.Throws<VnnLibFormatException>(() => VnnLibFile.Read(packed, "p")).Message);
    }

    [Fact]
    public void Version_2_reads_tensors_by_rows_and_names_its_networks()
    {
        var property = VnnLibFile.Parse(
            "(vnnlib-version <2.0>)\n(declare-network f\n  (declare-input A float32 [2,2] \"a\")\n (declare-input s Real [] \"s\")\n  (declare-output Y float32 [3] \"out\"))\n"
            + "(assert (and (<= 0.0 A[0,0] 1.0) (<= 0 A[0,1] 2) (<= 0 A [1, 0] 3) (<= 0 A[1,1] 4) (<= 0 s 5)))\n(assert (or (!= Y[2] 0.5) (== Y[1] A[1,0])))", "p");

        Assert.Equal((2, 5, 3, 3), (property.MajorVersion, property.InputLength, property.OutputLength, property.Cases.Length));
        Assert.Equal([1, 2, 3, 4, 5], property.Cases[0].Box.Upper);
        Assert.Equal(["1 Y_2 < 1/2", "- 1 Y_2 < -1/2", "- 1 X_2 + 1 Y_1 <= 0, 1 X_2 - 1 Y_1 <= 0"], property.Cases.Select(item => string.Join(", ", item.Constraints)));
        var network = Assert.Single(property.Networks);
        Assert.Equal(("f", "A", "float32", 4, "a"), (network.Name, network.Inputs[0].Name, network.Inputs[0].ElementType, network.Inputs[0].Length, network.Inputs[0].OnnxName));
        Assert.Equal(("s", "real", 4, 1), (network.Inputs[1].Name, network.Inputs[1].ElementType, network.Inputs[1].Offset, network.Inputs[1].Length));
    }

    [Fact]
    public void Two_copies_of_a_network_are_one_property_of_their_product()
    {
        var property = VnnLibFile.Parse(
            Network + Copy + "(assert (and (<= 0 X[0,0] 1) (<= 0 X[0,1] 1)))"
            + "(assert (and (<= -0.1 (- X[0,0] U[0,0]) 0.1) (== X[0,1] U[0,1])))(assert (> (- Y[0] W[0]) 0.5))", "p");

        Assert.Equal((4, 4), (property.InputLength, property.OutputLength));
        Assert.Equal("f", property.Networks[1].EqualTo);
        var item = Assert.Single(property.Cases);
        Assert.Equal((new Rational(-1, 10), new Rational(11, 10)), (item.Region.Lower[2].Value, item.Region.Upper[2].Value));
        Assert.Equal("- 1 Y_0 + 1 Y_2 < -1/2", item.Constraints[^1].ToString());
    }

    [Fact]
    public void A_witness_is_written_in_the_form_of_its_version()
    {
        using var first = new StringWriter();
        VnnLibWitness.Write(first, [0.1, -1e-7], [1.0 / 3]);
        Assert.Equal("sat\n((X_0 0.1)\n(X_1 -1e-07)\n(Y_0 0.3333333333333333))\n", first.ToString());

        using var second = new StringWriter();
        VnnLibWitness.Write(second, VnnLibFile.Parse(Network + Copy + "(assert (and (<= 0 X[0,0] X[0,1] U[0,0] U[0,1] 1) (<= X[0,0] 1) (<= X[0,1] 1) (<= 0 X[0,1]) (<= 0 U[0,0] 1) (<= 0 U[0,1])))", "p"), [1, 2, 3, 4], [5, 6, 7, 8]);
        Assert.Equal("sat\nX float32 [1,2]\n1\n2\nY float32 [2]\n5\n6\nU float32 [1,2]\n3\n4\nW float32 [2]\n7\n8\n", second.ToString());

        using var third = new StringWriter();
        VnnLibWitness.Write(third, Read(Ranges), [1, 2], [3, 4]);
        Assert.StartsWith("sat\n((X_0 1)\n(X_1 2)\n(Y_0 3)\n(Y_1 4))", third.ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => VnnLibWitness.Write(third, Read(Ranges), [1], [3, 4]));
        Assert.Throws<ArgumentException>(() => VnnLibWitness.Write(third, [double.NaN], [1]));
        Assert.Throws<ArgumentException>(() => VnnLibWitness.Write(third, [], [1]));
    }

    [Theory]
    [InlineData("", "p: no variable is declared, expected (declare-const X_0 Real) or (declare-network ...).")]
    [InlineData("hello", "p:1:1: found 'hello', expected a command such as (assert ...).")]
    [InlineData("()", "p:1:1: found '()', expected a command such as (assert ...).")]
    [InlineData("\n (assert (<= 1 2)", "p:2:2: the list '(assert ...)' is not closed at the end of the file, expected a ')'.")]
    [InlineData("(assert true))", "p:1:14: found a ')' without its '(', expected a command such as (assert ...).")]
    [InlineData("(asert true)", "p:1:1: found the command 'asert', did you mean 'assert'?")]
    [InlineData("(push 1)", "p:1:1: found the command 'push', expected 'declare-const', 'declare-fun', 'declare-network', 'assert' or 'vnnlib-version'.")]
    [InlineData("(assert)", "p:1:1: found a malformed '(assert ...)', expected one condition, as in (assert (<= X_0 0.5)).")]
    [InlineData("(check-sat)\n(assert true)", "p:2:1: found an assertion behind (check-sat), expected none.")]
    [InlineData("(declare-const X_0 Int)", "p:1:20: found the sort 'Int', expected 'Real'.")]
    [InlineData("(declare-const X_0)", "p:1:1: found a malformed '(declare-const ...)', expected (declare-const X_0 Real).")]
    [InlineData("(declare-fun X_0 Real)", "p:1:1: found a malformed '(declare-fun ...)', expected (declare-fun X_0 () Real).")]
    [InlineData("(declare-const Z_0 Real)", "p:1:16: found the variable 'Z_0', expected an input X_i or an output Y_j with a number i or j from 0, below 10000000.")]
    [InlineData("(declare-const X_01 Real)", "p:1:16: found the variable 'X_01', expected an input X_i or an output Y_j with a number i or j from 0, below 10000000.")]
    [InlineData("(declare-const X_99999999999 Real)", "p:1:16: found the variable 'X_99999999999', expected an input X_i or an output Y_j with a number i or j from 0, below 10000000.")]
    [InlineData("(declare-const X_0 Real)\n(declare-const X_0 Real)", "p:2:16: variable 'X_0' is declared a second time, expected once.")]
    [InlineData("(declare-const X_0 Real)\n(declare-const X_2 Real)\n(declare-const Y_0 Real)", "p:2:16: input 'X_2' is declared and 'X_1' is not, expected X_0, X_1, ... without a gap.")]
    [InlineData("(declare-const X_0 Real)\n(declare-const Y_1 Real)", "p:2:16: output 'Y_1' is declared and 'Y_0' is not, expected Y_0, Y_1, ... without a gap.")]
    [InlineData("(declare-const X_0 Real)", "p: no output is declared, expected (declare-const Y_0 Real).")]
    [InlineData("(declare-const Y_0 Real)", "p: no input is declared, expected (declare-const X_0 Real).")]
    [InlineData("]", "p:1:1: found a ']' without its '['.")]
    [InlineData("(a \"b", "p:1:4: a text is not closed at the end of the file, expected a '\"'.")]
    [InlineData("(vnnlib-version <3.0>)", "p:1:1: found the version '<3.0>', expected <1.0> or <2.0>.")]
    [InlineData("(vnnlib-version <2.0>)\n(declare-const X_0 Real)", "p:2:1: found '(declare-const ...)' in a file of VNN-LIB 2.0, expected 'declare-network'.")]
    [InlineData("(vnnlib-version <1.0>)\n(declare-network f)", "p:2:1: found '(declare-network ...)' in a file of VNN-LIB 1.0, expected 'declare-const'.")]
    [InlineData("(declare-const X_0 Real)\n(vnnlib-version <1.0>)", "p:2:1: found a version here, expected it once and at the beginning.")]
    public void A_malformed_file_is_refused_with_its_place(string text, string message) => Refused(text, message);

    [Theory]
    [InlineData("(<= X_5 1)", "12: variable 'X_5' is not declared, expected a declared input X_i or output Y_j or a decimal number.")]
    [InlineData("(<= X_0 nan)", "16: variable 'nan' is not declared, expected a declared input X_i or output Y_j or a decimal number.")]
    [InlineData("(<= X_0 1.2.3)", "16: found '1.2.3', expected a declared variable or a decimal number such as -0.5 or 1e-3.")]
    [InlineData("(<= X_0 1e9999)", "16: found '1e9999', expected a declared variable or a decimal number such as -0.5 or 1e-3.")]
    [InlineData("(<= (* X_0 (+ X_1 1)) 1)", "19: found a product of two terms with variables, expected at most one such factor: only linear properties are supported.")]
    [InlineData("(<= (/ 1 X_1) 1)", "17: found a variable in a divisor, expected a number: only linear properties are supported.")]
    [InlineData("(<= (/ X_1 (- 1 1)) 1)", "19: found a division by 0, expected another number.")]
    [InlineData("(<= (/ X_1) 1)", "12: '/' has 1 operands, expected 2 or more.")]
    [InlineData("(<= (+) 1)", "12: '+' has 0 operands, expected 1 or more.")]
    [InlineData("(<= (sin X_0) 1)", "12: found '(sin ...)' in place of a term, expected '+', '-', '*' or '/'.")]
    [InlineData("(<= () 1)", "12: found '()', expected a variable, a number or a term such as (* 2.0 X_0).")]
    [InlineData("(<= X_0)", "8: '<=' has 1 operands, expected 2 or more.")]
    [InlineData("(distinct X_0 X_1 1)", "8: 'distinct' has 3 operands, expected 2.")]
    [InlineData("(and)", "8: 'and' has nothing to work on, expected at least one condition.")]
    [InlineData("(=> true)", "8: '=>' has one condition to work on, expected at least two conditions.")]
    [InlineData("(not true false)", "8: 'not' has 2 operands, expected one condition.")]
    [InlineData("(let ((a X_0)) (<= a 1))", "8: found 'let', which is not supported, expected the terms written out.")]
    [InlineData("(xor true false)", "8: found '(xor ...)' in place of a condition, did you mean 'or'?")]
    [InlineData("X_0", "8: found 'X_0', expected a condition such as (<= X_0 0.5).")]
    [InlineData("(<= X_0[1] 1)", "15: found '[1]' behind 'X_0', which has no elements.")]
    [InlineData("(<= [1] 1)", "12: found '[1]', expected a variable, a number or a term such as (* 2.0 X_0).")]
    public void A_malformed_condition_is_refused_with_its_place(string condition, string message) =>
        Refused($"{Head}(assert\n       {condition})", $"p:6:{message}");

    [Theory]
    [InlineData("(declare-network)", "p:2:1: found a network without a name, expected (declare-network NAME (declare-input ...) (declare-output ...)).")]
    [InlineData("(declare-network f)", "p:2:1: network 'f' has no input, expected one or more.")]
    [InlineData("(declare-network f (declare-input X float32 [2]))", "p:2:1: network 'f' has no output, expected one or more.")]
    [InlineData("(declare-network f (declare-output X float32 [2]))", "p:2:20: found '(declare-output ...)' here, expected the inputs first and then the outputs.")]
    [InlineData("(declare-network f (declare-input X float32 [2]) (declare-hidden H real [2] \"h\"))", "p:2:50: hidden nodes are not supported, expected inputs and outputs only.")]
    [InlineData("(declare-network f (declare-input X int8 [2]))", "p:2:37: found the element type 'int8', expected 'real', 'float32' or 'float64'.")]
    [InlineData("(declare-network f (declare-input X real [2 2]))", "p:2:42: found '2 2' in '[2 2]', expected whole numbers from 0 with ',' between.")]
    [InlineData("(declare-network f (declare-input X real [9999,9999]))", "p:2:42: found the shape '[9999,9999]', expected sizes from 1 and at most 10000000 elements in all tensors.")]
    [InlineData("(declare-network f (declare-input X real [0]))", "p:2:42: found the shape '[0]', expected sizes from 1 and at most 10000000 elements in all tensors.")]
    [InlineData("(declare-network f (declare-input X real))", "p:2:20: found a malformed '(declare-input ...)', expected (declare-input NAME TYPE [SIZES]), for example (declare-input X float32 [1,5]).")]
    [InlineData("(declare-network f (declare-input || real []))", "p:2:35: found the name '', expected a letter, then letters, digits and '_'.")]
    [InlineData("(declare-network f (equal-to g))", "p:2:20: found a '(equal-to ...)' without a network declared before, expected (equal-to NAME).")]
    [InlineData("(declare-network f (declare-input X real []) (declare-output X real []))", "p:2:62: variable 'X' is declared a second time, expected once.")]
    [InlineData("(declare-network f (declare-input X real [] \"x\") (declare-output Y real []))", "p:2:1: network 'f' names the ONNX nodes of some of its tensors, expected all or none.")]
    [InlineData("(declare-network f (declare-input X real [2]) (declare-output Y real []))(assert (<= X 1))", "p:2:86: found 0 indices for 'X', expected 1.")]
    [InlineData("(declare-network f (declare-input X real [2]) (declare-output Y real []))(assert (<= X[2] 1))", "p:2:87: found the index 2 on axis 0 of 'X', expected 0 to 1.")]
    [InlineData("(declare-network f (declare-input X real [2]) (declare-output Y real []))(assert (<= Z[0] 1))", "p:2:86: variable 'Z' is not declared, expected a tensor of a network or a decimal number.")]
    [InlineData("(declare-network f (declare-input X real [2,1]) (declare-output Y real []))(assert (<= 0 X[0,0] 1))(assert (<= 0 X[1,0]))", "p:2:35: input 'X[1,0]' has no upper bound, expected both in every alternative.")]
    [InlineData("(declare-network f (declare-input X real [2]) (declare-output Y real []))(declare-network g (isomorphic-to f) (declare-input U real [1]) (declare-output V real []))", "p:2:108: network 'g' has other types or shapes than 'f', expected the same inputs and outputs.")]
    public void A_malformed_network_is_refused_with_its_place(string text, string message) => Refused($"(vnnlib-version <2.0>)\n{text}", message);

    [Fact]
    public void Limits_are_refused_with_their_number()
    {
        Refused(Head + "(assert (<= 0 X_0 1)) (assert (or (<= 0 X_1 1) (<= X_1 2)))", "p:2:16: input 'X_1' has no lower bound, expected both in every alternative.");
        Refused(Head + "(assert (<= 0 X_0 1e1000)) (assert (<= 0 X_1 1))", "p:1:16: input 'X_0' has a bound beyond the largest double, expected at most 1.8e308.");
        Refused(Head + "(assert " + new string('(', 100_000), "p:5:1008: found more than 1000 lists inside one another, expected at most so many.");
        Refused(Head + "(assert (<= X_0 " + new string('1', 2_000) + "))", $"p:5:17: found a word of more than 1200 characters, '{new string('1', 60)}...', expected a name or a number.");
        Refused(Head + "(assert (<= X_0 (*" + string.Concat(Enumerable.Repeat(" 1e1200", 30)) + ")))", "p:5:17: a number of 35878 bits arises here, expected at most 32768.");

        var either = string.Concat(Enumerable.Repeat("(assert (or (<= Y_0 0) (<= Y_1 0)))\n", 40));
        Refused(Head + Ranges + either, "p: the disjunctions combine to more than 100000 cases, expected at most so many.");
        var exclusive = string.Concat(Enumerable.Range(0, 60).Select(i => string.Create(CultureInfo.InvariantCulture, $"(assert (or (<= X_0 0.2) (and (<= Y_0 {i}) (<= Y_1 0))))\n")));
        var message = Assert.Throws<VnnLibFormatException>(() => VnnLibFile.Parse(Head + "(assert (<= 0 X_0 0.7))" + exclusive + "(assert (or (> X_0 1) (< X_0 0)))", "p")).Message;
        Assert.Equal("p: the cases of the disjunctions need more than 20000000 numbers and constraints, expected a smaller property.", message);
        Assert.Throws<VnnLibFormatException>(() => VnnLibFile.Parse(Head + Ranges + "(assert (or (<= Y_0 0) (<= Y_1 0)))", "p", 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => VnnLibFile.Parse(Head, "p", 0));
    }

    [Fact]
    public void Any_damage_to_a_file_is_read_or_refused_in_one_line_and_soon()
    {
        var first = "; p\n" + Head + Ranges + "(assert (or\n  (and (<= Y_0 Y_1) (>= (* 2.0 X_0) (- Y_0 1e-3)))\n  (not (= Y_1 0.25)) (=> (< X_0 X_1) (distinct Y_0 3))\n))\n(check-sat)\n";
        var second = Network + Copy + "(assert (and (<= 0 X[0,0] 1) (<= 0 X[0,1] 1) (== X[0,1] U[0,1])))\n(assert (<= -0.1 (- X[0,0] U[0,0]) 0.1))(assert (or (!= Y[0] W[0]) (> Y[1] 0.5)))\n";
        string[] words = ["(", ")", "()", "[", "]", "|", "\"", ";", "\n", "-", ".", "e", "e999999999", "0", "9", "1e1200", "nan", "inf", "X_0", "X_", "Y_9", "assert", "or", "(or ", "(and ", "(not ", "(* ", "(/ ", "declare-const", "\0", "\u2028", "\uD800", "let", "<2.0>", "[0,1]", "=="];
        var (random, watch, read) = (new Random(20), new Stopwatch(), 0);
        for (var trial = 0; trial < 3000; trial++)
        {
            var text = new StringBuilder(trial % 2 == 0 ? first : second);
            for (var edits = 1 + (random.Next(2) * random.Next(4)); edits > 0; edits--)
            {
                var (at, length) = (random.Next(text.Length), random.Next(1, random.Next(3) > 0 ? 2 : 40));
                length = Math.Min(length, text.Length - at);
                _ = random.Next(6) switch
                {
                    0 => text.Remove(at, length),
                    1 => text.Insert(at, text.ToString(at, length)),
                    2 => text.Replace(text[at], text[random.Next(text.Length)], at, length),
                    3 => text.Insert(at, string.Concat(Enumerable.Repeat(words[random.Next(words.Length)], random.Next(20) == 0 ? 2000 : 1))),
                    4 => text.Insert(random.Next(text.Length), text.ToString(at, length)),
                    _ => text.Insert(at, words[random.Next(words.Length)]),
                };
                text.Append(text.Length == 0 ? "(" : "");
            }

            watch.Restart();
            try
            {
                VnnLibFile.Parse(text.ToString(), "p");
                read++;
            }
            catch (VnnLibFormatException error)
            {
                Assert.Matches(@"\Ap:(\d+:\d+:)? [^\n\r\u2028]+[.?]\z", error.Message);
                Assert.DoesNotContain('\n', error.Message);
            }

            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed} for\n{text}");
        }

        Assert.InRange(read, 100, 2000);
    }

    [Fact]
    public void Any_damage_to_a_compressed_file_is_read_or_refused()
    {
        var (packed, random) = (Gzip(Encoding.UTF8.GetBytes(Head + Ranges + "(assert (or (<= Y_0 Y_1) (<= Y_1 0.25)))\n")), new Random(21));
        for (var trial = 0; trial < 500; trial++)
        {
            var damaged = (byte[])packed.Clone();
            damaged[random.Next(2, damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Assert.Equal(2, VnnLibFile.Read(new MemoryStream(damaged), "p").Cases.Length); // a flag or a date of the header
            }
            catch (VnnLibFormatException)
            {
            }
        }
    }

    private static VnnLibProperty Read(string assertions) => VnnLibFile.Parse(Head + assertions, "p");

    private static void Refused(string text, string message) => Assert.Equal(message, Assert.Throws<VnnLibFormatException>(() => VnnLibFile.Parse(text, "p")).Message);

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zip.Write(bytes);
        }

        return packed.ToArray();
    }
}
