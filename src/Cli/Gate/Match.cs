using System.Collections.Immutable;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats.Spec;

namespace Cli.Gate;

/// <summary>Which certificate of a baseline answers which claim of a spec.</summary>
/// <remarks>
/// Claims are the same question when they agree in everything but the bound that they claim, and in what was counted from draws, which is an answer. Those that agree in the bound too come first. A claim whose
/// largest radius is searched is answered at a share of the radius asked for.
/// </remarks>
internal static class Match
{
    /// <summary>For each claim its certificate, or null; and the certificates that are left.</summary>
    public static (ImmutableArray<BaselineEntry?> Of, ImmutableArray<BaselineEntry> Left) Find(IReadOnlyList<SpecClaim> claims, IEnumerable<BaselineEntry> accepted)
    {
        BaselineEntry[] all = [.. accepted];
        var taken = new HashSet<BaselineEntry>(ReferenceEqualityComparer.Instance);
        var found = new BaselineEntry?[claims.Count];
        foreach (var withGoal in new[] { true, false })
        {
            var open = all.Where(entry => !taken.Contains(entry)).GroupBy(entry => Key(entry.Certificate!.Claim, withGoal)).ToDictionary(group => group.Key, group => new Queue<BaselineEntry>(group));
            for (var i = 0; i < claims.Count; i++)
            {
                found[i] ??= open.TryGetValue(Key(claims[i].Claim, withGoal), out var queue) && queue.TryDequeue(out var entry) && taken.Add(entry) ? entry : null;
            }

            for (var i = 0; i < claims.Count; i++)
            {
                found[i] ??= claims[i].SearchesRadius && Array.Find(all, entry => !taken.Contains(entry) && IsShare(entry.Certificate!.Claim, claims[i].Claim, withGoal)) is { } entry && taken.Add(entry) ? entry : null;
            }
        }

        return ([.. found], [.. all.Where(entry => !taken.Contains(entry))]);
    }

    /// <summary>Whether a certificate's claim is the one asked for, every number of it.</summary>
    public static bool IsSame(Claim stated, SpecClaim asked) => CertificateFile.ToBytes(stated).SequenceEqual(CertificateFile.ToBytes(asked.Claim))
        || (asked.SearchesRadius && IsShare(stated, asked.Claim, withGoal: true));

    /// <summary>Below 0 where the claim asked for says less than the one stated, above 0 where it says more.</summary>
    public static int Strength(Claim stated, Claim asked)
    {
        const double Anything = double.PositiveInfinity;
        var most = (stated.AtMost ?? Anything).CompareTo(asked.AtMost ?? Anything);
        return most != 0 ? most : (asked.AtLeast ?? -Anything).CompareTo(stated.AtLeast ?? -Anything);
    }

    private static bool IsShare(Claim stated, Claim asked, bool withGoal) => stated.Radius.Length == asked.Radius.Length
        && stated.Radius.Zip(asked.Radius).All(pair => pair.First <= pair.Second)
        && Key(stated with { Radius = asked.Radius }, withGoal) == Key(asked, withGoal);

    private static string Key(Claim claim, bool withGoal)
    {
        var question = claim with { Draws = null, MassOutside = claim.Draws is null ? claim.MassOutside : null };
        question = withGoal ? question : question with { AtMost = null, AtLeast = null };
        return $"{claim.AsksForSmallest} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(CertificateFile.ToBytes(question)))}";
    }
}
