using System.Buffers;

namespace Tributary.Collector.Records.Shaping.Finding;

/// <summary>
/// E-mail addresses: <c>name@host.tld</c>, also with <c>%40</c> as in URLs. The last part of the host has two letters at
/// least, so a version such as <c>pkg@1.2.3</c> is none. ASCII alone: in texts without spaces between words, as in
/// Chinese, letters beside an address belong to the sentence.
/// </summary>
internal sealed class EmailFinder : IFinder
{
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-"u8);

    private static readonly SearchValues<byte> HostBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"u8);

    public void FindAll(ReadOnlySpan<byte> text, List<Slice> found)
    {
        int from = 0, at = 0;
        while (true)
        {
            var next = text[at..].IndexOfAny((byte)'@', (byte)'%');
            if (next < 0)
            {
                return;
            }

            at += next;
            var mark = text[at] == '@' ? 1 : text[at..].StartsWith("%40"u8) ? 3 : 0;
            if (mark == 0)
            {
                at++;
                continue;
            }

            var name = text[from..at];
            name = name[(name.LastIndexOfAnyExcept(NameBytes) + 1)..];
            var host = text[(at + mark)..];
            var end = host.IndexOfAnyExcept(HostBytes);
            host = Host(end < 0 ? host : host[..end]);
            if (name.Length > 0 && host.Length > 0)
            {
                found.Add(new Slice(at - name.Length, name.Length + mark + host.Length));
            }

            from = at += mark + host.Length;
        }
    }

    /// <summary>Cut back to where it ends like a host; empty when it is none.</summary>
    private static ReadOnlySpan<byte> Host(ReadOnlySpan<byte> host)
    {
        while (true)
        {
            host = host.TrimEnd(".-"u8);
            var dot = host.LastIndexOf((byte)'.');
            if (dot <= 0)
            {
                return [];
            }

            var top = host[(dot + 1)..];
            if (top.Length >= 2 && char.IsAsciiLetter((char)top[0]) && char.IsAsciiLetter((char)top[1]))
            {
                return host[0] == '.' ? [] : host;
            }

            host = host[..dot];
        }
    }
}
