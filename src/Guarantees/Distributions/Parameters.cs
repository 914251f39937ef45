using Guarantees.Networks;

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
    public Vector? Weights => Logits is { } logits ? weights ??= Builder.Softmax(logits, Components) : null;

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
        graph = builder.Build();
    }

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

    /// <summary>The inverses of the roots.</summary>
    public Box Inverse => inverse ??= Pattern.Invert(Root, Components);

    /// <summary>Square roots L of the covariances, Sigma = L L^T.</summary>
    public Box CovarianceRoot => IsPrecision ? Inverse : Root;

    /// <summary>Square roots U of the precisions, Sigma^-1 = U^T U.</summary>
    public Box PrecisionRoot => IsPrecision ? Root : Inverse;
}
