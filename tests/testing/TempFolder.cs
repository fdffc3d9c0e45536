namespace Tributary.Testing;

/// <summary>
/// A new folder under the temporary folder, gone with all it
/// holds when disposed. Mounts left below it are taken away first; while one stays, nothing is deleted.
/// </summary>
public sealed class TempFolder : IDisposable
{
    public TempFolder(string name = "t") => Path = Directory.CreateTempSubdirectory("tributary-" + name + "-").FullName;

    /// <summary>Absolute.</summary>
    public string Path { get; }

    public static implicit operator string(TempFolder folder) => folder.Path;

    /// <summary>A path below the folder.</summary>
    public string Combine(params ReadOnlySpan<string> parts) =>
        System.IO.Path.Combine([Path, .. parts]);

    /// <summary>A folder below the folder, made when missing.</summary>
    public string MakeFolder(params ReadOnlySpan<string> parts) => Directory.CreateDirectory(Combine(parts)).FullName;

    /// <summary>Writes a file below the folder and returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = Combine(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public override string ToString() => Path;

    public void Dispose()
    {
        foreach (var mount in MountPoints.Below(Path))
        {
            NativeCalls.Unmount(mount);
        }

        if (Directory.Exists(Path) && MountPoints.Below(Path).Count == 0)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
