namespace Guarantees.Formats;

/// <summary>A model file cannot be read: it is malformed, or uses something outside what this project supports.</summary>
/// <remarks>The message is one line that names the file, the node, its operator and opset where there is one, the value found and what was expected.</remarks>
public sealed class ModelFormatException : FormatException
{
    /// <summary>Creates the exception.</summary>
    public ModelFormatException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public ModelFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public ModelFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
