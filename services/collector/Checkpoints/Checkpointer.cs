using Microsoft.Extensions.Logging;
using Tributary.Collector.Batching;
using Tributary.Collector.Feeds;
using Tributary.Collector.Tailing;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// Saves each file's checkpoint where it is kept, see <see cref="CheckpointSaver"/>: one home that cannot be written holds
/// up no other. Opens the home of a data disk when its lease is ours, and tells when it is not any more. Touched by the
/// tail loop alone.
/// </summary>
internal sealed class Checkpointer
{
    private readonly CheckpointHomes _homes;
    private readonly KnownFiles _known;
    private readonly Dictionary<CheckpointHome, CheckpointSaver> _savers;

    public Checkpointer(
        CheckpointHomes homes,
        KnownFiles known,
        FileAdmission open,
        FeedSet feeds,
        CollectorOptions options,
        CollectorMetrics metrics,
        TimeProvider time,
        ILogger<Checkpointer> logger)
    {
        (_homes, _known) = (homes, known);
        _savers = homes.All.ToDictionary(h => h, h => new CheckpointSaver(h, known, open, feeds, options, metrics, time, logger));
        foreach (var saver in _savers.Values)
        {
            saver.Progress += () => Progress?.Invoke();
        }

        foreach (var home in homes.All)
        {
            home.Disk?.Progress += () => Progress?.Invoke();
        }
    }

    /// <summary>Raised on a pool thread when a save ended, or a disk was looked at.</summary>
    public event Action? Progress;

    /// <summary>Whether everything that is known is on the disk.</summary>
    public bool IsClean => _savers.Values.All(s => s.IsClean);

    /// <summary>The file's marks moved: save within the interval.</summary>
    public void Moved(BatchSource source) => SaverOf(source).Moved(source);

    /// <summary>The file's size changed: saved with the next save, or after some seconds, so that a loss has its range.</summary>
    public void Grew(TailedFile file) => _savers[file.Home].Grew(file);

    /// <summary>The file's id must be on the disk before its first batch.</summary>
    public void Register(BatchSource source) => SaverOf(source).Register(source);

    /// <summary>Takes the results of saves that ended, and starts those that are due.</summary>
    /// <returns>The homes that were lost: their files are to be closed, and nothing of them is to be saved.</returns>
    public IReadOnlyList<CheckpointHome> Tick()
    {
        var lost = _homes.Tick(_known);
        foreach (var home in lost)
        {
            _savers[home].Drop();
        }

        foreach (var saver in _savers.Values)
        {
            saver.Tick();
        }

        return lost;
    }

    /// <summary>The last saves, when the loop ends; disks are given up for the next node.</summary>
    public async Task FlushAsync()
    {
        foreach (var saver in _savers.Values)
        {
            await saver.FlushAsync();
        }

        await _homes.ReleaseAsync();
    }

    private CheckpointSaver SaverOf(BatchSource source) => _savers[source is TailedFile file ? file.Home : _homes.Node];
}
