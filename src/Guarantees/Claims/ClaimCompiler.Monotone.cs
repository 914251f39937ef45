using Guarantees.Distributions;

namespace Guarantees.Claims;

/// <content>How steeply a number that is read off the posterior rises with one entry of the data.</content>
public static partial class ClaimCompiler
{
    /// <summary>g = -d f / d x_j, whose largest value is minus the smallest slope.</summary>
    private static Problem Monotone(Draft draft)
    {
        var (claim, builder) = (draft.Claim, draft.Builder);
        var (value, _, isExact, formula) = draft.Family is OutputVector ? (Element(draft), [], true, "the output") : ValueOf(draft, new FamilyPair(draft.Parameters, draft.ReferenceAt(draft.Center)));
        if (!isExact)
        {
            throw ClaimChecks.Wrong($"The {Named(claim)} of the family {draft.Family.Name} is compiled as a bound, whose slope says nothing; ask for another quantity.");
        }

        value = claim.IsDecreasing ? -value : value;
        var objective = -Slopes.Along(builder, value, draft.Input, claim.Coordinate);
        builder.Output("value", value);
        builder.Output("objective", objective);
        var f = claim.IsDecreasing ? $"f = -({formula})" : $"f = {formula}";
        return new Problem(builder.Build(), objective.Id, draft.Domain)
        {
            Sign = -1,
            Slope = new SlopeQuestion(value.Id, claim.Coordinate),
            Text = $"Smallest slope of {(claim.IsDecreasing ? "minus " : "")}the {Named(claim)} in x_{claim.Coordinate}, for {draft.Where}: "
                + $"the least (f(x') - f(x)) / (x'_{claim.Coordinate} - x_{claim.Coordinate}) over x and x' that differ in entry {claim.Coordinate} alone, {f}.",
        };
    }
}
