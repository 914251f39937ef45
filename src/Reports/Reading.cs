using Guarantees.Certificates;

namespace Reports;

/// <summary>Which end of an enclosure is proved and which was reached: "at least" claims are about the smallest value, all others about the largest.</summary>
/// <param name="FromBelow">Whether the lower end is the proved one.</param>
internal readonly record struct Reading(bool FromBelow)
{
    /// <summary>How to read the bounds of this result.</summary>
    public static Reading Of(ClaimResult result) => new(result.Claim.AsksForSmallest);

    /// <summary>"largest" or "smallest".</summary>
    public string Extreme => FromBelow ? "smallest" : "largest";

    /// <summary>"certified upper bound" or "certified lower bound".</summary>
    public string Bound => FromBelow ? "certified lower bound" : "certified upper bound";

    /// <summary>What the certified bound says of the value: "at most" or "at least".</summary>
    public string CertifiedSide => FromBelow ? "at least" : "at most";

    /// <summary>What the attack says of the extreme value.</summary>
    public string AttackSide => FromBelow ? "at most" : "at least";

    /// <summary>The proved end.</summary>
    public double Certified(double lower, double upper) => FromBelow ? lower : upper;

    /// <summary>The end that a point reached.</summary>
    public double Attack(double lower, double upper) => FromBelow ? upper : lower;

    /// <summary>The proved end, shortened outward; null when there is none.</summary>
    public string? CertifiedText(double lower, double upper) => Text(Certified(lower, upper), FromBelow);

    /// <summary>The end that was reached, shortened outward; null when there is none.</summary>
    public string? AttackText(double lower, double upper) => Text(Attack(lower, upper), !FromBelow);

    /// <summary>For tables: the proved end, or both ends of an interval that holds with a confidence; null when there is none.</summary>
    public static (string? First, string? Second) TableText(ClaimResult result) => result.Claim.Pairs is null
        ? (Of(result).CertifiedText(result.Lower, result.Upper), null)
        : (Numbers.Down(result.Lower), Numbers.Up(result.Upper));

    /// <summary>The other end of an interval that holds with a confidence, shortened outward.</summary>
    public string OtherText(double lower, double upper) => FromBelow ? Numbers.Up(upper) : Numbers.Down(lower);

    private static string? Text(double value, bool down) => !double.IsFinite(value) ? null : down ? Numbers.Down(value) : Numbers.Up(value);
}
