using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>The Wasserstein distance of order 2 with Euclidean ground metric, as a graph.</summary>
/// <remarks>
/// <para>
/// Gaussians: theta = mu + L e and theta0 = mu0 + L0 e with the same standard normal e couple N(mu, L L^T) and N(mu0, L0 L0^T), so
/// W2² &lt;= |mu - mu0|² + |L - L0|_F² for any square roots, with equality where both are diagonal and positive, by the lower bound below.
/// proofs/coq/theories/Statistics/Moments.v, <c>gaussian_coupling_vector</c>.
/// </para>
/// <para>
/// Mixtures with the same number of components: write m_k = min(pi_k, pi0_k) and D_k for the bound between components k. Put the components on
/// a tree and let F_e be the net mass that must cross edge e, the sum of pi - pi0 on its far side. Mass moves along edges: at each node v the
/// mass that leaves, out_v, is taken first from the mass pi0_v that lives there, and only what is missing, (out_v - pi0_v)+, from mass that
/// arrives. The directed edges of a tree have no cycle, so this is well defined. Mass that is never passed on crosses one edge (u, v), at a cost of at
/// most C_e = (c_uv + max(D_u, D_v))² a unit, c_uv a bound of W2 between the reference components u and v, by the triangle inequality. Mass that
/// is passed on costs at most C = (max c + max D)² a unit, and its amount is at most the sum of (out_v - pi0_v)+, which is 0 unless weights
/// change drastically, and always 0 at leaves. What stays in v is (pi0_v - out_v)+ &lt;= m_v. Altogether
/// W2² &lt;= sum_k m_k D_k² + sum_e |F_e| C_e + C sum_v (out_v - pi0_v)+ for any tree; here every component hangs on the nearest one that weighs more.
/// It replaces the bound of mass sent to the farthest component, 1/2 |pi - pi0|_1 max_kl W2_kl². That any plan of moving mass between components couples the mixtures, at the sum of what each
/// amount costs: proofs/coq/theories/Statistics/Transport.v, <c>mixture_transport</c>; the bound replaced: <c>mixture_coupling</c> there.
/// </para>
/// </remarks>
internal static class Wasserstein2
{
    public static Distance Between(FamilyPair pair)
    {
        var (builder, gaussians) = (pair.Builder, pair.Gaussians);
        var features = Features(pair);
        var norms = gaussians.Norms(features);
        if (!pair.IsMixture)
        {
            var exact = pair.Q.Pattern.Triangle == Triangle.Diagonal;
            var factor = pair.Q.DegreesOfFreedom is null ? "" : "sqrt(nu / (nu - 2)) ";
            return new(norms, [features.Id], exact, exact
                ? $"|(mu - mu0, {factor}(sigma - sigma0))|, which is the distance"
                : $"|(mu - mu0, {factor}(L - L0))| with {(factor.Length > 0 ? "scale matrix" : "covariance")} L L^T, which is at least the distance");
        }

        var (flows, lengths, edges, parents) = Transport(pair);
        var costs = builder.Apply(new Square(), (lengths is { } box ? builder.Constant(box) : Lengths(pair, edges, parents)) + builder.Maximum(builder.Select(norms, edges), builder.Select(norms, [.. edges.Select(c => parents[c])])));
        var stays = builder.Sum(pair.SharedWeights * builder.Apply(new Square(), norms));
        var moves = builder.Sum(builder.Apply(new Abs(), flows) * costs);
        var total = stays + moves;
        if (Overflow(pair, edges, parents, flows) is { } overflow)
        {
            var farthest = pair.Map is null
                ? builder.Constant(Interval.Point(Distances(pair.Reference).Cast<Interval>().Max(d => d.Upper)), 1)
                : builder.Largest(Apart(pair, [.. Enumerable.Range(0, pair.Q.Components).SelectMany(a => Enumerable.Range(0, a).Select(b => (a, b)))]));
            total += overflow * builder.Apply(new Square(), farthest + builder.Largest(norms));
        }

        return new(
            builder.Apply(new Sqrt(), total),
            [features.Id, flows.Id],
            false,
            "sqrt(sum_k min(pi_k, pi0_k) |(mu_k - mu0_k, L_k - L0_k)|² + cost of moving the changed weights along a tree of components), which is at least the distance");
    }

