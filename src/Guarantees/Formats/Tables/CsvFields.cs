using System.Text;

namespace Guarantees.Formats.Tables;

/// <summary>Splits comma-separated values into records of fields.</summary>
internal sealed class CsvFields(TextReader reader, string file)
{
    /// <summary>Most characters of a field.</summary>
    public const int LongestField = 4096;

    /// <summary>Most fields of a record.</summary>
    public const int MostFields = 100_000;

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
        var (fields, field, blank) = (new List<string>(), new StringBuilder(), true);
        while (true)
        {
            var c = reader.Read();
            switch (c)
            {
                case '"' when blank:
                    field.Clear();
                    Quoted(field);
                    blank = string.IsNullOrWhiteSpace(field.ToString());
                    break;
                case ',' when fields.Count == MostFields - 1:
                    throw new TableFormatException($"{file}:{Line}: more than {MostFields} fields, expected at most so many.");
                case ',':
                    fields.Add(field.ToString());
                    field.Clear();
                    blank = true;
                    break;
                case '\r' when reader.Peek() == '\n':
                    break;
                case -1 or '\n' or '\r':
                    nextLine++;
                    fields.Add(field.ToString());
                    return fields;
                default:
                    Append(field, (char)c);
                    blank &= char.IsWhiteSpace((char)c);
                    break;
            }
        }
    }

    private void Append(StringBuilder field, char c)
    {
        if (field.Length == LongestField)
        {
            throw new TableFormatException($"{file}:{nextLine}: a field of more than {LongestField} characters, {OneLine.Quote(field.ToString())}, expected at most so many.");
        }

        field.Append(c);
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
            Append(field, (char)(c == '"' ? reader.Read() : c));
        }
    }
}
