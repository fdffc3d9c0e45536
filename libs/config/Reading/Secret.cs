namespace Tributary.Config;

/// <summary>Keeps passwords out of messages. In doubt it hides too much.</summary>
internal static class Secret
{
    private const string Hidden = "***";

    /// <summary>Hides what stands between <c>://</c> and the last <c>@</c>, wherever a URI was written.</summary>
    public static string MaskUserInfo(string value)
    {
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        var at = value.LastIndexOf('@');
        return scheme >= 0 && at > scheme ? string.Concat(value.AsSpan(0, scheme + 3), Hidden, value.AsSpan(at)) : value;
    }

    /// <summary>For a field that is expected to hold a password: hides also what may be one in a URI written wrongly.</summary>
    public static string MaskUri(string value)
    {
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        var head = scheme < 0 ? "" : value[..(scheme + 3)];
        var rest = value[head.Length..];
        var at = rest.LastIndexOf('@');
        if (at >= 0)
            rest = Hidden + rest[at..];
        else if (head.Length == 0 ? rest.Contains(':') : !HasPlainAuthority(rest))
            rest = Hidden;
        var query = rest.IndexOf('?');
        return head + (query < 0 ? rest : rest[..query] + "?" + Hidden);
    }

    private static bool HasPlainAuthority(string rest)
    {
        var end = rest.AsSpan().IndexOfAny('/', '?');
        var authority = end < 0 ? rest.AsSpan() : rest.AsSpan(0, end);
        var colon = authority.LastIndexOf(':');
        return colon < 0 || authority[(colon + 1)..].IndexOfAnyExceptInRange('0', '9') < 0;
    }
}
