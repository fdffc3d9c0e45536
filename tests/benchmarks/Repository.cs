namespace Tributary.Benchmarks;

/// <summary>The folder of Platform.sln, found upwards from the built program.</summary>
internal static class Repository
{
    private static readonly string s_root = FindRoot();

    internal static string Combine(params ReadOnlySpan<string> parts) => Path.Combine([s_root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Platform.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"Platform.sln was not found above {AppContext.BaseDirectory}.");
    }
}
