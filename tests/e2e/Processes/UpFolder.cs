using System.Globalization;
using Tributary.Testing;
using Tributary.Tests.E2e.Delivered;

namespace Tributary.Tests.E2e.Processes;

/// <summary>The folder in which a user types <c>tributary up</c>: empty but for a <c>tributary.yaml</c> that names what is private here.</summary>
internal sealed class UpFolder : IDisposable
{
    private UpFolder(string node, string more)
    {
        Folder.Write(
            "tributary.yaml",
            string.Create(CultureInfo.InvariantCulture, $"apiVersion: tributary.io/v1alpha1\nkind: Node\nspec:\n  listen: 127.0.0.1:{FreePort.Next()}\n  {node.ReplaceLineEndings("\n  ")}\n{more}"));
        Delivered = new NdjsonFolder(Folder.Combine("var", "logs"));
    }

    public TempFolder Folder { get; } = new("up");

    /// <summary>What the default output wrote.</summary>
    public NdjsonFolder Delivered { get; }

    /// <summary>On a private engine, with further settings and documents.</summary>
    public static UpFolder WithDocker(Dockerd engine, string node = "collect: all", string more = "") =>
        new($"docker: {{socket: \"{engine.Uri.OriginalString}\"}}\n{node}", more);

    public void Dispose() => Folder.Dispose();
}
