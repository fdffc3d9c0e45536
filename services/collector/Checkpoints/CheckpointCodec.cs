using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Tributary.Collector.Counting;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// A checkpoint as bytes, on disk and in memory: protobuf's wire format, so that a field may be added and a reader
/// passes over those that it does not know. Fields with their default are left out; a field's number stays.
/// </summary>
internal static class CheckpointCodec
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Bytes = 2;
    private const int Fixed32 = 5;

    public static byte[] Encode(Checkpoint checkpoint)
    {
        var buffer = new ArrayBufferWriter<byte>(128 + checkpoint.Path.Length);
        Text(buffer, 1, checkpoint.SourceId);
        Text(buffer, 2, checkpoint.Path);
        WriteKey(buffer, checkpoint.Key);
        Number(buffer, 7, (ulong)checkpoint.FingerprintLength);
        Fixed(buffer, 8, checkpoint.FingerprintHash);
        Mark(buffer, 9, checkpoint.Stdout);
        Mark(buffer, 13, checkpoint.Stderr);
        Number(buffer, 17, (ulong)checkpoint.Size);
        Number(buffer, 18, (ulong)checkpoint.LastSeen);
        Number(buffer, 19, (ulong)checkpoint.GoneSince);
        if (checkpoint.Tally is { } tally)
        {
            Blob(buffer, 20, EncodeTally(tally));
        }

        if (checkpoint.Drained != Guid.Empty)
        {
            Blob(buffer, 21, checkpoint.Drained.ToByteArray());
        }

        Number(buffer, 22, (ulong)checkpoint.Tail.End);
        Number(buffer, 23, (ulong)checkpoint.Tail.Length);
        Fixed(buffer, 24, checkpoint.Tail.Hash);
        Number(buffer, 25, checkpoint.Compressed ? 1UL : 0);
        Text(buffer, 26, checkpoint.RealPath ?? "");
        Text(buffer, 27, checkpoint.Cursor ?? "");
        Number(buffer, 28, (ulong)checkpoint.Stdout.Cut);
        Number(buffer, 29, (ulong)checkpoint.Stderr.Cut);
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] EncodeKey(CheckpointKey key)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        WriteKey(buffer, key);
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">These bytes are no checkpoint.</exception>
    public static Checkpoint Decode(ReadOnlySpan<byte> bytes)
    {
        var (id, path, declaration, target) = ("", "", "", "");
        string? realPath = null;
        string? cursor = null;
        FileTally? tally = null;
        var drained = Guid.Empty;
        Span<ulong> numbers = stackalloc ulong[30];
        numbers.Clear();
        while (ReadField(ref bytes, out var field, out var number, out var content))
        {
            switch (field)
            {
                case 1:
                    id = Encoding.UTF8.GetString(content);
                    break;
                case 2:
                    path = Encoding.UTF8.GetString(content);
                    break;
                case 3:
                    declaration = Encoding.UTF8.GetString(content);
                    break;
                case 4:
                    target = Encoding.UTF8.GetString(content);
                    break;
                case 20:
                    tally = DecodeTally(content);
                    break;
                case 21 when content.Length == 16:
                    drained = new Guid(content);
                    break;
                case 26:
                    realPath = Encoding.UTF8.GetString(content);
                    break;
                case 27:
                    cursor = Encoding.UTF8.GetString(content);
                    break;
                case < 30:
                    numbers[field] = number;
                    break;
            }
        }

        return new Checkpoint
        {
            SourceId = id,
            Path = path,
            Declaration = declaration,
            Target = target,
            Device = numbers[5],
            Inode = numbers[6],
            FingerprintLength = (int)numbers[7],
            FingerprintHash = numbers[8],
            Stdout = ToMark(numbers[9..], numbers[28]),
            Stderr = ToMark(numbers[13..], numbers[29]),
            Size = (long)numbers[17],
            LastSeen = (long)numbers[18],
            GoneSince = (long)numbers[19],
            Tally = tally,
            Drained = drained,
            Tail = new TailMark((long)numbers[22], (int)numbers[23], numbers[24]),
            Compressed = numbers[25] != 0,
            RealPath = realPath,
            Cursor = cursor,
        };
    }

    /// <summary>The path of an encoded checkpoint, in UTF-8.</summary>
    /// <exception cref="InvalidDataException">These bytes are no checkpoint.</exception>
    public static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> bytes)
    {
        while (ReadField(ref bytes, out var field, out _, out var content))
        {
            if (field == 2)
            {
                return content;
            }
        }

        return [];
    }

    /// <exception cref="InvalidDataException">These bytes are no checkpoint's key.</exception>
    public static CheckpointKey DecodeKey(ReadOnlySpan<byte> bytes) => Decode(bytes).Key;

    private static void WriteKey(ArrayBufferWriter<byte> buffer, CheckpointKey key)
    {
        Text(buffer, 3, key.Declaration);
        Text(buffer, 4, key.Target);
        Number(buffer, 5, key.File.Device);
        Number(buffer, 6, key.File.Inode);
    }

    private static void Mark(ArrayBufferWriter<byte> buffer, int field, StreamMark mark)
    {
        Number(buffer, field, (ulong)mark.Offset);
        Number(buffer, field + 1, (ulong)mark.Part);
        Number(buffer, field + 2, mark.MidLine ? 1UL : 0);
        Number(buffer, field + 3, (ulong)mark.Skip);
    }

    private static StreamMark ToMark(ReadOnlySpan<ulong> numbers, ulong cut) =>
        new((long)numbers[0], (int)numbers[1], numbers[2] != 0, (int)numbers[3], (int)cut);

    private static byte[] EncodeTally(FileTally tally)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        Number(buffer, 1, (ulong)tally.From);
        Number(buffer, 2, (ulong)tally.To);
        Number(buffer, 3, tally.Crc);
        Number(buffer, 4, (ulong)tally.Skipped);
        Number(buffer, 5, (ulong)tally.Newlines);
        Number(buffer, 6, tally.EndsOpen ? 1UL : 0);
        Number(buffer, 7, (ulong)tally.Records);
        Number(buffer, 8, (ulong)tally.Unparsed);
        Number(buffer, 9, tally.FirstTime);
        Number(buffer, 10, tally.LastTime);
        foreach (var (reason, count) in tally.Dropped ?? new Dictionary<string, long>())
        {
            Text(buffer, 11, reason);
            Number(buffer, 12, (ulong)count);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static FileTally DecodeTally(ReadOnlySpan<byte> bytes)
    {
        Span<ulong> numbers = stackalloc ulong[13];
        numbers.Clear();
        SortedDictionary<string, long>? dropped = null;
        var reason = "";
        while (ReadField(ref bytes, out var field, out var number, out var content))
        {
            switch (field)
            {
                case 11:
                    reason = Encoding.UTF8.GetString(content);
                    (dropped ??= new(StringComparer.Ordinal))[reason] = 0;
                    break;
                case 12:
                    (dropped ??= new(StringComparer.Ordinal))[reason] = (long)number;
                    break;
                case < 11:
                    numbers[field] = number;
                    break;
            }
        }

        return new FileTally
        {
            From = (long)numbers[1],
            To = (long)numbers[2],
            Crc = (uint)numbers[3],
            Skipped = (long)numbers[4],
            Newlines = (long)numbers[5],
            EndsOpen = numbers[6] != 0,
            Records = (long)numbers[7],
            Unparsed = (long)numbers[8],
            FirstTime = numbers[9],
            LastTime = numbers[10],
            Dropped = dropped,
        };
    }

    /// <summary>Takes the next field off; false at the end.</summary>
    private static bool ReadField(scoped ref ReadOnlySpan<byte> bytes, out int field, out ulong number, out ReadOnlySpan<byte> content)
    {
        field = 0;
        number = 0;
        content = [];
        if (bytes.IsEmpty)
        {
            return false;
        }

        var tag = ReadVarint(ref bytes);
        field = (int)Math.Min(tag >> 3, int.MaxValue);
        switch (tag & 7)
        {
            case Varint:
                number = ReadVarint(ref bytes);
                return true;
            case Fixed64:
                number = BinaryPrimitives.ReadUInt64LittleEndian(Take(ref bytes, 8));
                return true;
            case Bytes:
                content = Take(ref bytes, ReadVarint(ref bytes));
                return true;
            case Fixed32:
                number = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref bytes, 4));
                return true;
            default:
                throw Damaged();
        }
    }

    private static void Blob(ArrayBufferWriter<byte> buffer, int field, ReadOnlySpan<byte> bytes)
    {
        WriteVarint(buffer, (ulong)(field << 3 | Bytes));
        WriteVarint(buffer, (ulong)bytes.Length);
        buffer.Write(bytes);
    }

    private static void Text(ArrayBufferWriter<byte> buffer, int field, string text)
    {
        if (text.Length > 0)
        {
            Blob(buffer, field, Encoding.UTF8.GetBytes(text));
        }
    }

    private static void Number(ArrayBufferWriter<byte> buffer, int field, ulong value)
    {
        if (value != 0)
        {
            WriteVarint(buffer, (ulong)(field << 3 | Varint));
            WriteVarint(buffer, value);
        }
    }

    private static void Fixed(ArrayBufferWriter<byte> buffer, int field, ulong value)
    {
        if (value != 0)
        {
            WriteVarint(buffer, (ulong)(field << 3 | Fixed64));
            BinaryPrimitives.WriteUInt64LittleEndian(buffer.GetSpan(8), value);
            buffer.Advance(8);
        }
    }

    private static void WriteVarint(ArrayBufferWriter<byte> buffer, ulong value)
    {
        var target = buffer.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[length++] = (byte)value;
        buffer.Advance(length);
    }

    private static ulong ReadVarint(scoped ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var i = 0; i < Math.Min(bytes.Length, 10); i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        throw Damaged();
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> bytes, ulong length)
    {
        if (length > (ulong)bytes.Length)
        {
            throw Damaged();
        }

        var taken = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return taken;
    }

    private static InvalidDataException Damaged() => new("the bytes are no checkpoint");
}
