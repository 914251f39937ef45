using System.Collections.Immutable;
using Guarantees.Networks;
using Guarantees.Networks.Operators;

namespace Guarantees.Formats.Onnx;

/// <summary>One output of a model, over a domain: where its real value lies, and how far a float32 execution may be from it.</summary>
/// <param name="Range">Holds the real value at every float32 input of the domain.</param>
/// <param name="Error">Per element: at least |executed - real|; infinite where nothing is known.</param>
public sealed record ExecutedOutput(Box Range, ImmutableArray<double> Error);

/// <summary>What executing an ONNX model in float32 does to its outputs, in any order of summation, with or without fused multiply-add.</summary>
/// <remarks>
/// Law: for every float32 vector x of the domain and every IEEE-754 float32 execution of the model's operators, each output element lies within Error of the real
/// function's value at x (weights exact). An a-priori forward analysis: gamma_n = n u / (1 - n u) times the sum of the terms' sizes, u = 2^-24, carried from
/// operator to operator by ranges and slopes. What is covered and assumed: <see cref="ExecutionAlgebra"/>, <see cref="Assumption"/>, docs/soundness.md.
/// Source: N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., SIAM, 2002. That verifiers of real semantics can be fooled by float32 order:
/// D. Zombori, B. Bánhelyi, T. Csendes, I. Megyeri, M. Jelasity, "Fooling a Complete Neural Network Verifier", ICLR 2021.
/// </remarks>
public static class Float32Execution
{
    /// <summary>What is assumed of a float32 library's elementary functions, which IEEE-754 does not specify.</summary>
    public const string Assumption = ExecutionAlgebra.Assumption;

    /// <summary>Bounds every output over a domain.</summary>
    /// <param name="model">Bytes of the model file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="domain">The whole input.</param>
    /// <exception cref="ModelFormatException">The model uses an operator whose executions are not modelled, or is malformed; one line.</exception>
    public static IReadOnlyDictionary<string, ExecutedOutput> Over(ReadOnlyMemory<byte> model, string name, Box domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        try
        {
            var values = new GraphReader(OnnxImporter.Parse(model), new ExecutionAlgebra(domain)).ReadValues();
            return values.ToDictionary(pair => pair.Key, pair =>
            {
                var x = ExecutionAlgebra.Executed(pair.Value);
                return new ExecutedOutput(new Box(x.Lower, x.Upper), [.. Enumerable.Range(0, x.Count).Select(x.ErrorAt)]);
            });
        }
        catch (ModelFormatException problem)
        {
            throw new ModelFormatException($"{name}: {OneLine.Plain(problem.Message)}.", problem);
        }
        catch (DomainException problem)
        {
            throw new ModelFormatException($"{name}: {OneLine.Plain(problem.Message)}.", problem);
        }
    }
}
