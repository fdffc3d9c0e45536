using System.Buffers.Binary;
using System.Text;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Spooling;

/// <summary>
/// One batch in a segment: length and CRC-32C of what follows, then version, sequence, target, node, headers and body.
/// Texts and body carry their length; all numbers are little-endian.
/// </summary>
internal static class SpoolRecord
{
    /// <summary>Length and checksum in front of a record.</summary>
    public const int HeadBytes = 8;

    /// <summary>More than the largest batch with its headers; a length beyond it is damage.</summary>
    public const int BytesMax = 64 * 1024 * 1024;

    private const byte Version = 1;

    public static byte[] Encode(long sequence, int rawBytes, LogBatch batch)
    {
        using var stream = new MemoryStream(batch.Content.Length + 1024);
        stream.Write(stackalloc byte[HeadBytes]);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(sequence);
        writer.Write(batch.Target);
        writer.Write(batch.Node);
        writer.Write(batch.Records);
        writer.Write(rawBytes);
        writer.Write((byte)batch.Codec);
        writer.Write(batch.Crc);
        writer.Write(SourceRange.Format(batch.Sources));
        writer.Write(batch.Content.Length);
        writer.Write(batch.Content.Span);
        writer.Flush();
        var bytes = stream.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - HeadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C.Compute(bytes.AsSpan(HeadBytes)));
        return bytes;
    }

    /// <summary>The length that the head tells of what follows; null when it cannot be.</summary>
    public static int? PayloadLength(ReadOnlySpan<byte> head) =>
        BinaryPrimitives.ReadInt32LittleEndian(head) is var length and > 0 and <= BytesMax ? length : null;

    /// <exception cref="InvalidDataException">Damaged, or of another version.</exception>
    public static (long Sequence, int RawBytes, LogBatch Batch) Decode(ReadOnlySpan<byte> head, byte[] payload)
    {
        if (Crc32C.Compute(payload) != BinaryPrimitives.ReadUInt32LittleEndian(head[4..]))
        {
            throw new InvalidDataException("a record's checksum is wrong");
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(payload, writable: false), Encoding.UTF8);
            if (reader.ReadByte() is var version && version != Version)
            {
                throw new InvalidDataException($"a record is of version {version}, this program reads version {Version}");
            }

            var sequence = reader.ReadInt64();
            var (target, node, records, raw) = (reader.ReadString(), reader.ReadString(), reader.ReadInt32(), reader.ReadInt32());
            var batch = new LogBatch
            {
                Target = target,
                Node = node,
                Records = records,
                Codec = (BatchCodec)reader.ReadByte(),
                Crc = reader.ReadUInt32(),
                Sources = SourceRange.Parse(reader.ReadString()),
                Body = reader.ReadBytes(reader.ReadInt32()),
            };
            return (sequence, raw, batch);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("a record ends too early", e);
        }
    }
}
