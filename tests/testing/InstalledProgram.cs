namespace Tributary.Testing;

/// <summary>Finds a program in the PATH and the system folders; a missing one is a sentence with its Debian package, never a skip.</summary>
public static class InstalledProgram
{
    private static readonly string[] s_systemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The PATH for started servers: this process's and the system folders.</summary>
    public static string SearchPath { get; } = string.Join(':', Folders());

    /// <summary>The absolute path of a program named by name or by absolute path.</summary>
    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    public static string Find(string program, string debianPackage) =>
        TryFind(program) ?? throw new InvalidOperationException(
            $"{program} is not installed: it comes with Debian's package {debianPackage} (apt-get install {debianPackage}).");

    /// <summary>Null when it is not installed.</summary>
    public static string? TryFind(string program) =>
        program.Contains('/', StringComparison.Ordinal)
            ? File.Exists(program) ? Path.GetFullPath(program) : null
            : Folders().Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Folders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(s_systemFolders)
            .Distinct();
}
