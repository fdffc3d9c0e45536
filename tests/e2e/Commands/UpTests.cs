using Tributary.Testing;
using Tributary.Tests.E2e.Containers;
using Tributary.Tests.E2e.Delivered;
using Tributary.Tests.E2e.Processes;
using Xunit;

namespace Tributary.Tests.E2e.Commands;

public sealed class UpTests(SharedDockerd sharedEngine)
{
    // The window, and what was confirmed since the last checkpoint was written.
    private const long RepeatedBytesPerCrash = 9L * 1024 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Over_clean_stops_each_line_is_written_once()
    {
        var engine = await sharedEngine.GetAsync();
        PrintingContainer[] printers = [new(60, 2000) { Mixed = true }, new(61, 6000) { Burst = 200 }, new(62, 1000)];
        await using var containers = new PrintingContainers(engine, printers);
        await containers.StartAsync(c => c.Number < 62);
        using var folder = UpFolder.WithDocker(engine);
        var ledger = new Ledger(printers);

        await using (var up = UpProcess.Start(folder))
        {
            containers.Gates.Open("start");
            await up.ArrivedAsync(ledger, 2400);
            await up.StopAsync();
            Assert.DoesNotContain(up.Process.Output, line => line.Contains('\u001b', StringComparison.Ordinal));
        }

        containers.Gates.Open("second");
        await containers.StartAsync(c => c.Number == 62);
        await using (var up = UpProcess.Start(folder))
        {
            await up.ArrivedAsync(ledger, 7000);
            await up.Process.WaitForLineAsync(line => line.StartsWith("following ", StringComparison.Ordinal), s_patience);
            await up.StopAsync();
        }

        containers.Gates.Open("third");
        await containers.EndedAsync();
        await using (var up = UpProcess.Start(folder))
        {
            await up.ArrivedAsync(ledger, ledger.Expected);
            await up.StopAsync();
        }

        var written = folder.Delivered.Files.Sum(f => new FileInfo(f).Length);
        await using (var up = UpProcess.Start(folder))
        {
            await up.Process.WaitForLineAsync(line => line.StartsWith("following ", StringComparison.Ordinal), s_patience);
            await up.StopAsync();
        }

        ledger.Take(folder.Delivered.TakeNew()).AssertWhole();
        Assert.Equal(0, ledger.Repeats);
        Assert.Equal(written, folder.Delivered.Files.Sum(f => new FileInfo(f).Length));
        Assert.All(folder.Delivered.Files, f => Assert.Matches(@"/var/logs/default/\d{4}-\d\d-\d\d\.ndjson$", f));
    }

