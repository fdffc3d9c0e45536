using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Contracts;

/// <summary>The hand-written reader against classes generated from the OTLP definitions. FsCheck prints the seed of a failure.</summary>
public sealed class OtlpReaderTests
{
    private static readonly FsCheck.Config Runs = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1_000);

    [Fact]
    public void Any_request_of_the_generated_classes_is_read_back_equal() =>
        Prop.ForAll(OtlpGenerators.Request.ToArbitrary(), request => SameLines(OtlpText.Of(request), request.ToByteArray())).Check(Runs);

    [Fact]
    public void Reordered_and_unknown_fields_and_padded_integers_do_not_change_what_is_read()
    {
        var cases =
            from request in OtlpGenerators.Request
            from seed in Gen.Choose(0, int.MaxValue)
            select (request, bytes: new ShuffledProtobuf(new Random(seed)).Encode(request));
        Prop.ForAll(cases.ToArbitrary(), c =>
            OtlpText.Of(ExportLogsServiceRequest.Parser.ParseFrom(c.bytes)).SequenceEqual(OtlpText.Of(c.request))
            && SameLines(OtlpText.Of(c.request), c.bytes)).Check(Runs);
    }

    [Fact]
    public void Every_kind_of_value_reaches_the_reader()
    {
        var kinds = new HashSet<OtlpValueKind>();
        foreach (var value in OtlpGenerators.Value().Sample(500))
        {
            kinds.Add(OtlpValue.Parse(value.ToByteArray()).Kind);
        }

        Assert.Equal(Enum.GetValues<OtlpValueKind>().ToHashSet(), kinds);
    }

    [Fact]
    public void Of_a_value_that_is_set_twice_the_last_one_counts()
    {
        byte[] twice = [.. new AnyValue { IntValue = 7 }.ToByteArray(), .. new AnyValue { StringValue = "last" }.ToByteArray()];

        var value = OtlpValue.Parse(twice);

        Assert.Equal(OtlpValueKind.String, value.Kind);
        Assert.True(value.Bytes.SequenceEqual("last"u8));
        Assert.Equal(0, value.Number);
    }

    [Fact]
    public void The_resource_index_counts_resources_without_records_too()
    {
        var request = new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs(), new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { new LogRecord() } } } } },
        };
        var reader = new OtlpLogReader(request.ToByteArray());

        Assert.True(reader.Next(out _));
        Assert.Equal(2, reader.ResourceIndex);
        Assert.True(reader.Resource.IsEmpty);
        Assert.False(reader.Next(out _));
    }

    [Theory]
    [InlineData("0A", "a length that is missing")]
    [InlineData("0A05", "a length that runs past the end")]
    [InlineData("0AFFFFFFFF0F", "a length of 4 GiB")]
    [InlineData("0AFFFFFFFFFFFFFFFFFF01", "a length of 2^64-1")]
    [InlineData("00", "field number 0")]
    [InlineData("0B", "a group")]
    [InlineData("0E", "wire type 6")]
    [InlineData("0F", "wire type 7")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF01", "an integer of eleven bytes")]
    [InlineData("8080808010", "a tag beyond 32 bits")]
    [InlineData("0A0912070A0509", "lengths that disagree")]
    [InlineData("0A06120412020901", "a fixed64 of one byte in a record")]
    public void Malformed_bytes_are_invalid_data(string hex, string why)
    {
        var error = Record.Exception(() => OtlpText.Of(Convert.FromHexString(hex)));
        Assert.True(error is InvalidDataException, $"{why}: {error}");
    }

    private static bool SameLines(List<string> expected, byte[] bytes) => OtlpText.Of(bytes.AsSpan()).SequenceEqual(expected);
}
