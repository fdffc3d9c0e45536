using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Counting;
using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Tributary.Hosting;

namespace Tributary.Collector.Draining;

/// <summary>
/// Sees sources end, be drained and be told of, and keeps in each file's checkpoint that it was told. What was told of
/// all of a source's files is not told again. Touched by the tail loop alone.
/// </summary>
internal sealed class DrainWatch(DrainLedger ledger, KnownFiles known, FileAdmission admission, Checkpointer checkpointer, NodeOptions node, TimeProvider time)
{
    /// <summary>Sources that a former process was draining.</summary>
    public IReadOnlyList<SourceSpec> LeftOver => ledger.LeftOver;

    /// <summary>The source was declared, or its declaration went.</summary>
    public void Declared(FollowedSource source)
    {
        if (source.Spec.Growing)
        {
            ledger.Withdraw(source.Spec.Key);
        }
        else if (!source.Finished)
        {
            ledger.Begin(source.Spec);
        }
    }

    /// <summary>Tells of the sources that are drained by now.</summary>
    public void Look(IEnumerable<FollowedSource> sources)
    {
        foreach (var source in sources)
        {
            if (source is { Finished: true, Told: false })
            {
                source.Told = true;
                Tell(source);
            }
        }
    }

    /// <summary>Remembers what was confirmed.</summary>
    public void TakeConfirmed()
    {
        foreach (var message in ledger.TakeConfirmed())
        {
            foreach (var file in message.Files)
            {
                Remember(message, file);
            }
        }
    }

    /// <summary>The ledger's last save, when the loop ends.</summary>
    public async Task FlushAsync()
    {
        try
        {
            await ledger.SaveAsync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The loop of the ledger has said so; the sources are drained again when discovery names them.
        }
    }

    private void Tell(FollowedSource source)
    {
        var files = known.Of(source.Spec).ToArray();
        if (files.Length > 0 && Array.TrueForAll(files, f => f.Drained != default))
        {
            // Told by a former process. Where there is no file to remember it in, it is told again.
            ledger.Withdraw(source.Spec.Key);
            return;
        }

        ledger.Finish(source.Spec.Key, MessageOf(source, files));
    }

    private SourceDrained MessageOf(FollowedSource source, Checkpoint[] files)
    {
        var spec = source.Spec;
        var entries = files.OrderBy(f => f.Tally?.LastTime ?? 0).ThenBy(f => f.Inode)
            .Select(f => FileOf(f, !source.GivenUp.Contains(f.SourceId)))
            .TakeLast(SourceDrained.FilesMax)
            .ToArray();
        return new SourceDrained
        {
            Id = IdOf(spec, files),
            Node = node.Name,
            ContainerId = spec.ContainerId,
            Source = spec.Name ?? spec.Path,
            Path = spec.Path,
            Target = spec.Target,
            Config = spec.Config,
            ConfigVersion = spec.ConfigVersion,
            Time = time.GetUtcNow(),
            Files = entries,
            FilesLeftOut = files.Length - entries.Length,
            Problem = source.Problem,
        };
    }

    private static DrainedFile FileOf(Checkpoint file, bool readToEnd)
    {
        var tally = file.Tally ?? new FileTally { From = file.Offset, To = file.Offset };
        return new DrainedFile
        {
            SourceId = file.SourceId,
            Path = file.Path,
            Device = file.Device,
            Inode = file.Inode,
            From = tally.From,
            FinalOffset = file.Offset,
            Bytes = tally.Bytes,
            Crc32c = tally.Crc.ToString("x8", CultureInfo.InvariantCulture),
            SkippedBytes = tally.Skipped,
            Lines = tally.Lines,
            Records = tally.Records,
            Unparsed = tally.Unparsed,
            Dropped = tally.Dropped ?? new Dictionary<string, long>(),
            FirstTime = At(tally.FirstTime),
            LastTime = At(tally.LastTime),
            ReadToEnd = readToEnd,
        };
    }

    private static DateTimeOffset? At(ulong unixNanoseconds) =>
        unixNanoseconds == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks((long)(unixNanoseconds / 100));

    /// <summary>The same for the same drain, whichever process finds it.</summary>
    private Guid IdOf(SourceSpec spec, Checkpoint[] files)
    {
        var text = new StringBuilder($"{node.Name}\n{spec.Key}\n{spec.Declaration}\n{spec.Target}\n");
        foreach (var file in files.OrderBy(f => f.SourceId, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{file.SourceId}:{file.Offset}\n");
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
        return new Guid(
            BinaryPrimitives.ReadInt32LittleEndian(hash), BinaryPrimitives.ReadInt16LittleEndian(hash.AsSpan(4)), BinaryPrimitives.ReadInt16LittleEndian(hash.AsSpan(6)), hash[8..16]);
    }

    /// <summary>Only where nothing more was read of the file since.</summary>
    private void Remember(SourceDrained message, DrainedFile file)
    {
        if (known.Drained(new FileKey(file.Device, file.Inode), message.Target, file.SourceId, file.FinalOffset, message.Id))
        {
            return;
        }

        var open = admission.All.FirstOrDefault(f => f.SourceId == file.SourceId && f.Position == file.FinalOffset);
        if (open is not null)
        {
            open.Drained = message.Id;
            checkpointer.Moved(open);
        }
    }
}
