using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

/// <summary>Polling is so slow here that only a hint can bring what is written.</summary>
public sealed class ChangeHintTests : IAsyncLifetime
{
    private readonly CollectorRig _rig = new();

    [Fact]
    [Trait("Scenario", "R24")]
    public async Task What_is_written_is_read_before_the_next_poll()
    {
        await StartAsync("a.log");

        foreach (var i in Enumerable.Range(1, 5))
        {
            _rig.Append("a.log", $"line {i}\n");
            await _rig.UntilRecordsAsync(i + 1);
        }
    }

    [Fact]
    public async Task Behind_a_link_too()
    {
        _rig.Append("real.log", "first\n");
        File.CreateSymbolicLink(_rig.File("link.log"), _rig.File("real.log"));
        _rig.Follow("link.log");
        Slow();
        _rig.Start();
        await _rig.UntilRecordsAsync(1);

        _rig.Append("real.log", "second\n");

        await _rig.UntilRecordsAsync(2);
    }

    [Fact]
    public async Task Files_of_one_folder_are_told_apart()
    {
        _rig.Append("b.log", "first\n");
        _rig.Follow("b.log");
        await StartAsync("a.log", 2);

        _rig.Append("b.log", "second\n");
        await _rig.UntilRecordsAsync(3);
        _rig.Append("a.log", "second\n");
        await _rig.UntilRecordsAsync(4);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    private async Task StartAsync(string name, int records = 1)
    {
        _rig.Append(name, "first\n");
        _rig.Follow(name);
        Slow();
        _rig.Start();
        await _rig.UntilRecordsAsync(records);
    }

    private void Slow() => _rig.Options.PollInterval = _rig.Options.RescanInterval = TimeSpan.FromSeconds(60);
}
