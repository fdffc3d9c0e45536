using System.Buffers;
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

    public void ClearPending()
    {
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
