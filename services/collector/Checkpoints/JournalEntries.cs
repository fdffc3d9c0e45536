using System.Buffers;
using System.Buffers.Binary;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Checkpoints;

/// <summary>What an entry says.</summary>
internal enum EntryKind : byte
{
    /// <summary>A <see cref="Checkpoint"/>; replaces the one of its key.</summary>
    Put = 1,

    /// <summary>A <see cref="CheckpointKey"/> that is no more.</summary>
    Remove = 2,

    /// <summary>A snapshot ends here, whole; the number of its entries in eight bytes.</summary>
    End = 3,
}

/// <summary>
/// Entries of a snapshot or journal file: <c>marker, length, CRC-32C of length and content, content</c>, numbers in four
/// bytes, little-endian; the content's first byte is the <see cref="EntryKind"/>. Reading passes over what is damaged to
/// the next whole entry.
/// </summary>
internal ref struct JournalEntries
{
    private const uint Marker = 0x6B43_7254;
    private const int HeadLength = 12;

    /// <summary>A path has 4 KiB at most.</summary>
    private const int ContentMax = 64 * 1024;

    private readonly ReadOnlySpan<byte> _file;
    private int _position;

    /// <param name="file">The file's bytes.</param>
    /// <param name="start">Where its entries begin.</param>
    public JournalEntries(ReadOnlySpan<byte> file, int start)
    {
        _file = file;
        _position = start;
    }

    public EntryKind Kind { get; private set; }

    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Bytes passed over as damaged or torn.</summary>
    public int DamagedBytes { get; private set; }

    public static void Append(ArrayBufferWriter<byte> buffer, EntryKind kind, ReadOnlySpan<byte> content)
    {
        var length = HeadLength + 1 + content.Length;
        var entry = buffer.GetSpan(length)[..length];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, Marker);
        BinaryPrimitives.WriteInt32LittleEndian(entry[4..], 1 + content.Length);
        entry[HeadLength] = (byte)kind;
        content.CopyTo(entry[(HeadLength + 1)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], Checksum(entry));
        buffer.Advance(length);
    }

    /// <summary>Goes to the next whole entry; false at the end.</summary>
    public bool Next()
    {
        while (_position < _file.Length)
        {
            if (TryRead(_file[_position..], out var length))
            {
                Kind = (EntryKind)_file[_position + HeadLength];
                Content = _file.Slice(_position + HeadLength + 1, length - HeadLength - 1);
                _position += length;
                return true;
            }

            DamagedBytes++;
            _position++;
        }

        return false;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length <= HeadLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Marker)
        {
            return false;
        }

        var content = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        if (content is < 1 or > ContentMax || content > bytes.Length - HeadLength)
        {
            return false;
        }

        length = HeadLength + content;
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == Checksum(bytes[..length]);
    }

    /// <summary>Over the length and the content: a wrong length is noticed too.</summary>
    private static uint Checksum(ReadOnlySpan<byte> entry) =>
        Crc32C.Compute(entry[HeadLength..]) ^ (BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]) * 0x9E37_79B1);
}
