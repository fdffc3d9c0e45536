using Tributary.Collector.Records;
using Tributary.Contracts.Batches;

namespace Tributary.Collector.Counting;

/// <summary>
/// Counts one file while it is read, a chunk at a time, so that a line costs nothing. Goes on from a tally; what that
/// covers already is passed over. Touched by the tail loop alone.
/// </summary>
internal sealed class FileCounter
{
    private readonly SourceAccount _account;
    private FileTally _tally;
    private int _accountVersion;

    /// <param name="known">What was counted before; null for a file that is new to counting.</param>
    /// <param name="position">Where reading begins.</param>
    /// <param name="account">Counts what the rules drop of this file.</param>
    public FileCounter(FileTally? known, long position, SourceAccount account)
    {
        _tally = known ?? new FileTally { From = position, To = position };
        _account = account;
        _account.Restore(_tally.Dropped, _tally.Unparsed);
        _accountVersion = account.Version;
    }

    /// <summary>Everything that was counted, at this moment.</summary>
    public FileTally Tally
    {
        get
        {
            if (_accountVersion != _account.Version)
            {
                _accountVersion = _account.Version;
                _tally = _tally with { Dropped = _account.Dropped.Count == 0 ? null : new Dictionary<string, long>(_account.Dropped), Unparsed = _account.Unparsed };
            }

            return _tally;
        }
    }

    /// <summary>Bytes that were consumed.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="offset">Where in the file they begin.</param>
    /// <param name="newlines">How many of them are newlines.</param>
    public void Consumed(ReadOnlySpan<byte> data, long offset, int newlines)
    {
        if (offset > _tally.To)
        {
            Skip(offset);
        }

        var known = (int)Math.Clamp(_tally.To - offset, 0, data.Length);
        if (known == data.Length)
        {
            return;
        }

        if (known > 0)
        {
            newlines -= data[..known].Count((byte)'\n');
            data = data[known..];
        }

        var lines = _tally.Lines;
        _tally = _tally with
        {
            To = offset + known + data.Length,
            Crc = Crc32C.Append(_tally.Crc, data),
            Newlines = _tally.Newlines + newlines,
            EndsOpen = data[^1] != '\n',
        };
        _account.CountLines(_tally.Lines - lines);
    }

    /// <summary>What is passed over counts as zeros, which is what a hole in a file holds; before the first byte it is not counted at all.</summary>
    private void Skip(long offset) => _tally = _tally.Bytes == 0
        ? _tally with { From = offset, To = offset }
        : _tally with { To = offset, Crc = Crc32C.AppendZeros(_tally.Crc, offset - _tally.To), Skipped = _tally.Skipped + offset - _tally.To };

    /// <summary>Records that went into a batch.</summary>
    /// <param name="count">How many.</param>
    /// <param name="first">The earliest time, Unix nanoseconds.</param>
    /// <param name="last">The latest time.</param>
    public void Emitted(int count, ulong first, ulong last) => _tally = _tally with
    {
        Records = _tally.Records + count,
        FirstTime = _tally.FirstTime == 0 ? first : Math.Min(_tally.FirstTime, first),
        LastTime = Math.Max(_tally.LastTime, last),
    };
}
