using Xunit;

namespace Certify.Tests.Export;

/// <summary>The compiled theories before Coq's second kernel, <c>coqchk</c>.</summary>
/// <remarks>Mutant that this test saw: an axiom in a theory of Graphs.</remarks>
public sealed class KernelTests
{
    [KernelFact]
    [Trait("Category", "Nightly")]
    public void The_second_kernel_accepts_the_theories_and_finds_no_other_axiom()
    {
        var (code, output) = ExtractedChecker.Kernel();

        Assert.True(code == 0, output);
        Assert.Matches(@"coqchk accepts \d+ theories", output);
    }

    /// <summary>Needs Coq with the libraries that the proofs use; gappa stands for those.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class KernelFactAttribute : FactAttribute
    {
        public KernelFactAttribute() => Skip = ExtractedChecker.Missing("coqchk", "coqc", "coq_makefile", "gappa", "make") is { } tool ? $"{tool} is not on PATH (proofs/check names the packages)" : null;
    }
}
