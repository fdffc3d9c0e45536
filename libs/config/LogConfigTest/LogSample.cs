using System.Text;

namespace Tributary.Config;

/// <summary>Some lines of a log, as they stand in the file.</summary>
public sealed record LogSample
{
    /// <summary>Says what it shows; empty where nothing is said.</summary>
    public string Name { get; init; } = "";

    /// <summary><c>auto</c>, <c>raw</c>, <c>cri</c> or <c>docker</c>.</summary>
    public required string Format { get; init; }

    /// <summary>The file's content.</summary>
    public required byte[] Content { get; init; }

    /// <summary>What it must become, in order; null where it is only to be shown.</summary>
    public IReadOnlyList<ExpectedRecord>? Expect { get; init; }

    internal static readonly (string Word, string Value)[] Formats = [("raw", "raw"), ("cri", "cri"), ("docker", "docker"), ("auto", "auto")];

    private static readonly TextRule Base64 = new("base64", "base64", text => TryDecode(text) is null ? "" : null);

    internal static LogSample Read(MappingReader sample, string format)
    {
        var name = sample.Text("name", "", TextRule.Any, "What it shows.", "none");
        var input = sample.Text("input", "", TextRule.Any, "The lines; write $${ for a literal ${.", "none");
        var bytes = sample.Text("inputBase64", "", Base64, "The lines as base64, for bytes that are no UTF-8 text.", "none");
        if (sample.Has("input") == sample.Has("inputBase64"))
            sample.Fail("", sample.Has("input") ? "has input and inputBase64; expected one of them" : "has no input; expected input or inputBase64");
        return new()
        {
            Name = name,
            Format = sample.Choice("format", format, "How its lines are framed.", Formats),
            Content = sample.Has("inputBase64") ? TryDecode(bytes) ?? [] : Encoding.UTF8.GetBytes(input),
            Expect = sample.OptionalObjectList("expect", ExpectedRecord.Read, "The records that it must become, in order. Without it they are only shown."),
        };
    }

    private static byte[]? TryDecode(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
