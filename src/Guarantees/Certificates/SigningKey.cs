using System.Collections.Immutable;
using System.Security.Cryptography;
using Guarantees.Formats;

namespace Guarantees.Certificates;

/// <summary>A private key that signs: ECDSA over P-256 and SHA-256.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa key;

    private SigningKey(ECDsa key)
    {
        this.key = key;
        Public = VerificationKey.Of(key);
    }

    /// <summary>The key that verifies.</summary>
    public VerificationKey Public { get; }

    /// <summary>The PEM text of a file: one block "PRIVATE KEY" (PKCS#8, not encrypted). Whoever reads it can sign.</summary>
    public string Pem => key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>A new key, from the system's random numbers.</summary>
    public static SigningKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a PEM text: PKCS#8, or SEC 1 ("EC PRIVATE KEY") as <c>openssl ecparam</c> writes it.</summary>
    /// <exception cref="ModelFormatException">It holds no such key; one line.</exception>
    public static SigningKey Read(string text, string name) => new(PemKey.Read(text, name, "PRIVATE KEY", "EC PRIVATE KEY"));

    /// <summary>Signs a SHA-256 digest; the result is ASN.1 DER.</summary>
    public ImmutableArray<byte> Sign(ReadOnlySpan<byte> digest) => [.. key.SignHash(digest.ToArray(), DSASignatureFormat.Rfc3279DerSequence)];

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();
}

/// <summary>PEM texts of P-256 keys.</summary>
internal static class PemKey
{
    private const string P256 = "1.2.840.10045.3.1.7";
    private const int LargestText = 1 << 16;

    /// <summary>The key of the first block with one of the labels.</summary>
    public static ECDsa Read(string text, string name, params string[] labels)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new List<string>();
        var rest = text.Length <= LargestText ? text.AsSpan() : throw new ModelFormatException($"{name}: not a key: {text.Length} characters, expected at most {LargestText}.");
        while (PemEncoding.TryFind(rest, out var block))
        {
            var label = rest[block.Label].ToString();
            if (labels.Contains(label))
            {
                try
                {
                    return Import(rest[block.Location]);
                }
                catch (Exception error) when (error is CryptographicException or ArgumentException or NotSupportedException)
                {
                    throw new ModelFormatException($"{name}: not a key of the curve P-256 (prime256v1): {error.Message.ReplaceLineEndings(" ")}", error);
                }
            }

            found.Add(label);
            rest = rest[block.Location.End..];
        }

        throw new ModelFormatException($"{name}: holds {(found.Count > 0 ? OneLine.Quote(string.Join(", ", found)) : "no PEM block")}, expected '{labels[0]}'{(
            found.Contains("ENCRYPTED PRIVATE KEY") ? "; decrypt it first, as with 'openssl pkcs8'" : "")}.");
    }

    /// <summary>Imports one block.</summary>
    /// <exception cref="CryptographicException">It is of another curve or algorithm, or damaged.</exception>
    public static ECDsa Import(ReadOnlySpan<char> block)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(block);
            return key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true, Oid.Value: P256 } ? key : throw new CryptographicException("it is of another curve");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
