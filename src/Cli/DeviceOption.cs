using System.CommandLine;
using System.Runtime.CompilerServices;
using Certify.Native;
using Certify.Search;
using Certify.Tensors;
using Guarantees.Claims;
using Guarantees.Networks;

namespace Cli;

/// <summary><c>--device auto|cpu|cuda</c>: where tensors help. Nothing of theirs is believed: the kernel derives every bound of an answer on the host.</summary>
internal static class DeviceOption
{
    /// <summary>The option of a command that searches.</summary>
    public static Option<string> ForSearch() => Create(
        "Where tensors choose the splits: auto (on a CUDA device where there is one and the network is large, else nowhere), cpu or cuda. They advise; the kernel derives every bound.");

    /// <summary>The option of a command that bounds.</summary>
    public static Option<string> ForBounds() => Create(
        "auto: the host, rounded outward. cpu or cuda: tensors there, for many boxes at once, NOT rounded outward.");

    /// <summary>What makes the advice, or null for none.</summary>
    /// <param name="name">The option's value.</param>
    /// <param name="network">The network, asked for only where its size decides.</param>
    /// <param name="tell">Told once why a device that was named does not help.</param>
    /// <exception cref="DeviceNotFoundException">A device that was named is not here.</exception>
    public static Func<Problem, ISplitGuide?>? Guide(string name, Func<Network> network, Action<string> tell)
    {
        if (name == "auto" && (!CudaDevice.IsLikely || !TensorGuide.IsLarge(network()) || CudaDevice.Find(out _) is null))
        {
            return null;
        }

        return Open(name, tell);
    }

    /// <summary>Apart, so that a search without a device loads no TorchSharp.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Func<Problem, ISplitGuide?>? Open(string name, Action<string> tell)
    {
        TorchSharp.torch.Device device;
        try
        {
            device = TensorDevice.Open(name == "auto" ? "cuda" : name);
        }
        catch (Exception failure) when (name == "auto" && (failure is DeviceNotFoundException or NativeLoadException))
        {
            tell($"the search stays on the host: {failure.Message}");
            return null;
        }

        var told = false;
        return problem =>
        {
            var guide = TensorGuide.TryFor(problem, device, out var reason);
            if (guide is null && !told)
            {
                told = true;
                tell($"the device does not help here: {reason}");
            }

            return guide;
        };
    }

    private static Option<string> Create(string description)
    {
        var option = new Option<string>("--device") { Description = description, DefaultValueFactory = _ => "auto" };
        option.AcceptOnlyFromAmong("auto", "cpu", "cuda"); // written out, so that a check loads nothing of the search
        return option;
    }
}
