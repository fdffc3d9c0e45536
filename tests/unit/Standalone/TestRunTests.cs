using System.Text.Json;
using Tributary.Contracts;
using Tributary.Standalone;
using Tributary.Standalone.Test;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Unit.Standalone;

/// <summary>What <c>tributary test</c> says of samples; the command line itself is tested end to end.</summary>
public sealed class TestRunTests
{
    private const string Config =
        """
        apiVersion: tributary.io/v1alpha1
        kind: LogConfig
        metadata: {name: tomcat, namespace: shop}
        spec:
          sources: [{stdout: {}}]
          multiline: {preset: java, maxLines: 3}
        ---
        apiVersion: tributary.io/v1alpha1
        kind: LogConfigTest
        metadata: {name: lines, namespace: shop}
        spec:
          samples:

        """;

    [Fact]
    public void Samples_that_become_what_is_expected_pass()
    {
        var (code, lines) = Run("""
                - name: a trace is one record
                  format: cri
                  input: |
                    2026-11-21T10:00:00.000000001Z stderr F java.lang.X: a
                    2026-11-21T10:00:00.000000002Z stderr F 	at a.A.a(A.java:1)
                    2026-11-21T10:00:00.000000003Z stdout F other
                  expect:
                    - {body: "java.lang.X: a\n\tat a.A.a(A.java:1)", stream: stderr, time: "2026-11-21T11:00:00.000000001+01:00"}
                    - {body: other, stream: stdout}
                - name: a long trace is cut
                  input: "X: a\n\tat a.A.a(A.java:1)\n\tat a.A.b(A.java:2)\n\tat a.A.c(A.java:3)\n"
                  expect:
                    - attributes: {tributary.multiline.cut: lines, tributary.multiline.rest: }
                    - {body: "\tat a.A.c(A.java:3)", attributes: {tributary.multiline.rest: true}}
                - name: bytes
                  inputBase64: /w==
                  expect: [{body: "\uFFFD"}]
            """);

        Assert.Equal(["ok    shop/lines: a trace is one record", "ok    shop/lines: a long trace is cut", "ok    shop/lines: bytes", "3 passed, 0 failed"], lines);
        Assert.Equal(ExitCodes.Ok, code);
    }

    [Fact]
    public void Each_difference_is_shown_with_both_sides()
    {
        var (code, lines) = Run("""
                - input: "X: a\n\tat a.A.a(A.java:1)\nb\n"
                  expect:
                    - {body: "X: a", severity: ERROR, severityText: E, stream: stderr, time: "2026-11-21T10:00:00Z", attributes: {status: 200, gone: }}
                    - {body: b}
                    - {body: c}
                    - {dropped: health, count: 2}
                - input: two
                  expect: [{body: two}]
                - input: "one\ntwo\n"
                  expect: [{body: one}]
            """);

        Assert.Equal(
            [
                "FAIL  shop/lines: sample 1",
                "        record 1, body", "        - X: a", "        + X: a", "        + \tat a.A.a(A.java:1)",
                "        record 1, severity", "        - ERROR", "        + ",
                "        record 1, severityText", "        - E", "        + ",
                "        record 1, stream", "        - stderr", "        + ",
                "        record 1, time", "        - 2026-11-21T10:00:00Z", "        + ",
                "        record 1, status", "        - 200", "        + no such attribute",
                "        record 3", "        - c", "        + nothing",
                "        dropped by health", "        - 2", "        + 0",
                "ok    shop/lines: sample 2",
                "FAIL  shop/lines: sample 3", "        record 2", "        - nothing", "        + two",
                "1 passed, 2 failed",
            ],
            lines);
        Assert.Equal(ExitCodes.Incomplete, code);
    }

    [Fact]
    public void Without_expectations_the_records_are_shown_and_nothing_steers_the_terminal()
    {
        var (code, lines) = Run("""
                - format: cri
                  input: "2026-11-21T10:00:00.5Z stdout F X: \e[31ma\n2026-11-21T10:00:00.6Z stdout F \tat a.A.a(A.java:1)\n"
                - input: ""
            """);

        Assert.Equal(
            [
                "      shop/lines: sample 1", "        record 1  2026-11-21T10:00:00.500000000Z  stdout", "          | X: \\u001b[31ma", "          | \tat a.A.a(A.java:1)",
                "      shop/lines: sample 2", "        no record",
            ],
            lines);
        Assert.Equal(ExitCodes.Ok, code);
    }

    [Fact]
    public void As_JSON_each_record_and_result_is_a_line()
    {
        var (_, lines) = Run("""
                - name: one
                  input: "X: a\n\tat a.A.a(A.java:1)\n"
                  expect: [{body: nothing of it}]
            """, json: true);

        var read = lines.Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal("X: a\n\tat a.A.a(A.java:1)", read[0].GetProperty("record").GetProperty("body").GetString());
        Assert.False(read[1].GetProperty("passed").GetBoolean());
        Assert.Equal("record 1, body", read[1].GetProperty("differences")[0].GetProperty("place").GetString());
        Assert.Equal("{\"passed\":0,\"failed\":1,\"shown\":0}", lines[2]);
    }

    [Fact]
    public void The_last_lines_of_a_file_go_through_the_rules_and_the_file_stays_as_it_is()
    {
        using var folder = new TempFolder("test");
        var log = folder.Write("app.log", string.Concat(Enumerable.Range(0, 50_000).Select(i => $"line {i}\n")) + "X: a\n\tat a.A.a(A.java:1)\nunfinished");
        var before = File.GetLastWriteTimeUtc(log);

        var (code, lines) = Run(folder, Config + "    - input: x\n", log, last: 4);

        Assert.Equal(
            [
                $"      shop/tomcat: {log}", "        record 1", "          | line 49999", "        record 2", "          | X: a", "          | \tat a.A.a(A.java:1)",
                "        record 3", "          | unfinished",
            ],
            lines);
        Assert.Equal((ExitCodes.Ok, before), (code, File.GetLastWriteTimeUtc(log)));
        Assert.Equal(2, Directory.GetFileSystemEntries(folder).Length);
    }

    private static (int Code, string[] Lines) Run(string samples, bool json = false)
    {
        using var folder = new TempFolder("test");
        return Run(folder, Config + samples + "\n", null, 100, json);
    }

    private static (int Code, string[] Lines) Run(TempFolder folder, string yaml, string? log, int last, bool json = false)
    {
        using var output = new StringWriter { NewLine = "\n" };
        ITestReport report = json ? new JsonReport(output) : new TextReport(output);
        var code = new TestRun(new TestSettings([folder.Write("config.yaml", yaml)], log, last, LogFormat.Auto, null), report).Run();
        return (code, output.ToString().TrimEnd('\n').Split('\n'));
    }
}
