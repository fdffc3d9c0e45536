using Microsoft.Extensions.Logging;
using Tributary.Collector.Catalog;
using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Catalog;

public sealed class ContainerCatalogTests : IAsyncLifetime
{
    private const string Node = "test-node";

    private readonly CollectorRig _rig = new();
    private readonly Guid _snapshot = Guid.NewGuid();
    private ContainerCatalog _catalog = null!;

    public ValueTask InitializeAsync()
    {
        _rig.Options.CloseAfterQuiet = TimeSpan.Zero;
        _rig.Start();
        _catalog = new ContainerCatalog(_rig.Tail, Node, TimeProvider.System, LoggerFactory.Create(b => b.AddProvider(_rig.Log)).CreateLogger<ContainerCatalog>());
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_started_container_is_followed_with_its_attributes()
    {
        Write("a", "1");
        _catalog.Started(Started(Container("a", 1)));
        await _rig.UntilRecordsAsync(1);
        _catalog.Started(Started(Container("a", 1)));
        Write("a", "2");
        await _rig.ExpectAsync("1", "2");
    }

    [Fact]
    public async Task What_is_said_of_another_node_is_not_ours()
    {
        Write("a", "1");
        Write("b", "2");
        _catalog.Started(Started(Container("a", 1)) with { Node = "other" });
        _catalog.Snapshot(Snapshot(9, 0, 1, Container("a", 1)) with { Node = "other" });
        _catalog.Started(Started(Container("b", 1)));
        await _rig.UntilRecordsAsync(1);
        _catalog.Removed(Removed("b", 2) with { Node = "other" });
        Assert.Null(_catalog.LastSnapshot);
        await KeysAsync("b");
        Write("b", "3");
        await _rig.ExpectAsync("2", "3");
    }

    [Fact]
    public async Task A_start_that_comes_after_its_stop_does_not_wake_the_container()
    {
        Write("a", "1");
        _catalog.Stopped(Stopped(Container("a", 2, ContainerState.Stopped)));
        await FinishedAsync("a");
        _catalog.Started(Started(Container("a", 1)));
        await StaysFinishedAsync("a");
        await _rig.ExpectAsync("1");
    }

    [Fact]
    public async Task A_container_whose_start_was_never_seen_is_read_when_it_stopped()
    {
        Write("a", "1", "2");
        _catalog.Stopped(Stopped(Container("a", 5, ContainerState.Stopped)));
        await FinishedAsync("a");
        await _rig.ExpectAsync("1", "2");
    }

    [Fact]
    public async Task A_start_that_comes_after_the_removal_is_no_news()
    {
        Write("a", "1");
        _catalog.Removed(Removed("a", 3));
        _catalog.Started(Started(Container("a", 1)));
        Write("b", "2");
        _catalog.Started(Started(Container("b", 4)));
        await _rig.UntilRecordsAsync(1);
        await KeysAsync("b");
        await _rig.ExpectAsync("2");
    }

    [Fact]
    public async Task Of_two_removals_the_later_one_counts_against_a_late_start()
    {
        _catalog.Removed(Removed("a", 3));
        _catalog.Removed(Removed("a", 7));
        Write("a", "1");
        _catalog.Started(Started(Container("a", 5)));
        Write("b", "2");
        _catalog.Started(Started(Container("b", 8)));
        await _rig.UntilRecordsAsync(1);
        await KeysAsync("b");
        await _rig.ExpectAsync("2");
    }

    [Fact]
    public async Task A_removed_containers_file_is_read_to_its_end_and_forgotten()
    {
        Write("a", "1");
        _catalog.Started(Started(Container("a", 1)));
        await _rig.UntilRecordsAsync(1);
        Write("a", "2");
        File.Delete(_rig.File("a.log"));
        _catalog.Removed(Removed("a", 2));
        await KeysAsync();
        await _rig.ExpectAsync("1", "2");
    }

    [Fact]
    public async Task A_stopped_container_that_is_started_again_goes_on_where_it_was()
    {
        Write("a", "1");
        _catalog.Started(Started(Container("a", 1)));
        await _rig.UntilRecordsAsync(1);
        _catalog.Stopped(Stopped(Container("a", 2, ContainerState.Stopped)));
        await FinishedAsync("a");
        Write("a", "2");
        _catalog.Started(Started(Container("a", 3) with { RestartCount = 1 }));
        await _rig.UntilRecordsAsync(2);
        Write("a", "3");
        await _rig.ExpectAsync("1", "2", "3");
        Assert.Single(_rig.Records.Select(r => r.SourceId).Distinct());
    }

    [Fact]
    public async Task Only_a_whole_snapshot_removes_what_it_does_not_show()
    {
        foreach (var id in (string[])["a", "b", "c", "d"])
        {
            Write(id, id);
            _catalog.Started(Started(Container(id, 1)));
        }

        await _rig.UntilRecordsAsync(4);
        _catalog.Snapshot(Snapshot(5, 2, 3, Container("c", 1)));
        _catalog.Snapshot(Snapshot(5, 0, 3, Container("a", 1)));
        _catalog.Snapshot(Snapshot(5, 0, 3, Container("a", 1)));
        Assert.Null(_catalog.LastSnapshot);
        await KeysAsync("a", "b", "c", "d");
        _catalog.Snapshot(Snapshot(5, 1, 3, Container("b", 1)));
        Assert.NotNull(_catalog.LastSnapshot);
        await KeysAsync("a", "b", "c");
        await _rig.ExpectAsync("a", "b", "c", "d");
    }

    [Fact]
    public async Task A_snapshot_that_another_one_interrupts_removes_nothing()
    {
        Write("a", "1");
        _catalog.Started(Started(Container("a", 1)));
        await _rig.UntilRecordsAsync(1);
        _catalog.Snapshot(Snapshot(5, 0, 2));
        _catalog.Snapshot(Snapshot(6, 0, 2, Container("a", 1)) with { SnapshotId = Guid.NewGuid() });
        _catalog.Snapshot(Snapshot(5, 1, 2));
        Assert.Null(_catalog.LastSnapshot);
        await KeysAsync("a");
    }

    [Fact]
    public async Task A_snapshot_older_than_a_start_does_not_remove_it()
    {
        Write("a", "1");
        _catalog.Started(Started(Container("a", 9)));
        _catalog.Snapshot(Snapshot(8, 0, 1));
        await _rig.UntilRecordsAsync(1);
        await KeysAsync("a");
        _catalog.Snapshot(Snapshot(10, 0, 1) with { SnapshotId = Guid.NewGuid() });
        await KeysAsync();
    }

    [Fact]
    public async Task What_cannot_be_collected_is_told_once_with_the_containers_name()
    {
        var container = Container("a", 1) with
        {
            Sources = [new LogSource { Name = "stdout", Path = "", Format = LogFormat.Auto, Target = "default", Reason = "The log driver is syslog." }],
        };
        _catalog.Started(Started(container));
        _catalog.Started(Started(container with { Generation = 2 }));
        await KeysAsync();
        Assert.Contains("name-of-a", Assert.Single(_rig.Log.Of(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_is_not_declared_any_more_is_drained()
    {
        Write("a", "1");
        Write("b", "2");
        var both = Container("a", 1) with { Sources = [Source("a"), Source("b")] };
        _catalog.Started(Started(both));
        await _rig.UntilRecordsAsync(2);
        _catalog.Started(Started(both with { Generation = 2, Sources = [Source("b")] }));
        await _rig.UntilAsync(() => _rig.Tail.Status.Sources is [{ Key: var key }] && key.EndsWith("b.log", StringComparison.Ordinal), "one source");
        Write("b", "3");
        await _rig.ExpectAsync("1", "2", "3");
    }

    private void Write(string id, params string[] texts) =>
        _rig.Append($"{id}.log", string.Concat(texts.Select(t => LogLines.Docker(t))));

    private async Task KeysAsync(params string[] ids)
    {
        await LookAsync();
        await _rig.UntilAsync(() => _rig.Tail.Status.Sources.Select(s => s.Key.Split('/')[0]).Order().SequenceEqual(ids), $"the sources to be {string.Join(", ", ids)}");
    }

    private Task FinishedAsync(string id) =>
        _rig.UntilAsync(() => _rig.Tail.Status.Sources.Any(s => s.Key.StartsWith(id + "/", StringComparison.Ordinal) && s.State == Tributary.Contracts.SourceState.Drained), $"{id} to be drained");

    private async Task StaysFinishedAsync(string id)
    {
        await LookAsync();
        await FinishedAsync(id);
    }

    private async Task LookAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            var status = _rig.Tail.Status;
            await _rig.UntilAsync(() => !ReferenceEquals(status, _rig.Tail.Status), "another look");
        }
    }

    private ContainerInfo Container(string id, long generation, ContainerState state = ContainerState.Running) => new()
    {
        Id = id,
        Name = "name-of-" + id,
        Runtime = "docker",
        State = state,
        Generation = generation,
        Attributes = new Dictionary<string, string> { ["container.id"] = id },
        Sources = [Source(id)],
    };

    private LogSource Source(string id) => new() { Name = "stdout", Path = _rig.File(id + ".log"), Format = LogFormat.Docker, Target = "default" };

    private static ContainerStarted Started(ContainerInfo c) =>
        new() { Node = Node, ContainerId = c.Id, RestartCount = c.RestartCount, Generation = c.Generation, Time = default, Container = c };

    private static ContainerStopped Stopped(ContainerInfo c) =>
        new() { Node = Node, ContainerId = c.Id, RestartCount = c.RestartCount, Generation = c.Generation, Time = default, Container = c };

    private static ContainerRemoved Removed(string id, long generation) =>
        new() { Node = Node, ContainerId = id, RestartCount = 0, Generation = generation, Time = default };

    private NodeSnapshot Snapshot(long generation, int index, int count, params ContainerInfo[] containers) => new()
    {
        Node = Node,
        SnapshotId = _snapshot,
        Generation = generation,
        Time = default,
        ChunkIndex = index,
        ChunkCount = count,
        Containers = containers,
    };
}
