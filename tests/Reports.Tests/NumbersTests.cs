using System.Globalization;
using FsCheck;
using FsCheck.Xunit;
using Xunit;

namespace Reports.Tests;

public class NumbersTests
{
    [Property(MaxTest = 2000)]
    public void Printed_upper_bounds_are_not_below_and_lower_bounds_not_above(NormalFloat number, PositiveInt digits)
    {
        var (value, count) = (number.Get, 1 + (digits.Get % 8));
        Assert.True(Read(Numbers.Up(value, count)) >= value);
        Assert.True(Read(Numbers.Down(value, count)) <= value);
        Assert.True(Math.Abs(Read(Numbers.Up(value, count)) - value) <= Math.Abs(value) * Math.Pow(10, 1 - count) * 1.0001);
    }

    [Theory]
    [InlineData(0.03700124508, "0.037002", "0.037001")]
    [InlineData(9999.95, "10000", "9999.9")]
    [InlineData(-0.5, "-0.50000", "-0.50000")]
    [InlineData(0.2, "0.20000", "0.20000")]
    [InlineData(1.23456789e-9, "1.2346e-9", "1.2345e-9")]
    [InlineData(0, "0", "0")]
    [InlineData(double.PositiveInfinity, "∞", "∞")]
    public void Shortened_outward(double value, string up, string down)
    {
        Assert.Equal(up, Numbers.Up(value));
        Assert.Equal(down, Numbers.Down(value));
    }

    [Property]
    public void Full_precision_reads_back(NormalFloat number) => Assert.Equal(number.Get, Read(Numbers.Exact(number.Get)));

    [Fact]
    public void Long_vectors_count_what_they_leave_out() => Assert.Equal("(1, 2, … 3 more)", Numbers.Near([1, 2, 3, 4, 5], 2));

    private static double Read(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
