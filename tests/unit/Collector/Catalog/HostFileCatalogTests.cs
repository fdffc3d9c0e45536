using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Collector;
using Tributary.Collector.Catalog;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Catalog;

public sealed class HostFileCatalogTests : IDisposable
{
    private readonly TempFolder _folder = new("hostfiles");

    [Fact]
    public void A_file_is_found_once_and_again_after_it_was_gone()
    {
        var catalog = Catalog("*.log");
        var path = _folder.Write("a.log", "1\n");
        Assert.Equal(path, Assert.Single(catalog.FindNew(growing: true)).Path);
        Assert.Empty(catalog.FindNew(growing: true));
        File.Delete(path);
        Assert.Empty(catalog.FindNew(growing: true));
        _folder.Write("a.log", "2\n");
        Assert.Single(catalog.FindNew(growing: true));
    }

    [Fact]
    public async Task Folders_that_come_and_go_do_not_end_the_search()
    {
        var catalog = Catalog("**/*.log");
        using var stop = new CancellationTokenSource();
        var churn = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var folder = _folder.Combine($"pod{i % 50}");
                Directory.CreateDirectory(Path.Combine(folder, "below"));
                Directory.Delete(folder, recursive: true);
            }
        });
        for (var i = 0; i < 300; i++)
        {
            catalog.FindNew(growing: true);
        }

        await stop.CancelAsync();
        await churn.WaitAsync(TimeSpan.FromSeconds(10));
        _folder.Write("late.log", "1\n");
        Assert.Single(catalog.FindNew(growing: true), s => s.Path.EndsWith("late.log", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a[1].log")]
    [InlineData("x{1}.log")]
    public void A_file_with_a_pattern_for_a_name_is_found_by_its_name(string name)
    {
        _folder.Write(name, "1\n");
        Assert.Single(Catalog(name).FindNew(growing: true));
    }

    [Fact]
    public async Task A_searched_file_that_is_gone_is_forgotten()
    {
        await using var rig = new CollectorRig();
        rig.Append("gone.log", "1\n");
        rig.Append("stays.log", "2\n");
        rig.Follow("gone.log", also: s => s with { ForgetWhenGone = true });
        rig.Follow("stays.log");
        rig.Start();
        await rig.UntilRecordsAsync(2);
        File.Delete(rig.File("gone.log"));
        await rig.UntilAsync(() => rig.Tail.Status.Sources.Count == 1, "the source to go");
    }

    public void Dispose() => _folder.Dispose();

    private HostFileCatalog Catalog(string pattern) => new(
        [new HostFiles { Include = [Path.Combine(_folder.Path, pattern)] }], "node", NullLogger<HostFileCatalog>.Instance);
}
