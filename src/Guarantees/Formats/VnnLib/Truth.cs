namespace Guarantees.Formats.VnnLib;

/// <summary>What is known of a statement about every point of a box.</summary>
public enum Truth
{
    /// <summary>Neither is known: it holds at some points and fails at others, or the enclosures are too wide to say.</summary>
    Unknown,

    /// <summary>It holds at every point.</summary>
    Satisfied,

    /// <summary>It fails at every point.</summary>
    Violated,
}
