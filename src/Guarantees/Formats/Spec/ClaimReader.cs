using System.Collections.Immutable;
using System.Globalization;
using Guarantees.Claims;
using Guarantees.Formats.Tables;

namespace Guarantees.Formats.Spec;

/// <summary>Reads the keys of one claim and makes a claim for each observation.</summary>
internal sealed class ClaimReader(string folder, CornerPair? domain, ReferenceReader references)
{
    /// <summary>Most rows that one key 'rows' may name, repetitions counted.</summary>
    private const int MostRows = 1_000_000;

    /// <summary>Most radii of one modulus.</summary>
    private const int MostRadii = 100;

    /// <summary>Most draws that a program is asked for.</summary>
    private const int MostDraws = 1_000_000;

    /// <summary>The word for bounds of scales and weights.</summary>
    public const string WellDefined = "well-defined";

    private readonly Dictionary<string, Table> tables = [];

    /// <summary>Whether the claim that was read last gives its radius as { up-to: r }.</summary>
    public bool SearchesRadius { get; private set; }

    /// <summary>The draws that the claim read last asks for.</summary>
    public DrawSource? Draws { get; private set; }

    /// <summary>The table of draws of the prior that the claim read last names; empty for none.</summary>
    public string PriorPath { get; private set; } = "";

    /// <summary>One claim for each observation.</summary>
    public IEnumerable<Claim> Read(ClaimKind kind, SpecNode body) => Read(kind, Words.Of(kind), body);

    /// <summary>One claim for each bound that is given: a floor of scales or weights, a ceiling of scales.</summary>
    public IEnumerable<Claim> ReadWellDefined(SpecNode body) => Read(ClaimKind.Functional, WellDefined, body);

    private Claim[] Read(ClaimKind kind, string name, SpecNode body)
    {
        (Draws, PriorPath) = (null, "");
        var keys = new KeyReader(body, $"the claim {name}");
        SearchesRadius = false;
        var box = keys.Find("domain") is { } own ? CornerPair.Read(own, "the domain") : domain;
        var claim = new Claim { Kind = kind, DomainLower = box?.Lower ?? [], DomainUpper = box?.Upper ?? [] };
        claim = kind switch
        {
            ClaimKind.Robustness => Robustness(keys, claim),
            ClaimKind.Lipschitz => claim with { Metric = Metric(keys, [Claims.Metric.Wasserstein2, Claims.Metric.Wasserstein1, Claims.Metric.Hellinger, Claims.Metric.TotalVariation, .. OfVectors]), Norm = keys.NeedWord<Norm>("norm") },
            ClaimKind.Approximation => Approximation(keys, claim),
            ClaimKind.Symmetric => Symmetric(keys, claim),
            ClaimKind.Modulus => claim with { Metric = Metric(keys, [.. Distances, .. OfVectors]), Norm = keys.NeedWord<Norm>("norm") },
            ClaimKind.Monotone => Monotone(keys, claim),
            ClaimKind.EventProbability => Event(keys, claim, Drawn(keys)),
            ClaimKind.Functional => name == WellDefined ? claim : Functional(keys, claim),
            ClaimKind.Decision => claim,
            ClaimKind.PosteriorStability => Stability(keys, claim),
            _ => claim with { Parameter = Index(keys), Level = Level(keys) },
        };
        if (name != WellDefined && kind != ClaimKind.Monotone)
        {
            claim = claim with { AtMost = keys.FindNumber("at-most") ?? (kind == ClaimKind.Decision ? 0 : claim.AtMost) };
        }

        var mayBeOverBall = kind is ClaimKind.EventProbability or ClaimKind.Functional or ClaimKind.Monotone;
        var table = kind == ClaimKind.Approximation ? references.Table : null;
        var overBall = kind is ClaimKind.Robustness or ClaimKind.CredibleInterval or ClaimKind.Decision or ClaimKind.PosteriorStability || claim.IsChange || (mayBeOverBall && (keys.Find("observations") ?? keys.Find("radius")) is not null);
        var kinds = name == WellDefined ? Bounds(keys, claim) : kind == ClaimKind.Modulus && box is not null ? OfRadii(keys, claim) : [claim];
        var claims = table is not null ? [.. AroundRows(keys, claim, table)]
            : overBall ? kinds.SelectMany(one => OverBalls(keys, one)).ToArray() : [.. kinds];
        keys.Finish();
        if (Draws is { Count: 0 } && claims.Length != 1)
        {
            throw keys.Place.Wrong($"the samples are of one observation, the claim {name} has {claims.Length}; name one with 'rows'.");
        }

        if (SearchesRadius && kind == ClaimKind.PosteriorStability)
        {
            throw keys.Place.Wrong($"the largest radius is not searched for the claim {name}: its confidence is for a radius that was fixed before the draws were seen.");
        }

        if (!overBall && table is null && box is null)
        {
            throw keys.Place.Wrong(mayBeOverBall
                ? $"the claim {name} needs 'observations' with a 'radius', or a 'domain'."
                : $"the claim {name} needs a 'domain', here or at the top of the spec.");
        }

        return claims;
    }

