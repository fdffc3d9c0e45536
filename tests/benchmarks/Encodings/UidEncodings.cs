using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tributary.Contracts.Batches;
using Tributary.Testing;

namespace Tributary.Benchmarks.Encodings;

/// <summary>
/// What it costs to carry a record's identity: nothing at all, the byte offset as an integer attribute (what batches
/// do, with the source id once per section), or the whole <c>log.record.uid</c> as a string attribute.
/// </summary>
internal static class UidEncodings
{
    private const int Lines = 5_000;
    private const int Rounds = 200;
    private const string SourceId = "6cfab6268ba1d007dae6";

    internal static string Run()
    {
        var corpus = new Corpus(1);
        var lines = Enumerable.Range(0, Lines).Select(i => Encoding.UTF8.GetBytes(corpus.Text(i))).ToArray();
        var table = new StringBuilder("| identity | encode ns/line | zstd 1 ns/line | bytes/line | compressed bytes/line |\n|---|--:|--:|--:|--:|\n");
        foreach (var variant in Enum.GetValues<Identity>())
        {
            table.AppendLine(Measure(variant, lines));
        }

        return table.ToString();
    }

    private static string Measure(Identity identity, byte[][] lines)
    {
        var buffer = new byte[8 << 20];
        var length = 0;
        byte[] compressed = [];
        var encode = Time(() => length = Encode(identity, lines, buffer));
        var compress = Time(() => compressed = BatchCompression.Compress(BatchCodec.Zstd, buffer.AsSpan(0, length)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {identity} | {encode:F0} | {compress:F0} | {(double)length / Lines:F1} | {(double)compressed.Length / Lines:F1} |");
    }

    /// <summary>Nanoseconds a line: the best of several blocks, as the machine's noise only adds.</summary>
    private static double Time(Action action)
    {
        var best = double.MaxValue;
        for (var block = 0; block < 10; block++)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < Rounds / 10; i++)
            {
                action();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalNanoseconds / (Rounds / 10) / Lines);
        }

        return best;
    }

    private static int Encode(Identity identity, byte[][] lines, byte[] buffer)
    {
        var at = 0;
        long offset = 1_000_000;
        Span<byte> uid = stackalloc byte[64];
        foreach (var line in lines)
        {
            var head = at;
            at += 4;
            buffer[at++] = 0x09;
            BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(at), 1_763_717_744_123_456_789 + offset);
            at += 8;
            buffer[at++] = 0x59;
            BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(at), 1_763_717_745_000_000_000);
            at += 8;
            buffer[at++] = 0x2A;
            at += Size(buffer, at, line.Length + 1 + SizeOf(line.Length));
            buffer[at++] = 0x0A;
            at += Size(buffer, at, line.Length);
            line.CopyTo(buffer, at);
            at += line.Length;
            if (identity == Identity.OffsetAttribute)
            {
                uid[0] = 0x18;
                var size = 1 + Varint(uid[1..], (ulong)offset);
                at += Attribute(buffer, at, "log.file.record_offset"u8, uid[..size]);
            }
            else if (identity == Identity.UidAttribute)
            {
                Encoding.ASCII.GetBytes(SourceId, uid[2..]);
                uid[2 + SourceId.Length] = (byte)'-';
                offset.TryFormat(uid[(3 + SourceId.Length)..], out var digits, default, CultureInfo.InvariantCulture);
                var size = SourceId.Length + 1 + digits;
                uid[0] = 0x0A;
                uid[1] = (byte)size;
                at += Attribute(buffer, at, "log.record.uid"u8, uid[..(size + 2)]);
            }

            buffer[head] = 0x12;
            var body = at - head - 4;
            buffer[head + 1] = (byte)(body | 0x80);
            buffer[head + 2] = (byte)(body >> 7 | 0x80);
            buffer[head + 3] = (byte)(body >> 14);
            offset += line.Length + 40;
        }

        return at;
    }

    private static int Attribute(byte[] buffer, int at, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var start = at;
        buffer[at++] = 0x32;
        buffer[at++] = (byte)(key.Length + value.Length + 4);
        buffer[at++] = 0x0A;
        buffer[at++] = (byte)key.Length;
        key.CopyTo(buffer.AsSpan(at));
        at += key.Length;
        buffer[at++] = 0x12;
        buffer[at++] = (byte)value.Length;
        value.CopyTo(buffer.AsSpan(at));
        return at + value.Length - start;
    }

    private static int SizeOf(int value) => value < 0x80 ? 1 : value < 0x4000 ? 2 : 3;

    private static int Size(byte[] buffer, int at, int value) => Varint(buffer.AsSpan(at), (ulong)value);

    private static int Varint(Span<byte> target, ulong value)
    {
        var i = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[i++] = (byte)(value | 0x80);
        }

        target[i] = (byte)value;
        return i + 1;
    }

    private enum Identity
    {
        None,
        OffsetAttribute,
        UidAttribute,
    }
}
