using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tributary.Collector.Formats;

/// <summary>
/// Finds the lines of a chunk, one after another, in one sweep of 64 bytes at a time that also tells which of them are
/// all ASCII. What follows the last newline is no line.
/// </summary>
internal ref struct LineScan(ReadOnlySpan<byte> data)
{
    private const int BlockBytes = 64;

    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>Where the current block begins; before the first one, a block before the data.</summary>
    private int _block = -BlockBytes;

    /// <summary>The current block's newlines that are still to come, a bit for each byte.</summary>
    private ulong _newlines;

    /// <summary>The current block's bytes from the next line on that are not ASCII.</summary>
    private ulong _others;

    /// <summary>Where the line that was found begins.</summary>
    public int Start { get; private set; }

    /// <summary>Bytes of the line, without its newline.</summary>
    public int Length { get; private set; }

    public bool IsAscii { get; private set; }

    /// <summary>Where the next line begins.</summary>
    public int Consumed { get; private set; }

    /// <summary>Finds the next line; false when no further one ends in the chunk.</summary>
    public bool Next()
    {
        ulong others = 0;
        while (_newlines == 0)
        {
            others |= _others;
            if (!Load())
            {
                return false;
            }
        }

        var before = (_newlines & (0 - _newlines)) - 1;
        IsAscii = (others | (_others & before)) == 0;
        var end = _block + BitOperations.TrailingZeroCount(_newlines);
        _others &= ~before;
        _newlines &= _newlines - 1;
        Start = Consumed;
        Length = end - Consumed;
        Consumed = end + 1;
        return true;
    }

    // Vectors are not compiled ahead: without this, the first tenths of a second run unoptimized code.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Load()
    {
        _block += BlockBytes;
        if (_data.Length - _block < BlockBytes)
        {
            return LoadRest();
        }

        var block = _data.Slice(_block, BlockBytes);
        var newline = Vector256.Create((byte)'\n');
        var low = Vector256.Create(block);
        var high = Vector256.Create(block[(BlockBytes / 2)..]);
        _newlines = Vector256.Equals(low, newline).ExtractMostSignificantBits() | (ulong)Vector256.Equals(high, newline).ExtractMostSignificantBits() << 32;
        _others = low.ExtractMostSignificantBits() | (ulong)high.ExtractMostSignificantBits() << 32;
        return true;
    }

    /// <summary>The last, incomplete block.</summary>
    private bool LoadRest()
    {
        _newlines = _others = 0;
        for (var i = _block; i < _data.Length; i++)
        {
            _newlines |= (_data[i] == '\n' ? 1UL : 0) << (i - _block);
            _others |= (ulong)(_data[i] >> 7) << (i - _block);
        }

        return _block < _data.Length;
    }
}
