using Tributary.Contracts;

namespace Tributary.Benchmarks.Runs;

/// <summary>What a row reads, and what must come of it.</summary>
/// <param name="Name">Of the content, as the report calls it.</param>
/// <param name="Path">One file, or a glob of several.</param>
/// <param name="Format">How the lines are framed.</param>
/// <param name="Lines">Physical lines, partial ones counted each.</param>
/// <param name="Records">Records that must be delivered.</param>
/// <param name="Dropped">Records that a rule must drop.</param>
/// <param name="Bytes">Of all files.</param>
internal sealed record BenchFile(string Name, string Path, LogFormat Format, long Lines, long Records, long Dropped, long Bytes);
