using Tributary.Testing;

namespace Tributary.Benchmarks.Peers;

/// <summary>
/// Debian packages unpacked into a folder of the build, not installed: rsyslog and syslog-ng cannot be installed both. apt
/// says which packages are missing for them, downloads and checks them; nothing of the system is changed.
/// </summary>
internal static class UnpackedPackages
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(3);

    /// <summary>The folder with the packages and what they need beyond what is installed.</summary>
    internal static async Task<string> FolderAsync(string name, params string[] packages)
    {
        var root = Repository.Combine("artifacts", "peers", name);
        if (Directory.Exists(root))
        {
            return root;
        }

        using var downloads = new TempFolder("bench-peers");
        var plan = await ChildProcess.RunAsync(
            InstalledProgram.Find("apt-get", "apt"), ["-s", "-y", "--no-install-recommends", "install", .. packages], s_timeout);
        var missing = plan.Split('\n').Where(line => line.StartsWith("Inst ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]);
        await ChildProcess.RunAsync("bash", ["-c", "cd \"$0\" && apt-get -q download \"$@\"", downloads, .. missing.Union(packages)], s_timeout);
        var unpacked = downloads.MakeFolder("root");
        foreach (var package in Directory.GetFiles(downloads, "*.deb"))
        {
            await ChildProcess.RunAsync(InstalledProgram.Find("dpkg-deb", "dpkg"), ["-x", package, unpacked], s_timeout);
        }

        await ChildProcess.RunAsync("bash", ["-c", "mkdir -p \"$(dirname \"$1\")\" && cp -a \"$0\" \"$1\"", unpacked, root], s_timeout);
        return root;
    }
}
