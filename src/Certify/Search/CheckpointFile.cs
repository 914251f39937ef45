using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Guarantees.Formats;

namespace Certify.Search;

/// <summary>A checkpoint in a file: replaced whole by a rename, bound to one question, refused when damaged.</summary>
/// <remarks>
/// Form: the line "certify-checkpoint/1", the SHA-256 of what follows, the SHA-256 of the question's binding (the claim as compiled, the model's hash, options,
/// the tool's version), the state. The digest finds slips, not forgers: those change nothing but the time that the search takes.
/// </remarks>
public static class CheckpointFile
{
    /// <summary>Larger files are refused.</summary>
    public const long LargestFile = 1L << 30;

    private static readonly byte[] Head = "certify-checkpoint/1\n"u8.ToArray();

    /// <summary>The checkpoint of a file.</summary>
    /// <param name="path">The file, which nobody else writes meanwhile.</param>
    /// <param name="binding">All that must be the same for a state to be of use.</param>
    /// <param name="resume">Whether to go on from the file; otherwise one that exists is removed.</param>
    /// <param name="tell">Told in one line what is refused, and once what cannot be written.</param>
    public static Checkpoint At(string path, string binding, bool resume, Action<string> tell)
    {
        ArgumentNullException.ThrowIfNull(tell);
        var bound = SHA256.HashData(Encoding.UTF8.GetBytes(binding));
        void Refuse(string why) => tell($"{path}: checkpoint refused, the search begins anew: {why}");
        var (saved, told) = ((byte[]?)null, false);
        if (!resume)
        {
            Delete(path);
        }
        else if (File.Exists(path))
        {
            (saved, var why) = Read(path, bound);
            if (saved is null)
            {
                Refuse(why);
            }
        }

        return new Checkpoint
        {
            Saved = saved,
            Refused = Refuse,

            // For the tests that kill short searches.
            Every = TimeSpan.FromSeconds(
                double.TryParse(Environment.GetEnvironmentVariable("CERTIFY_CHECKPOINT_SECONDS"), CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 3600
                    ? seconds
                    : 2),
            Save = state =>
            {
                try
                {
                    WholeFile.Write(path, [.. Head, .. SHA256.HashData([.. bound, .. state]), .. bound, .. state]);
                }
                catch (Exception error) when ((error is IOException or UnauthorizedAccessException) && !told)
                {
                    told = true;
                    tell($"{error.Message.ReplaceLineEndings(" ")}; the search goes on, its checkpoint not written");
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    // Told before.
                }
            },
        };
    }

    /// <summary>Forgets a checkpoint, and what a kill left of one.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        WholeFile.Sweep(path);
    }

    private static (byte[]? State, string Why) Read(string path, byte[] bound)
    {
        if (new FileInfo(path).Length > LargestFile)
        {
            return (null, $"larger than {LargestFile >> 20} MiB");
        }

        var bytes = File.ReadAllBytes(path).AsSpan();
        var body = Head.Length + SHA256.HashSizeInBytes;
        return bytes.Length < body + bound.Length || !bytes.StartsWith(Head) ? (null, "it is none, or of another version")
            : !SHA256.HashData(bytes[body..]).AsSpan().SequenceEqual(bytes[Head.Length..body]) ? (null, "it is damaged")
            : !bytes[body..].StartsWith(bound) ? (null, "it is of another model, question, option or version")
            : (bytes[(body + bound.Length)..].ToArray(), "");
    }
}
