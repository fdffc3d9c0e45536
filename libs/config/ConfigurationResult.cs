using System.Diagnostics.CodeAnalysis;

namespace Tributary.Config;

/// <summary>Either the documents or the reasons why there are none: half a configuration is never handed out.</summary>
public sealed record ConfigurationResult
{
    /// <summary>The effective configuration; null when there is any error.</summary>
    public TributaryConfiguration? Documents { get; init; }

    /// <summary>Every error of every file, by file, line and column; at most 200 and a count of the rest for a file.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; init; } = [];

    /// <summary>Whether <see cref="Documents"/> is there.</summary>
    [MemberNotNullWhen(true, nameof(Documents))]
    public bool IsValid => Documents is not null;
}
