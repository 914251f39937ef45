using Certify.Native;
using Certify.Smt;
using Xunit;

namespace Certify.Tests.Smt;

/// <summary>The choice of transport.</summary>
public sealed class SmtSolversTests
{
    [Theory]
    [InlineData("4.8.12", false)] // Debian 12
    [InlineData("4.12.1", false)]
    [InlineData("4.12.2", true)] // the managed package
    [InlineData("4.13.3", true)] // Debian 13
    [InlineData("5.0.0", false)]
    public void Only_natives_that_fit_the_managed_package_are_used(string version, bool fits) => Assert.Equal(fits, Z3InProcess.Fits(Version.Parse(version)));

    [Fact]
    public void Without_a_fitting_native_the_reason_is_one_line()
    {
        var solver = Z3InProcess.TryOpen(out var reason);
        Assert.Equal(solver is null, reason is not null);
        Assert.DoesNotContain("\n", reason ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void The_best_solver_answers_or_says_what_to_install()
    {
        if (!SmtSolvers.Available)
        {
            Assert.Contains("install", Assert.Throws<NativeLoadException>(SmtSolvers.Best).Message, StringComparison.Ordinal);
            return;
        }

        Assert.IsType<SmtAnswer.Unsat>(SmtSolvers.Best().Solve("(declare-const x Real)\n(assert (< x x))", SmtLimits.Default));
    }
}
