using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Guarantees.Claims;
using Guarantees.Distributions;

namespace Guarantees.Formats.Spec;

/// <summary>How the outputs of a model are read as a distribution, as written: the mapping under <c>family:</c> in a spec.</summary>
/// <remarks>
/// Shapes, all values being names of outputs except <c>name</c>, <c>transform</c> and numbers:
/// <code>
/// { name: gaussian-mixture, logits: L, means: M, precision-factor: { diagonal: D, upper: U } }
/// { name: gaussian, mean: M, cholesky: { diagonal: D, lower: L, transform: log } }
/// { name: gaussian, mean: M, cholesky: { matrix: C } }
/// { name: gaussian, mean: M, covariance: S }
/// { name: diagonal-gaussian, mean: M, log-standard-deviation: S }
/// { name: student-t, degrees-of-freedom: 5, mean: M, cholesky: { diagonal: D, lower: L } }
/// { name: categorical, logits: L }
/// { name: bernoulli, logits: L }
/// { name: binomial, logits: L, trials: 10 }
/// { name: gamma, shape: A, rate: B, transform: softplus }
/// { name: beta, alpha: A, beta: B, transform: log }
/// { name: log-density, parameters: THETA, output: Q }
/// { name: black-box, noise: 0.25, parameters: 3 }
/// { name: samples, parameters: 3 }
/// { name: vector }
/// </code>
/// <c>transform: log</c> says that an output gives the logarithm of the diagonal, <c>softplus</c> that ln(1 + e^output) is the diagonal. The diagonal forms
/// (<c>standard-deviation</c>, <c>log-standard-deviation</c>, <c>variance</c>, <c>log-variance</c>) are open to all three Gaussian families and to <c>student-t</c>. <c>log-density</c> is a network with two inputs, of which
/// <c>parameters</c> names theta and the other is the data, and whose <c>output</c> is the log density. <c>black-box</c> has no
/// model: draws of so many parameters, of an estimator whose data get normal noise of that standard deviation. <c>samples</c> has none either: a table of posterior samples for every pair. <c>vector</c> is no distribution:
/// all outputs, one after the other. Immutable, with value equality.
/// </remarks>
public sealed partial class FamilyDescription : IEquatable<FamilyDescription>
{
    private const string Transform = "transform";
    private const string Covariance = "covariance";
    private const string Trials = "trials";
    private const string Degrees = "degrees-of-freedom";
    private const string NoiseKey = "noise";
    private const string ParametersKey = "parameters";
    private const int MostParameters = 100_000;
    private static readonly string[] Names = ["gaussian-mixture", "gaussian", "diagonal-gaussian", "student-t", "categorical", "bernoulli", "binomial", "gamma", "beta", ConditionalDensity.Word, Sampler.Word, BlackBox.Word, PairQuestion.Samples, OutputVector.Word];
    private static readonly string[] Scales = ["standard-deviation", "log-standard-deviation", "variance", "log-variance"];

    /// <summary>"key" or "key/key" to text, sorted by key.</summary>
    private readonly ImmutableSortedDictionary<string, string> fields;

    private FamilyDescription(ImmutableSortedDictionary<string, string> fields) => this.fields = fields;

    /// <summary>Name of the family: "gaussian-mixture".</summary>
    public string Name => fields["name"];

    /// <summary>Standard deviation of the noise on the data of a <c>black-box</c>, which has no model; null for every other family.</summary>
    public double? Noise => Name == BlackBox.Word ? Value(NoiseKey) : null;

    /// <summary>How many parameters a draw of a <c>black-box</c>, or a row of <c>samples</c>, has; null for every other family.</summary>
    public int? Parameters => HasNoModel ? (int)Value(ParametersKey) : null;

    /// <summary>Whether the estimator is known by draws only.</summary>
    public bool HasNoModel => Name is BlackBox.Word or PairQuestion.Samples;

    /// <summary>The description of <see cref="OutputVector"/>.</summary>
    public static FamilyDescription Vector { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("name", OutputVector.Word));

    /// <summary>Reads the mapping from JSON.</summary>
    /// <exception cref="SpecFormatException">It is not a family; the message is one line.</exception>
    public static FamilyDescription Parse(JsonElement json) => Parse(SpecNode.From(json));

    /// <summary>Reads the mapping from YAML, as under <c>family:</c> in a spec: <c>{ name: gaussian, mean: M, cholesky: { matrix: C } }</c>.</summary>
    /// <inheritdoc cref="Parse(JsonElement)" path="/exception"/>
    public static FamilyDescription Parse(string yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        return Parse(YamlReader.Read(new StringReader(yaml), "the family"));
    }

    /// <summary>The mapping as JSON, keys sorted, without spaces: the same text for equal descriptions.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Writes the mapping as JSON, keys sorted.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        foreach (var group in fields.GroupBy(field => field.Key.Split('/')[0]).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            if (group.Key is Trials or Degrees || (group.Key is NoiseKey or ParametersKey && HasNoModel))
            {
                writer.WritePropertyName(group.Key);
                writer.WriteRawValue(group.First().Value);
                continue;
            }

            if (group.Key == group.First().Key)
            {
                writer.WriteString(group.Key, group.First().Value);
                continue;
            }

