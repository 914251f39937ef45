using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Spec;
using Guarantees.Statistics;
using Xunit;

namespace Guarantees.Tests.Claims;

/// <summary>Claims without a model: what follows from radius, noise and counts, and what a checker refuses.</summary>
/// <remarks>Mutants planted and found: the least radius of the ball for the largest; a probability raised from its lower bound; draws that refute; a checker that does not compare the attained end.</remarks>
public class BlackBoxLaws
{
    private const double Noise = 0.5;
    private static readonly FamilyDescription Family = FamilyDescription.Parse(JsonDocument.Parse("""{ "name": "black-box", "noise": 0.5, "parameters": 2 }""").RootElement);
    private static readonly byte[] Table = Encoding.UTF8.GetBytes("theta_0,theta_1\n" + string.Concat(Enumerable.Range(0, 200).Select(i => i < 150 ? "0,1\n" : "0,-1\n")));

    private static readonly Claim Ball = new() { Kind = ClaimKind.Robustness, Metric = Metric.TotalVariation, Norm = Norm.L2, Observation = [1, 2, 3], Radius = [0.3, 0.3, 0.3] };

    private static Claim Event => Ball with { Kind = ClaimKind.EventProbability, Metric = default, Parameter = 1, EventLower = 0, EventUpper = double.PositiveInfinity } is var claim
        ? claim with { Draws = DrawCounter.Inside(claim, 2, Table, "draws.csv", 0.95) } : throw new InvalidOperationException();

    [Fact]
    public void The_radius_is_the_largest_Euclidean_distance_in_the_ball()
    {
        void Is(double radius, Claim claim)
        {
            Assert.InRange(BlackBox.Enclosure(claim, Noise).Upper, RandomizedSmoothing.TotalVariation(radius * (1 - 1e-14), Noise), RandomizedSmoothing.TotalVariation(radius * (1 + 1e-14), Noise));
            Assert.Equal(0, BlackBox.Enclosure(claim, Noise).Lower);
        }

        Is(0.3, Ball);
        Is(0.3, Ball with { Norm = Norm.L1 });
        Is(0.3 * Math.Sqrt(3), Ball with { Norm = Norm.Linf });
        Is(0.7, Ball with { Radius = [0.3, 0.7, 0] });
        Is(0.7, Ball with { Radius = [0.3, 0.7, 0], Norm = Norm.L1 });
        Is(Math.Sqrt(0.58), Ball with { Radius = [0.3, 0.7, 0], Norm = Norm.Linf });
        Assert.Equal(RandomizedSmoothing.KullbackLeibler(0.3, Noise), BlackBox.Enclosure(Ball with { Metric = Metric.Kl }, Noise).Upper);
        Assert.Equal(RandomizedSmoothing.Hellinger(0.3, Noise), BlackBox.Enclosure(Ball with { Metric = Metric.Hellinger }, Noise).Upper);
    }

    [Fact]
    public void Events_go_from_what_draws_say_of_the_observation_to_the_bound_over_the_ball()
    {
        var at = ClopperPearson.Bounds(150, 200, 0.95);
        Assert.Equal((150, 200), (Event.Draws!.Hits, Event.Draws.Draws));
        var (largest, smallest) = (BlackBox.Enclosure(Event, Noise), BlackBox.Enclosure(Event with { AtLeast = 0.5 }, Noise));
        Assert.Equal((at.Lower, RandomizedSmoothing.Raised(at.Upper, 0.3, Noise)), (largest.Lower, largest.Upper));
        Assert.Equal((RandomizedSmoothing.Lowered(at.Lower, 0.3, Noise), at.Upper), (smallest.Lower, smallest.Upper));
        Assert.Equal(50, DrawCounter.Inside(Event with { EventLower = double.NegativeInfinity, EventUpper = -1 }, 2, Table, "d", 0.9).Hits); // closed ends
        Assert.Equal(200, DrawCounter.Inside(Event with { Parameter = 0, EventLower = 0, EventUpper = 1 }, 2, Table, "d", 0.9).Hits);
    }

    /// <remarks>x + d of floating-point numbers keeps bits of x below the grid of d: a q that reads them has total variation 1.</remarks>
    [Fact]
    public void The_noise_is_said_to_be_real()
    {
        Assert.All([Ball, Event], claim => Assert.Contains("d ~ N(0, s² I) in real arithmetic", BlackBox.Text(claim, Noise), StringComparison.Ordinal));
        Assert.Contains("reads bits below it", BlackBox.Basis(Ball), StringComparison.Ordinal);
    }

