using Tributary.Collector.Checkpoints;
using Tributary.Collector.Formats;
using Tributary.Contracts;

namespace Tributary.Collector.Tailing;

/// <summary>
/// Carries an unfinished line from a file that was rotated into the one that follows it, where the runtime wrote its
/// rest. Until the whole line went out, every file that it passed keeps the mark that it had, so a restart finds all
/// pieces again; then all of them move in one batch, see <see cref="Batching.SealedBatch.Together"/>.
/// </summary>
internal static class LineCarry
{
    /// <summary>Moves what files before <paramref name="next"/> left unfinished, when it is read from its start now.</summary>
    public static void Into(FollowedSource source, TailedFile next)
    {
        var at = source.Files.IndexOf(next);
        if (next.Position > 0 || at <= 0 || !next.MayContinue)
        {
            return;
        }

        // An empty file, as a rotation may leave, holds no piece.
        while (at > 1 && source.Files[at - 1] is { Size: 0, HasPending: false })
        {
            at--;
        }

        var before = source.Files[at - 1];
        if (before is { AtEnd: true, Rotated: true, Format: LogFormat.Cri or LogFormat.Docker })
        {
            Move(before, next, LogStream.Stdout);
            Move(before, next, LogStream.Stderr);
        }
    }

    private static void Move(TailedFile before, TailedFile next, LogStream name)
    {
        var from = before.Stream(name);
        var to = next.Stream(name);
        if (from.HasPending && to is { HasPending: false, Resume: 0, Part: 0, Skip: 0 })
        {
            var mark = before.Mark();
            from.Kept ??= name == LogStream.Stdout ? mark.Stdout : mark.Stderr;
            to.Kept = default(StreamMark);
            from.CarryTo(to, before);
        }
    }
}
