using System.Globalization;
using Tributary.Collector.Checkpoints;

namespace Tributary.Standalone.Checkpoints;

/// <summary>One run of <c>tributary checkpoints</c>: reads the folder as it is now and changes nothing.</summary>
internal static class CheckpointsRun
{
    public static int Run(string state, bool json, TextWriter output, TextWriter errors)
    {
        try
        {
            var (folder, root) = Folder(state);
            if (folder is null)
            {
                errors.WriteLine($"tributary checkpoints: there are no checkpoints under {Path.GetFullPath(state)}; name the state folder with --state.");
                return ExitCodes.Failed;
            }

            var read = CheckpointReader.Read(folder, root is null ? null : new StoreRoot(root));
            foreach (var (path, problem) in read.Problems)
            {
                errors.WriteLine($"tributary checkpoints: {path} is not used as a whole: {problem}.");
            }

            Write(read.Checkpoints.Select(CheckpointLine.Of).OrderBy(l => l.Path, StringComparer.Ordinal).ThenBy(l => l.Target, StringComparer.Ordinal), json, output);
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"tributary checkpoints: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    /// <summary>Where the checkpoints of a state folder are, or of a data disk; null when there are none.</summary>
    private static (string? Folder, string? Root) Folder(string state)
    {
        var node = Path.Combine(state, "collector");
        var disk = Path.Combine(state, ".tributary");
        return Directory.Exists(node) ? (node, null) : Directory.Exists(disk) ? (disk, Path.GetFullPath(state)) : (null, null);
    }

    private static void Write(IEnumerable<CheckpointLine> lines, bool json, TextWriter output)
    {
        if (!json)
        {
            output.WriteLine($"{"SOURCE ID",-20}  {"TARGET",-16}  {"DECLARATION",-20}  {"OFFSET",14}  {"SIZE",14}  {"LAG",14}  {"LAST SEEN",-20}  PATH");
        }

        foreach (var line in lines)
        {
            output.WriteLine(json ? line.ToJson() : string.Create(
                CultureInfo.InvariantCulture,
                $"{line.SourceId,-20}  {line.Target,-16}  {line.Declaration,-20}  {line.Offset,14}  {line.Size?.ToString(CultureInfo.InvariantCulture) ?? "-",14}  {line.Lag,14}  {line.LastSeen,-20}  {line.Path}"));
        }
    }
}
