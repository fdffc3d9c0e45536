namespace Tributary.Config;

/// <summary>
/// What files say when they are read again while a configuration is in force. What is wrong costs only itself: a
/// LogConfig with an error is as it was before, or not there where it is new.
/// </summary>
public sealed record RereadResult
{
    /// <summary>What is to be in force from now on.</summary>
    public required TributaryConfiguration Documents { get; init; }

    /// <summary>Every error of every file, by file, line and column.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; init; } = [];

    /// <summary>
    /// LogConfigs that are as they were before, because what is written of them now is wrong, or because a document that
    /// cannot be read may be theirs. As <c>namespace/name</c>.
    /// </summary>
    public IReadOnlyList<string> Kept { get; init; } = [];
}
