using Tributary.Testing;

namespace Tributary.Tests.E2e.Containers;

/// <summary>A folder that containers see; a file in it lets them begin (<c>start</c>) or go on with the second and the last third of their lines (<c>second</c>, <c>third</c>).</summary>
internal sealed class Gates : IDisposable
{
    private readonly TempFolder _folder = new("gates");

    public string Folder => _folder;

    public void Open(params IReadOnlyList<string> gates)
    {
        foreach (var gate in gates)
        {
            _folder.Write(gate, "");
        }
    }

    public void Dispose() => _folder.Dispose();
}
