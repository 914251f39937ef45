using System.Reflection;
using Xunit.Sdk;

namespace Guarantees.Xunit;

/// <summary>The claims of a spec as rows of a theory, one test each: <c>[Theory, CertifiedSpec("guarantees.yaml")] public Task It_holds(CertifiedClaim claim) =&gt; claim.Holds();</c>.</summary>
/// <param name="file">The spec; a relative path is taken from the folder of the test assembly.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class CertifiedSpecAttribute(string file) : DataAttribute
{
    private readonly CertifiedOptions defaults = new();
    private int? mostParts;
    private string? folder;

    /// <summary>The spec.</summary>
    public string File => file;

    /// <inheritdoc cref="CertifiedOptions.MostParts"/>
    public int MostParts { get => mostParts ?? defaults.MostParts; set => mostParts = value; }

    /// <inheritdoc cref="CertifiedOptions.UndecidedPasses"/>
    public bool UndecidedPasses { get; set; }

    /// <inheritdoc cref="CertifiedOptions.Folder"/>
    public string Folder { get => folder ?? defaults.Folder; set => folder = value; }

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        Certified.Spec(file, new CertifiedOptions { MostParts = MostParts, UndecidedPasses = UndecidedPasses, Folder = Folder });
}
