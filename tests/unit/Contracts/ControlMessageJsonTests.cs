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

    private static readonly CollectorError Error = new() { Name = "web", Path = "/a", Error = "permission" };

    private static readonly SourceStatus SourceOf = new()
    {
        Key = "k",
        Name = "web",
        ContainerId = "c1",
        Path = "/a",
        Target = "shop",
        Config = "tomcat",
        ConfigVersion = "v3",
        State = SourceState.Failing,
        Files = 1,
        SizeBytes = 2,
        ReadBytes = 3,
        ConfirmedBytes = 4,
        LagBytes = 5,
        LagSeconds = 6.5,
        BytesTotal = 7,
        LinesTotal = 8,
        RecordsTotal = 9,
        UnparsedTotal = 10,
        Dropped = new Dictionary<string, long> { ["No-Health"] = 11 },
        Problem = "permission",
    };

    private static readonly DrainedFile Drained = new()
    {
        SourceId = "ab",
        Path = "/a",
        Device = ulong.MaxValue,
        Inode = 2,
        From = 3,
        FinalOffset = 4,
        Bytes = 1,
        Crc32c = "00000001",
        SkippedBytes = 5,
        Lines = 6,
        Records = 7,
        Unparsed = 8,
        Dropped = new Dictionary<string, long> { ["Noise"] = 9 },
        FirstTime = Time,
        LastTime = Time.AddTicks(1),
        ReadToEnd = false,
    };

    private static readonly FollowedFile Followed = new()
    {
        SourceId = "ab",
        Path = "/a",
        Device = 1,
        Inode = 2,
        Size = 3,
        ReadOffset = 4,
        ConfirmedOffset = 5,
        Open = true,
        Drained = true,
        Source = "web",
        Target = "shop",
        Config = "tomcat",
        ConfigVersion = "v3",
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
        Error,
        SourceOf,
        new CollectorStatus
        {
            Node = "n1",
            Time = Time,
            StartedAt = Time.AddDays(-1),
            Problem = "late",
            SourceCount = 1,
            OpenFiles = 2,
            LagBytes = 3,
            LagSeconds = 4.5,
            HeldBytes = 5,
            OldestUnconfirmedSeconds = 6.25,
            BytesRead = 7,
            Lines = 8,
            Records = 9,
            BatchesConfirmed = 10,
            Dropped = new Dictionary<string, long> { ["Read.error"] = 11 },
            Sources = [SourceOf],
            SourcesLeftOut = 12,
            Errors = [Error],
            ErrorsLeftOut = 13,
        },
        Drained,
        new SourceDrained
        {
            Id = Guid.NewGuid(),
            Node = "n1",
            ContainerId = "c1",
            Source = "stdout",
            Path = "/a",
            Target = "shop",
            Config = "tomcat",
            ConfigVersion = "v3",
            Time = Time,
            Files = [Drained],
            FilesLeftOut = 1,
            Problem = "none",
        },
        new FollowedFilesRequested { Node = "n1", Path = "/a", Max = 7, Continuation = "b" },
        Followed,
        new FollowedFiles { Node = "n1", Path = "/a", Time = Time, Settled = true, Files = [Followed], Truncated = true, Continuation = "c" },
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
