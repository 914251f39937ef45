using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Distributions;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Claims;

/// <summary>Compiles a claim about an estimator to a question about one graph.</summary>
/// <remarks>
/// The graph is the estimator's network, the family's parameters, and a distance, probability or feature vector built from them; the reference
/// posterior enters as enclosures of its parameters, so a compiled claim holds for the exact real parameters.
/// </remarks>
public static partial class ClaimCompiler
{
    /// <summary>Compiles the claim.</summary>
    /// <exception cref="ArgumentException">The claim does not fit the estimator or lacks a number; one line says which.</exception>
    public static Problem Compile(Estimator estimator, Claim claim)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(claim);
        ClaimChecks.CheckReference(claim);
        var reference = ReferenceOf(estimator, claim);
        ClaimChecks.Check(estimator, claim, reference);
        if (reference is not null)
        {
            return BetweenMaps(estimator, reference, claim);
        }

        if (claim.TableRow is { } row)
        {
            return Tabulated(new Draft(estimator, claim), row);
        }

        if (estimator.Family is OutputVector)
        {
            return claim.Kind switch
            {
                ClaimKind.Lipschitz => VectorLipschitz(estimator.Network, claim),
                ClaimKind.Functional => VectorElement(new Draft(estimator, claim)),
                ClaimKind.Monotone => Monotone(new Draft(estimator, claim)),
                _ => VectorRobustness(new Draft(estimator, claim)),
            };
        }

        if (estimator.Family is ConditionalDensity density)
        {
            return claim.Kind == ClaimKind.PosteriorStability ? PosteriorStability.Compile(estimator.Network, density, claim) : DensityChange.Compile(estimator.Network, density, claim);
        }

        if (estimator.Family is Sampler sampler)
        {
            return SamplerChange.Compile(estimator.Network, sampler, claim);
        }

        var draft = new Draft(estimator, claim);
        if (estimator.Family is DiscreteFamily discrete)
        {
            return Discrete(draft, discrete);
        }

        if (estimator.Family is ShapeFamily shapes)
        {
            return Shaped(draft, shapes);
        }

