using RabbitMQ.Client;
using Tributary.Testing;

namespace Tributary.Tests.Integration.Shipper;

/// <summary>A virtual host of its own on a broker, so that tests with the same queue names do not meet. It ends with the broker.</summary>
internal sealed class VirtualHost
{
    private static int s_count;

    private readonly RabbitMq _broker;

    private VirtualHost(RabbitMq broker, string name)
    {
        _broker = broker;
        Name = name;
    }

    public string Name { get; }

    public Uri Uri => new(_broker.Uri, "/" + Name);

    public static async Task<VirtualHost> CreateAsync(RabbitMq broker)
    {
        var name = "shipper-" + Interlocked.Increment(ref s_count);
        await Eventually.TrueAsync(async () => (await broker.EvaluateAsync("1 + 1")) == "2", TimeSpan.FromSeconds(20), "the broker to answer");
        await broker.EvaluateAsync($"rabbit_vhost:add(<<\"{name}\">>, <<\"test\">>)");
        await broker.EvaluateAsync($"rabbit_auth_backend_internal:set_permissions(<<\"guest\">>, <<\"{name}\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>)");
        return new VirtualHost(broker, name);
    }

    public Task<IConnection> ConnectAsync() => new ConnectionFactory { Uri = Uri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    /// <summary>Ready and unacknowledged messages; null when there is no such queue.</summary>
    public async Task<long?> QueueLengthAsync(string queue)
    {
        var length = await _broker.EvaluateAsync(
            $$"""
            case rabbit_amqqueue:lookup({resource, <<"{{Name}}">>, queue, <<"{{queue}}">>}) of
                {ok, Q} -> [{messages, M}] = rabbit_amqqueue:info(Q, [messages]), M;
                {error, not_found} -> none
            end
            """);
        return length == "none" ? null : long.Parse(length, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Ends every connection from the broker's side.</summary>
    public Task CloseConnectionsAsync() =>
        _broker.EvaluateAsync($"[rabbit_networking:close_connection(P, \"test\") || [{{pid, P}}, {{vhost, <<\"{Name}\">>}}] <- rabbit_networking:connection_info_all([pid, vhost])]");

    /// <summary>Names of all queues and exchanges, as one text.</summary>
    public async Task<string> EntitiesAsync() =>
        await _broker.EvaluateAsync($"[element(4, amqqueue:get_name(Q)) || Q <- rabbit_amqqueue:list(<<\"{Name}\">>)]")
        + await _broker.EvaluateAsync($"[element(4, element(2, X)) || X <- rabbit_exchange:list(<<\"{Name}\">>)]");
}
