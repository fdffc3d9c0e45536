using System.Buffers;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Records.Multiline;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Where one stream of a file stands. What was delivered ends at <see cref="Resume"/>: a fragment that starts before it
/// is a repeat from a restart. An unfinished line is kept from its first fragment on.
/// </summary>
internal sealed class StreamState
{
    private byte[] _pending = [];

    /// <summary>Fragments that start before this offset were delivered.</summary>
    public long Resume { get; set; }

    /// <summary>The part number that the record at <see cref="Resume"/> gets; 0 unless it continues a split line.</summary>
    public int Part { get; set; }

    /// <summary>Bytes of the text at <see cref="Resume"/> that were delivered as earlier parts; 0 once that text was read.</summary>
    public int Skip { get; set; }

    /// <summary>Whole lines that wait for what follows; null until its file's config joins lines.</summary>
    public OpenRecord? Open { get; set; }

    /// <summary>Bytes of the unfinished line.</summary>
    public int PendingLength { get; private set; }

    public bool HasPending { get; private set; }

    /// <summary>Offset of the unfinished line's first fragment.</summary>
    public long PendingStart { get; private set; }

    /// <summary>Bytes at the start of the first fragment's text that went out as earlier parts.</summary>
    public int PendingSkip { get; private set; }

    /// <summary>Time of the unfinished line's first fragment.</summary>
    public ulong PendingTime { get; private set; }

    /// <summary>The files in which earlier pieces of the unfinished line stand, the first piece's first; null when all are in this one.</summary>
    public List<TailedFile>? Passed { get; private set; }

    /// <summary>The mark that holds while a piece of a line that began or goes on in another file is not delivered; null when there is none.</summary>
    public StreamMark? Kept { get; set; }

    public ReadOnlySpan<byte> Pending => _pending.AsSpan(0, PendingLength);

    public void Append(long start, int skip, ulong time, ReadOnlySpan<byte> text)
    {
        if (!HasPending)
        {
            HasPending = true;
            PendingStart = start;
            PendingSkip = skip;
            PendingTime = time;
        }

        if (_pending.Length - PendingLength < text.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(PendingLength + text.Length, _pending.Length * 2));
            Pending.CopyTo(larger);
            ReturnBuffer();
            _pending = larger;
        }

        text.CopyTo(_pending.AsSpan(PendingLength));
        PendingLength += text.Length;
    }

    /// <summary>Hands the unfinished line to the stream of the next file, where it goes on.</summary>
    public void CarryTo(StreamState next, TailedFile from)
    {
        (next._pending, next.PendingLength, next.HasPending) = (_pending, PendingLength, true);
        (next.PendingStart, next.PendingSkip, next.PendingTime, next.Part) = (PendingStart, PendingSkip, PendingTime, Part);
        next.Passed = [.. Passed ?? [], from];
        (_pending, PendingLength, HasPending, Part, Passed) = ([], 0, false, 0, null);
    }

    public void ClearPending()
    {
        Passed = null;
        HasPending = false;
        PendingLength = 0;
        ReturnBuffer();
        _pending = [];
    }

    private void ReturnBuffer()
    {
        if (_pending.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_pending);
        }
    }
}
