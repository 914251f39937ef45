namespace Guarantees.Formats;

/// <summary>A spec cannot be read, or does not fit the model that it names.</summary>
/// <remarks>The message is one line, "FILE:LINE:COLUMN: what, the value found, the range expected"; without a place where there is none.</remarks>
public sealed class SpecFormatException : FormatException
{
    /// <summary>Creates the exception.</summary>
    public SpecFormatException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public SpecFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public SpecFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
