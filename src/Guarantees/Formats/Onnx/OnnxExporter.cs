namespace Guarantees.Formats.Onnx;

/// <summary>Writes ONNX files.</summary>
public static class OnnxExporter
{
    /// <summary>Writes <paramref name="graph"/> to a file, after reading it back once: what cannot be certified is not written.</summary>
    /// <exception cref="ModelFormatException">The graph uses what the importer does not support, or contradicts itself.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, OnnxGraphBuilder graph)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(graph);
        var bytes = graph.ToBytes();
        OnnxImporter.Read(bytes, Path.GetFileName(path));
        WholeFile.Write(path, bytes);
    }
}
