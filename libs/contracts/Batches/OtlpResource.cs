using System.Buffers;
using System.Text;

namespace Tributary.Contracts.Batches;

/// <summary>Encodes resource attributes once, so that opening a section of a batch is one copy.</summary>
public static class OtlpResource
{
    /// <summary>The bytes of a ResourceLogs' <c>resource</c> field, tag and length included; attributes sorted by key.</summary>
    public static byte[] Encode(IEnumerable<KeyValuePair<string, string>> attributes)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var (key, value) in attributes.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            var keyBytes = Encoding.UTF8.GetBytes(key);
            var any = Field(OtlpFields.AnyString, Encoding.UTF8.GetBytes(value));
            byte[] keyValue = [.. Field(OtlpFields.KeyValueKey, keyBytes), .. Field(OtlpFields.KeyValueValue, any)];
            body.Write(Field(OtlpFields.ResourceAttributes, keyValue));
        }

        return Field(OtlpFields.ResourceLogsResource, body.WrittenSpan);
    }

    private static byte[] Field(byte tag, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[11];
        head[0] = tag;
        var length = 1 + Varint.Write(head[1..], (ulong)value.Length);
        return [.. head[..length], .. value];
    }
}
