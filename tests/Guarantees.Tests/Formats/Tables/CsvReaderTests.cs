using System.Globalization;
using FsCheck.Xunit;
using Guarantees.Formats;
using Guarantees.Formats.Tables;
using Xunit;

namespace Guarantees.Tests.Formats.Tables;

public class CsvReaderTests
{
    [Fact]
    public void Values_are_the_nearest_doubles_of_what_is_written()
    {
        var table = Read("\uFEFFa, b ,\"c \"\"x\"\"\"\r\n1,-0.1, 2e-3\r\n\r\n\"4\",5,.5");

        Assert.Equal(["a", "b", "c \"x\""], table.Columns.ToArray());
        Assert.Equal(2, table.Rows);
        Assert.Equal([1, -0.1, 2e-3], table[0].ToArray());
        Assert.Equal([4, 5, 0.5], table[1].ToArray());
        Assert.Equal("t.csv:4", table.PlaceOf(1));
    }

    [Theory]
    [InlineData("", "t.csv: the file is empty, expected a header with the names of the columns.")]
    [InlineData("a,b\n1,2\n3", "t.csv:3: 1 fields, expected 2 as in the header.")]
    [InlineData("a,b\n1,2\n3,nan", "t.csv:3: column 'b' has 'nan', expected a finite number such as -0.5 or 1e-3.")]
    [InlineData("a,b\n1,1e999", "t.csv:2: column 'b' has '1e999', expected a finite number such as -0.5 or 1e-3.")]
    [InlineData("a,b\n\"1,5\",2", "t.csv:2: column 'a' has '1,5', expected a finite number such as -0.5 or 1e-3.")]
    [InlineData("a,b\n\"1\n\",\n", "t.csv:2: column 'b' has '', expected a finite number such as -0.5 or 1e-3.")]
    [InlineData("a,\"b", "t.csv:1: a quoted field is not closed, expected a '\"'.")]
    [InlineData("a,a\n1,2", "t.csv:1: column name 'a' appears twice.")]
    [InlineData("a,\n1,2", "t.csv:1: column 2 has no name.")]
    [InlineData("0.5,1\n1,2", "t.csv:1: the first line holds numbers only ('0.5', ...), expected a header with the names of the columns.")]
    public void A_malformed_table_is_refused_with_file_line_and_value(string text, string message) =>
        Assert.Equal(message, Assert.Throws<TableFormatException>(() => Read(text)).Message);

    [Fact]
    public void A_sequence_is_ordered_by_its_numbers_and_whole()
    {
        Assert.Equal([2, 0, 3], Read("x_1,y,x_0,x_2,x_02\n").Sequence("x_").ToArray());
        Assert.Empty(Read("a,b\n").Sequence("x_"));
        Assert.Equal("t.csv:1: column 'x_1' is missing, although there is a 'x_2'.", Assert.Throws<TableFormatException>(() => Read("x_0,x_2\n").Sequence("x_")).Message);
    }

    [Fact]
    public void A_file_that_is_not_text_is_refused()
    {
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, [0x61, 0x0A, 0xFF, 0xFE]);

        Assert.Throws<TableFormatException>(() => Table.Read(path));
        File.Delete(path);
    }

    [Property]
    public bool Any_text_is_read_or_refused(string text)
    {
        try
        {
            Read(text ?? "");
            return true;
        }
        catch (TableFormatException error)
        {
            return !error.Message.Contains('\n', StringComparison.Ordinal);
        }
    }

    [Property]
    public bool Doubles_survive_in_round_trip_form(double[] values)
    {
        var finite = (values ?? []).Where(double.IsFinite).ToArray();
        var table = Read("x\n" + string.Join('\n', finite.Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
        return Enumerable.Range(0, table.Rows).Select(i => table[i][0]).SequenceEqual(finite);
    }

    private static Table Read(string text) => CsvReader.Read(new StringReader(text.TrimStart('\uFEFF')), "t.csv");
}