            writer.WriteStartObject(group.Key);
            foreach (var (key, value) in group)
            {
                writer.WriteString(key[(group.Key.Length + 1)..], value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public bool Equals(FamilyDescription? other) => other is not null && fields.SequenceEqual(other.fields);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FamilyDescription);

    /// <inheritdoc/>
    public override int GetHashCode() => ToJson().GetHashCode(StringComparison.Ordinal);

    /// <summary>The canonical JSON.</summary>
    public override string ToString() => ToJson();

    internal static FamilyDescription Parse(SpecNode node)
    {
        var keys = new KeyReader(node, "the family");
        var fields = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var nameNode = keys.Need("name");
        var name = fields["name"] = KeyReader.Text(nameNode, "name");
        string[] plain = name switch
        {
            "gaussian-mixture" => ["logits", "means"],
            "gaussian" or "diagonal-gaussian" or "student-t" => ["mean"],
            "categorical" or "bernoulli" or "binomial" => ["logits"],
            "gamma" => ["shape", "rate"],
            "beta" => ["alpha", "beta"],
            ConditionalDensity.Word => ["parameters", "output"],
            Sampler.Word => ["noise", "output"],
            OutputVector.Word or BlackBox.Word or PairQuestion.Samples => [],
            _ => throw nameNode.Place.Wrong($"there is no family {OneLine.Quote(name)}, {OneLine.Suggest(name, Names)}"),
        };
        foreach (var key in plain)
        {
            fields[key] = keys.NeedText(key);
        }

        switch (name)
        {
            case "binomial":
                ReadNumber(keys, Trials, $"a whole number from 1 to {Binomial.MostTrials}", value => value >= 1 && value <= Binomial.MostTrials && value == Math.Floor(value), fields);
                break;
            case "gamma" or "beta":
                ReadTransform(keys, Transform, ["log", "softplus"], fields);
                break;
            case BlackBox.Word:
                ReadNumber(keys, NoiseKey, "a number from 1e-100 to 1e100", value => value is >= 1e-100 and <= 1e100, fields);
                goto case PairQuestion.Samples;
            case PairQuestion.Samples:
                ReadNumber(keys, ParametersKey, $"a whole number from 1 to {MostParameters}", value => value is >= 1 and <= MostParameters && value == Math.Floor(value), fields);
                break;
            case "categorical" or "bernoulli" or OutputVector.Word or ConditionalDensity.Word or Sampler.Word:
                break;
            default:
                if (name == "student-t")
                {
                    ReadNumber(keys, Degrees, "a finite number above 0", value => value > 0, fields);
                }

                ReadSpread(keys, name, fields);
                break;
        }

        keys.Finish();
        return new FamilyDescription(fields.ToImmutable());
    }

    private static void ReadNumber(KeyReader keys, string key, string expected, Predicate<double> isAllowed, ImmutableSortedDictionary<string, string>.Builder fields)
    {
        var node = keys.Need(key);
        var value = KeyReader.Number(node, key);
        fields[key] = isAllowed(value) ? value.ToString("R", CultureInfo.InvariantCulture) : throw node.Place.Wrong($"{key} is {node.Words}, expected {expected}.");
    }

    /// <summary>Exactly one of: a diagonal, a Cholesky factor, a precision factor, a covariance.</summary>
    private static void ReadSpread(KeyReader keys, string name, ImmutableSortedDictionary<string, string>.Builder fields)
    {
        string[] choices = name == "diagonal-gaussian" ? Scales : ["cholesky", "precision-factor", Covariance, .. Scales];
        var given = choices.Where(choice => keys.Find(choice) is not null).ToArray();
        if (given.Length != 1)
        {
            if (given.Length == 0)
            {
                keys.FindText(Transform);
                keys.Finish();
            }

            throw keys.Place.Wrong($"the family {name} needs exactly one of {OneLine.Join(choices)}, got {(given.Length == 0 ? "none" : OneLine.Join(given))}.");
        }

        var choice = given[0];
        if (choice == Covariance)
        {
            fields[Covariance] = keys.NeedText(Covariance);
            return;
        }

        if (Scales.Contains(choice))
        {
            fields[choice] = keys.NeedText(choice);
            ReadTransform(keys, Transform, choice.StartsWith("log-", StringComparison.Ordinal) ? [] : ["softplus"], fields);
            return;
        }

        var factor = new KeyReader(keys.Need(choice), $"the {choice} of the family");
        var triangle = choice == "cholesky" ? "lower" : "upper";
        if (choice == "cholesky" && factor.FindText("matrix") is { } matrix)
        {
            fields[$"{choice}/matrix"] = matrix;
        }
        else
        {
            fields[$"{choice}/diagonal"] = factor.NeedText("diagonal");
            if (factor.FindText(triangle) is { } rest)
            {
                fields[$"{choice}/{triangle}"] = rest;
            }
        }

        ReadTransform(factor, $"{choice}/{Transform}", ["log", "softplus"], fields);
        factor.Finish();
    }

    private static void ReadTransform(KeyReader keys, string field, string[] allowed, ImmutableSortedDictionary<string, string>.Builder fields)
    {
        if (keys.Find(Transform) is { } node)
        {
            var word = KeyReader.Text(node, Transform);
            fields[field] = allowed.Contains(word)
                ? word
                : throw node.Place.Wrong($"transform is {OneLine.Quote(word)}, {(allowed.Length == 0 ? "but an output that gives a logarithm takes none" : $"expected {OneLine.Join(allowed)}")}.");
        }
    }
}
