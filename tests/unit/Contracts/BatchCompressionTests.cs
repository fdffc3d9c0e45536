using System.Buffers.Binary;
using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using Tributary.Contracts.Batches;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Contracts;

public sealed class BatchCompressionTests
{
    private const int Mebibyte = 1_048_576;

    // What a refused body may cost beside itself: buffers come from a pool and are at most the bound, rounded up.
    private const long AllocatedMax = 160L * Mebibyte;

    public static TheoryData<BatchCodec, int> Sizes()
    {
        var data = new TheoryData<BatchCodec, int>();
        foreach (var codec in Enum.GetValues<BatchCodec>())
        {
            foreach (var size in (int[])[0, 1, 4095, 4096, 4097, 65_536, 8 * Mebibyte, BatchCompression.DecodedBytesMax])
            {
                data.Add(codec, size);
            }
        }

        return data;
    }

    public static TheoryData<BatchCodec, string> Lies => new()
    {
        { BatchCodec.Zstd, "" },
        { BatchCodec.Zstd, "00" },
        { BatchCodec.Zstd, "28B52FFD" },
        { BatchCodec.Zstd, "48656C6C6F20776F726C64" }, // text
        { BatchCodec.Zstd, "28B52FFDE00000000000010000010000" }, // one segment that claims 1 TiB
        { BatchCodec.Zstd, "28B52FFDE0FEFFFFFFFFFFFFFF010000" }, // 2^64-2 bytes
        { BatchCodec.Zstd, "28B52FFD200A010000" }, // claims 10 bytes, holds none
        { BatchCodec.Zstd, "28B52FFD0058010000" }, // size not stated
        { BatchCodec.Zstd, "502A4D1804000000AABBCCDD" }, // a skippable frame alone: no batch at all
        { BatchCodec.Gzip, "" },
        { BatchCodec.Gzip, "00" },
        { BatchCodec.Gzip, "1F8B" },
        { BatchCodec.Gzip, "1F8B0800000000000003" },
        { BatchCodec.Gzip, "48656C6C6F20776F726C6448656C6C6F20776F726C64" },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_body_of_any_size_survives(BatchCodec codec, int size)
    {
        var body = Body(size);

        using var decoded = BatchCompression.Decompress(codec, BatchCompression.Compress(codec, body));

        Assert.True(decoded.Span.SequenceEqual(body));
        Assert.Equal(size, decoded.Memory.Length);
    }

    [Fact]
    public void Random_bodies_survive() =>
        Prop.ForAll(OtlpGenerators.Bytes.ToArbitrary(), Gen.Elements(Enum.GetValues<BatchCodec>()).ToArbitrary(), (body, codec) =>
        {
            using var decoded = BatchCompression.Decompress(codec, BatchCompression.Compress(codec, body));
            return decoded.Span.SequenceEqual(body);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_body_that_is_not_what_its_codec_says_is_invalid_data(BatchCodec codec, string hex)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => BatchCompression.Decompress(codec, Convert.FromHexString(hex)).Dispose());

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Mebibyte);
    }

