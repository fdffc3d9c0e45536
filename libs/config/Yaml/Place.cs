namespace Tributary.Config;

/// <summary>Where something stands in its file; both from 1, and 0 for the file as a whole.</summary>
internal readonly record struct Place(long Line, long Column);
