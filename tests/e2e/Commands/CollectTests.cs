using System.Text.Json;
using Tributary.Contracts;
using Tributary.Testing;
using Tributary.Tests.E2e.Delivered;
using Tributary.Tests.E2e.Processes;
using Xunit;

namespace Tributary.Tests.E2e.Commands;

public sealed class CollectTests(SharedRabbitMq sharedBroker)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Corpus _corpus = new();

    [Theory]
    [InlineData("file:out")]
    [InlineData("null:")]
    public async Task A_second_run_over_the_same_files_and_state_delivers_nothing(string to)
    {
        using var folder = new TempFolder("collect");
        var records = WriteLogs(folder);

        var first = await DrainAsync(folder, to);
        var second = await DrainAsync(folder, to);

        Assert.Equal((records, 3), (Number(first, "records"), Number(first, "files")));
        Assert.Equal((0, 0), (Number(second, "records"), Number(second, "lines")));
        Assert.Equal(Directory.GetFiles(folder.Combine("logs")).Sum(f => new FileInfo(f).Length), Number(first, "bytes_read"));
        Assert.True(first.GetProperty("drained").GetBoolean() && second.GetProperty("drained").GetBoolean());
        if (to != "null:")
        {
            AssertEachOnce(new NdjsonFolder(folder.Combine("out")).TakeNew(), records);
        }
    }

    [Fact]
    public async Task A_second_run_to_RabbitMQ_delivers_nothing_and_the_first_arrives_once()
    {
        var broker = await sharedBroker.GetAsync();
        await broker.EmptyAsync(Topology.DefaultQueue);
        using var folder = new TempFolder("collect");
        var records = WriteLogs(folder);

        var first = await DrainAsync(folder, broker.Uri.OriginalString);
        var queued = await broker.QueueLengthAsync(Topology.DefaultQueue);
        var second = await DrainAsync(folder, broker.Uri.OriginalString);

        Assert.Equal((records, 0), (Number(first, "records"), Number(second, "records")));
        Assert.Equal(Number(first, "batches_confirmed"), queued);
        Assert.Equal(queued, await broker.QueueLengthAsync(Topology.DefaultQueue));
        await using var pipeline = new Pipeline(broker.Uri, new Uri("unix:///nowhere.sock"), "collected");
        pipeline.Shipper.Start();
        var arrived = new List<DeliveredRecord>();
        await LogTails.OnTimeoutAsync(
            Eventually.TrueAsync(
                () =>
                {
                    arrived.AddRange(pipeline.Delivered.TakeNew());
                    return arrived.Count >= records;
                },
                s_patience, "the records to be delivered"),
            pipeline.Shipper);
        AssertEachOnce(arrived, records);
    }

    [Fact]
    public async Task Stopped_in_the_middle_and_run_again_everything_is_delivered_once()
    {
        using var folder = new TempFolder("collect");
        folder.MakeFolder("logs");
        var file = _corpus.Write(folder.Combine("logs", "big.log"), LogFormat.Cri, 600_000);
        var output = new NdjsonFolder(folder.Combine("out"));
        await using var process = CommandLine.Start(folder, "collect", "logs/*.log", "--to", "file:out", "--state", "state", "--until-drained", "--json");
        await Eventually.TrueAsync(() => output.Files.Sum(f => new FileInfo(f).Length) > 0, s_patience, "the first records");

        process.Signal(UnixSignal.Terminate);
        var first = await CommandLine.FinishAsync(process);
        var second = await DrainAsync(folder, "file:out");

        Assert.True(first.Code == 3, first.ToString());
        Assert.Contains(first.Errors, e => e.Contains("--state", StringComparison.Ordinal));
        var before = Number(JsonDocument.Parse(first.Output[^1]).RootElement, "records");
        Assert.InRange(before, 1, file.Records - 1);
        Assert.Equal(file.Records, before + Number(second, "records"));
        AssertEachOnce(output.TakeNew(), file.Records);
    }

    [Fact]
    public async Task What_cannot_be_read_is_said_once_and_the_others_are_delivered()
    {
        using var folder = new NobodysFolder();
        folder.Write("logs/good.log", "one\ntwo\nthree\n");
        File.SetUnixFileMode(folder.Write("logs/secret.log", "not for us\n"), UnixFileMode.None);
        folder.Write("logs/folder/inside.txt", "not asked for\n");
        await using var process = CommandLine.StartAsNobody(
            folder, "collect", "logs/*.log", "logs/folder", "absent-*.log", "absent.log", "--to", "file:out", "--state", "state", "--until-drained", "--json");

        var run = await CommandLine.FinishAsync(process);

        Assert.True(run.Code == 3, run.ToString());
        foreach (var name in new[] { "logs/secret.log", "logs/folder", "absent-*.log", "absent.log" })
        {
            Assert.Single(run.Errors, e => e.Contains(folder.Combine(name), StringComparison.Ordinal));
        }

        Assert.Equal(["one", "two", "three"], new NdjsonFolder(folder.Combine("out")).TakeNew().Select(r => r.Body));
    }

    [Theory]
    [InlineData("--to", "somewhere", "somewhere")]
    [InlineData("--to", "amqp://user:secret@", "--to")]
    [InlineData("--format", "xml", "xml")]
    [InlineData("--target", "two words", "two words")]
    [InlineData("--compression", "lz4", "lz4")]
    [InlineData("--colour", "red", "--colour")]
    [InlineData("logs/[a", "logs/b", "logs/[a")]
    public async Task A_wrong_argument_is_named_in_a_sentence_and_nothing_is_started(string option, string value, string named)
    {
        using var folder = new TempFolder("collect");
        folder.Write("a.log", "line\n");

        var run = await CommandLine.RunAsync(folder, "collect", "a.log", "--until-drained", option, value);

        Assert.True(run.Code == 1, run.ToString());
        Assert.Contains(run.Errors, e => e.Contains(named, StringComparison.Ordinal));
        Assert.DoesNotContain(run.Errors, e => e.Contains("secret", StringComparison.Ordinal) || e.Contains("   at ", StringComparison.Ordinal));
        Assert.Equal([folder.Combine("a.log")], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task Without_a_pattern_nothing_is_started()
    {
        using var folder = new TempFolder("collect");

        var run = await CommandLine.RunAsync(folder, "collect");

        Assert.True(run.Code == 1, run.ToString());
        Assert.Contains(run.Errors, e => e.Contains("collect", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_state_folder_in_use_is_refused_with_its_name()
    {
        using var folder = new TempFolder("collect");
        folder.Write("a.log", "line\n");
        await using var holder = CommandLine.Start(folder, "collect", "a.log", "--to", "file:out", "--state", "state");
        var output = new NdjsonFolder(folder.Combine("out"));
        await Eventually.TrueAsync(() => output.TakeNew().Count > 0, s_patience, "the first record");

        var second = await CommandLine.RunAsync(folder, "collect", "a.log", "--to", "null:", "--state", "state", "--until-drained");

        Assert.True(second.Code == 2, second.ToString());
        Assert.Contains(second.Errors, e => e.Contains(folder.Combine("state"), StringComparison.Ordinal) && e.Contains("in use", StringComparison.Ordinal));
        holder.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await holder.WaitForExitAsync(s_patience));
    }

    /// <summary>Three files in the three formats; the number of their records, which are numbered from 0.</summary>
    private long WriteLogs(TempFolder folder)
    {
        folder.MakeFolder("logs");
        long next = 0;
        foreach (var format in new[] { LogFormat.Cri, LogFormat.Docker, LogFormat.Raw })
        {
            next += _corpus.Write(folder.Combine("logs", format + ".log"), format, 20_000, next).Records;
        }

        return next;
    }

    private static async Task<JsonElement> DrainAsync(TempFolder folder, string to)
    {
        var run = await CommandLine.RunAsync(folder, "collect", "logs/*.log", "--to", to, "--state", "state", "--until-drained", "--json");
        Assert.True(run.Code == 0, run.ToString());
        return JsonDocument.Parse(Assert.Single(run.Output)).RootElement;
    }

    private void AssertEachOnce(IReadOnlyCollection<DeliveredRecord> arrived, long records)
    {
        var seen = new SequenceSet(0, records);
        foreach (var record in arrived)
        {
            var number = Corpus.Sequence(record.Body) ?? -1;
            seen.Add(number);
            Assert.Equal(_corpus.Text(number), record.Body);
        }

        Assert.True(seen.IsComplete && seen.Duplicates == 0 && seen.Unexpected == 0, seen.ToString());
        Assert.Equal(records, arrived.Select(r => r.Uid).Distinct().LongCount());
    }

    private static long Number(JsonElement account, string name) => account.GetProperty(name).GetInt64();
}
