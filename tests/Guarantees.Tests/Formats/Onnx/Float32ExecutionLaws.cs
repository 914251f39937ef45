using System.Globalization;
using Google.Protobuf;
using Guarantees.Arithmetic;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Onnx.Proto;
using Guarantees.Networks;
using Microsoft.ML.OnnxRuntime;
using Xunit;
using Xunit.Abstractions;

namespace Guarantees.Tests.Formats.Onnx;

/// <summary>
/// Law: |executed - real| &lt;= Error for every output element, every float32 input of the domain, and every execution: any order of sums, bias first or last, products with constants
/// before or after a sum, fused or not, wide or not, subnormals kept or flushed; and ONNX Runtime's.
/// </summary>
/// <remarks>
/// Referees: rational numbers where the network is piecewise linear, enclosures at the point otherwise. Elementary functions are pushed to 0.9 of what is assumed of them.
/// Mutants seen to fail: gamma_n left out, an eighth of it, or without the roundings of products; no peak, neither for overflow nor for what vanishes; no flushing; the arguments' error not
/// carried through tanh, a product, a maximum or a sum; the functions' own error, a quotient's rounding, a flushed slope or negation left out; of softmax the other
/// arguments' error, the exponentials' error, the sum's rounding; of its logarithm the results' rounding and the logarithm's error; of norms the rounding, what vanishes and overflow; of
/// powers the argument's error, the library's and what vanishes; the roundings of channel factors; the rounding of reciprocals; a library's error left out of the exponent 1, a variance that vanishes. Four that no test kills: the rounding of the shift inside exponentials (large only where they are small), the overflow of powers (their size is asked again later), the rounding of squares before they are summed (the sum pays for one more), the error of argument
/// k itself left out of its log-softmax, which needs errors of the two signs at their worst.
/// </remarks>
public class Float32ExecutionLaws(ITestOutputHelper output)
{
    private double largest;
    private int comparisons;

    [Fact]
    public void Random_models_stay_within_the_bound_in_every_style()
    {
        var finite = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (program, last) = RandomProgram(random);
            var (lower, upper) = Domain(random, program.LengthOf(0), seed % 7 == 0 ? 1e4 : 2);
            finite += Compare(program, last, lower, upper, random, $"seed {seed}", 5) ? 1 : 0;
        }

