using System.Globalization;
using Guarantees.Arithmetic;

namespace Guarantees.Networks.Operators;

/// <summary>An operator is not defined on all of a range it was given: the range is too wide to say anything, or the network is not well defined there.</summary>
public sealed class DomainException : ArithmeticException
{
    /// <summary>Creates the exception.</summary>
    public DomainException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public DomainException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public DomainException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal static DomainException Of(string name, Interval x, string needs) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{name} needs {needs}; its argument ranges over {x}."));
}
