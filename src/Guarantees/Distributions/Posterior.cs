using System.Globalization;
using Guarantees.Arithmetic;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Statistics;

namespace Guarantees.Distributions;

/// <summary>q(. | x) in double arithmetic, as statistics need it: its log density, draws, marginal probabilities. One object is for one thread, and for the x told last.</summary>
/// <remarks>
/// Elementary functions and draws have the same bits on every machine; sums within the network may be added in another order on another processor. No bound rests on these numbers: what is stated about them is stated about
/// sets as they are computed here.
/// </remarks>
internal abstract class Posterior
{
    /// <summary>D.</summary>
    public abstract int Dimension { get; }

    /// <summary>How many numbers x has.</summary>
    public abstract int DataLength { get; }

    /// <summary>Whether <see cref="LogDensity"/> is known.</summary>
    public virtual bool HasDensity => false;

    /// <summary>Whether <see cref="Draw"/> draws.</summary>
    public virtual bool HasDraws => false;

    /// <summary>Whether <see cref="Probability"/> is known.</summary>
    public virtual bool HasMarginals => false;

    /// <summary>Whether <see cref="Distance"/> is known.</summary>
    public virtual bool HasDistance => false;

    /// <summary>What the estimator says, for one thread.</summary>
    /// <exception cref="ArgumentException">Its family has no posterior that can be read in numbers.</exception>
    public static Posterior Of(Estimator estimator) => estimator.Family switch
    {
        ConditionalDensity density => new OfDensity(estimator.Network, density),
        Sampler sampler => new OfSampler(estimator.Network, sampler),
        Gaussian or DiagonalGaussian or GaussianMixture or StudentT => new OfParameters(estimator.Network, estimator.Family),
        var family => throw ClaimChecks.Wrong($"Claims from pairs are for the families gaussian, diagonal-gaussian, gaussian-mixture, student-t, {ConditionalDensity.Word}, {Sampler.Word} and {PairQuestion.Samples}, not for {family.Name}."),
    };

    /// <summary>Turns to the data x.</summary>
    /// <returns>Whether the posterior there is finite.</returns>
    public abstract bool At(ReadOnlySpan<double> x);

    /// <summary>ln q(theta | x), up to a term that neither theta nor x changes (for <c>log-density</c>: as the network gives it).</summary>
    public virtual double LogDensity(ReadOnlySpan<double> theta) => throw new NotSupportedException();

    /// <summary>An independent draw from q(. | x).</summary>
    public virtual void Draw(SeededGenerator random, Span<double> theta) => throw new NotSupportedException();

    /// <summary>q(theta_i at most the value | x).</summary>
    public virtual double Probability(int parameter, double value) => throw new NotSupportedException();

    /// <summary>sqrt((theta - mu)^T Sigma^-1 (theta - mu)).</summary>
    public virtual double Distance(ReadOnlySpan<double> theta) => throw new NotSupportedException();

