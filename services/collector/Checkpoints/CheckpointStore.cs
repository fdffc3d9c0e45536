using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Tributary.Hosting;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// The state folder's checkpoints, held by one process at a time. Two files take turns, each replaced through a
/// temporary file, fsync and rename, so the newest whole generation always exists and the one before it too. A torn
/// newest generation falls back to the previous one with a warning: lines are repeated then, never lost.
/// </summary>
internal sealed partial class CheckpointStore : IDisposable
{
    private const int EWouldBlock = 11;

    private readonly string _folder;
    private readonly SafeFileHandle _lock;
    private long _generation;

    private CheckpointStore(string folder, SafeFileHandle held)
    {
        _folder = folder;
        _lock = held;
    }

    /// <summary>What the newest whole generation held at start.</summary>
    public IReadOnlyCollection<Checkpoint> Loaded { get; private set; } = [];

    /// <summary>Takes the folder (made when missing) and reads the newest whole generation.</summary>
    /// <exception cref="IOException">Another process holds the folder, or it cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission for the folder.</exception>
    public static CheckpointStore Open(string folder, ILogger logger)
    {
        Directory.CreateDirectory(folder);
        SafeFileHandle held;
        try
        {
            held = File.OpenHandle(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == EWouldBlock)
        {
            throw new IOException($"The state folder {Path.GetFullPath(folder)} is in use by another process; stop that one or name another folder. ({e.Message})", e);
        }

        var store = new CheckpointStore(folder, held);
        store.Load(logger);
        return store;
    }

    /// <summary>Writes the next generation; when it returns, it is on the disk.</summary>
    /// <exception cref="IOException">The disk is full or fails; the generations on it are untouched.</exception>
    public void Save(IReadOnlyCollection<Checkpoint> checkpoints)
    {
        var next = _generation + 1;
        var path = Slot(next % 2);
        var temporary = path + ".tmp";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(file, CheckpointFile.Encode(next, checkpoints), 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        FolderSync.Sync(_folder);
        _generation = next;
    }

    public void Dispose() => _lock.Dispose();

    private string Slot(long number) => Path.Combine(_folder, number == 0 ? "checkpoints.0" : "checkpoints.1");

    private void Load(ILogger logger)
    {
        var damaged = new List<(string Path, string Problem)>();
        for (var slot = 0; slot < 2; slot++)
        {
            var path = Slot(slot);
            if (!File.Exists(path))
            {
                continue;
            }

            try
            {
                var (generation, checkpoints) = CheckpointFile.Decode(File.ReadAllBytes(path));
                if (generation > _generation)
                {
                    _generation = generation;
                    Loaded = checkpoints;
                }
            }
            catch (InvalidDataException e)
            {
                damaged.Add((path, e.Message));
            }
        }

        foreach (var (path, problem) in damaged)
        {
            LogDamaged(logger, path, problem, _generation);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Checkpoint file {Path} is not used: {Problem}. Going on from generation {Generation}; lines since then may be repeated.")]
    private static partial void LogDamaged(ILogger logger, string path, string problem, long generation);
}
