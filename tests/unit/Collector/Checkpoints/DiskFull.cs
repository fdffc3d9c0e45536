namespace Tributary.Tests.Unit.Collector.Checkpoints;

/// <summary>Lets the kernel answer "no space left" for what a checkpoint folder writes: its journal and the next snapshot lead to /dev/full.</summary>
internal static class DiskFull
{
    public static void Begin(string folder)
    {
        foreach (var journal in Directory.GetFiles(folder, "journal.*").Where(f => !f.EndsWith(".kept", StringComparison.Ordinal)))
        {
            File.Copy(journal, journal + ".kept");
            Lead(journal);
        }

        for (var generation = 1; generation < 20; generation++)
        {
            Lead(Path.Combine(folder, $"snapshot.{generation}.tmp"));
        }
    }

    public static void End(string folder)
    {
        for (var generation = 1; generation < 20; generation++)
        {
            File.Delete(Path.Combine(folder, $"snapshot.{generation}.tmp"));
        }

        foreach (var kept in Directory.GetFiles(folder, "journal.*.kept"))
        {
            File.Move(kept, kept[..^".kept".Length], overwrite: true);
        }
    }

    /// <summary>In one step, as a save may be under way.</summary>
    private static void Lead(string path)
    {
        File.CreateSymbolicLink(path + ".link", "/dev/full");
        File.Move(path + ".link", path, overwrite: true);
    }
}
