using System.Buffers;

namespace Tributary.Collector.Records.Multiline;

/// <summary>
/// The record of one stream whose end is not known yet. Its bytes lie in a pooled buffer that is given back when no
/// record follows. A blank line may wait behind it until the next line tells where it belongs.
/// </summary>
internal sealed class OpenRecord
{
    private byte[] _bytes = [];

    public bool IsOpen => Lines > 0;

    public int Lines { get; private set; }

    public int Length { get; private set; }

    /// <summary>Offset of its first line.</summary>
    public long Start { get; private set; }

    /// <summary>Time of its first line.</summary>
    public ulong Time { get; private set; }

    /// <summary>What the grouping knows of it.</summary>
    public int State { get; set; }

    /// <summary>Whether it is the rest of a record that was cut.</summary>
    public bool IsRest { get; private set; }

    /// <summary>0, or one more than the grouping's state when the record before was cut: the next line may go on with it.</summary>
    public int Cut { get; set; }

    /// <summary><see cref="Cut"/> as it was before this record's first line.</summary>
    public int CutAtStart { get; private set; }

    /// <summary>When its last line came, by the monotonic clock.</summary>
    public long TouchedAt { get; set; }

    /// <summary>Where the last line that was taken begins.</summary>
    public long LastOffset { get; set; }

    public bool HasBlank { get; private set; }

    public long BlankStart { get; private set; }

    public ulong BlankTime { get; private set; }

    /// <summary>The blank line: nothing, or a carriage return.</summary>
    public ReadOnlySpan<byte> Blank => _blankHasReturn ? "\r"u8 : default;

    public ReadOnlySpan<byte> Text => _bytes.AsSpan(0, Length);

    private bool _blankHasReturn;

    public void Begin(long start, ulong time, bool isRest, ReadOnlySpan<byte> line)
    {
        Start = start;
        Time = time;
        IsRest = isRest;
        CutAtStart = isRest ? Cut : 0;
        Cut = 0;
        Length = 0;
        Ensure(line.Length);
        line.CopyTo(_bytes);
        Length = line.Length;
        Lines = 1;
    }

    public void Append(ReadOnlySpan<byte> line)
    {
        Ensure(line.Length + 1);
        _bytes[Length] = (byte)'\n';
        line.CopyTo(_bytes.AsSpan(Length + 1));
        Length += line.Length + 1;
        Lines++;
    }

    public void HoldBlank(long start, ulong time, bool hasReturn)
    {
        HasBlank = true;
        BlankStart = start;
        BlankTime = time;
        _blankHasReturn = hasReturn;
    }

    public void DropBlank() => HasBlank = false;

    /// <summary>Its text was delivered; the buffer is kept for the next record.</summary>
    public void Close()
    {
        Lines = 0;
        Length = 0;
        State = 0;
    }

    public void ReturnBuffer()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private void Ensure(int more)
    {
        if (_bytes.Length - Length < more)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + more, Math.Max(1024, _bytes.Length * 2)));
            Text.CopyTo(larger);
            ReturnBuffer();
            _bytes = larger;
        }
    }
}
