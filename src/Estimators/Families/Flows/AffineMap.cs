using Tensor = TorchSharp.torch.Tensor;

namespace Estimators.Families.Flows;

/// <summary>z = (u - t) exp(-c), c = 2 tanh(r / 2), for the two numbers t and r of each element: c lies in (-2, 2), so that no map stretches by more than e².</summary>
internal sealed class AffineMap : ElementMap
{
    /// <inheritdoc/>
    public override int Count => 2;

    /// <inheritdoc/>
    public override (T Result, T Logs) Apply<T>(T u, T raw)
    {
        var logs = Logs(raw);
        return ((u - raw.Rows(0, 1)) * logs.Exp(), logs);
    }

    /// <inheritdoc/>
    public override Tensor Invert(Tensor z, Tensor raw) => (z * (-Logs(new TensorFormula(raw)).Value).exp()) + raw.narrow(1, 0, 1);

    /// <summary>-c.</summary>
    private static T Logs<T>(T raw)
        where T : IFormula<T> => (raw.Rows(1, 1) * 0.5).Tanh() * -2;
}
