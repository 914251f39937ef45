using System.Diagnostics;
using System.Globalization;
using Certify.Smt;
using Guarantees.Arithmetic;
using Guarantees.Formats.Smt;
using Xunit;

namespace Certify.Tests.Smt;

/// <summary>Real solvers, and programs that behave badly.</summary>
public sealed class SolverProcessTests
{
    private static readonly SmtLimits Short = new(TimeSpan.FromSeconds(20), 1024);

    [SolverFact("z3")]
    public void Z3_answers() => Answers(SolverProcess.OnPath("z3")!);

    [SolverFact("cvc5")]
    public void Cvc5_answers() => Answers(SolverProcess.OnPath("cvc5")!);

    [SolverFact("yices-smt2")]
    public void Yices_answers() => Answers(SolverProcess.OnPath("yices-smt2")!);

    [SolverFact]
    public void Doubles_come_back_from_z3_exactly()
    {
        double[] values = [0.1, -1 / 3.0, Math.PI, 1e-300, -1e300, double.Epsilon, double.MaxValue, BitConverter.UInt64BitsToDouble(0xF_FFFF_FFFF_FFFF), -0.0, 1 + Math.ScaleB(1, -52)];
        var smt = new SmtLib("QF_LRA");
        for (var i = 0; i < values.Length; i++)
        {
            var x = smt.DeclareReal($"x {i}");
            smt.Assert($"(= {x} {SmtLib.Number(values[i])})");
        }

        var answer = SolverProcess.OnPath("z3")!.Solve(smt.ToString(), Short);
        var rationals = SmtModel.Parse(Assert.IsType<SmtAnswer.Sat>(answer).Model).Rationals;
        for (var i = 0; i < values.Length; i++)
        {
            var (numerator, denominator) = (Rational.Of(values[i]).Numerator, Rational.Of(values[i]).Denominator);
            Assert.Equal(numerator * rationals[$"x {i}"].Denominator, rationals[$"x {i}"].Numerator * denominator);
        }
    }

    [SolverFact]
    public void Z3_sees_one_unit_in_the_last_place()
    {
        // 0.1 + 0.2 in doubles is 0.30000000000000004; as rationals the sum of the two doubles is neither that double nor the decimal 0.3.
        string Problem(string sum) => $"(set-logic QF_LRA)\n(assert (= (+ {SmtLib.Number(0.1)} {SmtLib.Number(0.2)}) {sum}))";
        var z3 = SolverProcess.OnPath("z3")!;
        Assert.IsType<SmtAnswer.Unsat>(z3.Solve(Problem(SmtLib.Number(0.1 + 0.2)), Short));
        Assert.IsType<SmtAnswer.Unsat>(z3.Solve(Problem(SmtLib.Number(0.3)), Short));
        Assert.IsType<SmtAnswer.Unsat>(z3.Solve(Problem("0.3"), Short));
    }

