using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tributary.Collector;
using Tributary.Discovery;
using Tributary.Hosting;
using Tributary.Shipper;
using Xunit;

namespace Tributary.Tests.Unit.Hosting;

public sealed class ServiceProgramTests
{
    private static readonly string[] Bus = ["--Node:Bus", "amqp://guest:guest@localhost:5672/"];
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Every_wrong_setting_is_reported_in_one_run_with_its_full_key()
    {
        var errors = await ErrorsAsync<CollectorOptions>(
            "Collector",
            "--Node:Bus", "nowhere", "--Node:Listen", "here", "--Collector:ReadBytes", "abc", "--Collector:BatchBytesMax=5", "--Collector:Codec", "7",
            "--Collector:PollInterval", "soon", "--Collector:Redbytes", "1", "--Colector:ReadBytes", "5", "--Collector:Files", "a.log", "stray", "--Collector:LineBytesMax");

        Assert.Equal(11, errors.Count);
        Starts(errors, "Node:Bus: bus 'nowhere' is neither");
        Starts(errors, "Node:Listen: listen address 'here'");
        Starts(errors, "Collector:ReadBytes: 'abc' is not a number");
        Starts(errors, "Collector:BatchBytesMax: The field BatchBytesMax must be between 65536 and 8388608.");
        Starts(errors, "Collector:Codec: '7' is none of ");
        Starts(errors, "Collector:PollInterval: 'soon' is not a time");
        Starts(errors, "Collector:Redbytes: unknown setting; expected one of BatchBytesMax, ");
        Starts(errors, "Colector:ReadBytes: unknown section (--Colector:ReadBytes); the sections are Node, Collector.");
        Starts(errors, "Collector:Files: is not a single value; expected Collector:Files:0.");
        Starts(errors, "'stray' is not a setting");
        Starts(errors, "Collector:LineBytesMax: has no value.");
    }

    [Fact]
    public async Task The_environment_is_checked_alike_and_names_that_are_no_settings_are_let_be()
    {
        var problems = new StringWriter();
        var program = new ServiceProgram(
            Bus,
            new Dictionary<string, string>
            {
                ["TRIBUTARY_TEST_RUN"] = "1",
                ["TRIBUTARY_Collector"] = "x",
                ["OTHER__Thing"] = "x",
                ["TRIBUTARY_Colector__ReadBytes"] = "5",
                ["TRIBUTARY_Collector__ReadBytes"] = "32768",
                ["TRIBUTARY_Node__Bus"] = "the command line wins",
            },
            problems);

        Assert.Equal(32768, program.Bind<CollectorOptions>("Collector").ReadBytes);
        Assert.Equal(1, await program.RunAsync(NothingStarts));
        Assert.Equal(["Colector:ReadBytes: unknown section (TRIBUTARY_Colector__ReadBytes); the sections are Node, Collector."], Lines(problems));
    }

