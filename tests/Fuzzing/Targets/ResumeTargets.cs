using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Certify;
using Certify.Search;
using Cli;
using Guarantees.Certificates;
using Guarantees.Checking;

namespace Fuzzing;

/// <summary>Checkpoints of both searches, read back and resumed: whatever one says, the answer is right and its certificate is accepted.</summary>
internal sealed class CheckpointTarget : Target
{
    private const string Binding = "the question";
    private const int Ends = 4;

    private static readonly byte[] Head = "certify-checkpoint/1\n"u8.ToArray();

    public override string Name => "checkpoint";

    /// <summary>None but those stored: a search saves its times too, and another run would save other bytes. <see cref="Saved"/> made them.</summary>
    protected override IEnumerable<byte[]> Seeds => [];

    /// <summary>Texts of a negative length and of one past the end, where a decision's state has its text.</summary>
    protected override IEnumerable<Func<byte[]>> Hostile =>
    [
        () => Packed('D', [.. new byte[24], 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        () => Packed('D', [.. new byte[24], 0xFF, 0xFF, 0xFF, 0xFF, 0x07]),
        () => Packed('D', [.. new byte[24], 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
    ];

    public override bool Run(byte[] input)
    {
        var decides = input is [(byte)'D', ..];
        var path = Path.Combine(Workshop.Folder, "input.checkpoint");
        File.WriteAllBytes(path, input is [] ? [] : input[1..]);
        var refused = false;
        void Tell(string line)
        {
            refused = true;
            FindingException.Unless(!line.Any(c => c is '\n' or '\r') && line.Contains(path, StringComparison.Ordinal), $"no line that names the file: {line}");
        }

        var found = CheckpointFile.At(path, Binding, resume: true, Tell);
        var checkpoint = new Checkpoint { Saved = found.Saved, Refused = found.Refused, Every = TimeSpan.FromHours(1), Save = _ => { } };
        if (decides)
        {
            var property = Encoding.UTF8.GetBytes(Workshop.Property);
            var answer = new PropertyVerifier { AttackStarts = 0, Threads = 1, MostParts = 20_000, TimeLimit = TimeSpan.FromSeconds(2), Checkpoint = checkpoint }.Solve(Workshop.Model, "model.onnx", property, "property.vnnlib");
            FindingException.Unless(answer.Answer is PropertyAnswer.Unsat or PropertyAnswer.Unknown or PropertyAnswer.Timeout, $"answered {answer.Answer}");
            if (answer.Answer == PropertyAnswer.Unsat)
            {
                var report = PropertyChecker.Check(answer.Certificate!, Workshop.Model, property);
                FindingException.Unless(report.Accepted, $"rejected: {report.Reason}");
            }
        }
        else
        {
            var result = new Certifier { Curve = false, RelativeGap = 0.1, TimeLimit = TimeSpan.FromSeconds(2), Threads = 1, Checkpoint = checkpoint }.Run(Workshop.Estimator, Workshop.Family, Workshop.Robustness);
            var report = CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(result.Certificate), "c"), Workshop.Model);
            FindingException.Unless(report.Accepted, $"rejected: {report.Reason}");
        }

        return !refused;
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent)
    {
        // Mark, head, digest, binding, state.
        var body = 1 + Head.Length + 32;
        var changed = mutator.Bytes(parent.Length > body + 32 && mutator.Chance(0.8) ? parent[(body + 32)..] : parent[1..]);
        return mutator.Chance(0.8) ? Packed((char)parent[0], changed) : [parent[0], .. changed];
    }

    private static byte[] Packed(char mark, byte[] state)
    {
        var bound = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Binding));
        return [(byte)mark, .. Head, .. System.Security.Cryptography.SHA256.HashData([.. bound, .. state]), .. bound, .. state];
    }

