using System.Runtime.InteropServices;
using System.Text;

namespace Tributary.Collector.Feeds.Journal;

/// <summary>An open journal. Not thread-safe: libsystemd wants one thread for it.</summary>
internal sealed class JournalHandle : IDisposable
{
    private readonly nint _journal;

    /// <summary>Opens the journals of this host, or those below a folder.</summary>
    /// <param name="directory">A folder with journal files, or with a folder of a machine's id that has them; null for the host's own.</param>
    /// <param name="fieldBytesMax">Longer fields come cut to about this.</param>
    /// <exception cref="IOException">The folder cannot be read, or the library is not installed.</exception>
    public JournalHandle(string? directory, int fieldBytesMax)
    {
        if (!LibSystemd.IsAvailable)
        {
            throw new IOException("libsystemd.so.0 is not installed (Debian: libsystemd0), so the journal cannot be read.");
        }

        Check(directory is null
            ? LibSystemd.sd_journal_open(out _journal, LibSystemd.LocalOnly)
            : LibSystemd.sd_journal_open_directory(out _journal, directory, 0), directory is null ? "open the journal" : $"open the journal in {directory}");
        _ = LibSystemd.sd_journal_set_data_threshold(_journal, (nuint)fieldBytesMax);
    }

    /// <summary>Only entries whose field has one of these values; several fields are all asked for.</summary>
    public void Match(string field, IReadOnlyCollection<string> values)
    {
        foreach (var value in values)
        {
            var match = Encoding.UTF8.GetBytes($"{field}={value}");
            Check(LibSystemd.sd_journal_add_match(_journal, match, (nuint)match.Length), $"select {field}");
        }

        if (values.Count > 0)
        {
            Check(LibSystemd.sd_journal_add_conjunction(_journal), $"select {field}");
        }
    }

    public void SeekStart() => Check(LibSystemd.sd_journal_seek_head(_journal), "seek the start");

    /// <summary>The next entry will be the first that comes after now.</summary>
    public void SeekEnd()
    {
        Check(LibSystemd.sd_journal_seek_tail(_journal), "seek the end");
        if (Check(LibSystemd.sd_journal_previous(_journal), "seek the end") == 0)
        {
            // No entry matches yet: from the end nothing would ever be found.
            SeekStart();
        }
    }

    /// <summary>Goes to just after the cursor's entry. False when that entry is not there any more: the next one there is follows.</summary>
    public bool SeekAfter(string cursor)
    {
        Check(LibSystemd.sd_journal_seek_cursor(_journal, cursor), "seek a cursor");
        if (!Next())
        {
            return true;
        }

        if (LibSystemd.sd_journal_test_cursor(_journal, cursor) > 0)
        {
            return true;
        }

        // It stands on the first entry behind the gap, which the caller has yet to see: stepping back would not leave it.
        Check(LibSystemd.sd_journal_seek_cursor(_journal, cursor), "seek a cursor");
        return false;
    }

    /// <summary>Steps to the next entry; false at the end.</summary>
    public bool Next() => Check(LibSystemd.sd_journal_next(_journal), "read the next entry") > 0;

    /// <summary>Waits until something may have come, at most so long.</summary>
    public void Wait(TimeSpan time) => Check(LibSystemd.sd_journal_wait(_journal, (ulong)time.TotalMicroseconds), "wait for entries");

    public string Cursor()
    {
        Check(LibSystemd.sd_journal_get_cursor(_journal, out var text), "read a cursor");
        try
        {
            return Marshal.PtrToStringUTF8(text)!;
        }
        finally
        {
            LibSystemd.free(text);
        }
    }

    /// <summary>When the entry was received, nanoseconds since 1970.</summary>
    public ulong TimeUnixNano() => LibSystemd.sd_journal_get_realtime_usec(_journal, out var microseconds) < 0 ? 0 : microseconds * 1000;

    /// <summary>The value of a field; null when the entry has none.</summary>
    public unsafe byte[]? Field(string name)
    {
        if (LibSystemd.sd_journal_get_data(_journal, name, out var data, out var length) < 0)
        {
            return null;
        }

        // The library gives NAME=value in its own memory, valid until the next call.
        var bytes = new ReadOnlySpan<byte>((void*)data, (int)length);
        return bytes[Math.Min(bytes.Length, name.Length + 1)..].ToArray();
    }

    public void Dispose() => LibSystemd.sd_journal_close(_journal);

    private static int Check(int result, string what) =>
        result >= 0 ? result : throw new IOException($"Cannot {what}: {Marshal.GetPInvokeErrorMessage(-result)}.");
}
