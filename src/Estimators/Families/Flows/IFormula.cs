namespace Estimators.Families.Flows;

/// <summary>Numbers [batch, rows, m] that a formula is written in once: read as tensors it is trained and drawn from, read as nodes of a model it is exported.</summary>
/// <typeparam name="T">The type itself.</typeparam>
internal interface IFormula<T>
    where T : IFormula<T>
{
    static abstract T operator +(T a, T b);

    static abstract T operator -(T a, T b);

    static abstract T operator *(T a, T b);

    static abstract T operator +(T a, double b);

    static abstract T operator *(T a, double b);

    /// <summary>e^v.</summary>
    T Exp();

    /// <summary>ln v.</summary>
    T Log();

    /// <summary>tanh v.</summary>
    T Tanh();

    /// <summary>v².</summary>
    T Square();

    /// <summary>min(max(v, lower), upper).</summary>
    T Clamp(double lower, double upper);

    /// <summary>The sum over rows, [batch, 1, m].</summary>
    T Sum();

    /// <summary>Some of the rows, [batch, count, m].</summary>
    T Rows(int start, int count);

    /// <summary>A constant matrix times the rows, [batch, number of its rows, m].</summary>
    T MapRows(float[,] matrix);
}
