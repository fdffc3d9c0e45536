using System.IO.Compression;
using System.Text;
using Tributary.Contracts;
using Xunit;

namespace Tributary.Tests.Unit.Collector.Tailing;

/// <summary>
/// Random steps on real files against a model of what must arrive: append whole lines and pieces of lines, rotate,
/// copy and truncate, compress, delete, stop, kill, hold confirms back. The seed is in a failure's name, and the steps are printed with it.
/// </summary>
public sealed class TailModelTests(ITestOutputHelper output)
{
    private const int Steps = 250;

    private readonly List<string> _expected = [];
    private readonly List<string> _steps = [];
    private int _lines;
    private Also _also;
    private bool _running;

    /// <summary>What the writer and the rotation do beside the plain steps.</summary>
    public enum Also
    {
        /// <summary>Lines end before a rotation, which renames.</summary>
        Nothing,

        /// <summary>Lines go on over a rotation.</summary>
        SplitLines,

        /// <summary>Rotated files are compressed.</summary>
        Compress,

        /// <summary>Files are copied and truncated.</summary>
        CopyTruncate,
    }

    public static TheoryData<Also, LogFormat, int> Seeds()
    {
        var seeds = new TheoryData<Also, LogFormat, int>();
        foreach (var format in (LogFormat[])[LogFormat.Raw, LogFormat.Cri, LogFormat.Docker])
        {
            foreach (var also in Enum.GetValues<Also>())
            {
                for (var seed = 1; seed <= 4; seed++)
                {
                    seeds.Add(also, format, seed);
                }
            }
        }

        return seeds;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_happens_every_line_arrives_and_repeats_share_the_uid(Also also, LogFormat format, int seed)
    {
        var random = new Random(seed);
        _also = also;
        await using var rig = new CollectorRig();
        rig.Options.ReadBytes = 16 * 1024;
        rig.Options.BatchBytesMax = 64 * 1024;
        rig.Options.WindowBatchesPerTarget = 3;

        // A rotated file that was quiet for this long ends its last line: the rest that a loaded machine writes later would be another.
        rig.Options.CloseAfterQuiet = also == Also.SplitLines ? TimeSpan.FromSeconds(2) : TimeSpan.FromMilliseconds(30);
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
                await StepAsync(rig, files[random.Next(files.Length)], format, random);
            }

            Run(rig);
            foreach (var file in files)
            {
                Finish(file);
            }

            rig.Publisher.Hold = false;
            if (also is Also.Compress or Also.CopyTruncate)
            {
                await ExpectEachAsync(rig);
                return;
            }

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
            foreach (var twins in rig.Records.DistinctBy(r => r.Uid).GroupBy(r => r.Text).Where(g => g.Count() > 1).Take(3))
            {
                output.WriteLine($"Twice: {twins.Key[..Math.Min(9, twins.Key.Length)]} as {string.Join(" and ", twins.Select(r => r.Uid))}");
            }

            var wrong = rig.Records.Where(r => !_expected.Contains(r.Text)).DistinctBy(r => r.Uid).Take(6).ToArray();
            output.WriteLine($"Not written: {string.Join(", ", wrong.Select(r => $"{r.Text[..Math.Min(9, r.Text.Length)]} ({r.Text.Length}) as {r.Uid}"))}");
            output.WriteLine($"Seed {seed}, {format}, {also}, {missing.Length} missing ({string.Join(", ", missing.Take(20))}): {string.Join(", ", Short())}");
            throw;
        }
    }

    /// <summary>No line is lost and none invented; what was copied may come again under the copy's id when a kill came between.</summary>
    private async Task ExpectEachAsync(CollectorRig rig)
    {
        await rig.UntilAsync(
            () =>
            {
                rig.Publisher.Confirm(_ => true);
                return _expected.Except(rig.Records.Select(r => r.Text)).FirstOrDefault() is null;
            },
            "every line");
        await rig.StopAsync();
        rig.AssertNoError();
        Assert.Empty(rig.Records.Select(r => r.Text).Except(_expected));
        Assert.All(rig.Records.GroupBy(r => r.Uid), twins => Assert.Single(twins.Select(r => r.Text).Distinct()));
    }

    /// <summary>Equal steps in a row, as one.</summary>
    private IEnumerable<string> Short()
    {
        for (var i = 0; i < _steps.Count;)
        {
            var count = _steps.Skip(i).TakeWhile(s => s == _steps[i]).Count();
            yield return count == 1 ? _steps[i] : $"{count} x {_steps[i]}";
            i += count;
        }
    }

    private async Task StepAsync(CollectorRig rig, ModelFile file, LogFormat format, Random random)
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
                FinishRaw(file, format);
                Note($"rotate {file.Name}", null);
                file.Rotate();
                break;
            case < 81 when _also is Also.CopyTruncate:
                FinishRaw(file, format);
                Note($"copytruncate {file.Name}", null);
                file.CopyTruncate();
                break;
            case < 84 when _also is Also.Compress:
                Note($"compress {file.Name}", null);
                file.Compress();
                break;
            case < 87:
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
            case < 90:
                Note("hold", null);
                rig.Publisher.Hold = _running;
                break;
            case < 93:
                Note("confirm", null);
                rig.Publisher.Hold = false;
                rig.Publisher.Confirm(_ => true);
                break;
            case < 96 when _running:
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
        return _expected.Except(rig.Records.Select(r => r.Text)).FirstOrDefault() is null;
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

    /// <summary>Nothing tells that a plain line goes on in another file.</summary>
    private void FinishRaw(ModelFile file, LogFormat format)
    {
        if (format == LogFormat.Raw || _also is not Also.SplitLines)
        {
            Finish(file);
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
            if (File.Exists(rig.File(name)))
            {
                Shift();
                File.Move(rig.File(name), rig.File(name + ".1"));
            }
        }

        /// <summary>No line is written between the two steps, so none may be lost.</summary>
        public void CopyTruncate()
        {
            if (File.Exists(rig.File(name)))
            {
                Shift();
                using var file = new FileStream(rig.File(name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                using (var copy = Create(rig.File(name + ".1")))
                {
                    file.CopyTo(copy);
                }

                file.SetLength(0);
            }
        }

        /// <summary>The newest rotated file that is not compressed yet.</summary>
        public void Compress()
        {
            for (var i = 1; i < 400; i++)
            {
                var plain = rig.File($"{name}.{i}");
                if (File.Exists(plain))
                {
                    using (var text = new FileStream(plain, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
                    using (var gzip = new GZipStream(Create(plain + ".gz"), CompressionLevel.Fastest))
                    {
                        text.CopyTo(gzip);
                    }

                    File.Delete(plain);
                    return;
                }
            }
        }

        /// <summary>Without the lock that .NET would put on it.</summary>
        private static FileStream Create(string path) => new(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);

        private void Shift()
        {
            for (var i = 400; i > 1; i--)
            {
                foreach (var end in (string[])["", ".gz"])
                {
                    if (File.Exists(rig.File($"{name}.{i - 1}{end}")))
                    {
                        File.Move(rig.File($"{name}.{i - 1}{end}"), rig.File($"{name}.{i}{end}"));
                    }
                }
            }
        }
    }
}
