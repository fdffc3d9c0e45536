namespace Tributary.Discovery;

/// <summary>The names of the two ways to see a node's containers.</summary>
internal static class SourceNames
{
    public const string Docker = "docker";
    public const string Pods = "pods";
    public const string None = "none";
}