    /// <summary>Answers that were read on the pool came too late where its threads were taken, and were thrown away.</summary>
    [SolverFact]
    public void A_busy_pool_loses_no_answer()
    {
        using var release = new ManualResetEventSlim();
        using var busy = new CountdownEvent(256);
        for (var i = busy.InitialCount; i > 0; i--)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    release.Wait();
                    busy.Signal();
                },
                null);
        }

        try
        {
            Assert.IsType<SmtAnswer.Unsat>(SolverProcess.OnPath("z3")!.Solve("(set-logic QF_LRA)\n(assert false)", Short));
        }
        finally
        {
            release.Set();
            busy.Wait();
        }
    }

    [SolverFact]
    public void The_description_names_solver_and_version() =>
        Assert.Matches(@"^z3 \(Z3 version 4\.\d+", SolverProcess.OnPath("z3")!.Description);

    [SolverFact]
    public void A_hard_question_ends_at_the_time_limit()
    {
        var clock = Stopwatch.StartNew();
        var answer = SolverProcess.OnPath("z3")!.Solve(Pigeons(14), new SmtLimits(TimeSpan.FromSeconds(1), 1024));
        Assert.Equal("time limit of 1 s", Assert.IsType<SmtAnswer.Unknown>(answer).Reason);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 4);
    }

    [SolverFact]
    public void A_hard_question_ends_at_the_memory_limit()
    {
        // 16 MiB of address space do not even hold the program: the answer is a reason, not an exception.
        var answer = SolverProcess.OnPath("z3")!.Solve(Pigeons(9), new SmtLimits(TimeSpan.FromSeconds(20), 16));
        Assert.IsType<SmtAnswer.Unknown>(answer);
    }

    [SolverFact]
    public void A_malformed_assertion_is_never_an_answer()
    {
        var answer = SolverProcess.OnPath("z3")!.Solve("(declare-const x Real)\n(assert (< x undeclared))\n(assert (= x x))", Short);
        Assert.Contains("undeclared", Assert.IsType<SmtAnswer.Unknown>(answer).Reason, StringComparison.Ordinal);
    }

    [SolverFact]
    public void A_long_problem_passes_through_the_pipe()
    {
        var smt = new SmtLib("QF_LRA");
        var x = smt.DeclareReal("x");
        smt.Comment(new string('x', 4 << 20)); // far more than a pipe holds
        smt.Assert($"(= {x} 1)");
        Assert.IsType<SmtAnswer.Sat>(SolverProcess.OnPath("z3")!.Solve(smt.ToString(), Short));
    }

    [Fact]
    public void A_program_that_never_answers_is_killed_with_its_children()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var marker = string.Create(CultureInfo.InvariantCulture, $"{3000 + (Environment.ProcessId % 1000)}.5");
        var clock = Stopwatch.StartNew();
        var answer = new SolverProcess("/bin/sh", "-c", $"sleep {marker} & sleep {marker}; echo unsat").Solve("", new SmtLimits(TimeSpan.FromSeconds(0.5), 1024));
        Assert.Equal("time limit of 0.5 s", Assert.IsType<SmtAnswer.Unknown>(answer).Reason);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.4, 4);
        Assert.DoesNotContain(Process.GetProcessesByName("sleep"), child => CommandLine(child).Contains(marker, StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_that_prints_without_end_is_stopped()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var answer = new SolverProcess("/bin/sh", "-c", "while :; do echo '(unsat unsat unsat)'; done").Solve("", new SmtLimits(TimeSpan.FromSeconds(2), 1024));
        Assert.IsType<SmtAnswer.Unknown>(answer);
    }

    [Fact]
    public void Cancelling_stops_the_program()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(0.3));
        var clock = Stopwatch.StartNew();
        Assert.Throws<OperationCanceledException>(() => new SolverProcess("/bin/sh", "-c", "sleep 60").Solve("", Short, cancellation.Token));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void A_program_that_is_not_there_is_a_reason() =>
        Assert.IsType<SmtAnswer.Unknown>(new SolverProcess("/no/such/solver").Solve("", Short));

    [Theory]
    [InlineData("unsat\n(error \"line 4 column 10: model is not available\")\n")]
    [InlineData("success\nunsat\n")]
    public void Unsat_is_read(string output) => Assert.IsType<SmtAnswer.Unsat>(SolverProcess.Read(output, "", 1));

    [Theory]
    [InlineData("(error \"line 1: unknown constant\")\nunsat\n")] // an assertion was lost
    [InlineData("(error \"line 1: unknown constant\")\nsat\n()\n")]
    [InlineData("unsat\nsat\n")]
    [InlineData("unsatisfiable\n")]
    [InlineData("uns")]
    [InlineData("sat\n")]
    [InlineData("sat\n((define-fun x () Real 1.0)")]
    [InlineData("sat\n(error \"no model\")\n")]
    [InlineData("unknown\n")]
    [InlineData("timeout\n")]
    [InlineData("Segmentation fault (core dumped)")]
    [InlineData("")]
    public void Anything_else_is_unknown(string output) =>
        Assert.DoesNotContain('\n', Assert.IsType<SmtAnswer.Unknown>(SolverProcess.Read(output, "", 1)).Reason);

    [Fact]
    public void Limits_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SmtLimits(TimeSpan.Zero, 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SmtLimits(TimeSpan.FromDays(30), 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SmtLimits(TimeSpan.FromSeconds(1), 1));
    }

    private static void Answers(SmtSolver solver)
    {
        var smt = new SmtLib("QF_LRA");
        var x = smt.DeclareReal("x[0]");
        smt.Assert($"(= (* 3 {x}) 1)");
        var answer = solver.Solve(smt.ToString(), Short);
        Assert.Equal((1, 3), SmtModel.Parse(Assert.IsType<SmtAnswer.Sat>(answer).Model).Rationals["x[0]"]);
        smt.Assert($"(> {x} {SmtLib.Number(1 / 3.0 + 1e-16)})");
        Assert.IsType<SmtAnswer.Unsat>(solver.Solve(smt.ToString(), Short));
    }

    /// <summary>n + 1 pigeons in n holes: exponential for resolution, so a few more pigeons outlast any limit.</summary>
    private static string Pigeons(int holes)
    {
        var smt = new SmtLib("QF_UF");
        string At(int pigeon, int hole) => $"p{pigeon}_{hole}";
        for (var pigeon = 0; pigeon <= holes; pigeon++)
        {
            smt.Assert($"(or {string.Join(' ', Enumerable.Range(0, holes).Select(hole => smt.DeclareBool(At(pigeon, hole))).ToList())})");
        }

        for (var hole = 0; hole < holes; hole++)
        {
            for (var a = 0; a <= holes; a++)
            {
                for (var b = 0; b < a; b++)
                {
                    smt.Assert($"(not (and {At(a, hole)} {At(b, hole)}))");
                }
            }
        }

        return smt.ToString();
    }

    private static string CommandLine(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
