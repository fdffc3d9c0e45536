using System.Text;

namespace Tributary.Collector.Records.Shaping;

/// <summary>Matches the names of fields: <c>*</c> stands for any characters, <c>?</c> for one byte.</summary>
internal sealed class FieldGlob(string pattern)
{
    private readonly byte[] _pattern = Encoding.UTF8.GetBytes(pattern);
    private readonly bool _isPlain = !pattern.AsSpan().ContainsAny('*', '?');

    public bool IsMatch(ReadOnlySpan<byte> name)
    {
        if (_isPlain)
        {
            return name.SequenceEqual(_pattern);
        }

        // Goes back to the last star only, so it is quadratic at worst, over names of some dozen bytes.
        int at = 0, p = 0, star = -1, starAt = 0;
        while (at < name.Length)
        {
            if (p < _pattern.Length && _pattern[p] == '*')
            {
                star = p++;
                starAt = at;
            }
            else if (p < _pattern.Length && (_pattern[p] == '?' || _pattern[p] == name[at]))
            {
                p++;
                at++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                at = ++starAt;
            }
            else
            {
                return false;
            }
        }

        return _pattern.AsSpan(p).IndexOfAnyExcept((byte)'*') < 0;
    }
}
