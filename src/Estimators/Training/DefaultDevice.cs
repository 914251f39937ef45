using TorchSharp;
using static TorchSharp.torch;

namespace Estimators.Training;

/// <summary>Until it is disposed of, tensors are made on a device.</summary>
internal sealed class DefaultDevice : IDisposable
{
    private readonly Device before;

    /// <param name="device">The device; null for the CPU.</param>
    public DefaultDevice(Device? device)
    {
        (before, IsOther) = (get_default_device(), device is not null && device.type != DeviceType.CPU);
        set_default_device(device ?? CPU);
    }

    /// <summary>Whether it is not the CPU.</summary>
    public bool IsOther { get; }

    public void Dispose() => set_default_device(before);
}