    private static bool AreFinite(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (!double.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Gaussians, their mixtures, and Student t, with roots as they are given.</summary>
    private sealed class OfParameters : Posterior
    {
        private readonly Network graph;
        private readonly double[][] values;
        private readonly int means;
        private readonly int root;
        private readonly int logits;
        private readonly int weights;
        private readonly int components;
        private readonly Pattern pattern;
        private readonly bool isPrecision;
        private readonly double? degrees;
        private readonly double[] buffer;
        private readonly double[] column;
        private readonly double[] logs;
        private readonly double[] logWeights;
        private readonly double[] deviations;
        private bool hasDeviations;

        public OfParameters(Network network, Family family)
        {
            var builder = new NetworkBuilder();
            var x = builder.Input("x", network.InputLength);
            var parameters = family.Bind(builder, builder.Insert(network, x));
            (means, root, logits, weights) = (parameters.Means.Id, parameters.Root.Id, parameters.Logits?.Id ?? -1, parameters.Weights?.Id ?? -1);
            builder.Output("means", parameters.Means);
            builder.Output("root", parameters.Root);
            if (parameters.Weights is { } shares)
            {
                builder.Output("weights", shares);
            }

            graph = builder.Build();
            values = [.. graph.Nodes.Select(node => new double[node.Length])];
            (components, pattern, isPrecision, degrees) = (parameters.Components, parameters.Pattern, parameters.IsPrecision, parameters.DegreesOfFreedom);
            (buffer, column, logs, logWeights, deviations) = (new double[Dimension], new double[Dimension], new double[components], new double[components], new double[components * Dimension]);
        }

        public override int Dimension => pattern.Dimension;

        public override int DataLength => graph.InputLength;

        public override bool HasDensity => true;

        public override bool HasDraws => true;

        public override bool HasMarginals => degrees is null;

        public override bool HasDistance => components == 1 && degrees is null;

        public override bool At(ReadOnlySpan<double> x)
        {
            graph.Evaluate(x, values);
            hasDeviations = false;
            if (!AreFinite(values[means]) || !AreFinite(values[root]) || (weights >= 0 && !(AreFinite(values[weights]) && AreFinite(values[logits]))))
            {
                return false;
            }

            for (var k = 0; k < components; k++)
            {
                for (var i = 0; i < Dimension; i++)
                {
                    if (values[root][(k * pattern.Count) + i] == 0)
                    {
                        return false; // the diagonal of a root: no density
                    }
                }
            }

            if (weights >= 0)
            {
                // ln softmax, so that a weight that rounds to 0 still has a logarithm.
                var (most, sum) = (values[logits].Max(), 0.0);
                foreach (var logit in values[logits])
                {
                    sum += Elementary.Exp(logit - most);
                }

                for (var k = 0; k < components; k++)
                {
                    logWeights[k] = values[logits][k] - most - Elementary.Log(sum);
                }
            }

            return true;
        }

        public override double LogDensity(ReadOnlySpan<double> theta)
        {
            for (var k = 0; k < components; k++)
            {
                var (log, square) = (logWeights[k], Square(k, theta));
                for (var i = 0; i < Dimension; i++)
                {
                    var scale = Elementary.Log(Math.Abs(Entry(k, i)));
                    log += isPrecision ? scale : -scale;
                }

                logs[k] = log - (degrees is { } nu ? 0.5 * (nu + Dimension) * Elementary.Log1p(square / nu) : 0.5 * square);
            }

            if (components == 1)
            {
                return logs[0];
            }

            var (most, sum) = (logs.Max(), 0.0);
            if (double.IsNegativeInfinity(most))
            {
                return most;
            }

            foreach (var log in logs)
            {
                sum += Elementary.Exp(log - most);
            }

            return most + Elementary.Log(sum);
        }

        public override void Draw(SeededGenerator random, Span<double> theta)
        {
            var k = 0;
            if (weights >= 0)
            {
                var u = random.NextDouble();
                while (k < components - 1 && u >= values[weights][k])
                {
                    u -= values[weights][k++];
                }
            }

            for (var i = 0; i < Dimension; i++)
            {
                buffer[i] = random.NextNormal();
            }

            if (isPrecision)
            {
                Solve(k, buffer);
                buffer.CopyTo(theta);
            }
            else
            {
                theta.Clear();
                for (var e = 0; e < pattern.Count; e++)
                {
                    theta[pattern.Entries[e].Row] += Entry(k, e) * buffer[pattern.Entries[e].Column];
                }
            }

            var stretch = degrees is { } nu ? Math.Sqrt(nu / (2 * Gamma(0.5 * nu, random))) : 1;
            for (var i = 0; i < Dimension; i++)
            {
                theta[i] = Mean(k, i) + (stretch * theta[i]);
            }
        }

        public override double Probability(int parameter, double value)
        {
            if (!hasDeviations)
            {
                SetDeviations();
            }

            if (components == 1)
            {
                return Elementary.NormalCdf((value - Mean(0, parameter)) / deviations[parameter]);
            }

            var sum = 0.0;
            for (var k = 0; k < components; k++)
            {
                sum += values[weights][k] * Elementary.NormalCdf((value - Mean(k, parameter)) / deviations[(k * Dimension) + parameter]);
            }

            return Math.Min(1, sum);
        }

        public override double Distance(ReadOnlySpan<double> theta) => Math.Sqrt(Square(0, theta));

        /// <summary>|U (theta - mu)|², or |L^-1 (theta - mu)|².</summary>
        private double Square(int k, ReadOnlySpan<double> theta)
        {
            var sum = 0.0;
            if (isPrecision)
            {
                Array.Clear(buffer);
                for (var e = 0; e < pattern.Count; e++)
                {
                    var (i, j) = pattern.Entries[e];
                    buffer[i] += Entry(k, e) * (theta[j] - Mean(k, j));
                }
            }
            else
            {
                for (var i = 0; i < Dimension; i++)
                {
                    buffer[i] = theta[i] - Mean(k, i);
                }

                Solve(k, buffer);
            }

            foreach (var value in buffer)
            {
                sum += value * value;
            }

            return sum;
        }

        private double Entry(int k, int e) => values[root][(k * pattern.Count) + e];

        private double Mean(int k, int i) => values[means][(k * Dimension) + i];

        /// <summary>R^-1 b in place of b, R the root of component k.</summary>
        private void Solve(int k, double[] b)
        {
            var d = Dimension;
            var isUpper = pattern.Triangle == Triangle.Upper;
            for (var step = 0; step < d; step++)
            {
                var i = isUpper ? d - 1 - step : step;
                var sum = b[i];
                if (pattern.Triangle != Triangle.Diagonal)
                {
                    for (var j = isUpper ? i + 1 : 0; j < (isUpper ? d : i); j++)
                    {
                        sum -= Entry(k, pattern.Place(i, j)) * b[j];
                    }
                }

                b[i] = sum / Entry(k, i);
            }
        }

        /// <summary>The standard deviations of the parameters, by component: rows of L, or of U^-1.</summary>
        private void SetDeviations()
        {
            Array.Clear(deviations);
            for (var k = 0; k < components; k++)
            {
                var own = deviations.AsSpan(k * Dimension, Dimension);
                if (isPrecision)
                {
                    for (var j = 0; j < Dimension; j++)
                    {
                        Array.Clear(column);
                        column[j] = 1;
                        Solve(k, column);
                        for (var i = 0; i < Dimension; i++)
                        {
                            own[i] += column[i] * column[i];
                        }
                    }
                }
                else
                {
                    for (var e = 0; e < pattern.Count; e++)
                    {
                        own[pattern.Entries[e].Row] += Entry(k, e) * Entry(k, e);
                    }
                }

                for (var i = 0; i < Dimension; i++)
                {
                    own[i] = Math.Sqrt(own[i]);
                }
            }

            hasDeviations = true;
        }

        /// <summary>A gamma number of this shape and rate 1. Source: G. Marsaglia, W. W. Tsang, "A Simple Method for Generating Gamma Variables", ACM Trans. Math. Softw. 26, 2000 (from memory).</summary>
        private static double Gamma(double shape, SeededGenerator random)
        {
            if (shape < 1)
            {
                var u = 1 - random.NextDouble();
                return Gamma(shape + 1, random) * Elementary.Exp(Elementary.Log(u) / shape);
            }

            var d = shape - (1.0 / 3);
            var c = 1 / Math.Sqrt(9 * d);
            while (true)
            {
                var z = random.NextNormal();
                var t = 1 + (c * z);
                var v = t * t * t;
                if (t > 0 && Elementary.Log(1 - random.NextDouble()) < (0.5 * z * z) + d - (d * v) + (d * Elementary.Log(v)))
                {
                    return d * v;
                }
            }
        }
    }

    /// <summary>A network of theta and x whose value is the log density.</summary>
    private sealed class OfDensity(Network network, ConditionalDensity density) : Posterior
    {
        private readonly bool[] isTheta = [.. network.Inputs.Select(node => ((Input)node.Operator).Label == density.ParameterInput)];
        private readonly double[] input = new double[network.InputLength];
        private readonly double[][] values = [.. network.Nodes.Select(node => new double[node.Length])];
        private readonly int output = network.Output(density.Output).Id;

        public override int Dimension => density.Dimension;

        public override int DataLength => network.InputLength - density.Dimension;

        public override bool HasDensity => true;

        public override bool At(ReadOnlySpan<double> x)
        {
            Place(x, theta: false);
            return true;
        }

        public override double LogDensity(ReadOnlySpan<double> theta)
        {
            Place(theta, theta: true);
            network.Evaluate(input, values);
            return values[output][0];
        }

        private void Place(ReadOnlySpan<double> numbers, bool theta)
        {
            for (var k = 0; k < isTheta.Length; k++)
            {
                if (isTheta[k] == theta)
                {
                    numbers.CopyTo(input.AsSpan(((Input)network.Inputs[k].Operator).Start));
                }
            }
        }
    }

    /// <summary>A network of noise and x whose value is theta.</summary>
    private sealed class OfSampler(Network network, Sampler sampler) : Posterior
    {
        private readonly bool[] isNoise = [.. network.Inputs.Select(node => ((Input)node.Operator).Label == sampler.NoiseInput)];
        private readonly double[] input = new double[network.InputLength];
        private readonly double[][] values = [.. network.Nodes.Select(node => new double[node.Length])];
        private readonly int output = network.Output(sampler.Output).Id;

        public override int Dimension => sampler.Dimension;

        public override int DataLength => network.InputLength - sampler.NoiseLength;

        public override bool HasDraws => true;

        public override bool At(ReadOnlySpan<double> x)
        {
            x.CopyTo(input.AsSpan(((Input)network.Inputs[Array.IndexOf(isNoise, false)].Operator).Start));
            return true;
        }

        public override void Draw(SeededGenerator random, Span<double> theta)
        {
            var noise = input.AsSpan(((Input)network.Inputs[Array.IndexOf(isNoise, true)].Operator).Start, sampler.NoiseLength);
            for (var i = 0; i < noise.Length; i++)
            {
                noise[i] = random.NextNormal();
            }

            network.Evaluate(input, values);
            values[output].CopyTo(theta);
            if (!AreFinite(theta))
            {
                throw ClaimChecks.Wrong(string.Create(CultureInfo.InvariantCulture, $"The sampler draws {theta[0]:R}, which is not finite."));
            }
        }
    }
}
