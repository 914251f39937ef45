using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Certify.Native;
using Xunit;

// Training sets libtorch's number of threads, one number for the whole process: classes take turns.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Estimators.Tests;

internal static class TensorSetup
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A test assembly has no entry point of its own, and every test needs tensors.")]
    internal static void Load() => NativeTorch.EnsureLoaded();
}
