using MassTransit;
using Microsoft.Extensions.Logging;
using Tributary.Contracts;
using Tributary.Hosting;
using Tributary.Shipper.Outputs;

namespace Tributary.Shipper.Consuming;

/// <summary>
/// Unpacks a received batch and hands it to outputs. Classifies failures at this one place: a batch that cannot be
/// decoded goes to the dead letter queue, whole and with its reason; everything else is tried again until it works or
/// the bus stops, unacked.
/// </summary>
internal sealed partial class BatchDelivery(OutputSet outputs, DeadLetter deadLetter, ShipperMetrics metrics, TimeProvider time, ILogger<BatchDelivery> logger)
{
    private const int ReasonCharactersMax = 500;

    private static readonly TimeSpan BackOffMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(5);

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
            var body = request.Memory;
            foreach (var name in outputName is null ? outputs.For(batch.Target) : [outputName])
            {
                await UntilDoneAsync(context, name, () => outputs.Get(name).WriteAsync(batch, body, context.CancellationToken));
                metrics.Delivered(name, batch.Records);
            }
        }
        catch (InvalidDataException e)
        {
            var reason = Excerpt.Of(e.Message, ReasonCharactersMax);
            LogDead(logger, context.MessageId, reason);
            await UntilDoneAsync(context, "the dead letter queue", () => deadLetter.SendAsync(context, reason));
            metrics.Dead();
        }
    }

    private async Task UntilDoneAsync(ConsumeContext context, string where, Func<Task> deliver)
    {
        var backOff = BackOffMin;
        while (true)
        {
            try
            {
                await deliver();
                return;
            }
            catch (Exception e) when (e is not InvalidDataException && !context.CancellationToken.IsCancellationRequested)
            {
                metrics.DeliveryFailed();
                LogFailed(logger, context.MessageId, where, backOff.TotalSeconds, e.Message);
            }

            await Task.Delay(backOff * (0.5 + Random.Shared.NextDouble()), time, context.CancellationToken);
            backOff = backOff * 2 < BackOffMax ? backOff * 2 : BackOffMax;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Batch {Id} cannot be decoded and goes to the dead letter queue: {Reason}")]
    private static partial void LogDead(ILogger logger, Guid? id, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Batch {Id} could not be delivered to {Where}; it is kept, trying again in about {Seconds:F1} s. {Error}")]
    private static partial void LogFailed(ILogger logger, Guid? id, string where, double seconds, string error);
}
