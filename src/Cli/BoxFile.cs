using System.Globalization;
using Guarantees.Formats;
using Guarantees.Formats.Tables;
using Guarantees.Networks;

namespace Cli;

/// <summary>Boxes from a table: columns lo0, lo1, ..., hi0, hi1, ..., one box a row.</summary>
internal static class BoxFile
{
    public static IReadOnlyList<Box> Read(string path, int length)
    {
        var table = Table.Read(path);
        var columns = table.Columns.Length;
        if (columns != 2 * length)
        {
            throw new TableFormatException($"{path}: {columns} columns, expected {2 * length}: lo0 .. lo{length - 1}, hi0 .. hi{length - 1}.");
        }

        if (table.Rows == 0)
        {
            throw new TableFormatException($"{path}: no boxes below the header.");
        }

        var boxes = new List<Box>();
        for (var i = 0; i < table.Rows; i++)
        {
            var row = table[i].ToArray();
            for (var j = 0; j < length; j++)
            {
                if (!(row[j] <= row[length + j]))
                {
                    throw new TableFormatException(string.Create(CultureInfo.InvariantCulture, $"{table.PlaceOf(i)}: coordinate {j} is [{row[j]}, {row[length + j]}], expected lower <= upper."));
                }
            }

            boxes.Add(new Box([.. row[..length]], [.. row[length..]]));
        }

        return boxes;
    }
}
