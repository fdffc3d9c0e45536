namespace Tributary.Tests.Unit.Config;

/// <summary>Finds the sources from the built test: expected files live there and may be accepted anew.</summary>
internal static class ProjectRoot
{
    /// <summary>Set to 1 to write expected files anew; the difference is then reviewed before it is committed.</summary>
    public static bool IsAccepting => Environment.GetEnvironmentVariable("TRIBUTARY_ACCEPT") == "1";

    public static string Folder { get; } = Find();

    public static string PathOf(params string[] parts) => Path.Combine([Folder, .. parts]);

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Platform.sln")))
                return at.FullName;
        }
        throw new InvalidOperationException("Platform.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
