namespace Tributary.Contracts.Batches;

/// <summary>
/// A batch as it travels: the body is an OTLP <c>ExportLogsServiceRequest</c> compressed with <see cref="Codec"/>, the
/// rest are message headers (<see cref="BatchHeaders"/>), so that any OTLP consumer in any language can read it.
/// </summary>
public sealed record LogBatch
{
    /// <summary>The MIME type of the body.</summary>
    public const string ContentType = "application/x-protobuf";

    public required string Target { get; init; }

    public required string Node { get; init; }

    public required int Records { get; init; }

    public required BatchCodec Codec { get; init; }

    /// <summary>CRC-32C of <see cref="Body"/> as it travels.</summary>
    public required uint Crc { get; init; }

    public required IReadOnlyList<SourceRange> Sources { get; init; }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1819", Justification = "The bus client takes whole arrays.")]
    public required byte[] Body { get; init; }

    /// <summary>Seals an encoded request into a batch: compresses it and computes its checksum.</summary>
    public static LogBatch Seal(string target, string node, int records, BatchCodec codec, IReadOnlyList<SourceRange> sources, ReadOnlySpan<byte> request)
    {
        var body = BatchCompression.Compress(codec, request);
        return new LogBatch
        {
            Target = target,
            Node = node,
            Records = records,
            Codec = codec,
            Crc = Crc32C.Compute(body),
            Sources = sources,
            Body = body,
        };
    }

    /// <summary>Checks the checksum and decodes the body.</summary>
    /// <exception cref="InvalidDataException">The body is damaged, not what its codec says, or too large.</exception>
    public PooledBytes Open()
    {
        var crc = Crc32C.Compute(Body);
        if (crc != Crc)
        {
            throw new InvalidDataException($"The body's CRC-32C is {crc:x8}, the header says {Crc:x8}.");
        }

        return BatchCompression.Decompress(Codec, Body);
    }
}
