using System.Globalization;
using MassTransit;
using Tributary.Contracts;
using Tributary.Contracts.Batches;

namespace Tributary.Hosting;

/// <summary>A message from a queue of batches, of whatever content type, whose headers and body have not been checked yet.</summary>
/// <param name="headers">The transport's.</param>
/// <param name="body">The transport's.</param>
/// <param name="contentType">As it came; null when the message has none.</param>
public sealed class ReceivedBatch(Headers headers, MessageBody body, string? contentType)
{
    /// <summary>The body as it came, for the dead letter queue.</summary>
    public byte[] GetBody() => body.GetBytes();

    /// <summary>The header's text; empty when there is none.</summary>
    public string Header(string name) =>
        headers.TryGetHeader(name, out var value) ? Convert.ToString(value, CultureInfo.InvariantCulture) ?? "" : "";

    /// <summary>The batch that the headers describe.</summary>
    /// <exception cref="InvalidDataException">A header is missing or malformed, or this is no batch at all.</exception>
    public LogBatch ToBatch()
    {
        if (!string.Equals(contentType, LogBatch.ContentType, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException($"The content type is '{Excerpt.Of(contentType)}', expected {LogBatch.ContentType}.");
        }

        if (!int.TryParse(Header(BatchHeaders.Records), NumberStyles.None, CultureInfo.InvariantCulture, out var records))
        {
            throw new InvalidDataException($"Header {BatchHeaders.Records} is '{Excerpt.Of(Header(BatchHeaders.Records))}', expected a count.");
        }

        if (Header(BatchHeaders.Crc).Length != 8 || !uint.TryParse(Header(BatchHeaders.Crc), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var crc))
        {
            throw new InvalidDataException($"Header {BatchHeaders.Crc} is '{Excerpt.Of(Header(BatchHeaders.Crc))}', expected eight hex digits.");
        }

        var target = Header(BatchHeaders.Target);
        if (!TargetName.IsValid(target))
        {
            throw new InvalidDataException($"Header {BatchHeaders.Target} is '{Excerpt.Of(target)}', which is no target name.");
        }

        return new LogBatch
        {
            Target = target,
            Node = Header(BatchHeaders.Node),
            Records = records,
            Codec = BatchCompression.Parse(Header(BatchHeaders.Codec)),
            Crc = crc,
            Sources = SourceRange.Parse(Header(BatchHeaders.Sources)),
            Body = body.GetBytes(),
        };
    }
}
