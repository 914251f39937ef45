using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Guarantees.Arithmetic;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Guarantees.Statistics;

namespace Guarantees.Claims;

/// <summary>How far the exact posterior of a prior and a likelihood moves, in total variation or Kullback-Leibler divergence, when the data move within a ball: of a network l(theta, x), the log likelihood up to a term that theta does not change.</summary>
/// <remarks>
/// <para>
/// The theorems and the bounds from draws stand in <see cref="LikelihoodChange"/> and <see cref="LikelihoodDivergence"/>. The ball is cut at x0 in its first coordinates that may move on both sides. For each draw of theta the kernel bounds once, over each part, the range of
/// l (theta is a number then: a question about x alone), and the value at x0; all of it depends on that draw only, and the parts on none, as independence asks. All in units of exp(c), c a number that l never exceeds: assumed, or found over a box of theta that holds the prior by dividing it a fixed number of
/// times. So is the number that no term of the divergence exceeds, in PosteriorStability.Divergence.cs; which slope a it is for was chosen by other draws. Search and checker share this file: there is nothing to search, and nothing to believe but what <see cref="PriorDraws.Assumed"/> says and, where c is a number of the claim, that it bounds l.
/// </para>
/// <para>
/// The posterior at x does not change where its likelihood is multiplied by a function of x alone; the bound does, since it counts what moves Z(x). So l(theta, x) - a . (x - x0) may stand in for l at x, with any a: here the
/// mean slope of l under the posterior at x0, estimated from other draws than those of the bound (of a law others, of a table its first rows, which are left out after), and a = 0 where that is better for them. As with
/// slopes of bounds, the choice is free and what follows from it is not. Then l - a . (x - x0) is at most c and the largest value of -a . (x - x0) over the ball together.
/// </para>
/// <para>What refutes the assumption is told: a draw at which l is above c at the observation, or outside its box. Draws prove no lower bound of a distance: nothing is ever refuted.</para>
/// </remarks>
public static partial class PosteriorStability
{
    /// <summary>Name in specs and certificates.</summary>
    public const string Word = "posterior-stability";

    /// <summary>Draws at most from which the slope a is chosen; of a table at most a tenth.</summary>
    private const int Pilots = 2000;

    /// <summary>A slope that was chosen by few draws is taken where it makes their bound smaller by so much: it fits them better than others.</summary>
    private const double Gain = 0.9;

    /// <summary>In how many coordinates the ball is cut at x0: each doubles the work, and the means that share the risk.</summary>
    private const int Cuts = 3;

    /// <summary>Parts into which the box is divided to bound the log likelihood.</summary>
    private const int Parts = 256;

    /// <summary>What the draws say.</summary>
    /// <param name="Metric">Total variation or Kullback-Leibler.</param>
    /// <param name="Change">With half of the risk: not below the mean over the prior of the largest rise, or fall, of L over any part of the ball (for the divergence: of the largest term), in units of exp(u).</param>
    /// <param name="Evidence">With the other half: not above the mean of L at the observation, in units of exp(u).</param>
    /// <param name="Unit">u: what the logarithm of no likelihood exceeds, with its factor.</param>
    /// <param name="Slope">a: empty for none.</param>
    /// <param name="Used">How many draws the bounds are of.</param>
    /// <param name="Bound">The bound of the distance; a total variation is at most 1.</param>
    public sealed record Answer(Metric Metric, double Change, double Evidence, double Unit, ImmutableArray<double> Slope, int Used, double Bound)
    {
        /// <summary>The numbers in words.</summary>
        public string Words => $"on every part of the ball the mean of the largest {(Metric == Metric.Kl ? "e^l(theta, x0) (e^d - 1 - d)" : "rise, and fall, of e^l(theta, x)")} is at most {OutwardText.Up(Change, 6)} and Z(x0) at least {OutwardText.Down(Evidence, 6)}, in units of e^{Number(Unit)}{(Slope.IsEmpty ? "" : ", a . (x - x0) taken from l")}; {Used} draws count.";
    }

