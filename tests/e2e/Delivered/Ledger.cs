using System.Text;
using Tributary.Testing;
using Tributary.Tests.E2e.Containers;
using Xunit;

namespace Tributary.Tests.E2e.Delivered;

/// <summary>
/// Holds what arrived against what the containers printed: an exact set of numbers for each container, every text byte-equal,
/// a repeat with its twin's uid, no uid on two lines. Records of other containers are passed over.
/// </summary>
internal sealed class Ledger(IReadOnlyList<PrintingContainer> containers)
{
    private const int FaultsKept = 20;

    private readonly Dictionary<int, SequenceSet> _seen = containers.ToDictionary(c => c.Number, c => new SequenceSet(0, c.Lines));
    private readonly Dictionary<(int Container, int Number), string> _uids = [];
    private readonly HashSet<string> _distinct = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    /// <summary>Different lines that arrived.</summary>
    public int Arrived => _uids.Count;

    public int Expected => containers.Sum(c => c.Lines);

    public bool IsComplete => Arrived == Expected;

    /// <summary>Records that came again.</summary>
    public int Repeats { get; private set; }

    /// <summary>Bytes of their texts.</summary>
    public long RepeatedBytes { get; private set; }

    /// <summary>Of the texts printed, on average.</summary>
    public long BytesPerLine => containers.Sum(c => Enumerable.Range(0, c.Lines).Sum(n => (long)Encoding.UTF8.GetByteCount(c.Text(n)))) / Expected;

    public Ledger Take(IEnumerable<DeliveredRecord> records)
    {
        foreach (var record in records)
        {
            if (containers.FirstOrDefault(c => c.Id == record.ContainerId) is { } container)
            {
                Take(container, record);
            }
        }

        return this;
    }

    /// <summary>Fails unless everything arrived as it was printed.</summary>
    public void AssertWhole() => Assert.Equal("", string.Join(Environment.NewLine, Faults()));

    public override string ToString() =>
        string.Join(Environment.NewLine, Faults().Prepend($"{Arrived} of {Expected} lines, {Repeats} repeats of {RepeatedBytes} bytes"));

    private IEnumerable<string> Faults() =>
        _faults.Concat(containers.Where(c => !_seen[c.Number].IsComplete || _seen[c.Number].Unexpected > 0).Select(c => $"{c.Name}: {_seen[c.Number]}"));

    private void Take(PrintingContainer container, DeliveredRecord record)
    {
        if (NumberedLines.Number(record.Body) is not { } number)
        {
            Fault(container, record, "has no number");
            return;
        }

        if (record.Body != container.Text(number))
        {
            Fault(container, record, "is not what was printed");
        }

        var stream = container.Mixed && number % 2 == 1 ? "stderr" : "stdout";
        if (record.Stream != stream)
        {
            Fault(container, record, $"came as {record.Stream} and was printed to {stream}");
        }

        if (_seen[container.Number].Add(number))
        {
            _uids[(container.Number, number)] = record.Uid;
            if (!_distinct.Add(record.Uid))
            {
                Fault(container, record, "carries the uid of another line");
            }
        }
        else
        {
            Repeats++;
            RepeatedBytes += Encoding.UTF8.GetByteCount(record.Body);
            if (!_uids.TryGetValue((container.Number, number), out var first) || first != record.Uid)
            {
                Fault(container, record, $"came again with another uid than {first}");
            }
        }
    }

    private void Fault(PrintingContainer container, DeliveredRecord record, string what)
    {
        if (_faults.Count < FaultsKept)
        {
            _faults.Add($"{container.Name}: '{record.Body[..Math.Min(100, record.Body.Length)]}' ({record.Uid}) {what}.");
        }
    }
}
