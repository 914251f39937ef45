using System.Globalization;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Networks;

namespace Guarantees.Formats.Spec;

public sealed partial class FamilyDescription
{
    /// <summary>The family, with its dimensions read from the outputs of a network.</summary>
    /// <exception cref="SpecFormatException">An output is missing or has the wrong length; the message is one line.</exception>
    public Family Bind(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (Name == OutputVector.Word)
        {
            return OutputVector.For(network);
        }

        if (HasNoModel)
        {
            throw new SpecFormatException($"The family {Name} has no model.");
        }

        try
        {
            if (Name is "categorical" or "bernoulli" or "binomial")
            {
                return Name == "categorical"
                    ? Categorical.For(network, fields["logits"])
                    : Binomial.For(network, Name == "bernoulli" ? 1 : (int)Value(Trials), fields["logits"]);
            }

            if (Name is "gamma" or "beta")
            {
                var shapes = Name == "gamma" ? (ShapeFamily)Gamma.For(network, fields["shape"], fields["rate"], Positive("")) : Beta.For(network, fields["alpha"], fields["beta"], Positive(""));
                var graph = new NetworkBuilder();
                shapes.Read(graph, graph.Insert(network, graph.Input("x", network.InputLength)));
                return shapes;
            }

            if (Name == ConditionalDensity.Word)
            {
                return ConditionalDensity.For(network, fields["parameters"], fields["output"]);
            }

            if (Name == Sampler.Word)
            {
                return Sampler.For(network, fields["noise"], fields["output"]);
            }

            var family = Name switch
            {
                "gaussian-mixture" => (Family)GaussianMixture.For(network, fields["logits"], fields["means"], Root()),
                "gaussian" => Gaussian.For(network, fields["mean"], Root()),
                "student-t" => new StudentT(Gaussian.For(network, fields["mean"], Root()), Value(Degrees)),
                _ => DiagonalGaussian.For(network, fields["mean"], Root()),
            };

            // The lengths of all outputs are checked when the family joins a graph; do it now, so that no later step meets them.
            var builder = new NetworkBuilder();
            family.Bind(builder, builder.Insert(network, builder.Input("x", network.InputLength)));
            return family;
        }
        catch (ArgumentException error)
        {
            throw new SpecFormatException(OneLine.Of(error), error);
        }
    }

    private double Value(string key) => double.Parse(fields[key], CultureInfo.InvariantCulture);

    private SquareRoot Root()
    {
        foreach (var scale in Scales)
        {
            if (fields.TryGetValue(scale, out var output))
            {
                _ = Words.TryParse<ScaleKind>(scale, out var kind);
                return SquareRoot.Diagonal(output, kind, softplus: fields.ContainsKey(Transform));
            }
        }

        return fields.TryGetValue(Covariance, out var covariance) ? SquareRoot.Covariance(covariance)
            : fields.TryGetValue("cholesky/matrix", out var matrix) ? SquareRoot.CholeskyMatrix(matrix, Positive("cholesky"))
            : fields.TryGetValue("cholesky/diagonal", out var diagonal) ? SquareRoot.Cholesky(diagonal, fields.GetValueOrDefault("cholesky/lower"), Positive("cholesky"))
            : SquareRoot.PrecisionFactor(fields["precision-factor/diagonal"], fields.GetValueOrDefault("precision-factor/upper"), Positive("precision-factor"));
    }

    private PositiveTransform Positive(string factor) => fields.GetValueOrDefault(factor.Length > 0 ? $"{factor}/{Transform}" : Transform) switch
    {
        "log" => PositiveTransform.Exp,
        "softplus" => PositiveTransform.Softplus,
        _ => PositiveTransform.None,
    };
}