    /// <remarks>Exactly, over the decimals whose double is the confidence: the largest of them is half a unit above it, and its risk no less than the one used.</remarks>
    [Fact]
    public void The_risk_is_not_above_that_of_any_confidence_that_is_read_as_the_same_number()
    {
        foreach (var confidence in new[] { 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999999, Math.BitDecrement(1.0), 0.7, 2.0 / 3 })
        {
            // In units of 2^-54, in which all of these are whole numbers.
            var unit = Math.ScaleB(1, 54);
            var (one, stated) = ((System.Numerics.BigInteger)unit, (System.Numerics.BigInteger)(confidence * unit));
            var risk = Confidence.Risk(confidence);
            Assert.True(risk > 0);
            Assert.True(risk * unit <= (double)(one - stated - 1), $"{confidence:R}");
            Assert.True(risk >= (1 - confidence) * (1 - 1e-9) || confidence > 0.99999, $"{confidence:R}");
        }
    }

    [Fact]
    public void Printed_bounds_are_rounded_outward()
    {
        var random = new Random(3);
        for (var i = 0; i < 2000; i++)
        {
            var value = random.NextDouble() * Math.Pow(10, random.Next(-9, 3));
            Assert.InRange(double.Parse(OutwardText.Down(value, 4), System.Globalization.CultureInfo.InvariantCulture), value * (1 - 1e-3), value);
            Assert.InRange(double.Parse(OutwardText.Up(value, 4), System.Globalization.CultureInfo.InvariantCulture), value, value * (1 + 1e-3));
            if (i % 50 > 0)
            {
                continue;
            }

            var draws = Event.Draws! with { Hits = random.Next(201) };
            var basis = BlackBox.Basis(Event with { Draws = draws });
            var ends = basis[(basis.IndexOf('[', StringComparison.Ordinal) + 1)..basis.IndexOf(']', StringComparison.Ordinal)].Split(", ").Select(end => double.Parse(end, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.True(ends[0] <= draws.Bounds.Lower && ends[1] >= draws.Bounds.Upper, basis);
        }

        Assert.Equal("0.5", OutwardText.Down(0.5, 4));
        Assert.Equal("0.97", DrawCount.Together([0.99, 0.99, 0.99]));
        Assert.Equal("0", DrawCount.Together([0.5, 0.6, 0.8]));
    }

    [Fact]
    public void Draws_refute_nothing()
    {
        var claim = Event with { AtMost = 0.2 };
        var enclosure = BlackBox.Enclosure(claim, Noise);
        Assert.True(enclosure.Lower > 0.2);
        var (verdict, reason) = BlackBox.Decide(claim, enclosure.Lower, enclosure.Upper);
        Assert.Equal(Verdict.Undecided, verdict);
        Assert.Contains("draws refute nothing", reason, StringComparison.Ordinal);
        Assert.Equal(Verdict.Undecided, BlackBox.Decide(Event with { AtLeast = 0.99 }, 0.5, 0.8).Verdict);
        Assert.Equal(Verdict.Proved, BlackBox.Decide(Event with { AtLeast = 0.5 }, 0.5, 0.8).Verdict);
        Assert.Equal(Verdict.Undecided, BlackBox.Decide(Ball with { AtMost = -1 }, 0, 0.3).Verdict);
    }

    [Fact]
    public void Honest_certificates_pass_and_forged_ones_do_not()
    {
        foreach (var claim in new[] { Ball, Ball with { AtMost = 0.3 }, Ball with { Metric = Metric.Kl }, Ball with { Metric = Metric.Hellinger, Norm = Norm.Linf }, Event, Event with { AtLeast = 0.4 }, Event with { AtMost = 0.5 } })
        {
            var honest = CertificateFile.Read(CertificateFile.ToBytes(Certify(claim)), "c");
            Assert.Equal(claim.Draws, honest.Claim.Draws);
            Assert.Equal("", Check(honest));
            Assert.Equal(claim.Draws is null ? "draws are given, the certificate counts none" : "", Check(honest, Table));
            foreach (var forged in new[]
            {
                honest with { Upper = Math.BitDecrement(honest.Upper) }, honest with { Lower = Math.BitIncrement(honest.Lower) }, honest with { Text = honest.Text + " " }, honest with { ExactMetric = !honest.ExactMetric },
                honest with { Verdict = honest.Verdict == Verdict.Proved ? Verdict.Undecided : Verdict.Proved }, honest with { Verdict = Verdict.Refuted }, honest with { Witness = [1, 2, 3] }, honest with { TotalVariation = 0.1 },
                honest with { RestrictedTotalVariation = 0.1 }, honest with { Float32 = honest.Upper }, honest with { ModelSha256 = new string('0', 64) }, honest with { Semantics = "float32" }, honest with { Evidence = new EvidenceTree([1, 0, 0]) },
                honest with { Claim = claim with { Radius = [0.31, 0.31, 0.31] } }, honest with { Claim = claim with { Norm = claim.Norm == Norm.Linf ? Norm.L2 : Norm.Linf } }, honest with { Claim = claim with { Norm = Norm.L0, Entries = 1 } },
                honest with { Family = FamilyDescription.Parse(JsonDocument.Parse("""{ "name": "black-box", "noise": 0.4, "parameters": 2 }""").RootElement) }, honest with { Claim = claim with { Kind = ClaimKind.Lipschitz } },
                honest with { Claim = claim with { Draws = claim.Draws is { } draws ? draws with { Hits = 151 } : Event.Draws } }, honest with { Claim = claim with { MassOutside = 0.1 } },
                honest with { Claim = claim with { NoiseBox = 4 } }, honest with { Claim = claim with { NoiseBox = 4, IsTruncated = true } }, honest with { Claim = claim with { IsTruncated = true } }, honest with { Claim = claim with { ReferenceFamily = Family } },
                honest with { Claim = claim with { ReferenceModel = "m.onnx" } }, honest with { Claim = claim with { ReferenceSha256 = new string('0', 64) } }, honest with { Claim = claim with { Reference = "gaussian-linear" } },
                honest with { Claim = claim with { DomainLower = [2, 0, 0], DomainUpper = [9, 9, 9] } },
            })
            {
                Assert.NotEqual("", Check(forged));
            }
        }

        // A draw of fewer parameters, or of more than the table has.
        foreach (var (parameters, named) in new[] { (1, "there is no parameter theta_1"), (3, "a draw has 2 numbers, expected 3") })
        {
            Assert.Contains(named, Check(Certify(Event) with { Family = FamilyDescription.Parse(JsonDocument.Parse($$"""{ "name": "black-box", "noise": 0.5, "parameters": {{parameters}} }""").RootElement) }, Table), StringComparison.Ordinal);
        }

        // Counts that the draws do not have, with all that would follow from them.
        foreach (var hits in new[] { 149, 151 })
        {
            var other = Certify(Event with { Draws = Event.Draws! with { Hits = hits } });
            Assert.Equal("", Check(other));
            Assert.Contains("150 of 200 draws are counted", Check(other, Table), StringComparison.Ordinal);
        }

        Assert.Contains("SHA-256", Check(Certify(Event), Table[..^3]), StringComparison.Ordinal);
    }

    [Fact]
    public void What_needs_a_model_is_refused_in_one_line()
    {
        foreach (var (claim, noise, named) in new[]
        {
            (Ball with { Metric = Metric.Wasserstein2 }, Noise, "with the metric wasserstein2"), (Ball with { Kind = ClaimKind.Functional }, Noise, "not of kind functional"), (Ball with { Norm = Norm.L0, Entries = 1 }, Noise, "l1, l2 or linf"),
            (Ball with { Radius = [], Observation = [], DomainLower = [0], DomainUpper = [1] }, Noise, "needs an observation"), (Ball, 0, "standard deviation from"), (Ball, double.NaN, "standard deviation from"), (Event with { Draws = null }, Noise, "'samples' or 'draws'"),
            (Ball with { Draws = Event.Draws }, Noise, "only event probabilities"), (Event with { Parameter = -1 }, Noise, "parameter from 0"), (Event with { EventLower = double.NegativeInfinity }, Noise, "at least one of them finite"),
            (Ball with { Radius = [double.NaN, 0, 0] }, Noise, "radius must be"), (Ball with { Radius = [1e101, 0, 0] }, Noise, "at most 1e100"), (Ball with { AtMost = double.NaN }, Noise, "must be a number"), (Ball with { AtLeast = 0.1 }, Noise, "'At least'"),
            (Event with { Draws = Event.Draws! with { Confidence = 1 } }, Noise, "confidence lies"), (Event with { Draws = Event.Draws! with { Draws = 0 } }, Noise, "draws"),
        })
        {
            Assert.Contains(named, Assert.Throws<ArgumentException>(() => BlackBox.Enclosure(claim, noise)).Message, StringComparison.Ordinal);
        }
    }

    private static Certificate Certify(Claim claim)
    {
        var enclosure = BlackBox.Enclosure(claim, Noise);
        return new Certificate
        {
            Claim = claim,
            Text = BlackBox.Text(claim, Noise),
            ModelName = BlackBox.Word,
            ModelSha256 = Convert.ToHexStringLower(SHA256.HashData([])),
            Family = Family,
            Verdict = BlackBox.Decide(claim, enclosure.Lower, enclosure.Upper).Verdict,
            Lower = enclosure.Lower,
            Upper = enclosure.Upper,
            ExactMetric = BlackBox.IsExact(claim),
            Evidence = new EvidenceTree([0]),
        };
    }

    private static string Check(Certificate certificate, byte[]? table = null) => CertificateChecker.Check(certificate, ReadOnlyMemory<byte>.Empty, draws: table is null ? null : (ReadOnlyMemory<byte>?)table).Reason;
}
