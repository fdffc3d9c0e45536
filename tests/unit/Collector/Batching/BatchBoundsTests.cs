using Tributary.Collector.Batching;
using Tributary.Contracts.Batches;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Batching;

public sealed class BatchBoundsTests
{
    /// <summary>AMQP bounds the headers of a message by one frame, 128 KiB at RabbitMQ.</summary>
    [Fact]
    public async Task A_batch_of_many_files_keeps_its_headers_within_a_frame()
    {
        const int Files = BatchBuilder.FilesMax * 3;
        await using var rig = new CollectorRig();
        rig.Options.BatchAgeMax = TimeSpan.FromSeconds(1);
        for (var i = 0; i < Files; i++)
        {
            rig.Append($"{i}.log", $"line {i}\n");
            rig.Follow($"{i}.log");
        }

        rig.Start();
        await rig.ExpectAsync(Enumerable.Range(0, Files).Select(i => $"line {i}"));
        Assert.All(rig.Publisher.Attempts, b => Assert.InRange(SourceRange.Format(b.Sources).Length, 1, 64 * 1024));
    }
}
