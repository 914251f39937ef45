namespace Guarantees.Formats;

/// <summary>A VNN-LIB property cannot be read: it is malformed, or uses something outside what this project supports.</summary>
/// <remarks>The message is one line, "FILE:LINE:COLUMN: what was found, what was expected"; without a place where there is none.</remarks>
public sealed class VnnLibFormatException : FormatException
{
    /// <summary>Creates the exception.</summary>
    public VnnLibFormatException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public VnnLibFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public VnnLibFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
