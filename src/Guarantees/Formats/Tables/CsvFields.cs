using System.Text;

namespace Guarantees.Formats.Tables;

/// <summary>Splits comma-separated values into records of fields.</summary>
internal sealed class CsvFields(TextReader reader, string file)
{
    private int nextLine = 1;

    /// <summary>Line, from 1, on which the last record began.</summary>
    public int Line { get; private set; }

    /// <summary>The next record that is not an empty line; null at the end.</summary>
    public List<string>? Next()
    {
        while (reader.Peek() >= 0)
        {
            Line = nextLine;
            var record = Record();
            if (record.Count > 1 || record[0].Length > 0)
            {
                return record;
            }
        }

        return null;
    }

    private List<string> Record()
    {
        var (fields, field) = (new List<string>(), new StringBuilder());
        while (true)
        {
            var c = reader.Read();
            switch (c)
            {
                case '"' when string.IsNullOrWhiteSpace(field.ToString()):
                    field.Clear();
                    Quoted(field);
                    break;
                case ',':
                    fields.Add(field.ToString());
                    field.Clear();
                    break;
                case '\r' when reader.Peek() == '\n':
                    break;
                case -1 or '\n' or '\r':
                    nextLine++;
                    fields.Add(field.ToString());
                    return fields;
                default:
                    field.Append((char)c);
                    break;
            }
        }
    }

    /// <summary>The text up to the closing quote; "" stands for one quote.</summary>
    private void Quoted(StringBuilder field)
    {
        while (true)
        {
            var c = reader.Read();
            if (c < 0)
            {
                throw new TableFormatException($"{file}:{Line}: a quoted field is not closed, expected a '\"'.");
            }

            if (c == '"' && reader.Peek() != '"')
            {
                return;
            }

            nextLine += c == '\n' ? 1 : 0;
            field.Append((char)(c == '"' ? reader.Read() : c));
        }
    }
}
