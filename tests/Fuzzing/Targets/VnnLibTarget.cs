using System.Collections.Immutable;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;

namespace Fuzzing;

/// <summary>Properties, versions 1.0 and 2.0, plain and compressed; small ones are evaluated, and compiled for the model of the workshop where they fit.</summary>
internal sealed class VnnLibTarget : Target
{
    private const string File = "input.vnnlib";

    private static readonly string[] Words =
    [
        "(", ")", "(assert ", "(and ", "(or ", "(not ", "(=> ", "(<= ", "(>= ", "(< ", "(> ", "(= ", "(== ", "(!= ", "(distinct ", "(+ ", "(- ", "(* ", "(/ ", "X_0", "X_1", "Y_0", "Y_1", "X", "Y", "X[0,1]", "Y[1]", "U[0,0]", "[", "]",
        "(declare-const X_2 Real)\n", "(declare-fun Y_2 () Real)\n", "(declare-network g (equal-to f) (declare-input U float32 [1,2]) (declare-output W float32 [2]))\n", "(isomorphic-to f)", "(declare-input ", "(declare-output ",
        "(declare-hidden h Real [1])", "float32", "real", "int8", "(vnnlib-version <2.0>)\n", "(check-sat)", "(exit)", "true", "false", ";", "|", "\"",
    ];

    public override string Name => "vnnlib";

    protected override IEnumerable<byte[]> Seeds => new[]
    {
        Workshop.Property,
        "(declare-const X_0 Real)\n(declare-const X_1 Real)\n(declare-const Y_0 Real)\n(assert (or (and (<= X_0 0.5) (>= X_0 -0.5) (<= 0 X_1 1)) (and (<= 1 X_0 2) (= X_1 3))))\n(assert (<= (+ (* 2.0 Y_0) (- X_0)) 1e-3))\n",
        "(vnnlib-version <2.0>)\n(declare-network f (declare-input X float32 [1,2]) (declare-output Y float32 [2]))\n(assert (and (<= -1 X[0,0] 1) (<= -1 X[0,1] 1)))\n(assert (or (>= Y[0] Y[1]) (!= Y[0] 0.5)))\n",
        "(vnnlib-version <2.0>)\n(declare-network f (declare-input X real [2]) (declare-output Y real [1]))\n(declare-network g (equal-to f) (declare-input U real [2]) (declare-output W real [1]))\n"
            + "(assert (and (<= 0 X[0] 1) (<= 0 X[1] 1) (<= (- X[0] U[0]) 0.1) (>= (- X[0] U[0]) -0.1) (== X[1] U[1])))\n(assert (> Y[0] (+ W[0] 0.5)))\n",
    }.Select(Encoding.UTF8.GetBytes).SelectMany(text => new[] { text, Mutator.Gzip(text) });

