using Tributary.Config;
using Tributary.Contracts;

namespace Tributary.Collector.Tailing.Decoding;

/// <summary>
/// Settles each file's encoding once: as declared, or UTF-16 by the mark at its start. One decoder serves all files of an
/// encoding, one after another. Not thread-safe.
/// </summary>
internal sealed class FileDecoders
{
    private readonly Dictionary<string, LineDecoder> _byName = new(StringComparer.Ordinal);

    private readonly byte[] _head = new byte[256];

    /// <summary>Null for UTF-8, which needs none.</summary>
    /// <param name="file">The file; that it is UTF-16 settles its format too.</param>
    /// <param name="data">Its next bytes.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public LineDecoder? Of(TailedFile file, ReadOnlySpan<byte> data)
    {
        if (!file.IsEncodingKnown)
        {
            Settle(file, data);
        }

        return file.Decoder;
    }

    private void Settle(TailedFile file, ReadOnlySpan<byte> data)
    {
        if (file.GivenUp)
        {
            // It may be closed already; only what was read of it is still to go out.
            file.IsEncodingKnown = true;
            return;
        }

        var name = file.Source.Encoding;
        if (name is TextEncodings.Default or "utf-16" && file.Format is LogFormat.Auto or LogFormat.Raw)
        {
            if (file.Position > 0)
            {
                data = _head.AsSpan(0, file.Bytes.Read(_head, 0));
            }

            if (data.Length < 2)
            {
                // One more byte may make it a mark.
                file.Decoder = name == TextEncodings.Default ? null : Named(name);
                return;
            }

            // Other bytes may begin so by chance: then the first line feed is one byte wide.
            name = LineDecoder.IsBigEndian(data) switch
            {
                true when name != TextEncodings.Default || HasWideLines(data, bigEndian: true) => "utf-16be",
                false when name != TextEncodings.Default || HasWideLines(data, bigEndian: false) => "utf-16le",
                _ => name,
            };
        }

        file.IsEncodingKnown = true;
        file.Decoder = name == TextEncodings.Default ? null : Named(name);
        if (file.Decoder is { IsWide: true })
        {
            file.Format = LogFormat.Raw;
        }
    }

    private static bool HasWideLines(ReadOnlySpan<byte> data, bool bigEndian)
    {
        var newline = data.IndexOf((byte)'\n');
        return newline < 0 || (bigEndian
            ? newline % 2 == 1 && data[newline - 1] == 0
            : newline % 2 == 0 && (newline + 1 == data.Length || data[newline + 1] == 0));
    }

    private LineDecoder Named(string name)
    {
        if (!_byName.TryGetValue(name, out var decoder))
        {
            _byName[name] = decoder = LineDecoder.Of(name);
        }

        return decoder;
    }
}
