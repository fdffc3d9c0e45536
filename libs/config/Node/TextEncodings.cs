namespace Tributary.Config;

/// <summary>The encodings that a log file may be declared to have. UTF-8, the default, is read as it is.</summary>
public static class TextEncodings
{
    public const string Default = "utf-8";

    private static readonly Dictionary<string, int> CodePages = new(StringComparer.Ordinal)
    {
        ["gb18030"] = 54936,
        ["gbk"] = 936,
        ["big5"] = 950,
        ["shift_jis"] = 932,
        ["euc-jp"] = 51932,
        // The superset that Windows writes under this name.
        ["euc-kr"] = 949,
        ["iso-8859-1"] = 28591,
        ["iso-8859-2"] = 28592,
        ["iso-8859-3"] = 28593,
        ["iso-8859-4"] = 28594,
        ["iso-8859-5"] = 28595,
        ["iso-8859-6"] = 28596,
        ["iso-8859-7"] = 28597,
        ["iso-8859-8"] = 28598,
        ["iso-8859-9"] = 28599,
        ["iso-8859-13"] = 28603,
        ["iso-8859-15"] = 28605,
        ["koi8-r"] = 20866,
        ["windows-874"] = 874,
        ["windows-1250"] = 1250,
        ["windows-1251"] = 1251,
        ["windows-1252"] = 1252,
        ["windows-1253"] = 1253,
        ["windows-1254"] = 1254,
        ["windows-1255"] = 1255,
        ["windows-1256"] = 1256,
        ["windows-1257"] = 1257,
        ["windows-1258"] = 1258,
    };

    /// <summary>Every name.</summary>
    public static IReadOnlyList<string> Names { get; } = [Default, "utf-16", "utf-16le", "utf-16be", .. CodePages.Keys];

    private static readonly TextRule Rule = TextRule.Of(
        "encoding",
        "utf-8, utf-16, utf-16le, utf-16be, gb18030, gbk, big5, shift_jis, euc-jp, euc-kr, koi8-r, iso-8859-1 to -9, -13 and -15, windows-874 or windows-1250 to -1258",
        text => Names.Contains(text));

    /// <summary>The number under which .NET knows the encoding; null for UTF-8 and UTF-16.</summary>
    public static int? CodePageOf(string name) => CodePages.TryGetValue(name, out var page) ? page : null;

    internal static string Read(MappingReader files) =>
        files.Text("encoding", Default, Rule, "How the text is encoded. UTF-16 is also told by the mark at a file's start; what is not in the encoding is kept as bytes, and counted.");

    internal static bool ReadStripReturn(MappingReader files) =>
        files.Choice("carriageReturn", false, "Whether a carriage return before the line feed stays in the line.", ("keep", false), ("strip", true));
}
