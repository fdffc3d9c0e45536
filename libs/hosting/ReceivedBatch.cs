using System.Globalization;
using MassTransit;
using Tributary.Contracts;
using Tributary.Contracts.Batches;

namespace Tributary.Hosting;

/// <summary>A message from the batch exchange whose headers and body have not been checked yet.</summary>
public sealed class ReceivedBatch(Headers headers, MessageBody body)
{
    /// <summary>The body as it came, for the dead letter queue.</summary>
    public byte[] GetBody() => body.GetBytes();

    /// <summary>The header's text; empty when there is none.</summary>
    public string Header(string name) => headers.Get<string>(name) ?? "";

    /// <summary>The batch that the headers describe.</summary>
    /// <exception cref="InvalidDataException">A header is missing or malformed.</exception>
    public LogBatch ToBatch()
    {
        if (!int.TryParse(Header(BatchHeaders.Records), NumberStyles.None, CultureInfo.InvariantCulture, out var records))
        {
            throw new InvalidDataException($"Header {BatchHeaders.Records} is '{Excerpt.Of(Header(BatchHeaders.Records))}', expected a count.");
        }

        if (!uint.TryParse(Header(BatchHeaders.Crc), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var crc))
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
