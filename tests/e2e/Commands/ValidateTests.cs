using Tributary.Testing;
using Tributary.Tests.E2e.Processes;
using Xunit;

namespace Tributary.Tests.E2e.Commands;

public sealed class ValidateTests
{
    private const string Bad =
        """
        apiVersion: tributary.io/v1alpha1
        kind: Node
        spec:
          collect: everything
          colour: red
          batch: {maxBytes: 12 parsecs}
        ---
        apiVersion: tributary.io/v1alpha1
        kind: LogConfig
        metadata: {name: web, namespace: shop}
        spec:
          sources: [{stdout: {streams: [stdlog]}}]
          outputs: [nowhere]
        """;

    private static readonly (string Place, string Value)[] s_errors =
    [
        ("tributary.yaml:4:", "\"everything\""),
        ("tributary.yaml:5:", "\"colour\""),
        ("tributary.yaml:6:", "\"12 parsecs\""),
        ("tributary.yaml:12:", "\"stdlog\""),
        ("tributary.yaml:13:", "\"nowhere\""),
    ];

    [Fact]
    public async Task A_good_file_is_said_to_be_good()
    {
        using var folder = new TempFolder("validate");
        folder.Write("tributary.yaml", "apiVersion: tributary.io/v1alpha1\nkind: LogOutput\nmetadata: {name: default}\nspec: {type: file, path: ./out}\n");

        var run = await CommandLine.RunAsync(folder, "validate", "tributary.yaml");

        Assert.True(run.Code == 0, run.ToString());
        Assert.StartsWith("OK", Assert.Single(run.Output), StringComparison.Ordinal);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task Every_error_of_a_bad_file_is_listed_with_its_line_and_the_wrong_value()
    {
        using var folder = new TempFolder("validate");
        folder.Write("tributary.yaml", Bad);

        var run = await CommandLine.RunAsync(folder, "validate", "tributary.yaml");

        Assert.True(run.Code == 1, run.ToString());
        AssertLists(run);
    }

    [Fact]
    public async Task Up_with_a_bad_file_lists_every_error_and_starts_nothing()
    {
        using var folder = new TempFolder("validate");
        folder.Write("tributary.yaml", Bad);

        var run = await CommandLine.RunAsync(folder, "up", "--config", "tributary.yaml");

        Assert.True(run.Code == 1, run.ToString());
        AssertLists(run);
        Assert.Empty(run.Output);
        Assert.Equal([folder.Combine("tributary.yaml")], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task A_file_that_is_missing_is_an_error_of_its_own()
    {
        using var folder = new TempFolder("validate");

        var run = await CommandLine.RunAsync(folder, "validate", "absent.yaml");

        Assert.True(run.Code == 1, run.ToString());
        Assert.Contains(run.Errors, e => e.Contains("absent.yaml", StringComparison.Ordinal));
    }

    private static void AssertLists(CommandLine.Finished run)
    {
        foreach (var (place, value) in s_errors)
        {
            Assert.Contains(run.Errors, e => e.StartsWith(place, StringComparison.Ordinal) && e.Contains(value, StringComparison.Ordinal));
        }
    }
}
