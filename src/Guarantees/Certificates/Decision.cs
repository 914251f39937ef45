using Guarantees.Claims;

namespace Guarantees.Certificates;

/// <summary>From an enclosure to an answer. Search and checker share this file, so they cannot differ.</summary>
public static class Decision
{
    /// <summary>
    /// The verdict on a claim whose compiled quantity has an extreme value in [lower, upper]: for "at least" the smallest value, otherwise the largest.
    /// </summary>
    /// <param name="claim">The claim.</param>
    /// <param name="lower">Lower end.</param>
    /// <param name="upper">Upper end.</param>
    /// <param name="exactMetric">Whether the compiled quantity is the metric itself. If it is only an upper bound of it, a large value refutes nothing.</param>
    /// <param name="metricLower">A rigorous lower bound of the metric itself at the witness, where there is one.</param>
    /// <returns>The verdict, and for <see cref="Verdict.Undecided"/> the reason.</returns>
    public static (Verdict Verdict, string Reason) Of(Claim claim, double lower, double upper, bool exactMetric, double? metricLower = null)
    {
        ArgumentNullException.ThrowIfNull(claim);
        if (claim.AtLeast is { } least)
        {
            return lower >= least ? (Verdict.Proved, "")
                : upper < least && exactMetric ? (Verdict.Refuted, "")
                : upper < least ? (Verdict.Undecided, "The certified lower bound of the quantity falls below the claimed one at the witness; the quantity itself may not.")
                : (Verdict.Undecided, "The enclosure still holds the claimed bound.");
        }

        if (claim.AtMost is not { } most)
        {
            return double.IsFinite(claim.AsksForSmallest ? lower : upper) ? (Verdict.Proved, "") : (Verdict.Undecided, "No finite bound was found.");
        }

        if (upper <= most)
        {
            return (Verdict.Proved, "");
        }

        if (lower > most)
        {
            return exactMetric || metricLower > most
                ? (Verdict.Refuted, "")
                : (Verdict.Undecided, "The certified upper bound of the metric exceeds the claimed one at the witness; the metric itself may not.");
        }

        return (Verdict.Undecided, "The enclosure still holds the claimed bound.");
    }

    /// <summary>"float32" where what is proved holds for every float32 execution too, "real" otherwise.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="verdict">The verdict for the real function.</param>
    /// <param name="float32">The proved end for float32 executions, where one is known.</param>
    public static string SemanticsOf(Claim claim, Verdict verdict, double? float32)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return verdict == Verdict.Proved && float32 is { } end && double.IsFinite(end) && !(end > claim.AtMost) && !(end < claim.AtLeast) ? "float32" : "real";
    }
}
