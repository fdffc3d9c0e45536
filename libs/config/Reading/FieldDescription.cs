namespace Tributary.Config;

/// <summary>One field as the reference shows it; every member but the path is prose.</summary>
internal sealed record FieldDescription(string Path, string Type, string Default, string Bounds, string Meaning);
