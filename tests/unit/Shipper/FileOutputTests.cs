using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Resource.V1;
using Tributary.Shipper;
using Tributary.Shipper.Ndjson;
using Tributary.Shipper.Outputs;
using Tributary.Testing;
using Tributary.Tests.Unit.Hosting;
using Xunit;

namespace Tributary.Tests.Unit.Shipper;

public sealed class FileOutputTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new("output");
    private readonly ShipperMetrics _metrics = new();
    private readonly RecordedLog _log = new();
    private readonly FakeTime _time = new(new DateTimeOffset(2026, 11, 21, 23, 59, 0, TimeSpan.Zero));

    public void Dispose()
    {
        _metrics.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task There_is_one_file_a_target_and_utc_day()
    {
        using var output = Open();
        await WriteAsync(output, "a", "1");
        await WriteAsync(output, "b", "2");
        _time.Advance(TimeSpan.FromMinutes(2));
        await WriteAsync(output, "a", "3");

        Assert.Equal(["1"], Bodies("a", "2026-11-21"));
        Assert.Equal(["2"], Bodies("b", "2026-11-21"));
        Assert.Equal(["3"], Bodies("a", "2026-11-22"));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("{\"body\":\"old\"}\n", 0)]
    [InlineData("{\"body\":\"old\"}\n{\"bo", 4)]
    [InlineData("{\"bo", 4)]
    public async Task A_torn_last_line_is_cut_with_a_warning(string content, int torn)
    {
        var path = _folder.Write("t/2026-11-21.ndjson", content);
        using var output = Open();

        await WriteAsync(output, "t", "new");

        Assert.Equal(content.Length > torn ? ["old", "new"] : ["new"], Bodies("t", "2026-11-21"));
        Assert.Equal(torn > 0 ? 1 : 0, _log.Lines.Count(line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains(path, StringComparison.Ordinal) && line.Contains($"{torn} bytes", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_torn_last_line_of_ten_mebibytes_is_cut(bool afterWholeLine)
    {
        _folder.Write("t/2026-11-21.ndjson", (afterWholeLine ? "{\"body\":\"old\"}\n" : "") + new string('x', 10 * 1_048_576));
        using var output = Open();

        await WriteAsync(output, "t", "new");

        Assert.Equal(afterWholeLine ? ["old", "new"] : ["new"], Bodies("t", "2026-11-21"));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task A_folder_that_cannot_be_listed_is_told_and_the_others_are_used()
    {
        var hidden = Directory.CreateDirectory(_folder.Combine("lost+found")).FullName;
        File.SetUnixFileMode(hidden, UnixFileMode.None);
        try
        {
            using var output = Open();
            await WriteAsync(output, "t", "1");

            Assert.Equal(["1"], Bodies("t", "2026-11-21"));
            // Root lists every folder.
            Assert.Equal(!Environment.IsPrivilegedProcess, _log.Lines.Any(line => line.Contains(hidden, StringComparison.Ordinal)));
        }
        finally
        {
            File.SetUnixFileMode(hidden, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void A_second_user_of_the_folder_is_refused_with_what_to_do()
    {
        using var output = Open();

        var error = Assert.Throws<IOException>(Open);

        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("in use by another process; stop that one or name another folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_is_refused_until_the_first_has_ended()
    {
        await using var holder = ChildProcess.Start("flock", [_folder.Write(".lock", ""), "sh", "-c", "echo held; exec sleep 60"]);
        await holder.WaitForLineAsync(line => line == "held", Timeout);
        Assert.Throws<IOException>(Open);

        await holder.EndAsync(UnixSignal.Kill);

        Open().Dispose();
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_not_called_in_use()
    {
        var file = _folder.Write("file", "");

        var error = Assert.Throws<IOException>(() => new FileOutput(Path.Combine(file, "below"), _time, _metrics, _log));

        Assert.Contains("cannot be used", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("another process", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Concurrent_batches_each_stay_in_one_piece()
    {
        using var output = Open();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(batch => WriteAsync(output, "t", [.. Enumerable.Range(0, 20).Select(line => $"{batch}:{line}")])));

        var bodies = Bodies("t", "2026-11-21");

        Assert.Equal(2_000, bodies.Distinct().Count());
        Assert.All(bodies.Chunk(20), chunk => Assert.Equal(Enumerable.Range(0, 20).Select(line => $"{chunk[0].Split(':')[0]}:{line}"), chunk));
    }

    [Fact]
    public async Task A_write_that_fails_is_repeated_until_it_works()
    {
        var blocker = _folder.Write("t", "a file where the target's folder should be");
        using var output = Open();
        var write = WriteAsync(output, "t", "1");
        await Eventually.TrueAsync(() => _time.Waiting > 0, Timeout, "the back-off");
        Assert.False(write.IsCompleted);

        File.Delete(blocker);
        _time.Advance(TimeSpan.FromSeconds(1));

        await write.WaitAsync(Timeout);
        Assert.Equal(["1"], Bodies("t", "2026-11-21"));
        Assert.Contains(_log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("trying again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_ends_the_wait_at_once()
    {
        _folder.Write("t", "a file where the target's folder should be");
        using var output = Open();
        using var stop = new CancellationTokenSource();
        var (batch, request) = TestRequest.Batch("t", "1");
        var write = output.WriteAsync(batch, request, stop.Token);
        await Eventually.TrueAsync(() => _time.Waiting > 0, Timeout, "the back-off");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.WaitAsync(Timeout));
    }

    [Fact]
    public async Task A_batch_that_waits_when_the_output_is_disposed_fails_and_does_not_hang()
    {
        _folder.Write("t", "a file where the target's folder should be");
        var output = Open();
        var write = WriteAsync(output, "t", "1");
        await Eventually.TrueAsync(() => _time.Waiting > 0, Timeout, "the back-off");

        output.Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<Exception>(() => write.WaitAsync(Timeout));
        Assert.False(write.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("rename")]
    [InlineData("truncate")]
    [InlineData("delete folder")]
    public async Task A_file_that_somebody_else_takes_away_is_made_anew_and_no_batch_goes_into_nothing(string what)
    {
        var path = _folder.Combine("t", "2026-11-21.ndjson");
        using var output = Open();
        await WriteAsync(output, "t", "1");
        switch (what)
        {
            case "delete":
                File.Delete(path);
                break;
            case "rename":
                File.Move(path, path + ".1");
                break;
            case "truncate":
                File.WriteAllBytes(path, []);
                break;
            default:
                Directory.Delete(_folder.Combine("t"), recursive: true);
                break;
        }

        await WriteAsync(output, "t", "2");

        Assert.Equal(["2"], Bodies("t", "2026-11-21"));
    }

    [Fact]
    public async Task A_malformed_batch_leaves_no_byte()
    {
        using var output = Open();
        var (batch, request) = TestRequest.Batch("t", "1", "2");

        await Assert.ThrowsAsync<InvalidDataException>(() => output.WriteAsync(batch, request.AsMemory(0, request.Length - 1), CancellationToken.None));
        await Assert.ThrowsAsync<InvalidDataException>(() => output.WriteAsync(batch with { Records = 3 }, request, CancellationToken.None));

        Assert.False(Directory.Exists(_folder.Combine("t")));
    }

    [Fact]
    public async Task A_batch_whose_lines_are_far_larger_than_itself_is_written_whole_and_in_pieces()
    {
        const int Records = 2_000;
        var request = new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs { Resource = new Resource { Attributes = { TestRequest.Attribute("large", new string('x', 20_000)) } }, ScopeLogs = { new ScopeLogs() } } },
        };
        for (var i = 0; i < Records; i++)
        {
            request.ResourceLogs[0].ScopeLogs[0].LogRecords.Add(new LogRecord { Body = new AnyValue { StringValue = $"{i}" } });
        }

        var batch = TestRequest.Seal("t", request);
        using var output = Open();

        await output.WriteAsync(batch, request.ToByteArray(), CancellationToken.None);
        await WriteAsync(output, "t", "next");

        Assert.True(new FileInfo(_folder.Combine("t", "2026-11-21.ndjson")).Length > 2 * NdjsonEncoder.PieceBytes);
        Assert.Equal([.. Enumerable.Range(0, Records).Select(i => $"{i}"), "next"], Bodies("t", "2026-11-21"));
    }

    [Fact]
    public async Task A_target_that_is_quiet_holds_no_file_open()
    {
        using var output = Open();
        for (var i = 0; i < 20; i++)
        {
            await WriteAsync(output, $"t{i}", "1");
        }

        await Eventually.TrueAsync(() => OpenFiles().Length == 0, Timeout, "the files to be closed");

        string[] OpenFiles() => [.. Directory.GetFiles("/proc/self/fd")
            .Select(fd => new FileInfo(fd).LinkTarget)
            .OfType<string>()
            .Where(file => file.StartsWith(_folder.Path, StringComparison.Ordinal) && file.EndsWith(".ndjson", StringComparison.Ordinal))];
    }

    private FileOutput Open() => new(_folder, _time, _metrics, _log);

    private static Task WriteAsync(FileOutput output, string target, params string[] bodies)
    {
        var (batch, request) = TestRequest.Batch(target, bodies);
        return output.WriteAsync(batch, request, CancellationToken.None);
    }

    private List<string> Bodies(string target, string day) =>
        [.. File.ReadAllLines(_folder.Combine(target, day + ".ndjson"), Encoding.UTF8).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("body").GetString()!)];
}
