namespace Tributary.Shipper.Ndjson;

/// <summary>
/// A batch as NDJSON, known to be well-formed. Its lines are held where they are at most one piece. A small batch may
/// be a thousand times larger as text, because each line repeats its resource; the lines of such a one are made again,
/// piece by piece, whenever they are written. Needs the request until it is disposed.
/// </summary>
internal sealed class EncodedBatch : IDisposable
{
    private readonly ReadOnlyMemory<byte> _request;
    private readonly NdjsonBuffer _lines = new();
    private bool _isHeld = true;

    /// <exception cref="InvalidDataException">The request is malformed, or has another number of records.</exception>
    public EncodedBatch(ReadOnlyMemory<byte> request, int expectedRecords)
    {
        _request = request;
        try
        {
            var records = NdjsonEncoder.Encode(request.Span, _lines, _ => _isHeld = false);
            if (records != expectedRecords)
            {
                throw new InvalidDataException($"The body holds {records} records, the header says {expectedRecords}.");
            }
        }
        catch
        {
            _lines.Dispose();
            throw;
        }
    }

    /// <summary>Hands on all lines, in pieces of whole lines. May be repeated; not by two threads at once.</summary>
    public void WriteTo(Action<ReadOnlyMemory<byte>> write)
    {
        if (!_isHeld)
        {
            _lines.Clear();
            NdjsonEncoder.Encode(_request.Span, _lines, write);
        }

        write(_lines.Written);
    }

    public void Dispose() => _lines.Dispose();
}
