using Tributary.Config;

namespace Tributary.Standalone.Test;

/// <summary>For people: the records of a sample without expectations, one line for one that passed, a diff for one that failed.</summary>
internal sealed class TextReport(TextWriter output) : ITestReport
{
    private int _passed;
    private int _shown;

    public int Failed { get; private set; }

    public void Sample(string test, string name, SampleOutcome outcome, IReadOnlyList<Difference>? differences)
    {
        if (differences is null)
        {
            _shown++;
            output.WriteLine($"      {test}: {name}");
            Show(outcome);
        }
        else if (differences.Count == 0)
        {
            _passed++;
            output.WriteLine($"ok    {test}: {name}");
        }
        else
        {
            Failed++;
            output.WriteLine($"FAIL  {test}: {name}");
            foreach (var difference in differences)
            {
                output.WriteLine($"        {difference.Place}");
                Lines("        - ", difference.Expected);
                Lines("        + ", difference.Actual);
            }
        }
    }

    public void End()
    {
        if (_passed + Failed > 0)
        {
            output.WriteLine($"{_passed} passed, {Failed} failed{(_shown > 0 ? $", {_shown} shown" : "")}");
        }
    }

    private void Show(SampleOutcome outcome)
    {
        for (var i = 0; i < outcome.Records.Count; i++)
        {
            var record = outcome.Records[i];
            var head = new[] { record.Time, ExpectedRecord.NameOf(record.Severity), record.SeverityText, record.Stream }.Where(t => t.Length > 0);
            output.WriteLine($"        record {i + 1}  {string.Join("  ", head)}".TrimEnd());
            Lines("          | ", record.Body);
            foreach (var (name, value) in record.Attributes)
            {
                output.WriteLine($"          {Printable(name)}: {Printable(value.GetRawText())}");
            }
        }

        foreach (var (rule, count) in outcome.Dropped)
        {
            output.WriteLine($"        {count} dropped by {rule}");
        }

        if (outcome.Records.Count == 0 && outcome.Dropped.Count == 0)
        {
            output.WriteLine("        no record");
        }
    }

    private void Lines(string prefix, string text)
    {
        foreach (var line in text.Split('\n'))
        {
            output.WriteLine(prefix + Printable(line));
        }
    }

    /// <summary>A log line may hold what steers a terminal.</summary>
    private static string Printable(string line) =>
        string.Concat(line.Select(c => char.IsControl(c) && c != '\t' ? $"\\u{(int)c:x4}" : c.ToString()));
}