    [Theory]
    [InlineData(BatchCodec.None)]
    [InlineData(BatchCodec.Gzip)]
    [InlineData(BatchCodec.Zstd)]
    public void A_body_beyond_the_bound_is_invalid_data_within_bounded_memory(BatchCodec codec)
    {
        var bomb = BatchCompression.Compress(codec, new byte[BatchCompression.DecodedBytesMax + 1]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => BatchCompression.Decompress(codec, bomb).Dispose());

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocatedMax);
    }

    [Fact]
    public void A_gzip_bomb_of_a_gibibyte_stops_at_the_bound()
    {
        var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[Mebibyte];
            for (var i = 0; i < 1024; i++)
            {
                gzip.Write(zeros);
            }
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => BatchCompression.Decompress(BatchCodec.Gzip, bomb.ToArray()).Dispose());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * AllocatedMax);
    }

    [Theory]
    [InlineData(BatchCodec.Gzip)]
    [InlineData(BatchCodec.Zstd)]
    public void Bytes_after_the_end_are_invalid_data(BatchCodec codec)
    {
        byte[] body = [.. BatchCompression.Compress(codec, Body(5_000)), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        Assert.Throws<InvalidDataException>(() => BatchCompression.Decompress(codec, body).Dispose());
    }

    [Fact]
    public void A_second_frame_is_invalid_data()
    {
        foreach (var codec in (BatchCodec[])[BatchCodec.Gzip, BatchCodec.Zstd])
        {
            var one = BatchCompression.Compress(codec, Body(50));
            Assert.Throws<InvalidDataException>(() => BatchCompression.Decompress(codec, (byte[])[.. one, .. one]).Dispose());
        }

        byte[] skippable = [.. BatchCompression.Compress(BatchCodec.Zstd, Body(50)), .. Convert.FromHexString("502A4D1804000000AABBCCDD")];
        Assert.Throws<InvalidDataException>(() => BatchCompression.Decompress(BatchCodec.Zstd, skippable).Dispose());
    }

    [Fact]
    public void A_gzip_trailer_that_lies_about_the_size_is_invalid_data()
    {
        var body = BatchCompression.Compress(BatchCodec.Gzip, new byte[4 * Mebibyte]);
        foreach (var claim in (uint[])[0, 1, 100, (4 * Mebibyte) - 1, (4 * Mebibyte) + 1, BatchCompression.DecodedBytesMax, uint.MaxValue])
        {
            BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(body.Length - 4), claim);
            Assert.Throws<InvalidDataException>(() => BatchCompression.Decompress(BatchCodec.Gzip, body).Dispose());
        }
    }

    [Theory]
    [InlineData(BatchCodec.Gzip)]
    [InlineData(BatchCodec.Zstd)]
    public void A_body_that_is_cut_anywhere_is_invalid_data(BatchCodec codec)
    {
        var body = BatchCompression.Compress(codec, Body(5_000));
        for (var length = 0; length < body.Length; length += 1 + (body.Length / 500))
        {
            Assert.Throws<InvalidDataException>(() => BatchCompression.Decompress(codec, body.AsMemory(0, length)).Dispose());
        }
    }

    [Fact]
    public void A_damaged_body_is_a_result_or_invalid_data()
    {
        var random = new Random(7);
        foreach (var codec in (BatchCodec[])[BatchCodec.Gzip, BatchCodec.Zstd])
        {
            var valid = BatchCompression.Compress(codec, Body(3_000));
            for (var i = 0; i < 3_000; i++)
            {
                byte[] body = [.. valid];
                body[random.Next(body.Length)] = (byte)random.Next(256);
                var error = Record.Exception(() => BatchCompression.Decompress(codec, body).Dispose());
                Assert.True(error is null or InvalidDataException, $"{codec} {i}: {error}");
            }
        }
    }

    [Theory]
    [InlineData(BatchCodec.Gzip, "gzip")]
    [InlineData(BatchCodec.Zstd, "zstd")]
    public async Task The_command_line_tool_reads_what_we_write_and_the_other_way_round(BatchCodec codec, string program)
    {
        using var folder = new TempFolder();
        var body = Body(300_000);
        var ours = folder.Combine("ours");
        await File.WriteAllBytesAsync(ours + "." + Extension(codec), BatchCompression.Compress(codec, body));
        await File.WriteAllBytesAsync(folder.Combine("theirs"), body);

        var path = InstalledProgram.Find(program, program);
        await ChildProcess.RunAsync(path, ["-d", "-q", "-k", ours + "." + Extension(codec)], TimeSpan.FromSeconds(20));
        await ChildProcess.RunAsync(path, ["-q", "-k", folder.Combine("theirs")], TimeSpan.FromSeconds(20));

        Assert.Equal(body, await File.ReadAllBytesAsync(ours));
        using var decoded = BatchCompression.Decompress(codec, await File.ReadAllBytesAsync(folder.Combine("theirs." + Extension(codec))));
        Assert.True(decoded.Span.SequenceEqual(body));
    }

    [Theory]
    [InlineData(BatchCodec.None, "identity")]
    [InlineData(BatchCodec.Gzip, "gzip")]
    [InlineData(BatchCodec.Zstd, "zstd")]
    public void Names_are_http_content_codings(BatchCodec codec, string name)
    {
        Assert.Equal(name, BatchCompression.Name(codec));
        Assert.Equal(codec, BatchCompression.Parse(name));
    }

    [Fact]
    public void No_name_is_no_compression_and_an_unknown_one_is_invalid_data()
    {
        Assert.Equal(BatchCodec.None, BatchCompression.Parse(null));
        Assert.Equal(BatchCodec.None, BatchCompression.Parse(""));
        Assert.Throws<InvalidDataException>(() => BatchCompression.Parse("ZSTD "));
    }

    private static string Extension(BatchCodec codec) => codec == BatchCodec.Gzip ? "gz" : "zst";

    private static byte[] Body(int size)
    {
        var body = new byte[size];
        new Random(size).NextBytes(body.AsSpan(0, Math.Min(size, 2_000)));
        for (var at = 2_000; at < size; at += 2_000)
        {
            body.AsSpan(0, Math.Min(2_000, size - at)).CopyTo(body.AsSpan(at));
        }

        return body;
    }
}
