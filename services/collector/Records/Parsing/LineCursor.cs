namespace Tributary.Collector.Records.Parsing;

/// <summary>Walks a line from its start; what it takes off are slices of the record.</summary>
internal ref struct LineCursor(ReadOnlySpan<byte> line, int start)
{
    private ReadOnlySpan<byte> _line = line;
    private int _at = start;

    public readonly bool IsEmpty => _line.IsEmpty;

    public readonly ReadOnlySpan<byte> Left => _line;

    /// <summary>All that is left.</summary>
    public readonly Slice Rest => new(_at, _line.Length);

    public bool TrySkip(byte b)
    {
        if (_line.IsEmpty || _line[0] != b)
        {
            return false;
        }

        Move(1);
        return true;
    }

    public bool TrySkip(ReadOnlySpan<byte> text)
    {
        if (!_line.StartsWith(text))
        {
            return false;
        }

        Move(text.Length);
        return true;
    }

    public void SkipSpaces()
    {
        var spaces = _line.IndexOfAnyExcept((byte)' ', (byte)'\t');
        Move(spaces < 0 ? _line.Length : spaces);
    }

    /// <summary>Takes what stands before the byte, and the byte.</summary>
    public bool TryUntil(byte end, out Slice taken)
    {
        var length = _line.IndexOf(end);
        if (length < 0)
        {
            taken = default;
            return false;
        }

        taken = new Slice(_at, length);
        Move(length + 1);
        return true;
    }

    /// <summary>The same, or all that is left; false when nothing is.</summary>
    public bool TryUntilOrEnd(byte end, out Slice taken)
    {
        if (TryUntil(end, out taken))
        {
            return true;
        }

        taken = Rest;
        Move(_line.Length);
        return taken.Length > 0;
    }

    public Slice Take(int length)
    {
        var taken = new Slice(_at, length);
        Move(length);
        return taken;
    }

    /// <summary>Takes a text in quotes, without them; what a backslash escapes stays as it is.</summary>
    public bool TryQuoted(out Slice taken)
    {
        taken = default;
        if (_line.IsEmpty || _line[0] != '"')
        {
            return false;
        }

        for (var at = 1; at < _line.Length; at++)
        {
            var next = _line[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                return false;
            }

            at += next;
            if (_line[at] == '"')
            {
                taken = new Slice(_at + 1, at - 1);
                Move(at + 1);
                return true;
            }

            at++;
        }

        return false;
    }

    private void Move(int length)
    {
        _line = _line[length..];
        _at += length;
    }
}
