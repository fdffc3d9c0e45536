using MassTransit;
using Tributary.Collector.Catalog;
using Tributary.Collector.Tailing;
using Tributary.Contracts;
using Tributary.Hosting;

namespace Tributary.Collector.Answering;

/// <summary>Answers "what do you follow under this path, and how far?" for this node; what is asked of another node is not ours.</summary>
internal sealed class FollowedFilesConsumer(TailLoop tail, FollowedLook look, ContainerCatalog catalog, NodeOptions node, TimeProvider time)
    : IConsumer<FollowedFilesRequested>
{
    /// <summary>A loop that is stuck or gone answers nothing: the asker's own time-out speaks.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public async Task Consume(ConsumeContext<FollowedFilesRequested> context)
    {
        if (context.Message.Node == node.Name)
        {
            // Asked before the look: what the snapshot brought is followed by then.
            var settled = catalog.LastSnapshot is not null;
            var answer = await tail.AskAsync(sources => look.Answer(context.Message, sources, time.GetUtcNow(), settled)).WaitAsync(Patience, time);
            await context.RespondAsync(answer);
        }
    }
}
