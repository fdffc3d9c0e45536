using Microsoft.Extensions.Logging;
using Tributary.Collector.Checkpoints;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly TempFolder _folder = new("checkpoints");
    private readonly CapturedLogs _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Saves_add_up_over_restarts()
    {
        for (var i = 1; i <= 5; i++)
        {
            Save(Put(i, offset: i * 10));
            Save(Put(1, offset: 100 + i));
        }

        Save(Remove(3));
        Assert.Equal("1@105 2@20 4@40 5@50", Loaded());
        Assert.Empty(_log.Of(LogLevel.Warning));
    }

    [Fact]
    [Trait("Scenario", "R17")]
    public void Cut_off_at_any_byte_of_a_save_the_saves_before_it_are_whole_and_the_next_works()
    {
        Save(Put(1, 10));
        Save(Put(2, 20));
        var before = new FileInfo(Journal()).Length;
        Save(Put(1, 11), Put(3, 30), Remove(2));
        var whole = File.ReadAllBytes(Journal());
        var states = new List<string>();
        var unnoticed = 0;
        for (var length = (int)before; length < whole.Length; length++)
        {
            File.WriteAllBytes(Journal(), whole[..length]);
            unnoticed += CheckpointReader.Read(_folder).Problems.Count == 0 ? 1 : 0;
            states.Add(Loaded());
        }

        // Each state of the way, one entry after the other, and nothing else.
        Assert.Equal(["1@10 2@20", "1@11 2@20", "1@11 2@20 3@30"], states.Distinct());

        // Cut off between two entries it looks like a save that ended there.
        Assert.Equal(3, unnoticed);
        Save(Put(4, 40));
        Assert.Equal("1@11 2@20 3@30 4@40", Loaded());
        Assert.Contains("torn or damaged", _log.Of(LogLevel.Warning)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_bit_in_the_snapshot_costs_nothing()
    {
        Save(Put(1, 10), Put(2, 20));
        Save(Put(3, 30));
        SaveSnapshot(Put(1, 10), Put(2, 20), Put(3, 30));
        Save(Put(2, 21));
        EachWrongBit(Newest("snapshot.*"), (_, warned) =>
        {
            Assert.Equal("1@10 2@21 3@30", Loaded());
            Assert.True(warned);
        });
    }

    [Fact]
    public void A_wrong_bit_in_the_journal_costs_the_change_that_it_is_in()
    {
        Save(Put(1, 10));
        Save(Put(2, 20));
        Save(Put(1, 11));
        var states = new HashSet<string>();
        EachWrongBit(Journal(), (position, warned) =>
        {
            states.Add(Loaded());
            Assert.True(warned, $"Byte {position}");
        });

        // Without both where the bit makes another version of it.
        Assert.Equal(["1@10", "1@10 2@20", "1@11", "1@11 2@20"], states.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void With_every_file_damaged_it_starts_from_what_is_whole_with_warnings_and_works_on()
    {
        Save(Put(1, 10), Put(2, 20));
        foreach (var file in Directory.GetFiles(_folder, "snapshot.*"))
        {
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..^30]);
        }

        File.WriteAllText(Journal(), "no journal");
        Assert.Equal("1@10", Loaded());
        Assert.NotEmpty(_log.Of(LogLevel.Warning));
        Save(Put(3, 30));
        Assert.Equal("1@10 3@30", Loaded());
    }

    [Fact]
    public void A_process_that_ends_at_any_step_of_a_snapshot_leaves_all_there()
    {
        Save(Put(1, 10));
        Save(Put(2, 20));
        var (snapshot, journal) = (CheckpointFiles.Snapshot(_folder, 2), CheckpointFiles.Journal(_folder, 2));
        File.WriteAllText(snapshot + ".tmp", "begun");
        Assert.Equal("1@10 2@20", Loaded());
        File.WriteAllBytes(journal, CheckpointFiles.Head("journal", 2));
        Assert.Equal("1@10 2@20", Loaded());
        File.WriteAllBytes(journal, CheckpointFiles.Head("journal", 2)[..5]);
        Assert.Equal("1@10 2@20", Loaded());
        Save(Put(3, 30));
        Assert.Equal("1@10 2@20 3@30", Loaded());
    }

    [Fact]
    [Trait("Scenario", "R46")]
    public void A_save_costs_what_changed_and_the_files_stay_bounded()
    {
        using var store = Open();
        var all = Enumerable.Range(1, 20_000).Select(i => Checkpoint(i, i)).ToDictionary(c => c.Key, CheckpointCodec.Encode);
        store.WriteSnapshot(all.Values);
        var before = FolderBytes();
        store.Append(Changes(Put(7, 8)));
        Assert.InRange(FolderBytes() - before, 1, 400);
        var saves = 0;
        while (!store.WantsSnapshot)
        {
            store.Append(all!);
            Assert.True(++saves < 100);
        }

        for (var i = 0; i < 3; i++)
        {
            store.WriteSnapshot(all.Values);
            store.Append(Changes(Put(7, i)));
        }

        Assert.InRange(FolderBytes(), before * 2, before * 2 + 2000);
        Assert.Equal(2, Directory.GetFiles(_folder, "snapshot.*").Length);
    }

    [Fact]
    public void The_first_format_is_read_and_replaced()
    {
        var old = Checkpoint(1, 10) with { Declaration = "" };
        File.WriteAllBytes(Path.Combine(_folder, "checkpoints.0"), CheckpointFile.Encode(2, [old]));
        File.WriteAllBytes(Path.Combine(_folder, "checkpoints.1"), CheckpointFile.Encode(1, [old with { Inode = 9 }]));
        Assert.Equal("1@10", Loaded());
        Assert.Equal("1@10", Loaded());
        SaveSnapshot(Put(1, 10), Put(2, 20));
        Assert.Equal("1@10 2@20", Loaded());
        Assert.Empty(Directory.GetFiles(_folder, "checkpoints.*"));
        Assert.Empty(_log.Of(LogLevel.Warning));
    }

    [Fact]
    public void A_torn_file_of_the_first_format_falls_back_to_the_other()
    {
        File.WriteAllBytes(Path.Combine(_folder, "checkpoints.0"), CheckpointFile.Encode(2, [Checkpoint(2, 20)])[..^5]);
        File.WriteAllBytes(Path.Combine(_folder, "checkpoints.1"), CheckpointFile.Encode(1, [Checkpoint(1, 10)]));
        Assert.Equal("1@10", Loaded());
        Assert.Contains("checkpoints.0", Assert.Single(_log.Of(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_is_not_read_and_the_warning_says_so()
    {
        Save(Put(1, 10));
        var path = Newest("snapshot.*");
        var bytes = File.ReadAllBytes(path);
        bytes["tributary-checkpoints ".Length] = (byte)'7';
        File.WriteAllBytes(path, bytes);
        Assert.Equal("", Loaded());
        Assert.Contains("version 7", _log.Of(LogLevel.Warning)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_use_is_refused_with_what_to_do_and_can_be_read_all_the_same()
    {
        Save(Put(1, 10));
        using var first = Open();
        var error = Assert.Throws<IOException>(Open);
        Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
        Assert.Contains("in use by another process", error.Message, StringComparison.Ordinal);
        Assert.Single(CheckpointReader.Read(_folder).Checkpoints);
        first.Dispose();
        using var second = Open();
    }

    [Fact]
    [Trait("Scenario", "R21")]
    public void A_save_that_finds_the_disk_full_leaves_what_was_saved_whole()
    {
        Save(Put(1, 10));
        using (var store = Open())
        {
            store.Append(Changes(Put(2, 20)));
            DiskFull.Begin(_folder);
            Assert.Throws<IOException>(() => store.Append(Changes(Put(3, 30))));
            for (var i = 0; i < 3; i++)
            {
                Assert.Throws<IOException>(() => store.WriteSnapshot([CheckpointCodec.Encode(Checkpoint(3, 30))]));
            }

            DiskFull.End(_folder);
            Assert.Equal("1@10 2@20", Text(CheckpointReader.Read(_folder).Checkpoints));
            Assert.True(store.WantsSnapshot);
            store.WriteSnapshot([.. CheckpointReader.Read(_folder).Checkpoints.Select(CheckpointCodec.Encode)]);
            store.Append(Changes(Put(4, 40)));
        }

        Assert.Equal("1@10 2@20 4@40", Loaded());
        Assert.Empty(_log.Of(LogLevel.Warning));
    }

    private void EachWrongBit(string path, Action<int, bool> check)
    {
        var whole = File.ReadAllBytes(path);
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] ^= 1;
            File.WriteAllBytes(path, damaged);
            check(i, CheckpointReader.Read(_folder).Problems.Count > 0 || i < Array.IndexOf(whole, (byte)'\n'));
        }

        File.WriteAllBytes(path, whole);
    }

    private CheckpointStore Open() => CheckpointStore.Open(_folder, _log);

    /// <summary>As the checkpointer does.</summary>
    private void Save(params (CheckpointKey Key, byte[]? Checkpoint)[] changes)
    {
        using var store = Open();
        if (!store.WantsSnapshot)
        {
            store.Append(Changes(changes));
            return;
        }

        var all = store.Loaded.ToDictionary(c => c.Key, CheckpointCodec.Encode);
        foreach (var (key, checkpoint) in changes)
        {
            all.Remove(key);
            if (checkpoint is not null)
            {
                all[key] = checkpoint;
            }
        }

        store.WriteSnapshot(all.Values);
    }

    private void SaveSnapshot(params (CheckpointKey Key, byte[]? Checkpoint)[] all)
    {
        using var store = Open();
        store.WriteSnapshot([.. all.Select(c => c.Checkpoint!)]);
    }

    private string Loaded()
    {
        using var store = Open();
        return Text(store.Loaded);
    }

    private static string Text(IEnumerable<Checkpoint> checkpoints) =>
        string.Join(' ', checkpoints.OrderBy(c => c.Inode).Select(c => $"{c.Inode}@{c.Offset}"));

    private string Newest(string pattern) => Directory.GetFiles(_folder, pattern).Order(StringComparer.Ordinal).Last();

    private string Journal() => Newest("journal.*");

    private long FolderBytes() => Directory.GetFiles(_folder).Sum(f => new FileInfo(f).Length);

    private static Dictionary<CheckpointKey, byte[]?> Changes(params (CheckpointKey Key, byte[]? Checkpoint)[] changes) =>
        changes.ToDictionary(c => c.Key, c => c.Checkpoint);

    private static (CheckpointKey Key, byte[]? Checkpoint) Put(int inode, long offset) =>
        (Checkpoint(inode, offset).Key, CheckpointCodec.Encode(Checkpoint(inode, offset)));

    private static (CheckpointKey Key, byte[]? Checkpoint) Remove(int inode) => (Checkpoint(inode, 0).Key, null);

    private static Checkpoint Checkpoint(int inode, long offset) => new()
    {
        SourceId = "0123456789abcdef0123",
        Path = "/var/log/ä\"b.log",
        Declaration = "shop/tomcat",
        Target = "default",
        Device = 5,
        Inode = (ulong)inode,
        Stdout = new(offset, 0, false),
        Stderr = new(offset, 0, false),
    };
}
