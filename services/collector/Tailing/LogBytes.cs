using Microsoft.Win32.SafeHandles;

namespace Tributary.Collector.Tailing;

/// <summary>
/// A file's bytes by offset: as they are, or those that a gzip file decompresses to. Owns the handle. Touched by the tail
/// loop alone.
/// </summary>
internal sealed class LogBytes : IDisposable
{
    private readonly GzipText? _text;

    public LogBytes(SafeFileHandle handle, bool compressed)
    {
        Handle = handle;
        _text = compressed ? new GzipText(handle) : null;
    }

    public SafeFileHandle Handle { get; }

    public bool IsCompressed => _text is not null;

    /// <summary>Reads up to the buffer's length; less only at the end.</summary>
    /// <exception cref="IOException">The file cannot be read or decompressed.</exception>
    public int Read(Span<byte> into, long offset) => _text?.Read(into, offset) ?? RandomAccess.Read(Handle, into, offset);

    /// <summary>Frees what decompressing holds until the next read, which has to begin at the file's start.</summary>
    public void Rest() => _text?.Rest();

    public void Dispose()
    {
        _text?.Dispose();
        Handle.Dispose();
    }
}
