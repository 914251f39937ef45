using System.Globalization;
using System.Runtime.InteropServices;
using Fuzzing;
using SharpFuzz;

// fuzz seeds FORMAT FOLDER       writes the corpus of a format
// fuzz instrument FROM TO        copies an assembly, with counters for afl-fuzz
// fuzz run FORMAT                reads inputs that afl-fuzz sends
switch (args)
{
    case ["seeds", var format, var folder]:
        Directory.CreateDirectory(folder);
        foreach (var (i, bytes) in Target.Of(format).Corpus.Index())
        {
            File.WriteAllBytes(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"seed-{i:D3}")), bytes);
        }

        return 0;
    case ["instrument", var from, var to]:
        File.Copy(from, to, overwrite: true);
        Fuzzer.Instrument(to, _ => true, Options.Value);
        return 0;
    case ["run", var format]:
        var target = Target.Of(format);
        unsafe
        {
            // What the target prepares counts as well, before there are counters of afl-fuzz.
            SharpFuzz.Common.Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(1 << 16);
        }

        _ = target.Corpus;
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            target.Run(bytes.ToArray());
        });
        return 0;
    default:
        Console.Error.WriteLine("usage: see bench/fuzz/run");
        return 64;
}
