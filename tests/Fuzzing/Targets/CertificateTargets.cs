using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats;

namespace Fuzzing;

/// <summary>Certificates of claims, read and checked against a small model. Most mutants carry a digest made anew, as a forger's would.</summary>
internal sealed class CertificateTarget : Target
{
    private const string File = "input.json";

    private static readonly Lazy<ImmutableArray<Certificate>> Honest = new(() => Workshop.Certificates);

    private static readonly string[] Words =
    [
        "\"", "{", "}", "[", "]", ",", ": ", "null", "true", "false", "\"digest\"", "\"upper\"", "\"lower\"", "\"witness\"", "\"evidence\"", "\"tree\"", "\"claim\"", "\"radius\"", "\"norm\"", "l1", "linf", "lipschitz", "robustness", "kl",
        "log-density", "\"totalVariation\"", "\"massOutside\"", "\"draws\"", "\"hits\"", "black-box", "\"noise\"", "\"densityAtLeast\"", "proved", "refuted", "undecided", "gaussian-mixture", "vector", "\"name\"", "mean", "scale", "\\u0000", "\\ud800", "1e400", "-1", "guarantees-certificate/1", "guarantees-certificate/2",
    ];

    public override string Name => "certificate";

    protected override IEnumerable<byte[]> Seeds => Honest.Value.Select(CertificateFile.ToBytes);

    protected override IEnumerable<Func<byte[]>> Hostile =>
    [
        () => Text(new string('[', 1_000_000)),
        () => Text("{\"format\": \"guarantees-certificate/1\", \"family\": " + string.Concat(Enumerable.Repeat("{\"a\": ", 500_000))),
        () => Text("{" + string.Concat(Enumerable.Range(0, 300_000).Select(i => $"\"k{i}\": 1,")) + "\"z\": 1}"),
        () => Text("{" + string.Concat(Enumerable.Repeat("\"k\": 1,", 300_000)) + "\"z\": 1}"),
        () => With(tree => Evidence.Spine(9_000, left: true)),
        () => With(tree => Evidence.Spine(9_000, left: false)),
        () => With(tree => Evidence.Spine(9_000, left: true), upper: 1e9),
        () => With(tree => Evidence.Spine(9_000, left: true), upper: -1),
        () => With(tree => Evidence.Spine(9_000, left: false), upper: -1),
        () => With(tree => Evidence.Spine(9_000, left: false), upper: 1e9),
        () => With(tree => Evidence.Spine(1_000_000, left: true)),
        () => With(tree => Evidence.Spine(1_000_000, left: false)),
        () => With(tree => Evidence.Spine(9_000_000, left: true)),
        () => With(tree => Evidence.Spine(9_000_000, left: false), upper: 1e9),
        () => Bomb(1 << 30),
        () => CertificateFile.ToBytes(Honest.Value[0] with { Witness = [.. new double[1_000_000]] }),
        () => CertificateFile.ToBytes(Honest.Value[0] with { Claim = Honest.Value[0].Claim with { Radius = [.. Enumerable.Repeat(0.1, 1_000_000)], Observation = [.. new double[1_000_000]] } }),
        () => CertificateFile.ToBytes(Honest.Value[2] with { Claim = Honest.Value[2].Claim with { DomainLower = [.. new double[1_000_000]], DomainUpper = [.. Enumerable.Repeat(1.0, 1_000_000)] } }),
        () => CertificateFile.ToBytes(Honest.Value[0] with { Text = new string('x', 10_000_000) }),
    ];

    public override bool Run(byte[] input)
    {
        Certificate certificate;
        try
        {
            certificate = CertificateFile.Read(input, File);
        }
        catch (ModelFormatException error)
        {
            return Refused(error, File);
        }

        var report = CertificateChecker.Check(certificate, Workshop.Model);
        FindingException.Unless(report.Accepted == (report.Reason.Length == 0) && !report.Reason.Any(char.IsControl), $"no reason in one line: {report.Reason}");
        return report.Accepted;
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent) => mutator.Random.Next(10) switch
    {
        0 => mutator.Bytes(parent),
        < 4 => Sealed(mutator.Text(parent, Words)),
        < 6 => Sealed(mutator.Bytes(parent)),
        _ => CertificateFile.ToBytes(Changed(mutator, mutator.Pick(Honest.Value))),
    };

