using static TorchSharp.torch;

namespace Estimators.Families.Flows;

/// <summary>A formula's numbers as a tensor, with gradients, in the current dispose scope.</summary>
/// <param name="Value">[batch, rows, m].</param>
internal readonly record struct TensorFormula(Tensor Value) : IFormula<TensorFormula>
{
    public static TensorFormula operator +(TensorFormula a, TensorFormula b) => new(a.Value + b.Value);

    public static TensorFormula operator -(TensorFormula a, TensorFormula b) => new(a.Value - b.Value);

    public static TensorFormula operator *(TensorFormula a, TensorFormula b) => new(a.Value * b.Value);

    public static TensorFormula operator +(TensorFormula a, double b) => new(a.Value + b);

    public static TensorFormula operator *(TensorFormula a, double b) => new(a.Value * b);

    public TensorFormula Exp() => new(Value.exp());

    public TensorFormula Log() => new(Value.log());

    public TensorFormula Tanh() => new(Value.tanh());

    public TensorFormula Square() => new(Value.square());

    public TensorFormula Clamp(double lower, double upper) => new(Value.clamp(lower, upper));

    public TensorFormula Sum() => new(Value.sum(1, keepdim: true));

    public TensorFormula Rows(int start, int count) => new(Value.narrow(1, start, count));

    public TensorFormula MapRows(float[,] matrix) => new(tensor(matrix, dtype: Value.dtype, device: Value.device).matmul(Value));
}
