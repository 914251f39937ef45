using System.IO.Compression;
using System.Text;
using Guarantees.Certificates;
using Guarantees.Formats;
using Xunit;

namespace Guarantees.Tests.Certificates;

/// <summary>The file of an answer to a VNN-LIB question: what is written is read, and nothing else is.</summary>
public class PropertyCertificateTests
{
    private static readonly PropertyCertificate Unsat = new()
    {
        ModelName = "net \"ä\" <1>.onnx",
        ModelSha256 = new string('a', 64),
        PropertyName = "property.vnnlib",
        PropertySha256 = new string('b', 64),
        IsUnsatisfiable = true,
        Evidence = [new EvidenceTree([0]), new EvidenceTree([1, 0, 3, 0, 0])],
        Tool = "certify 0",
        Seconds = 1.25,
        Created = "2026-01-01T00:00:00Z",
    };

    private static readonly PropertyCertificate Solved = Unsat with
    {
        SolverLeaves = [new SolverLeaf(1, 0, new string('c', 64), "z3 (Z3 version 4.8.12 - 64 bit)"), new SolverLeaf(2, 3, new string('d', 64), "cvc5 \"1\"")],
    };

    private static readonly PropertyCertificate Sat = Unsat with { IsUnsatisfiable = false, Evidence = [], Witness = [0.1, -0.0, 1e300, double.Epsilon, 1.0 / 3] };

