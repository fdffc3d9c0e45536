using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Spooling;

/// <summary>
/// One file of the spool: a magic line, then records, only ever appended. What follows the last whole record is no
/// batch: a write that was cut off. Deleted when none of its batches is waited for.
/// </summary>
internal sealed class SpoolSegment(string path, long first, long length) : IDisposable
{
    public const string Pattern = "spool-*.seg";

    private static readonly byte[] Magic = "tributary-spool 1\n"u8.ToArray();

    private SafeFileHandle? _writing;

    public string Path => path;

    /// <summary>Sequence of the first record.</summary>
    public long First => first;

    /// <summary>Up to the end of the last whole record.</summary>
    public long Length { get; private set; } = length;

    /// <summary>Batches in it that were not confirmed.</summary>
    public int Outstanding { get; set; }

    /// <summary>Nothing more is appended.</summary>
    public bool Closed { get; private set; }

    public static SpoolSegment Create(string folder, long first)
    {
        var path = System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"spool-{first:x16}.seg"));
        var segment = new SpoolSegment(path, first, Magic.Length)
        {
            _writing = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete),
        };
        try
        {
            RandomAccess.Write(segment._writing, Magic, 0);
            return segment;
        }
        catch
        {
            segment.Dispose();
            throw;
        }
    }

    /// <summary>Appends; on the disk after <see cref="Sync"/>. Returns where it begins.</summary>
    public long Append(byte[] record)
    {
        var at = Length;
        RandomAccess.Write(_writing!, record, at);
        Length += record.Length;
        return at;
    }

    public void Sync() => RandomAccess.FlushToDisk(_writing!);

    /// <summary>Back to a length that is on the disk, after a write or sync that failed; nothing more is appended.</summary>
    public void CutBack(long to)
    {
        Length = to;
        try
        {
            RandomAccess.SetLength(_writing!, to);
        }
        catch (IOException)
        {
            // Its records were not told of: read again they are repeats.
        }

        Close();
    }

    public void Close()
    {
        Closed = true;
        _writing?.Dispose();
        _writing = null;
    }

    /// <exception cref="InvalidDataException">The record is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public LogBatch Read(long offset)
    {
        using var file = OpenToRead(path);
        return ReadAt(file, offset)?.Batch ?? throw new InvalidDataException("a record is cut off");
    }

    /// <summary>The whole records of a segment file with where they begin, up to the first that is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="take">Gets each record.</param>
    /// <returns>The end of the last whole record, and what is wrong with what follows; null when nothing follows.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static (long End, string? Problem) Scan(string path, Action<long, long, int, LogBatch> take)
    {
        using var file = OpenToRead(path);
        var magic = new byte[Magic.Length];
        if (RandomAccess.Read(file, magic, 0) < Magic.Length || !magic.AsSpan().SequenceEqual(Magic))
        {
            return (0, "it does not begin as a segment of the spool");
        }

        long at = Magic.Length;
        try
        {
            while (ReadAt(file, at) is { } record)
            {
                take(at, record.Sequence, record.RawBytes, record.Batch);
                at += record.Bytes;
            }
        }
        catch (InvalidDataException e)
        {
            return (at, e.Message);
        }

        return (at, at < RandomAccess.GetLength(file) ? "its last record is cut off" : null);
    }

    public void Dispose() => Close();

    private static SafeFileHandle OpenToRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Null where the file ends within or before the record.</summary>
    private static (long Sequence, int RawBytes, LogBatch Batch, int Bytes)? ReadAt(SafeFileHandle file, long offset)
    {
        Span<byte> head = stackalloc byte[SpoolRecord.HeadBytes];
        if (RandomAccess.Read(file, head, offset) < head.Length)
        {
            return null;
        }

        if (SpoolRecord.PayloadLength(head) is not { } length)
        {
            throw new InvalidDataException("a record's length cannot be");
        }

        if (RandomAccess.GetLength(file) - offset - head.Length < length)
        {
            return null;
        }

        var payload = new byte[length];
        for (var read = 0; read < length;)
        {
            var now = RandomAccess.Read(file, payload.AsSpan(read), offset + head.Length + read);
            read = now > 0 ? read + now : throw new InvalidDataException("a record is cut off");
        }

        var (sequence, raw, batch) = SpoolRecord.Decode(head, payload);
        return (sequence, raw, batch, head.Length + length);
    }
}
