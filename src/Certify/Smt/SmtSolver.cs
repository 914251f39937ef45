using Guarantees.Formats.Smt;

namespace Certify.Smt;

/// <summary>Answers whether an SMT-LIB 2 problem has a model.</summary>
/// <remarks>
/// A problem is text: options, logic, declarations and assertions, as <see cref="SmtLib"/> writes them, and no <c>check-sat</c> or later command; the transport adds
/// those. The same text, completed by <see cref="SmtLib.Complete"/>, is what a stranger gives to another solver. Every solver is untrusted: a model counts after its
/// replay, and <c>unsat</c> is named with its solver wherever a statement rests on it.
/// </remarks>
public abstract class SmtSolver
{
    /// <summary>The solver and its version, as a certificate records them: <c>z3 4.13.3 (in process)</c>.</summary>
    public abstract string Description { get; }

    /// <summary>Law: returns within the time limit and a second; everything that goes wrong on the solver's side is an <see cref="SmtAnswer.Unknown"/> with the reason.</summary>
    public abstract SmtAnswer Solve(string problem, SmtLimits limits, CancellationToken cancellation = default);
}

/// <summary>How much one question may cost.</summary>
public sealed record SmtLimits
{
    /// <summary>One question, one minute, 2 GiB.</summary>
    public static SmtLimits Default { get; } = new(TimeSpan.FromSeconds(60), 2048);

    /// <summary>Checks and keeps both limits.</summary>
    /// <param name="time">Wall-clock time, 1 ms to 24 days.</param>
    /// <param name="megabytes">Memory of the solver in MiB, 16 or more.</param>
    public SmtLimits(TimeSpan time, int megabytes)
    {
        if (time < TimeSpan.FromMilliseconds(1) || time.TotalMilliseconds > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(time), time, "The time limit must lie between 1 ms and 24 days.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(megabytes, 16);
        Time = time;
        Megabytes = megabytes;
    }

    /// <summary>Wall-clock time.</summary>
    public TimeSpan Time { get; }

    /// <summary>Memory in MiB.</summary>
    public int Megabytes { get; }
}

/// <summary>What a solver said.</summary>
public abstract record SmtAnswer
{
    private SmtAnswer()
    {
    }

    /// <summary>There is a model; <see cref="SmtModel.Parse"/> reads its text.</summary>
    public sealed record Sat(string Model) : SmtAnswer;

    /// <summary>There is no model.</summary>
    public sealed record Unsat : SmtAnswer;

    /// <summary>No answer: a limit, an incomplete theory, an error. The reason is one line.</summary>
    public sealed record Unknown(string Reason) : SmtAnswer;
}
