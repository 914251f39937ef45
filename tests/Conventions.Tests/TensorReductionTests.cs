using System.Text.RegularExpressions;
using Xunit;

namespace Conventions.Tests;

/// <summary>In C# the literal 0 converts to every enumeration: <c>tensor.sum(0)</c> calls <c>sum(ScalarType)</c> and adds everything up as bytes. Write <c>sum(dim: 0)</c>.</summary>
public sealed partial class TensorReductionTests
{
    [Fact]
    public void No_reduction_takes_a_bare_zero()
    {
        var source = Path.Combine(Root(), "src");
        var found = from file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
                    from line in File.ReadLines(file).Select((text, i) => (Text: text, Number: i + 1))
                    where BareZero().IsMatch(line.Text)
                    select $"{Path.GetRelativePath(source, file)}:{line.Number}: {line.Text.Trim()}";
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("x.sum(0)", true)]
    [InlineData("x.sum( 0, keepdim: true)", true)]
    [InlineData("x.std(0)", true)]
    [InlineData("x.mean(0)", true)]
    [InlineData("x.sum(dim: 0)", false)]
    [InlineData("x.sum(1)", false)]
    [InlineData("x.sum(-1)", false)]
    [InlineData("x.mean([0])", false)]
    public void The_rule_sees_what_it_forbids(string code, bool forbidden) => Assert.Equal(forbidden, BareZero().IsMatch(code));

    [GeneratedRegex(@"\.(sum|mean|std|var|prod|nansum|cumsum|cumprod|softmax|log_softmax)\(\s*0\s*[,)]")]
    private static partial Regex BareZero();

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Guarantees.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
