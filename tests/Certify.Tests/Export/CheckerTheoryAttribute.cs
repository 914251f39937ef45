using Xunit;

namespace Certify.Tests.Export;

/// <summary>A theory that needs <see cref="ExtractedChecker"/> and <see cref="SharedData"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CheckerTheoryAttribute : TheoryAttribute
{
    public CheckerTheoryAttribute() => Skip = ExtractedChecker.Absence ?? (SharedData.Folder is null ? "../shared/data is absent" : null);
}