    private static Metric[] Distances => [Claims.Metric.Wasserstein2, Claims.Metric.TotalVariation, Claims.Metric.Hellinger, Claims.Metric.Kl, Claims.Metric.Wasserstein1, Claims.Metric.KlReverse, Claims.Metric.JensenShannon];

    private static Metric[] OfVectors => [Claims.Metric.L1, Claims.Metric.L2, Claims.Metric.Linf];

    private static Metric Metric(KeyReader keys, Metric[] supported)
    {
        var node = keys.Need("metric");
        var metric = KeyReader.Word<Metric>(node, "metric");
        return supported.Contains(metric)
            ? metric
            : throw node.Place.Wrong($"metric is '{Words.Of(metric)}', this claim supports {OneLine.Join([.. supported.Select(Words.Of)])}.");
    }

    private Claim Robustness(KeyReader keys, Claim claim)
    {
        claim = claim with { Metric = Metric(keys, [.. Distances, Claims.Metric.LogDensity, Claims.Metric.L1, Claims.Metric.L2, Claims.Metric.Linf]) };
        claim = Noise(keys, claim);
        var parameters = keys.Find("parameters");
        var (least, outside) = (keys.Find("density-at-least"), keys.Find("mass-outside"));
        if (claim.Metric != Claims.Metric.LogDensity)
        {
            return parameters is not null ? throw parameters.Place.Wrong("parameters is a box for the metric 'log-density' only.")
                : (least ?? outside) is { } stray ? throw stray.Place.Wrong($"{(least is null ? "mass-outside" : "density-at-least")} is for the metric 'log-density' only.")
                : claim;
        }

        Draws = outside is SpecMapping ? Source(outside, "mass-outside") : null;
        var mass = Draws is null ? keys.FindNumber("mass-outside") : null;
        if (mass is { } share && !(share is >= 0 and <= 1))
        {
            throw outside!.Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"mass-outside is {share:R}, expected a number in [0, 1]."));
        }

        claim = claim with { DensityAtLeast = keys.FindNumber("density-at-least"), MassOutside = mass };

        var box = CornerPair.Read(parameters ?? keys.Need("parameters"), "parameters");
        return claim with { ParameterLower = box.Lower, ParameterUpper = box.Upper };
    }

    private static Claim Noise(KeyReader keys, Claim claim)
    {
        var (box, law) = (keys.Find("noise-box"), keys.Find("noise"));
        if ((box ?? law) is { } stray && claim.Metric != Claims.Metric.Wasserstein2)
        {
            throw stray.Place.Wrong($"{(box is null ? "noise" : "noise-box")} is for the metric 'wasserstein2' of samplers only.");
        }

        if (box is null)
        {
            return law is null ? claim : throw law.Place.Wrong("noise needs a 'noise-box'.");
        }

        var reach = KeyReader.Number(box, "noise-box");
        return claim with
        {
            NoiseBox = reach > 0 ? reach : throw box.Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"noise-box is {reach:R}, expected a number above 0.")),
            IsTruncated = law is not null && KeyReader.Text(law, "noise") switch
            {
                "normal" => false,
                "truncated" => true,
                _ => throw law.Place.Wrong($"noise is {law.Words}, expected 'normal' or 'truncated'."),
            },
        };
    }

    /// <summary>{ samples: FILE, confidence: 0.99 }.</summary>
    private DrawSource Source(SpecNode node, string what)
    {
        var keys = new KeyReader(node, what);
        var source = new DrawSource(PathOf(keys.Need("samples"), "samples"), 0, Confidence(keys));
        keys.Finish();
        return source;
    }

    private static double Confidence(KeyReader keys)
    {
        var confidence = keys.NeedNumber("confidence");
        return confidence is >= 0.5 and < 1
            ? confidence
            : throw keys.Need("confidence").Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"confidence is {confidence:R}, expected a number in [0.5, 1)."));
    }

    private string PathOf(SpecNode node, string key)
    {
        var path = Path.Combine(folder, KeyReader.Text(node, key));
        return path.Contains('\0', StringComparison.Ordinal) ? throw node.Place.Wrong($"{key} is {node.Words}, expected a path.") : path;
    }

    /// <summary>'samples' or 'draws' with a 'confidence', among the keys of a claim: for a black box.</summary>
    private DrawSource? Drawn(KeyReader keys)
    {
        var (samples, draws) = (keys.Find("samples"), keys.Find("draws"));
        if (samples is null && draws is null)
        {
            return keys.Find("confidence") is { } stray ? throw stray.Place.Wrong("confidence is for a claim with 'samples' or 'draws'.") : null;
        }

        if (samples is not null && draws is not null)
        {
            throw draws.Place.Wrong("the claim has both 'samples' and 'draws', expected one.");
        }

        return samples is not null ? new DrawSource(PathOf(samples, "samples"), 0, Confidence(keys))
            : TryCount(draws!, out var count) && count is >= 1 and <= MostDraws ? new DrawSource("", count, Confidence(keys))
            : throw draws!.Place.Wrong($"draws is {draws.Words}, expected how many, from 1 to {MostDraws}.");
    }

    /// <summary>Draws of a prior, from a table or by a law, and what bounds the log likelihood.</summary>
    private Claim Stability(KeyReader keys, Claim claim)
    {
        var source = Drawn(keys) ?? throw keys.Place.Wrong("the claim posterior-stability needs 'samples', draws of the prior, or 'draws' and a 'prior', and a 'confidence'.");
        var law = keys.Find("prior");
        if (law is not null && source.Count == 0)
        {
            throw law.Place.Wrong("prior is for 'draws'; the rows of 'samples' are drawn from the prior already.");
        }

        var box = keys.Find("parameters") is { } parameters ? CornerPair.Read(parameters, "parameters") : null;
        PriorPath = source.Path;
        return claim with
        {
            Metric = keys.Find("metric") is null ? Claims.Metric.TotalVariation : Metric(keys, [Claims.Metric.TotalVariation, Claims.Metric.Kl]),
            Prior = source.Count == 0 ? PriorDraws.Of(DrawCounter.Bytes(source.Path), source.Path, source.Confidence)
                : new PriorDraws { Law = Law(law ?? keys.Need("prior")), Count = source.Count, Confidence = source.Confidence },
            DensityAtMost = keys.FindNumber("density-at-most"),
            ParameterLower = box?.Lower ?? [],
            ParameterUpper = box?.Upper ?? [],
        };
    }

    /// <summary>{ name: gaussian, mean: [...], standard-deviation: [...] } or { name: uniform, lower: [...], upper: [...] }.</summary>
    private static PriorLaw Law(SpecNode node)
    {
        var keys = new KeyReader(node, "the prior");
        var name = keys.Need("name");
        var law = KeyReader.Text(name, "name") switch
        {
            PriorLaw.Gaussian => new PriorLaw { Name = PriorLaw.Gaussian, First = keys.NeedNumbers("mean"), Second = keys.NeedNumbers("standard-deviation") },
            PriorLaw.Uniform => new PriorLaw { Name = PriorLaw.Uniform, First = keys.NeedNumbers("lower"), Second = keys.NeedNumbers("upper") },
            var other => throw name.Place.Wrong($"there is no prior {OneLine.Quote(other)}, {OneLine.Suggest(other, [PriorLaw.Gaussian, PriorLaw.Uniform])}"),
        };
        keys.Finish();
        return law;
    }

    private Claim Event(KeyReader keys, Claim claim, DrawSource? draws)
    {
        Draws = draws;
        var node = keys.Need("event");
        var ends = new KeyReader(node, "the event");
        var least = Least(keys, "event-probability");
        if (ends.Find("lower") is SpecList || ends.Find("upper") is SpecList)
        {
            return BoxEvent(keys, ends, node, claim) with { AtLeast = least };
        }

        double End(string key, double otherwise) => ends.Find(key) is { } end ? KeyReader.Number(end, key, finite: false) : otherwise;
        var (lower, upper) = (End("lower", double.NegativeInfinity), End("upper", double.PositiveInfinity));
        ends.Finish();
        if (!(lower < upper) || (double.IsInfinity(lower) && double.IsInfinity(upper)))
        {
            throw node.Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"the event is [{lower:R}, {upper:R}], expected lower < upper and one of them finite."));
        }

        return claim with { Parameter = Index(keys), EventLower = lower, EventUpper = upper, AtLeast = least };
    }

    /// <summary>{ lower: [...], upper: [...] }: one number for each parameter, or infinity.</summary>
    private static Claim BoxEvent(KeyReader keys, KeyReader ends, SpecNode node, Claim claim)
    {
        ImmutableArray<double> Ends(string key) => ends.Find(key) switch
        {
            null => [],
            SpecList { Items.Length: > 0 } list => [.. list.Items.Select(item => KeyReader.Number(item, key, finite: false))],
            var other => throw other.Place.Wrong($"{key} is {other.Words}, expected a list of numbers, as the other end."),
        };
        var (lower, upper) = (Ends("lower"), Ends("upper"));
        ends.Finish();
        if (keys.Find("parameter") is { } parameter)
        {
            throw parameter.Place.Wrong("an event over a box names all parameters; leave out 'parameter', or give one number for each end.");
        }

        if (lower.Length != upper.Length && lower.Length > 0 && upper.Length > 0)
        {
            throw node.Place.Wrong($"the event has {lower.Length} lower and {upper.Length} upper ends, expected as many.");
        }

        var ranges = Enumerable.Range(0, Math.Max(lower.Length, upper.Length))
            .Select(i => new EventRange(i, lower.IsEmpty ? double.NegativeInfinity : lower[i], upper.IsEmpty ? double.PositiveInfinity : upper[i])).ToArray();
        foreach (var range in ranges.Where(range => !(range.Lower < range.Upper)))
        {
            throw node.Place.Wrong($"the event is {range.Words}, expected lower < upper.");
        }

        EventRange[] finite = [.. ranges.Where(range => double.IsFinite(range.Lower) || double.IsFinite(range.Upper))];
        return finite.Length == 0 ? throw node.Place.Wrong("the event has no finite end, expected one at least.")
            : claim with { Parameter = finite[0].Parameter, EventLower = finite[0].Lower, EventUpper = finite[0].Upper, EventAlso = [.. finite[1..]] };
    }

    private static double? Least(KeyReader keys, string name)
    {
        var least = keys.FindNumber("at-least");
        return least is null || keys.Find("at-most") is null
            ? least
            : throw keys.Place.Wrong($"the claim {name} has both 'at-least' and 'at-most', expected one; write two claims.");
    }

    private static Claim Functional(KeyReader keys, Claim claim)
    {
        var quantity = KeyReader.Word<Quantity>(keys.Need("of"), "of");
        claim = claim with
        {
            IsChange = keys.Find("change") is { } change && KeyReader.Text(change, "change") switch
            {
                "true" => true,
                "false" => false,
                _ => throw change.Place.Wrong($"change is {change.Words}, expected true or false."),
            },
            AtLeast = Least(keys, "functional"),
        };
        return Read(keys, claim, quantity);
    }

    /// <summary>Which number is read off the posterior.</summary>
    private static Claim Read(KeyReader keys, Claim claim, Quantity quantity)
    {
        claim = claim with { Quantity = quantity };
        return quantity switch
        {
            Quantity.Mean or Quantity.StandardDeviation => claim with { Parameter = Index(keys) },
            Quantity.Quantile => claim with { Parameter = Index(keys), Level = Level(keys) },
            Quantity.Weight => claim with { Parameter = Index(keys, "component") },
            Quantity.Output => claim with { Parameter = Index(keys, "element") },
            Quantity.Mahalanobis when claim.Kind == ClaimKind.Functional => Distance(keys, claim),
            _ => claim,
        };
    }

    /// <summary>Of which theta; and, as 'inside' or 'outside', the level of a highest-density region in the place of a distance.</summary>
    private static Claim Distance(KeyReader keys, Claim claim)
    {
        claim = claim with { Point = KeyReader.Numbers(keys.Need("at"), "at") };
        var (inside, outside) = (keys.Find("inside"), keys.Find("outside"));
        if ((inside ?? outside) is not { } node)
        {
            return claim;
        }

        if ((inside is not null && outside is not null) || claim.AtLeast is not null || keys.Find("at-most") is not null)
        {
            throw node.Place.Wrong("the claim functional has more than one of 'inside', 'outside', 'at-most' and 'at-least', expected one.");
        }

        var (key, level) = (inside is not null ? "inside" : "outside", KeyReader.Number(node, inside is not null ? "inside" : "outside"));
        if (!(level > 0 && level < 1) || claim.Point.Length is < 1 or > ChiSquare.MostDegrees)
        {
            throw node.Place.Wrong(!(level > 0 && level < 1)
                ? string.Create(CultureInfo.InvariantCulture, $"{key} is {level:R}, expected a number strictly between 0 and 1.")
                : $"{key} is for 1 to {ChiSquare.MostDegrees} parameters, 'at' has {claim.Point.Length}.");
        }

        var reach = ChiSquare.Quantile(level, claim.Point.Length).Sqrt();
        return inside is not null ? claim with { AtMost = reach.Lower } : claim with { AtLeast = reach.Upper };
    }

    private static Claim[] Bounds(KeyReader keys, Claim claim)
    {
        var bounds = new List<Claim>();
        foreach (var quantity in new[] { Quantity.SmallestScale, Quantity.LargestScale, Quantity.SmallestWeight })
        {
            if (keys.FindNumber(Words.Of(quantity)) is { } bound)
            {
                bounds.Add(quantity == Quantity.LargestScale ? claim with { Quantity = quantity, AtMost = bound } : claim with { Quantity = quantity, AtLeast = bound });
            }
        }

        return bounds.Count > 0 ? [.. bounds] : throw keys.Place.Wrong($"the claim {WellDefined} needs at least one of 'smallest-scale', 'largest-scale' and 'smallest-weight'.");
    }

    private Claim Approximation(KeyReader keys, Claim claim)
    {
        claim = references.Read(keys.Need("reference"), claim);
        return claim with { Metric = Metric(keys, [.. Distances, .. OfVectors]) };
    }

    private static Claim Symmetric(KeyReader keys, Claim claim)
    {
        claim = claim with
        {
            Metric = Metric(keys, [.. Distances, .. OfVectors]),
            Permutation = keys.Find("permutation") is { } permutation ? Whole(permutation, "permutation", value => value >= 0, "entries of x, from 0") : [],
            InputSigns = keys.Find("input-signs") is { } inputs ? Whole(inputs, "input-signs", IsSign, "1 or -1 for each entry of x") : [],
            ParameterSigns = keys.Find("parameter-signs") is { } parameters ? Whole(parameters, "parameter-signs", IsSign, "1 or -1 for each parameter") : [],
        };
        return claim.Permutation.IsEmpty && claim.InputSigns.IsEmpty ? throw keys.Place.Wrong("the claim symmetric needs a 'permutation', 'input-signs', or both.")
            : !claim.Permutation.Order().SequenceEqual(Enumerable.Range(0, claim.Permutation.Length)) ? throw keys.Need("permutation").Place.Wrong($"permutation is [{string.Join(", ", claim.Permutation)}], expected each of 0 to {claim.Permutation.Length - 1} once.")
            : claim;
    }

    private static bool IsSign(double value) => value is 1 or -1;

    private static ImmutableArray<int> Whole(SpecNode node, string key, Predicate<double> isAllowed, string expected) =>
        [.. KeyReader.Numbers(node, key).Select(value => isAllowed(value) && value == (int)value ? (int)value : throw node.Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"{key} holds {value:R}, expected {expected}.")))];

    private static Claim Monotone(KeyReader keys, Claim claim)
    {
        claim = Read(keys, claim, KeyReader.Word<Quantity>(keys.Need("of"), "of"));
        var direction = keys.Need("direction");
        return claim with
        {
            Coordinate = Index(keys, "input"),
            IsDecreasing = KeyReader.Text(direction, "direction") switch
            {
                "increasing" => false,
                "decreasing" => true,
                _ => throw direction.Place.Wrong($"direction is {direction.Words}, expected increasing or decreasing."),
            },
            AtLeast = keys.FindNumber("at-least") ?? 0,
        };
    }

    private static double Level(KeyReader keys)
    {
        var level = keys.NeedNumber("level");
        return level is > 0 and < 1
            ? level
            : throw keys.Need("level").Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"level is {level:R}, expected a number strictly between 0 and 1."));
    }

    private static int Index(KeyReader keys, string key = "parameter")
    {
        var node = keys.Need(key);
        return TryCount(node, out var index) ? index : throw node.Place.Wrong($"{key} is {node.Words}, expected the number of a {key}, from 0.");
    }

    private static bool TryCount(SpecNode node, out int value)
    {
        value = 0;
        return node is SpecText { Plain: true } text && int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private IEnumerable<Claim> OverBalls(KeyReader keys, Claim claim)
    {
        var (source, radiusNode) = (keys.Need("observations"), keys.Need("radius"));
        var table = Table(source);
        var columns = table.Sequence("x_");
        columns = columns.IsEmpty ? [.. Enumerable.Range(0, table.Columns.Length)] : columns;
        return Around(keys, claim, source.Place, table, columns, radiusNode, keys.NeedWord<Norm>("norm"));
    }

    /// <summary>One claim for each row of a tabulated reference, about its data set, or the ball around it where there is a radius.</summary>
    private IEnumerable<Claim> AroundRows(KeyReader keys, Claim claim, TableReference reference)
    {
        var (norm, radius) = (keys.Find("norm"), keys.Find("radius"));
        return Around(keys, claim, keys.Place, reference.Table, reference.Data, radius, norm is null ? Norm.Linf : KeyReader.Word<Norm>(norm, "norm"))
            .Select(one => one with { TableRow = reference.RowOf(one.ObservationRow) });
    }

    private IEnumerable<Claim> Around(KeyReader keys, Claim claim, Place place, Table table, ImmutableArray<int> columns, SpecNode? radiusNode, Norm norm)
    {
        if (!claim.DomainLower.IsEmpty && claim.DomainLower.Length != columns.Length)
        {
            throw place.Wrong($"the observations have {columns.Length} coordinates, the domain has {claim.DomainLower.Length}.");
        }

        var selected = keys.Find("rows") is { } rows ? Rows(rows, table) : [.. Enumerable.Range(0, table.Rows)];
        if (selected.Count == 0)
        {
            throw place.Wrong($"the table {OneLine.Quote(Path.GetFileName(table.File))} has no rows.");
        }

        if (radiusNode is SpecMapping)
        {
            var search = new KeyReader(radiusNode, "the radius");
            radiusNode = search.Need("up-to");
            search.Finish();
            SearchesRadius = (claim.AtMost ?? claim.AtLeast) is not null
                ? true
                : throw radiusNode.Place.Wrong("the largest radius is searched for a claim with 'at-most' or 'at-least'.");
        }

        var directions = DirectionsOf(keys, norm, columns.Length);
        var columnsOfRadius = directions.IsEmpty ? columns.Length : directions.Length / columns.Length;
        var radius = radiusNode is null ? [.. new double[columnsOfRadius]] : Radius(radiusNode, columnsOfRadius);
        if (norm == Norm.L0)
        {
            var entries = keys.Need("entries");
            claim = claim with
            {
                Entries = TryCount(entries, out var count) && count > 0 ? count : throw entries.Place.Wrong($"entries is {entries.Words}, expected how many entries, or groups, may move, from 1."),
                Group = keys.Find("group") is not { } group ? 1
                    : TryCount(group, out var size) && size > 0 ? size : throw group.Place.Wrong($"group is {group.Words}, expected how many consecutive coordinates count as one, from 1."),
            };
        }
        else if ((keys.Find("entries") ?? keys.Find("group")) is { } stray)
        {
            throw stray.Place.Wrong("entries and group are for the norm 'l0' only.");
        }

        return selected.Select(row => claim with
        {
            Norm = norm,
            Radius = radius,
            Directions = directions,
            Observation = [.. columns.Select(column => table[row][column])],
            ObservationRow = row,
        });
    }

    /// <summary>The columns along which data move: as they are, or a root of a covariance. Empty where neither is given.</summary>
    private static ImmutableArray<double> DirectionsOf(KeyReader keys, Norm norm, int n)
    {
        var (given, covariance) = (keys.Find("directions"), keys.Find("covariance"));
        if (given is not null && covariance is not null)
        {
            throw covariance.Place.Wrong("the claim has both 'directions' and 'covariance', expected one.");
        }

        if ((given ?? covariance) is not { } node)
        {
            return [];
        }

        var key = given is null ? "covariance" : "directions";
        var (values, rows, columns) = KeyReader.Matrix(node, key);
        if (rows != n || (given is null && columns != n))
        {
            throw node.Place.Wrong($"{key} has {rows} rows of {columns}, expected {n} rows{(given is null ? $" of {n}" : "")}, one for each coordinate of the observations.");
        }

        if (given is not null)
        {
            return values;
        }

        return norm != Norm.L2 ? throw node.Place.Wrong("covariance is for the norm 'l2': an ellipsoid.")
            : n > Directions.MostRows ? throw node.Place.Wrong($"covariance has {n} rows, expected at most {Directions.MostRows}.")
            : Directions.RootOver(values, n) ?? throw node.Place.Wrong("covariance is not symmetric and positive definite, or nearly not.");
    }

    /// <summary>One claim for each radius: a number, one for each coordinate, or several numbers as 'radii'.</summary>
    private static Claim[] OfRadii(KeyReader keys, Claim claim)
    {
        var (one, several, n) = (keys.Find("radius"), keys.Find("radii"), claim.DomainLower.Length);
        if (one is null == several is null)
        {
            throw keys.Place.Wrong("the claim modulus needs a 'radius' or 'radii', one of them.");
        }

        if (one is not null)
        {
            return [claim with { Radius = Radius(one, n) }];
        }

        var radii = KeyReader.Numbers(several!, "radii");
        return radii.Length <= MostRadii && radii.All(value => value >= 0)
            ? [.. radii.Select(radius => claim with { Radius = [.. Enumerable.Repeat(radius, n)] })]
            : throw several!.Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"radii holds {(radii.Length > MostRadii ? $"{radii.Length} numbers" : $"{radii.Min():R}")}, expected 1 to {MostRadii} numbers >= 0."));
    }

    private Table Table(SpecNode node)
    {
        var path = PathOf(node, "observations");
        return tables.TryGetValue(path, out var table) ? table : tables[path] = Tables.Table.Read(path);
    }

    private static ImmutableArray<double> Radius(SpecNode node, int length)
    {
        var values = node is SpecList ? KeyReader.Numbers(node, "radius") : [.. Enumerable.Repeat(KeyReader.Number(node, "radius"), length)];
        if (values.Length != length)
        {
            throw node.Place.Wrong($"radius has {values.Length} entries, expected one number or {length}, one for each coordinate of the observations.");
        }

        return values.All(value => value >= 0)
            ? values
            : throw node.Place.Wrong(string.Create(CultureInfo.InvariantCulture, $"radius is {values.Min():R}, expected a number >= 0."));
    }

    /// <summary>"3", "0-9" or a list of these, in the order written, each row once.</summary>
    private static List<int> Rows(SpecNode node, Table table)
    {
        var (rows, seen, named) = (new List<int>(), new HashSet<int>(), 0L);
        foreach (var item in node is SpecList list ? list.Items : [node])
        {
            var ends = item is SpecText text ? text.Value.Split('-') : [];
            if (ends.Length is not (1 or 2) || !ends.All(end => int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                throw item.Place.Wrong($"rows is {item.Words}, expected rows from 0 such as 3, 0-9 or [0, 2, 5-7].");
            }

            var (first, last) = (int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[^1], CultureInfo.InvariantCulture));
            if (first > last || last >= table.Rows)
            {
                throw item.Place.Wrong($"rows is {item.Words}, {OneLine.Quote(Path.GetFileName(table.File))} has {(table.Rows == 0 ? "none" : $"rows 0 to {table.Rows - 1}")}.");
            }

            named += last - first + 1;
            if (named > MostRows)
            {
                throw item.Place.Wrong($"rows names more than {MostRows} rows, expected at most so many.");
            }

            rows.AddRange(Enumerable.Range(first, last - first + 1).Where(seen.Add));
        }

        return rows;
    }
}
