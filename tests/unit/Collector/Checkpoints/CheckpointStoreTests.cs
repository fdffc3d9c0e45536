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
    public void What_was_saved_is_loaded_with_every_field()
    {
        var checkpoint = Checkpoint(7) with
        {
            FingerprintHash = ulong.MaxValue,
            FingerprintLength = 1024,
            Stdout = new StreamMark(long.MaxValue, 3, true, 17),
            Stderr = new StreamMark(5, 0, false),
            LastSeen = 1_795_255_200,
        };
        Save(checkpoint);
        using var store = Open();
        Assert.Equal([checkpoint], store.Loaded);
        Assert.Empty(_log.Of(LogLevel.Warning));
    }

    [Fact]
    public void Generations_take_turns_and_the_newest_counts()
    {
        for (var i = 1; i <= 5; i++)
        {
            Save(Checkpoint(i));
            Assert.Equal(i, Loaded());
            Assert.Equal(Math.Min(i, 2), Slots().Length);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(-1)]
    public void A_torn_newest_generation_falls_back_to_the_one_before_with_a_warning(int length)
    {
        Save(Checkpoint(1));
        Save(Checkpoint(2));
        Tear(Newest(), length);
        Assert.Equal(1, Loaded());
        Assert.Contains("is not used", Assert.Single(_log.Of(LogLevel.Warning)), StringComparison.Ordinal);

        // And the next save replaces the torn one, not the good one.
        Save(Checkpoint(3));
        Assert.Equal(3, Loaded());
        Tear(Newest(), 10);
        Assert.Equal(1, Loaded());
    }

    [Fact]
    public void A_single_wrong_bit_anywhere_is_noticed()
    {
        Save(Checkpoint(1));
        Save(Checkpoint(2));
        var path = Newest();
        var whole = File.ReadAllBytes(path);
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] ^= 1;
            try
            {
                var (generation, _) = CheckpointFile.Decode(damaged);
                Assert.True(i < Array.IndexOf(whole, (byte)'\n'), $"Byte {i} may be wrong, generation {generation}.");
            }
            catch (InvalidDataException)
            {
                // Noticed.
            }
        }
    }

    [Fact]
    public void With_both_torn_it_starts_from_nothing_with_warnings_and_works_on()
    {
        Save(Checkpoint(1));
        Save(Checkpoint(2));
        foreach (var slot in Slots())
        {
            Tear(slot, 20);
        }

        Assert.Null(Loaded());
        Assert.Equal(2, _log.Of(LogLevel.Warning).Length);
        Save(Checkpoint(3));
        Assert.Equal(3, Loaded());
    }

    [Fact]
    public void Another_version_is_not_read_and_the_warning_says_so()
    {
        Save(Checkpoint(1));
        var path = Newest();
        File.WriteAllText(path, File.ReadAllText(path).Replace("checkpoints 1 ", "checkpoints 2 ", StringComparison.Ordinal));
        Assert.Null(Loaded());
        Assert.Contains("version 2", Assert.Single(_log.Of(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_use_is_refused_with_what_to_do()
    {
        using var first = Open();
        var error = Assert.Throws<IOException>(Open);
        Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
        Assert.Contains("in use by another process", error.Message, StringComparison.Ordinal);
        first.Dispose();
        using var second = Open();
    }

    [Fact]
    public void A_save_that_finds_the_disk_full_leaves_the_generations_whole()
    {
        Save(Checkpoint(1));
        Save(Checkpoint(2));
        using (var store = Open())
        {
            DiskFull.Begin(_folder);
            for (var i = 0; i < 3; i++)
            {
                Assert.Throws<IOException>(() => store.Save([Checkpoint(3)]));
            }

            DiskFull.End(_folder);
        }

        Assert.Equal(2, Loaded());
        Save(Checkpoint(4));
        Assert.Equal(4, Loaded());
        Assert.Empty(_log.Of(LogLevel.Warning));
    }

    private CheckpointStore Open() => CheckpointStore.Open(_folder, _log);

    private void Save(Checkpoint checkpoint)
    {
        using var store = Open();
        store.Save([checkpoint]);
    }

    private long? Loaded()
    {
        using var store = Open();
        return store.Loaded.SingleOrDefault()?.Stdout.Offset;
    }

    private string[] Slots() => Directory.GetFiles(_folder, "checkpoints.?");

    private string Newest() => Slots().MaxBy(p => CheckpointFile.Decode(File.ReadAllBytes(p)).Generation)!;

    private static void Tear(string path, int length)
    {
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(length < 0 ? bytes.Length + length : length)]);
    }

    private static Checkpoint Checkpoint(long offset) => new()
    {
        SourceId = "0123456789abcdef0123",
        Path = "/var/log/ä\"b.log",
        Target = "default",
        Device = 5,
        Inode = 6,
        Stdout = new StreamMark(offset, 0, false),
        Stderr = new StreamMark(offset, 0, false),
    };
}
