using Certify.Smt;
using Certify.Tests.Smt.Lemmas;
using Guarantees.Formats.Smt;
using Guarantees.Networks.Operators;
using Xunit;

namespace Certify.Tests.Smt;

/// <summary>
/// The inequalities behind relaxations and distances. Their files under <c>proofs/smt</c> are written from tables (<c>CERTIFY_RENEW=1</c> writes them), in which y is what the operator's own <c>Encode</c> says; two solvers
/// prove them; and the planes that the code computes are those of the lemmas. An operator without a lemma fails, and so does a formula that was changed in one of the two places.
/// </summary>
public class LemmaTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly PlaneLemma[] Planes = [.. OperatorLemmas.All(), .. CurveLemmas.All()];

    private static readonly Lemma[] All = [.. Planes, .. DistanceLemmas.All()];

    public static TheoryData<string> Names => [.. All.Select(lemma => lemma.Name)];

    public static TheoryData<string> PlaneNames => [.. Planes.Select(lemma => lemma.Name)];

    [Fact]
    public void The_files_are_those_of_the_tables()
    {
        var folder = Path.Combine(Root(), "proofs", "smt");
        var expected = All.ToDictionary(lemma => $"{lemma.Name}.smt2", lemma => lemma.File());
        if (Environment.GetEnvironmentVariable("CERTIFY_RENEW") == "1")
        {
            foreach (var (name, text) in expected)
            {
                File.WriteAllText(Path.Combine(folder, name), text);
            }
        }

        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), Directory.GetFiles(folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        Assert.All(expected, file => Assert.Equal(file.Value, File.ReadAllText(Path.Combine(folder, file.Key))));
    }

    [SolverTheory("z3")]
    [MemberData(nameof(Names))]
    public void Z3_proves(string name) => Assert.IsType<SmtAnswer.Unsat>(Ask("z3", Named(name).File()));

    [SolverTheory("cvc5")]
    [MemberData(nameof(Names))]
    public void Cvc5_proves(string name) => Assert.IsType<SmtAnswer.Unsat>(Ask("cvc5", Named(name).File()));

    /// <remarks>Without what it claims, a lemma must be satisfiable: premises that contradict each other prove anything.</remarks>
    [SolverTheory("z3")]
    [MemberData(nameof(Names))]
    public void Its_premises_can_hold(string name)
    {
        var lines = Named(name).File().Split('\n').Where(line => !line.StartsWith("(assert (not ", StringComparison.Ordinal));
        Assert.IsType<SmtAnswer.Sat>(Ask("z3", string.Join('\n', lines)));
    }

    /// <remarks>A plane one thousandth of its size beyond the lemma's is refuted: no lemma is weaker than it must be.</remarks>
    [SolverTheory("z3")]
    [MemberData(nameof(PlaneNames))]
    public void Nothing_stronger_is_true(string name)
    {
        var lemma = Planes.Single(one => one.Name == name);
        var stronger = lemma.Claim(by: 1e-3);
        var text = lemma.File().Replace($"(assert (not {lemma.Conclusion.Text}))", $"(assert (not {stronger.Text}))", StringComparison.Ordinal);
        Assert.NotEqual(lemma.File(), text);
        Assert.IsType<SmtAnswer.Sat>(Ask("z3", text));
    }

    [Fact]
    public void Every_operator_with_planes_has_a_lemma_for_each_side()
    {
        var operators = typeof(NonlinearOperator).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(NonlinearOperator)) && !type.IsAbstract && !type.IsNested).ToHashSet();
        foreach (var side in Enum.GetValues<Side>())
        {
            Assert.Equal(operators.Select(type => type.Name).Order(), Planes.Where(lemma => lemma.Side == side).SelectMany(lemma => lemma.Of).Select(of => of.GetType().Name).Distinct().Order());
        }
    }

    [Theory]
    [MemberData(nameof(PlaneNames))]
    public void The_plane_of_the_code_is_that_of_the_lemma(string name)
    {
        var (lemma, random) = (Planes.Single(one => one.Name == name), new Random(20261127));
        foreach (var of in lemma.Of)
        {
            for (var i = 0; i < 200; i++)
            {
                var one = new Case(of, lemma.Boxes(random));
                var values = lemma.Others(one).ToDictionary(other => other.Symbol, other => other.Value);
                foreach (var corner in one.Corners())
                {
                    foreach (var (symbol, x) in lemma.Elements.Zip(corner))
                    {
                        values[symbol] = x;
                    }

                    var (code, stated) = (one.At(lemma.Side, corner).Enclosure.Middle, lemma.Plane.Of(values).Enclosure.Middle);
                    Assert.All(lemma.Premises, premise => Assert.True(premise.Holds(values), $"{of} over {string.Join(", ", one.Boxes)}: {premise.Text}"));
                    Assert.True(Math.Abs(code - stated) <= lemma.Slack * (1 + Math.Abs(stated)), $"{of} over {string.Join(", ", one.Boxes)}: the code's plane is {code:R}, the lemma's {stated:R}");
                }
            }
        }
    }

    /// <remarks>The numbers of the code, rounding and all: no y that the operator allows lies beyond its planes, for real numbers.</remarks>
    [SolverFact]
    public void No_solver_finds_a_y_beyond_the_planes_of_the_code()
    {
        var random = new Random(7);
        var asked = 0;
        foreach (var lemma in OperatorLemmas.All())
        {
            foreach (var of in lemma.Of.Where(of => of is not (Gate or Change)))
            {
                for (var i = 0; i < 4; i++, asked++)
                {
                    var one = new Case(of, lemma.Boxes(random));
                    Assert.True(Ask("z3", Instance(one)) is SmtAnswer.Unsat, $"{of} over {string.Join(", ", one.Boxes)}");
                }
            }
        }

        Assert.True(asked >= 80);
    }

    private static string Instance(Case one)
    {
        var problem = new SmtLib("QF_NRA");
        var (elements, y) = (one.Read.Select((_, t) => problem.DeclareReal($"x{t}")).ToArray(), problem.DeclareReal("y"));
        foreach (var (x, range) in elements.Zip(one.Read))
        {
            problem.Assert($"(and (<= {SmtLib.Number(range.Lower)} {x}) (<= {x} {SmtLib.Number(range.Upper)}))");
        }

        var form = one.Of.Encode(0, elements, y, one.Read);
        problem.Assert(form.Kind == SmtFormKind.Relation ? form.Text : $"(= {y} {form.Text})");
        string Plane(Side side) => elements.Select((x, t) => $"(* {SmtLib.Number(one.Slope(side, t))} {x})").Aggregate(SmtLib.Number(one.Intercept(side)), (sum, term) => $"(+ {sum} {term})");
        problem.Assert($"(or (> {y} {Plane(Side.Above)}) (< {y} {Plane(Side.Below)}))");
        return problem.ToString();
    }

    private static Lemma Named(string name) => All.Single(lemma => lemma.Name == name);

    private static SmtAnswer Ask(string solver, string text) =>
        SolverProcess.OnPath(solver)!.Solve(text.Replace("(check-sat)\n", "", StringComparison.Ordinal), new SmtLimits(Patience, 1024));

    private static string Root()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Guarantees.slnx")))
        {
            root = root.Parent!;
        }

        return root.FullName;
    }
}
