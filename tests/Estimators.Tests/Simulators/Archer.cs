using Estimators.Distributions;
using Estimators.Simulators;

namespace Estimators.Tests.Simulators;

/// <summary>How many of 20 throws hit and how far the hits lie from the middle on average, for an archer of spread theta_0 aiming theta_1 beside.</summary>
public sealed class Archer : Simulator
{
    public override string Name => "archer";
    public override int DataCount => 2;
    public override Distribution Prior { get; } = new LogNormal([-1, -1], [0.5, 0.5]);

    public override void Simulate(ReadOnlySpan<double> theta, DrawSource random, Span<double> x)
    {
        x.Clear();
        for (var i = 0; i < 20; i++)
        {
            var (u, v) = (theta[1] + (theta[0] * random.Normal()), theta[0] * random.Normal());
            var distance = Math.Sqrt((u * u) + (v * v));
            x[0] += distance < 1 ? 1 : 0;
            x[1] += distance < 1 ? distance : 0;
        }

        x[1] /= Math.Max(x[0], 1);
    }
}
