using System.Runtime.InteropServices;
using System.Text;

namespace Certify.Native;

/// <summary>A CUDA device as its driver describes it, asked without libtorch: a machine without one is told in milliseconds.</summary>
/// <param name="Name">As the driver says, for example <c>NVIDIA H100 80GB HBM3</c>.</param>
/// <param name="Memory">Bytes of device memory.</param>
/// <param name="Multiprocessors">Streaming multiprocessors.</param>
/// <param name="Kilohertz">Highest clock of the multiprocessors.</param>
/// <param name="Capability">Compute capability times ten: 90 for Hopper.</param>
/// <remarks>Source: NVIDIA, "CUDA Driver API", the functions and attribute numbers of <c>cuda.h</c>; they are stable since CUDA 2.0.</remarks>
public sealed record CudaDevice(string Name, long Memory, int Multiprocessors, int Kilohertz, int Capability)
{
    private const int AttributeKilohertz = 13;
    private const int AttributeMultiprocessors = 16;
    private const int AttributeMajor = 75;
    private const int AttributeMinor = 76;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Initialize(uint flags);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GetNumber(out int number);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GetDevice(out int device, int ordinal);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GetName(byte[] name, int length, int device);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GetMemory(out nuint bytes, int device);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GetAttribute(out int value, int attribute, int device);

    /// <summary>Whether asking could find one: on Linux, whether the driver's device files or its kernel module are there. Costs microseconds.</summary>
    public static bool IsLikely => !OperatingSystem.IsLinux() || File.Exists("/dev/nvidiactl") || Directory.Exists("/proc/driver/nvidia") || File.Exists("/dev/dxg");

    /// <summary>The first device, or null with the reason in a few words.</summary>
    public static CudaDevice? Find(out string reason)
    {
        var file = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(file, out var driver))
        {
            reason = $"the driver's library {file} is not on this machine";
            return null;
        }

        try
        {
            var status = Function<Initialize>(driver, "cuInit")(0);
            var count = 0;
            if (status != 0 || (status = Function<GetNumber>(driver, "cuDeviceGetCount")(out count)) != 0 || count == 0)
            {
                reason = status != 0 ? $"the driver answers with error {status}" : "the driver knows none";
                return null;
            }

            var name = new byte[256];
            var attribute = Function<GetAttribute>(driver, "cuDeviceGetAttribute");
            int Value(int number, int device) => attribute(out var value, number, device) == 0 ? value : 0;
            if (Function<GetDevice>(driver, "cuDeviceGet")(out var first, 0) != 0 || Function<GetName>(driver, "cuDeviceGetName")(name, name.Length, first) != 0
                || Function<GetMemory>(driver, "cuDeviceTotalMem_v2")(out var memory, first) != 0)
            {
                reason = "the driver does not describe its first device";
                return null;
            }

            reason = "";
            return new CudaDevice(
                Encoding.UTF8.GetString(name).TrimEnd('\0'),
                (long)memory,
                Value(AttributeMultiprocessors, first),
                Value(AttributeKilohertz, first),
                (10 * Value(AttributeMajor, first)) + Value(AttributeMinor, first));
        }
        catch (EntryPointNotFoundException missing)
        {
            reason = $"the driver's library {file} is incomplete ({missing.Message})";
            return null;
        }
    }

    private static T Function<T>(nint library, string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));
}
