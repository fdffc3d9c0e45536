namespace Tributary.Config;

/// <summary>Log files of the host, found by globs.</summary>
public sealed record HostFilesSource
{
    /// <summary>Globs, at least one.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Globs of files that are left out although they match.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    public FileFormat Format { get; init; } = FileFormat.Auto;

    /// <summary>One of <see cref="TextEncodings.Names"/>; UTF-16 is also told by its mark.</summary>
    public string Encoding { get; init; } = TextEncodings.Default;

    /// <summary>Whether a carriage return before the line feed belongs to the line's end, not to the line.</summary>
    public bool StripReturn { get; init; }

    /// <summary>See <see cref="FilesSettings.Start"/>.</summary>
    public string Start { get; init; } = StartText.Beginning;

    internal static HostFilesSource Read(MappingReader files)
    {
        var source = new HostFilesSource
        {
            Paths = files.TextList("paths", [], Addresses.Glob, "Files to follow."),
            Exclude = files.TextList("exclude", [], Addresses.Glob, "Files to leave out although they match."),
            Format = FilesSettings.ReadFormat(files),
            Encoding = TextEncodings.Read(files),
            StripReturn = TextEncodings.ReadStripReturn(files),
            Start = FilesSettings.ReadStart(files),
        };
        if (source.Paths.Count == 0)
            files.Fail("paths", "is missing; expected a list of globs with at least one item");
        return source;
    }
}

/// <summary>Entries of the systemd journal, the kubelet's and the container runtime's among them.</summary>
public sealed record JournalSource
{
    private const int PriorityDebug = 7;

    private static readonly TextRule Unit = TextRule.Of(
        "unit", "a unit's whole name such as kubelet.service, up to 256 characters", text => text.Length is > 0 and <= 256 && text.Contains('.') && !text.Any(char.IsWhiteSpace));

    private static readonly TextRule Identifier = TextRule.Of(
        "identifier", "a syslog identifier, up to 256 characters", text => text.Length is > 0 and <= 256);

    private static readonly TextRule Field = TextRule.Of(
        "field", "a journal field's name: upper-case letters, digits and \"_\", up to 64", text => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_'));

    /// <summary>Only these units; empty for all.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>Only these identifiers; empty for all.</summary>
    public IReadOnlyList<string> Identifiers { get; init; } = [];

    /// <summary>Syslog's 0 (emergency) to 7 (debug): only entries that are as severe, or more.</summary>
    public int PriorityMax { get; init; } = PriorityDebug;

    /// <summary>Folder of the journal files; empty for the host's own.</summary>
    public string Directory { get; init; } = "";

    /// <summary>Further fields that records get as attributes <c>journald.NAME</c>.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Whether what is in the journal when it is first followed is left out.</summary>
    public bool FromEnd { get; init; }

    internal static JournalSource Read(MappingReader journal) => new()
    {
        Units = journal.TextList("units", [], Unit, "Only entries of these units. Empty: all."),
        Identifiers = journal.TextList("identifiers", [], Identifier, "Only entries with one of these syslog identifiers. Empty: all."),
        PriorityMax = journal.Number("maxPriority", PriorityDebug, 0, PriorityDebug, "Only entries of this syslog priority (0 emergency, 3 error, 6 info, 7 debug) and the more severe ones."),
        Directory = journal.Text("directory", "", TextRule.Of("path", "a path that is not empty", Addresses.IsPath), "Folder of the journal files.", "the host's own"),
        Fields = journal.TextList("fields", [], Field, "Further fields that records get as attributes `journald.NAME`."),
        FromEnd = Start.Read(journal),
    };
}

/// <summary>The kernel's ring: what <c>dmesg</c> shows.</summary>
public sealed record KernelSource
{
    /// <summary>Whether what is in the ring when it is first followed is left out.</summary>
    public bool FromEnd { get; init; }

    internal static KernelSource Read(MappingReader kernel) => new() { FromEnd = Start.Read(kernel) };
}

/// <summary>Where a feed begins when it is first followed.</summary>
internal static class Start
{
    public static bool Read(MappingReader source) =>
        source.Choice("start", false, "Where reading begins when the source is first followed.", ("beginning", false), ("end", true));
}
