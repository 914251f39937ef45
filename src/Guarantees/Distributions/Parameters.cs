using Guarantees.Arithmetic;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Distributions;

/// <summary>The parameters of K Gaussians in D dimensions and their weights, as vectors of a graph.</summary>
public sealed class Parameters
{
    private Vector? weights;

    internal Parameters(NetworkBuilder builder, int components, Vector? logits, Vector means, Pattern pattern, bool isPrecision, Vector root) =>
        (Builder, Components, Logits, Means, Pattern, IsPrecision, Root) = (builder, components, logits, means, pattern, isPrecision, root);

    /// <summary>K.</summary>
    public int Components { get; }

    /// <summary>D.</summary>
    public int Dimension => Pattern.Dimension;

    /// <summary>Logits of the weights, [K]; null for one component.</summary>
    public Vector? Logits { get; }

    /// <summary>pi = softmax(logits), [K]; null for one component.</summary>
    public Vector? Weights
    {
        get => Logits is { } logits ? weights ??= Builder.Softmax(logits, Components) : null;
        internal init => weights = value;
    }

    /// <summary>mu, [K, D].</summary>
    public Vector Means { get; }

    /// <summary>Entries of the square roots, [K, entries]: of each, the diagonal and then the strict triangle, row by row.</summary>
    public Vector Root { get; }

    /// <summary>nu where theta is Student t with nu degrees of freedom about mu with the scale matrix whose root is read; null where it is Gaussian.</summary>
    public double? DegreesOfFreedom { get; init; }

    /// <summary>Whether the roots are U with precision U^T U, and not L with covariance L L^T.</summary>
    public bool IsPrecision { get; }

    /// <summary>Whether a transform makes the diagonals of the roots positive, whatever the outputs are.</summary>
    internal bool HasPositiveDiagonal { get; init; }

    internal Pattern Pattern { get; }

    internal NetworkBuilder Builder { get; }

    /// <summary>The same distributions with roots of another kind and shape: a diagonal root is a triangular one, and its inverse is that of the other kind.</summary>
    /// <exception cref="ArgumentException">The roots are triangular, and of another kind.</exception>
    internal Parameters As(Pattern pattern, bool isPrecision)
    {
        if (Pattern.Triangle == pattern.Triangle && IsPrecision == isPrecision)
        {
            return this;
        }

        if (Pattern.Triangle != Triangle.Diagonal)
        {
            throw new ArgumentException("Triangular roots of a covariance are not compared with those of a precision.");
        }

        var root = IsPrecision == isPrecision ? Root : Builder.Apply(new Reciprocal(), Root);
        var rows = new List<(int, int, double)[]>();
        for (var c = 0; c < Components; c++)
        {
            rows.AddRange(Enumerable.Range(0, pattern.Count).Select(e => e < Dimension ? new (int, int, double)[] { (0, (c * Dimension) + e, 1) } : []));
        }

        return new(Builder, Components, Logits, Means, pattern, isPrecision, pattern.Triangle == Triangle.Diagonal ? root : Builder.Add(new SparseAffine(rows), [root]))
        {
            DegreesOfFreedom = DegreesOfFreedom,
            HasPositiveDiagonal = HasPositiveDiagonal,
            Weights = weights,
        };
    }

    /// <summary>The distribution of (s_1 theta_1, ..., s_D theta_D), each s_i 1 or -1: means s mu, roots diag(s) R diag(s), which have the shape and the diagonal of R.</summary>
    internal Parameters Turned(ReadOnlySpan<int> signs)
    {
        var (means, root) = (new List<(int, int, double)[]>(), new List<(int, int, double)[]>());
        for (var c = 0; c < Components; c++)
        {
            for (var i = 0; i < Dimension; i++)
            {
                means.Add([(0, (c * Dimension) + i, signs[i])]);
            }

            for (var e = 0; e < Pattern.Count; e++)
            {
                root.Add([(0, (c * Pattern.Count) + e, signs[Pattern.Entries[e].Row] * signs[Pattern.Entries[e].Column])]);
            }
        }

        return new(Builder, Components, Logits, Builder.Add(new SparseAffine(means), [Means]), Pattern, IsPrecision, Builder.Add(new SparseAffine(root), [Root]))
        {
            DegreesOfFreedom = DegreesOfFreedom,
            HasPositiveDiagonal = HasPositiveDiagonal,
            Weights = weights,
        };
    }
}

