using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace Tributary.Collector.Tailing;

/// <summary>
/// What a gzip file decompresses to, by offset. Made for reading on: a step back costs decompressing anew from the start.
/// Holds no more than what was asked for at once, beside the decompressor.
/// </summary>
internal sealed class GzipText(SafeFileHandle handle) : IDisposable
{
    private const int StepBytes = 64 * 1024;

    private readonly FileStream _file = new(handle, FileAccess.Read, bufferSize: 0);
    private GZipStream? _gzip;
    private byte[] _window = [];
    private long _start;
    private int _length;

    /// <exception cref="IOException">The file cannot be read, or is damaged.</exception>
    public int Read(Span<byte> into, long offset)
    {
        try
        {
            return TryRead(into, offset);
        }
        catch (InvalidDataException e)
        {
            Rest();
            throw new IOException($"It cannot be decompressed: {e.Message}", e);
        }
    }

    /// <summary>Frees the decompressor and its window.</summary>
    public void Rest()
    {
        _gzip?.Dispose();
        _gzip = null;
        _window = [];
        _length = 0;
    }

    public void Dispose()
    {
        Rest();
        _file.Dispose();
    }

    private int TryRead(Span<byte> into, long offset)
    {
        if (_gzip is null || offset < _start)
        {
            Rest();
            _file.Position = 0;
            _start = 0;
            _gzip = new GZipStream(_file, CompressionMode.Decompress, leaveOpen: true);
        }

        if (_window.Length < Math.Max(into.Length, StepBytes))
        {
            Array.Resize(ref _window, Math.Max(into.Length, StepBytes));
        }

        while (_start + _length < offset)
        {
            _start += _length;
            _length = _gzip.Read(_window, 0, (int)Math.Min(StepBytes, offset - _start));
            if (_length == 0)
            {
                return 0;
            }
        }

        var passed = (int)(offset - _start);
        _length -= passed;
        _window.AsSpan(passed, _length).CopyTo(_window);
        _start = offset;
        for (var more = 1; _length < into.Length && more > 0; _length += more)
        {
            more = _gzip.Read(_window, _length, into.Length - _length);
        }

        var count = Math.Min(_length, into.Length);
        _window.AsSpan(0, count).CopyTo(into);
        return count;
    }
}