    /// <summary>The text with the digest that fits it, where it has a place for one.</summary>
    public static byte[] Sealed(byte[] bytes)
    {
        var place = bytes.AsSpan().LastIndexOf(",\n  \"digest\": \""u8);
        if (place < 0)
        {
            return bytes;
        }

        byte[] whole = [.. bytes.AsSpan(0, place), .. "\n}\n"u8];
        return [.. bytes.AsSpan(0, place), .. ",\n  \"digest\": \""u8, .. Encoding.UTF8.GetBytes(Workshop.Sha256Of(whole)), .. "\"\n}\n"u8];
    }

    private static Certificate Changed(Mutator mutator, Certificate certificate)
    {
        for (var steps = 1 << mutator.Random.Next(2); steps > 0; steps--)
        {
            var claim = certificate.Claim;
            certificate = mutator.Random.Next(15) switch
            {
                14 => certificate with { Text = certificate.Text + mutator.Pick<string>(["\n", "\u001b[2K", "\u2028", "."]), Semantics = mutator.Pick<string>(["real", "re\ral"]), ModelName = "m\n" },
                0 => certificate with { Lower = mutator.Double(certificate.Lower) },
                1 => certificate with { Upper = mutator.Double(certificate.Upper) },
                2 => certificate with { Witness = Changed(mutator, certificate.Witness) },
                3 => certificate with { Claim = claim with { Radius = Changed(mutator, claim.Radius) } },
                4 => certificate with { Claim = claim with { Observation = Changed(mutator, claim.Observation) } },
                5 => certificate with { Claim = claim with { DomainLower = Changed(mutator, claim.DomainLower) } },
                6 => certificate with { Claim = claim with { Norm = mutator.Pick(Enum.GetValues<Norm>()), Metric = mutator.Chance(0.5) ? mutator.Pick(Enum.GetValues<Metric>()) : claim.Metric } },
                7 => certificate with { Claim = claim with { Kind = mutator.Pick(Enum.GetValues<ClaimKind>()) } },
                8 => certificate with { Claim = claim with { AtMost = mutator.Double(claim.AtMost ?? 1), AtLeast = mutator.Chance(0.5) ? claim.AtLeast : mutator.Double(0.5) } },
                9 => certificate with { Claim = claim with { Parameter = mutator.Random.Next(-1, 4), Level = mutator.Double(0.5), EventLower = mutator.Double(0) } },
                10 => certificate with { Claim = claim with { ParameterLower = Changed(mutator, [0, 0]), ParameterUpper = Changed(mutator, [1, 1]) } },
                11 => certificate with { Verdict = mutator.Pick(Enum.GetValues<Verdict>()) },
                _ => certificate with { Evidence = new EvidenceTree(Evidence.Changed(mutator, certificate.Evidence.Codes.ToArray())) },
            };
        }

        return certificate with
        {
            // The writer has no form for these.
            Claim = certificate.Claim with { Radius = Finite(certificate.Claim.Radius), Observation = Finite(certificate.Claim.Observation), DomainLower = Finite(certificate.Claim.DomainLower), Level = Finite([certificate.Claim.Level])[0], ParameterLower = Finite(certificate.Claim.ParameterLower), ParameterUpper = Finite(certificate.Claim.ParameterUpper) },
            Witness = Finite(certificate.Witness),
        };
    }

    private static ImmutableArray<double> Finite(ImmutableArray<double> numbers) => [.. numbers.Select(number => double.IsFinite(number) ? number : 0.5)];

    private static ImmutableArray<double> Changed(Mutator mutator, ImmutableArray<double> numbers) => mutator.Random.Next(6) switch
    {
        0 => [.. numbers, 1],
        1 => numbers.IsEmpty ? numbers : numbers[1..],
        _ => numbers.IsEmpty ? [1, 1] : numbers.SetItem(mutator.Random.Next(numbers.Length), mutator.Double(mutator.Pick(numbers))),
    };

    private static byte[] With(Func<EvidenceTree, EvidenceTree> change, double? upper = null) =>
        CertificateFile.ToBytes(Honest.Value[0] with { Evidence = change(Honest.Value[0].Evidence), Upper = upper ?? Honest.Value[0].Upper });

