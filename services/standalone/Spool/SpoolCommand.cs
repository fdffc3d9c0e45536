using System.CommandLine;
using Tributary.Collector.Spooling;
using Tributary.Contracts.Batches;

namespace Tributary.Standalone.Spool;

/// <summary><c>tributary spool</c>: what waits in a disk spool, also while a collector uses it.</summary>
internal static class SpoolCommand
{
    public static Command Create()
    {
        var list = new Command("list", "Show each segment with its batches, records and bytes.");
        var show = new Command("show", "Show each batch with its target, records and the ranges of its sources.");
        var command = new Command("spool", "Look into the disk spool (spool.path of the configuration).") { list, show };
        Set(list, List);
        Set(show, Show);
        return command;
    }

    private static void Set(Command command, Action<SpoolContent> print)
    {
        var folder = new Option<string>("--path") { Description = "The folder of the spool.", DefaultValueFactory = _ => "./var/spool" };
        command.Add(folder);
        command.SetAction(parse => Run(parse.GetValue(folder)!, print));
    }

    private static int Run(string folder, Action<SpoolContent> print)
    {
        try
        {
            var (batches, records, bytes) = (0, 0L, 0L);
            foreach (var segment in SpoolContent.Of(folder))
            {
                print(segment);
                batches += segment.Batches.Count;
                records += segment.Batches.Sum(b => (long)b.Records);
                bytes += segment.Bytes;
            }

            Console.Out.WriteLine($"{batches} batch(es), {records} record(s), {bytes} bytes.");
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"tributary: the spool in {folder} cannot be read: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private static void List(SpoolContent segment)
    {
        var targets = string.Join(", ", segment.Batches.GroupBy(b => b.Target).Select(g => $"{g.Key} {g.Count()}"));
        Console.Out.WriteLine($"{Path.GetFileName(segment.Path)}  {segment.Bytes} bytes, {segment.Batches.Count} batch(es), {segment.Batches.Sum(b => (long)b.Records)} record(s): {targets}");
        PrintProblem(segment);
    }

    private static void Show(SpoolContent segment)
    {
        foreach (var batch in segment.Batches)
        {
            Console.Out.WriteLine($"{batch.Sequence}  {batch.Target}  {batch.Records} record(s)  {batch.Bytes} bytes  {SourceRange.Format(batch.Sources)}");
        }

        PrintProblem(segment);
    }

    private static void PrintProblem(SpoolContent segment)
    {
        if (segment.Problem is { } problem)
        {
            Console.Out.WriteLine($"{Path.GetFileName(segment.Path)}: from byte {segment.Bytes} on, {problem}; it is being written, or was cut off.");
        }
    }
}