    /// <summary>(mu - mu0, L - L0), [K, D + entries]; for Student t the second part times sqrt(nu / (nu - 2)).</summary>
    /// <remarks>One scale a coordinate is |L_ii|: where no transform keeps a diagonal root positive, |L_ii| - |L0_ii| takes the place of the difference, which is larger where the signs differ.</remarks>
    internal static Vector Features(FamilyPair pair)
    {
        var (builder, gaussians, q) = (pair.Builder, pair.Gaussians, pair.Q);
        var isSigned = q.Pattern.Triangle == Triangle.Diagonal && !pair.HasPositiveDiagonals && !pair.SharesCovariance;
        if (!isSigned && q.DegreesOfFreedom is null)
        {
            return gaussians.TransportFeatures;
        }

        var change = isSigned
            ? builder.Apply(new Abs(), gaussians.CovarianceRoot) - builder.Apply(new Abs(), gaussians.ReferenceCovarianceRoot)
            : gaussians.CovarianceRootShift;
        var spread = q.DegreesOfFreedom is { } nu ? Blocks.Times(builder, Box.Repeat(StudentT.Spread(nu), change.Length), change) : change;
        return Blocks.Join(builder, q.Components, gaussians.Shift, spread);
    }

    /// <summary>A lower bound: W2² &gt;= sum_i (m_i - m0_i)² + (s_i - s0_i)², m_i and s_i the mean and standard deviation of theta_i.</summary>
    /// <remarks>
    /// A coupling of theta couples each theta_i, and on the line E (X - Y)² = (m - m0)² + s² + s0² - 2 cov(X, Y) &gt;= (m - m0)² + (s - s0)² by Cauchy-Schwarz,
    /// whatever the laws: a case of Gelbrich's bound. proofs/coq/theories/Statistics/Transport.v, <c>transport_lower_bound</c>, for one coordinate.
    /// </remarks>
    public static Vector LowerBound(FamilyPair pair)
    {
        var (builder, gaussians, q) = (pair.Builder, pair.Gaussians, pair.Q);
        var (components, dimension) = (q.Components, q.Dimension);
        var deviations = Deviations(q, gaussians.CovarianceRoot);
        var deviations0 = pair.Map is { } map ? Deviations(map, gaussians.ReferenceCovarianceRoot) : builder.Constant(Moments.Of(pair.Reference).Deviations);
        var shift = gaussians.Shift;
        if (pair.IsMixture)
        {
            shift = MeanShift(pair);
        }

        return builder.Apply(new Norm(2 * dimension), builder.Concat(shift, deviations - deviations0));
    }

    /// <summary>Standard deviations of theta_i, [D].</summary>
    private static Vector Deviations(Parameters q, Vector covarianceRoot)
    {
        var (builder, components, dimension) = (q.Builder, q.Components, q.Dimension);
        var sizes = Moments.RowNorms(q.Pattern, components, covarianceRoot, builder);
        if (components == 1)
        {
            return sizes;
        }

        var weights = builder.Select(q.Weights!.Value, Across(components, dimension));
        var mean = OverComponents(builder, weights * q.Means, components, dimension);
        int[] repeated = [.. Enumerable.Range(0, components).SelectMany(_ => Enumerable.Range(0, dimension))];
        var spread = builder.Apply(new Square(), q.Means - builder.Select(mean, repeated)) + builder.Apply(new Square(), sizes);
        return builder.Apply(new Sqrt(), OverComponents(builder, weights * spread, components, dimension));
    }

    /// <summary>Bounds of W2 between components of a reference of the graph.</summary>
    private static Vector Apart(FamilyPair pair, (int A, int B)[] components)
    {
        var (builder, map) = (pair.Builder, pair.Map!);
        var each = Blocks.Join(builder, map.Components, map.Means, pair.Gaussians.ReferenceCovarianceRoot);
        var size = each.Length / map.Components;
        var differences = builder.Add(
            new SparseAffine([.. components.SelectMany(two => Enumerable.Range(0, size).Select(i => new[] { (0, (two.A * size) + i, 1.0), (0, (two.B * size) + i, -1.0) }))]), [each]);
        return builder.Apply(new Norm(size), differences);
    }

    /// <summary>E theta - E theta0 of mixtures, [D].</summary>
    internal static Vector MeanShift(FamilyPair pair)
    {
        var (builder, across) = (pair.Builder, Across(pair.Q.Components, pair.Q.Dimension));
        var change = (builder.Select(pair.Q.Weights!.Value, across) * pair.Gaussians.Shift) + (builder.Select(pair.WeightShift, across) * (pair.ReferenceMeans ?? builder.Constant(pair.Reference.Means)));
        return OverComponents(builder, change, pair.Q.Components, pair.Q.Dimension);
    }

