using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Networks;
using Guarantees.Networks.Operators;
using Xunit;

namespace Guarantees.Tests.Checking;

public class BoundPropagationRangeTests
{
    /// <summary>A node beside the way from the input to the objective is never bounded: asking for its range is refused, and not answered with what was there before.</summary>
    [Fact]
    public void The_range_of_a_node_that_the_objective_does_not_depend_on_is_refused()
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 1);
        var (objective, beside) = (builder.Apply(new Tanh(), x), builder.Apply(new Square(), x));
        builder.Output("objective", objective);
        builder.Output("beside", beside);
        var bounds = new BoundPropagation(new Problem(builder.Build(), objective.Id, new Domain(new Box([2], [3]))));
        Assert.InRange(bounds.UpperBound(new Box([2], [3])), Math.Tanh(3), 1);
        Assert.InRange(bounds.Range(objective.Id)[0].Lower, 0.9, Math.Tanh(2));
        Assert.Contains("does not depend on it", Assert.Throws<ArgumentException>(() => bounds.Range(beside.Id)).Message, StringComparison.Ordinal);
    }
}
