using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>An upper bound of the Jensen-Shannon divergence 1/2 KL(q || m) + 1/2 KL(q0 || m), m = (q + q0) / 2, in nats, as a graph.</summary>
/// <remarks>
/// <para>
/// JS &lt;= H² (<see cref="Hellinger"/>), equal to second order. Both are f-divergences: with t = q / q0,
/// f_JS(t) = 1/2 (t ln t - (1 + t) ln((1 + t) / 2)) and f_H(t) = 1/2 (sqrt t - 1)² vanish at 1 with their derivatives, and f_JS'' = 1 / (2 t (1 + t)) is at most
/// f_H'' = 1 / (4 t sqrt t), because 2 sqrt t &lt;= 1 + t. Nor does it exceed ln 2, where the bound is cut: q / m and q0 / m are
/// at most 2. proofs/coq/theories/Statistics/Divergence.v, <c>jensen_shannon_hellinger</c>, <c>jensen_shannon_at_most_ln2</c>.
/// </para>
/// </remarks>
internal static class JensenShannon
{
    /// <summary>ln 2, rounded up.</summary>
    public static readonly double Most = Math.BitIncrement(0.6931471805599453);

    public static Distance Between(FamilyPair pair) => Of(pair.Builder, Hellinger.Between(pair));

    /// <summary>From an upper bound of the Hellinger distance.</summary>
    public static Distance Of(NetworkBuilder builder, Distance hellinger) => hellinger with
    {
        Value = builder.Apply(new Cap(Most), builder.Apply(new Square(), hellinger.Value)),
        IsExact = false,
        Formula = $"the square of {hellinger.Formula.Split(", which is", StringSplitOptions.None)[0]}, cut at ln 2, which is at least the Jensen-Shannon divergence",
    };
}
