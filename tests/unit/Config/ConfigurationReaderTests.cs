using System.Diagnostics;
using System.Text;
using Tributary.Config;
using Xunit;

namespace Tributary.Tests.Unit.Config;

public sealed class ConfigurationReaderTests : IDisposable
{
    private const string Head = "apiVersion: tributary.io/v1alpha1\n";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tributary-config-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void All_errors_of_all_files_are_listed_at_once()
    {
        var first = Write("a.yaml", Head + "kind: Node\nspec: {colect: all, batch: {maxAge: 5}}\n---\na: [\n");
        var second = Write("b.yaml", Head + "kind: Node\nspec: {collect: al}\n");
        var missing = Path.Combine(folder.FullName, "c.yaml");

        var result = ConfigurationReader.Read([first, second, missing, folder.FullName], _ => null);

        Assert.False(result.IsValid);
        Assert.Null(result.Documents);
        Assert.Equal(
            [
                (first, 3, "spec.colect"), (first, 3, "spec.batch.maxAge"), (first, 6, ""),
                (second, 1, ""), (second, 3, "spec.collect"), (missing, 0, ""), (folder.FullName, 0, ""),
            ],
            result.Errors.Select(error => (error.File, error.Line, error.Path)));
    }

    [Fact]
    public void An_error_prints_its_place_its_path_and_a_suggestion()
    {
        var error = Assert.Single(Read(Head + "kind: Node\nspec:\n  colect: all\n").Errors);

        Assert.Equal(new ConfigurationError("tributary.yaml", 4, 3, "spec.colect", "colect", "unknown field \"colect\"; did you mean \"collect\"?"), error);
        Assert.Equal("tributary.yaml:4:3: spec.colect: unknown field \"colect\"; did you mean \"collect\"?", error.ToString());
    }

    [Theory]
    [InlineData("amqp://app:hunter2@")]
    [InlineData("amqp://app:hunter2")]
    [InlineData("amqp:/app:hunter2@rabbit")]
    [InlineData("app:hunter2@rabbit:5672")]
    [InlineData("amqp://app:p@hunter2@rabbit:x")]
    [InlineData("amqp://app:p/hunter2@rabbit")]
    [InlineData("amqps://app:hunter2@rabbit:99999/v")]
    [InlineData("amqp://app:a?hunter2@rabbit:x")]
    [InlineData("amqp://rabbit/v?password=hunter2")]
    [InlineData("https://app:hunter2@rabbit")]
    [InlineData("amqp://app:hunter2@rabbit:${PORT}")]
    public void A_password_in_the_bus_uri_is_never_printed(string bus)
    {
        var result = Read(Head + $"kind: Node\nspec: {{bus: \"{bus}\"}}\n");

        Assert.Equal("spec.bus", Assert.Single(result.Errors).Path);
        Assert.DoesNotContain("hunter2", Everything(result));
    }

    [Theory]
    [InlineData("state: [\"amqp://app:hunter2@rabbit\"]\n  docker: \"amqp://app:hunter2@rabbit\"")]
    [InlineData("\"amqp://app:hunter2@rabbit\": 1")]
    [InlineData("collect: \"amqp://app:hunter2@rabbit\"")]
    [InlineData("docker: {socket: \"${SECRET}\"}\n  collect: ${SECRET}")]
    public void A_password_is_masked_wherever_it_was_written(string spec)
    {
        var result = ConfigurationReader.ReadText("tributary.yaml", Head + "kind: Node\nspec:\n  " + spec + "\n", name => name == "SECRET" ? "hunter2" : null);

        Assert.NotEmpty(result.Errors);
        Assert.DoesNotContain("hunter2", Everything(result));
    }

    [Fact]
    public void A_configuration_in_a_log_line_shows_no_password()
    {
        var result = Read(Head + "kind: Node\nspec: {name: n1, bus: \"amqp://app:hunter2@rabbit\"}\n");

        Assert.Equal("amqp://app:hunter2@rabbit", result.Documents!.Node.Bus);
        Assert.DoesNotContain("hunter2", $"{result} {result.Documents} {result.Documents.Node}");
    }

    [Fact]
    public void An_alias_bomb_is_refused_soon_and_in_little_memory()
    {
        var bomb = new StringBuilder(Head + "kind: Node\nspec:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 30; i++)
            bomb.Append($"  a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        bomb.Append("  files: {include: *a29}\n");

        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        var result = Read(bomb.ToString());

        Assert.Contains(result.Errors, error => error.Path == "spec.files.include" && error.Message.Contains("alias"));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 50 << 20);
    }

    [Fact]
    public void An_environment_bomb_is_refused_within_its_bound()
    {
        var items = string.Join(", ", Enumerable.Range(0, 10_000).Select(i => $"\"{i}${{BIG}}\""));

        var result = ConfigurationReader.ReadText("tributary.yaml", Head + $"kind: Node\nspec: {{files: {{include: [{items}]}}}}\n", _ => new string('x', 100_000));

        Assert.Contains(result.Errors, error => error.Message.Contains("more than 1MiB of environment"));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("a: b: ")]
    [InlineData("\"")]
    [InlineData("--- [\n")]
    [InlineData("&a ")]
    [InlineData("a: 1\n")]
    [InlineData("x")]
    public void A_mebibyte_of_anything_ends_soon_in_a_bounded_list_of_errors(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, (1 << 20) / piece.Length));
        var watch = Stopwatch.StartNew();

