using System.Runtime.InteropServices;

namespace Tributary.Collector.Feeds.Journal;

/// <summary>The few calls of <c>sd-journal(3)</c> that reading takes. Every call returns a negative errno when it fails.</summary>
internal static partial class LibSystemd
{
    private const string Library = "libsystemd.so.0";

    public const int LocalOnly = 1;

    /// <summary>Whether the library is installed (Debian: libsystemd0).</summary>
    public static bool IsAvailable => NativeLibrary.TryLoad(Library, out _);

    [LibraryImport(Library)]
    public static partial int sd_journal_open(out nint journal, int flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sd_journal_open_directory(out nint journal, string path, int flags);

    [LibraryImport(Library)]
    public static partial void sd_journal_close(nint journal);

    [LibraryImport(Library)]
    public static partial int sd_journal_set_data_threshold(nint journal, nuint bytes);

    [LibraryImport(Library)]
    public static partial int sd_journal_add_match(nint journal, byte[] data, nuint length);

    [LibraryImport(Library)]
    public static partial int sd_journal_add_conjunction(nint journal);

    [LibraryImport(Library)]
    public static partial int sd_journal_seek_head(nint journal);

    [LibraryImport(Library)]
    public static partial int sd_journal_seek_tail(nint journal);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sd_journal_seek_cursor(nint journal, string cursor);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sd_journal_test_cursor(nint journal, string cursor);

    [LibraryImport(Library)]
    public static partial int sd_journal_next(nint journal);

    [LibraryImport(Library)]
    public static partial int sd_journal_previous(nint journal);

    [LibraryImport(Library)]
    public static partial int sd_journal_get_cursor(nint journal, out nint cursor);

    [LibraryImport(Library)]
    public static partial int sd_journal_get_realtime_usec(nint journal, out ulong microseconds);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sd_journal_get_data(nint journal, string field, out nint data, out nuint length);

    [LibraryImport(Library)]
    public static partial int sd_journal_wait(nint journal, ulong microseconds);

    [LibraryImport("libc")]
    public static partial void free(nint memory);
}
