using System.Collections.Immutable;
using System.Security.Cryptography;
using Certify;
using Guarantees.Certificates;
using Guarantees.Claims;
using Guarantees.Distributions;
using Guarantees.Formats;
using Guarantees.Formats.Onnx;
using Guarantees.Formats.Spec;

namespace Guarantees.Xunit;

/// <summary>Answers claims of one model within a budget that is no time, writes their certificates, and throws where a claim does not pass.</summary>
internal sealed class Answering
{
    private static readonly Lock Writing = new();
    private readonly ModelFile model;
    private readonly CertifiedOptions options;
    private readonly Estimator estimator;
    private readonly ImmutableArray<ModelFile> references = [];

    public Answering(ModelFile model, FamilyDescription family, CertifiedOptions options)
    {
        (this.model, Family, this.options) = (model, family, options);
        var network = OnnxImporter.Read(model.Content, model.Path);
        estimator = new Estimator(network, family.Bind(network), model.Sha256, model.Name);
    }

    private Answering(Answering other, ImmutableArray<ModelFile> references)
    {
        (model, Family, options, this.references) = (other.model, other.Family, other.options, references);
        estimator = other.estimator with { References = [.. references.Where(IsModel).Select(Read)] };

        static bool IsModel(ModelFile file) => System.IO.Path.GetExtension(file.Name).Equals(".onnx", StringComparison.OrdinalIgnoreCase);

        static Estimator Read(ModelFile file)
        {
            // Under no family of its own: each claim says how it is read.
            var network = OnnxImporter.Read(file.Content, file.Path);
            return new Estimator(network, OutputVector.For(network), file.Sha256, file.Name);
        }
    }

    public FamilyDescription Family { get; }

    public Estimator Estimator => estimator;

    public ModelFile Model => model;

    /// <summary>The same, with files that claims compare with.</summary>
    public Answering With(ImmutableArray<ModelFile> others) => new(this, others);

    /// <summary>Answers a claim on a thread of the pool.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="name">Folder and file of the certificate, without extension; null for one made of the model and the claim.</param>
    /// <param name="spec">The spec that asks; null for none.</param>
    public Task<CertifiedAnswer> Assert(Claim claim, string? name = null, Spec? spec = null) => Task.Run(() =>
    {
        var answer = Answer(claim, name, spec);
        return answer.Result.Verdict == Verdict.Proved || (answer.Result.Verdict == Verdict.Undecided && options.UndecidedPasses) ? answer : throw new CertificationException(answer, model.Name);
    });

    private CertifiedAnswer Answer(Claim claim, string? name, Spec? spec)
    {
        var certifier = new Certifier
        {
            TimeLimit = TimeSpan.MaxValue,
            MostParts = options.MostParts,
            Seed = options.Seed,
            Curve = false,
            Model = model.Content,
            ReferenceModel = references.FirstOrDefault(file => file.Sha256 == claim.ReferenceSha256)?.Content,
        };
        var answer = certifier.Run(estimator, Family, claim);
        var certificate = spec is null ? answer.Certificate : answer.Certificate with { SpecName = Path.GetFileName(spec.File), SpecSha256 = spec.Sha256 };
        var id = Convert.ToHexStringLower(SHA256.HashData(CertificateFile.ToBytes(claim)))[..12];
        name ??= Path.Combine($"{Path.GetFileNameWithoutExtension(model.Name)}-{model.Sha256[..8]}", $"{claim.Name}-{id}");
        var file = Path.Combine(CertifiedOptions.Resolve(options.Folder), name + ".json");
        lock (Writing)
        {
            // What 'certify check' reads lies beside the certificate.
            foreach (var copied in references.Prepend(model))
            {
                var copy = Path.Combine(Path.GetDirectoryName(file)!, copied.Name);
                if (!File.Exists(copy) || ModelFile.Read(copy).Sha256 != copied.Sha256)
                {
                    WholeFile.MakeFolder(Path.GetDirectoryName(file)!);
                    WholeFile.Write(copy, copied.Content);
                }
            }

            WholeFile.Write(file, CertificateFile.ToBytes(certificate));
        }

        return new CertifiedAnswer(answer.Result with { Certificate = file }, file);
    }
}
