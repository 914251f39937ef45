using System.Globalization;
using Certify.Native;
using TorchSharp;

namespace GpuBench;

/// <summary>Says what would be loaded and whether it fits, before anything is loaded; then loads it.</summary>
internal static class Doctor
{
    /// <summary>Prints; 0 when tensors work.</summary>
    public static int Run(bool cuda)
    {
        Console.WriteLine($"driver: {(CudaDevice.Find(out var reason) is { } card ? $"{card}" : reason)}");
        foreach (var found in PyTorchFolders.All())
        {
            Console.WriteLine($"PyTorch: {found}, version {PyTorchFolders.Version(found)}, {(PyTorchFolders.HasCuda(found) ? "with" : "without")} CUDA");
        }

        var (folder, wrapper) = NativeTorch.Locate(cuda);
        Console.WriteLine($"libtorch to load: {folder ?? "none"}");
        Console.WriteLine($"wrapper: {wrapper ?? "none"}");
        if (folder is not null && wrapper is not null && Directory.Exists(folder))
        {
            var fit = TorchFit.Of(wrapper, folder);
            Console.WriteLine($"fit: {fit}");
            foreach (var (symbol, early) in fit.Missing)
            {
                Console.WriteLine($"missing{(early ? ", needed to load" : "")}: {symbol}");
            }
        }

        Console.WriteLine($"loading: {NativeTorch.EnsureLoaded(cuda)}");
        if (cuda && !torch.cuda.is_available())
        {
            try
            {
                torch.InitializeDeviceType(DeviceType.CUDA);
            }
            catch (Exception failure)
            {
                Console.WriteLine($"CUDA: {failure.GetType().Name}: {failure.Message}");
            }
        }

        using var scope = torch.NewDisposeScope();
        var device = cuda && torch.cuda.is_available() ? torch.CUDA : torch.CPU;
        var product = torch.ones(64, 64, device: device).matmul(torch.ones(64, 64, device: device)).sum().to(torch.CPU).item<float>();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"CUDA available: {torch.cuda.is_available()}; a product on {device}: {product} (right: 262144)"));
        return product == 262144 ? 0 : 1;
    }
}
