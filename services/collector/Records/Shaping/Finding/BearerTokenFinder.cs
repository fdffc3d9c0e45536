using System.Buffers;

namespace Tributary.Collector.Records.Shaping.Finding;

/// <summary>
/// Tokens that give access to whoever bears them: what follows the word <c>Bearer</c>, and JSON Web Tokens wherever they
/// stand. A word that follows, such as in "bearer authentication", is none: a token has eight characters and a digit, or
/// twenty characters.
/// </summary>
internal sealed class BearerTokenFinder : IFinder
{
    private const int LengthMin = 8;

    private const int LengthSure = 20;

    private static readonly SearchValues<byte> Starts = SearchValues.Create("bBe"u8);

    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/="u8);

    public void FindAll(ReadOnlySpan<byte> text, List<Slice> found)
    {
        var at = 0;
        while (at < text.Length)
        {
            var next = text[at..].IndexOfAny(Starts);
            if (next < 0)
            {
                return;
            }

            at += next;
            var rest = text[at..];
            var skip = AfterBearer(rest);
            var length = skip > 0 ? TokenLength(rest[skip..]) : JwtLength(rest);
            if (length > 0)
            {
                found.Add(new Slice(at + skip, length));
            }

            at += Math.Max(1, skip + length);
        }
    }

    /// <summary>The length of the word and what parts it from its token; 0 without.</summary>
    private static int AfterBearer(ReadOnlySpan<byte> text)
    {
        const int Word = 6;
        if (text.Length <= Word || !System.Text.Ascii.EqualsIgnoreCase(text[..Word], "bearer"u8))
        {
            return 0;
        }

        var at = Word;
        while (at < text.Length)
        {
            if (text[at] is (byte)' ' or (byte)'\t' or (byte)'+' or (byte)':' or (byte)'=' or (byte)'"')
            {
                at++;
            }
            else if (text[at..].StartsWith("%20"u8))
            {
                at += 3;
            }
            else
            {
                break;
            }
        }

        return at > Word ? at : 0;
    }

    private static int TokenLength(ReadOnlySpan<byte> text)
    {
        var token = Token(text);
        return token.Length >= LengthSure || (token.Length >= LengthMin && token.ContainsAnyInRange((byte)'0', (byte)'9')) ? token.Length : 0;
    }

    /// <summary>Three parts or more in base 64, the first of which is a JSON object.</summary>
    private static int JwtLength(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("eyJ"u8))
        {
            return 0;
        }

        var token = Token(text);
        return token.Length >= LengthSure && token.Count((byte)'.') >= 2 ? token.Length : 0;
    }

    private static ReadOnlySpan<byte> Token(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExcept(TokenBytes);
        return (end < 0 ? text : text[..end]).TrimEnd((byte)'.');
    }
}
