using System.Globalization;

namespace Guarantees.Formats.VnnLib;

/// <summary>Writes a counterexample as verifiers do.</summary>
/// <remarks>
/// Numbers are the shortest decimals that read back to the same double. For VNN-LIB 1.0 the form is that of the yearly competition VNN-COMP: <c>sat</c>, then one
/// list of (variable value). For 2.0 it is <c>sat</c>, then each tensor's name, type and shape, and its elements in row-major order: github.com/VNNLIB/VNNLIB-Standard,
/// document/chapters/cli_solver.tex, "Command-line assignment format".
/// </remarks>
public static class VnnLibWitness
{
    /// <summary>Writes <c>sat</c> and ((X_0 value) (X_1 value) ... (Y_0 value) ...), one variable a line.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="inputs">x, finite.</param>
    /// <param name="outputs">y, finite.</param>
    /// <exception cref="ArgumentException">A value is infinite or NaN, or there is none.</exception>
    public static void Write(TextWriter writer, ReadOnlySpan<double> inputs, ReadOnlySpan<double> outputs)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Require(inputs, nameof(inputs));
        Require(outputs, nameof(outputs));
        writer.Write("sat\n(");
        for (var i = 0; i < inputs.Length; i++)
        {
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : "\n")}(X_{i} {Text(inputs[i])})"));
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"\n(Y_{i} {Text(outputs[i])})"));
        }

        writer.Write(")\n");
    }

    /// <summary>Writes a witness of a property in the form of the property's version.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="property">The property.</param>
    /// <param name="inputs">x, finite, as many as the property has inputs.</param>
    /// <param name="outputs">y, finite, as many as the property has outputs.</param>
    /// <exception cref="ArgumentException">A value is infinite or NaN, or their number does not fit.</exception>
    public static void Write(TextWriter writer, VnnLibProperty property, ReadOnlySpan<double> inputs, ReadOnlySpan<double> outputs)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(property);
        if (inputs.Length != property.InputLength || outputs.Length != property.OutputLength)
        {
            throw new ArgumentException(
                $"The property has {property.InputLength} inputs and {property.OutputLength} outputs; got {inputs.Length} and {outputs.Length}.", nameof(inputs));
        }

        if (property.MajorVersion < 2)
        {
            Write(writer, inputs, outputs);
            return;
        }

        Require(inputs, nameof(inputs));
        Require(outputs, nameof(outputs));
        writer.Write("sat\n");
        foreach (var network in property.Networks)
        {
            foreach (var tensor in network.Inputs)
            {
                Write(writer, tensor, inputs);
            }

            foreach (var tensor in network.Outputs)
            {
                Write(writer, tensor, outputs);
            }
        }
    }

    private static void Write(TextWriter writer, VnnLibTensor tensor, ReadOnlySpan<double> values)
    {
        writer.Write($"{tensor.Name} {tensor.ElementType} [{string.Join(',', tensor.Shape)}]\n");
        foreach (var value in values.Slice(tensor.Offset, tensor.Length))
        {
            writer.Write(Text(value));
            writer.Write('\n');
        }
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();

    private static void Require(ReadOnlySpan<double> values, string name)
    {
        if (values.IsEmpty)
        {
            throw new ArgumentException("A witness has at least one input and one output.", name);
        }

        foreach (var value in values)
        {
            if (!double.IsFinite(value))
            {
                throw new ArgumentException($"A witness has finite values; got {value.ToString(CultureInfo.InvariantCulture)}.", name);
            }
        }
    }
}
