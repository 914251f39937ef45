using Xunit;
using Xunit.Sdk;

namespace Guarantees.Xunit.Tests;

/// <summary>A spec as a theory: one test for each claim.</summary>
public sealed class CertifiedClaimTests
{
    private const string Estimator = "estimator: { model: linear.onnx, family: { name: diagonal-gaussian, mean: mean, log-standard-deviation: log_sd } }\n";

    public static IEnumerable<object[]> Claims => Certified.Spec("guarantees.yaml", new CertifiedOptions { Folder = "from-member-data" });

    [Theory]
    [CertifiedSpec("guarantees.yaml")]
    public async Task Every_claim_of_the_spec_holds(CertifiedClaim claim)
    {
        var answer = await claim.Holds();
        Assert.True(File.Exists(answer.CertificateFile));
    }

    [Theory]
    [MemberData(nameof(Claims))]
    public async Task Options_reach_the_claim_through_the_runner(CertifiedClaim claim) =>
        Assert.Contains("from-member-data", (await claim.Holds()).CertificateFile, StringComparison.Ordinal);

    [Fact]
    public async Task A_claim_survives_serialization_whole()
    {
        var options = new CertifiedOptions { MostParts = 3, Seed = 4, UndecidedPasses = true, Folder = "serialized" };
        var claim = (CertifiedClaim)Certified.Spec("guarantees.yaml", options).ElementAt(1)[0];
        var text = SerializationHelper.Serialize(claim);
        var back = SerializationHelper.Deserialize<CertifiedClaim>(text);
        Assert.Equal(text, SerializationHelper.Serialize(back));
        Assert.Equal((await claim.Holds()).CertificateFile, (await back.Holds()).CertificateFile);
        Assert.Equal((claim.ToString(), claim.Options), (back.ToString(), back.Options));
    }

    [Fact]
    public void There_is_a_row_for_each_claim_and_observation()
    {
        var method = typeof(CertifiedClaimTests).GetMethod(nameof(Every_claim_of_the_spec_holds))!;
        Assert.Equal(
            ["guarantees.yaml claim 1: robustness row 0", "guarantees.yaml claim 2: robustness row 1", "guarantees.yaml claim 3: functional", "guarantees.yaml claim 4: functional", "guarantees.yaml claim 5: functional"],
            new CertifiedSpecAttribute("guarantees.yaml").GetData(method).Select(row => $"{Assert.Single(row)}"));
    }

    [Fact]
    public async Task A_claim_that_does_not_hold_fails_and_the_others_do_not()
    {
        var rows = Rows("two.yaml", Estimator + "domain: { lower: [-1, -1], upper: [1, 1] }\nclaims:\n  - lipschitz: { metric: wasserstein2, norm: l2, at-most: 0.51 }\n  - lipschitz: { metric: wasserstein2, norm: l2, at-most: 0.49 }\n");
        await rows[0].Holds();
        var failure = await Assert.ThrowsAsync<CertificationException>(rows[1].Holds);
        Assert.Contains("claimed:     at most 0.49", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("claim-002-lipschitz.json", failure.Message, StringComparison.Ordinal);
        Assert.Equal("two.yaml", Guarantees.Certificates.CertificateFile.Read(failure.Answer.CertificateFile).SpecName);
    }

    [Fact]
    public async Task A_claim_that_compares_with_another_model_finds_it_beside_the_spec()
    {
        var spec = Estimator + "domain: { lower: [-1, -1], upper: [1, 1] }\nclaims:\n  - approximation: { reference: { network: { model: shifted.onnx, family: { name: diagonal-gaussian, mean: mean, log-standard-deviation: log_sd } } }, metric: wasserstein2, at-most: 0.2501 }\n";
        await Assert.Single(Rows("compared.yaml", spec)).Holds();
        await Assert.ThrowsAsync<CertificationException>(Assert.Single(Rows("compared-closer.yaml", spec.Replace("0.2501", "0.2499", StringComparison.Ordinal))).Holds);
    }

    [Theory]
    [InlineData("  - robustness: { observations: observed.csv, rows: 0, norm: linf, radius: { up-to: 0.1 }, metric: wasserstein2, at-most: 0.01 }", "a largest radius is answered by 'certify run'")]
    [InlineData("  - robustness: { observations: wide.csv, norm: linf, radius: 0.1, metric: wasserstein2, at-most: 0.01 }", "unanswerable.yaml:3:5: ")]
    public async Task What_cannot_be_answered_is_told_with_its_place(string claim, string expected)
    {
        File.WriteAllText(Models.PathOf("wide.csv"), "x_0,x_1,x_2\n1,2,3\n");
        var failure = await Assert.ThrowsAnyAsync<FormatException>(Assert.Single(Rows("unanswerable.yaml", Estimator + "claims:\n" + claim + "\n")).Holds);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void A_malformed_spec_is_told_with_its_place()
    {
        var failure = Assert.ThrowsAny<FormatException>(() => Rows("wrong.yaml", Estimator + "claims:\n  - robust: {}\n"));
        Assert.Contains("wrong.yaml:3:5: there is no claim 'robust'", failure.Message, StringComparison.Ordinal);
    }

    private static CertifiedClaim[] Rows(string name, string text)
    {
        File.WriteAllText(Models.PathOf(name), text);
        return [.. Certified.Spec(name).Select(row => (CertifiedClaim)row[0])];
    }
}
