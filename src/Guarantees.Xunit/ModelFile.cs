using System.Security.Cryptography;

namespace Guarantees.Xunit;

/// <summary>A model file, read once.</summary>
internal sealed record ModelFile(string Path, byte[] Content, string Sha256)
{
    public string Name { get; init; } = System.IO.Path.GetFileName(Path);

    public static ModelFile Read(string path)
    {
        var content = File.ReadAllBytes(path);
        return new ModelFile(path, content, Convert.ToHexStringLower(SHA256.HashData(content)));
    }
}
