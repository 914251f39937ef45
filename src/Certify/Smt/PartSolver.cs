using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Certify.Search;
using Guarantees.Arithmetic;
using Guarantees.Checking;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.VnnLib;
using Guarantees.Networks;

namespace Certify.Smt;

/// <summary>What a solver did for a part that the search left open.</summary>
/// <param name="Sha256">SHA-256 of the query that has no solution; null otherwise.</param>
/// <param name="Witness">A confirmed point; null otherwise.</param>
/// <param name="Reason">Why there is neither; one line.</param>
internal sealed record PartAnswer(string? Sha256, double[]? Witness, string Reason);

/// <summary>Puts parts that the search left open to a solver. UNTRUSTED: "no solution" is named as the solver's word, and a solution counts after its replay.</summary>
/// <remarks>
/// Accepts: a part and a check of points. Returns: the hash of the query without a solution, or a confirmed point, or why neither.
/// Idea: the query is the kernel's text (<see cref="PropertyQuery"/>). A solution is rational and often lies where a constraint holds with equality, so that the double next
/// to it may fail: then points uphill from it are tried, and solutions that satisfy the constraints with some margin.
/// </remarks>
/// <param name="network">The network that the property speaks of.</param>
/// <param name="question">The property.</param>
/// <param name="modelSha256">SHA-256 of the model file.</param>
/// <param name="propertySha256">SHA-256 of the property file.</param>
/// <param name="solver">Whom to ask.</param>
/// <param name="folder">Where every query is kept; null for nowhere.</param>
/// <param name="name">What their names begin with.</param>
internal sealed class PartSolver(Network network, VnnLibProperty question, string modelSha256, string propertySha256, SmtSolver solver, string? folder, string name)
{
    /// <summary>MiB for one query.</summary>
    private const int Memory = 2048;

    private static readonly double[] Margins = [1e-2, 1e-4, 1e-6, 1e-8];

    /// <summary>Answers by hash: stuck parts next to one another, rounded outward, are one query.</summary>
    private readonly ConcurrentDictionary<string, Lazy<PartAnswer>> known = new();

    /// <summary>The solver and its version.</summary>
    public string Description => solver.Description;

    /// <summary>The query about a part; null where there is none.</summary>
    public PropertyQuery? Query(int index, Box part, Rational margin = default) =>
        PropertyQuery.Of(network, question, index, part, modelSha256, propertySha256, margin);

    /// <summary>Asks about one part.</summary>
    /// <param name="index">The case, from 0.</param>
    /// <param name="problem">The compiled case.</param>
    /// <param name="open">The part.</param>
    /// <param name="confirm">Turns a candidate into a confirmed point, or null.</param>
    /// <param name="time">Limit for everything.</param>
    /// <param name="cancellation">Stops the solver.</param>
    public PartAnswer Ask(int index, Problem problem, OpenPart open, Func<double[], double[]?> confirm, TimeSpan time, CancellationToken cancellation)
    {
        return Query(index, open.Part) is { } query
            ? known.GetOrAdd(query.Sha256, _ => new Lazy<PartAnswer>(() => Ask(query, index, problem, open, confirm, time, cancellation))).Value
            : new(null, null, "an operator may be undefined in a part, so that no query can be written");
    }

    private PartAnswer Ask(PropertyQuery query, int index, Problem problem, OpenPart open, Func<double[], double[]?> confirm, TimeSpan time, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        if (folder is not null)
        {
            WholeFile.MakeFolder(folder);
            WholeFile.Write(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{index + 1}-{open.Entry}.smt2")), Encoding.UTF8.GetBytes(query.File));
        }

        switch (Solve(query))
        {
            case SmtAnswer.Unsat:
                return new(query.Sha256, null, "");
            case SmtAnswer.Sat sat:
                if (Confirmed(query, sat) is { } witness)
                {
                    return new(null, witness, "");
                }

                break;
            case SmtAnswer.Unknown unknown:
                return new(null, null, $"{Description}: {unknown.Reason}");
        }

        foreach (var margin in Margins)
        {
            if (Query(index, open.Part, Rational.Of(margin)) is { } inner && Solve(inner) is SmtAnswer.Sat sat && Confirmed(inner, sat) is { } witness)
            {
                return new(null, witness, "");
            }
        }

        return new(null, null, $"{Description} has a point that no replay confirms");

        SmtAnswer Solve(PropertyQuery asked) => time - clock.Elapsed is var left && left > TimeSpan.FromMilliseconds(1)
            ? solver.Solve(asked.Text, new SmtLimits(left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1), Memory), cancellation)
            : new SmtAnswer.Unknown("no time was left");

        double[]? Confirmed(PropertyQuery asked, SmtAnswer.Sat sat)
        {
            var values = SmtModel.Parse(sat.Model).Rationals;
            var point = new Rational[asked.Inputs.Length];
            for (var j = 0; j < point.Length; j++)
            {
                if (!values.TryGetValue(asked.Inputs[j], out var value))
                {
                    return null; // irrational
                }

                point[j] = new Rational(value.Numerator, value.Denominator);
            }

            double[] near = [.. point.Select((value, j) => Math.Clamp(Nearest(value), open.Part.Lower[j], open.Part.Upper[j]))];
            return confirm(near) ?? confirm(new Attack(problem).Climb(near, open.Part).Point);
        }
    }

    private static double Nearest(Rational value)
    {
        var (below, above) = (value.RoundDown(), value.RoundUp());
        return !double.IsFinite(below) ? above : !double.IsFinite(above) ? below
            : value - Rational.Of(below) <= Rational.Of(above) - value ? below : above;
    }
}
