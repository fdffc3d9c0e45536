using System.Globalization;
using System.Text;
using Tributary.Testing;

namespace Tributary.Tests.Unit.Collector.Feeds;

/// <summary>A real journal file, written by systemd-journal-remote out of the export format.</summary>
internal sealed class JournalFile : IDisposable
{
    private const string Writer = "/lib/systemd/systemd-journal-remote";
    private const string Boot = "0123456789abcdef0123456789abcdef";

    private readonly TempFolder _folder = new("journal");
    private readonly string _input;
    private long _clock = 1_700_000_000_000_000;

    public JournalFile()
    {
        Folder = _folder.MakeFolder("files");
        _input = _folder.Combine("entries.export");
    }

    public string Folder { get; }

    /// <summary>Appends entries.</summary>
    public async Task WriteAsync(params (string Unit, int Priority, string Message)[] entries)
    {
        var export = new MemoryStream();
        foreach (var (unit, priority, message) in entries)
        {
            var identifier = unit.Split('.')[0];
            _clock++;
            Text(export, $"__REALTIME_TIMESTAMP={_clock}\n__MONOTONIC_TIMESTAMP={_clock - 1_600_000_000_000_000}\n_BOOT_ID={Boot}\n_MACHINE_ID={Boot}\n");
            Text(export, string.Create(CultureInfo.InvariantCulture, $"PRIORITY={priority}\n_SYSTEMD_UNIT={unit}\nSYSLOG_IDENTIFIER={identifier}\n_PID=42\n"));
            var bytes = Encoding.UTF8.GetBytes(message);
            Text(export, "MESSAGE\n");
            export.Write(BitConverter.GetBytes((ulong)bytes.Length));
            export.Write(bytes);
            Text(export, "\n\n");
        }

        await File.WriteAllBytesAsync(_input, export.ToArray());
        await ChildProcess.RunAsync(InstalledProgram.Find(Writer, "systemd-journal-remote"), ["-o", Path.Combine(Folder, "remote.journal"), _input], TimeSpan.FromSeconds(20));
    }

    /// <summary>As when the oldest entries were vacuumed: nothing of what was written is there any more.</summary>
    public void Vacuum() => File.Delete(Path.Combine(Folder, "remote.journal"));

    public void Dispose() => _folder.Dispose();

    private static void Text(MemoryStream target, string text) => target.Write(Encoding.UTF8.GetBytes(text));
}
