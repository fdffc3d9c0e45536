using System.Runtime.InteropServices;
using Tributary.Testing;

namespace Tributary.Tests.E2e.Processes;

/// <summary>A folder that user <c>nobody</c> owns and can reach: the folders above it that are ours let others pass, not list.</summary>
internal sealed partial class NobodysFolder : IDisposable
{
    public const int User = 65534;

    private readonly TempFolder _folder = new("nobody");

    public NobodysFolder()
    {
        for (var above = Directory.GetParent(_folder); above is not null; above = above.Parent)
        {
            if (!above.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                above.UnixFileMode |= UnixFileMode.OtherExecute;
            }
        }

        Give(_folder);
    }

    public static implicit operator string(NobodysFolder folder) => folder._folder;

    public string Combine(params ReadOnlySpan<string> parts) => _folder.Combine(parts);

    /// <summary>A file of the user's.</summary>
    public string Write(string name, string text)
    {
        var path = _folder.Write(name, text);
        for (var given = path; given != _folder.Path; given = Path.GetDirectoryName(given)!)
        {
            Give(given);
        }

        return path;
    }

    /// <summary>A copy of the program in the folder, which the user can read wherever the original is.</summary>
    public string CopyOf(string dll)
    {
        var source = Path.GetDirectoryName(dll)!;
        var target = _folder.Combine("program");
        if (!Directory.Exists(target))
        {
            foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(target, Path.GetRelativePath(source, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }

        return Path.Combine(target, Path.GetFileName(dll));
    }

    public void Dispose() => _folder.Dispose();

    private static void Give(string path)
    {
        if (Chown(path, User, User) != 0)
        {
            throw new InvalidOperationException($"{path} cannot be given to user nobody: run the tests as root or by sudo.");
        }
    }

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, int owner, int group);
}
