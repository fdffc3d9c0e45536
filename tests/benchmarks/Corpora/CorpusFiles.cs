using Tributary.Benchmarks.Runs;
using Tributary.Contracts;
using Tributary.Testing;

namespace Tributary.Benchmarks.Corpora;

/// <summary>Writes the files of the rows, each when it is first asked for.</summary>
internal sealed class CorpusFiles(TempFolder folder)
{
    private const int Seed = 20_261_121;

    private readonly List<Lazy<BenchFile>> _all = [];

    /// <summary>Those that were written.</summary>
    internal IEnumerable<BenchFile> Written => _all.Where(file => file.IsValueCreated).Select(file => file.Value);

    /// <summary>Log lines of about 200 bytes, 3% of the records in two parts.</summary>
    internal Lazy<BenchFile> Plain(string name, LogFormat format, long lines) => Add(() =>
    {
        var file = new Corpus(Seed).Write(folder.Combine(name + ".log"), format, lines);
        return new BenchFile(name, file.Path, format, file.Lines, file.Records, 0, file.Bytes);
    });

    /// <summary>The same, in as many files.</summary>
    internal Lazy<BenchFile> Spread(string name, LogFormat format, long lines, int files) => Add(() =>
    {
        folder.MakeFolder(name);
        var corpus = new Corpus(Seed);
        long first = 0, bytes = 0, written = 0;
        for (var i = 0; i < files; i++)
        {
            var file = corpus.Write(folder.Combine(name, $"{i:D5}.log"), format, lines / files, first);
            first += file.Records;
            bytes += file.Bytes;
            written += file.Lines;
        }

        return new BenchFile(name, folder.Combine(name, "*.log"), format, written, first, 0, bytes);
    });

    /// <summary>Lines of another kind, framed as CRI.</summary>
    internal Lazy<BenchFile> Framed(string name, long lines, Func<CriFile, long, long> write) => Add(() =>
    {
        var path = folder.Combine(name + ".log");
        using var file = new CriFile(path);
        var dropped = write(file, lines);
        file.Flush();
        return new BenchFile(name, path, LogFormat.Cri, file.Lines, file.Records - dropped, dropped, file.Bytes);
    });

    private Lazy<BenchFile> Add(Func<BenchFile> write)
    {
        var file = new Lazy<BenchFile>(() =>
        {
            var written = write();
            Console.WriteLine($"wrote {written.Name}: {written.Lines:N0} lines, {written.Bytes / 1e6:N0} MB");
            return written;
        });
        _all.Add(file);
        return file;
    }
}
