using System.Security.Cryptography;
using Guarantees.Formats;

namespace Guarantees.Certificates;

/// <summary>A public key that signatures are verified with: ECDSA over P-256 and SHA-256.</summary>
public sealed class VerificationKey
{
    private readonly ECDsa key;

    private VerificationKey(ECDsa key)
    {
        this.key = key;
        KeyId = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo as DER, lower-case hexadecimal.</summary>
    public string KeyId { get; }

    /// <summary>The PEM text of a file: one block "PUBLIC KEY" (SubjectPublicKeyInfo).</summary>
    public string Pem => key.ExportSubjectPublicKeyInfoPem() + "\n";

    /// <summary>Reads a PEM text.</summary>
    /// <exception cref="ModelFormatException">It holds no such key; one line.</exception>
    public static VerificationKey Read(string text, string name) => new(PemKey.Read(text, name, "PUBLIC KEY"));

    /// <summary>Whether a signature, as ASN.1 DER, is this key's for a SHA-256 digest.</summary>
    public bool Verifies(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        try
        {
            return key.VerifyHash(digest, signature, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false; // no DER
        }
    }

    internal static VerificationKey Of(ECDsa pair) => new(PemKey.Import(pair.ExportSubjectPublicKeyInfoPem()));
}
