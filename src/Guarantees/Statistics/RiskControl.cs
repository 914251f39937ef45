using Guarantees.Arithmetic;

namespace Guarantees.Statistics;

/// <summary>Chooses among parameters, from the boldest to the most cautious, one whose risk is controlled: with a confidence (risk-controlling prediction sets), or on average (conformal risk control).</summary>
/// <remarks>
/// <para>
/// <see cref="WithConfidence"/>: the first parameter j such that the upper bound of the risk, each at error probability delta, is at most the risk allowed for j and all that are more cautious. Then
/// P(risk of j > allowed) &lt;= delta, over the calibration, with no price for the number of parameters. Assumes independent observations with the same distribution, losses in [0, 1], and
/// parameters in an order fixed without these losses; that the risk falls along it makes the choice useful, and is not needed for it to hold. Why: let k be the last parameter whose risk is too large. If one with too large a
/// risk is chosen, it is k or comes before k, so the bound of k lies below its risk, which has probability at most delta.
/// Source: S. Bates, A. Angelopoulos, L. Lei, J. Malik, M. I. Jordan, "Distribution-Free, Risk-Controlling Prediction Sets", J. ACM 68, 2021, theorem 1; here for finitely many parameters.
/// </para>
/// <para>
/// <see cref="OnAverage"/>: the first parameter j with (the sum of its n losses + B) / (n + 1) &lt;= allowed. Then the mean loss of a new observation at j is at most the allowed one, over calibration and new
/// observation together, where no parameter chosen (null) counts as loss 0: nothing was said. Assumes exchangeable losses in [0, B] that never rise from one parameter to the next, for each observation. Why: with all n + 1
/// losses, the first parameter whose mean loss is at most allowed is the same whatever their order, so the mean loss of the last there is at most allowed; j comes no earlier, since the last loss is at most B.
/// Source: A. Angelopoulos, S. Bates, A. Fisch, L. Lei, T. Schuster, "Conformal Risk Control", ICLR 2024.
/// </para>
/// </remarks>
public static class RiskControl
{
    /// <summary>The parameter, from 0; null where even the most cautious is not certified.</summary>
    /// <param name="losses">[j][i]: the loss of observation i with parameter j, in [0, 1]; parameters from the boldest to the most cautious.</param>
    /// <param name="risk">The largest risk allowed, in (0, 1).</param>
    /// <param name="delta">Error probability, in (0, 1/2].</param>
    /// <param name="bound">The upper bound of a mean, chosen without the losses.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, or parameters have different numbers of losses.</exception>
    public static int? WithConfidence(IReadOnlyList<double[]> losses, double risk, double delta, MeanBound bound)
    {
        CheckTable(losses);
        CheckRisk(risk, 1);
        int? chosen = null;
        for (var j = losses.Count - 1; j >= 0 && bound.Upper(losses[j], new(0, 1), delta) <= risk; j--)
        {
            chosen = j;
        }

        return chosen;
    }

    /// <summary>The parameter, from 0; null where even the most cautious does not reach the risk allowed.</summary>
    /// <param name="losses">[j][i]: the loss of observation i with parameter j, in [0, B]; parameters from the boldest to the most cautious, along which no observation's loss rises.</param>
    /// <param name="risk">The largest mean loss allowed, in (0, B).</param>
    /// <param name="largest">B, the largest loss possible, finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range, a loss rises, or parameters have different numbers of losses.</exception>
    public static int? OnAverage(IReadOnlyList<double[]> losses, double risk, double largest)
    {
        CheckTable(losses);
        if (!(largest > 0 && double.IsFinite(largest)))
        {
            throw new ArgumentOutOfRangeException(nameof(largest), largest, "Expected a finite largest loss above 0.");
        }

        CheckRisk(risk, largest);
        int? chosen = null;
        for (var j = losses.Count - 1; j >= 0; j--)
        {
            var sum = largest;
            for (var i = 0; i < losses[j].Length; i++)
            {
                var loss = losses[j][i];
                if (!(loss >= 0 && loss <= largest))
                {
                    throw new ArgumentOutOfRangeException(nameof(losses), loss, $"Expected losses in [0, {largest:R}]: observation {i}, parameter {j}.");
                }

                if (j + 1 < losses.Count && losses[j + 1][i] > loss)
                {
                    throw new ArgumentOutOfRangeException(nameof(losses), losses[j + 1][i], $"Expected a loss of at most {loss:R}, that of the parameter before: observation {i}, parameter {j + 1}.");
                }

                sum = Rounding.AddUp(sum, loss);
            }

            chosen = sum <= Rounding.MultiplyDown(risk, losses[j].Length + 1.0) ? j : chosen;
        }

        return chosen;
    }

    internal static void CheckTable(IReadOnlyList<double[]> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        if (losses.Count == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(losses), 0, "Expected at least one parameter.");
        }

        for (var j = 0; j < losses.Count; j++)
        {
            if (losses[j].Length != losses[0].Length)
            {
                throw new ArgumentOutOfRangeException(nameof(losses), losses[j].Length, $"Expected {losses[0].Length} losses for parameter {j}, as for parameter 0.");
            }
        }
    }

    internal static void CheckRisk(double risk, double largest)
    {
        if (!(risk > 0 && risk < largest))
        {
            throw new ArgumentOutOfRangeException(nameof(risk), risk, $"Expected a risk in (0, {largest:R}).");
        }
    }
}
