using System.Text;

namespace Tributary.Collector.Records.Shaping;

/// <summary>Gives a field another name; one that had the name goes.</summary>
internal sealed class RenameStep(string name, string from, string to) : IRecordStep
{
    private readonly byte[] _from = Encoding.UTF8.GetBytes(from);
    private readonly byte[] _to = Encoding.UTF8.GetBytes(to);

    public string Name => name;

    public bool Apply(LogRecord record)
    {
        if (record.IndexOf(_from) < 0)
        {
            return true;
        }

        for (var taken = record.IndexOf(_to); taken >= 0; taken = record.IndexOf(_to))
        {
            record.RemoveAt(taken);
        }

        var key = record.Store(_to);
        for (var index = record.IndexOf(_from); index >= 0; index = record.IndexOf(_from))
        {
            record.Fields[index] = record.Fields[index] with { Key = key };
        }

        return true;
    }
}

/// <summary>Removes the fields of some names.</summary>
internal sealed class RemoveStep(string name, FieldGlob[] fields) : IRecordStep
{
    public string Name => name;

    public bool Apply(LogRecord record)
    {
        for (var i = record.Count - 1; i >= 0; i--)
        {
            var key = record[record.Fields[i].Key];
            foreach (var field in fields)
            {
                if (field.IsMatch(key))
                {
                    record.RemoveAt(i);
                    break;
                }
            }
        }

        return true;
    }
}

/// <summary>Sets fields to fixed texts, in place of fields of the same names.</summary>
internal sealed class TagStep(string name, IEnumerable<KeyValuePair<string, string>> tags) : IRecordStep
{
    private readonly (byte[] Key, byte[] Text)[] _tags = [.. tags.Select(t => (Encoding.UTF8.GetBytes(t.Key), Encoding.UTF8.GetBytes(t.Value)))];

    public string Name => name;

    public bool Apply(LogRecord record)
    {
        foreach (var (key, text) in _tags)
        {
            var index = record.IndexOf(key);
            if (index < 0)
            {
                record.Add(key, text);
            }
            else
            {
                record.Fields[index] = new Field(record.Fields[index].Key, FieldKind.Text, record.Store(text), 0);
            }
        }

        return true;
    }
}
