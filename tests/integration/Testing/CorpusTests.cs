using System.Text.Json;
using Tributary.Contracts;
using Tributary.Testing;
using Xunit;

namespace Tributary.Tests.Integration.Testing;

public sealed class CorpusTests
{
    private const int Lines = 5_000;

    [Theory]
    [InlineData(LogFormat.Cri)]
    [InlineData(LogFormat.Docker)]
    [InlineData(LogFormat.Raw)]
    public void Every_record_of_a_written_corpus_can_be_read_back_with_its_number(LogFormat format)
    {
        using var folder = new TempFolder("corpus");
        var corpus = new Corpus(seed: 7);
        var file = corpus.Write(folder.Combine("log"), format, Lines, first: 100);
        var seen = file.Expected();

        var lines = File.ReadAllLines(file.Path);
        foreach (var text in Records(lines, format))
        {
            var sequence = Corpus.Sequence(text);
            Assert.NotNull(sequence);
            Assert.Equal(corpus.Text(sequence.Value), text);
            Assert.True(seen.Add(sequence.Value));
        }

        Assert.Equal(Lines, lines.Length);
        Assert.Equal(new FileInfo(file.Path).Length, file.Bytes);
        Assert.True(seen.IsComplete, seen.ToString());
        Assert.Equal(format == LogFormat.Raw ? Lines : file.Records, file.Records);
        Assert.InRange(Lines - file.Records, format == LogFormat.Raw ? 0 : Lines * 2 / 100, format == LogFormat.Raw ? 0 : Lines * 4 / 100);
    }

    [Fact]
    public void The_same_seed_writes_the_same_bytes_and_another_seed_other_ones()
    {
        using var folder = new TempFolder("corpus");
        var one = new Corpus(1).Write(folder.Combine("one"), LogFormat.Cri, Lines);
        var again = new Corpus(1).Write(folder.Combine("again"), LogFormat.Cri, Lines);
        var other = new Corpus(2).Write(folder.Combine("other"), LogFormat.Cri, Lines);

        Assert.True(File.ReadAllBytes(one.Path).AsSpan().SequenceEqual(File.ReadAllBytes(again.Path)));
        Assert.False(File.ReadAllBytes(one.Path).AsSpan().SequenceEqual(File.ReadAllBytes(other.Path)));
        Assert.InRange(one.Bytes / Lines, 190, 210);
    }

    private static IEnumerable<string> Records(string[] lines, LogFormat format)
    {
        var begun = "";
        foreach (var line in lines)
        {
            var (text, partial) = format switch
            {
                LogFormat.Cri => (line[40..], line[38] == 'P'),
                LogFormat.Docker => Docker(line),
                _ => (line, false),
            };
            begun += text;
            if (!partial)
            {
                yield return begun;
                begun = "";
            }
        }
    }

    private static (string Text, bool Partial) Docker(string line)
    {
        using var json = JsonDocument.Parse(line);
        var log = json.RootElement.GetProperty("log").GetString()!;
        return (log.TrimEnd('\n'), !log.EndsWith('\n'));
    }
}
