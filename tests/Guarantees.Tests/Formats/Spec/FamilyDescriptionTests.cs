using System.Text.Json;
using Guarantees.Formats;
using Guarantees.Formats.Spec;
using Guarantees.Networks;
using Xunit;

namespace Guarantees.Tests.Formats.Spec;

public class FamilyDescriptionTests
{
    private const string Mixture = """{"logits":"z","means":"m","name":"gaussian-mixture","precision-factor":{"diagonal":"d","upper":"u"}}""";

    [Theory]
    [InlineData(Mixture)]
    [InlineData("""{"cholesky":{"diagonal":"d","lower":"l","transform":"softplus"},"mean":"m","name":"gaussian"}""")]
    [InlineData("""{"cholesky":{"matrix":"L","transform":"log"},"mean":"m","name":"gaussian"}""")]
    [InlineData("""{"log-variance":"v","mean":"m","name":"diagonal-gaussian"}""")]
    [InlineData("""{"mean":"m","name":"diagonal-gaussian","standard-deviation":"s","transform":"softplus"}""")]
    public void Json_is_read_and_written_without_change(string json)
    {
        Assert.Equal(json, Parse(json).ToJson());
        Assert.Equal(Parse(json), Parse(json));
        Assert.Equal(Parse(json).GetHashCode(), Parse(json).GetHashCode());
    }

    [Fact]
    public void The_order_of_keys_does_not_matter_and_their_values_do()
    {
        var shuffled = """{ "name": "gaussian-mixture", "precision-factor": { "upper": "u", "diagonal": "d" }, "means": "m", "logits": "z" }""";

        Assert.Equal(Parse(Mixture), Parse(shuffled));
        Assert.NotEqual(Parse(Mixture), Parse(Mixture.Replace("\"u\"", "\"w\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Binding_reads_the_dimensions_from_the_network()
    {
        var family = Parse(Mixture).Bind(Network(("z", 3), ("m", 6), ("d", 6), ("u", 3)));

        Assert.Equal((3, 2, "gaussian-mixture"), (family.Components, family.Dimension, family.Name));
    }

    [Theory]
    [InlineData("u", "The family gaussian-mixture reads an output 'u'; the network has 'z', 'm', 'd', 'w'.")]
    [InlineData("z", "The network has no output 'z'; it has 'w', 'm', 'd', 'u'.")]
    public void A_missing_output_is_named(string missing, string message)
    {
        string Name(string name) => name == missing ? "w" : name;
        var network = Network((Name("z"), 3), (Name("m"), 6), (Name("d"), 6), (Name("u"), 3));

        Assert.Equal(message, Assert.Throws<SpecFormatException>(() => Parse(Mixture).Bind(network)).Message);
    }

    [Fact]
    public void A_wrong_length_is_named()
    {
        var error = Assert.Throws<SpecFormatException>(() => Parse(Mixture).Bind(Network(("z", 3), ("m", 6), ("d", 6), ("u", 4))));

        Assert.Equal("Output 'u' has 4 elements; the family gaussian-mixture needs 3 (3 x 1).", error.Message);
    }

    [Theory]
    [InlineData("[]", "the family must be a mapping of keys to values, got a list of 0.")]
    [InlineData("{}", "the family lacks the key 'name'.")]
    [InlineData("""{"name":"gaussian","mean":"m"}""", "the family gaussian needs exactly one of 'cholesky', 'precision-factor', 'covariance', 'standard-deviation', 'log-standard-deviation', 'variance' or 'log-variance', got none.")]
    [InlineData("""{"name":"gaussian","mean":"m","choleski":{}}""", "the family has no key 'choleski', did you mean 'cholesky'?")]
    [InlineData("""{"name":"diagonal-gaussian","mean":"m","log-variance":"v","transform":"softplus"}""", "transform is 'softplus', but an output that gives a logarithm takes none.")]
    [InlineData("""{"name":"gaussian","mean":"m","cholesky":{"matrix":"v","transform":"exp"}}""", "transform is 'exp', expected 'log' or 'softplus'.")]
    [InlineData("""{"name":"gaussian","mean":{},"cholesky":{"matrix":"v"}}""", "mean is a mapping, expected a word.")]
    public void What_is_no_family_is_refused(string json, string message) =>
        Assert.Equal(message, Assert.Throws<SpecFormatException>(() => Parse(json)).Message);

    private static FamilyDescription Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return FamilyDescription.Parse(document.RootElement);
    }

    private static Network Network(params (string Name, int Length)[] outputs)
    {
        var builder = new NetworkBuilder();
        var x = builder.Input("x", 2);
        foreach (var (name, length) in outputs)
        {
            builder.Output(name, builder.Select(x, [.. Enumerable.Range(0, length).Select(i => i % 2)]));
        }

        return builder.Build();
    }
}
