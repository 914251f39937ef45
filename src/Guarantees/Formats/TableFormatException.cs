namespace Guarantees.Formats;

/// <summary>A table of numbers cannot be read.</summary>
/// <remarks>The message is one line that names the file, the line, the column and the value found.</remarks>
public sealed class TableFormatException : FormatException
{
    /// <summary>Creates the exception.</summary>
    public TableFormatException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public TableFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public TableFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
