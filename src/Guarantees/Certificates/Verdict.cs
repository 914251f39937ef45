namespace Guarantees.Certificates;

/// <summary>The answer to a claim.</summary>
public enum Verdict
{
    /// <summary>The claim holds for every point of its set: the kernel accepted the evidence.</summary>
    Proved,

    /// <summary>The claim fails: a replayed witness shows it.</summary>
    Refuted,

    /// <summary>Neither was reached; the enclosure and the reason say how far it got.</summary>
    Undecided,
}
