namespace Tributary.Config;

/// <summary>Log files of the host, outside any container.</summary>
public sealed record FilesSettings
{
    /// <summary>Globs; empty means <c>/var/log/*.log</c> where neither Docker nor pods are found, else nothing.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Globs of files that are left out although they are included.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    public FileFormat Format { get; init; } = FileFormat.Auto;

    /// <summary>One of <see cref="TextEncodings.Names"/>; UTF-16 is also told by its mark.</summary>
    public string Encoding { get; init; } = TextEncodings.Default;

    /// <summary>Whether a carriage return before the line feed belongs to the line's end, not to the line.</summary>
    public bool StripReturn { get; init; }

    /// <summary>Where the records go.</summary>
    public string Target { get; init; } = "default";

    /// <summary>Where reading begins in what is there at the first look: <c>beginning</c>, <c>end</c>, or an RFC 3339 time.</summary>
    public string Start { get; init; } = StartText.Beginning;

    internal static FilesSettings Read(MappingReader files)
    {
        var defaults = new FilesSettings();
        return new()
        {
            Include = files.TextList("include", defaults.Include, Addresses.Glob, "Files to follow. Empty: `/var/log/*.log` where neither Docker nor pods are found, unless both are `off`; else none."),
            Exclude = files.TextList("exclude", defaults.Exclude, Addresses.Glob, "Files to leave out although they are included."),
            Format = ReadFormat(files),
            Encoding = TextEncodings.Read(files),
            StripReturn = TextEncodings.ReadStripReturn(files),
            Target = files.Text("target", defaults.Target, Names.Target, "Where the records go."),
            Start = ReadStart(files),
        };
    }

    internal static string ReadStart(MappingReader files) =>
        files.Text("start", StartText.Beginning, StartText.Rule, "Where reading begins in a file that is there at the first look; one that comes later is read from its beginning.");

    internal static FileFormat ReadFormat(MappingReader files) =>
        files.Choice("format", FileFormat.Auto, "How a file is framed; `auto` tells it from the first line.", ("auto", FileFormat.Auto), ("cri", FileFormat.Cri), ("docker", FileFormat.Docker), ("raw", FileFormat.Raw));
}

/// <summary>How a log file of the host is framed.</summary>
public enum FileFormat
{
    /// <summary>Told from the first line.</summary>
    Auto,

    /// <summary>CRI: <c>time stream P|F text</c>.</summary>
    Cri,

    /// <summary>Docker's json-file.</summary>
    Docker,

    /// <summary>Plain lines.</summary>
    Raw,
}
