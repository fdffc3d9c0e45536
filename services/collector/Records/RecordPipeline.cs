using System.Text;
using Tributary.Collector.Records.Multiline;

namespace Tributary.Collector.Records;

/// <summary>
/// What a LogConfig does to each record: parse, then the shaping rules in their order. A line that does not parse is kept
/// whole, with the reason as an attribute, and counted; a dropped one is counted under its rule's name. A rule that fails
/// changes nothing: the record goes on with the rule's name as an attribute. Not thread-safe.
/// </summary>
internal sealed class RecordPipeline
{
    private readonly IRecordStep[] _steps = [];
    private readonly long[] _dropped = [];
    private bool _hasDropped;

    private static ReadOnlySpan<byte> ParseErrorKey => "tributary.parse.error"u8;

    private static ReadOnlySpan<byte> RuleErrorKey => "tributary.rule.error"u8;

    /// <summary>Namespace and name of the LogConfig.</summary>
    public required string Config { get; init; }

    public required string Version { get; init; }

    /// <summary>Which lines make one record; null when each is one.</summary>
    public MultilineRules? Multiline { get; init; }

    public IRecordParser? Parser { get; init; }

    public IReadOnlyList<IRecordStep> Steps
    {
        get => _steps;
        init
        {
            _steps = [.. value];
            _dropped = new long[_steps.Length];
        }
    }

    /// <summary>Whether records pass as they are.</summary>
    public bool IsEmpty => Parser is null && Steps.Count == 0;

    /// <summary>False when a rule drops the record.</summary>
    public bool Apply(LogRecord record, SourceAccount account)
    {
        if (Parser is not null)
        {
            Parse(Parser, record, account);
        }

        for (var i = 0; i < _steps.Length; i++)
        {
            bool keeps;
            try
            {
                keeps = _steps[i].Apply(record);
            }
            catch (Exception e)
            {
                record.Add(RuleErrorKey, Encoding.UTF8.GetBytes(_steps[i].Name));
                account.RuleFailed(_steps[i].Name, e);
                continue;
            }

            if (!keeps)
            {
                _dropped[i]++;
                _hasDropped = true;
                return false;
            }
        }

        return true;
    }

    /// <summary>Hands the account what was dropped since the last call; a file's turn ends with it, so that a drop costs next to nothing.</summary>
    public void Settle(SourceAccount account)
    {
        for (var i = 0; _hasDropped && i < _dropped.Length; i++)
        {
            if (_dropped[i] > 0)
            {
                account.Drop(_steps[i].Name, _dropped[i]);
                _dropped[i] = 0;
            }
        }

        _hasDropped = false;
    }

    private static void Parse(IRecordParser parser, LogRecord record, SourceAccount account)
    {
        string? reason = null;
        try
        {
            if (parser.TryParse(record, out var why))
            {
                return;
            }

            reason = why;
        }
        catch (Exception e)
        {
            reason = "parser_failed";
            account.RuleFailed("parse", e);
        }

        record.Add(ParseErrorKey, Encoding.UTF8.GetBytes(reason));
        account.ParseFailed(reason);
    }
}