    [Theory]
    [InlineData("PollInterval", "00:00:00.010", "00:01:00")]
    [InlineData("RescanInterval", "00:00:00.050", "00:10:00")]
    [InlineData("BatchAgeMax", "00:00:00.010", "00:01:00")]
    [InlineData("CheckpointInterval", "00:00:00.010", "00:01:00")]
    [InlineData("CloseAfterQuiet", "00:00:00", "01:00:00")]
    [InlineData("UnterminatedAfter", "00:00:00", "01:00:00")]
    [InlineData("TombstoneAge", "00:01:00", "30.00:00:00")]
    [InlineData("DrainTimeout", "00:00:00", "00:10:00")]
    public async Task Every_time_of_the_collector_has_bounds(string name, string min, string max)
    {
        var tick = TimeSpan.FromMilliseconds(1);
        foreach (var (value, good) in new[] { (min, true), (max, true), ($"{TimeSpan.Parse(min) - tick:c}", false), ($"{TimeSpan.Parse(max) + tick:c}", false) })
        {
            var errors = await ErrorsAsync<CollectorOptions>("Collector", [.. Bus, $"--Collector:{name}={value}", "--Colector:X", "always an error"]);
            Assert.Equal(good ? 1 : 2, errors.Count);
            Assert.Equal(!good, errors.Any(e => e.StartsWith($"Collector:{name}: ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Wrong_host_files_are_errors_and_no_crash()
    {
        var errors = await ErrorsAsync<CollectorOptions>(
            "Collector",
            [.. Bus, "--Collector:Files:0:Include:0", "/a/[x", "--Collector:Files:0:Include:1", "/a/[z-a]", "--Collector:Files:0:Exclude:0", "{", "--Collector:Files:0:Target", "not a target", "--Collector:Files:1:Format", "Auto"]);

        Assert.Equal(5, errors.Count);
        Starts(errors, "Collector:Files:0:Include:0: '/a/[x': a '[' is not closed.");
        Starts(errors, "Collector:Files:0:Include:1: '/a/[z-a]' is not a glob: ");
        Starts(errors, "Collector:Files:0:Exclude:0: ");
        Starts(errors, "Collector:Files:0:Target: 'not a target' is not of the form ");
        Starts(errors, "Collector:Files:1:Include: is missing.");
    }

    [Fact]
    public async Task Outputs_and_routes_that_do_not_fit_are_errors_beside_the_others()
    {
        var errors = await ErrorsAsync<ShipperOptions>(
            "Shipper",
            [
                .. Bus, "--Shipper:PrefetchBatches", "0", "--Shipper:Outputs:0:Name", "a", "--Shipper:Outputs:0:Type", "File",
                "--Shipper:Outputs:1:Name", "a", "--Shipper:Outputs:1:Type", "Fil", "--Shipper:Outputs:2:Type", "Null",
                "--Shipper:Routes:0:Target", "t", "--Shipper:Routes:0:Output", "nowhere", "--Shipper:Routes:1:Target", "t t", "--Shipper:Routes:1:Output", "a",
            ]);

        Assert.Equal(8, errors.Count);
        Starts(errors, "Shipper:PrefetchBatches: The field ");
        Starts(errors, "Shipper:Outputs: none is called 'default'.");
        Starts(errors, "Shipper:Outputs:0:Path: a file output needs a folder.");
        Starts(errors, "Shipper:Outputs:1:Name: there is another output called 'a'.");
        Starts(errors, "Shipper:Outputs:1:Type: 'Fil' is none of File, Console, Null.");
        Starts(errors, "Shipper:Outputs:2:Name: is missing.");
        Starts(errors, "Shipper:Routes:0:Output: there is no output called 'nowhere'.");
        Starts(errors, "Shipper:Routes:1:Target: 't t' is not of the form ");
    }

    [Fact]
    public void Right_settings_are_bound_and_a_list_replaces_its_default()
    {
        var program = new ServiceProgram(
            [.. Bus, "--discovery:prefixes:0", "mine", "--Discovery:Docker:Endpoint", "tcp://engine:2375", "--Discovery:Rules:0:Name", "r", "--Discovery:Rules:0:Version", "1", "--Discovery:Rules:0:Target", "t", "--Discovery:Rules:0:ContainerLabels:app", "web"],
            new Dictionary<string, string>());
        program.Bind<DiscoveryOptions>("Discovery");
        var options = new DiscoveryOptions();
        program.BindTo("Discovery", options);

        Assert.Equal(["mine"], options.Prefixes);
        Assert.Equal(new Uri("tcp://engine:2375"), options.Docker.Endpoint);
        Assert.Equal("web", Assert.Single(options.Rules).ContainerLabels["app"]);
    }

    [Fact]
    public async Task A_loop_that_dies_ends_the_process_with_2() => Assert.Equal(2, await RunAsync(_ => Task.FromException(new InvalidOperationException("broken"))));

    [Fact]
    public async Task A_loop_that_dies_after_the_start_ends_the_process_with_2() => Assert.Equal(2, await RunAsync(async life =>
    {
        await StartedAsync(life);
        throw new InvalidOperationException("broken");
    }));

    [Fact]
    public async Task A_stop_that_was_asked_for_ends_the_process_with_0() => Assert.Equal(0, await RunAsync(async life =>
    {
        await StartedAsync(life);
        life.StopApplication();
    }));

    private static Task<int> RunAsync(Func<IHostApplicationLifetime, Task> loop)
    {
        var program = new ServiceProgram(Bus, new Dictionary<string, string>(), TextWriter.Null);
        return program.RunAsync(() =>
        {
            var builder = ServiceDefaults.CreateBuilder(new NodeOptions { Listen = "" }, TimeSpan.FromSeconds(5));
            builder.Services.AddHostedService(p => new Loop(p.GetRequiredService<IHostApplicationLifetime>(), loop));
            return builder;
        }).WaitAsync(Timeout, TestContext.Current.CancellationToken);
    }

    private static async Task StartedAsync(IHostApplicationLifetime life)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = life.ApplicationStarted.Register(started.SetResult);
        await started.Task;
    }

    private static async Task<IReadOnlyList<string>> ErrorsAsync<T>(string section, params string[] args)
        where T : class, new()
    {
        var problems = new StringWriter();
        var program = new ServiceProgram(args, new Dictionary<string, string>(), problems);
        program.Bind<T>(section);
        Assert.Equal(1, await program.RunAsync(NothingStarts));
        return Lines(problems);
    }

    private static Microsoft.AspNetCore.Builder.WebApplicationBuilder NothingStarts() => throw new InvalidOperationException("Nothing may be started.");

    private static string[] Lines(StringWriter problems) => problems.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private static void Starts(IReadOnlyList<string> errors, string start) =>
        Assert.True(errors.Any(e => e.StartsWith(start, StringComparison.Ordinal)), $"No error starts with: {start}\n{string.Join('\n', errors)}");

    private sealed class Loop(IHostApplicationLifetime life, Func<IHostApplicationLifetime, Task> loop) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => loop(life);
    }
}
