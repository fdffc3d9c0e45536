using Tributary.Collector.Tailing;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Checkpoints;

public sealed class DeclarationTests : IAsyncDisposable
{
    private readonly CollectorRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Two_declarations_read_one_file_for_one_target_under_ids_of_their_own()
    {
        _rig.Append("a.log", "1\n");
        Follow("first");
        Follow("second");
        _rig.Start();
        await _rig.UntilRecordsAsync(2);
        _rig.Append("a.log", "2\n");
        await _rig.UntilRecordsAsync(4);
        await _rig.RestartAsync();
        _rig.Append("a.log", "3\n");
        await _rig.ExpectAsync("1", "1", "2", "2", "3", "3");
        Assert.Equal(2, _rig.Records.Select(r => r.SourceId).Distinct().Count());
    }

    [Fact]
    public async Task Another_declaration_for_the_target_goes_on_where_the_one_that_went_was_though_the_file_is_never_quiet()
    {
        _rig.Options.CloseAfterQuiet = TimeSpan.FromMinutes(1);
        _rig.Append("a.log", "1\n");
        var first = Follow("first");
        _rig.Start();
        await _rig.UntilRecordsAsync(1);
        _rig.Append("a.log", "2\nunfin");
        await _rig.UntilRecordsAsync(2);
        _rig.Unfollow(first);
        Follow("second");
        _rig.Append("a.log", "ished\n");
        await _rig.UntilAsync(() => _rig.Tail.Status.Sources.All(s => s.Key != first.Key), "the first to end");
        _rig.Append("a.log", "4\n");
        await _rig.ExpectAsync("1", "2", "unfinished", "4");
        Assert.Single(_rig.Records.Select(r => r.SourceId).Distinct());
    }

    [Fact]
    public async Task A_declaration_that_replaced_another_while_down_goes_on_and_back_again()
    {
        foreach (var (name, line) in (IEnumerable<(string, string)>)[("first", "1"), ("second", "2"), ("first", "3")])
        {
            _rig.Append("a.log", line + "\n");
            var source = Follow(name);
            _rig.Start();
            await _rig.UntilAsync(() => _rig.Records.Any(r => r.Text == line), line);
            await _rig.StopAsync();
            _rig.Unfollow(source);
        }

        Assert.Equal(["1", "2", "3"], _rig.Records.Select(r => r.Text));
        Assert.Single(_rig.Records.Select(r => r.SourceId).Distinct());
    }

    [Fact]
    public async Task A_declaration_added_while_down_takes_nothing_from_the_one_that_stays()
    {
        _rig.Append("a.log", "1\n");
        var first = Follow("first");
        _rig.Start();
        await _rig.UntilRecordsAsync(1);
        await _rig.StopAsync();
        _rig.Unfollow(first);
        Follow("second");
        _rig.Start();
        await _rig.UntilAsync(() => _rig.Tail.Status.OpenFiles == 1, "the second to be open");
        _rig.Follow(first);
        await _rig.UntilAsync(() => _rig.Tail.Status.OpenFiles == 2, "both to be open");
        _rig.Append("a.log", "2\n");
        await _rig.ExpectAsync("1", "2", "2");
    }

    [Fact]
    public async Task A_declaration_for_another_target_reads_from_the_start_under_the_same_id()
    {
        _rig.Append("a.log", "1\n");
        Follow("first");
        _rig.Start();
        await _rig.UntilRecordsAsync(1);
        _rig.Follow("a.log", target: "other", also: s => s with { Declaration = "second" });
        await _rig.UntilAsync(() => _rig.Records.Count == 2, "the other target's");
        await _rig.StopAsync();
        Assert.Single(_rig.Records.Select(r => r.Uid).Distinct());
    }

    private SourceSpec Follow(string declaration) =>
        _rig.Follow("a.log", also: s => s with { Key = declaration + "/a.log", Declaration = declaration });
}
