using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Spec;
using Xunit;

namespace Guarantees.Tests.Certificates;

/// <summary>A signed envelope holds for one payload, one type and one key, and its statement says what the certificate in it says.</summary>
/// <remarks>
/// Mutants that these tests killed: IsSignedBy that believes the key id; PAE without the length of the type, without the length of the payload, with lengths in characters; a digest of the
/// payload alone.
/// </remarks>
public sealed class EnvelopeLaws
{
    private static readonly PropertyCertificate Answer = new()
    {
        ModelName = "net \"ä\" <1>.onnx",
        ModelSha256 = new string('a', 64),
        Networks = [new("g", "other.onnx", new string('c', 64))],
        PropertyName = "property.vnnlib",
        PropertySha256 = new string('b', 64),
        IsUnsatisfiable = true,
        Evidence = [new EvidenceTree([1, 0, 3, 0, 0])],
        Tool = "certify 0",
        Created = "2026-01-01T00:00:00Z",
    };

    private static readonly Certificate Constant = new()
    {
        Claim = new Claim { Kind = ClaimKind.Lipschitz, Metric = Metric.L2, DomainLower = [-1, 0], DomainUpper = [1, 0.1] },
        Text = "max over x of the slope ≤ 2",
        ModelName = "net.onnx",
        ModelSha256 = new string('d', 64),
        Family = FamilyDescription.Vector,
        Verdict = Verdict.Proved,
        Lower = 1.0 / 3,
        Upper = double.PositiveInfinity,
        Evidence = new EvidenceTree([0]),
        Created = "2026-01-01T00:00:00Z",
    };

    private static readonly SigningKey Key = SigningKey.Create();
    private static readonly SigningKey Other = SigningKey.Create();

    public static TheoryData<string, byte[]> Certificates => new() { { "property", Answer.ToBytes() }, { "certificate", CertificateFile.ToBytes(Constant) } };

