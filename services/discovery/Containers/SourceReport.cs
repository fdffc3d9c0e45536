namespace Tributary.Discovery.Containers;

/// <summary>What a source saw. A look that failed is no report: it is an exception, and nothing changes.</summary>
internal abstract record SourceReport;

/// <summary>Every container that the source sees now. What is not in it is gone from this source.</summary>
/// <param name="Containers">All of them.</param>
/// <param name="AfterGap">The first good look after a start or a failure.</param>
internal sealed record FullView(IReadOnlyCollection<ContainerFacts> Containers, bool AfterGap) : SourceReport;

/// <summary>One container as it is now.</summary>
internal sealed record OneContainer(ContainerFacts Container) : SourceReport;

/// <summary>One container is gone.</summary>
internal sealed record OneGone(string Id) : SourceReport;
