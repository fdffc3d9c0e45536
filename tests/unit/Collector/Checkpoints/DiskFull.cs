namespace Tributary.Tests.Unit.Collector.Checkpoints;

/// <summary>Lets the kernel answer "no space left" for the temporary files of a checkpoint folder: they lead to /dev/full.</summary>
internal static class DiskFull
{
    public static void Begin(string folder)
    {
        foreach (var path in Temporary(folder))
        {
            // In one step, as a save may be under way.
            File.CreateSymbolicLink(path + ".link", "/dev/full");
            File.Move(path + ".link", path, overwrite: true);
        }
    }

    public static void End(string folder)
    {
        foreach (var path in Temporary(folder))
        {
            File.Delete(path);
        }
    }

    private static string[] Temporary(string folder) =>
        [Path.Combine(folder, "checkpoints.0.tmp"), Path.Combine(folder, "checkpoints.1.tmp")];
}
