using System.Globalization;
using System.Text;
using Xunit;

namespace Tributary.Tests.E2e.Delivered;

/// <summary>A host file of numbered lines, and what of it arrived: the exact set of numbers, each text equal, a repeat with its twin's uid.</summary>
internal sealed class NumberedFile(string path, int lengthMax)
{
    private readonly Dictionary<int, string> _uids = [];
    private readonly List<string> _faults = [];

    public string Path => path;

    public int Written { get; private set; }

    public int Arrived => _uids.Count;

    public int Repeats { get; private set; }

    /// <summary>Appends lines with the next numbers.</summary>
    public void Append(int count)
    {
        using var file = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), new UTF8Encoding(false), 1 << 16);
        for (var end = Written + count; Written < end; Written++)
        {
            file.Write(Text(Written));
            file.Write('\n');
        }
    }

    public NumberedFile Take(IEnumerable<DeliveredRecord> records)
    {
        foreach (var record in records)
        {
            if (!int.TryParse(record.Body.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= Written || record.Body != Text(number))
            {
                _faults.Add("never written: " + record.Body);
            }
            else if (!_uids.TryAdd(number, record.Uid))
            {
                Repeats++;
                if (_uids[number] != record.Uid)
                {
                    _faults.Add($"line {number} came under {_uids[number]} and {record.Uid}");
                }
            }
        }

        return this;
    }

    public void AssertWhole()
    {
        Assert.Empty(_faults);
        Assert.Equal(Enumerable.Range(0, Written), _uids.Keys.Order());
        Assert.Equal(Written, _uids.Values.Distinct().Count());
    }

    private string Text(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} ").PadRight(lengthMax, (char)('a' + number % 26));
}
