using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;
using Tributary.Contracts.Batches;

namespace Tributary.Hosting;

/// <summary>
/// Passes a batch's body through MassTransit as it is: no base64, no JSON envelope. What else there is to say of it
/// travels as message headers. Control messages keep MassTransit's JSON envelope.
/// </summary>
public sealed class BatchSerializer : ISerializerFactory, IMessageSerializer, IMessageDeserializer
{
    public static readonly BatchSerializer Instance = new();

    /// <summary>Of all headers together; RabbitMQ takes 128 KiB in one frame.</summary>
    private const int DeadHeaderCharactersMax = 24 * 1024;

    public ContentType ContentType { get; } = new(LogBatch.ContentType);

    public IMessageSerializer CreateSerializer() => this;

    public IMessageDeserializer CreateDeserializer() => this;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class
    {
        return context.Message switch
        {
            LogBatch batch => Serialize(batch, context.Headers),
            DeadBatch dead => Serialize(dead, context.Headers),
            _ => throw new InvalidOperationException($"{typeof(T)} is no batch."),
        };
    }

    private static BytesMessageBody Serialize(DeadBatch dead, SendHeaders headers)
    {
        // The reason comes on top of headers that may fill a frame already, and a frame that is too large ends the connection.
        var room = DeadHeaderCharactersMax;
        foreach (var name in BatchHeaders.All)
        {
            var value = dead.Batch.Header(name);
            headers.Set(name, value.Length <= room ? value : value[..room]);
            room -= Math.Min(room, value.Length);
        }

        headers.Set(BatchHeaders.DeadReason, dead.Reason);
        return new BytesMessageBody(dead.Batch.GetBody());
    }

    private static BytesMessageBody Serialize(LogBatch batch, SendHeaders headers)
    {
        headers.Set(BatchHeaders.Target, batch.Target);
        headers.Set(BatchHeaders.Node, batch.Node);
        headers.Set(BatchHeaders.Records, batch.Records.ToString(CultureInfo.InvariantCulture));
        headers.Set(BatchHeaders.Codec, BatchCompression.Name(batch.Codec));
        headers.Set(BatchHeaders.Crc, batch.Crc.ToString("x8", CultureInfo.InvariantCulture));
        headers.Set(BatchHeaders.Sources, SourceRange.Format(batch.Sources));
        return new BytesMessageBody(batch.Body);
    }

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(
            receiveContext,
            Read(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress, receiveContext.ContentType?.MediaType));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        Read(body, headers, destinationAddress, LogBatch.ContentType);

    private static Context Read(MessageBody body, Headers headers, Uri? destinationAddress, string? contentType) =>
        new(new RawMessageContext(headers, destinationAddress, RawSerializerOptions.Default), headers, body, contentType);

    public MessageBody GetMessageBody(string text) => throw new NotSupportedException("A batch is bytes.");

    public void Probe(ProbeContext context) => context.CreateScope("batch");

    /// <summary>Reads headers and body back; a header that is missing or wrong is left to <see cref="ReceivedBatch"/> to report.</summary>
    private sealed class Context(MessageContext context, Headers headers, MessageBody body, string? contentType)
        : BaseSerializerContext(SystemTextJsonMessageSerializer.Instance, context, [MessageUrn.ForTypeString<ReceivedBatch>()])
    {
        private readonly ReceivedBatch _batch = new(headers, body, contentType);

        public override bool TryGetMessage<T>([NotNullWhen(true)] out T? message)
            where T : class
        {
            message = _batch as T;
            return message is not null;
        }

        public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message)
        {
            message = messageType.IsAssignableFrom(typeof(ReceivedBatch)) ? _batch : null;
            return message is not null;
        }

        public override IMessageSerializer GetMessageSerializer() => Instance;

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) => Instance;

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) => Instance;

        public override Dictionary<string, object> ToDictionary<T>(T? message)
            where T : class => [];
    }
}