    protected override IEnumerable<Func<byte[]>> Hostile =>
    [
        () => Text(new string('(', 1_000_000)),
        () => Text(string.Concat(Enumerable.Repeat("(assert ", 100_000))),
        () => Text("(declare-const X_0 Real)" + "(assert (<= X_0 " + string.Concat(Enumerable.Repeat("(- ", 900)) + "1" + new string(')', 902)),
        () => Text("(declare-const X_0 Real)(assert " + string.Concat(Enumerable.Repeat("(not ", 990)) + "(<= X_0 1)" + new string(')', 991)),
        () => Text("(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= 0 X_0 1))" + string.Concat(Enumerable.Range(0, 200).Select(i => $"(assert (or (<= Y_0 {i}) (>= Y_0 {i + 1})))"))),
        () => Text("(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= 0 X_0 1))(assert (and " + string.Concat(Enumerable.Repeat("(or (<= Y_0 1) (distinct Y_0 X_0 2 3 4 5 6 7))", 3_000)) + "))"),
        () => Text("(declare-const X_0 Real)(assert (distinct " + string.Join(' ', Enumerable.Range(0, 20_000)) + "))"),
        () => Text("(declare-const X_0 Real)(assert (<= X_0 " + string.Join(' ', Enumerable.Range(0, 300_000)) + "))"),
        () => Text("(declare-const X_0 Real)(assert (<= X_0 (* " + string.Join(' ', Enumerable.Repeat("1e1000", 5_000)) + ")))"),
        () => Text("(declare-const X_0 Real)(assert (<= X_0 (+ " + string.Join(' ', Enumerable.Range(0, 3_000).Select(i => $"{i}.1e{(i % 2 == 0 ? "" : "-")}{i % 1200}")) + ")))"),
        () => Text("(declare-const X_0 Real)(assert (<= X_0 (/ 1.0 " + string.Join(' ', Enumerable.Range(1, 3_000).Select(i => $"{i}.1")) + ")))"),
        () => Text(string.Concat(Enumerable.Range(0, 200_000).Select(i => $"(declare-const X_{i} Real)"))),
        () => Text("(vnnlib-version <2.0>)(declare-network f (declare-input X real [100000,100000]) (declare-output Y real [1]))"),
        () => Text("(vnnlib-version <2.0>)(declare-network f (declare-input X real [9000000]) (declare-output Y real [1]))(assert (<= X[0] 1))"),
        () => Text("(assert " + string.Concat(Enumerable.Repeat("()", 3_000_000)) + ")"),
        () => Text(new string('a', 3_000_000)),
        () => Text("; " + new string('a', 10_000_000)),
        () => Mutator.Gzip(new byte[100_000], 2_200),
        () => Mutator.Gzip(Text(new string(' ', 100_000)), 2_200),
        () => Mutator.Gzip(Text(string.Concat(Enumerable.Repeat("(assert (<= 0 1))", 20_000))), 40),
        () => Mutator.Gzip(Text(string.Concat(Enumerable.Repeat("(assert (<= X_0 1))", 20_000))), 20),
        () => Text("(declare-const X_0 Real)" + string.Concat(Enumerable.Repeat("(assert (<= X_0 1))", 400_000))),
        () => Mutator.Gzip(Mutator.Gzip(Text(Workshop.Property))),
    ];

    public override bool Run(byte[] input)
    {
        VnnLibProperty property;
        try
        {
            using var stream = new MemoryStream(input);
            property = VnnLibFile.Read(stream, File);
        }
        catch (VnnLibFormatException error)
        {
            return Refused(error, File);
        }

        if (property.Cases.Length > 50 || property.InputLength > 50 || property.OutputLength > 50)
        {
            return true;
        }

        foreach (var item in property.Cases)
        {
            // What holds of exact numbers holds of the ranges that hold them.
            var inner = item.Region.Inner;
            if (inner is null)
            {
                continue;
            }

            var x = inner.Lower;
            var y = Enumerable.Range(0, property.OutputLength).Select(i => i - 0.5).ToArray();
            var truth = item.Evaluate(Box.Point(x), Box.Point(y));
            var exact = item.IsSatisfiedExactly(x, [.. y.Select(Rational.Of)]);
            FindingException.Unless(truth == Truth.Unknown || (truth == Truth.Satisfied) == exact, $"intervals say {truth}, rational numbers {exact}");
        }

        try
        {
            var networks = PropertyNetworks.Read(property, new NetworkModel("model.onnx", Workshop.Model), ImmutableDictionary<string, NetworkModel>.Empty);
            PropertyCompiler.Compile(networks, property);
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            // It speaks of another network: said in one line.
            _ = Refused(error, "");
        }

        return true;
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent)
    {
        if (parent is [0x1F, 0x8B, ..])
        {
            // Damage to the packed file; the rest of the time, a packed mutant.
            return mutator.Chance(0.5) ? mutator.Bytes(parent) : Mutator.Gzip(mutator.Text(Encoding.UTF8.GetBytes(Workshop.Property), Words));
        }

        return mutator.Chance(0.2) ? mutator.Bytes(parent) : mutator.Text(parent, Words);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
