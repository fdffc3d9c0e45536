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

    /// <summary>Delivers a batch of an output's queue. Completes when the output has it for good, or it is in the dead letter queue.</summary>
    public Task DeliverAsync(ConsumeContext<ReceivedBatch> context, string output)
    {
        if (context.ReceiveContext.Redelivered)
        {
            metrics.Redelivered();
        }

        return DeliverAsync(context.Message, context.MessageId, output, reason => DeadLetter.SendAsync(context, reason), context.CancellationToken);
    }

    /// <summary>Delivers a batch of the in-memory bus. Completes when every output of its target has it for good, or it is kept as a dead letter.</summary>
    public Task DeliverAsync(ReceivedBatch received, Guid id, CancellationToken stopping) =>
        DeliverAsync(received, id, outputName: null, reason => Task.Run(() => deadLetter.Store(received, id, reason), stopping), stopping);

    private async Task DeliverAsync(ReceivedBatch received, Guid? id, string? outputName, Func<string, Task> keepDead, CancellationToken stopping)
    {
        try
        {
            var batch = received.ToBatch();
            using var request = batch.Open();
            var body = request.Memory;
            foreach (var name in outputName is null ? outputs.For(batch.Target) : [outputName])
            {
                await UntilDoneAsync(id, name, () => outputs.Get(name).WriteAsync(batch, body, stopping), stopping);
                metrics.Delivered(name, batch.Records);
            }
        }
        catch (InvalidDataException e)
        {
            var reason = Excerpt.Of(e.Message, ReasonCharactersMax);
            LogDead(logger, id, reason);
            await UntilDoneAsync(id, "the dead letter queue", () => keepDead(reason), stopping);
            metrics.Dead();
        }
    }

    private async Task UntilDoneAsync(Guid? id, string where, Func<Task> deliver, CancellationToken stopping)
    {
        var backOff = BackOffMin;
        while (true)
        {
            try
            {
                await deliver();
                return;
            }
            catch (Exception e) when (e is not InvalidDataException && !stopping.IsCancellationRequested)
            {
                metrics.DeliveryFailed();
                LogFailed(logger, id, where, backOff.TotalSeconds, e.Message);
            }

            await Task.Delay(backOff * (0.5 + Random.Shared.NextDouble()), time, stopping);
            backOff = backOff * 2 < BackOffMax ? backOff * 2 : BackOffMax;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Batch {Id} cannot be decoded and goes to the dead letter queue: {Reason}")]
    private static partial void LogDead(ILogger logger, Guid? id, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Batch {Id} could not be delivered to {Where}; it is kept, trying again in about {Seconds:F1} s. {Error}")]
    private static partial void LogFailed(ILogger logger, Guid? id, string where, double seconds, string error);
}
