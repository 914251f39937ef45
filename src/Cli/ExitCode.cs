using Guarantees.Certificates;

namespace Cli;

/// <summary>Exit codes of the process: answers below 64, failures after sysexits.h.</summary>
internal static class ExitCode
{
    public const int Proved = 0;
    public const int Refuted = 1;
    public const int Undecided = 2;
    public const int WrongUsage = 64;
    public const int Malformed = 65;
    public const int NotFound = 66;
    public const int Internal = 70;

    public static int Of(Verdict verdict) => verdict switch
    {
        Verdict.Proved => Proved,
        Verdict.Refuted => Refuted,
        _ => Undecided,
    };
}
