using System.Globalization;
using Guarantees.Claims;

namespace Guarantees.Formats.Spec;

/// <summary>Reads the keys of a claim that pairs of prior and simulator answer.</summary>
internal sealed class PairClaimReader(string folder, string family)
{
    private readonly Dictionary<string, PairQuestion> questions = [];

    /// <summary>The claim.</summary>
    /// <param name="kind">calibration, coverage or conformal.</param>
    /// <param name="body">Its keys.</param>
    /// <param name="where">Where it stands, for messages.</param>
    public SpecClaim Read(ClaimKind kind, SpecNode body, string where)
    {
        var keys = new KeyReader(body, $"the claim {Words.Of(kind)}");
        var path = PathOf(keys.Need("simulations"), "simulations");
        var isCalibration = kind == ClaimKind.Calibration;
        var set = !isCalibration && keys.Find("set") is { } word ? KeyReader.Word<CredibleSet>(word, "set") : CredibleSet.HighestDensity;
        var question = Question(path, Confidence(keys)) with { Set = set, IsSequential = kind == ClaimKind.Coverage && keys.Find("sequential") is { } flag && Flag(flag) };
        var samples = "";
        if (family == PairQuestion.Samples)
        {
            samples = PathOf(keys.Need("samples"), "samples");
            question = question.With(samples);
        }
        else
        {
            question = question with { Draws = kind != ClaimKind.Conformal && keys.Find("draws") is { } draws ? Count(draws) : PairQuestion.DefaultDraws(kind, set, family) };
        }

        var claim = new Claim
        {
            Kind = kind,
            Pairs = question,
            Parameter = set == CredibleSet.Interval ? Index(keys.Need("parameter")) : 0,
            AtMost = kind == ClaimKind.Conformal ? null : keys.FindNumber("at-most"),
            AtLeast = isCalibration ? null : keys.FindNumber("at-least"),
        };
        claim = isCalibration ? claim : claim with { Level = Level(keys.Need("level")) };
        keys.Finish();
        return new SpecClaim(claim, where) { PairsPath = path, SamplesPath = samples };
    }

    /// <summary>A table is counted once, whatever number of claims rests on it.</summary>
    private PairQuestion Question(string path, double confidence) =>
        (questions.TryGetValue(path, out var known) ? known : questions[path] = PairQuestion.Of(path, confidence)) with { Confidence = confidence };

    private string PathOf(SpecNode node, string key)
    {
        var path = Path.Combine(folder, KeyReader.Text(node, key));
        return path.Contains('\0', StringComparison.Ordinal) ? throw node.Place.Wrong($"{key} is {node.Words}, expected a path.") : path;
    }

    private static double Confidence(KeyReader keys)
    {
        var node = keys.Need("confidence");
        return KeyReader.Number(node, "confidence") is >= 0.5 and < 1 and var confidence ? confidence : throw node.Place.Wrong($"confidence is {node.Words}, expected a number in [0.5, 1).");
    }

    private static double Level(SpecNode node) =>
        KeyReader.Number(node, "level") is >= 1e-9 and <= 1 - 1e-9 and var level ? level : throw node.Place.Wrong($"level is {node.Words}, expected a number in [1e-9, 1 - 1e-9].");

    private static bool Flag(SpecNode node) => KeyReader.Text(node, "sequential") switch
    {
        "true" => true,
        "false" => false,
        _ => throw node.Place.Wrong($"sequential is {node.Words}, expected true or false."),
    };

    private static int Count(SpecNode node) => KeyReader.Number(node, "draws") is >= 1 and <= PairQuestion.MostDraws and var count && count == Math.Floor(count)
        ? (int)count
        : throw node.Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"draws is {node.Words}, expected how many for each pair, from 1 to {PairQuestion.MostDraws}."));

    private static int Index(SpecNode node) => KeyReader.Number(node, "parameter") is >= 0 and <= int.MaxValue and var index && index == Math.Floor(index)
        ? (int)index
        : throw node.Place.Wrong($"parameter is {node.Words}, expected a whole number from 0.");
}