    /// <summary>The tree of components: F of its edges, bounds of W2 between the reference components at their ends (null where those vary), the far end of each edge, and each component's parent.</summary>
    internal static (Vector Flows, Box? Lengths, int[] Edges, int[] Parents) Transport(FamilyPair pair)
    {
        var (reference, k) = (pair.Reference, pair.Q.Components);
        var distances = Distances(reference);
        var parents = Tree(reference, distances);

        // F: for each component but the root, the mass that must enter its subtree.
        var members = Enumerable.Range(0, k).Select(_ => new List<int>()).ToArray();
        for (var c = 0; c < k; c++)
        {
            for (var v = c; v >= 0; v = parents[v])
            {
                members[v].Add(c);
            }
        }

        var edges = Enumerable.Range(0, k).Where(c => parents[c] >= 0).ToArray();
        var flows = pair.Builder.Add(
            new SparseAffine([.. edges.Select(c => members[c].Select(u => (0, u, 1.0)).ToArray())]), [pair.WeightShift]);
        var lengths = pair.Map is null ? new Box([.. edges.Select(c => distances[c, parents[c]].Lower)], [.. edges.Select(c => distances[c, parents[c]].Upper)]) : null;
        return (flows, lengths, edges, parents);
    }

    /// <summary>Bounds of W2 between the reference components at the ends of edges, where they vary.</summary>
    internal static Vector Lengths(FamilyPair pair, int[] edges, int[] parents) => Apart(pair, [.. edges.Select(c => (c, parents[c]))]);

    private static int[] Across(int components, int dimension) => [.. Enumerable.Range(0, components).SelectMany(k => Enumerable.Repeat(k, dimension))];

    /// <summary>sum_k v_ki, [D].</summary>
    internal static Vector OverComponents(NetworkBuilder builder, Vector v, int components, int dimension) =>
        builder.Add(new SparseAffine([.. Enumerable.Range(0, dimension).Select(i => Enumerable.Range(0, components).Select(k => (0, (k * dimension) + i, 1.0)).ToArray())]), [v]);

    /// <summary>Bounds of W2 between the components of the reference, [K, K].</summary>
    private static Interval[,] Distances(ParameterBox reference)
    {
        var (k, n, d) = (reference.Components, reference.Pattern.Count, reference.Dimension);
        var (means, roots) = (reference.Means, reference.CovarianceRoot);
        var distances = new Interval[k, k];
        for (var a = 0; a < k; a++)
        {
            for (var b = 0; b < k; b++)
            {
                var sum = Interval.Point(0);
                for (var i = 0; i < d && a != b; i++)
                {
                    sum += (means[(a * d) + i] - means[(b * d) + i]).Square();
                }

                for (var e = 0; e < n && a != b; e++)
                {
                    sum += (roots[(a * n) + e] - roots[(b * n) + e]).Square();
                }

                distances[a, b] = sum.Sqrt();
            }
        }

        return distances;
    }

    /// <summary>For each component the nearest one that weighs more; -1 for the heaviest. Any tree is sound.</summary>
    private static int[] Tree(ParameterBox reference, Interval[,] distances)
    {
        int[] order = [.. Enumerable.Range(0, reference.Components).OrderByDescending(c => reference.Weights!.Upper[c])];
        var parents = new int[order.Length];
        for (var place = 0; place < order.Length; place++)
        {
            parents[order[place]] = place == 0 ? -1 : order[..place].MinBy(p => distances[order[place], p].Upper);
        }

        return parents;
    }

    /// <summary>sum over inner nodes of (out_v - pi0_v)+; null where every node is a leaf.</summary>
    private static Vector? Overflow(FamilyPair pair, int[] edges, int[] parents, Vector flows)
    {
        var builder = pair.Builder;
        var terms = new List<(int, int, double)[]>();
        var (sums, inner) = (new List<(int, int, double)[]>(), new List<int>());
        for (var v = 0; v < parents.Length; v++)
        {
            // Mass enters a subtree from its parent: it leaves v over the edge to a child when F > 0, over its own edge when F < 0.
            var touching = Enumerable.Range(0, edges.Length).Where(e => edges[e] == v || parents[edges[e]] == v).ToArray();
            if (touching.Length > 1)
            {
                sums.Add([.. touching.Select((_, i) => (0, terms.Count + i, 1.0))]);
                terms.AddRange(touching.Select(e => new[] { (0, e, edges[e] == v ? -1.0 : 1.0) }));
                inner.Add(v);
            }
        }

        if (sums.Count == 0)
        {
            return null;
        }

        var leaving = builder.Apply(new ReLU(), builder.Add(new SparseAffine(terms), [flows]));
        var excess = builder.Add(new SparseAffine(sums), [leaving]) - builder.Select(pair.ReferenceWeights, [.. inner]);
        return builder.Sum(builder.Apply(new ReLU(), excess));
    }
}