    [Fact]
    public async Task Killed_in_the_middle_it_repeats_at_most_what_was_in_flight_and_leaves_whole_lines()
    {
        var engine = await sharedEngine.GetAsync();
        PrintingContainer[] printers = [new(63, 9000) { Burst = 100, Pause = "0.02" }, new(64, 9000) { Burst = 300, Mixed = true }];
        await using var containers = new PrintingContainers(engine, printers);
        await containers.StartAsync();
        using var folder = UpFolder.WithDocker(engine);
        var ledger = new Ledger(printers);
        await using (var up = UpProcess.Start(folder))
        {
            containers.Gates.Open("start");
            await up.ArrivedAsync(ledger, 500);
            await up.KillAsync();
        }

        var atKill = ledger.Take(folder.Delivered.TakeNew()).Arrived;
        await File.AppendAllTextAsync(folder.Delivered.Files[^1], "{\"timestamp\":\"torn in the mid");
        containers.Gates.Open("second", "third");
        await using (var up = UpProcess.Start(folder))
        {
            await up.ArrivedAsync(ledger, ledger.Expected);
            await up.StopAsync();
        }

        ledger.Take(folder.Delivered.TakeNew()).AssertWhole();
        Assert.InRange(atKill, 500, ledger.Expected - 1);
        Assert.InRange(ledger.RepeatedBytes, 0, RepeatedBytesPerCrash);
        var lines = folder.Delivered.Files.SelectMany(File.ReadLines).ToList();
        Assert.Equal(ledger.Expected + ledger.Repeats, lines.Count);
        Assert.All(lines, line => Assert.EndsWith("}", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_torn_last_line_is_cut_at_start_even_where_nothing_new_comes()
    {
        var engine = await sharedEngine.GetAsync();
        using var folder = UpFolder.WithDocker(engine);
        var file = folder.Folder.Write("var/logs/quiet/2026-01-01.ndjson", "{\"body\":\"whole\"}\n{\"body\":\"to");

        await using var up = UpProcess.Start(folder);
        await up.StartedAsync();
        await up.StopAsync();

        Assert.Equal("{\"body\":\"whole\"}\n", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task On_a_terminal_what_is_followed_is_a_table_redrawn_in_place()
    {
        var engine = await sharedEngine.GetAsync();
        await using var containers = new PrintingContainers(engine, new PrintingContainer(65, 100) { Burst = 10 });
        await containers.StartAsync();
        using var folder = UpFolder.WithDocker(engine);

        await using var terminal = ChildProcess.Start(
            InstalledProgram.Find("script", "bsdutils"), ["--quiet", "--command", $"dotnet '{CommandLine.Dll}' up", "/dev/null"],
            new Dictionary<string, string?> { ["TERM"] = "xterm" }, folder.Folder);

        await terminal.WaitForLineAsync(line => line.Contains("SOURCE", StringComparison.Ordinal) && line.Contains("RATE", StringComparison.Ordinal), s_patience);
        await terminal.WaitForLineAsync(line => line.StartsWith("printer-65 ", StringComparison.Ordinal), s_patience);

        // Up three lines, and all below erased: the header, one source and the sum are drawn over themselves.
        await terminal.WaitForLineAsync(line => line == "\u001b[3A", s_patience);
        await terminal.WaitForLineAsync(line => line.StartsWith("\u001b[JSOURCE", StringComparison.Ordinal), s_patience);
    }

    [Fact]
    public async Task A_second_one_in_the_same_folder_says_that_it_is_in_use_and_starts_nothing()
    {
        var engine = await sharedEngine.GetAsync();
        using var folder = UpFolder.WithDocker(engine);
        await using var first = UpProcess.Start(folder);
        await first.StartedAsync();

        var second = await CommandLine.RunAsync(folder.Folder, "up");

        Assert.True(second.Code == 2, second.ToString());
        Assert.Contains(second.Errors, e => e.Contains("in use", StringComparison.Ordinal));
        await first.StopAsync();
    }

    [Fact]
    public async Task Declared_logs_go_where_they_were_declared_to_and_the_others_nowhere()
    {
        var engine = await sharedEngine.GetAsync();
        using var folder = UpFolder.WithDocker(
            engine,
            node: "collect: declared",
            more: """
                ---
                apiVersion: tributary.io/v1alpha1
                kind: LogOutput
                metadata: {name: second}
                spec: {type: file, path: ./second}
                ---
                apiVersion: tributary.io/v1alpha1
                kind: LogConfig
                metadata: {name: chosen, namespace: default}
                spec:
                  selector: {container: "printer-7[13]"}
                  sources: [{stdout: {streams: [stderr]}}]
                  target: chosen
                  outputs: [default, second]
                """);
        PrintingContainer[] printers =
        [
            new(70, 100) { Options = ["--label", "tributary.logs.web=stdout", "--label", "tributary.logs.web.tags=team=shop"] },
            new(71, 100) { Mixed = true },
            new(72, 100),
            new(73, 100) { Mixed = true, Options = ["--label", "tributary.logs=false"] },
        ];
        await using var containers = new PrintingContainers(engine, printers);
        await containers.StartAsync();
        await containers.EndedAsync();
        var records = new List<DeliveredRecord>();
        var second = new List<DeliveredRecord>();
        var secondFolder = new NdjsonFolder(folder.Folder.Combine("second"));

        await using var up = UpProcess.Start(folder);
        await up.UntilAsync(
            () =>
            {
                records.AddRange(folder.Delivered.TakeNew());
                second.AddRange(secondFolder.TakeNew());
                return records.Count >= 200 && second.Count >= 100;
            },
            "the declared lines");
        await up.StopAsync();
        records.AddRange(folder.Delivered.TakeNew());
        second.AddRange(secondFolder.TakeNew());

        Assert.Equal(100, records.Count(r => r.Target == "web" && r.ContainerId == printers[0].Id && r.Resource["team"] == "shop"));
        var odd = Enumerable.Range(0, 100).Where(n => n % 2 == 1).SelectMany(n => new[] { NumberedLines.Text(71, n), NumberedLines.Text(73, n) }).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(odd, records.Where(r => r.Target == "chosen").Select(r => r.Body).Order(StringComparer.Ordinal));
        Assert.Equal(odd, second.Select(r => r.Body).Order(StringComparer.Ordinal));
        Assert.Equal(200, records.Count);
        Assert.All(second, r => Assert.Equal("chosen", r.Target));
    }

    [Fact]
    public async Task A_container_labelled_out_is_not_collected_while_all_others_are()
    {
        var engine = await sharedEngine.GetAsync();
        PrintingContainer[] printers = [new(74, 100), new(75, 100) { Options = ["--label", "tributary.logs=false"] }, new(76, 100)];
        await using var containers = new PrintingContainers(engine, printers);
        await containers.StartAsync();
        await containers.EndedAsync();
        using var folder = UpFolder.WithDocker(engine);
        var wanted = new Ledger([printers[0], printers[2]]);
        var unwanted = new Ledger([printers[1]]);

        await using var up = UpProcess.Start(folder);
        await up.UntilAsync(
            () =>
            {
                var records = folder.Delivered.TakeNew();
                unwanted.Take(records);
                return wanted.Take(records).IsComplete;
            },
            "the lines");
        await up.StopAsync();

        wanted.AssertWhole();
        Assert.Equal(0, unwanted.Take(folder.Delivered.TakeNew()).Arrived);
    }
}
