using Certify.Native;
using TorchSharp;

namespace Certify.Tensors;

/// <summary>The devices that a command line names.</summary>
public static class TensorDevice
{
    /// <summary>The device of a name, ready for tensors; loads libtorch.</summary>
    /// <param name="name"><c>cpu</c> or <c>cuda</c>.</param>
    /// <exception cref="DeviceNotFoundException">There is no such device here.</exception>
    /// <exception cref="NativeLoadException">libtorch is absent or does not fit.</exception>
    public static torch.Device Open(string name)
    {
        if (name == "cpu")
        {
            NativeTorch.EnsureLoaded();
            return torch.CPU;
        }

        if (name != "cuda")
        {
            throw new ArgumentOutOfRangeException(nameof(name), name, "The device must be cpu or cuda.");
        }

        if (CudaDevice.Find(out var reason) is not { } card)
        {
            throw new DeviceNotFoundException($"--device cuda: there is no CUDA device here ({reason}); leave the option out, or run where there is one");
        }

        if (!NativeTorch.EnsureLoaded(cuda: true).HasCuda)
        {
            throw new DeviceNotFoundException(
                $"--device cuda: {card.Name} is there, but the libtorch in use was built without CUDA; set {NativeTorch.FolderVariable} to site-packages/torch/lib of a PyTorch with CUDA");
        }

        if (!torch.cuda.is_available())
        {
            throw new DeviceNotFoundException($"--device cuda: {card.Name} is there, but libtorch cannot use it; its CUDA may be newer than the driver");
        }

        return torch.CUDA;
    }
}

/// <summary>A device that was asked for is not on this machine; the message is one line. (An IOException: what was named does not exist.)</summary>
public sealed class DeviceNotFoundException : IOException
{
    /// <summary>Says which, and why, in one line.</summary>
    public DeviceNotFoundException(string message)
        : base(message)
    {
    }
}
