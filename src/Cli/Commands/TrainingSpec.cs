using System.Globalization;
using System.Text;
using System.Text.Json;
using Estimators.Simulators;
using Estimators.Training;

namespace Cli.Commands;

/// <summary>The spec beside a trained model: how far does the posterior of each observation move when every datum moves by a share of its standard deviation?</summary>
/// <param name="path">Where it is written; the other two are named relative to its folder.</param>
/// <param name="model">The model.</param>
/// <param name="observations">The table of observations.</param>
internal sealed class TrainingSpec(string path, string model, string observations)
{
    /// <summary>A density is asked about a fiftieth of the radius: it changes by far more than a distance of posteriors.</summary>
    private const double OfDensity = 0.02;

    /// <summary>Simulated pairs with the nearest data, whose parameters a density's box holds.</summary>
    private const int Nearest = 50;

    /// <summary>The text.</summary>
    public string Of(AmortizedNetwork network, PosteriorTraining training, IPairSource pairs, double[][] rows)
    {
        var family = JsonDocument.Parse(network.FamilyText).RootElement.GetProperty("name").GetString();
        var (scale, share) = (network.DataScale(), training.Method.Radius * (family == "log-density" ? OfDensity : 1));
        var radius = Numbers(scale.Select(one => share * one));
        var text = new StringBuilder($"""
            # How far does the posterior move when every datum moves by at most {(100 * share).ToString("G3", CultureInfo.InvariantCulture)} % of its standard deviation?
            estimator:
              model: {Name(model)}
              family: {network.FamilyText}
            claims:

            """);
        if (family != "log-density")
        {
            return text.Append(Claim($"0-{rows.Length - 1}", radius, family == "sampler" ? "wasserstein2\n      noise-box: 7" : "wasserstein2")).ToString();
        }

        for (var row = 0; row < rows.Length; row++)
        {
            var (lower, upper) = Box(pairs, training.Simulations, rows[row], scale);
            text.Append(Claim(row.ToString(CultureInfo.InvariantCulture), radius, $"log-density\n      parameters: {{ lower: {Numbers(lower)}, upper: {Numbers(upper)} }}"));
        }

        return text.ToString();
    }

    private string Claim(string rows, string radius, string metric) => $"""
          - robustness:
              observations: {Name(observations)}
              rows: {rows}
              norm: linf
              radius: {radius}
              metric: {metric}

        """;

    /// <summary>The smallest box with the parameters of the pairs whose data are nearest to x, in units of standard deviations.</summary>
    private static (double[] Lower, double[] Upper) Box(IPairSource pairs, int count, double[] x, double[] scale)
    {
        var nearest = pairs.First(count)
            .SelectMany(block => Enumerable.Range(0, block.Count).Select(row => (Theta: block.Theta(row).ToArray(), Apart: Apart(block.X(row)))))
            .OrderBy(pair => pair.Apart).Take(Nearest).ToArray();
        return ([.. Enumerable.Range(0, pairs.ParameterCount).Select(i => nearest.Min(pair => pair.Theta[i]))], [.. Enumerable.Range(0, pairs.ParameterCount).Select(i => nearest.Max(pair => pair.Theta[i]))]);

        double Apart(ReadOnlySpan<double> data)
        {
            var sum = 0.0;
            for (var j = 0; j < data.Length; j++)
            {
                sum += (data[j] - x[j]) * (data[j] - x[j]) / (scale[j] * scale[j]);
            }

            return sum;
        }
    }

    private static string Numbers(IEnumerable<double> values) => $"[{string.Join(", ", values.Select(value => value.ToString("G6", CultureInfo.InvariantCulture)))}]";

    private string Name(string file) => JsonSerializer.Serialize(Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFullPath(file)));
}
