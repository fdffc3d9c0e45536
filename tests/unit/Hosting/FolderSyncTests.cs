using Tributary.Hosting;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Hosting;

public sealed class FolderSyncTests : IDisposable
{
    private readonly TempFolder _folder = new("sync");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_missing_folders_are_made()
    {
        var folder = _folder.Combine("a", "b", "c");

        FolderSync.Make(folder + "/");
        FolderSync.Make(folder);

        Assert.True(Directory.Exists(folder));
        FolderSync.Sync(folder);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error_that_names_it()
    {
        var error = Assert.Throws<IOException>(() => FolderSync.Sync(_folder.Combine("none")));

        Assert.Contains(_folder.Combine("none"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_the_way_is_an_error() =>
        Assert.Throws<IOException>(() => FolderSync.Make(Path.Combine(_folder.Write("file", ""), "below")));
}
