using MassTransit;
using Microsoft.Extensions.Logging;
using Tributary.Hosting;
using Tributary.Shipper.Outputs;

namespace Tributary.Shipper.Consuming;

/// <summary>
/// Unpacks a received batch and hands it to outputs. Classifies failures at this one place: a batch that cannot be
/// decoded goes to the dead letter queue, whole and with its reason; everything else is waited out, unacked.
/// </summary>
internal sealed partial class BatchDelivery(OutputSet outputs, DeadLetter deadLetter, ShipperMetrics metrics, ILogger<BatchDelivery> logger)
{
    /// <summary>Completes when every named output has the batch for good, or it is in the dead letter queue.</summary>
    /// <param name="context">The received message.</param>
    /// <param name="outputName">The output of this queue; null takes the outputs of the batch's target.</param>
    public async Task DeliverAsync(ConsumeContext<ReceivedBatch> context, string? outputName)
    {
        if (context.ReceiveContext.Redelivered)
        {
            metrics.Redelivered();
        }

        try
        {
            var batch = context.Message.ToBatch();
            using var request = batch.Open();
            foreach (var name in outputName is null ? outputs.For(batch.Target) : [outputName])
            {
                await outputs.Get(name).WriteAsync(batch, request.Memory, context.CancellationToken);
                metrics.Delivered(name, batch.Records);
            }
        }
        catch (InvalidDataException e)
        {
            metrics.Dead();
            LogDead(logger, context.MessageId, e.Message);
            await deadLetter.SendAsync(context, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Batch {Id} cannot be decoded and goes to the dead letter queue: {Reason}")]
    private static partial void LogDead(ILogger logger, Guid? id, string reason);
}
