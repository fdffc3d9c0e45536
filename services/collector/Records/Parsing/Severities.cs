using System.Text;
using Tributary.Config;

namespace Tributary.Collector.Records.Parsing;

/// <summary>
/// What the names of severities mean in OTel's numbers: syslog, nginx and apache, log4j, java.util.logging, Python,
/// .NET and Serilog, zap, and the numbers of bunyan and pino. Case does not matter. Not thread-safe.
/// </summary>
internal sealed class Severities
{
    private static readonly (int Number, string Names)[] Known =
    [
        (1, "trace trac trce finest verbose vrb silly v t trace1 10"),
        (2, "trace2 trace3 trace4 trace5 trace6 trace7 trace8"),
        (5, "debug dbug dbg finer d 20"),
        (6, "fine"),
        (7, "config"),
        (9, "info inf information informational i 30"),
        (10, "notice note"),
        (13, "warn warning wrn w 40"),
        (17, "error err eror severe fail e 50"),
        (18, "crit dpanic"),
        (19, "alert panic"),
        (21, "fatal ftl fatl critical emerg emergency f 60"),
    ];

    private readonly Dictionary<UInt128, int> _numbers = [];
    private UInt128 _last;
    private int _lastNumber;

    public Severities(IReadOnlyDictionary<string, int> own)
    {
        foreach (var (number, names) in Known)
        {
            foreach (var name in names.Split(' '))
            {
                _numbers.Add(Pack(Encoding.ASCII.GetBytes(name)), number);
            }
        }

        foreach (var (name, number) in own)
        {
            _numbers[Pack(Encoding.UTF8.GetBytes(name))] = number;
        }
    }

    /// <summary>OTel's number; 0 when the name is not known.</summary>
    public int NumberOf(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > SeverityRule.NameBytesMax)
        {
            return 0;
        }

        var packed = Pack(name);
        if (packed != _last)
        {
            _lastNumber = _numbers.GetValueOrDefault(packed);
            _last = packed;
        }

        return _lastNumber;
    }

    private static UInt128 Pack(ReadOnlySpan<byte> name)
    {
        UInt128 packed = 0;
        foreach (var b in name)
        {
            packed = packed << 8 | (byte)(b is >= (byte)'A' and <= (byte)'Z' ? b | 0x20 : b);
        }

        return packed;
    }
}
