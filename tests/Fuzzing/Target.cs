using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Fuzzing;

/// <summary>A format, its reader, and how inputs for it are made.</summary>
/// <remarks>An input is a function of (format, seed, index) alone, so that whoever finds one can make it again.</remarks>
internal abstract class Target
{
    private readonly Lazy<byte[][]> corpus;
    private readonly Lazy<Func<byte[]>[]> hostile;

    protected Target()
    {
        hostile = new(() => [.. Hostile]);
        corpus = new(() => [.. Seeds, .. Stored(Name)]);
    }

    /// <summary>Every format.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        new OnnxTarget(), new VnnLibTarget(), new SpecTarget(), new CsvTarget(), new NpyTarget(), new BoxTarget(), new CertificateTarget(), new PropertyTarget(), new CheckpointTarget(), new JournalTarget(), new WeightsTarget(),
    ];

    /// <summary>Name of the format, and of its folder of the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Inputs to begin with: what the reader accepts.</summary>
    protected abstract IEnumerable<byte[]> Seeds { get; }

    /// <summary>Inputs made to exhaust the reader: deep, long, or growing when read.</summary>
    protected virtual IEnumerable<Func<byte[]>> Hostile => [];

    /// <summary>What the inputs begin with: the seeds and the stored corpus.</summary>
    public IReadOnlyList<byte[]> Corpus => corpus.Value;

    /// <summary>Reads an input as the program does. Returns whether it was accepted; what it throws is a finding.</summary>
    public abstract bool Run(byte[] input);

    /// <summary>A mutant of the corpus.</summary>
    protected abstract byte[] Mutate(Mutator mutator, byte[] parent);

    /// <summary>The input of an index: first the corpus, then the hostile ones, then mutants without end.</summary>
    public byte[] Input(int seed, int index)
    {
        if (index < corpus.Value.Length)
        {
            return corpus.Value[index];
        }

        var special = index - corpus.Value.Length;
        if (special < hostile.Value.Length)
        {
            return hostile.Value[special]();
        }

        var mutator = new Mutator(new Random(HashCode(seed, index)), corpus.Value);
        return Mutate(mutator, mutator.Parent());
    }

    public static Target Of(string name) => name == PlantedTarget.Word ? new PlantedTarget() : All.Single(target => target.Name == name);

    /// <summary>A reader's refusal, which is one line of moderate length that names the file; anything else is a finding.</summary>
    protected static bool Refused(Exception error, string file)
    {
        var message = error.Message;
        return !message.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029') && message.Length < 3000 && message.Contains(file, StringComparison.Ordinal)
            ? false
            : throw new FindingException($"the message is not one line that names {file}: {message}", error);
    }

    /// <summary>Not <see cref="object.GetHashCode"/>, which differs from run to run.</summary>
    private static int HashCode(int seed, int index) => BitConverter.ToInt32(SHA256.HashData(BitConverter.GetBytes(((long)seed << 32) | (uint)index)));

    private static IEnumerable<byte[]> Stored(string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Corpus", name);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
    }
}

/// <summary>What no reader may do.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Thrown in one way.")]
internal sealed class FindingException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Throws where a law does not hold.</summary>
    public static void Unless([DoesNotReturnIf(false)] bool holds, string law)
    {
        if (!holds)
        {
            throw new FindingException(law);
        }
    }

    public static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
