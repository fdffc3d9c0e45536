using System.Text;
using Tributary.Config;

namespace Tributary.Collector.Records.Shaping;

/// <summary>One condition of a rule on the bytes of a record. A field that is not there has no text, so no test but <c>not</c> holds of it.</summary>
internal sealed class Condition(ShapeCondition condition)
{
    private readonly byte[] _field = Encoding.UTF8.GetBytes(condition.Field);
    private readonly byte[] _text = Encoding.UTF8.GetBytes(condition.Text);
    private readonly BytePattern? _pattern = condition.Test == ShapeTest.Matches ? new BytePattern(condition.Text) : null;
    private readonly ShapeTest _test = condition.Test;
    private readonly bool _not = condition.Not;
    private readonly int _severity = condition.Severity;

    public bool Holds(LogRecord record) => Test(record) != _not;

    private bool Test(LogRecord record)
    {
        switch (_test)
        {
            case ShapeTest.SeverityBelow:
                return record.SeverityNumber > 0 && record.SeverityNumber < _severity;
            case ShapeTest.SeverityAbove:
                return record.SeverityNumber >= _severity;
        }

        var text = record.BodyBytes;
        if (_field.Length > 0)
        {
            var index = record.IndexOf(_field);
            if (index < 0)
            {
                return false;
            }

            if (_test == ShapeTest.Exists)
            {
                return true;
            }

            text = record.TextOf(index);
        }

        return _test switch
        {
            ShapeTest.Equal => text.SequenceEqual(_text),
            ShapeTest.Contains => text.IndexOf(_text) >= 0,
            _ => _pattern!.IsMatch(text),
        };
    }
}
