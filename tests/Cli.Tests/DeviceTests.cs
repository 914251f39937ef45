using System.Globalization;
using Certify.Native;
using Xunit;

namespace Cli.Tests;

/// <summary><c>--device</c>: what it changes, and what is said where there is none.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public void Bounds_on_a_device_are_those_of_the_host_and_say_that_they_are_not_rounded()
    {
        workshop.Write("box.csv", "lo0,lo1,hi0,hi1\n-0.1,-0.2,0.1,0.2\n0.3,0.3,0.3,0.3\n");
        foreach (var method in (string[])["ibp", "crown"])
        {
            var host = Program.Run(workshop.Folder, "bounds", "linear.onnx", "--box", "box.csv", "--method", method);
            var device = Program.Run(workshop.Folder, "bounds", "linear.onnx", "--box", "box.csv", "--method", method, "--device", "cpu");
            Assert.Equal((0, 0), (host.ExitCode, device.ExitCode));
            Assert.Contains("not rounded outward", device.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("TorchSharp", host.Loaded);
            foreach (var (a, b) in Numbers(host.Output).Zip(Numbers(device.Output)))
            {
                Assert.Equal(a, b, 1e-6);
            }
        }
    }

    [Theory]
    [InlineData("bounds m.onnx --box b.csv --device tpu", "'tpu' not recognized")]
    [InlineData("bounds m.onnx --box b.csv --device cpu --method alpha-crown", "alpha-crown runs on the host")]
    [InlineData("run s.yaml --device gpu", "'gpu' not recognized")]
    public void A_device_that_does_not_exist_is_wrong_usage(string line, string message)
    {
        var ran = Program.Run(workshop.Folder, line.Split(' '));
        Assert.Equal(64, ran.ExitCode);
        Assert.Contains(message, ran.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bounds", "linear.onnx", "--box", "box.csv")]
    [InlineData("train", "two_moons", "--family", "gaussian", "--out", "q.onnx")]
    public void A_cuda_device_that_is_not_here_is_one_line_and_66(params string[] arguments)
    {
        if (CudaDevice.Find(out _) is not null)
        {
            return; // this machine has one
        }

        workshop.Write("box.csv", "lo0,lo1,hi0,hi1\n-0.1,-0.2,0.1,0.2\n");
        var ran = Program.Run(workshop.Folder, [.. arguments, "--device", "cuda"]);
        Assert.Equal(66, ran.ExitCode);
        Assert.Empty(ran.Output);
        var line = Assert.Single(ran.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => !text.StartsWith("loaded ", StringComparison.Ordinal));
        Assert.Contains("there is no CUDA device here", line, StringComparison.Ordinal);
    }

    private static double[] Numbers(string table) =>
        [.. table.Split('\n').Skip(1).SelectMany(line => line.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
}