        return claim.Kind switch
        {
            ClaimKind.Robustness => Robustness(draft),
            ClaimKind.Lipschitz => Lipschitz(draft),
            ClaimKind.Approximation => claim.Conjugate is { } model ? ToTruncated(draft, model) : Approximation(draft),
            ClaimKind.EventProbability => EventProbability(draft),
            ClaimKind.CredibleInterval => CredibleInterval(draft),
            ClaimKind.Functional => Functional(draft),
            ClaimKind.Monotone => Monotone(draft),
            _ => throw ClaimChecks.Wrong($"There is no claim of kind {(int)claim.Kind}."),
        };
    }

    /// <summary>The set of x in words.</summary>
    internal static string Where(Claim claim)
    {
        if (claim.Kind == ClaimKind.Modulus)
        {
            var (small, large) = (claim.Radius.Min(), claim.Radius.Max());
            return $"x in the domain and x' with {(small == large ? $"|x' - x|_{NormWord(claim.Norm)} <= {Number(large)}" : $"|(x' - x) / r|_{NormWord(claim.Norm)} <= 1, r from {Number(small)} to {Number(large)}")}";
        }

        if (claim.Radius.IsEmpty)
        {
            return "x in the domain";
        }

        var (least, most) = (claim.Radius.Min(), claim.Radius.Max());
        if (!claim.Directions.IsEmpty)
        {
            var ball = least == most ? $"|u|_{NormWord(claim.Norm)} <= {Number(most)}" : $"|u / r|_{NormWord(claim.Norm)} <= 1, r from {Number(least)} to {Number(most)}";
            return $"x = x0 + A u with {ball}, A a matrix of {claim.Directions.Length / claim.Radius.Length} by {claim.Radius.Length}{(claim.ObservationRow >= 0 ? $" (row {claim.ObservationRow})" : "")}";
        }

        var row = claim.ObservationRow >= 0 ? $" (row {claim.ObservationRow})" : "";
        if (claim.Norm == Norm.L0)
        {
            var things = claim.Group == 1 ? $"{claim.Entries} of {claim.Radius.Length} entries" : $"{claim.Entries} of {claim.Radius.Length / claim.Group} groups of {claim.Group} entries";
            var by = least == most ? $"at most {Number(most)} each" : $"at most r each, r from {Number(least)} to {Number(most)}";
            return $"x that differ from x0 in at most {things}, by {by}{row}{(claim.DomainLower.IsEmpty ? "" : " in the domain")}";
        }

        var set = least == most
            ? $"x with |x - x0|_{NormWord(claim.Norm)} <= {Number(most)}"
            : $"x with |(x - x0) / r|_{NormWord(claim.Norm)} <= 1, r from {Number(least)} to {Number(most)}";
        return $"{set}{row}{(claim.DomainLower.IsEmpty ? "" : " in the domain")}";
    }

    private static Problem Robustness(Draft draft)
    {
        var (claim, reference) = (draft.Claim, draft.ReferenceAt([.. draft.Claim.Observation]));
        if (claim.Metric == Metric.LogDensity)
        {
            var theta = draft.Builder.Input("theta", draft.Family.Dimension);
            var density = LogDensity.Between(new FamilyPair(draft.Parameters, reference), theta);
            var domain = draft.Domain with
            {
                Box = new Box([.. draft.Domain.Box.Lower, .. claim.ParameterLower], [.. draft.Domain.Box.Upper, .. claim.ParameterUpper]),
            };
            return draft.Finish(density, domain, $"Largest change of the log density over theta in a box, for {draft.Where}: {density.Formula}.");
        }

        var pair = new FamilyPair(draft.Parameters, reference);
        var distance = Between(pair, claim.Metric);
        return draft.Finish(
            distance,
            draft.Domain,
            $"Largest {Spoken(claim.Metric)} between the posterior at the observation (q0) and at x (q), for {draft.Where}: {distance.Formula}.",
            LowerBound(pair, claim.Metric, distance));
    }

    private static Problem Lipschitz(Draft draft)
    {
        var (builder, claim) = (draft.Builder, draft.Claim);
        if (claim.Metric is Metric.Hellinger or Metric.TotalVariation)
        {
            return InFisherMetric(draft, FisherMetric.Of(draft.Parameters, draft.ReferenceAt(draft.Domain.Box.Middle()), claim.Metric));
        }

        var parameters = draft.Parameters;
        var reference = draft.ReferenceAt(draft.Domain.Box.Middle());
        var (isDiagonal, isStill) = (parameters.Pattern.Triangle == Triangle.Diagonal, Blocks.IsConstant(builder, parameters.Root));
        var root = new PointPair(parameters, reference).CovarianceRoot;
        if (parameters.DegreesOfFreedom is { } nu)
        {
            root = Blocks.Times(builder, Box.Repeat(StudentT.Spread(nu), root.Length), root);
        }

        var features = isStill ? parameters.Means : builder.Concat(parameters.Means, root);
        builder.Output("objective", features);
        var isExact = isStill || (isDiagonal && claim.Metric == Metric.Wasserstein2);
        var scale = parameters.DegreesOfFreedom is null ? "" : "sqrt(nu / (nu - 2)) ";
        var what = isStill ? "mu, the scales being constant"
            : isDiagonal ? $"(mu, {scale}sigma)"
            : parameters.DegreesOfFreedom is null ? "(mu, L) with covariance L L^T" : $"(mu, {scale}L) with scale matrix L L^T";
        return new Problem(builder.Build(), features.Id, draft.Domain)
        {
            Anchors = draft.Anchors,
            JacobianFrom = claim.Norm,
            ExactMetric = isExact,
            Text = $"{Ratio(draft)}: largest norm of the Jacobian of {what}, which is {(isExact ? "" : "at least ")}the Lipschitz constant of the posterior.",
        };
    }

    private static string Ratio(Draft draft) => $"Largest ratio of {Spoken(draft.Claim.Metric)} between posteriors to {NormWord(draft.Claim.Norm)} distance between data, for {draft.Where}";

    /// <summary>The largest speed of the posterior in the Hellinger or total variation distance.</summary>
    private static Problem InFisherMetric(Draft draft, FisherMetric.Features features)
    {
        draft.Builder.Output("objective", features.Value);
        return new Problem(draft.Builder.Build(), features.Value.Id, draft.Domain)
        {
            Anchors = draft.Anchors,
            JacobianFrom = draft.Claim.Norm,
            JacobianTo = features.To,
            Held = features.Held,
            ExactMetric = features.IsExact,
            Text = $"{Ratio(draft)}: largest {features.Formula}, along directions of length 1, which is {(features.IsExact ? "" : "at least ")}the Lipschitz constant of the posterior.",
        };
    }

    /// <summary>All outputs, one after the other, are the feature vector.</summary>
    private static Problem VectorLipschitz(Network network, Claim claim)
    {
        var builder = new NetworkBuilder();
        var inputs = network.Inputs.Select(node => builder.Input(node.Name, node.Length)).ToArray();
        var outputs = builder.Insert(network, inputs);
        var features = builder.Concat([.. network.Outputs.Select(output => outputs[output.Name])]);
        builder.Output("objective", features);
        var to = claim.Metric switch { Metric.L1 => Norm.L1, Metric.L2 => Norm.L2, _ => Norm.Linf };
        return new Problem(builder.Build(), features.Id, ClaimChecks.DomainOf(claim))
        {
            JacobianFrom = claim.Norm,
            JacobianTo = to,
            Text = $"Largest ratio of {NormWord(to)} distance between outputs to {NormWord(claim.Norm)} distance between inputs, for x in the domain: "
                + "largest norm of the Jacobian of all outputs, one after the other, which is the Lipschitz constant.",
        };
    }

    private static Problem EventProbability(Draft draft)
    {
        var (claim, builder, parameters) = (draft.Claim, draft.Builder, draft.Parameters);
        var root = new PointPair(parameters, draft.ReferenceAt(draft.Center)).CovarianceRoot;
        Vector[] marginals = [.. claim.EventRanges.Select(range => Probability(draft, root, range))];
        var isProduct = parameters.Pattern.Triangle == Triangle.Diagonal;
        var each = isProduct ? marginals.Aggregate((a, b) => a * b) : claim.AsksForSmallest ? AtLeast(builder, marginals) : marginals.Aggregate((a, b) => a - builder.Apply(new ReLU(), a - b));
        var probability = parameters.Weights is { } weights ? builder.Sum(weights * each) : each;
        var (pi, k) = parameters.Components > 1 ? ("sum_k pi_k ", "_k") : ("", "");
        var marginal = $"Phi((b - mu{k})/sigma{k}) - Phi((a - mu{k})/sigma{k})";
        var problem = OfProbability(draft, probability, marginals.Length == 1 ? parameters.Components > 1 ? $"{pi}({marginal})" : marginal
            : isProduct ? $"{pi}prod_i ({marginal})"
            : claim.AsksForSmallest ? $"{pi}max(0, 1 - sum_i (1 - p{k}i)), p{k}i = {marginal} that of parameter i alone, which is at most the probability"
            : $"{pi}min_i ({marginal}), which is at least the probability");
        return problem with { ExactMetric = marginals.Length == 1 || isProduct };
    }

    /// <summary>max(0, 1 - sum_i (1 - p_i)): at most the probability that all hold (Bonferroni), whatever depends on what.</summary>
    private static Vector AtLeast(NetworkBuilder builder, Vector[] marginals) =>
        marginals.Length == 1 ? marginals[0] : builder.Apply(new ReLU(), marginals.Aggregate((a, b) => a + b) - (marginals.Length - 1.0));

    /// <summary>The probability of a range of one parameter in each component, [K].</summary>
    private static Vector Probability(Draft draft, Vector root, EventRange range)
    {
        var builder = draft.Builder;
        var (mean, deviation) = Marginal(draft, root, range.Parameter);
        var inverse = builder.Apply(new Reciprocal(), deviation);
        Vector Below(double end) => builder.Apply(new NormalCdf(), ((-1.0 * mean) + end) * inverse);
        return (double.IsFinite(range.Lower), double.IsFinite(range.Upper)) switch
        {
            (true, true) => Below(range.Upper) - Below(range.Lower),
            (false, true) => Below(range.Upper),

            // 1 - Phi(t) = Phi(-t).
            _ => builder.Apply(new NormalCdf(), (mean - range.Lower) * inverse),
        };
    }

    /// <summary>The largest or smallest probability of the claim's event. A probability lies in [0, 1], whatever the ranges of its terms say: that changes no value and cuts loose bounds.</summary>
    private static Problem OfProbability(Draft draft, Vector probability, string formula)
    {
        var (claim, builder, least) = (draft.Claim, draft.Builder, draft.Claim.AsksForSmallest);
        var objective = least ? builder.Apply(new Cap(0), -probability) : builder.Apply(new Cap(1), probability);
        builder.Output("objective", objective);
        return new Problem(builder.Build(), objective.Id, draft.Domain)
        {
            Anchors = draft.Anchors,
            Parameters = draft.Outputs,
            Data = draft.DataNode,
            Sign = least ? -1 : 1,
            Text = $"{(least ? "Smallest" : "Largest")} probability of {claim.EventWords}, for {draft.Where}: {formula}.",
        };
    }

    private static Problem CredibleInterval(Draft draft)
    {
        var (claim, builder, parameters) = (draft.Claim, draft.Builder, draft.Parameters);
        var reference = draft.ReferenceAt([.. claim.Observation]);
        var (mean0, deviation0) = Moments.Of(reference);
        var (mean, deviation) = Marginal(draft, new PointPair(parameters, reference).CovarianceRoot, claim.Parameter);
        var z = NormalQuantile.Enclose((Interval.Point(claim.Level) + 1) * Interval.Point(0.5));
        var shift = mean - builder.Constant(mean0.Slice(claim.Parameter, 1));
        var spread = Blocks.Times(builder, new Box([z.Lower], [z.Upper]), deviation - builder.Constant(deviation0.Slice(claim.Parameter, 1)));
        var both = builder.Concat(shift, spread);

        // The larger of |a + b| and |a - b| is |a| + |b|.
        var objective = builder.Sum(builder.Apply(new Abs(), both));
        builder.Output("objective", objective);
        return new Problem(builder.Build(), objective.Id, draft.Domain)
        {
            Anchors = draft.Anchors,
            Parameters = draft.Outputs,
            Data = draft.DataNode,
            Frontier = [both.Id],
            Text = $"Largest shift of an end of the central {Number(100 * claim.Level)} % credible interval of theta_{claim.Parameter}, for {draft.Where}: "
                + "|mu - mu0| + z |sigma - sigma0|, the larger of the shifts of mu - z sigma and mu + z sigma.",
        };
    }

    private static Distance Between(FamilyPair pair, Metric metric)
    {
        var distance = metric switch
        {
            Metric.Wasserstein2 => Wasserstein2.Between(pair),
            Metric.TotalVariation => TotalVariation.Between(pair),
            Metric.Hellinger => Hellinger.Between(pair),
            Metric.Kl => KullbackLeibler.Between(pair),
            Metric.Wasserstein1 => Wasserstein1.Between(pair),
            Metric.KlReverse => KullbackLeibler.Reverse(pair),
            Metric.JensenShannon => JensenShannon.Between(pair),
            _ => throw ClaimChecks.Wrong($"The metric {Words.Of(metric)} is not a distance between distributions here."),
        };

        // See StudentT: the bounds for the Gaussians with these mu and S are upper bounds for t.
        return pair.Q.DegreesOfFreedom is null || metric is Metric.Wasserstein1 or Metric.Wasserstein2
            ? distance
            : distance with { IsExact = false, Formula = $"that of the Gaussians with these mu and S, {distance.Formula.Split(", which is", StringSplitOptions.None)[0]}, which is at least that of Student t" };
    }

    /// <summary>A rigorous lower bound where the distance is an upper bound; null where there is none.</summary>
    private static Vector? LowerBound(FamilyPair pair, Metric metric, Distance distance) => metric switch
    {
        _ when distance.IsExact => null,
        Metric.Wasserstein2 when pair.Q.DegreesOfFreedom is null => Wasserstein2.LowerBound(pair),
        Metric.Wasserstein1 => Wasserstein1.LowerBound(pair),
        _ => null,
    };

    /// <summary>Mean and standard deviation of a parameter in each component, [K].</summary>
    private static (Vector Mean, Vector Deviation) Marginal(Draft draft, Vector root, int i)
    {
        var (builder, parameters) = (draft.Builder, draft.Parameters);
        return (
            builder.Select(parameters.Means, [.. Enumerable.Range(0, parameters.Components).Select(k => (k * parameters.Dimension) + i)]),
            Moments.RowNorm(parameters.Pattern, parameters.Components, root, builder, i));
    }

    private static string Spoken(Metric metric) => metric switch
    {
        Metric.Wasserstein2 => "Wasserstein-2 distance",
        Metric.TotalVariation => "total variation distance",
        Metric.Hellinger => "Hellinger distance",
        Metric.Wasserstein1 => "Wasserstein-1 distance",
        Metric.KlReverse => "Kullback-Leibler divergence KL(q || q0) in nats",
        Metric.JensenShannon => "Jensen-Shannon divergence in nats",
        _ => "Kullback-Leibler divergence KL(q0 || q) in nats",
    };

    private static string NormWord(Norm norm) => norm switch
    {
        Norm.L0 => "l0",
        Norm.L1 => "l1",
        Norm.L2 => "l2",
        _ => "linf",
    };

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The graph so far, and the set.</summary>
    private sealed class Draft
    {
        private readonly Parameters? parameters;
        private ParameterGraph? parameterGraph;

        public Draft(Estimator estimator, Claim claim)
        {
            (Estimator, Claim) = (estimator, claim);
            Input = Directions.Data(Builder, claim, estimator.Network.InputLength);
            var (inputs, start) = (new Vector[estimator.Network.Inputs.Length], 0);
            foreach (var (k, node) in estimator.Network.Inputs.Index())
            {
                inputs[k] = inputs.Length == 1 ? Input : Input.Slice(start, node.Length);
                start += node.Length;
            }

            var outputs = Builder.Insert(estimator.Network, inputs);
            parameters = Family is DiscreteFamily or ShapeFamily or OutputVector ? null : Family.Bind(Builder, outputs);
            Vectors = outputs;
            Outputs = [.. Family.OutputNames.Where(outputs.ContainsKey).Select(name => (name, outputs[name].Id))];
            Anchors = [.. Outputs.Select(output => output.Node).Distinct()];
            Domain = ClaimChecks.DomainOf(claim);
        }

        public Estimator Estimator { get; }

        public Claim Claim { get; }

        public Family Family => Estimator.Family;

        public NetworkBuilder Builder { get; } = new();

        public Vector Input { get; }

        /// <summary>Outputs of the network by name.</summary>
        public IReadOnlyDictionary<string, Vector> Vectors { get; }

        public Parameters Parameters => parameters ?? throw new InvalidOperationException($"Broken invariant: the family {Family.Name} has no Gaussian parameters.");

        /// <summary>See <see cref="Problem.Data"/>.</summary>
        public int DataNode => Claim.Directions.IsEmpty ? -1 : Input.Id;

        public ImmutableArray<(string Output, int Node)> Outputs { get; }

        public ImmutableArray<int> Anchors { get; }

        public Domain Domain { get; }

        /// <summary>A point of the domain to expand around.</summary>
        public double[] Center => Claim.Observation.IsEmpty ? Domain.Box.Middle() : [.. Claim.Observation];

        /// <summary>The set in words.</summary>
        public string Where => ClaimCompiler.Where(Claim);

        public ParameterBox ReferenceAt(ReadOnlySpan<double> x) => (parameterGraph ??= new ParameterGraph(Estimator.Network, Family)).At(x);

        public Problem Finish(Distance distance, Domain domain, string text, Vector? lower = null)
        {
            Builder.Output("objective", distance.Value);
            if (lower is { } node)
            {
                Builder.Output("metric-lower", node);
            }

            return new Problem(Builder.Build(), distance.Value.Id, domain)
            {
                Anchors = Anchors,
                Parameters = Outputs,
                Frontier = distance.Frontier,
                ExactMetric = distance.IsExact,
                MetricLower = lower?.Id ?? -1,
                Data = DataNode,
                Text = text,
            };
        }
    }
}
