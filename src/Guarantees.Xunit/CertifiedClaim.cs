using System.Globalization;
using Guarantees.Claims;
using Guarantees.Formats;
using Guarantees.Formats.Spec;
using Xunit.Abstractions;

namespace Guarantees.Xunit;

/// <summary>One claim of a spec, as a row of a theory: <c>public Task It_holds(CertifiedClaim claim) =&gt; claim.Holds();</c>.</summary>
public sealed class CertifiedClaim : IXunitSerializable
{
    private string file = "";
    private int index;
    private string name = "";

    /// <summary>For the runner, which fills it.</summary>
    public CertifiedClaim()
    {
    }

    internal CertifiedClaim(string file, int index, Claim claim, CertifiedOptions options)
    {
        (this.file, this.index, Options) = (file, index, options.Checked());
        name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)} claim {index + 1}: {claim.Name}{(claim.ObservationRow >= 0 ? $" row {claim.ObservationRow}" : "")}");
    }

    /// <summary>How it is answered.</summary>
    public CertifiedOptions Options { get; private set; } = new();

    /// <summary>Answers the claim.</summary>
    /// <exception cref="CertificationException">It is refuted, or undecided.</exception>
    /// <exception cref="FormatException">A file is malformed, or the claim is of a kind that only <c>certify run</c> answers; one line.</exception>
    public async Task<CertifiedAnswer> Holds()
    {
        var spec = SpecFile.Read(CertifiedOptions.Resolve(file));
        var item = index < spec.Claims.Length ? spec.Claims[index] : throw new SpecFormatException($"{file}: claim {index + 1} is no longer there, the spec has {spec.Claims.Length}.");
        if (spec.Family.HasNoModel || PairStatistics.Answers(item.Claim.Kind) || item.Claim.Kind == ClaimKind.PosteriorStability || item.SearchesRadius)
        {
            throw new SpecFormatException($"{item.Where}{(item.SearchesRadius ? "a largest radius" : spec.Family.HasNoModel ? $"the family {spec.Family.Name}" : $"a claim of kind {item.Claim.Name}")} is answered by 'certify run' and not in unit tests.");
        }

        var answering = new Answering(ModelFile.Read(spec.ModelPath), spec.Family, Options).With([.. spec.References.Select(reference => ModelFile.Read(reference.Path) with { Name = reference.Name })]);
        var claim = item.Claim;
        if (item.Draws is { } draws)
        {
            var count = DrawCounter.Outside(answering.Estimator, claim, DrawCounter.Bytes(draws.Path), draws.Path, draws.Confidence);
            claim = claim with { Draws = count, MassOutside = count.Upper };
        }

        var folder = $"{Path.GetFileNameWithoutExtension(spec.File)}-{spec.Sha256[..8]}";
        try
        {
            return await answering.Assert(claim, Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"claim-{index + 1:D3}-{claim.Name}")), spec).ConfigureAwait(false);
        }
        catch (ArgumentException error)
        {
            throw new SpecFormatException($"{item.Where}{error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <inheritdoc/>
    public void Deserialize(IXunitSerializationInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        (file, index, name) = (info.GetValue<string>(nameof(file)), info.GetValue<int>(nameof(index)), info.GetValue<string>(nameof(name)));
        Options = new CertifiedOptions
        {
            MostParts = info.GetValue<int>(nameof(Options.MostParts)),
            Seed = info.GetValue<int>(nameof(Options.Seed)),
            UndecidedPasses = info.GetValue<bool>(nameof(Options.UndecidedPasses)),
            Folder = info.GetValue<string>(nameof(Options.Folder)),
        };
    }

    /// <inheritdoc/>
    public void Serialize(IXunitSerializationInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        info.AddValue(nameof(file), file);
        info.AddValue(nameof(index), index);
        info.AddValue(nameof(name), name);
        info.AddValue(nameof(Options.MostParts), Options.MostParts);
        info.AddValue(nameof(Options.Seed), Options.Seed);
        info.AddValue(nameof(Options.UndecidedPasses), Options.UndecidedPasses);
        info.AddValue(nameof(Options.Folder), Options.Folder);
    }

    /// <summary>"guarantees.yaml claim 3: robustness row 2": the name of the test.</summary>
    public override string ToString() => name;
}
