using System.Text;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using NJsonSchema;

namespace Reports.Tests;

/// <summary>Validates against the published schemas in the folder <c>Schemas</c>.</summary>
internal static class Schemas
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Schemas");

    /// <summary>What is wrong with a SARIF document; empty where it is valid.</summary>
    public static Task<string[]> Sarif(byte[] document) => Json("sarif-2.1.0-rtm.5.json", document);

    /// <summary>What is wrong with a code quality report.</summary>
    public static Task<string[]> CodeQuality(byte[] document) => Json("code-quality.schema.json", document);

    /// <summary>What is wrong with a JUnit document.</summary>
    public static string[] JUnit(byte[] document)
    {
        var schemas = new XmlSchemaSet { XmlResolver = null };
        using var reader = XmlReader.Create(Path.Combine(Folder, "junit-4.xsd"));
        schemas.Add(null, reader);
        var errors = new List<string>();
        using var text = XmlReader.Create(new MemoryStream(document));
        XDocument.Load(text).Validate(schemas, (_, error) => errors.Add(error.Message));
        return [.. errors];
    }

    private static async Task<string[]> Json(string name, byte[] document) =>
        [.. (await JsonSchema.FromFileAsync(Path.Combine(Folder, name))).Validate(Encoding.UTF8.GetString(document)).Select(error => error.ToString())];
}
