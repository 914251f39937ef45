using System.Globalization;
using System.IO.Compression;
using System.Text;
using Cli;
using Guarantees.Certificates;
using Guarantees.Checking;
using Guarantees.Formats;
using Guarantees.Formats.Spec;
using Guarantees.Formats.Tables;
using Xunit;

namespace Fuzzing;

/// <summary>What fuzzing found once, by name: each limit says so in one line, at once. The inputs that took minutes or gigabytes are among the hostile ones of the targets.</summary>
public sealed class LimitTests
{
    [Theory]
    [InlineData("a\n1\n", 5_000, "input.csv:3: a field of more than 4096 characters")]
    [InlineData("a\n1\n\"", 5_000, "input.csv:3: a field of more than 4096 characters")]
    [InlineData("", 5_000, "input.csv:1: a field of more than 4096 characters")]
    public void A_long_field_of_a_table_is_refused(string before, int length, string message) =>
        Assert.StartsWith(message, Assert.Throws<TableFormatException>(() => Csv(before + new string('9', length))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_table_of_too_many_columns_or_numbers_is_refused()
    {
        Assert.StartsWith("input.csv:1: more than 100000 fields", Assert.Throws<TableFormatException>(() => Csv(new string(',', 100_000))).Message, StringComparison.Ordinal);
        Assert.Equal(100_000, Csv(string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"c{i}"))).Columns.Length);
        var row = string.Join(',', Enumerable.Repeat("1", 90_000)) + "\n";
        var most = Table.MostNumbers / 90_004;
        var wide = string.Join(',', Enumerable.Range(0, 90_000).Select(i => $"c{i}")) + "\n";
        var error = Assert.Throws<TableFormatException>(() => CsvReader.Read(new StreamReader(new Repeated(wide, row, most + 1)), "input.csv"));
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"input.csv:{most + 2}: more than 30000000 numbers"), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0-2, 0-2, 1", 3, "")]
    [InlineData("0-2", 400_000, "rows names more than 1000000 rows")]
    public void Rows_may_be_named_again_but_not_without_end(string rows, int times, string message)
    {
        var folder = Directory.CreateTempSubdirectory("limits-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "o.csv"), "x_0\n1\n2\n3\n");
            var text = "estimator: { model: m.onnx, family: { name: diagonal-gaussian, mean: m, variance: v } }\nclaims: [ { robustness: { observations: o.csv, norm: l2, radius: 1, metric: kl, rows: ["
                + string.Join(", ", Enumerable.Repeat(rows, times)) + "] } } ]\n";
            var (spec, error) = (default(Spec), Record.Exception(() => SpecFile.Read(new StringReader(text), Path.Combine(folder, "s.yaml"))));
            if (message.Length > 0)
            {
                Assert.Contains(message, Assert.IsType<SpecFormatException>(error).Message, StringComparison.Ordinal);
                return;
            }

            spec = SpecFile.Read(new StringReader(text), Path.Combine(folder, "s.yaml"));
            Assert.Equal([0, 1, 2], spec.Claims.Select(item => item.Claim.ObservationRow));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A certificate's words reach a terminal: a line of its own there could read "accepted".</summary>
    [Fact]
    public void No_word_of_a_certificate_begins_a_line_or_steers_a_terminal()
    {
        var honest = Workshop.Certificates[0];
        foreach (var forged in new[]
        {
            honest with { Text = "x\nother.json: accepted: proved" }, honest with { Semantics = "r\u001b[2Jeal" }, honest with { ModelSha256 = "\u2028" }, honest with { Text = new string('x', 100_000) },
        })
        {
            var report = CertificateChecker.Check(CertificateFile.Read(CertificateFile.ToBytes(forged), "c.json"), Workshop.Model);
            Assert.False(report.Accepted);
            Assert.True(report.Reason.Length is > 0 and < 1_100 && !report.Reason.Any(c => char.IsControl(c) || c == '\u2028'), report.Reason);
        }

        var answer = Workshop.Answers[0] with { Networks = [new PropertyModel("g\nother.json: accepted", "g.onnx", "")] };
        var said = PropertyChecker.Check(PropertyCertificate.Read(answer.ToBytes(), "c.json"), Workshop.Model, Encoding.UTF8.GetBytes(Workshop.Property)).Reason;
        Assert.True(said.Length > 0 && !said.Any(char.IsControl), said);
        foreach (var text in new[] { "{\"format\": \"a\\nb\\u001b\"}", "{\"format\": tru\u001be\r}" })
        {
            var error = Assert.Throws<ModelFormatException>(() => CertificateFile.Read(Encoding.UTF8.GetBytes(text), "c.json"));
            Assert.DoesNotContain(error.Message, char.IsControl);
            error = Assert.Throws<ModelFormatException>(() => PropertyCertificate.Read(Encoding.UTF8.GetBytes(text), "c.json"));
            Assert.DoesNotContain(error.Message, char.IsControl);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Trees_deeper_than_ten_thousand_are_refused(bool left)
    {
        var deep = Evidence.Spine(20_000, left);
        var report = CertificateChecker.Check(Workshop.Certificates[0] with { Evidence = deep }, Workshop.Model);
        Assert.False(report.Accepted);
        Assert.Contains("more than 10000 times", report.Reason, StringComparison.Ordinal);
        var answer = Workshop.Answers[0] with { Evidence = [deep, new EvidenceTree([0])], PropertySha256 = Workshop.Sha256Of(Workshop.Satisfiable) };
        Assert.False(PropertyChecker.Check(answer, Workshop.Model, Workshop.Satisfiable).Accepted);
    }

    /// <summary>A leaf that fails asks its ancestors; 9,000 leaves of which all fail, below 9,000 ancestors, ask each of them once.</summary>
    [Fact]
    public void A_deep_tree_whose_leaves_all_fail_costs_no_more_than_its_nodes()
    {
        foreach (var left in new[] { true, false })
        {
            var report = CertificateChecker.Check(Workshop.Certificates[0] with { Evidence = Evidence.Spine(9_000, left), Upper = -1 }, Workshop.Model);
            Assert.Contains("leaf ", report.Reason, StringComparison.Ordinal);
            Assert.True(report.Seconds < 5, $"{report.Seconds} s");
        }
    }

    /// <summary>The bytes of a certificate written before the writer was buffered are still the bytes that a reader expects.</summary>
    [Fact]
    public void The_text_of_a_tree_does_not_depend_on_the_pieces_it_is_written_in()
    {
        var random = new Random(1);
        foreach (var inner in new[] { 0, 1, 5, 100, 3_000, 60_000 })
        {
            var codes = new List<int>();
            for (var (open, left) = (1, inner); open > 0;)
            {
                var splits = left > 0 && (open == 1 || random.Next(2) == 0);
                codes.Add(splits ? random.Next(1, random.Next(9) == 0 ? 400 : 6) : 0);
                (open, left) = splits ? (open + 1, left - 1) : (open - 1, left);
            }

            using var buffer = new MemoryStream();
            using (var deflate = new DeflateStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
            using (var writer = new BinaryWriter(deflate))
            {
                codes.ForEach(writer.Write7BitEncodedInt);
            }

            Assert.Equal(Convert.ToBase64String(buffer.ToArray()), new EvidenceTree([.. codes]).Encode());
        }
    }

    [Fact]
    public void A_journal_entry_whose_text_has_a_length_below_zero_is_cut_off()
    {
        var folder = Directory.CreateTempSubdirectory("limits-").FullName;
        try
        {
            byte[] bytes = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
            File.WriteAllBytes(Path.Combine(folder, "run.journal"), [.. "certify-journal/1\n"u8, .. BitConverter.GetBytes(bytes.Length), .. System.Security.Cryptography.SHA256.HashData(bytes), .. bytes]);
            RunJournal.Open(folder, resume: true).Dispose();
            Assert.Equal("certify-journal/1\n", File.ReadAllText(Path.Combine(folder, "run.journal")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Table Csv(string text) => CsvReader.Read(new StringReader(text), "input.csv");

    /// <summary>A head, and a text as often as asked, without holding it.</summary>
    private sealed class Repeated(string head, string text, int times) : Stream
    {
        private byte[] bytes = Encoding.UTF8.GetBytes(head);
        private int place;
        private int left = times;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (place == bytes.Length && left-- > 0)
            {
                (bytes, place) = (Encoding.UTF8.GetBytes(text), 0);
            }

            var taken = Math.Min(count, bytes.Length - place);
            Array.Copy(bytes, place, buffer, offset, taken);
            place += taken;
            return taken;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