    /// <summary>Bounds the distance between the posteriors at the observation and anywhere in the ball.</summary>
    /// <param name="estimator">A network with the family log-density.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="table">The table of draws; null where the prior has a law.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="seed">Seed of the draws of a law.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">The claim does not fit, no bound of the log likelihood is found, or a draw contradicts the one that is assumed.</exception>
    /// <exception cref="TableFormatException">The table is malformed or not the one of the claim.</exception>
    public static Answer Bound(Estimator estimator, Claim claim, ReadOnlyMemory<byte>? table, string name, int seed, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(claim);
        var problem = ClaimCompiler.Compile(estimator, claim);
        var (network, density, prior) = (estimator.Network, (ConditionalDensity)estimator.Family, claim.Prior!);
        var (pilot, draws) = DrawsOf(estimator, claim, table, name, seed);
        var isDivergence = claim.Metric == Metric.Kl;
        var limit = claim.DensityAtMost ?? LargestValue(network, density, claim, cancellation);
        var parts = PartsOf(claim, problem);
        var (question, slope) = (Tilted(network, density, claim, [], limit), ImmutableArray<double>.Empty);
        if (Slope(network, density, claim, pilot, limit) is { } a && Tilted(network, density, claim, a, limit) is var tilted && double.IsFinite(tilted.Unit) && Score(tilted) < Gain * Score(question))
        {
            (question, slope) = (tilted, [.. a]);
        }

        var (changes, likelihoods, over) = Sample(draws, question);
        if (Array.IndexOf(over, true) is var first and >= 0)
        {
            throw new ArgumentException($"The log likelihood is assumed to be at most {Number(limit)}; at draw {first + (prior.Law is null ? pilot.Length : 0)} of the prior, from 0, it is more at the observation.");
        }

        var (change, evidence, bound) = isDivergence
            ? LikelihoodDivergence.Bound(changes, LargestTerm(network, density, claim, [.. slope], question.Unit, cancellation), likelihoods, prior.Confidence)
            : LikelihoodChange.Bound(changes, likelihoods, prior.Confidence);
        return new Answer(claim.Metric, change, evidence, question.Unit, slope, draws.Length, bound);

        double Score((Problem Problem, double Unit) of) => Sample(pilot, of) is var (moved, weights, _) ? moved.Max(sample => sample.Average()) / weights.Average() : double.NaN;

        // For every part of the ball one list of terms of the divergence, or two of changes, of each sign.
        (double[][] Changes, double[] Likelihoods, bool[] Over) Sample(double[][] thetas, (Problem Problem, double Unit) of)
        {
            var each = isDivergence ? 1 : 2;
            double[][] changes = [.. Enumerable.Range(0, each * parts.Length).Select(_ => new double[thetas.Length])];
            var (likelihoods, over) = (new double[thetas.Length], new bool[thetas.Length]);
            Parallel.For(0, thetas.Length, new ParallelOptions { CancellationToken = cancellation }, () => new AtDraw(network, density, claim, of.Problem, of.Unit), (j, _, bounds) =>
            {
                (likelihoods[j], var least) = bounds.Move(thetas[j]);
                over[j] = least > limit;
                for (var k = 0; k < parts.Length; k++)
                {
                    if (isDivergence)
                    {
                        changes[k][j] = bounds.TermOver(parts[k]);
                    }
                    else
                    {
                        (changes[2 * k][j], changes[(2 * k) + 1][j]) = bounds.Over(parts[k]);
                    }
                }

                return bounds;
            }, _ => { });
            return (changes, likelihoods, over);
        }
    }

