namespace Tributary.Contracts.Batches;

/// <summary>
/// Walks the records of an OTLP logs request in order, without allocating. Unknown fields are passed over; malformed
/// bytes are an <see cref="InvalidDataException"/>. The record's spans live as long as the body's.
/// </summary>
public ref struct OtlpLogReader(ReadOnlySpan<byte> body)
{
    private ProtoReader _request = new(body);
    private ProtoReader _resourceLogs;
    private ProtoReader _scopeLogs;

    /// <summary>The current resource's bytes: read its attributes with <see cref="OtlpAttributeReader"/>.</summary>
    public ReadOnlySpan<byte> Resource { get; private set; }

    /// <summary>Counts resources from 1: a change tells that <see cref="Resource"/> changed.</summary>
    public int ResourceIndex { get; private set; }

    /// <summary>Reads the next record; false at the end.</summary>
    public bool Next(out OtlpLogRecord record)
    {
        while (true)
        {
            while (_scopeLogs.NextTag(out var tag))
            {
                if (tag == OtlpFields.ScopeLogsLogRecords)
                {
                    record = OtlpLogRecord.Parse(_scopeLogs.Bytes());
                    return true;
                }

                _scopeLogs.Skip(tag);
            }

            if (!NextScope() && !NextResource())
            {
                record = default;
                return false;
            }
        }
    }

    private bool NextScope()
    {
        while (_resourceLogs.NextTag(out var tag))
        {
            if (tag == OtlpFields.ResourceLogsScopeLogs)
            {
                _scopeLogs = new ProtoReader(_resourceLogs.Bytes());
                return true;
            }

            _resourceLogs.Skip(tag);
        }

        return false;
    }

    private bool NextResource()
    {
        while (_request.NextTag(out var tag))
        {
            if (tag != OtlpFields.RequestResourceLogs)
            {
                _request.Skip(tag);
                continue;
            }

            var content = _request.Bytes();
            Resource = FindResource(content);
            ResourceIndex++;
            _resourceLogs = new ProtoReader(content);
            return true;
        }

        return false;
    }

    private static ReadOnlySpan<byte> FindResource(ReadOnlySpan<byte> resourceLogs)
    {
        // Protobuf does not promise that the resource comes before its records.
        var reader = new ProtoReader(resourceLogs);
        ReadOnlySpan<byte> resource = default;
        while (reader.NextTag(out var tag))
        {
            if (tag == OtlpFields.ResourceLogsResource)
            {
                resource = reader.Bytes();
            }
            else
            {
                reader.Skip(tag);
            }
        }

        return resource;
    }
}
