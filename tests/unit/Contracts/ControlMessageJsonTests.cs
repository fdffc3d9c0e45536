using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit.Serialization;
using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Contracts;

/// <summary>Control messages through the JSON that MassTransit puts into its envelope.</summary>
public sealed class ControlMessageJsonTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 21, 8, 0, 0, 123, TimeSpan.Zero);

    private static readonly LogSource Source = new()
    {
        Name = "stdout",
        Path = "/var/lib/docker/containers/c1/c1-json.log",
        Format = LogFormat.Docker,
        Target = "shop",
        Streams = ["stdout"],
        Tags = new Dictionary<string, string> { ["Team"] = "a\"b", ["zone.name"] = "ü" },
        Config = "tomcat",
        ConfigVersion = "v3",
        Reason = "The driver 'local' cannot be read; use json-file.",
    };

    private static readonly ContainerInfo Container = new()
    {
        Id = "c1",
        Name = "web",
        Runtime = "docker",
        Namespace = "shop",
        State = ContainerState.Stopped,
        RestartCount = 4,
        Generation = 1L << 53,
        StartedAt = Time,
        FinishedAt = Time.AddTicks(1),
        Attributes = new Dictionary<string, string> { ["container.id"] = "c1", ["K8s.Pod.Name"] = "web-0" },
        Sources = [Source, Source with { Name = "access", Config = null, ConfigVersion = null, Reason = null, Format = LogFormat.Raw }],
    };

    private static readonly object[] Messages =
    [
        Source,
        Container,
        new ContainerStarted { Node = "n1", ContainerId = "c1", RestartCount = 4, Generation = 7, Time = Time, Container = Container },
        new ContainerStopped { Node = "n1", ContainerId = "c1", RestartCount = 4, Generation = 8, Time = Time, Container = Container },
        new ContainerRemoved { Node = "n1", ContainerId = "c1", RestartCount = 4, Generation = 9, Time = Time },
        new NodeSnapshotRequested { Node = "n1", Requester = "collector", Time = Time },
        new NodeSnapshot { Node = "n1", SnapshotId = Guid.NewGuid(), Generation = 10, Time = Time, ChunkIndex = 1, ChunkCount = 2, Containers = [Container] },
        new BatchStored { BatchId = Guid.NewGuid() },
    ];

    private static JsonSerializerOptions Options => SystemTextJsonMessageSerializer.Options;

    [Fact]
    public void Every_message_comes_back_with_every_property()
    {
        Assert.Equal(ContractText.Records, Messages.Select(m => m.GetType()).OrderBy(t => t.FullName, StringComparer.Ordinal));
        foreach (var message in Messages)
        {
            var json = JsonSerializer.Serialize(message, message.GetType(), Options);
            var back = JsonSerializer.Deserialize(json, message.GetType(), Options)!;

            foreach (var property in message.GetType().GetProperties().Where(p => p.CanWrite))
            {
                Assert.Equivalent(property.GetValue(message), property.GetValue(back), strict: true);
            }

            Assert.Equal(json, JsonSerializer.Serialize(back, message.GetType(), Options));
        }
    }

    [Fact]
    public void Keys_of_attributes_and_tags_keep_their_case()
    {
        var back = JsonSerializer.Deserialize<ContainerInfo>(JsonSerializer.Serialize(Container, Options), Options)!;
        Assert.Equal(["K8s.Pod.Name", "container.id"], back.Attributes.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["Team", "zone.name"], back.Sources[0].Tags.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_message_of_a_newer_version_is_still_read()
    {
        foreach (var message in Messages)
        {
            var json = JsonNode.Parse(JsonSerializer.Serialize(message, message.GetType(), Options))!.AsObject();
            json["addedLater"] = new JsonObject { ["a"] = 1 };

            var back = JsonSerializer.Deserialize(json.ToJsonString(), message.GetType(), Options)!;

            json.Remove("addedLater");
            Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(JsonSerializer.Serialize(back, message.GetType(), Options))), message.GetType().Name);
        }
    }

    [Fact]
    public void A_message_of_an_older_version_has_defaults_for_what_was_optional()
    {
        const string Json = """{"id":"c1","name":"web","runtime":"docker","state":0,"generation":1}""";

        var container = JsonSerializer.Deserialize<ContainerInfo>(Json, Options)!;

        Assert.Equal("", container.Namespace);
        Assert.Equal(0, container.RestartCount);
        Assert.Null(container.StartedAt);
        Assert.Empty(container.Attributes);
        Assert.Empty(container.Sources);
    }
}