    [Fact]
    public void What_is_written_is_read_again()
    {
        foreach (var certificate in new[] { Unsat, Sat, Solved })
        {
            var bytes = certificate.ToBytes();
            var again = PropertyCertificate.Read(bytes, "c");
            Assert.Equal(certificate, again with { Evidence = certificate.Evidence, Witness = certificate.Witness, SolverLeaves = certificate.SolverLeaves });
            Assert.Equal(certificate.SolverLeaves.AsEnumerable(), again.SolverLeaves);
            Assert.Contains(certificate.SolverLeaves.IsEmpty ? "\"guarantees-property/1\"" : "\"guarantees-property/2\"", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
            Assert.Equal(certificate.Evidence.Select(tree => tree.Codes.ToArray()), again.Evidence.Select(tree => tree.Codes.ToArray()));
            Assert.Equal(certificate.Witness.Select(BitConverter.DoubleToInt64Bits), again.Witness.Select(BitConverter.DoubleToInt64Bits));
            Assert.Equal(bytes, again.ToBytes());
            Assert.Equal(bytes, certificate.ToBytes());
            Assert.True(PropertyCertificate.IsOne(bytes));
        }

        Assert.False(PropertyCertificate.IsOne("{ \"format\": \"guarantees-certificate/1\" }"u8));
        Assert.False(PropertyCertificate.IsOne(default));
    }

    [Fact]
    public void A_file_is_written_whole_and_over_an_older_one()
    {
        var folder = Directory.CreateTempSubdirectory("property-");
        try
        {
            var path = Path.Combine(folder.FullName, "c.json");
            Sat.Write(path);
            Unsat.Write(path);
            Assert.Equal(Unsat.ToBytes(), File.ReadAllBytes(path));
            Assert.Single(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_changed_character_is_noticed()
    {
        foreach (var certificate in new[] { Unsat, Sat, Solved })
        {
            var bytes = certificate.ToBytes();
            for (var i = 0; i < bytes.Length; i++)
            {
                foreach (var other in new[] { bytes[i] ^ 1, bytes[i] ^ 0x20, bytes[i] ^ 0x80, '0', ' ', '"' })
                {
                    if (other != bytes[i])
                    {
                        var changed = bytes.ToArray();
                        changed[i] = (byte)other;
                        Assert.Throws<ModelFormatException>(() => PropertyCertificate.Read(changed, "changed"));
                    }
                }

                Assert.Throws<ModelFormatException>(() => PropertyCertificate.Read(bytes.AsMemory(0, i), "cut"));
            }
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("7", "")]
    [InlineData("null", "")]
    [InlineData("\u0000", "")]
    [InlineData("{}", "")]
    [InlineData("{ \"format\": \"guarantees-property/7\" }", "format is 'guarantees-property/7'")]
    [InlineData("{ \"format\": \"guarantees-property/2\" }", "not present in the dictionary")]
    [InlineData("{ \"format\": null }", "'format' is null")]
    [InlineData("{ \"format\": \"guarantees-property/1\", \"format\": \"guarantees-property/1\" }", "")]
    [InlineData("{ \"format\": \"\\ud800\" }", "")]
    public void What_is_no_certificate_is_refused_with_one_line(string text, string part) => Refused(Encoding.UTF8.GetBytes(text), part);

    /// <summary>Each edit keeps the text well-formed.</summary>
    [Theory]
    [InlineData("\"verdict\": \"sat\"", "\"verdict\": \"unsat\"", "digest")]
    [InlineData("\"verdict\": \"sat\"", "\"verdict\": \"unknown\"", "verdict is 'unknown'")]
    [InlineData("\"semantics\": \"real\"", "\"semantics\": \"float32\"", "digest")]
    [InlineData("\"seconds\": 1.25", "\"seconds\": 1.250", "digest")]
    [InlineData("\"seconds\": 1.25", "\"seconds\": 1e999", "'1e999' is no finite number")]
    [InlineData("\"seconds\": 1.25", "\"seconds\": \"1.25\"", "")]
    [InlineData("\"seconds\": 1.25", "\"seconds\": 1.25, \"note\": 1", "digest")]
    [InlineData("\"seconds\": 1.25", "\"seconds\": 1.25, \"seconds\": 1.25", "")]
    [InlineData("1E+300", "-1e400", "'-1e400' is no finite number")]
    [InlineData("1E+300", "NaN", "")]
    [InlineData("1E+300", "null", "")]
    [InlineData("1E+300", "[1]", "")]
    [InlineData("\"evidence\": []", "\"evidence\": {}", "")]
    [InlineData("\"evidence\": []", "\"evidence\": [null]", "")]
    [InlineData("\"evidence\": []", "\"evidence\": [\"\"]", "")]
    [InlineData("\"evidence\": []", "\"evidence\": [\"*\"]", "")]
    [InlineData("\"evidence\": []", "\"evidence\": [0]", "")]
    [InlineData("\"evidence\": []", "\"evidence\": [[[[[[[[[[]]]]]]]]]]", "")]
    public void An_edit_is_refused_with_one_line(string old, string edited, string part)
    {
        var text = Encoding.UTF8.GetString(Sat.ToBytes());
        Assert.Contains(old, text, StringComparison.Ordinal);
        Refused(Encoding.UTF8.GetBytes(text.Replace(old, edited, StringComparison.Ordinal)), part);
    }

    [Fact]
    public void Depth_does_not_exhaust_the_stack() => Refused(Encoding.UTF8.GetBytes(new string('[', 1_000_000)), "");

    /// <summary>Trees of 12 million nodes in a few kB of text: one may be read, two may not.</summary>
    [Fact]
    public void Trees_made_to_exhaust_the_memory_are_counted_together()
    {
        var codes = new byte[12_000_001];
        for (var i = 0; i < codes.Length - 1; i += 2)
        {
            codes[i] = 1;
        }

        using var buffer = new MemoryStream();
        using (var deflate = new DeflateStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(codes);
        }

        var tree = Convert.ToBase64String(buffer.ToArray());
        Assert.True(tree.Length < 100_000);
        var text = Encoding.UTF8.GetString(Sat.ToBytes());
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(Encoding.UTF8.GetBytes(text.Replace("\"evidence\": []", $"\"evidence\": [{string.Join(", ", Enumerable.Repeat($"\"{tree}\"", 100))}]", StringComparison.Ordinal)), "more than ");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000_000);
    }

    private static void Refused(byte[] bytes, string part)
    {
        var error = Assert.Throws<ModelFormatException>(() => PropertyCertificate.Read(bytes, "file.json"));
        Assert.StartsWith("file.json: not a valid certificate: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
