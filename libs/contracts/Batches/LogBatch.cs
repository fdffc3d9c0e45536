using System.Diagnostics.CodeAnalysis;

namespace Tributary.Contracts.Batches;

/// <summary>
/// A batch as it travels: the body is an OTLP <c>ExportLogsServiceRequest</c> compressed with <see cref="Codec"/>, the
/// rest are message headers (<see cref="BatchHeaders"/>), so that any OTLP consumer in any language can read it.
/// </summary>
public sealed record LogBatch
{
    /// <summary>The MIME type of the body.</summary>
    public const string ContentType = "application/x-protobuf";

    private readonly ReadOnlyMemory<byte> _inPlace;
    private byte[]? _body;

    public required string Target { get; init; }

    public required string Node { get; init; }

    public required int Records { get; init; }

    public required BatchCodec Codec { get; init; }

    /// <summary>CRC-32C of <see cref="Body"/> as it travels.</summary>
    public required uint Crc { get; init; }

    public required IReadOnlyList<SourceRange> Sources { get; init; }

    /// <summary>The body as an array of its own; of a batch that was sealed in place, a copy that is made when first asked for.</summary>
    [SuppressMessage("Performance", "CA1819", Justification = "The bus client takes whole arrays.")]
    public required byte[] Body
    {
        get => _body ??= _inPlace.ToArray();
        init => _body = value;
    }

    /// <summary>The body without a copy. Of a batch that was sealed in place it is valid only until its publishing ends.</summary>
    public ReadOnlyMemory<byte> Content => _body ?? _inPlace;

    public LogBatch()
    {
    }

    [SetsRequiredMembers]
    private LogBatch(ReadOnlyMemory<byte> inPlace)
    {
        _inPlace = inPlace;
        (Target, Node, Sources, Body) = ("", "", [], null!);
    }

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

    /// <summary>
    /// Makes a batch of an encoded request as it is, uncompressed and without a copy: the memory must stay as it is until
    /// the batch's publishing has ended.
    /// </summary>
    public static LogBatch SealInPlace(string target, string node, int records, IReadOnlyList<SourceRange> sources, ReadOnlyMemory<byte> request) =>
        new(request)
        {
            Target = target,
            Node = node,
            Records = records,
            Codec = BatchCodec.None,
            Crc = Crc32C.Compute(request.Span),
            Sources = sources,
        };

    /// <summary>Checks the checksum and decodes the body.</summary>
    /// <exception cref="InvalidDataException">The body is damaged, not what its codec says, or too large.</exception>
    public PooledBytes Open()
    {
        var crc = Crc32C.Compute(Content.Span);
        if (crc != Crc)
        {
            throw new InvalidDataException($"The body's CRC-32C is {crc:x8}, the header says {Crc:x8}.");
        }

        return BatchCompression.Decompress(Codec, Content);
    }
}
