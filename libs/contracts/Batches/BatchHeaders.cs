namespace Tributary.Contracts.Batches;

/// <summary>Message headers of a batch. Names and formats are wire format.</summary>
public static class BatchHeaders
{
    public const string Target = "tributary-target";
    public const string Node = "tributary-node";
    public const string Records = "tributary-records";

    /// <summary><c>zstd</c>, <c>gzip</c> or <c>identity</c>.</summary>
    public const string Codec = "content-encoding";

    /// <summary>CRC-32C of the body as it travels, eight hex digits.</summary>
    public const string Crc = "tributary-crc32c";

    /// <summary>See <see cref="SourceRange.Format"/>.</summary>
    public const string Sources = "tributary-sources";

    /// <summary>The headers that every batch carries.</summary>
    public static readonly IReadOnlyList<string> All = [Target, Node, Records, Codec, Crc, Sources];

    /// <summary>Why a batch is in the dead letter queue.</summary>
    public const string DeadReason = "tributary-dead-reason";
}