/// <summary>The map from data to parameters alone, to read the parameters at one data set.</summary>
internal sealed class ParameterGraph
{
    private readonly Network graph;
    private readonly Parameters parameters;
    private readonly Vector? weights;

    public ParameterGraph(Network network, Family family)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", network.InputLength);
        parameters = family.Bind(builder, builder.Insert(network, x));
        weights = parameters.Weights;
        builder.Output("means", parameters.Means);
        builder.Output("root", parameters.Root);
        if (parameters.Logits is { } logits)
        {
            builder.Output("logits", logits);
            builder.Output("weights", weights!.Value);
        }

        graph = builder.Build();
    }

    /// <summary>The graph, with one output for each vector of the parameters: means, roots and, for mixtures, logits and weights.</summary>
    public Network Graph => graph;

    /// <summary>The parameters as vectors of another graph.</summary>
    /// <param name="builder">That graph.</param>
    /// <param name="outputs">Vectors in the place of the outputs, in order.</param>
    public Parameters On(NetworkBuilder builder, ReadOnlySpan<Vector> outputs) =>
        new(builder, parameters.Components, parameters.Logits is null ? null : outputs[2], outputs[0], parameters.Pattern, parameters.IsPrecision, outputs[1])
        {
            DegreesOfFreedom = parameters.DegreesOfFreedom,
            HasPositiveDiagonal = parameters.HasPositiveDiagonal,
            Weights = parameters.Logits is null ? null : outputs[3],
        };

    /// <summary>Enclosures of the parameters at x.</summary>
    public ParameterBox At(ReadOnlySpan<double> x)
    {
        var ranges = graph.Ranges(Box.Point(x));
        var box = new ParameterBox(
            parameters.Components,
            parameters.Pattern,
            parameters.IsPrecision,
            ranges[parameters.Means.Id],
            ranges[parameters.Root.Id],
            parameters.Logits is { } logits ? ranges[logits.Id] : null,
            weights is { } pi ? ranges[pi.Id] : null);
        foreach (var part in new[] { box.Means, box.Root, box.Logits, box.Weights })
        {
            if (part is not null && !(part.Lower.All(double.IsFinite) && part.Upper.All(double.IsFinite)))
            {
                throw new Networks.Operators.DomainException("The parameters of the posterior are not finite at the point of reference.");
            }
        }

        return box;
    }
}

/// <summary>Parameters known to lie in boxes of rounding size.</summary>
internal sealed record ParameterBox(int Components, Pattern Pattern, bool IsPrecision, Box Means, Box Root, Box? Logits, Box? Weights)
{
    private Box? inverse;

    public int Dimension => Pattern.Dimension;

    /// <summary>See <see cref="Parameters.As"/>.</summary>
    public ParameterBox As(Pattern pattern, bool isPrecision)
    {
        if (Pattern.Triangle == pattern.Triangle && IsPrecision == isPrecision)
        {
            return this;
        }

        var (own, root) = (IsPrecision == isPrecision ? Root : Inverse, new Box(Components * pattern.Count));
        for (var c = 0; c < Components; c++)
        {
            for (var e = 0; e < pattern.Count; e++)
            {
                root[(c * pattern.Count) + e] = e < Dimension ? own[(c * Pattern.Count) + e] : Interval.Point(0);
            }
        }

        return new(Components, pattern, isPrecision, Means, root, Logits, Weights);
    }

    /// <summary>See <see cref="Parameters.Turned"/>.</summary>
    public ParameterBox Turned(ReadOnlySpan<int> signs)
    {
        var (means, root) = (new Box(Means.Length), new Box(Root.Length));
        for (var i = 0; i < means.Length; i++)
        {
            means[i] = signs[i % Dimension] * Means[i];
        }

        for (var e = 0; e < root.Length; e++)
        {
            var (row, column) = Pattern.Entries[e % Pattern.Count];
            root[e] = signs[row] * signs[column] * Root[e];
        }

        return new(Components, Pattern, IsPrecision, means, root, Logits, Weights);
    }

    /// <summary>The inverses of the roots.</summary>
    public Box Inverse => inverse ??= Pattern.Invert(Root, Components);

    /// <summary>Square roots L of the covariances, Sigma = L L^T.</summary>
    public Box CovarianceRoot => IsPrecision ? Inverse : Root;

    /// <summary>Square roots U of the precisions, Sigma^-1 = U^T U.</summary>
    public Box PrecisionRoot => IsPrecision ? Root : Inverse;
}
