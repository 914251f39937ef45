using Certify.Native;
using Certify.Tensors;
using Xunit;

namespace Certify.Tests.Native;

/// <summary>Finding a PyTorch by looking at files, and telling what a libtorch lacks without loading it.</summary>
public sealed class TorchFitTests : IDisposable
{
    private static readonly string Wrapper = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
    private static readonly string Packaged = Path.Combine(AppContext.BaseDirectory, "libtorch");
    private readonly string folder = Directory.CreateTempSubdirectory("torchfit-").CreateSubdirectory("python3.12").FullName; // as in site-packages of a Python

    public void Dispose() => Directory.GetParent(folder)!.Delete(recursive: true);

    [Fact]
    public void The_packaged_libtorch_has_all_that_loading_needs()
    {
        var fit = TorchFit.Of(Wrapper, Packaged);
        Assert.True(fit.Loads, fit.ToString());
        Assert.InRange(fit.Asked, 1000, 2000);

        // The one symbol that old systems lack and nothing calls: NativeTorch says why it may be missing.
        Assert.All(fit.Missing, missing => Assert.Equal(("_ZSt21ios_base_library_initv", false), missing));
    }

    [Fact]
    public void A_libtorch_that_lacks_libraries_is_told_with_what_is_missing()
    {
        File.Copy(Path.Combine(Packaged, "libc10.so"), Path.Combine(folder, "libc10.so"));
        var fit = TorchFit.Of(Wrapper, folder);
        Assert.False(fit.Loads);
        Assert.Contains(fit.Missing, missing => missing is ("_ZN2at4_ops6matmul4callERKNS_6TensorES4_", false)); // a function: missed when it is called
        Assert.Contains(fit.Missing, missing => missing is ("_ZTVN5torch2nn6ModuleE", true)); // a virtual table: missed at once
        Assert.DoesNotContain(fit.Missing, missing => missing.Symbol.StartsWith("_ZTVN3c105Error", StringComparison.Ordinal)); // libc10 has it
        Assert.Contains("needed to load", fit.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fit.ToString());
    }

    [Fact]
    public void Files_that_are_no_libraries_are_refused_or_offer_nothing()
    {
        File.WriteAllText(Path.Combine(folder, "libnone.so"), "INPUT(-lc10)");
        Assert.False(TorchFit.Of(Wrapper, folder).Loads);
        Assert.Throws<BadImageFormatException>(() => TorchFit.Of(Path.Combine(folder, "libnone.so"), Packaged));

        // Damaged tables lead to that exception and to no other.
        var (bytes, random) = (File.ReadAllBytes(Wrapper), new Random(20261126));
        var damaged = Path.Combine(folder, "damaged.so");
        for (var trial = 0; trial < 60; trial++)
        {
            var copy = (byte[])bytes.Clone();
            copy[random.Next(64)] = (byte)random.Next(256); // the header
            var table = (int)BitConverter.ToUInt64(copy, 40);
            copy[Math.Clamp(table + random.Next(1800), 0, copy.Length - 1)] = (byte)random.Next(256); // the section headers
            File.WriteAllBytes(damaged, copy.AsSpan(0, trial % 3 == 0 ? random.Next(copy.Length) : copy.Length));
            try
            {
                ElfSymbols.Read(damaged);
            }
            catch (BadImageFormatException)
            {
            }
        }
    }

    [Fact]
    public void A_pytorch_on_the_python_path_is_found_with_its_version()
    {
        var lib = Directory.CreateDirectory(Path.Combine(folder, "torch", "lib")).FullName;
        var before = Environment.GetEnvironmentVariable("PYTHONPATH");
        try
        {
            Environment.SetEnvironmentVariable("PYTHONPATH", folder);
            Assert.DoesNotContain(lib, PyTorchFolders.All());
            File.WriteAllText(Path.Combine(lib, "libtorch.so"), "");
            File.WriteAllText(Path.Combine(folder, "torch", "version.py"), "from typing import Optional\n__version__ = '2.11.0+cu130'\ndebug = False\n");
            Assert.Equal(lib, PyTorchFolders.All()[0]);
            Assert.Equal("2.11.0+cu130", PyTorchFolders.Version(lib));
            Assert.False(PyTorchFolders.HasCuda(lib));
            File.WriteAllText(Path.Combine(lib, "libtorch_cuda.so"), "");
            Assert.True(PyTorchFolders.HasCuda(lib));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PYTHONPATH", before);
        }
    }

    [Fact]
    public void A_device_that_is_not_here_is_one_clear_line()
    {
        if (CudaDevice.Find(out var reason) is not null)
        {
            return; // this machine has one
        }

        Assert.NotEmpty(reason);
        var error = Assert.Throws<DeviceNotFoundException>(() => TensorDevice.Open("cuda"));
        Assert.Contains("no CUDA device", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorDevice.Open("tpu"));
    }
}
