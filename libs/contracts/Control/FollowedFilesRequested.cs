namespace Tributary.Contracts;

/// <summary>Asks a node's collector what it follows at or under a path, and how far; answered by <see cref="FollowedFiles"/>.</summary>
public sealed record FollowedFilesRequested
{
    /// <summary>The most files that one answer names.</summary>
    public const int FilesMax = 1000;

    public required string Node { get; init; }

    /// <summary>An absolute path on the host: a file, or a folder and all below it.</summary>
    public required string Path { get; init; }

    /// <summary>The most files wanted, from 1 to <see cref="FilesMax"/>.</summary>
    public int Max { get; init; } = FilesMax;

    /// <summary><see cref="FollowedFiles.Continuation"/> of the answer before; null for the first.</summary>
    public string? Continuation { get; init; }
}