        var result = Read(text);

        Assert.InRange(result.Errors.Count, 1, 201);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), watch.Elapsed.ToString());
    }

    [Fact]
    public void More_errors_than_are_listed_are_counted()
    {
        var spec = string.Concat(Enumerable.Range(0, 500).Select(i => $"  wrong{i}: 1\n"));

        var result = Read(Head + "kind: Node\nspec:\n" + spec);

        Assert.Equal(201, result.Errors.Count);
        Assert.Equal("tributary.yaml: 300 more errors are not listed", result.Errors[^1].ToString());
    }

    [Theory]
    [InlineData(new byte[] { 0x7F, 0x45, 0x4C, 0x46, 0, 0 }, "t: is a binary file; expected YAML")]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0 }, "t: is UTF-16; save it as UTF-8")]
    [InlineData(new byte[] { 0x61, 0x0A, 0xC3, 0xA9, 0xE9 }, "t:2:2: is not UTF-8 text")]
    [InlineData(new byte[0], "t: is empty; expected documents of tributary.io/v1alpha1")]
    public void What_is_no_text_is_an_error_of_the_file(byte[] content, string expected) =>
        Assert.Equal([expected], ConfigurationReader.ReadBytes("t", content).Errors.Select(error => error.ToString()));

    [Fact]
    public void A_file_over_a_mebibyte_is_refused_and_one_of_it_is_read()
    {
        var document = Head + "kind: Node\n#";
        var fits = Write("fits.yaml", document + new string('x', (1 << 20) - document.Length));
        var over = Write("over.yaml", document + new string('x', (1 << 20) - document.Length + 1));

        Assert.True(ConfigurationReader.Read([fits]).IsValid);
        Assert.Equal(over + ": is larger than 1MiB; split it into several files", Assert.Single(ConfigurationReader.Read([over]).Errors).ToString());
    }

    [Fact]
    public void A_byte_order_mark_and_carriage_returns_do_no_harm()
    {
        byte[] content = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes((Head + "kind: Node\nspec:\n  name: n1\n").Replace("\n", "\r\n"))];

        Assert.Equal("n1", ConfigurationReader.ReadBytes("t", content).Documents!.Node.Name);
    }

    [Theory]
    [InlineData("[!![")]
    [InlineData("a: \"\\ud800\"")]
    public void What_the_parser_itself_trips_over_is_a_syntax_error(string text)
    {
        var error = Assert.Single(Read(text).Errors);

        Assert.StartsWith("YAML syntax: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, error.Line);
    }

    [Theory]
    [InlineData("a: [\n--- b: [\n---\nc: [\n", 3)]
    [InlineData("--- [\n---x\n---\n]\n", 2)]
    [InlineData("--- @\n--- @\n", 2)]
    [InlineData("--- !<\n", 1)]
    public void A_broken_document_is_one_error(string text, int broken)
    {
        var errors = Read(text).Errors;

        Assert.Equal(broken, errors.Count);
        Assert.All(errors, error => Assert.StartsWith("YAML syntax: ", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void References_are_not_judged_while_a_document_is_broken()
    {
        var config = Head + "kind: LogConfig\nmetadata: {name: a}\nspec: {sources: [{stdout: {}}], outputs: [archive]}\n";

        Assert.Equal("spec.outputs[0]", Assert.Single(Read(config).Errors).Path);
        Assert.Equal("", Assert.Single(Read(config + "---\nmetadata: {name: 'archive}\n").Errors).Path);
    }

    [Fact]
    public void A_variable_is_put_in_once_and_never_looked_at_again()
    {
        var variables = new Dictionary<string, string> { ["A"] = "/srv/${B}", ["B"] = "b", ["EMPTY"] = "" };
        var result = ConfigurationReader.ReadText(
            "t",
            Head + "kind: Node\nspec: {state: \"${A}/${EMPTY:-x}${B}/$${B}/$B\", name: \"${NO:-n}-${B}\"}\n",
            variables.GetValueOrDefault);

        Assert.Equal("/srv/${B}/xb/${B}/$B", result.Documents!.Node.State);
        Assert.Equal("n-b", result.Documents.Node.Name);
    }

    [Fact]
    public void The_process_environment_is_the_default()
    {
        Environment.SetEnvironmentVariable("TRIBUTARY_TEST_NODE", "from-env");

        Assert.Equal("from-env", ConfigurationReader.ReadText("t", Head + "kind: Node\nspec: {name: \"${TRIBUTARY_TEST_NODE}\"}\n").Documents!.Node.Name);
    }

    [Fact]
    public void Without_files_everything_has_its_default()
    {
        var configuration = ConfigurationReader.Read([]).Documents!;

        Assert.Equal("embedded", configuration.Node.Bus);
        Assert.Equal(new LogOutput { Name = "default", Type = LogOutputType.File, Path = "./var/logs" }, Assert.Single(configuration.Outputs));
        Assert.Empty(configuration.LogConfigs);
    }

    private static ConfigurationResult Read(string text) => ConfigurationReader.ReadText("tributary.yaml", text, _ => null);

    private static string Everything(ConfigurationResult result) =>
        string.Join('\n', result.Errors.Select(error => $"{error} {error.Value} {error.Path} {error.Message}"));

    private string Write(string name, string text)
    {
        var file = Path.Combine(folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }
}
