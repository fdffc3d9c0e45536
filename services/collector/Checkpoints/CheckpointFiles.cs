using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Tributary.Collector.Checkpoints;

/// <summary>
/// Names and form of the files in a checkpoint folder: <c>snapshot.N</c>, all checkpoints when generation N began, and
/// <c>journal.N</c>, what changed since. Each begins with the line <c>tributary-checkpoints VERSION snapshot|journal N</c>;
/// <see cref="JournalEntries"/> follow.
/// </summary>
internal static class CheckpointFiles
{
    public const int Version = 2;

    private const string Magic = "tributary-checkpoints";

    public static string Snapshot(string folder, long generation) => Path.Combine(folder, "snapshot." + generation.ToString(CultureInfo.InvariantCulture));

    public static string Journal(string folder, long generation) => Path.Combine(folder, "journal." + generation.ToString(CultureInfo.InvariantCulture));

    /// <summary>The generations of which there is a snapshot or a journal, ascending.</summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public static long[] Generations(string folder) =>
        [.. Directory.EnumerateFiles(folder)
            .Select(Path.GetFileName)
            .Where(n => n!.StartsWith("snapshot.", StringComparison.Ordinal) || n.StartsWith("journal.", StringComparison.Ordinal))
            .Select(n => long.TryParse(n.AsSpan(n!.IndexOf('.') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var g) ? g : 0)
            .Where(g => g > 0)
            .Distinct()
            .Order()];

    public static byte[] Head(string kind, long generation) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Magic} {Version} {kind} {generation}\n"));

    public static ReadOnlyMemory<byte> EncodeSnapshot(long generation, IReadOnlyCollection<byte[]> checkpoints)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + checkpoints.Sum(c => c.Length + 16));
        buffer.Write(Head("snapshot", generation));
        foreach (var checkpoint in checkpoints)
        {
            JournalEntries.Append(buffer, EntryKind.Put, checkpoint);
        }

        Span<byte> count = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(count, checkpoints.Count);
        JournalEntries.Append(buffer, EntryKind.End, count);
        return buffer.WrittenMemory;
    }

    /// <summary>Where the entries begin.</summary>
    /// <exception cref="InvalidDataException">Of another version, which must not be taken for damage.</exception>
    public static int EntriesStart(ReadOnlySpan<byte> file)
    {
        var newline = file.IndexOf((byte)'\n');
        var head = newline is < 0 or > 100 ? [] : Encoding.ASCII.GetString(file[..newline]).Split(' ');
        if (head.Length == 4 && head[0] == Magic && head[1] != Version.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidDataException($"it is of version {head[1]}, this program reads version {Version}");
        }

        // A damaged first line is passed over like any other damage.
        return head.Length == 4 && head[0] == Magic ? newline + 1 : 0;
    }
}