    /// <summary>A tree that inflates to as many nodes as asked, in the place of the honest one.</summary>
    private static byte[] Bomb(int nodes)
    {
        var text = Encoding.UTF8.GetString(CertificateFile.ToBytes(Honest.Value[0]));
        return Text(text.Replace(Honest.Value[0].Evidence.Encode(), Evidence.Deflated(1, nodes), StringComparison.Ordinal));
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>Answers to VNN-LIB questions, read and checked against a small model.</summary>
internal sealed class PropertyTarget : Target
{
    private const string File = "input.json";

    private static readonly Lazy<ImmutableArray<PropertyCertificate>> Honest = new(() =>
    [
        .. Workshop.Answers, Workshop.Answers[0] with { SolverLeaves = [new SolverLeaf(1, 0, new string('a', 64), "z3")], Evidence = [new EvidenceTree([0]), new EvidenceTree([0])] },
    ]);

    private static readonly string[] Words =
    [
        "\"", "{", "}", "[", "]", ",", ": ", "null", "\"sat\"", "\"unsat\"", "\"networks\": [{ \"network\": \"g\", \"name\": \"g.onnx\", \"sha256\": \"\" }],", "\"solver-leaves\": [],", "\"witness\": [1, 2]", "\"case\"", "\"entry\"", "99", "-1", "1e999",
        "guarantees-property/1", "guarantees-property/2", "\\ud800", "real", "float32", "\"AA==\"", "\"Y2AAAA==\"",
    ];

    public override string Name => "property";

    protected override IEnumerable<byte[]> Seeds => Honest.Value.Select(certificate => certificate.ToBytes());

    protected override IEnumerable<Func<byte[]>> Hostile =>
    [
        () => Encoding.UTF8.GetBytes("{\"format\": \"guarantees-property/1\"" + new string('[', 1_000_000)),
        () => (Honest.Value[0] with { Evidence = [Evidence.Spine(9_000, left: true), Honest.Value[0].Evidence[1]] }).ToBytes(),
        () => (Honest.Value[0] with { Evidence = [Evidence.Spine(9_000, left: false), Honest.Value[0].Evidence[1]] }).ToBytes(),
        () => (Honest.Value[0] with { Evidence = [Evidence.Spine(1_000_000, left: true), Honest.Value[0].Evidence[1]] }).ToBytes(),
        () => (Honest.Value[0] with { Evidence = [Evidence.Spine(1_000_000, left: false), Honest.Value[0].Evidence[1]] }).ToBytes(),
        () => (Honest.Value[0] with { Evidence = [Evidence.Spine(1_000_000, left: false, code: 3), Honest.Value[0].Evidence[1]] }).ToBytes(),
        () => (Honest.Value[0] with { Evidence = [Evidence.Spine(1_000_000, left: true), Honest.Value[0].Evidence[1]], PropertySha256 = Workshop.Sha256Of(Workshop.Satisfiable) }).ToBytes(),
        () => (Honest.Value[0] with { Evidence = [Evidence.Spine(9_000_000, left: false), Honest.Value[0].Evidence[1]], PropertySha256 = Workshop.Sha256Of(Workshop.Satisfiable) }).ToBytes(),
        () => (Honest.Value[0] with { Evidence = [.. Enumerable.Repeat(new EvidenceTree([0]), 100_000)] }).ToBytes(),
        () => (Honest.Value[1] with { Witness = [.. new double[1_000_000]] }).ToBytes(),
        () => (Honest.Value[2] with { SolverLeaves = [.. Enumerable.Repeat(Honest.Value[2].SolverLeaves[0], PropertyCertificate.MostSolverLeaves)] }).ToBytes(),
        () => (Honest.Value[0] with { Networks = [.. Enumerable.Range(0, 100_000).Select(i => new PropertyModel($"g{i}", "g.onnx", ""))] }).ToBytes(),
    ];

    public override bool Run(byte[] input)
    {
        PropertyCertificate certificate;
        try
        {
            certificate = PropertyCertificate.Read(input, File);
        }
        catch (ModelFormatException error)
        {
            return Refused(error, File);
        }

        var property = certificate.PropertySha256 == Workshop.Sha256Of(Workshop.Satisfiable) ? Workshop.Satisfiable : Encoding.UTF8.GetBytes(Workshop.Property);
        var report = PropertyChecker.Check(certificate, Workshop.Model, property);
        FindingException.Unless(!report.Reason.Any(char.IsControl), $"no reason in one line: {report.Reason}");
        FindingException.Unless(!report.Accepted || certificate.IsUnsatisfiable == !ReferenceEquals(property, Workshop.Satisfiable), "a wrong answer was accepted");
        return report.Accepted;
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent) => mutator.Random.Next(10) switch
    {
        0 => mutator.Bytes(parent),
        < 4 => CertificateTarget.Sealed(mutator.Text(parent, Words)),
        < 5 => CertificateTarget.Sealed(mutator.Bytes(parent)),
        _ => Changed(mutator, mutator.Pick(Honest.Value)).ToBytes(),
    };

    private static PropertyCertificate Changed(Mutator mutator, PropertyCertificate certificate) => mutator.Random.Next(8) switch
    {
        0 => certificate with { IsUnsatisfiable = !certificate.IsUnsatisfiable },
        1 => certificate with { PropertySha256 = Workshop.Sha256Of(Workshop.Satisfiable) },
        2 when !certificate.Witness.IsEmpty => certificate with { Witness = certificate.Witness.SetItem(mutator.Random.Next(certificate.Witness.Length), mutator.Double(0.5) is var x && double.IsFinite(x) ? x : 0) },
        3 => certificate with { Evidence = mutator.Chance(0.5) || certificate.Evidence.IsEmpty ? [.. certificate.Evidence, new EvidenceTree([0])] : certificate.Evidence[1..] },
        4 => certificate with { SolverLeaves = [new SolverLeaf(mutator.Random.Next(-1, 4), mutator.Random.Next(-1, 9), new string('b', 64), "s")] },
        _ => certificate with { Evidence = [.. certificate.Evidence.Select(tree => new EvidenceTree(Evidence.Changed(mutator, tree.Codes.ToArray())))] },
    };
}

/// <summary>Evidence trees made to hurt.</summary>
internal static class Evidence
{
    /// <summary>A tree in which one side of every cut is a leaf.</summary>
    public static EvidenceTree Spine(int depth, bool left, int code = 1)
    {
        var codes = new int[(2 * depth) + 1];
        for (var i = 0; i < depth; i++)
        {
            codes[left ? i : 2 * i] = code + (code == 1 ? i % 2 : 0);
        }

        return new EvidenceTree(codes);
    }

    /// <summary>One byte, inflated to as many.</summary>
    public static string Deflated(byte value, int count)
    {
        using var buffer = new MemoryStream();
        using (var deflate = new DeflateStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            var block = new byte[1 << 16];
            Array.Fill(block, value);
            for (var left = (long)count; left > 0; left -= block.Length)
            {
                deflate.Write(block);
            }
        }

        return Convert.ToBase64String(buffer.ToArray());
    }

    /// <summary>Another tree: a code changed, a subtree cut down to a leaf, a leaf divided, halves exchanged.</summary>
    public static int[] Changed(Mutator mutator, int[] codes)
    {
        var list = new List<int>(codes);
        for (var steps = 1 << mutator.Random.Next(3); steps > 0; steps--)
        {
            var at = mutator.Random.Next(list.Count);
            var end = End(list, at);
            switch (mutator.Random.Next(4))
            {
                case 0 when list[at] > 0:
                    list[at] = mutator.Pick<int>([1, 2, 3, 4, 7, 8, 12, 13, int.MaxValue]);
                    break;
                case 1:
                    list.RemoveRange(at, end - at);
                    list.Insert(at, 0);
                    break;
                case 2 when list[at] > 0:
                    var middle = End(list, at + 1);
                    var (first, second) = (list.GetRange(at + 1, middle - at - 1), list.GetRange(middle, end - middle));
                    list.RemoveRange(at + 1, end - at - 1);
                    list.InsertRange(at + 1, [.. second, .. first]);
                    break;
                default:
                    if (list[at] == 0)
                    {
                        list.RemoveAt(at);
                        list.InsertRange(at, [mutator.Pick<int>([1, 2, 3, 5, 9]), 0, 0]);
                    }

                    break;
            }
        }

        return [.. list];
    }

    private static int End(List<int> codes, int at)
    {
        for (var open = 1; open > 0; at++)
        {
            open += codes[at] > 0 ? 1 : -1;
        }

        return at;
    }
}
