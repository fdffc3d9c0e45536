using Tributary.Testing;
using Tributary.Tests.E2e.Processes;
using Xunit;

namespace Tributary.Tests.E2e.Commands;

public sealed class TestTests
{
    private const string Config =
        """
        apiVersion: tributary.io/v1alpha1
        kind: LogConfig
        metadata: {name: worker}
        spec:
          sources: [{stdout: {}}]
          multiline: {preset: python}
        ---
        apiVersion: tributary.io/v1alpha1
        kind: LogConfigTest
        metadata: {name: worker}
        spec:
          samples:
            - name: a traceback is one record
              input: |
                started
                Traceback (most recent call last):
                  File "a.py", line 1, in <module>
                    f()
                ValueError: bad
              expect:
                - body: started
                - body: |
                    Traceback (most recent call last):
                      File "a.py", line 1, in <module>
                        f()
                    ValueError: bad

        """;

    [Fact]
    public async Task A_config_whose_samples_become_what_is_expected_passes()
    {
        using var folder = new TempFolder("test");
        folder.Write("worker.yaml", Config);

        var run = await CommandLine.RunAsync(folder, "test", "worker.yaml");
        var validated = await CommandLine.RunAsync(folder, "validate", "worker.yaml");

        Assert.True(run.Code == 0 && validated.Code == 0, run.ToString() + validated);
        Assert.Equal(["ok    default/worker: a traceback is one record", "1 passed, 0 failed"], run.Output);
        Assert.Empty(run.Errors);
        Assert.Single(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task A_sample_that_becomes_something_else_fails_with_a_diff()
    {
        using var folder = new TempFolder("test");
        folder.Write("worker.yaml", Config.Replace("- body: started", "- body: stopped", StringComparison.Ordinal));

        var run = await CommandLine.RunAsync(folder, "test", "worker.yaml");

        Assert.True(run.Code == 3, run.ToString());
        Assert.Equal(["FAIL  default/worker: a traceback is one record", "        record 1, body", "        - stopped", "        + started", "0 passed, 1 failed"], run.Output);
    }

    [Fact]
    public async Task Errors_of_a_config_are_listed_as_validate_lists_them()
    {
        using var folder = new TempFolder("test");
        folder.Write("worker.yaml", Config.Replace("preset: python", "preset: pyton", StringComparison.Ordinal));

        var run = await CommandLine.RunAsync(folder, "test", "worker.yaml");
        var validated = await CommandLine.RunAsync(folder, "validate", "worker.yaml");

        Assert.True(run.Code == 1, run.ToString());
        Assert.Equal(validated.Errors, run.Errors);
        Assert.Contains(run.Errors, e => e.StartsWith("worker.yaml:6:23: spec.multiline.preset: \"pyton\"", StringComparison.Ordinal));
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task The_last_lines_of_a_live_file_are_shown_and_nothing_is_written()
    {
        using var folder = new TempFolder("test");
        folder.Write("worker.yaml", Config);
        folder.Write("live.log", "old\nTraceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nValueError: bad\n");

        var run = await CommandLine.RunAsync(folder, "test", "worker.yaml", "--file", "live.log", "--last", "3");
        var missing = await CommandLine.RunAsync(folder, "test", "worker.yaml", "--file", "absent.log");
        var wrong = await CommandLine.RunAsync(folder, "test", "worker.yaml", "--file", "live.log", "--last", "many");

        Assert.True(run.Code == 0, run.ToString());
        Assert.Equal(
            ["      default/worker: live.log", "        record 1", "          | Traceback (most recent call last):", "          |   File \"a.py\", line 1, in <module>", "          | ValueError: bad"],
            run.Output);
        Assert.True(missing.Code == 2 && missing.Errors.Any(e => e.Contains("absent.log", StringComparison.Ordinal)), missing.ToString());
        Assert.True(wrong.Code == 1, wrong.ToString());
        Assert.Equal(2, Directory.GetFileSystemEntries(folder).Length);
    }
}