    [Fact]
    public void The_example_of_the_protocol_is_signed_as_it_says()
    {
        // protocol.md of DSSE 1.0, "Test Vectors"; its signature is r and s side by side.
        const string Type = "http://example.com/HelloWorld";
        Assert.Equal("DSSEv1 29 http://example.com/HelloWorld 11 hello world", Encoding.UTF8.GetString(Envelope.Encode(Type, "hello world"u8)));
        using var pair = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Bytes("46950820868899156662930047687818585632848591499744589407958293238635476079160"),
                Y = Bytes("5640078356564379163099075877009565129882514886557779369047442380624545832820"),
            },
        });
        var key = VerificationKey.Read(pair.ExportSubjectPublicKeyInfoPem(), "key");
        var raw = Convert.FromBase64String("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==");
        var envelope = new Envelope { PayloadType = Type, Payload = "hello world"u8.ToArray(), Signatures = [new("", [.. Der(raw)])] };
        Assert.True(envelope.IsSignedBy(key));
        Assert.False(With(envelope, payload: "hello worle"u8.ToArray()).IsSignedBy(key));
        Assert.False(new Envelope { PayloadType = Type, Payload = envelope.Payload, Signatures = [new("", [.. raw])] }.IsSignedBy(key));
    }

    [Fact]
    public void Lengths_are_of_bytes_and_part_of_what_is_signed()
    {
        Assert.Equal("DSSEv1 2 ä 2 ö", Encoding.UTF8.GetString(Envelope.Encode("ä", Encoding.UTF8.GetBytes("ö"))));
        var moved = new Envelope { PayloadType = "a b", Payload = "c"u8.ToArray() }.Sign(Key);
        Assert.False(With(moved, type: "a", payload: "b c"u8.ToArray()).IsSignedBy(Key.Public));
        Assert.NotEqual(Envelope.Encode("a 1 b", "c"u8), Envelope.Encode("a", "b 1 c"u8));
    }

    [Theory]
    [MemberData(nameof(Certificates))]
    public void What_is_signed_is_read_again(string kind, byte[] file)
    {
        var envelope = Sign(file);
        var again = Envelope.Read(envelope.ToBytes(), "e");
        var statement = Statement.Read(again, "e");

        Assert.True(again.IsSignedBy(Key.Public));
        Assert.False(again.IsSignedBy(Other.Public));
        Assert.Equal(file, statement.File.ToArray());
        Assert.Equal(kind == "property", statement.Property is not null);
        Assert.Equal(envelope.ToBytes(), again.ToBytes());
        Assert.True(Envelope.IsOne(envelope.ToBytes()));
        Assert.False(Envelope.IsOne(file));
        var subjects = JsonNode.Parse(again.Payload.Span)!["subject"]!.AsArray().Select(subject => $"{subject!["name"]} {subject["digest"]!["sha256"]}");
        Assert.Equal(kind == "property" ? [$"{Answer.ModelName} {Answer.ModelSha256}", $"other.onnx {new string('c', 64)}", $"property.vnnlib {new string('b', 64)}"] : [$"net.onnx {new string('d', 64)}"], subjects);
    }

    [Theory]
    [MemberData(nameof(Certificates))]
    public void Any_flipped_bit_of_payload_type_or_signature_is_rejected(string kind, byte[] file)
    {
        Assert.NotEmpty(kind);
        var envelope = Sign(file);
        var signature = envelope.Signatures[0];
        for (var i = 0; i < envelope.Payload.Length; i++)
        {
            Assert.False(With(envelope, payload: Flip(envelope.Payload.ToArray(), i, i % 8)).IsSignedBy(Key.Public), $"payload byte {i}");
        }

        for (var i = 0; i < envelope.PayloadType.Length; i++)
        {
            Assert.False(With(envelope, type: Encoding.ASCII.GetString(Flip(Encoding.ASCII.GetBytes(envelope.PayloadType), i, i % 7))).IsSignedBy(Key.Public), $"type byte {i}");
        }

        for (var i = 0; i < 8 * signature.Bytes.Length; i++)
        {
            Assert.False(With(envelope, signatures: [signature with { Bytes = [.. Flip([.. signature.Bytes], i / 8, i % 8)] }]).IsSignedBy(Key.Public), $"signature bit {i}");
        }

        Assert.False(With(envelope, payload: [.. envelope.Payload.ToArray(), (byte)' ']).IsSignedBy(Key.Public));
        Assert.False(With(envelope, signatures: [signature with { Bytes = [.. signature.Bytes, 0] }]).IsSignedBy(Key.Public));
        Assert.False(With(envelope, signatures: [signature with { Bytes = [] }]).IsSignedBy(Key.Public));
        Assert.False(With(envelope, signatures: []).IsSignedBy(Key.Public));
        Assert.False(With(envelope, signatures: [.. Sign(file, Other).Signatures.Select(by => by with { KeyId = Key.Public.KeyId })]).IsSignedBy(Key.Public));
    }

    [Fact]
    public void A_changed_character_of_the_file_changes_nothing_that_is_signed()
    {
        var envelope = Sign(CertificateFile.ToBytes(Constant));
        var bytes = envelope.ToBytes();
        var random = new Random(5);
        var refused = 0;
        for (var k = 0; k < 3000; k++)
        {
            var changed = Flip([.. bytes], k < 1500 ? random.Next(bytes.Length) : bytes.Length - 1 - random.Next(300), random.Next(8));
            try
            {
                var read = Envelope.Read(changed, "e");
                if (read.IsSignedBy(Key.Public))
                {
                    // A key id is a hint, and members of other names are ignored.
                    Assert.Equal(envelope.PayloadType, read.PayloadType);
                    Assert.True(envelope.Payload.Span.SequenceEqual(read.Payload.Span));
                }
                else
                {
                    refused++;
                }
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 2000, 2999);
    }

    [Theory]
    [InlineData("QQ==", "A")]
    [InlineData("", "")]
    [InlineData("-_-_", "\u00fb\u00ff\u00bf")]
    [InlineData("+/+/", "\u00fb\u00ff\u00bf")]
    [InlineData("QR==", null)]
    [InlineData("QQ=", null)]
    [InlineData("QQ", null)]
    [InlineData("QQ==\\n", null)]
    [InlineData(" QQ==", null)]
    [InlineData("-/-/", null)]
    [InlineData("QQ==QQ==", null)]
    public void Base64_has_one_form(string text, string? content)
    {
        var file = Encoding.UTF8.GetBytes($$"""{"payloadType":"t","payload":"{{text}}","signatures":[]}""");
        if (content is null)
        {
            Assert.Contains("payload is not base64", Assert.Throws<ModelFormatException>(() => Envelope.Read(file, "e")).Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(content, Encoding.Latin1.GetString(Envelope.Read(file, "e").Payload.Span));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"payloadType\":\"t\",\"payload\":\"\"}")]
    [InlineData("{\"payloadType\":\"t\",\"signatures\":[]}")]
    [InlineData("{\"payload\":\"\",\"signatures\":[]}")]
    [InlineData("{\"payloadType\":1,\"payload\":\"\",\"signatures\":[]}")]
    [InlineData("{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":{}}")]
    [InlineData("{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":[1]}")]
    [InlineData("{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":[{\"keyid\":\"a\"}]}")]
    [InlineData("{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":[{\"keyid\":1,\"sig\":\"\"}]}")]
    [InlineData("{\"payloadType\":\"t\",\"payload\":\"\",\"payload\":\"\",\"signatures\":[]}")]
    [InlineData("{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":[{\"sig\":\"\",\"sig\":\"\"}]}")]
    [InlineData("{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":[],\"x\":[[[[[[[[[]]]]]]]]]}")]
    [InlineData("{\"payloadType\":\"\\ud800\",\"payload\":\"\",\"signatures\":[]}")]
    public void What_is_no_envelope_is_refused_in_one_line(string text)
    {
        var error = Assert.Throws<ModelFormatException>(() => Envelope.Read(Encoding.UTF8.GetBytes(text), "e"));
        Assert.StartsWith("e: not a valid envelope: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Further_members_are_ignored_and_a_missing_key_id_is_empty()
    {
        var signed = Sign(Answer.ToBytes());
        var node = JsonNode.Parse(signed.ToBytes())!;
        node["signatures"]![0]!.AsObject().Remove("keyid");
        node["signatures"]![0]!["cert"] = "x";
        node["more"] = new JsonArray(1, 2);
        var read = Envelope.Read(Encoding.UTF8.GetBytes(node.ToJsonString()), "e");
        Assert.True(read.IsSignedBy(Key.Public));
        Assert.Equal("", read.Signatures[0].KeyId);
    }

    [Fact]
    public void Several_sign_one_envelope_and_each_once()
    {
        var both = Sign(Answer.ToBytes()).Sign(Other);
        Assert.True(both.IsSignedBy(Key.Public) && both.IsSignedBy(Other.Public));
        Assert.Equal([Key.Public.KeyId, Other.Public.KeyId], both.Signatures.Select(signature => signature.KeyId));
        Assert.Equal(2, both.Sign(Key).Signatures.Length);
        var full = With(both, signatures: [.. Enumerable.Repeat(new EnvelopeSignature("x", [1]), Envelope.MostSignatures)]);
        Assert.Throws<ArgumentException>(() => full.Sign(Key));
        Assert.Equal(Envelope.MostSignatures, Envelope.Read(full.ToBytes(), "e").Signatures.Length);
        Assert.Contains("101 signatures", Assert.Throws<ModelFormatException>(() => Envelope.Read(With(full, signatures: [.. full.Signatures, full.Signatures[0]]).ToBytes(), "e")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_type", "\"https://in-toto.io/Statement/v0.1\"")]
    [InlineData("predicateType", "\"urn:guarantees:certificate:2\"")]
    [InlineData("subject.0.name", "\"net2.onnx\"")]
    [InlineData("subject.0.digest.sha256", "\"0000000000000000000000000000000000000000000000000000000000000000\"")]
    [InlineData("subject", "[]")]
    [InlineData("predicate.claim", "\"everything\"")]
    [InlineData("predicate.verdict", "\"refuted\"")]
    [InlineData("predicate.semantics", "\"float32\"")]
    [InlineData("predicate.lower", "0.4")]
    [InlineData("predicate.upper", "1")]
    [InlineData("predicate.solverLeaves", "1")]
    [InlineData("predicate.sha256", "\"00\"")]
    [InlineData("predicate.certificate", "\"{}\"")]
    [InlineData("predicate.certificate", "null")]
    [InlineData("predicate.more", "1")]
    [InlineData("more", "1")]
    public void A_statement_that_says_something_else_than_its_certificate_is_refused_though_signed(string member, string value)
    {
        var payload = Statement.Of(CertificateFile.ToBytes(Constant), "c").ToBytes();
        var node = JsonNode.Parse(payload)!;
        var path = member.Split('.');
        var at = path[..^1].Aggregate(node, (inner, name) => int.TryParse(name, out var index) ? inner[index]! : inner[name]!);
        at[path[^1]] = JsonNode.Parse(value);
        var forged = new Envelope { PayloadType = Envelope.InToto, Payload = Encoding.UTF8.GetBytes(node.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) }.Sign(Key);

        Assert.True(forged.IsSignedBy(Key.Public));
        Assert.Throws<ModelFormatException>(() => Statement.Read(forged, "e"));
    }

    [Fact]
    public void Another_type_and_another_form_of_the_same_statement_are_refused()
    {
        var payload = Statement.Of(Answer.ToBytes(), "c").ToBytes();
        Assert.Contains("payloadType is 'text/plain'", Assert.Throws<ModelFormatException>(() => Statement.Read(new Envelope { PayloadType = "text/plain", Payload = payload }, "e")).Message, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => Statement.Read(new Envelope { PayloadType = Envelope.InToto, Payload = (byte[])[.. payload, (byte)'\n'] }, "e"));
        var text = Encoding.UTF8.GetString(payload);
        Assert.Throws<ModelFormatException>(() => Statement.Read(new Envelope { PayloadType = Envelope.InToto, Payload = Encoding.UTF8.GetBytes(text.Replace("\"verdict\"", "\"verdict\":\"sat\",\"verdict\"", StringComparison.Ordinal)) }, "e"));
        Assert.Throws<ModelFormatException>(() => Statement.Of("{}"u8.ToArray(), "e"));
    }

    [Fact]
    public void Keys_are_read_as_they_are_written_and_others_refused()
    {
        using var again = SigningKey.Read(Key.Pem, "k");
        Assert.Equal(Key.Public.KeyId, again.Public.KeyId);
        Assert.Equal(Key.Public.KeyId, VerificationKey.Read(Key.Public.Pem, "k").KeyId);
        Assert.Matches("^[0-9a-f]{64}$", Key.Public.KeyId);
        Assert.True(Sign(Answer.ToBytes(), again).IsSignedBy(Key.Public));

        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        using var sec1 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var read = SigningKey.Read("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + sec1.ExportECPrivateKeyPem(), "k");
        Assert.Contains("'PUBLIC KEY'", Refusal(Key.Public.Pem, secret: true), StringComparison.Ordinal);
        Assert.Contains("'PRIVATE KEY'", Refusal(Key.Pem, secret: false), StringComparison.Ordinal);
        Assert.Contains("P-256", Refusal(large.ExportPkcs8PrivateKeyPem(), secret: true), StringComparison.Ordinal);
        Assert.Contains("P-256", Refusal(large.ExportSubjectPublicKeyInfoPem(), secret: false), StringComparison.Ordinal);
        Assert.Contains("P-256", Refusal(rsa.ExportPkcs8PrivateKeyPem(), secret: true), StringComparison.Ordinal);
        Assert.Contains("P-256", Refusal(rsa.ExportSubjectPublicKeyInfoPem(), secret: false), StringComparison.Ordinal);
        Assert.Contains("openssl pkcs8", Refusal(sec1.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)), secret: true), StringComparison.Ordinal);
        Assert.Contains("no PEM block", Refusal("", secret: true), StringComparison.Ordinal);
        Assert.Contains("at most", Refusal(new string('x', 1 << 17), secret: false), StringComparison.Ordinal);
        Assert.Contains("P-256", Refusal("-----BEGIN PUBLIC KEY-----\nQUJD\n-----END PUBLIC KEY-----", secret: false), StringComparison.Ordinal);
    }

    private static string Refusal(string text, bool secret)
    {
        var message = (secret ? Assert.Throws<ModelFormatException>(() => SigningKey.Read(text, "k.pem")) : Assert.Throws<ModelFormatException>(() => VerificationKey.Read(text, "k.pem"))).Message;
        Assert.StartsWith("k.pem: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static Envelope Sign(byte[] file, SigningKey? key = null) =>
        new Envelope { PayloadType = Envelope.InToto, Payload = Statement.Of(file, "c").ToBytes() }.Sign(key ?? Key);

    private static Envelope With(Envelope envelope, string? type = null, byte[]? payload = null, EnvelopeSignature[]? signatures = null) => new()
    {
        PayloadType = type ?? envelope.PayloadType,
        Payload = payload ?? envelope.Payload,
        Signatures = signatures is null ? envelope.Signatures : [.. signatures],
    };

    private static byte[] Flip(byte[] bytes, int i, int bit)
    {
        bytes[i] ^= (byte)(1 << bit);
        return bytes;
    }

    private static byte[] Bytes(string number) => BigInteger.Parse(number, System.Globalization.CultureInfo.InvariantCulture).ToByteArray(isUnsigned: true, isBigEndian: true) is var bytes ? [.. new byte[32 - bytes.Length], .. bytes] : [];

    /// <summary>SEQUENCE { INTEGER r, INTEGER s } of r and s in 32 bytes each.</summary>
    private static byte[] Der(byte[] raw)
    {
        byte[] r = Integer(raw[..32]), s = Integer(raw[32..]);
        return [0x30, (byte)(r.Length + s.Length), .. r, .. s];

        static byte[] Integer(byte[] big) => new BigInteger(big, isUnsigned: true, isBigEndian: true).ToByteArray(isBigEndian: true) is var bytes ? [2, (byte)bytes.Length, .. bytes] : [];
    }
}
