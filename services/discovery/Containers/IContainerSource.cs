namespace Tributary.Discovery.Containers;

/// <summary>A way to see this node's containers.</summary>
internal interface IContainerSource
{
    /// <summary><c>docker</c> or <c>pods</c>.</summary>
    string Name { get; }

    /// <summary>
    /// One session: reports until the source is lost, then throws (or returns, when the other side closed in good
    /// order). The caller keeps the last good view, waits, and calls again. Reports come one at a time.
    /// </summary>
    Task RunAsync(Action<SourceReport> report, CancellationToken cancel);
}
