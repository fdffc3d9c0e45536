using Tributary.Collector.Trial;
using Tributary.Config;
using Tributary.Contracts;

namespace Tributary.Standalone.Test;

/// <summary>One run of <c>tributary test</c>. Standard output carries the report alone; errors go to standard error, as those of <c>validate</c> do.</summary>
internal sealed class TestRun(TestSettings settings, ITestReport report)
{
    public int Run()
    {
        var result = ConfigurationReader.Read(settings.Files);
        if (!result.IsValid)
        {
            foreach (var error in result.Errors)
            {
                Console.Error.WriteLine(error);
            }

            Console.Error.WriteLine($"{result.Errors.Count} error{(result.Errors.Count == 1 ? "" : "s")}.");
            return ExitCodes.Invalid;
        }

        try
        {
            return settings.File is null ? RunSamples(result.Documents) : RunFile(result.Documents.LogConfigs, settings.File);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"tributary test: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private int RunSamples(TributaryConfiguration documents)
    {
        if (documents.LogConfigTests.Count == 0)
        {
            return Refuse("there is no document of kind LogConfigTest; add one, or name a log with --file.");
        }

        var folder = Directory.CreateTempSubdirectory("tributary-test-");
        try
        {
            foreach (var test in documents.LogConfigTests)
            {
                var config = test.ConfigAmong(documents.LogConfigs)!;
                for (var i = 0; i < test.Samples.Count; i++)
                {
                    RunSample(folder.FullName, config, test.Samples[i], $"{test.Namespace}/{test.Name}", i + 1);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        report.End();
        return report.Failed > 0 ? ExitCodes.Incomplete : ExitCodes.Ok;
    }

    /// <summary>Each sample is a file of its own, and the rules begin anew with it.</summary>
    private void RunSample(string folder, LogConfig config, LogSample sample, string test, int number)
    {
        var path = Path.Combine(folder, "sample.log");
        File.WriteAllBytes(path, sample.Content);
        using var trial = new RuleTrial(config, TimeProvider.System);
        var outcome = SampleOutcome.Of(trial.Run(path, Enum.Parse<LogFormat>(sample.Format, ignoreCase: true)));
        var differences = sample.Expect is null ? null : SampleCheck.Differences(sample.Expect, outcome);
        report.Sample(test, sample.Name.Length > 0 ? sample.Name : $"sample {number}", outcome, differences);
    }

    private int RunFile(IReadOnlyList<LogConfig> configs, string file)
    {
        var wanted = configs.Where(c => settings.Config is null || settings.Config == c.Name || settings.Config == $"{c.Namespace}/{c.Name}").ToList();
        if (wanted.Count != 1)
        {
            return Refuse(settings.Config is null
                ? $"there are {configs.Count} documents of kind LogConfig; say with --config whose rules are meant."
                : $"--config {settings.Config}: {wanted.Count} documents of kind LogConfig have that name.");
        }

        using var trial = new RuleTrial(wanted[0], TimeProvider.System);
        var outcome = SampleOutcome.Of(trial.Run(file, settings.Format, RuleTrial.LastLines(file, settings.Last)));
        report.Sample($"{wanted[0].Namespace}/{wanted[0].Name}", file, outcome, null);
        report.End();
        return ExitCodes.Ok;
    }

    private static int Refuse(string message)
    {
        Console.Error.WriteLine($"tributary test: {message}");
        return ExitCodes.Invalid;
    }
}