    /// <summary>Behind a mark that is not part of the file, states of the search that encloses (E) and of the one that decides (D): the first and the last few of each.</summary>
    public static ImmutableArray<byte[]> Saved()
    {
        var states = new List<byte[]>();
        new Certifier { Curve = false, RelativeGap = 0.01, Threads = 1, Checkpoint = Keep('E') }.Run(Workshop.Estimator, Workshop.Family, Workshop.Robustness);
        new PropertyVerifier { AttackStarts = 0, Threads = 1, Checkpoint = Keep('D') }.Solve(Workshop.Model, "model.onnx", Encoding.UTF8.GetBytes(Workshop.Property), "property.vnnlib");
        return [.. states.GroupBy(state => state[0]).SelectMany(kind => kind.Count() <= 2 * Ends ? kind : kind.Take(Ends).Concat(kind.TakeLast(Ends)))];

        Checkpoint Keep(char mark) => new() { Every = TimeSpan.Zero, Save = state => states.Add(Packed(mark, state)) };
    }
}

/// <summary>Journals of runs, opened to be gone on with: what is whole is kept, the rest is cut off, and entries can be added.</summary>
internal sealed class JournalTarget : Target
{
    private static readonly byte[] Head = "certify-journal/1\n"u8.ToArray();

    public override string Name => "journal";

    protected override IEnumerable<byte[]> Seeds => [Written(3), Written(0), Written(1)];

    protected override IEnumerable<Func<byte[]>> Hostile =>
    [
        () => [.. Head, .. Entry([0xFF, 0xFF, 0xFF, 0xFF, 0xFF])],
        () => [.. Head, .. Entry([0xFF, 0xFF, 0xFF, 0xFF, 0x0F])],
        () => [.. Head, .. Entry([0xFF, 0xFF, 0xFF, 0xFF, 0x07])],
        () => [.. Head, .. Entry([1, 0xFF, 1, 0xC0, 0])],
        () => [.. Head, .. new byte[5_000_000]],
        () => [.. Head, .. BitConverter.GetBytes(int.MaxValue), .. new byte[100]],
        () => [.. Head, .. BitConverter.GetBytes(-1), .. new byte[100]],
    ];

    public override bool Run(byte[] input)
    {
        var folder = Path.Combine(Workshop.Folder, "journal");
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "run.journal");
        File.WriteAllBytes(path, input);
        var whole = false;
        var entry = new RunJournal.Entry("new.json", "", "", 0, "", [], [], []);
        using (var journal = RunJournal.Open(folder, resume: true))
        {
            whole = journal.Find("claim-0.json") is not null || input.Length == Head.Length;
            journal.Add(entry);
        }

        // What is left is what was whole, and the new entry behind it.
        var bytes = File.ReadAllBytes(path);
        using var again = RunJournal.Open(folder, resume: true);
        FindingException.Unless(again.Find("new.json") is not null, "the new entry is not found again");
        FindingException.Unless(bytes.AsSpan().StartsWith(Head), "the journal lost its head");
        return whole;
    }

    protected override byte[] Mutate(Mutator mutator, byte[] parent)
    {
        if (parent.Length <= Head.Length + 36 || mutator.Chance(0.3))
        {
            return mutator.Bytes(parent);
        }

        // The first entry changed, with a digest that fits.
        var length = BitConverter.ToInt32(parent, Head.Length);
        return [.. Head, .. Entry(mutator.Bytes(parent.AsSpan(Head.Length + 36, length).ToArray())), .. parent.AsSpan(Head.Length + 36 + length)];
    }

    private static byte[] Entry(byte[] bytes) => [.. BitConverter.GetBytes(bytes.Length), .. System.Security.Cryptography.SHA256.HashData(bytes), .. bytes];

    private static byte[] Written(int entries)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Workshop.Folder, "seed")).FullName;
        using (var journal = RunJournal.Open(folder, resume: false))
        {
            for (var i = 0; i < entries; i++)
            {
                journal.Add(new RunJournal.Entry(
                    string.Create(CultureInfo.InvariantCulture, $"claim-{i}.json"), new string('a', 64), new string('b', 64), i, "why", [new CurvePoint(0.2, 0, i)], [new MapCell(0, 1, 0, 1, i)], [new ProgressPoint(i, 0, 1)]));
            }
        }

        return File.ReadAllBytes(Path.Combine(folder, "run.journal"));
    }
}
