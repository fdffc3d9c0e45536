using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Tributary.Docker;

/// <summary>
/// Reads a stream of JSON objects, one a line. Holds at most one line. The end of the stream ends the enumeration, also
/// in the middle of a line: the engine went away, and the caller resumes after the last event that it has.
/// </summary>
internal static class EventReader
{
    public static async IAsyncEnumerable<DockerEvent> ReadAsync(
        Stream stream, string path, int lineBytesMax, [EnumeratorCancellation] CancellationToken cancel)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            while (true)
            {
                var (buffer, ended) = await ReadSomeAsync(reader, cancel);
                while (TryTakeLine(ref buffer, out var line))
                {
                    if (Parse(line, path) is { } message)
                    {
                        yield return message;
                    }
                }

                if (ended)
                {
                    yield break;
                }

                if (buffer.Length > lineBytesMax)
                {
                    throw new DockerException(path, $"Docker sent an event of more than {lineBytesMax} bytes.");
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static async ValueTask<(ReadOnlySequence<byte> Buffer, bool Ended)> ReadSomeAsync(PipeReader reader, CancellationToken cancel)
    {
        try
        {
            var result = await reader.ReadAsync(cancel);
            return (result.Buffer, result.IsCompleted);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return (ReadOnlySequence<byte>.Empty, true);
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static DockerEvent? Parse(ReadOnlySequence<byte> line, string path)
    {
        if (line.IsEmpty)
        {
            return null;
        }

        try
        {
            var json = new Utf8JsonReader(line);
            return JsonSerializer.Deserialize(ref json, DockerJson.Default.DockerEvent);
        }
        catch (JsonException e)
        {
            throw new DockerException(path, $"Docker sent an event that is no JSON object: {e.Message}", e);
        }
    }
}
