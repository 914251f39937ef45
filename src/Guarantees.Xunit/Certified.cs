using Guarantees.Formats.Spec;

namespace Guarantees.Xunit;

/// <summary>Where assertions about trained estimators begin.</summary>
/// <example><code>
/// await Certified.That("posterior.onnx", "{ name: diagonal-gaussian, mean: mean, log-standard-deviation: log_sd }")
///     .IsRobust(Inputs.Around([0.1, 0.2], radius: 0.01), Metric.Wasserstein2, atMost: 0.02);
/// </code></example>
public static class Certified
{
    /// <summary>A model whose outputs are read as a family of distributions.</summary>
    /// <param name="model">The ONNX file; a relative path is taken from the folder of the test assembly.</param>
    /// <param name="family">How the outputs are read, as under <c>family:</c> in a spec; by default as a plain vector.</param>
    /// <param name="options">Budget, certificates, what an undecided claim means.</param>
    /// <exception cref="FormatException">The model or the family is malformed, or they do not fit; one line.</exception>
    /// <exception cref="IOException">The model is missing or cannot be read.</exception>
    public static CertifiedModel That(string model, string family = "{ name: vector }", CertifiedOptions? options = null) =>
        new(model, FamilyDescription.Parse(family), options ?? new CertifiedOptions());

    /// <summary>The claims of a spec, one row each: <c>[Theory, MemberData(nameof(Claims))]</c> with <c>public static IEnumerable&lt;object[]&gt; Claims =&gt; Certified.Spec("guarantees.yaml");</c>.</summary>
    /// <param name="file">The spec; a relative path is taken from the folder of the test assembly.</param>
    /// <param name="options">Budget, certificates, what an undecided claim means.</param>
    /// <exception cref="FormatException">The spec is malformed; one line with file, line and column.</exception>
    /// <exception cref="IOException">The spec, or a table that it names, is missing or cannot be read.</exception>
    public static IEnumerable<object[]> Spec(string file, CertifiedOptions? options = null)
    {
        var spec = SpecFile.Read(CertifiedOptions.Resolve(file));
        return [.. Enumerable.Range(0, spec.Claims.Length).Select(i => new object[] { new CertifiedClaim(file, i, spec.Claims[i].Claim, options ?? new CertifiedOptions()) })];
    }
}
