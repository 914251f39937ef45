using System.Text;
using Certify.Smt;
using Guarantees.Formats.Smt;

namespace Certify.Tests.Campaign;

/// <summary>Puts the judge's questions to a solver, many networks at a time, and names the ones that have a solution.</summary>
/// <remarks>
/// A batch is one problem whose assertion is the disjunction of all its questions: no solution means that every engine was right about every network in it.
/// A batch with a solution, or without an answer, is asked again in halves, down to one network; one with a solution, down to one question.
/// </remarks>
internal sealed class Tribunal(SmtSolver solver, TimeSpan limit)
{
    /// <summary>Questions answered, and those without an answer.</summary>
    public int Answered { get; private set; }

    public int Open { get; private set; }

    /// <summary>The statements that the solver contradicts.</summary>
    public List<string> Violations { get; } = [];

    public void Ask(IReadOnlyList<(Case Case, string What, Func<string, string> Formula)> questions)
    {
        if (questions.Count == 0)
        {
            return;
        }

        var answer = solver.Solve(Text(questions), new SmtLimits(limit, 2048));
        if (answer is SmtAnswer.Unsat)
        {
            Answered += questions.Count;
        }
        else if (questions.Select(q => q.Case).Distinct<Case>(ReferenceEqualityComparer.Instance).ToArray() is { Length: > 1 } cases)
        {
            var first = new HashSet<Case>(cases.Take(cases.Length / 2), ReferenceEqualityComparer.Instance);
            Ask([.. questions.Where(q => first.Contains(q.Case))]);
            Ask([.. questions.Where(q => !first.Contains(q.Case))]);
        }
        else if (questions.Count > 1 && answer is SmtAnswer.Sat)
        {
            Ask([.. questions.Take(questions.Count / 2)]);
            Ask([.. questions.Skip(questions.Count / 2)]);
        }
        else if (answer is SmtAnswer.Sat model)
        {
            Answered++;
            var values = SmtModel.Parse(model.Model).Rationals.Where(pair => pair.Key.Count(c => c == '_') == 2).Select(pair => $"{pair.Key} = {pair.Value.Numerator}/{pair.Value.Denominator}");
            Violations.Add($"seed {questions[0].Case.Seed} ({questions[0].Case.Kind}): {questions[0].What}; the solver knows {string.Join(", ", values)}\n{questions[0].Case.Sketch}");
        }
        else
        {
            Open += questions.Count;
        }
    }

    public static string Text(IReadOnlyList<(Case Case, string What, Func<string, string> Formula)> questions)
    {
        var text = new SmtLib("QF_LRA");
        var any = new StringBuilder("(or false");
        var prefixes = new Dictionary<Case, string>(ReferenceEqualityComparer.Instance);
        foreach (var (drawn, _, formula) in questions)
        {
            if (!prefixes.TryGetValue(drawn, out var prefix))
            {
                prefixes[drawn] = prefix = $"n{prefixes.Count}";
                drawn.Sketch.Write(text, prefix, drawn.Domain.Box);
            }

            any.Append("\n  ").Append(formula(prefix));
        }

        text.Assert(any.Append(')').ToString());
        return text.ToString();
    }
}
