using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Tributary.Collector.Checkpoints;
using Tributary.Collector.Counting;
using Tributary.Tests.Unit.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Checkpoints;

public sealed class CheckpointCodecTests
{
    [Fact]
    public void Every_field_comes_back()
    {
        var checkpoint = Of("ä/\"b", 1, 2, 3, true) with { FingerprintHash = ulong.MaxValue, Device = ulong.MaxValue, Stdout = new(long.MaxValue, int.MaxValue, true, int.MaxValue, int.MaxValue) };

        // A field that is not set here would prove nothing.
        foreach (var property in typeof(Checkpoint).GetProperties().Where(p => p.CanWrite))
        {
            var value = property.GetValue(checkpoint);
            Assert.False(
                value is null or "" || value.Equals(property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null),
                $"Give {property.Name} a value here, and a field in {nameof(CheckpointCodec)}.");
        }

        Same(checkpoint, CheckpointCodec.Decode(CheckpointCodec.Encode(checkpoint)));
    }

    [Fact]
    public void Whatever_is_encoded_is_decoded_equal() =>
        Prop.ForAll(OtlpGenerators.Bytes.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (path, seed) =>
        {
            var random = new Random(seed);
            var checkpoint = Of(System.Text.Encoding.Latin1.GetString(path), (ulong)random.NextInt64() >> random.Next(60), random.NextInt64() >> random.Next(60), (uint)random.Next(), random.Next(2) == 0);
            var encoded = CheckpointCodec.Encode(checkpoint);
            Same(checkpoint, CheckpointCodec.Decode(encoded));
            return CheckpointCodec.DecodeKey(CheckpointCodec.EncodeKey(checkpoint.Key)) == checkpoint.Key
                && System.Text.Encoding.UTF8.GetString(CheckpointCodec.PathOf(encoded)) == checkpoint.Path;
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Any_bytes_are_a_checkpoint_or_refused() =>
        Prop.ForAll(OtlpGenerators.Bytes.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (bytes, seed) =>
        {
            var random = new Random(seed);
            var damaged = CheckpointCodec.Encode(Of("a", 1, 2, 3, true));
            bytes.AsSpan(0, Math.Min(bytes.Length, 3)).CopyTo(damaged.AsSpan(random.Next(damaged.Length - 3)));
            return Refuses(bytes) | Refuses(damaged);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_field_that_is_not_known_is_passed_over()
    {
        var checkpoint = Of("a", 1, 2, 3, false);
        byte[] later = [.. CheckpointCodec.Encode(checkpoint), 0xA0, 0x3F, 0x05, 0xA2, 0x3F, 0x02, 1, 2, 0xA1, 0x3F, 1, 2, 3, 4, 5, 6, 7, 8];
        Same(checkpoint, CheckpointCodec.Decode(later));
    }

    /// <summary>No other exception may come.</summary>
    private static bool Refuses(byte[] bytes)
    {
        try
        {
            _ = CheckpointCodec.Decode(bytes);
        }
        catch (InvalidDataException)
        {
            // As said.
        }

        return true;
    }

    private static void Same(Checkpoint expected, Checkpoint actual) =>
        Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));

    private static Checkpoint Of(string path, ulong inode, long offset, uint crc, bool midLine) => new()
    {
        SourceId = "0123456789abcdef0123",
        Path = "/var/log/" + path,
        Declaration = "shop/" + path,
        Target = "t",
        Device = 7,
        Inode = inode,
        FingerprintLength = 1024,
        FingerprintHash = inode * 31 + 1,
        Tail = new(offset, 256, inode * 37 + 1),
        Compressed = true,
        RealPath = "/real" + path,
        Cursor = "boot|" + path,
        Stdout = new(offset, 1, midLine, 3, 4),
        Stderr = new(offset + 1, 0, !midLine),
        Size = offset + 9,
        LastSeen = 1_795_255_200,
        GoneSince = 5,
        Tally = new FileTally
        {
            From = 1,
            To = offset,
            Crc = crc,
            Skipped = 2,
            Newlines = 3,
            EndsOpen = midLine,
            Records = 4,
            Unparsed = 5,
            FirstTime = 6,
            LastTime = ulong.MaxValue,
            Dropped = new SortedDictionary<string, long> { ["rate"] = 1, ["ä"] = offset },
        },
        Drained = new Guid((int)crc, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    };
}
