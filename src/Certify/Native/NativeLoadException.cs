namespace Certify.Native;

/// <summary>A native library could not be loaded; the message is one line that says what to install.</summary>
public sealed class NativeLoadException : InvalidOperationException
{
    /// <summary>Says what failed and what to do about it, in one line.</summary>
    public NativeLoadException(string message)
        : base(message)
    {
    }

    /// <summary>Says what failed and what to do about it, in one line, and keeps the cause.</summary>
    public NativeLoadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
