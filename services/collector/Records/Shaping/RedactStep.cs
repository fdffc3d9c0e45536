namespace Tributary.Collector.Records.Shaping;

/// <summary>
/// Hides parts of the text and of fields. Numbers are looked at as text, as a card number may come as one; lists and maps
/// are looked through to their ends. Names of fields stay as they are.
/// </summary>
internal sealed class RedactStep(string name, bool body, FieldGlob[] fields, Redaction redaction) : IRecordStep
{
    private readonly EncodedRedaction _encoded = new(redaction);

    public string Name => name;

    public bool Apply(LogRecord record)
    {
        if (body && redaction.TryClean(record.BodyBytes, out var text))
        {
            record.Body = record.Store(text);
        }

        for (var i = 0; i < record.Count; i++)
        {
            if (record.Fields[i].Kind != FieldKind.Bool && IsChosen(record[record.Fields[i].Key]))
            {
                Clean(record, i);
            }
        }

        return true;
    }

    private void Clean(LogRecord record, int index)
    {
        var field = record.Fields[index];
        if (field.Kind == FieldKind.Encoded)
        {
            if (_encoded.TryClean(record[field.Text], out var value))
            {
                record.Fields[index] = field with { Text = record.Store(value) };
            }
        }
        else if (redaction.TryClean(record.TextOf(index), out var text))
        {
            record.Fields[index] = new Field(field.Key, FieldKind.Text, record.Store(text), 0);
        }
    }

    private bool IsChosen(ReadOnlySpan<byte> key)
    {
        foreach (var field in fields)
        {
            if (field.IsMatch(key))
            {
                return true;
            }
        }

        return false;
    }
}
