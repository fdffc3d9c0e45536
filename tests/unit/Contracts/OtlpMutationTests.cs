using System.Diagnostics;
using FsCheck.Fluent;
using Google.Protobuf;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Contracts;

/// <summary>What a hostile or damaged batch may do to the reader: give a result or an <see cref="InvalidDataException"/>, without memory of its own.</summary>
public sealed class OtlpMutationTests
{
    private const int Seed = 20_261;
    private const int Inputs = 300_000;
    private const int InputsMin = 30_000;

    // Exceptions are what the time goes for.
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(8);

    private static readonly byte[][] Valid = [.. OtlpGenerators.Request.Sample(200).Select(r => r.ToByteArray()).Where(b => b.Length > 0).Append(OwnRequest())];

    [Fact]
    public void Every_truncation_is_a_result_or_invalid_data()
    {
        foreach (var bytes in Valid.Where(b => b.Length < 3_000))
        {
            for (var length = 0; length < bytes.Length; length += 1 + (bytes.Length / 300))
            {
                Walk(bytes.AsSpan(0, length));
            }
        }
    }

    [Fact]
    public void Random_mutations_are_a_result_or_invalid_data_within_bounded_memory()
    {
        var random = new Random(Seed);
        var start = Stopwatch.GetTimestamp();
        var results = 0;
        var inputs = 0;
        for (; inputs < Inputs && Stopwatch.GetElapsedTime(start) < TimeMax; inputs++)
        {
            var bytes = Mutate(random, Valid[random.Next(Valid.Length)]);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var isResult = Walk(bytes);
            results += isResult ? 1 : 0;
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 16_384, $"input {inputs} of seed {Seed} allocated {allocated} bytes");
        }

        Assert.True(inputs >= InputsMin, $"only {inputs} inputs in {TimeMax}");
        Assert.InRange(results, inputs / 100, inputs * 99 / 100);
    }

    private static byte[] Mutate(Random random, byte[] valid)
    {
        byte[] bytes = [.. valid];
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Length > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = 0xFF;
                    break;
                case 3:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 9))..]];
                    break;
                case 4:
                    bytes = [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]];
                    break;
                default:
                    var from = random.Next(bytes.Length);
                    bytes = [.. bytes[..at], .. bytes[from..Math.Min(bytes.Length, from + 40)], .. bytes[at..]];
                    break;
            }
        }

        return bytes;
    }

    /// <summary>Reads everything; false for malformed bytes. Any other exception fails the test.</summary>
    private static bool Walk(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new OtlpLogReader(bytes);
            while (reader.Next(out var record))
            {
                Follow(OtlpValue.Parse(record.Body), 0);
                Follow(record.Attributes, 0);
                Follow(OtlpAttributeReader.OfResource(reader.Resource), 0);
            }

            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static void Follow(OtlpAttributeReader attributes, int depth)
    {
        while (attributes.Next(out _, out var value))
        {
            Follow(value, depth);
        }
    }

    private static void Follow(in OtlpValue value, int depth)
    {
        if (depth == 20)
        {
            return;
        }

        if (value.Kind == OtlpValueKind.KeyValueList)
        {
            Follow(value.Members, depth + 1);
        }
        else if (value.Kind == OtlpValueKind.Array)
        {
            var elements = value.Elements;
            while (elements.Next(out var element))
            {
                Follow(element, depth + 1);
            }
        }
    }

    private static byte[] OwnRequest()
    {
        using var writer = new OtlpBatchWriter();
        writer.BeginSection(OtlpResource.Encode([new(OtlpAttributes.SourceId, "s1")]));
        writer.Append(1, 2, 3, 0, "one"u8);
        writer.Append(1, 2, 3, 1, [0xFF]);
        writer.EndSection();
        return writer.Written.ToArray();
    }
}
