using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Tributary.Shipper.Outputs;

/// <summary>Cuts what a crash left of a line at the end of a file: it belongs to a batch that was never confirmed.</summary>
internal static partial class TornLine
{
    /// <exception cref="IOException">The file cannot be read or cut.</exception>
    public static void Cut(SafeFileHandle file, string path, ILogger logger)
    {
        var size = RandomAccess.GetLength(file);
        var whole = WholeLines(file, size);
        if (whole < size)
        {
            RandomAccess.SetLength(file, whole);
            LogTorn(logger, path, size - whole);
        }
    }

    /// <summary>
    /// Does so for the newest file of each target below a file output's folder, the only one that a crash can tear. One that
    /// cannot be opened, and a folder that cannot be listed (lost+found), is left to the moment when it is written to.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public static void CutAll(string folder, ILogger logger)
    {
        foreach (var target in Directory.EnumerateDirectories(folder))
        {
            var newest = target;
            try
            {
                if (Directory.EnumerateFiles(target, "????-??-??.ndjson").Max(StringComparer.Ordinal) is not { } file)
                {
                    continue;
                }

                newest = file;
                using var opened = File.OpenHandle(newest, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
                Cut(opened, newest, logger);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogLeft(logger, newest, e.Message);
            }
        }
    }

    /// <summary>The length up to and including the last newline.</summary>
    private static long WholeLines(SafeFileHandle file, long size)
    {
        Span<byte> block = stackalloc byte[4096];
        var end = size;
        while (end > 0)
        {
            var start = Math.Max(0, end - block.Length);
            var read = RandomAccess.Read(file, block[..(int)(end - start)], start);
            var newline = block[..read].LastIndexOf((byte)'\n');
            if (newline >= 0)
            {
                return start + newline + 1;
            }

            end = start;
        }

        return 0;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} ended in the middle of a line; {Bytes} bytes were cut. They belong to a batch that was not confirmed and comes again.")]
    private static partial void LogTorn(ILogger logger, string path, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} could not be looked at for a torn last line: {Error} It is when it is written to.")]
    private static partial void LogLeft(ILogger logger, string path, string error);
}
