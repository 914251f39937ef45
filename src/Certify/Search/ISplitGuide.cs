using Guarantees.Networks;

namespace Certify.Search;

/// <summary>Advice on where to divide parts. It decides how many parts a search needs and never what is true: the kernel bounds every part again.</summary>
public interface ISplitGuide
{
    /// <summary>For each part, the coordinate to halve, or -1 where there is no advice.</summary>
    /// <param name="parts">Parts that were bounded and stay open.</param>
    /// <param name="enough">A bound that settles a part.</param>
    /// <remarks>Any thread may ask.</remarks>
    int[] Axes(IReadOnlyList<Box> parts, double enough);
}
