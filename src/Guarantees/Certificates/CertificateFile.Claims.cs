using System.Collections.Immutable;
using System.Text.Json;
using Guarantees.Claims;
using Guarantees.Formats.Spec;

namespace Guarantees.Certificates;

/// <content>The claim within a certificate: every number of it, members only where they say something.</content>
public static partial class CertificateFile
{
    private static void WriteClaim(Utf8JsonWriter json, Claim claim)
    {
        json.WriteString("kind", Words.Of(claim.Kind));
        json.WriteString("metric", Words.Of(claim.Metric));
        json.WriteString("norm", Words.Of(claim.Norm));
        WriteNumbers(json, "radius", claim.Radius);
        WriteNumbers(json, "observation", claim.Observation);
        json.WriteNumber("row", claim.ObservationRow);
        WriteNumbers(json, "domainLower", claim.DomainLower);
        WriteNumbers(json, "domainUpper", claim.DomainUpper);
        WriteNumbers(json, "parameterLower", claim.ParameterLower);
        WriteNumbers(json, "parameterUpper", claim.ParameterUpper);
        json.WriteNumber("parameter", claim.Parameter);
        WriteNumber(json, "eventLower", claim.EventLower);
        WriteNumber(json, "eventUpper", claim.EventUpper);
        if (!claim.EventAlso.IsEmpty)
        {
            json.WriteStartArray("eventAlso");
            foreach (var range in claim.EventAlso)
            {
                json.WriteStartObject();
                json.WriteNumber("parameter", range.Parameter);
                WriteNumber(json, "lower", range.Lower);
                WriteNumber(json, "upper", range.Upper);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteNumber("level", claim.Level);
        json.WriteString("reference", claim.Reference);
        WriteNumber(json, "atMost", claim.AtMost ?? double.NaN);
        WriteNumber(json, "atLeast", claim.AtLeast ?? double.NaN);
        if (claim.Norm == Norm.L0)
        {
            json.WriteNumber("entries", claim.Entries);
            json.WriteNumber("group", claim.Group);
        }

        if (claim.Kind is ClaimKind.Functional or ClaimKind.Monotone)
        {
            json.WriteString("quantity", Words.Of(claim.Quantity));
        }

        if (claim.Kind == ClaimKind.Functional)
        {
            json.WriteBoolean("change", claim.IsChange);
        }

        if (claim.Kind == ClaimKind.Monotone)
        {
            json.WriteNumber("coordinate", claim.Coordinate);
            json.WriteBoolean("decreasing", claim.IsDecreasing);
        }

        if (!claim.Directions.IsEmpty)
        {
            WriteNumbers(json, "directions", claim.Directions);
        }

        if (!claim.Point.IsEmpty)
        {
            WriteNumbers(json, "point", claim.Point);
        }

        if (claim.Kind == ClaimKind.Symmetric)
        {
            WriteNumbers(json, "permutation", [.. claim.Permutation]);
            WriteNumbers(json, "inputSigns", [.. claim.InputSigns]);
            WriteNumbers(json, "parameterSigns", [.. claim.ParameterSigns]);
        }

        if (claim.LinearModel is { } model)
        {
            json.WriteStartObject("linearModel");
            WriteNumbers(json, "priorMean", model.PriorMean);
            WriteNumbers(json, "priorCovariance", model.PriorCovariance);
            WriteNumbers(json, "matrix", model.Matrix);
            WriteNumbers(json, "offset", model.Offset);
            WriteNumbers(json, "noiseCovariance", model.NoiseCovariance);
            json.WriteEndObject();
        }

        if (claim.Conjugate is { } conjugate)
        {
            json.WriteStartObject("conjugateModel");
            foreach (var ((key, _), list) in ConjugateModel.KeysOf(conjugate.Name).Zip(conjugate.Numbers))
            {
                WriteNumbers(json, key, list);
            }

            json.WriteEndObject();
        }

        if (claim.TableRow is { } row)
        {
            json.WriteStartObject("referenceTable");
            json.WriteString("name", claim.ReferenceModel);
            json.WriteString("sha256", claim.ReferenceSha256);
            WriteNumber(json, "error", row.Error);
            WriteNumber(json, "lipschitz", row.Lipschitz);
            json.WriteStartObject("parameters");
            foreach (var (key, list) in row.Names.Zip(row.Values))
            {
                WriteNumbers(json, key, list);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        if (claim.ReferenceFamily is { } family)
        {
            json.WriteStartObject("referenceModel");
            json.WriteString("name", claim.ReferenceModel);
            json.WriteString("sha256", claim.ReferenceSha256);
            json.WritePropertyName("family");
            json.WriteRawValue(family.ToJson());
            json.WriteEndObject();
        }

        if (claim.DensityAtLeast is { } least)
        {
            WriteNumber(json, "densityAtLeast", least);
        }

        if (claim.MassOutside is { } mass)
        {
            WriteNumber(json, "massOutside", mass);
        }

        if (claim.DensityAtMost is { } largest)
        {
            WriteNumber(json, "densityAtMost", largest);
        }

        if (claim.Prior is { } prior)
        {
            json.WriteStartObject("prior");
            if (prior.Law is { } law)
            {
                json.WriteString("law", law.Name);
                WriteNumbers(json, law.IsUniform ? "lower" : "mean", law.First);
                WriteNumbers(json, law.IsUniform ? "upper" : "standardDeviation", law.Second);
            }
            else
            {
                json.WriteString("file", prior.File);
                json.WriteString("sha256", prior.Sha256);
            }

            json.WriteNumber("count", prior.Count);
            json.WriteNumber("confidence", prior.Confidence);
            json.WriteEndObject();
        }

        if (claim.Pairs is { } pairs)
        {
            json.WriteStartObject("pairs");
            json.WriteString("file", pairs.File);
            json.WriteString("sha256", pairs.Sha256);
            json.WriteNumber("count", pairs.Pairs);
            if (pairs.SamplesFile.Length + pairs.SamplesSha256.Length > 0)
            {
                json.WriteString("samplesFile", pairs.SamplesFile);
                json.WriteString("samplesSha256", pairs.SamplesSha256);
            }

            json.WriteNumber("draws", pairs.Draws);
            json.WriteNumber("confidence", pairs.Confidence);
            json.WriteString("set", Words.Of(pairs.Set));
            json.WriteBoolean("sequential", pairs.IsSequential);
            json.WriteEndObject();
        }

        if (claim.NoiseBox is { } reach)
        {
            WriteNumber(json, "noiseBox", reach);
            json.WriteBoolean("truncated", claim.IsTruncated);
        }

        if (claim.Draws is { } draws)
        {
            json.WriteStartObject("draws");
            json.WriteString("file", draws.File);
            json.WriteString("sha256", draws.Sha256);
            json.WriteNumber("count", draws.Draws);
            json.WriteNumber("hits", draws.Hits);
            json.WriteNumber("confidence", draws.Confidence);
            if (!draws.Command.IsEmpty)
            {
                json.WriteStartArray("command");
                foreach (var word in draws.Command)
                {
                    json.WriteStringValue(word);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }
    }

    private static Claim ReadClaim(Reader claim)
    {
        var other = claim.Has("referenceModel") ? claim.Child("referenceModel") : claim.Has("referenceTable") ? claim.Child("referenceTable") : (Reader?)null;
        return Members(claim) with
        {
            Conjugate = claim.Has("conjugateModel") ? new ConjugateModel(claim.Text("reference"), Lists(claim.Child("conjugateModel"), [.. ConjugateModel.KeysOf(claim.Text("reference")).Select(item => item.Key)])) : null,
            TableRow = claim.Has("referenceTable") ? ReadRow(claim.Child("referenceTable")) : null,
            LinearModel = claim.Has("linearModel") ? ReadModel(claim.Child("linearModel")) : null,
            ReferenceModel = other?.Text("name") ?? "",
            ReferenceSha256 = other?.Text("sha256") ?? "",
            ReferenceFamily = claim.Has("referenceModel") ? FamilyDescription.Parse(claim.Child("referenceModel").Element("family")) : null,
            Coordinate = claim.Has("coordinate") ? claim.Integer("coordinate") : 0,
            IsDecreasing = claim.Has("decreasing") && claim.Flag("decreasing"),
            Permutation = claim.Has("permutation") ? claim.Integers("permutation") : [],
            InputSigns = claim.Has("inputSigns") ? claim.Integers("inputSigns") : [],
            ParameterSigns = claim.Has("parameterSigns") ? claim.Integers("parameterSigns") : [],
        };
    }

    private static ReferenceRow ReadRow(Reader table)
    {
        var parameters = table.Child("parameters");
        var names = parameters.Names();
        return new(names, Lists(parameters, names), table.Number("error") ?? double.NaN, table.Number("lipschitz") ?? double.NaN);
    }

    private static ImmutableArray<ImmutableArray<double>> Lists(Reader reader, ImmutableArray<string> keys) => [.. keys.Select(reader.Numbers)];

    private static LinearModel ReadModel(Reader model) => new(
        model.Numbers("priorMean"), model.Numbers("priorCovariance"), model.Numbers("matrix"), model.Numbers("offset"), model.Numbers("noiseCovariance"));

    private static Claim Members(Reader claim) => new()
    {
        Kind = claim.Word<ClaimKind>("kind"),
        Metric = claim.Word<Metric>("metric"),
        Norm = claim.Word<Norm>("norm"),
        Radius = claim.Numbers("radius"),
        Observation = claim.Numbers("observation"),
        ObservationRow = claim.Integer("row"),
        DomainLower = claim.Numbers("domainLower"),
        DomainUpper = claim.Numbers("domainUpper"),
        ParameterLower = claim.Numbers("parameterLower"),
        ParameterUpper = claim.Numbers("parameterUpper"),
        Parameter = claim.Integer("parameter"),
        EventLower = claim.Number("eventLower") ?? double.NegativeInfinity,
        EventUpper = claim.Number("eventUpper") ?? double.PositiveInfinity,
        EventAlso = claim.Has("eventAlso") ? claim.Items("eventAlso", range => new EventRange(range.Integer("parameter"), range.Number("lower") ?? double.NegativeInfinity, range.Number("upper") ?? double.PositiveInfinity)) : [],
        Level = claim.Number("level") ?? double.NaN,
        Reference = claim.Text("reference"),
        AtMost = claim.Number("atMost"),
        DensityAtLeast = claim.Has("densityAtLeast") ? claim.Number("densityAtLeast") : null,
        MassOutside = claim.Has("massOutside") ? claim.Number("massOutside") : null,
        DensityAtMost = claim.Has("densityAtMost") ? claim.Number("densityAtMost") : null,
        Pairs = claim.Has("pairs") ? ReadPairs(claim.Child("pairs")) : null,
        Prior = claim.Has("prior") ? ReadPrior(claim.Child("prior")) : null,
        NoiseBox = claim.Has("noiseBox") ? claim.Number("noiseBox") : null,
        IsTruncated = claim.Has("truncated") && claim.Flag("truncated"),
        Draws = claim.Has("draws") ? ReadDraws(claim.Child("draws")) : null,
        AtLeast = claim.Number("atLeast"),
        Entries = claim.Has("entries") ? claim.Integer("entries") : 0,
        Group = claim.Has("group") ? claim.Integer("group") : 1,
        Quantity = claim.Has("quantity") ? claim.Word<Quantity>("quantity") : default,
        IsChange = claim.Has("change") && claim.Flag("change"),
        Point = claim.Has("point") ? claim.Numbers("point") : [],
        Directions = claim.Has("directions") ? claim.Numbers("directions") : [],
    };

    private static DrawCount ReadDraws(Reader draws) => new()
    {
        File = draws.Text("file"),
        Sha256 = draws.Text("sha256"),
        Draws = draws.Integer("count"),
        Hits = draws.Integer("hits"),
        Confidence = draws.Number("confidence") ?? double.NaN,
        Command = draws.Has("command") ? draws.Texts("command") : [],
    };

    private static PairQuestion ReadPairs(Reader pairs) => new()
    {
        File = pairs.Text("file"),
        Sha256 = pairs.Text("sha256"),
        Pairs = pairs.Integer("count"),
        SamplesFile = pairs.Has("samplesFile") ? pairs.Text("samplesFile") : "",
        SamplesSha256 = pairs.Has("samplesSha256") ? pairs.Text("samplesSha256") : "",
        Draws = pairs.Integer("draws"),
        Confidence = pairs.Number("confidence") ?? double.NaN,
        Set = pairs.Word<CredibleSet>("set"),
        IsSequential = pairs.Flag("sequential"),
    };

    private static PriorDraws ReadPrior(Reader prior)
    {
        var law = prior.Has("law") ? prior.Text("law") : null;
        var isUniform = law == PriorLaw.Uniform;
        return new()
        {
            Law = law is null ? null : new PriorLaw { Name = law, First = prior.Numbers(isUniform ? "lower" : "mean"), Second = prior.Numbers(isUniform ? "upper" : "standardDeviation") },
            File = law is null ? prior.Text("file") : "",
            Sha256 = law is null ? prior.Text("sha256") : "",
            Count = prior.Integer("count"),
            Confidence = prior.Number("confidence") ?? double.NaN,
        };
    }
}
