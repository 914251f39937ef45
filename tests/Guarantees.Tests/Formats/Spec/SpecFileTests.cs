using System.Runtime.CompilerServices;
using FsCheck.Xunit;
using Guarantees.Claims;
using Guarantees.Formats.Spec;
using Guarantees.Formats;
using Xunit;

namespace Guarantees.Tests.Formats.Spec;

public class SpecFileTests
{
    private const string Estimator = "estimator: { model: m.onnx, family: { name: gaussian, mean: mean, cholesky: { matrix: L } } }\n";

    public static TheoryData<string> Cases => [.. Directory.GetFiles(Folder(), "*.yaml").Select(path => Path.GetFileName(path)!).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_malformed_spec_is_refused_with_one_line_that_names_the_place(string name)
    {
        var expected = File.ReadAllText(Path.ChangeExtension(Path.Combine(Folder(), name), "expect")).TrimEnd();

        var error = Assert.Throws<SpecFormatException>(() => SpecFile.Read(Path.Combine(Folder(), name)));

        var message = error.Message.Replace(Folder() + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        Assert.StartsWith(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.True(message == expected || name == "not-yaml.yaml", message);
    }

    [Fact]
    public void A_claim_over_rows_becomes_one_claim_for_each()
    {
        var spec = Read("""
            claims:
              - robustness: { observations: observed.csv, rows: [2, 0-1, 1], norm: linf, radius: [0.1, 0.2], metric: wasserstein2, at-most: 0.5 }
              - lipschitz: { norm: l2, metric: wasserstein2, domain: { lower: [-1, -1], upper: [1, 1] } }
            """);

        Assert.Equal([2, 0, 1, -1], spec.Claims.Select(claim => claim.Claim.ObservationRow));
        var first = spec.Claims[0].Claim;
        Assert.Equal((ClaimKind.Robustness, Metric.Wasserstein2, Norm.Linf, 0.5), (first.Kind, first.Metric, first.Norm, first.AtMost));
        Assert.Equal([5.0, 6.0], first.Observation.AsEnumerable());
        Assert.Equal([0.1, 0.2], first.Radius.AsEnumerable());
        Assert.Empty(first.DomainLower);
        Assert.Equal([1.0, 1.0], spec.Claims[3].Claim.DomainUpper.AsEnumerable());
        Assert.EndsWith("spec.yaml:3:5: ", spec.Claims[0].Where, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_claim_has_its_keys()
    {
        var spec = Read("""
            domain: { lower: [-1, -2], upper: [1, 2] }
            claims:
              - robustness: { observations: observed.csv, rows: 0, norm: linf, radius: 3, metric: log-density, parameters: { lower: [0, 0], upper: [1, 1] } }
              - approximation: { reference: gaussian-linear, metric: kl, at-most: 1e-3 }
              - event-probability: { parameter: 1, event: { lower: 0 }, at-least: 0.25 }
              - event-probability: { observations: observed.csv, rows: 1, norm: l1, radius: 0, parameter: 0, event: { lower: -.inf, upper: 2 } }
              - credible-interval: { observations: observed.csv, rows: 1, norm: l2, radius: 1, parameter: 1, level: 0.95 }
            """).Claims.Select(claim => claim.Claim).ToArray();

        Assert.Equal([1.0, 1.0], spec[0].ParameterUpper.AsEnumerable());
        Assert.Equal([-1.0, -2.0], spec[0].DomainLower.AsEnumerable());
        Assert.Equal(("gaussian-linear", Metric.Kl, 1e-3), (spec[1].Reference, spec[1].Metric, spec[1].AtMost));
        Assert.Equal((1, 0.0, double.PositiveInfinity, 0.25), (spec[2].Parameter, spec[2].EventLower, spec[2].EventUpper, spec[2].AtLeast));
        Assert.Empty(spec[2].Radius);
        Assert.Equal((double.NegativeInfinity, 2.0, Norm.L1), (spec[3].EventLower, spec[3].EventUpper, spec[3].Norm));
        Assert.Equal([0.0, 0.0], spec[3].Radius.AsEnumerable());
        Assert.Equal((0.95, 1), (spec[4].Level, spec[4].Parameter));
    }

    [Fact]
    public void A_missing_table_is_a_missing_file() =>
        Assert.Throws<FileNotFoundException>(() => Read("claims: [ { robustness: { observations: nowhere.csv, norm: l2, radius: 1, metric: kl } } ]"));

    [Property(MaxTest = 500)]
    public bool Any_text_is_read_or_refused(string text) => ReadsOrRefuses(text ?? "");

    [Property(MaxTest = 2000)]
    public bool Any_edit_of_a_spec_is_read_or_refused(int at, int length, string insert)
    {
        var text = Estimator + """
            domain: { lower: [-1, -2], upper: [1, 2] }
            claims:
              - robustness:
                  observations: observed.csv
                  rows: [0, 1-2]
                  norm: "linf"
                  radius: [0.1, 2e-1]
                  metric: wasserstein2
              - event-probability: { parameter: 1, event: { lower: -.inf, upper: 3 } }
            """;
        var start = (int)((uint)at % text.Length);
        var count = Math.Min((int)((uint)length % 12), text.Length - start);
        return ReadsOrRefuses(text.Remove(start, count).Insert(start, insert ?? ""));
    }

    private static bool ReadsOrRefuses(string text)
    {
        try
        {
            SpecFile.Read(new StringReader(text), Path.Combine(Folder(), "spec.yaml"));
            return true;
        }
        catch (SpecFormatException error)
        {
            return !error.Message.Contains('\n', StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // An edited path names no file.
            return true;
        }
    }

    private static Guarantees.Formats.Spec.Spec Read(string claims) => SpecFile.Read(new StringReader(Estimator + claims), Path.Combine(Folder(), "spec.yaml"));

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "cases");
}
