using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Tributary.Tests.Unit.Contracts;

/// <summary>
/// Encodes a message as a legal but unusual producer may: fields of every message in random order (elements of one field
/// keep theirs), unknown fields of every wire type between them, integers with needless bytes.
/// </summary>
internal sealed class ShuffledProtobuf(Random random)
{
    private const int UnknownFieldFirst = 200;

    public byte[] Encode(IMessage message)
    {
        var queues = message.Descriptor.Fields.InFieldNumberOrder().Select(field => Chunks(message, field)).Append(Unknown()).Where(q => q.Count > 0).ToList();
        var bytes = new List<byte>();
        while (queues.Count > 0)
        {
            var queue = queues[random.Next(queues.Count)];
            bytes.AddRange(queue.Dequeue());
            if (queue.Count == 0)
            {
                queues.Remove(queue);
            }
        }

        return [.. bytes];
    }

    private Queue<byte[]> Chunks(IMessage message, FieldDescriptor field)
    {
        var value = field.Accessor.GetValue(message);
        if (field.IsRepeated)
        {
            return new Queue<byte[]>(((System.Collections.IList)value).Cast<object>().Select(element => Chunk(field, element)));
        }

        return field.HasPresence && !field.Accessor.HasValue(message) ? new Queue<byte[]>() : new Queue<byte[]>([Chunk(field, value)]);
    }

    private byte[] Chunk(FieldDescriptor field, object value)
    {
        var fixed64 = new byte[8];
        switch (field.FieldType)
        {
            case FieldType.Message:
                return Delimited(field.FieldNumber, Encode((IMessage)value));
            case FieldType.String:
                return Delimited(field.FieldNumber, Encoding.UTF8.GetBytes((string)value));
            case FieldType.Bytes:
                return Delimited(field.FieldNumber, ((ByteString)value).ToByteArray());
            case FieldType.Fixed64:
                BinaryPrimitives.WriteUInt64LittleEndian(fixed64, (ulong)value);
                return [.. Tag(field.FieldNumber, 1), .. fixed64];
            case FieldType.Double:
                BinaryPrimitives.WriteDoubleLittleEndian(fixed64, (double)value);
                return [.. Tag(field.FieldNumber, 1), .. fixed64];
            case FieldType.Fixed32:
                BinaryPrimitives.WriteUInt32LittleEndian(fixed64, (uint)value);
                return [.. Tag(field.FieldNumber, 5), .. fixed64[..4]];
            default:
                var number = value switch { bool b => b ? 1UL : 0, long l => (ulong)l, uint u => u, _ => (ulong)(int)value };
                return [.. Tag(field.FieldNumber, 0), .. Varint(number)];
        }
    }

    private Queue<byte[]> Unknown()
    {
        var chunks = new Queue<byte[]>();
        while (random.Next(3) == 0)
        {
            var number = UnknownFieldFirst + random.Next(1_000_000);
            var content = new byte[random.Next(20)];
            random.NextBytes(content);
            chunks.Enqueue(random.Next(4) switch
            {
                0 => [.. Tag(number, 0), .. Varint((ulong)random.NextInt64())],
                1 => [.. Tag(number, 1), 1, 2, 3, 4, 5, 6, 7, 8],
                2 => [.. Tag(number, 5), 1, 2, 3, 4],
                _ => Delimited(number, content),
            });
        }

        return chunks;
    }

    private byte[] Delimited(int number, byte[] content) => [.. Tag(number, 2), .. Varint((ulong)content.Length), .. content];

    private byte[] Tag(int number, int wireType) => Varint((ulong)((number << 3) | wireType), paddable: false);

    private byte[] Varint(ulong value, bool paddable = true)
    {
        var bytes = new List<byte>();
        do
        {
            bytes.Add((byte)(value | 0x80));
            value >>= 7;
        }
        while (value > 0);
        while (paddable && bytes.Count < 5 && random.Next(4) == 0)
        {
            bytes.Add(0x80);
        }

        bytes[^1] &= 0x7F;
        return [.. bytes];
    }
}
