using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tributary.Discovery.Containers;
using Tributary.Docker;

namespace Tributary.Discovery.Docker;

/// <summary>
/// Looks at containers, a few at a time and each for a bounded time. One whose look fails is left out of the answer,
/// which is not the same as gone; the failure is logged once until it changes.
/// </summary>
internal sealed partial class ContainerInspector(
    DockerClient client, TimeSpan timeout, string node, DiscoveryHealth health, DiscoveryMetrics metrics, ILogger log, TimeProvider time)
{
    private const int AtOnce = 4;

    /// <summary>What was logged, by id; at most one for each container on the node.</summary>
    private readonly ConcurrentDictionary<string, string> _failures = new(StringComparer.Ordinal);

    /// <summary>Facts by id, null for a container that is gone or none of ours. An id is missing where the look failed.</summary>
    /// <exception cref="DockerException">One <paramref name="mustAnswer"/>, and the engine answered for none.</exception>
    public async Task<IReadOnlyDictionary<string, ContainerFacts?>> InspectAsync(
        IEnumerable<string> ids, bool mustAnswer, CancellationToken cancel)
    {
        var looked = new ConcurrentDictionary<string, ContainerFacts?>(StringComparer.Ordinal);
        DockerException? unanswered = null;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(ids, parallel, async (id, stop) =>
        {
            try
            {
                looked[id] = await InspectAsync(id, stop);
                _failures.TryRemove(id, out _);
            }
            catch (DockerException e)
            {
                NoteFailure(id, e.Message);
                unanswered = e.Status is null ? e : unanswered;
            }

            health.Tick(SourceNames.Docker);
        });

        return unanswered is null || !mustAnswer || !looked.IsEmpty
            ? looked
            : throw new DockerException(unanswered.Path, unanswered.Message, unanswered);
    }

    /// <summary>What was noted of other containers is of no use any more.</summary>
    public void ForgetAllBut(IEnumerable<string> ids)
    {
        foreach (var id in _failures.Keys.Except(ids, StringComparer.Ordinal))
        {
            _failures.TryRemove(id, out _);
        }
    }

    private async Task<ContainerFacts?> InspectAsync(string id, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            var container = await client.InspectContainerAsync(id, either.Token);
            return container is null || KubeletLabels.IsSandbox(container.Config.Labels) ? null : DockerFacts.From(container, node);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new DockerException("", $"Docker did not answer within {timeout.TotalSeconds:0.#} s.", e);
        }
    }

    private void NoteFailure(string id, string reason)
    {
        metrics.LookFailed(SourceNames.Docker);
        if (!_failures.TryGetValue(id, out var told) || told != reason)
        {
            _failures[id] = reason;
            LogInspectFailed(log, id.Length > 12 ? id[..12] : id, reason);
        }
    }

    [LoggerMessage(1102, LogLevel.Warning, "Container {Id} stays as it was known, its inspect failed: {Reason}")]
    private static partial void LogInspectFailed(ILogger log, string id, string reason);
}
