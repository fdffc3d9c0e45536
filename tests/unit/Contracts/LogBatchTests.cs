using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Contracts;

public sealed class LogBatchTests
{
    private static readonly byte[] Request = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i % 50))];

    [Theory]
    [InlineData(BatchCodec.None)]
    [InlineData(BatchCodec.Gzip)]
    [InlineData(BatchCodec.Zstd)]
    public void What_was_sealed_opens_equal(BatchCodec codec)
    {
        var batch = Seal(codec);

        using var opened = batch.Open();

        Assert.True(opened.Span.SequenceEqual(Request));
        Assert.Equal(Crc32C.Compute(batch.Body), batch.Crc);
    }

    [Fact]
    public void A_batch_sealed_in_place_copies_only_when_an_array_is_asked_for()
    {
        byte[] request = [.. Request];
        var batch = LogBatch.SealInPlace("t", "n", 3, [new("s1", "", 0, 9, 3)], request);
        var copied = Seal(BatchCodec.None);

        Assert.True(batch.Content.Span.Overlaps(request));
        Assert.Equal((copied.Target, copied.Node, copied.Records, copied.Codec, copied.Crc), (batch.Target, batch.Node, batch.Records, batch.Codec, batch.Crc));
        Assert.Equal(Request, batch.Body);
        request[0] ^= 1;
        Assert.Equal(Request, batch.Body);
        batch.Open().Dispose();
    }

    [Theory]
    [InlineData(BatchCodec.None)]
    [InlineData(BatchCodec.Gzip)]
    [InlineData(BatchCodec.Zstd)]
    public void A_single_wrong_bit_does_not_open(BatchCodec codec)
    {
        var batch = Seal(codec);
        for (var bit = 0; bit < batch.Body.Length * 8; bit += 1 + (batch.Body.Length / 100))
        {
            batch.Body[bit / 8] ^= (byte)(1 << (bit % 8));
            var error = Assert.Throws<InvalidDataException>(() => batch.Open().Dispose());
            Assert.Contains("CRC-32C", error.Message, StringComparison.Ordinal);
            batch.Body[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        batch.Open().Dispose();
    }

    [Fact]
    public void A_wrong_codec_does_not_open()
    {
        var batch = Seal(BatchCodec.Gzip) with { Codec = BatchCodec.Zstd };
        Assert.Throws<InvalidDataException>(() => batch.Open().Dispose());
    }

    [Theory]
    [InlineData("s1-0", 0, 0)]
    [InlineData("s1-9223372036854775807.2", long.MaxValue, 2)]
    public void A_record_uid_is_source_offset_and_part(string uid, long offset, int part) =>
        Assert.Equal(uid, OtlpAttributes.RecordUid("s1", offset, part));

    private static LogBatch Seal(BatchCodec codec) => LogBatch.Seal("t", "n", 3, codec, [new("s1", "", 0, 9, 3)], Request);
}
