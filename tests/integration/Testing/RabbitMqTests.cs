using System.Text;
using RabbitMQ.Client;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Testing;

public sealed class RabbitMqTests
{
    private const string Queue = "kept";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);
    private static readonly Dictionary<string, object?> s_quorum = new() { ["x-queue-type"] = "quorum" };

    [Theory]
    [InlineData(UnixSignal.Terminate)]
    [InlineData(UnixSignal.Kill)]
    public async Task A_confirmed_message_in_a_quorum_queue_outlives_a_stopped_broker(UnixSignal signal)
    {
        await using var broker = await RabbitMq.StartAsync();
        var uri = broker.Uri;
        await PublishConfirmedAsync(uri, "first");

        await broker.SyncQueueNamesAsync();
        await broker.StopAsync(signal);
        Assert.False(broker.IsRunning);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(uri));
        await broker.StartAgainAsync();

        Assert.Equal(uri, broker.Uri);
        await Eventually.TrueAsync(async () => await broker.QueueLengthAsync(Queue) == 1, s_timeout, "the message to be back");
        Assert.Equal("first", await TakeAsync(uri));
    }

    [Fact]
    public async Task A_memory_alarm_blocks_publishers_until_it_is_lifted()
    {
        await using var broker = await RabbitMq.StartAsync();
        await using var connection = await ConnectAsync(broker.Uri);
        var blocked = new TaskCompletionSource();
        var unblocked = new TaskCompletionSource();
        connection.ConnectionBlockedAsync += (_, _) => { blocked.TrySetResult(); return Task.CompletedTask; };
        connection.ConnectionUnblockedAsync += (_, _) => { unblocked.TrySetResult(); return Task.CompletedTask; };

        await broker.SetMemoryAlarmAsync(on: true);
        var publish = PublishConfirmedAsync(connection, "held back");
        await blocked.Task.WaitAsync(s_timeout);
        Assert.False(publish.IsCompleted);

        await broker.SetMemoryAlarmAsync(on: false);
        await unblocked.Task.WaitAsync(s_timeout);
        await publish.WaitAsync(s_timeout);
    }

    [Fact]
    public async Task A_queue_is_emptied_and_one_that_is_missing_stays_missing()
    {
        await using var broker = await RabbitMq.StartAsync();
        await PublishConfirmedAsync(broker.Uri, "first");
        await Eventually.TrueAsync(async () => await broker.QueueLengthAsync(Queue) == 1, s_timeout, "the message to be counted");

        await broker.EmptyAsync(Queue);
        await broker.EmptyAsync("no-such-queue");

        Assert.Equal(0, await broker.QueueLengthAsync(Queue));
        Assert.Null(await broker.QueueLengthAsync("no-such-queue"));
    }

    [Fact]
    public async Task Nothing_of_a_broker_is_left_when_it_is_disposed()
    {
        var broker = await RabbitMq.StartAsync();
        var home = await broker.CtlAsync("eval", "os:getenv(\"HOME\").");
        var folder = Path.GetDirectoryName(home.Trim().Trim('"'))!;
        Assert.True(Directory.Exists(folder));

        await broker.DisposeAsync();

        Assert.False(Directory.Exists(folder));
        Assert.Empty(ProcessesNaming(folder));
    }

    private static IEnumerable<string> ProcessesNaming(string folder) =>
        Directory.EnumerateDirectories("/proc")
            .Where(path => int.TryParse(Path.GetFileName(path), out _))
            .Where(path => ReadOrEmpty(path + "/environ").Contains(folder, StringComparison.Ordinal));

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static Task<IConnection> ConnectAsync(Uri uri) =>
        new ConnectionFactory { Uri = uri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    private static async Task PublishConfirmedAsync(Uri uri, string text)
    {
        await using var connection = await ConnectAsync(uri);
        await PublishConfirmedAsync(connection, text);
    }

    private static async Task PublishConfirmedAsync(IConnection connection, string text)
    {
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, s_quorum);
        await channel.BasicPublishAsync("", Queue, mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(text));
    }

    private static async Task<string?> TakeAsync(Uri uri)
    {
        await using var connection = await ConnectAsync(uri);
        await using var channel = await connection.CreateChannelAsync();
        var message = await channel.BasicGetAsync(Queue, autoAck: true);
        return message is null ? null : Encoding.UTF8.GetString(message.Body.Span);
    }
}
