using System.Buffers.Binary;
using Certify.Native;
using TorchSharp;
using Xunit;

namespace Certify.Tests.Native;

/// <summary>The patch on real bytes and on broken ones, and the loaded library at work.</summary>
public sealed class NativeTorchTests
{
    private const string Version = "GLIBCXX_3.4.32";

    private static byte[] Wrapper { get; } =
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so"));

    [Fact]
    public void Weaken_sets_one_bit_of_the_wrapper()
    {
        var patched = NativeTorch.WeakenVersion(Wrapper, Version);
        var changed = Enumerable.Range(0, Wrapper.Length).Where(i => patched[i] != Wrapper[i]).ToList();
        var at = Assert.Single(changed);
        Assert.Equal(0, Wrapper[at]);
        Assert.Equal(2, patched[at]);
        // vna_hash precedes vna_flags: the entry is the one of this version and of no other.
        Assert.Equal(ElfHash(Version), BinaryPrimitives.ReadUInt32LittleEndian(patched.AsSpan(at - 4)));
    }

    [Fact]
    public void Weaken_twice_is_weaken_once()
    {
        var once = NativeTorch.WeakenVersion(Wrapper, Version);
        Assert.Equal(once, NativeTorch.WeakenVersion(once, Version));
    }

    [Fact]
    public void Weaken_leaves_a_file_without_the_requirement_unchanged()
    {
        Assert.Equal(Wrapper, NativeTorch.WeakenVersion(Wrapper, "GLIBCXX_9.9.99"));
        Assert.Equal(Wrapper, NativeTorch.WeakenVersion(Wrapper, "GLIBCXX_3.4.3")); // a prefix of other names
    }

    [Fact]
    public void Weaken_rejects_what_is_no_elf_file()
    {
        Assert.Throws<BadImageFormatException>(() => NativeTorch.WeakenVersion([], Version));
        Assert.Throws<BadImageFormatException>(() => NativeTorch.WeakenVersion("MZ not an ELF file, but long enough to hold the header of one ...."u8, Version));
        Assert.Throws<BadImageFormatException>(() => NativeTorch.WeakenVersion(With(4, 1), Version)); // 32-bit
        Assert.Throws<BadImageFormatException>(() => NativeTorch.WeakenVersion(With(5, 2), Version)); // big-endian
    }

    [Fact]
    public void Weaken_rejects_every_truncation_that_cuts_a_table()
    {
        var at = Changed();
        foreach (var length in (int[])[16, 63, 64, 200, 1000, at - 200, at - 1, at, at + 1])
        {
            Assert.Throws<BadImageFormatException>(() => NativeTorch.WeakenVersion(Wrapper.AsSpan(0, length), Version));
        }
    }

    [Fact]
    public void Weaken_never_throws_anything_but_bad_image_on_damaged_bytes()
    {
        // Damage where the tables are: headers at the start, and around the entry itself. Seeded, so a failure repeats.
        var random = new Random(20260401);
        var at = Changed();
        var damaged = (byte[])Wrapper.Clone();
        for (var trial = 0; trial < 2000; trial++)
        {
            var places = Enumerable.Range(0, 1 + random.Next(4)).Select(_ => random.Next(3) == 0 ? at - 160 + random.Next(320) : random.Next(800)).ToList();
            places.ForEach(place => damaged[place] = (byte)random.Next(256));
            try
            {
                Assert.Equal(damaged.Length, NativeTorch.WeakenVersion(damaged, Version).Length);
            }
            catch (BadImageFormatException)
            {
            }

            places.ForEach(place => damaged[place] = Wrapper[place]);
        }
    }

    [Fact]
    public void Tensors_work_after_loading_from_many_threads()
    {
        var states = new NativeTorchState[8];
        Parallel.For(0, states.Length, i => states[i] = NativeTorch.EnsureLoaded());
        Assert.All(states, state => Assert.Same(states[0], state));

        using var scope = torch.NewDisposeScope();
        var product = torch.mm(torch.tensor(new double[,] { { 1, 2 }, { 3, 4 } }), torch.tensor(new double[,] { { 5, 6 }, { 7, 8 } }));
        Assert.Equal([19, 22, 43, 50], product.data<double>().ToArray());
    }

    [Fact]
    public void The_files_in_the_output_folder_stay_as_they_were()
    {
        NativeTorch.EnsureLoaded();
        var before = NativeTorch.WeakenVersion(Wrapper, Version);
        Assert.NotEqual(before, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so")));
    }

    private static int Changed()
    {
        var patched = NativeTorch.WeakenVersion(Wrapper, Version);
        return Enumerable.Range(0, Wrapper.Length).First(i => patched[i] != Wrapper[i]);
    }

    private static byte[] With(int place, byte value)
    {
        var copy = (byte[])Wrapper.Clone();
        copy[place] = value;
        return copy;
    }

    /// <summary>The hash of System V ABI, chapter 5, as the loader compares it.</summary>
    private static uint ElfHash(string name)
    {
        var hash = 0u;
        foreach (var c in name)
        {
            hash = unchecked((hash << 4) + c);
            var high = hash & 0xF0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return hash;
    }
}