        output.WriteLine($"{finite} of 300 models bounded, {comparisons} numbers compared, largest share of the bound used {largest:G3}");
        Assert.True(finite > 200, $"only {finite} models have a finite bound");
        Assert.InRange(largest, 0.05, 1);
    }

    /// <summary>Weights and inputs from 1e-42 to 1e15: where partial products overflow or vanish, the bound knows.</summary>
    [Fact]
    public void Models_of_wild_sizes_stay_within_the_bound_in_every_style()
    {
        var finite = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            float Wild() => (float)((random.Next(2) * 2 - 1) * Math.Pow(10, random.Next(4) switch { 0 => -42 + (random.NextDouble() * 10), 1 => -20 + (random.NextDouble() * 10), 2 => random.NextDouble() * 4, _ => 15 * random.NextDouble() }));
            float[] Many(int count) => [.. Enumerable.Range(0, count).Select(_ => Wild())];
            var program = new Float32Program(3);
            var value = program.Dense(0, Many(12), Many(4), random.Next(4));
            value = random.Next(4) switch
            {
                0 => program.PairConstant("Mul", value, Many(4)),
                1 => program.PairConstant("Div", value, Many(4).Select(v => Math.Abs(v) < 1e-37f ? 1e-37f : v).ToArray()),
                2 => program.Function("LeakyRelu", value, (float)Math.Pow(10, -45 * random.NextDouble())),
                _ => program.Function("Relu", value),
            };
            value = program.ScaledDense(value, Many(8), Wild(), Many(2));
            var size = Math.Pow(10, (random.NextDouble() * 50) - 35);
            finite += Compare(program, value, [.. Enumerable.Repeat(-size, 3)], [.. Enumerable.Repeat(size, 3)], random, $"seed {seed}", 4) ? 1 : 0;
        }

        output.WriteLine($"{finite} of 300 models bounded, {comparisons} numbers compared, largest share of the bound used {largest:G3}");
        Assert.InRange(finite, 100, 299);
    }

    /// <summary>A product that is folded into the weights overflows or vanishes although the result does neither.</summary>
    [Theory]
    [InlineData(1e30f, 1e20f, 1e-20)]
    [InlineData(1e-30f, 1e-20f, 1e30)]
    [InlineData(1e30f, 1e-20f, 1e20)]
    [InlineData(1e-25f, 1e25f, 1e-25)]
    public void A_constant_folded_into_weights_is_covered(float weight, float factor, double size)
    {
        var program = new Float32Program(1);
        var value = program.ScaledDense(0, [weight], factor, [0f]);
        Compare(program, value, [-size], [size], new Random(1), "folded", 4);
    }

    /// <summary>D. Zombori et al., "Fooling a Complete Neural Network Verifier", ICLR 2021: a sum whose order decides what is left.</summary>
    [Theory]
    [InlineData(1e17f)]
    [InlineData(1e10f)]
    [InlineData(1e9f)]
    public void The_float_order_gadget_leaves_the_real_range_and_stays_within_the_bound(float huge)
    {
        // y = 5 - relu(huge a - huge b + c - 0.5) with a = b = relu(x + 1), c = relu(x): really y >= 4.5 on [0, 1].
        var program = new Float32Program(1);
        var ab = program.Function("Relu", program.Dense(0, [1, 1, 1], [1, 1, 0], 0));
        var gadget = program.Function("Relu", program.Dense(ab, [huge, -huge, 1], [-0.5f], 0));
        var y = program.Dense(gadget, [-1], [5], 2);
        var bytes = program.ToBytes(y);
        var domain = new Box([0.0], [1.0]);
        var executed = Float32Execution.Over(bytes, "gadget", domain).Values.Single();
        var network = OnnxImporter.Read(bytes, "gadget");
        var real = new Interval(4.5, 5);

        var (worst, beyond) = (0.0, 0.0);
        foreach (var x in new[] { 0, 0.1f, 1f / 3, 0.7f, 0.9999f, 1 })
        {
            var distance = program.Distance(network, [x]);
            Assert.True(distance(0, real.Lower) <= 0.5 && distance(0, real.Upper) <= 0.5);
            foreach (var style in ExecutionStyle.All)
            {
                var value = program.Execute(y, new Float32Machine(style, 1), [x])[0];
                worst = Math.Max(worst, distance(0, value));
                beyond = Math.Max(beyond, Math.Max(real.Lower - value, value - real.Upper));
            }
        }

        output.WriteLine($"off by {worst:G3}, {beyond:G3} beyond the real range; bound {executed.Error[0]:G3}");
        Assert.True(beyond > 0 || worst > 0.4, "no execution is fooled: the test has no teeth");
        Assert.True(worst <= executed.Error[0], $"off by {worst}, bound {executed.Error[0]}");
    }

    /// <summary>Fan-in 20,000, all terms alike: in order, the sum of 1e-4 to 2 loses what gamma_n allows a share of.</summary>
    [Fact]
    public void Huge_fan_in_stays_within_the_bound()
    {
        const int count = 20_000;
        var random = new Random(5);
        var program = new Float32Program(1);
        var wide = program.Function("Relu", program.Dense(0, [.. Enumerable.Repeat(1f, count)], [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 1e-4))], 0));
        var value = program.Dense(wide, [.. Enumerable.Range(0, count).Select(k => k % 3 == 0 ? -0.5f : 0.1f + (k * 1e-6f))], [1], 0);
        Assert.True(Compare(program, value, [0.5], [1.0], random, "fan-in", 2));
        output.WriteLine($"largest share of the bound used {largest:G3}");
    }

    /// <summary>Sums of subnormal terms, flushed or not.</summary>
    [Fact]
    public void Subnormal_terms_stay_within_the_bound()
    {
        var random = new Random(6);
        for (var k = 0; k < 50; k++)
        {
            var program = new Float32Program(4);
            var value = program.Dense(0, [.. Enumerable.Range(0, 16).Select(_ => (float)((random.NextDouble() - 0.5) * 1e-20))], [.. Enumerable.Repeat(1e-40f, 4)], k % 4);
            value = program.Function(k % 2 == 0 ? "Neg" : "Relu", value);
            value = k % 3 == 0 ? program.Dense(value, [.. Enumerable.Repeat(1e30f, 8)], [0, 1e-9f], 2) : value;
            Assert.True(Compare(program, value, [.. Enumerable.Repeat(-1e-18, 4)], [.. Enumerable.Repeat(1e-18, 4)], random, $"case {k}", 4));
        }

        output.WriteLine($"largest share of the bound used {largest:G3}");
        Assert.InRange(largest, 0.01, 1);
    }

    /// <summary>What flushing does alone: to a slope, to a negation, to an argument.</summary>
    [Fact]
    public void Flushed_slopes_and_results_are_covered()
    {
        var leaky = new Float32Program(1);
        Assert.True(Compare(leaky, leaky.Function("LeakyRelu", 0, 1e-39f), [-1e30], [-1e29], new Random(1), "slope", 4));
        var negated = new Float32Program(1);
        Assert.True(Compare(negated, negated.Function("Neg", 0), [1e-39], [2e-39], new Random(1), "negation", 4));
        Assert.InRange(largest, 0.1, 1);
    }

    /// <summary>Exact arguments: what is off is the quotient's own rounding.</summary>
    [Fact]
    public void Quotients_and_products_of_exact_arguments_are_covered()
    {
        foreach (var operation in new[] { "Div", "Mul" })
        {
            var program = new Float32Program(2);
            var value = program.Pair(operation, program.Slice(0, 0, 1), program.Slice(0, 1, 2));
            Assert.True(Compare(program, value, [1, 1], [2, 2], new Random(1), operation, 50));
            Assert.InRange(largest, 0.1, 1);
            largest = 0;
        }
    }

    [Fact]
    public void Where_a_partial_sum_may_overflow_nothing_is_bounded()
    {
        var program = new Float32Program(2);
        var value = program.Dense(0, [3e38f, 3e38f, 1, 1], [-3e38f, 0], 0);
        var error = Float32Execution.Over(program.ToBytes(value), "overflow", new Box([0.4, 0.4], [0.5, 0.5])).Values.Single().Error;
        Assert.True(double.IsPositiveInfinity(error[0]));
        Assert.True(double.IsFinite(error[1]));
    }

    /// <summary>Ranges that are infinite, times 0, less themselves, divided by themselves: no bound or a refusal, and no other exception.</summary>
    [Fact]
    public void Infinite_ranges_have_no_bound()
    {
        for (var k = 0; k < 16; k++)
        {
            var program = new Float32Program(2);
            var value = program.Function("Exp", program.PairConstant("Mul", 0, [3e4f, 3e38f]));
            value = k switch
            {
                0 => program.PairConstant("Mul", value, [0, 0]),
                1 => program.Pair("Sub", value, value),
                2 => program.Pair("Mul", value, value),
                3 => program.Pair("Div", value, program.PairConstant("Add", value, [1, 1])),
                4 => program.Function("Tanh", value),
                5 => program.Function("Log", program.PairConstant("Add", value, [1, 1])),
                6 => program.Dense(value, [0, 0, 1, -1], [1, 1], 0),
                7 => program.Reduce("ReduceMean", value),
                8 => program.Clip(value, 0, 1),
                9 => program.Softmax(value, false),
                10 => program.Softmax(value, true),
                11 => program.Norm("ReduceL2", value),
                12 => program.Power(value, 3),
                13 => program.Function("Reciprocal", value),
                14 => program.Normalisation(value, [1, 1], [0, 0], [0, 0], [1, 1], 1e-5f),
                _ => program.Function("Softplus", program.Function("Neg", value)),
            };
            var bytes = program.ToBytes(value);
            try
            {
                Assert.All(Float32Execution.Over(bytes, "m", new Box([-1.0, -1], [1.0, 1])).Values.Single().Error, error => Assert.True(double.IsPositiveInfinity(error), $"{k}: {error}"));
            }
            catch (ModelFormatException refused)
            {
                Assert.DoesNotContain('\n', refused.Message);
            }
        }
    }

    [Fact]
    public void Divisors_whose_reciprocal_overflows_are_refused()
    {
        var program = new Float32Program(1);
        var bytes = program.ToBytes(program.PairConstant("Div", 0, [1e-40f]));
        Assert.Contains("normal", Assert.Throws<ModelFormatException>(() => Float32Execution.Over(bytes, "m", new Box([-1e-10], [1e-10]))).Message, StringComparison.Ordinal);
    }

    /// <summary>A flushed variance plus epsilon is zero, and its root divides.</summary>
    [Fact]
    public void Variances_below_the_normal_numbers_are_refused()
    {
        var program = new Float32Program(1);
        var bytes = program.ToBytes(program.Normalisation(0, [1], [0], [0], [0], 1e-40f));
        Assert.Contains("normal", Assert.Throws<ModelFormatException>(() => Float32Execution.Over(bytes, "m", new Box([-1e-20], [1e-20]))).Message, StringComparison.Ordinal);
    }

    /// <summary>What is assumed of a library's pow is assumed of each exponent.</summary>
    [Fact]
    public void The_exponent_1_is_a_power_too()
    {
        var program = new Float32Program(1);
        Assert.InRange(Float32Execution.Over(program.ToBytes(program.Power(0, 1)), "m", new Box([1.0], [2.0])).Values.Single().Error[0], 2 * ExecutionAlgebra.FunctionError, 1e-5);
    }

    /// <summary>A constant cast to a narrower type is rounded when the model runs, and not when it is read as a real function.</summary>
    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Narrow_casts_of_constants_are_refused(object narrow)
    {
        var graph = new OnnxGraphBuilder();
        graph.Input("x", 2);
        graph.Node("Cast", "half", [graph.Initializer("c", [0.1f, 0.2f], 2)], ("to", (int)(ElementType)narrow));
        graph.Node("Cast", "back", ["half"], ("to", 1));
        graph.Node("Add", "y", ["x", "back"]);
        graph.Output("y", 2);
        var problem = Assert.Throws<ModelFormatException>(() => Float32Execution.Over(graph.ToBytes(), "m", new Box([0.0, 0], [1.0, 1])));
        Assert.Contains("cast", problem.Message, StringComparison.Ordinal);
    }

    /// <summary>Arithmetic of half-precision constants rounds in half precision.</summary>
    [Fact]
    public void Arithmetic_of_half_precision_constants_is_refused()
    {
        var graph = new OnnxGraphBuilder();
        graph.Input("x", 1);
        graph.Initializer("a", [1f], 1);
        graph.Initializer("b", [MathF.ScaleB(1, -15)], 1);
        graph.Node("Add", "c", ["a", "b"]);
        graph.Node("Cast", "d", ["c"], ("to", 1));
        graph.Node("Add", "y", ["x", "d"]);
        graph.Output("y", 1);
        var model = ModelProto.Parser.ParseFrom(graph.ToBytes());
        foreach (var initializer in model.Graph.Initializer)
        {
            var value = (Half)BitConverter.ToSingle(initializer.RawData.Span);
            (initializer.DataType, initializer.RawData) = ((int)ElementType.Float16, ByteString.CopyFrom(BitConverter.GetBytes(value)));
        }

        Assert.Throws<ModelFormatException>(() => Float32Execution.Over(model.ToByteArray(), "m", new Box([0.0], [1.0])));
    }

    /// <summary>Each of the operators on groups alone, exact arguments: what is off is their own.</summary>
    [Theory]
    [InlineData("Softmax", 0.05)]
    [InlineData("LogSoftmax", 0.05)]
    [InlineData("ReduceL1", 0.05)]
    [InlineData("ReduceL2", 0.05)]
    [InlineData("ReduceSumSquare", 0.05)]
    [InlineData("Pow", 0.3)]
    [InlineData("Reciprocal", 0.1)]
    [InlineData("BatchNormalization", 0.05)]
    [InlineData("Gemm", 0.05)]
    public void Operators_on_exact_arguments_stay_within_the_bound(string operation, double least)
    {
        var random = new Random(11);
        float[] Draw(int count, double size = 1) => [.. Enumerable.Range(0, count).Select(_ => (float)(((random.NextDouble() * 2) - 1) * size))];
        for (var k = 0; k < 60; k++)
        {
            var n = k % 3 == 0 ? 2 : random.Next(1, 12);
            var program = new Float32Program(n);
            var value = operation switch
            {
                "Softmax" or "LogSoftmax" => program.Softmax(0, operation == "LogSoftmax"),
                "Pow" => program.Power(0, random.Next(2, 5)),
                "Reciprocal" => program.Function("Reciprocal", 0),
                "BatchNormalization" => program.Normalisation(0, Draw(n, 100), Draw(n), Draw(n), [.. Draw(n).Select(Math.Abs)], 1e-6f),
                "Gemm" => program.WeightedGemm(0, Draw(n * 3), Draw(1, 10)[0], k % 5 == 0 ? 0 : Draw(1, 1e3)[0], Draw(3)),
                _ => program.Norm(operation, 0),
            };
            var size = Math.Pow(10, (3 * random.NextDouble()) - (operation is "ReduceL2" or "Pow" && k % 4 == 0 ? 24 : 1.5));
            var (lower, upper) = operation == "Reciprocal"
                ? (Enumerable.Repeat(size, n).ToArray(), Enumerable.Repeat(2 * size, n).ToArray())
                : (Enumerable.Repeat(-size, n).ToArray(), Enumerable.Repeat(size, n).ToArray());
            Assert.True(Compare(program, value, lower, upper, random, $"{operation} {k}", 4));
        }

        output.WriteLine($"{operation}: {comparisons} numbers compared, largest share of the bound used {largest:G3}");
        Assert.InRange(largest, least, 1);
    }

    /// <summary>Groups with arguments far apart, equal, huge, or uncertain: a bound or none, never a wrong one.</summary>
    [Fact]
    public void Softmax_of_hostile_groups_stays_within_the_bound()
    {
        var finite = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var n = random.Next(1, 40);
            var size = Math.Pow(10, (random.NextDouble() * 12) - 4);
            float[] weights = [.. Enumerable.Range(0, n).Select(_ => (float)(((random.NextDouble() * 2) - 1) * size))];
            var program = new Float32Program(1);
            var value = program.Softmax(program.Dense(0, weights, [.. weights.Select(w => seed % 3 == 0 ? 0 : -w)], seed % 4), seed % 2 == 0);
            finite += Compare(program, value, [0.9], [1.1], random, $"seed {seed}", 4) ? 1 : 0;
        }

        output.WriteLine($"{finite} of 200 bounded, largest share of the bound used {largest:G3}");
        Assert.InRange(finite, 100, 199);
    }

    /// <summary>Large arguments that differ by little: the shift is what rounds.</summary>
    [Theory]
    [InlineData(1e3)]
    [InlineData(1e6)]
    public void Logarithms_of_softmax_of_large_arguments_stay_within_the_bound(double size)
    {
        var program = new Float32Program(3);
        Assert.True(Compare(program, program.Softmax(0, true), [size, size, size], [size + 1, size + 1, size + 1], new Random(2), "large", 40));
        Assert.InRange(largest, 0.05, 1);
    }

    [Theory]
    [InlineData(1e20)]
    [InlineData(1e30)]
    public void Squares_that_may_overflow_have_no_bound(double size)
    {
        foreach (var make in new Func<Float32Program, int>[] { p => p.Norm("ReduceL2", 0), p => p.Norm("ReduceSumSquare", 0), p => p.Power(0, 2), p => p.Power(0, 4) })
        {
            var program = new Float32Program(2);
            var value = make(program);
            Assert.All(Float32Execution.Over(program.ToBytes(value), "m", new Box([-size, -size], [size, size])).Values.Single().Error, error => Assert.True(double.IsPositiveInfinity(error)));
        }
    }

    [Fact]
    public void Operators_that_are_not_modelled_are_named()
    {
        var graph = new OnnxGraphBuilder();
        graph.Input("x", 2);
        graph.Node("Erf", "y", ["x"]);
        graph.Output("y", 2);
        var message = Assert.Throws<ModelFormatException>(() => Float32Execution.Over(graph.ToBytes(), "m", new Box([1.0, 1], [2.0, 2]))).Message;
        Assert.Contains("Erf", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(GraphOptimizationLevel.ORT_DISABLE_ALL)]
    [InlineData(GraphOptimizationLevel.ORT_ENABLE_ALL)]
    public void ONNX_Runtime_stays_within_the_bound_on_random_models(GraphOptimizationLevel level)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var (program, last) = RandomProgram(random);
            var (lower, upper) = Domain(random, program.LengthOf(0), 2);
            var bytes = program.ToBytes(last);
            Within(bytes, $"seed {seed}", lower, upper, random, level, 5);
        }

        output.WriteLine($"{comparisons} numbers compared, largest share of the bound used {largest:G3}");
    }

    [Fact]
    public void ONNX_Runtime_stays_within_the_bound_on_posteriors() =>
        Compare(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Data", "sbi"), "sbi_npe_mdn_*.onnx").Order());

    [SharedDataFact]
    public void ONNX_Runtime_stays_within_the_bound_on_control_networks() =>
        Compare(SharedData.Files("ACASXU*.onnx").Take(3).Select(file => Path.Combine(SharedData.Folder!, file)));

    private void Compare(IEnumerable<string> files)
    {
        var random = new Random(3);
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            var length = OnnxImporter.Read(bytes, file).InputLength;
            largest = 0;
            foreach (var size in new[] { 1e-3, 0.3 })
            {
                Within(bytes, file, [.. Enumerable.Repeat(-size, length)], [.. Enumerable.Repeat(size, length)], random, GraphOptimizationLevel.ORT_ENABLE_ALL, 20);
            }

            Assert.True(largest > 0, "nothing was bounded");
            output.WriteLine($"{Path.GetFileName(file)}: largest share of the bound used {largest:G3}");
        }
    }

    /// <summary>What is assumed of the elementary functions, against ONNX Runtime and MathF, over 4 million numbers of every binade.</summary>
    [Theory]
    [InlineData("Tanh")]
    [InlineData("Sigmoid")]
    [InlineData("Softplus")]
    [InlineData("Exp")]
    [InlineData("Log")]
    [InlineData("Pow")]
    public void Elementary_functions_are_as_assumed(string operation)
    {
        const int block = 1 << 16;
        var graph = new OnnxGraphBuilder();
        graph.Input("x", block);
        graph.Node(operation, "y", operation == "Pow" ? ["x", graph.Initializer("c", [4f])] : ["x"]);
        graph.Output("y", block);
        using var reference = new Reference(graph.ToBytes(), GraphOptimizationLevel.ORT_ENABLE_ALL);
        static double Softplus(double x) => x > 0 ? x + Math.Log(1 + Math.Exp(-x)) : Math.Exp(x) is < 1e-8 and var e ? e : Math.Log(1 + Math.Exp(x));
        Func<double, double> exact = operation switch { "Tanh" => Math.Tanh, "Sigmoid" => x => 1 / (1 + Math.Exp(-x)), "Softplus" => Softplus, "Exp" => Math.Exp, "Pow" => x => x * x * x * x, _ => Math.Log };
        Func<float, float> library = operation switch
        {
            "Tanh" => MathF.Tanh,
            "Sigmoid" => x => 1 / (1 + MathF.Exp(-x)),
            "Softplus" => x => x > 20 ? x : MathF.Log(1 + MathF.Exp(x)),
            "Exp" => MathF.Exp,
            "Pow" => x => MathF.Pow(x, 4),
            _ => MathF.Log,
        };
        Func<double, double> scale = operation switch { "Exp" or "Pow" => y => y, "Softplus" or "Log" => y => 1 + Math.Abs(y), _ => _ => 1 };
        Func<float, bool> isIn = operation switch { "Exp" => x => x < 88.7f, "Log" => x => x >= 1.17549435e-38f, "Pow" => x => Math.Abs(x) < 4e9f, _ => _ => true };
        var (worst, ours, at) = (0.0, 0.0, 0f);
        var arguments = Enumerable.Range(0, 4_100_000).Select(k => BitConverter.UInt32BitsToSingle((uint)(k * 1047L)))
            .Concat(Enumerable.Range(0, 1_000_000).Select(k => (float)((k - 500_000) * 4e-5))).Where(x => float.IsFinite(x) && isIn(x));
        foreach (var x in arguments.Chunk(block).Where(chunk => chunk.Length == block))
        {
            var y = reference.Run(Array.ConvertAll(x, v => (double)v))["y"];
            for (var i = 0; i < block; i++)
            {
                var value = exact(x[i]);
                double Off(double executed) => Math.Max(0, Math.Abs(executed - value) - ExecutedTensor.Flushed) / Math.Max(scale(value), 1e-300) / ExecutionAlgebra.FunctionError;
                (worst, at) = Off(y[i]) is var off && !(off <= worst) ? (off, x[i]) : (worst, at);
                ours = Math.Max(ours, Off(library(x[i])));
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{operation}: ONNX Runtime {worst:G3} of what is assumed, at {at:R}; MathF {ours:G3}"));
        Assert.InRange(worst, 0, 1);
        Assert.InRange(ours, 0, 1);
    }

    private static (double[] Lower, double[] Upper) Domain(Random random, int length, double size)
    {
        var center = Enumerable.Range(0, length).Select(_ => ((random.NextDouble() * 2) - 1) * size).ToArray();
        var radius = size * Math.Pow(10, -4 * random.NextDouble());
        return ([.. center.Select(c => c - radius)], [.. center.Select(c => c + radius)]);
    }

    /// <summary>Two to six operators of all modelled kinds, sizes that keep functions off their flat ends.</summary>
    private static (Float32Program Program, int Last) RandomProgram(Random random)
    {
        float[] Draw(int count, double size = 1) => [.. Enumerable.Range(0, count).Select(_ => (float)(((random.NextDouble() * 2) - 1) * size))];
        var program = new Float32Program(random.Next(1, 7));
        var value = 0;
        for (var step = random.Next(2, 7); step > 0; step--)
        {
            var n = program.LengthOf(value);
            var wide = random.Next(2, random.Next(4) == 0 ? 70 : 9);
            value = random.Next(23) switch
            {
                0 or 1 or 2 => program.Dense(value, Draw(n * wide), random.Next(4) == 0 ? null : Draw(wide), random.Next(4)),
                3 => program.ScaledDense(value, Draw(n * wide), Draw(1, 3)[0], Draw(wide)),
                4 => program.Function("Relu", value),
                5 => program.Function("LeakyRelu", value, 0.01f + (0.3f * (float)random.NextDouble())),
                6 => program.Function(random.Next(2) == 0 ? "Tanh" : "Sigmoid", value),
                7 => program.Function(random.Next(2) == 0 ? "Softplus" : "Abs", value),
                8 => program.Function("Exp", program.Clip(value, -3, 2)),
                9 => program.Clip(value, -0.5f, 0.7f),
                10 => program.PairConstant(random.Next(2) == 0 ? "Mul" : "Div", value, [.. Draw(n).Select(c => c + (c < 0 ? -0.1f : 0.1f))]),
                11 => program.PairConstant(random.Next(4) switch { 0 => "Add", 1 => "Sub", 2 => "Max", _ => "Min" }, value, Draw(n)),
                12 => program.Pair(random.Next(4) switch { 0 => "Add", 1 => "Mul", 2 => "Max", _ => "Sub" }, value, program.PairConstant("Mul", value, Draw(n))),
                13 => program.MultiplyAdd(value, program.Function("Tanh", value), program.PairConstant("Mul", value, Draw(n))),
                14 => n > 1 ? program.Concat(program.Slice(value, 0, n / 2), program.Gather(value, [n - 1, 0])) : program.Function("Neg", value),
                15 => program.WeightedGemm(value, Draw(n * wide), Draw(1, 3)[0], Draw(1, 3)[0], Draw(wide)),
                16 => program.Softmax(value, random.Next(2) == 0),
                17 => program.Concat(value, program.Norm(random.Next(3) switch { 0 => "ReduceL1", 1 => "ReduceL2", _ => "ReduceSumSquare" }, value)),
                18 => program.Power(program.Clip(value, -3, 2), random.Next(2, 5)),
                19 => program.Power(program.PairConstant("Add", program.Function("Abs", value), [.. Enumerable.Repeat(0.3f, n)]), random.Next(2) == 0 ? -1 : 0.5f),
                20 => program.Normalisation(value, Draw(n, 2), Draw(n), Draw(n), [.. Draw(n).Select(Math.Abs)], random.Next(2) == 0 ? 1e-5f : 0.1f),
                21 => program.SumOf(value, program.PairConstant("Mul", value, Draw(n)), program.Function("Tanh", value)),
                _ => random.Next(4) switch
                {
                    3 => program.Function("Reciprocal", program.PairConstant("Add", program.Function("Abs", value), [.. Enumerable.Repeat(0.3f, n)])),
                    0 => program.Function(random.Next(2) == 0 ? "Log" : "Sqrt", program.PairConstant("Add", program.Function("Abs", value), [.. Enumerable.Repeat(0.3f, n)])),
                    1 => program.Pair("Div", value, program.PairConstant("Add", program.Function("Sigmoid", value), [.. Enumerable.Repeat(0.5f, n)])),
                    _ => program.Concat(value, program.Reduce(random.Next(2) == 0 ? "ReduceSum" : "ReduceMean", value)),
                },
            };
        }

        return (program, value);
    }

    private static float[] Point(double[] lower, double[] upper, Random random) => [.. lower.Zip(upper, (l, u) =>
    {
        var x = (float)(random.Next(4) switch { 0 => l, 1 => u, _ => l + ((u - l) * random.NextDouble()) });
        return x < l ? MathF.BitIncrement(x) : x > u ? MathF.BitDecrement(x) : x;
    })];

    /// <summary>False where nothing is bounded.</summary>
    private bool Compare(Float32Program program, int last, double[] lower, double[] upper, Random random, string what, int points)
    {
        var bytes = program.ToBytes(last);
        ExecutedOutput bound;
        try
        {
            bound = Float32Execution.Over(bytes, what, new Box(lower, upper)).Values.Single();
        }
        catch (ModelFormatException)
        {
            return false;
        }

        var network = OnnxImporter.Read(bytes, what);
        for (var k = 0; k < points; k++)
        {
            var x = Point(lower, upper, random);
            var distance = program.Distance(network, x);
            foreach (var style in ExecutionStyle.All)
            {
                var values = program.Execute(last, new Float32Machine(style, k), x);
                for (var i = 0; i < values.Length; i++)
                {
                    Hold(bound.Error[i], values[i], value => distance(i, value), $"{what}, {style}, element {i} at [{string.Join(", ", x)}]");
                }
            }
        }

        return bound.Error.Any(double.IsFinite);
    }

    private void Within(byte[] bytes, string what, double[] lower, double[] upper, Random random, GraphOptimizationLevel level, int points)
    {
        IReadOnlyDictionary<string, ExecutedOutput> bounds;
        try
        {
            bounds = Float32Execution.Over(bytes, what, new Box(lower, upper));
        }
        catch (ModelFormatException) when (what.StartsWith("seed", StringComparison.Ordinal))
        {
            return;
        }

        var network = OnnxImporter.Read(bytes, what);
        using var reference = new Reference(bytes, level);
        for (var k = 0; k < points; k++)
        {
            var x = Array.ConvertAll(Point(lower, upper, random), v => (double)v);
            var ranges = network.Ranges(Box.Point(x));
            foreach (var (name, values) in reference.Run(x))
            {
                var range = ranges[network.Output(name).Id];
                for (var i = 0; i < values.Length; i++)
                {
                    Assert.True(range.Lower[i] >= bounds[name].Range.Lower[i] - 1e-9 && range.Upper[i] <= bounds[name].Range.Upper[i] + 1e-9, $"{what}: {name}[{i}] leaves its range");
                    Hold(bounds[name].Error[i], values[i], value => Math.Max(0, Math.Max(range.Lower[i] - value, value - range.Upper[i])), $"{what}: {name}[{i}] in ONNX Runtime");
                }
            }
        }
    }

    private void Hold(double error, double value, Func<double, double> distance, string what)
    {
        if (!double.IsFinite(error))
        {
            return;
        }

        Assert.True(double.IsFinite(value), $"{what} is {value}, bound {error:G6}");
        var off = distance(value);
        Assert.True(off <= error, $"{what} is off by {off:G6}, bound {error:G6}");
        comparisons++;
        largest = Math.Max(largest, off == 0 ? 0 : off / error);
    }
}