    /// <summary>The verdict on an enclosure [0, upper]: <see cref="Decision"/>, but that the distance is at most <see cref="Trivial"/> is no answer to a claim that asks for a bound.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="upper">Upper end.</param>
    public static (Verdict Verdict, string Reason) Decide(Claim claim, double upper)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return claim.AtMost is null && !(upper < Trivial(claim)) ? (Verdict.Undecided, $"No {(claim.Metric == Metric.Kl ? "bound" : "bound below 1")} follows from these draws; more draws, a smaller ball or a smaller bound of the likelihood may give one.")
            : Decision.Of(claim, 0, upper, exactMetric: false) is var (verdict, reason) && verdict == Verdict.Undecided ? (verdict, "The bound exceeds the claimed one; draws refute nothing.") : (verdict, reason);
    }

    /// <summary>What no distance of the metric exceeds.</summary>
    /// <param name="claim">The claim.</param>
    public static double Trivial(Claim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return claim.Metric == Metric.Kl ? double.PositiveInfinity : 1;
    }

    /// <summary>The question that the bounds answer, over the ball and for a theta that they are told: l itself.</summary>
    internal static Problem Compile(Network network, ConditionalDensity density, Claim claim) => Tilted(network, density, claim, [], 0).Problem;

    /// <summary>The draws from which the slope is chosen, and those of which the bound is.</summary>
    private static (double[][] Pilot, double[][] Draws) DrawsOf(Estimator estimator, Claim claim, ReadOnlyMemory<byte>? table, string name, int seed)
    {
        var (density, prior) = ((ConditionalDensity)estimator.Family, claim.Prior!);
        if (prior.Law is { } law)
        {
            var question = Question(estimator, density, claim);
            return (law.Draw(seed, [.. "pilot\0"u8, .. question], Math.Min(Pilots, prior.Count)), law.Draw(seed, question, prior.Count));
        }

        var rows = table is { } bytes ? prior.Read(bytes, name, claim, density.Dimension)
            : throw new ArgumentException($"The claim rests on the table of draws {OneLine.Quote(prior.File)}, which is not given.");
        var first = Math.Min(Pilots, rows.Length / 10);
        return (rows[..first], rows[first..]);
    }

    /// <summary>The mean of the slope of l in x at x0 under the posterior there, by draws of the prior and their likelihoods in plain arithmetic; null where there is none. A heuristic.</summary>
    private static double[]? Slope(Network network, ConditionalDensity density, Claim claim, double[][] draws, double limit)
    {
        var (output, sum, weights) = (network.Output(density.Output).Id, new double[claim.Observation.Length], 0.0);
        var isTheta = IsTheta(network, density);
        bool[] isX = [.. network.Inputs.SelectMany((node, k) => Enumerable.Repeat(!isTheta[k], node.Length))];
        foreach (var theta in draws)
        {
            var values = network.Evaluate([.. isTheta.SelectMany(parameters => parameters ? theta : claim.Observation.AsEnumerable())]);
            var weight = Elementary.Exp(Math.Min(0, values[output][0] - limit));
            var (gradient, i) = (network.Gradient(values, output), 0);
            for (var k = 0; k < gradient.Length; k++)
            {
                if (isX[k])
                {
                    sum[i++] += weight * gradient[k];
                }
            }

            weights += weight;
        }

        double[] slope = [.. sum.Select(value => value / weights)];
        return slope.All(double.IsFinite) && slope.Any(value => value != 0) ? slope : null;
    }

    private static bool[] IsTheta(Network network, ConditionalDensity density) => [.. network.Inputs.Select(node => ((Input)node.Operator).Label == density.ParameterInput)];

    /// <summary>l(theta, x) - g(x), g(x) = a . x + b with b near -a . x0 (none where no a is given), and what neither l(theta, x) - g(x) nor l(theta, x0) exceeds where l is at most the limit.</summary>
    internal static (Problem Problem, double Unit) Tilted(Network network, ConditionalDensity density, Claim claim, double[] slope, double limit)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", claim.Observation.Length);
        var theta = builder.Input("theta", density.Dimension);
        var value = builder.Insert(network, [.. IsTheta(network, density).Select(parameters => parameters ? theta : x)])[density.Output];
        var (domain, unit) = (ClaimChecks.DomainOf(claim), limit);
        if (slope.Length > 0)
        {
            value = builder.Combine((1, value), (1, Tilt(builder, x, claim, slope)));
            var largest = Interval.Point(Offset(claim, slope));
            for (var i = 0; i < slope.Length; i++)
            {
                largest += -slope[i] * domain.Box[i];
            }

            unit = Rounding.AddUp(limit, Math.Max(0, largest.Upper));
        }

        builder.Output("value", value);
        var nowhere = new double[density.Dimension];
        return (new Problem(builder.Build(), value.Id, domain with { Box = new Box([.. domain.Box.Lower, .. nowhere], [.. domain.Box.Upper, .. nowhere]) })
        {
            Anchors = [value.Id],
            ExactMetric = false,
            RealOnly = "the likelihood is that of the real network",
            Text = TextOf(claim),
        }, unit);
    }

    /// <summary>The box of the ball, cut at x0. The claim alone decides, no draw does.</summary>
    internal static Box[] PartsOf(Claim claim, Problem problem)
    {
        var n = claim.Observation.Length;
        var parts = new List<Box> { problem.Domain.Box.Slice(0, n) };
        for (var (i, cuts) = (0, 0); i < n && cuts < Cuts; i++)
        {
            var at = claim.Observation[i];
            if (parts[0].Lower[i] < at && at < parts[0].Upper[i])
            {
                parts = [.. parts.SelectMany(part => new[] { Cut(part, i, new Interval(part.Lower[i], at)), Cut(part, i, new Interval(at, part.Upper[i])) })];
                cuts++;
            }
        }

        return [.. parts];

        static Box Cut(Box part, int i, Interval side)
        {
            var cut = new Box([.. part.Lower], [.. part.Upper]);
            cut[i] = side;
            return cut;
        }
    }

    /// <summary>Model and claim, every number of it: where one of them is another, so are the draws.</summary>
    private static byte[] Question(Estimator estimator, ConditionalDensity density, Claim claim) =>
        [.. CertificateFile.ToBytes(claim), .. Encoding.UTF8.GetBytes($"\n{estimator.ModelSha256}\n{density.ParameterInput}\n{density.Output}")];

    /// <summary>A number that l does not exceed for any theta of the prior's box and any x of the ball, x0 included.</summary>
    private static double LargestValue(Network network, ConditionalDensity density, Claim claim, CancellationToken cancellation)
    {
        var (lower, upper) = PriorBox(claim);
        var ball = ClaimChecks.DomainOf(claim).Box;
        double[] least = [.. claim.Observation.Select((value, i) => Math.Min(value, ball.Lower[i]))];
        double[] largest = [.. claim.Observation.Select((value, i) => Math.Max(value, ball.Upper[i]))];
        var isTheta = IsTheta(network, density);
        var root = new Box([.. isTheta.SelectMany(parameters => parameters ? lower : (IEnumerable<double>)least)], [.. isTheta.SelectMany(parameters => parameters ? upper : (IEnumerable<double>)largest)]);
        var bounds = Checking.Bounds.For(new Problem(network, network.Output(density.Output).Id, new Domain(root)));
        return Largest(root, bounds.UpperBound, cancellation) is var found && double.IsFinite(found) ? found
            : throw new ArgumentException("No bound of the log likelihood was found over the box of the prior and the ball; state one with 'density-at-most'.");
    }

    /// <summary>The box that holds the prior: its own, or that of the claim.</summary>
    private static (ImmutableArray<double> Lower, ImmutableArray<double> Upper) PriorBox(Claim claim) => claim.Prior!.Law is { } law ? (law.First, law.Second) : (claim.ParameterLower, claim.ParameterUpper);

    /// <summary>A bound of a function over a box from bounds over its parts: the part where it is largest is halved, so many times and no more.</summary>
    private static double Largest(Box root, Func<Box, double> upperBound, CancellationToken cancellation)
    {
        var open = new PriorityQueue<(Box Part, double Upper), double>();
        Add(root);
        while (open.Count < Parts && open.Peek() is { Part: var part } && Widest(part) is var side and >= 0)
        {
            cancellation.ThrowIfCancellationRequested();
            open.Dequeue();
            var (left, right) = part.Split(side);
            Add(left);
            Add(right);
        }

        return open.Peek().Upper;

        void Add(Box part)
        {
            var bound = upperBound(part);
            open.Enqueue((part, bound), double.IsNaN(bound) ? double.NegativeInfinity : -bound);
        }

        // The longest side, against that of the whole box; -1 where none can be halved.
        int Widest(Box part)
        {
            var (side, most) = (-1, 0.0);
            for (var j = 0; j < part.Length; j++)
            {
                var share = (part.Upper[j] - part.Lower[j]) / (root.Upper[j] - root.Lower[j]);
                (side, most) = share > most && part.Lower[j] < part[j].Middle && part[j].Middle < part.Upper[j] ? (j, share) : (side, most);
            }

            return side;
        }
    }

    private static string TextOf(Claim claim)
    {
        var prior = claim.Prior!;
        var most = claim.DensityAtMost is { } c ? $"that l <= {Number(c)} for every theta of the prior and every x of the ball is assumed"
            : $"l is bounded over the box of the prior{(prior.Law is null ? ", that the prior lies in it is assumed" : "")}";
        var (metric, quotients) = claim.Metric == Metric.Kl
            ? ("Kullback-Leibler divergence of the exact posterior at x from that at x0", "the largest of E sup e^l(theta, x0) (e^d - 1 - d) / Z(x0), d = l(theta, x) - l(theta, x0) up to a term that theta does not change,")
            : ("total variation between the exact posteriors at x0 and at x", "the largest of E sup (e^l(theta, x) - e^l(theta, x0))^+ / Z(x0) and E sup (e^l(theta, x0) - e^l(theta, x))^+ / Z(x0)");
        return $"{char.ToUpperInvariant(prior.Words[0])}{prior.Words[1..]}: upper bound of the largest {metric}, their densities with respect to the prior e^l(theta, x) / Z(x), "
            + $"l the output of the network and Z(x) = E e^l(theta, x), for {ClaimCompiler.Where(claim)}: {quotients} over parts of the ball; {most}; {prior.Assumed}.";
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The bounds at one theta; one instance serves one thread.</summary>
    internal sealed class AtDraw(Network network, ConditionalDensity density, Claim claim, Problem problem, double unit)
    {
        private readonly BoundPropagation bounds = new(problem);
        private readonly bool[] isTheta = IsTheta(network, density);
        private readonly int output = network.Output(density.Output).Id;
        private double[] theta = [];
        private Interval value = Interval.Entire;

        /// <summary>Takes a theta: its likelihood at x0 at least, in units of exp(unit), and its logarithm at least.</summary>
        public (double Likelihood, double Least) Move(double[] to)
        {
            theta = to;
            try
            {
                double[] point = [.. isTheta.SelectMany(parameters => parameters ? theta : claim.Observation.AsEnumerable())];
                value = network.Ranges(Box.Point(point))[output][0];
            }
            catch (DomainException)
            {
                value = Interval.Entire;
            }

            return (LikelihoodChange.At(value, Interval.Entire, unit).Likelihood, value.Lower);
        }

        /// <summary>How far the likelihood of this theta rises above that at x0, and falls below it, over a part of the ball, at most and in units of exp(unit).</summary>
        public (double Rise, double Fall) Over(Box x)
        {
            var at = LikelihoodChange.At(value, Change(x), unit);
            return (at.Rise, at.Fall);
        }

        /// <summary>The term of the divergence at this theta over a part of the ball, at most and in units of exp(unit).</summary>
        public double TermOver(Box x) => LikelihoodDivergence.Term(value, Change(x), unit);

        private Interval Change(Box x)
        {
            var part = new Box([.. x.Lower, .. theta], [.. x.Upper, .. theta]);
            return double.IsFinite(bounds.UpperBound(part)) && double.IsFinite(value.Lower) && double.IsFinite(value.Upper) ? bounds.Range(problem.Objective)[0] - value : Interval.Entire;
        }
    }
}
