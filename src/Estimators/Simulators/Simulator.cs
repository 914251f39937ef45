using Estimators.Distributions;
using static TorchSharp.torch;

namespace Estimators.Simulators;

/// <summary>A prior p(theta) and a program that draws data x given parameters theta; its likelihood need not be known.</summary>
public abstract class Simulator
{
    /// <summary>The task's name in the literature: "gaussian_linear".</summary>
    public abstract string Name { get; }

    /// <summary>Number of parameters, D.</summary>
    public int ParameterCount => Prior.Length;

    /// <summary>Number of data coordinates, n.</summary>
    public abstract int DataCount { get; }

    /// <summary>Length of the consecutive groups of data that are exchangeable points; 0 where the data are no sample of points.</summary>
    public virtual int PointLength => 0;

    /// <summary>p(theta).</summary>
    public abstract Distribution Prior { get; }

    /// <summary>One draw of x for each row of theta, float32, shape [count, <see cref="DataCount"/>]; the caller owns it.</summary>
    /// <param name="theta">Parameters, [count, <see cref="ParameterCount"/>].</param>
    /// <param name="random">Source of randomness.</param>
    public abstract Tensor Simulate(Tensor theta, Generator random);
}
