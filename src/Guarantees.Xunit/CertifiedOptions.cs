namespace Guarantees.Xunit;

/// <summary>How claims are answered. Nothing here is a time: the same model, claim and options end at the same answer on every machine.</summary>
public sealed record CertifiedOptions
{
    /// <summary>Parts into which the set of a claim may be divided, at least 1.</summary>
    public int MostParts { get; init; } = 10_000;

    /// <summary>Seed of the attack.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether a claim that is neither proved nor refuted passes. By default it fails, with the reason.</summary>
    public bool UndecidedPasses { get; init; }

    /// <summary>Folder of the certificates, and of copies of the models beside them; a relative path is taken from the folder of the test assembly.</summary>
    public string Folder { get; init; } = "certificates";

    /// <summary>Options are checked here, together.</summary>
    internal CertifiedOptions Checked() =>
        MostParts < 1 ? throw new ArgumentOutOfRangeException(nameof(MostParts), MostParts, "expected at least 1 part")
        : string.IsNullOrWhiteSpace(Folder) ? throw new ArgumentException("Folder is empty, expected the folder of the certificates.")
        : this;

    internal static string Resolve(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Path.GetFullPath(path, AppContext.BaseDirectory);
    }
}
