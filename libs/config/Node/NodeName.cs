namespace Tributary.Config;

/// <summary>A node's name: part of queue names (255 bytes at most), metrics and routing keys.</summary>
internal static class NodeName
{
    public const int LengthMax = 200;

    public static readonly TextRule Rule = TextRule.Of(
        "name",
        $"1 to {LengthMax} lower-case letters, digits, \"-\" or \".\", the first and the last a letter or a digit",
        text => text.Length <= LengthMax && Names.IsLowerName(text, allowDot: true));

    /// <summary>The host's name made to fit: lower case, anything else becomes <c>-</c>; <c>node</c> where nothing is left.</summary>
    public static string OfHost(string host)
    {
        var fitted = string.Concat(host.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-'));
        fitted = (fitted.Length > LengthMax ? fitted[..LengthMax] : fitted).Trim('-', '.');
        return fitted.Length > 0 ? fitted : "node";
    }
}
