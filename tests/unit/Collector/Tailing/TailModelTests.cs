using System.Text;
using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

/// <summary>
/// Random steps on real files against a model of what must arrive: append whole lines and pieces of lines, rotate,
/// delete, stop, kill, hold confirms back. The seed is in a failure's name, and the steps are printed with it.
/// </summary>
public sealed class TailModelTests(ITestOutputHelper output)
{
    private const int Steps = 250;

    private readonly List<string> _expected = [];
    private readonly List<string> _steps = [];
    private int _lines;
    private bool _running;

    public static TheoryData<LogFormat, int> Seeds()
    {
        var seeds = new TheoryData<LogFormat, int>();
        foreach (var format in (LogFormat[])[LogFormat.Raw, LogFormat.Cri, LogFormat.Docker])
        {
            for (var seed = 1; seed <= 4; seed++)
            {
                seeds.Add(format, seed);
            }
        }

        return seeds;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_happens_every_line_arrives_and_repeats_share_the_uid(LogFormat format, int seed)
    {
        var random = new Random(seed);
        await using var rig = new CollectorRig();
        rig.Options.ReadBytes = 16 * 1024;
        rig.Options.BatchBytesMax = 64 * 1024;
        rig.Options.WindowBatchesPerTarget = 3;
        rig.Options.CloseAfterQuiet = TimeSpan.FromMilliseconds(30);
        rig.Options.UnterminatedAfter = TimeSpan.FromSeconds(60);
        var files = Enumerable.Range(0, 3).Select(i => new ModelFile(rig, $"{i}.log", format)).ToArray();
        foreach (var file in files)
        {
            rig.Follow(file.Name, format, also: s => s with { ReadRotated = true });
        }

        try
        {
            for (var i = 0; i < Steps; i++)
            {
                await StepAsync(rig, files[random.Next(files.Length)], random);
            }

            Run(rig);
            foreach (var file in files)
            {
                Finish(file);
            }

            rig.Publisher.Hold = false;
            await rig.UntilAsync(
                () =>
                {
                    rig.Publisher.Confirm(_ => true);
                    return rig.Records.Select(r => r.Uid).Distinct().Count() >= _expected.Count;
                },
                $"{_expected.Count} records");
            await rig.ExpectWithRepeatsAsync(_expected);
            rig.Start();
            rig.Append(files[0].Name, format == LogFormat.Raw ? "after all\n" : format == LogFormat.Cri ? LogLines.Cri("after all") : LogLines.Docker("after all"));
            await rig.UntilAsync(() => rig.Publisher.Records.Length > 0, "one more");
            await rig.StopAsync();
            Assert.Equal("after all", rig.Records[^1].Text);
        }
        catch (Exception)
        {
            var missing = _expected.Except(rig.Records.Select(r => r.Text)).Select(t => t[..9]).ToArray();
            output.WriteLine($"Seed {seed}, {format}, {missing.Length} missing ({string.Join(", ", missing.Take(20))}): {string.Join(", ", _steps)}");
            throw;
        }
    }

    private async Task StepAsync(CollectorRig rig, ModelFile file, Random random)
    {
        switch (random.Next(100))
        {
            case < 45:
                for (var i = random.Next(1, 30); i > 0; i--)
                {
                    Note($"line {file.Name}", file.Line(LogLines.Text(++_lines, random.Next(9, 200)), whole: true));
                }

                break;
            case < 65:
                Note($"piece {file.Name}", file.Line(LogLines.Text(++_lines, random.Next(9, 3000)), whole: false));
                break;
            case < 70:
                Note($"long {file.Name}", file.Line(LogLines.Text(++_lines, random.Next(20_000, 90_000)), whole: true));
                break;
            case < 78:
                Finish(file);
                Note($"rotate {file.Name}", null);
                file.Rotate();
                break;
            case < 82:
                // Deleting before it was opened would lose lines in the model too.
                Finish(file);
                if (_running)
                {
                    rig.Publisher.Hold = false;
                    await rig.UntilAsync(() => Confirmed(rig), "all that was written");
                    Note($"delete {file.Name}", null);
                    File.Delete(rig.File(file.Name));
                }

                break;
            case < 87:
                Note("hold", null);
                rig.Publisher.Hold = _running;
                break;
            case < 92:
                Note("confirm", null);
                rig.Publisher.Hold = false;
                rig.Publisher.Confirm(_ => true);
                break;
            case < 95 when _running:
                Note("stop", null);
                rig.Publisher.Hold = false;
                rig.Publisher.Confirm(_ => true);
                await rig.StopAsync();
                _running = false;
                break;
            case < 98 when _running:
                Note("kill", null);
                await rig.KillAsync();
                _running = false;
                break;
            default:
                Run(rig);
                break;
        }
    }

    private bool Confirmed(CollectorRig rig)
    {
        rig.Publisher.Confirm(_ => true);
        return rig.Records.Select(r => r.Uid).Distinct().Count() >= _expected.Count;
    }

    private void Run(CollectorRig rig)
    {
        if (!_running)
        {
            Note("start", null);
            rig.Start();
            _running = true;
        }
    }

    private void Finish(ModelFile file)
    {
        if (file.Unfinished)
        {
            Note($"finish {file.Name}", file.Line("end", whole: true));
        }
    }

    private void Note(string step, string? line)
    {
        _steps.Add(step);
        if (line is not null)
        {
            _expected.Add(line);
        }
    }

    /// <summary>A log's writer: remembers the line that it has begun.</summary>
    private sealed class ModelFile(CollectorRig rig, string name, LogFormat format)
    {
        private readonly StringBuilder _line = new();

        public string Name => name;

        public bool Unfinished => _line.Length > 0;

        /// <summary>Appends text; returns the line when it is whole.</summary>
        public string? Line(string text, bool whole)
        {
            _line.Append(text);
            rig.Append(name, format switch
            {
                LogFormat.Cri => LogLines.Cri(text, partial: !whole),
                LogFormat.Docker when whole => LogLines.Docker(text),
                LogFormat.Docker => LogLines.DockerRaw(text),
                _ => whole ? text + "\n" : text,
            });
            if (!whole)
            {
                return null;
            }

            var line = _line.ToString();
            _line.Clear();
            return line;
        }

        public void Rotate()
        {
            if (!File.Exists(rig.File(name)))
            {
                return;
            }

            for (var i = 400; i > 1; i--)
            {
                if (File.Exists(rig.File($"{name}.{i - 1}")))
                {
                    File.Move(rig.File($"{name}.{i - 1}"), rig.File($"{name}.{i}"));
                }
            }

            File.Move(rig.File(name), rig.File(name + ".1"));
        }
    }
}
