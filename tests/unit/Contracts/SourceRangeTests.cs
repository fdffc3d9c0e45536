using FsCheck;
using FsCheck.Fluent;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Contracts;

public sealed class SourceRangeTests
{
    private static readonly Gen<long> Offset = OtlpGenerators.Long.Select(n => n & long.MaxValue);

    private static readonly Gen<SourceRange> Range =
        from id in Gen.Choose(0, 61).Select(i => "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[i]).NonEmptyListOf()
        from stream in Gen.Elements("", "stdout", "stderr")
        from start in Offset
        from end in Offset
        from records in Gen.Choose(0, int.MaxValue)
        select new SourceRange(string.Concat(id), stream, start, end, records);

    [Fact]
    public void Whatever_is_formatted_is_parsed_back_equal() =>
        Prop.ForAll(Range.ListOf().ToArbitrary(), ranges => SourceRange.Parse(SourceRange.Format([.. ranges])).SequenceEqual(ranges))
            .Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void The_text_is_the_documented_one() =>
        Assert.Equal("a1:stdout:0-10:2,b2::7-9223372036854775807:0", SourceRange.Format([new("a1", "stdout", 0, 10, 2), new("b2", "", 7, long.MaxValue, 0)]));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void No_text_is_no_range(string? text) => Assert.Empty(SourceRange.Parse(text));

    [Theory]
    [InlineData("a")]
    [InlineData("a:b")]
    [InlineData("a:b:1-2")]
    [InlineData("a:b:1-2:3:4")]
    [InlineData("a:b:12:3")]
    [InlineData("a:b:-1-2:3")]
    [InlineData("a:b:1--2:3")]
    [InlineData("a:b:1-2:-3")]
    [InlineData("a:b:1-2:99999999999")]
    [InlineData("a:b:1-99999999999999999999:3")]
    [InlineData("a:b: 1-2:3")]
    [InlineData("a:b:1-2:3,")]
    [InlineData(",")]
    [InlineData("a:b:٣-٤:1")]
    public void Another_text_is_invalid_data(string text) => Assert.Throws<InvalidDataException>(() => SourceRange.Parse(text));

    [Fact]
    public void Random_text_is_a_result_or_invalid_data() =>
        Prop.ForAll(Gen.Elements("a", ":", "-", ",", "0", "9", "\0", "é", "1-2", ":x:0-1:2").ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            try
            {
                return SourceRange.Format([.. SourceRange.Parse(text)]).Length >= 0;
            }
            catch (InvalidDataException)
            {
                return true;
            }
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void The_complaint_about_a_long_text_is_short()
    {
        var error = Assert.Throws<InvalidDataException>(() => SourceRange.Parse(new string('x', 100_000)));
        Assert.InRange(error.Message.Length, 1, 300);
    }
}
