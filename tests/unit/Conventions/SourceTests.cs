using System.Text.RegularExpressions;
using Tributary.Tests.Unit.Config;
using Xunit;

namespace Tributary.Tests.Unit.Conventions;

/// <summary>What is asked of every source file and document.</summary>
public sealed partial class SourceTests
{
    private const int LinesMax = 500;

    [Fact]
    public void Every_document_that_is_linked_exists()
    {
        var documents = Files("*.md").Where(f => !f.StartsWith("tests/", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(documents);
        var missing =
            from document in documents
            from Match link in Link().Matches(File.ReadAllText(ProjectRoot.PathOf(document)))
            let target = link.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
            let path = Path.Combine(Path.GetDirectoryName(ProjectRoot.PathOf(document))!, target.Split('#')[0])
            where target[0] != '#' && !File.Exists(path) && !Directory.Exists(path)
            select $"{document}: {target}";
        Assert.Empty(missing);
    }

    [Fact]
    public void A_file_of_more_than_five_hundred_lines_says_why()
    {
        var silent =
            from file in Files("*.cs")
            let lines = File.ReadAllLines(ProjectRoot.PathOf(file))
            where lines.Length > LinesMax
            let summary = string.Concat(lines.SkipWhile(l => !l.Contains("<summary>", StringComparison.Ordinal)).TakeWhile(l => l.TrimStart().StartsWith("///", StringComparison.Ordinal)))
            where !WhyLong().IsMatch(summary)
            select $"{file}: {lines.Length} lines; its summary does not say why it is one file (\"one file because …\")";
        Assert.Empty(silent);
    }

    [Fact]
    public void Nothing_in_the_product_is_left_to_do() => Assert.Empty(
        from file in Files("*.cs")
        where !file.StartsWith("tests/", StringComparison.Ordinal)
        let match = Unfinished().Match(File.ReadAllText(ProjectRoot.PathOf(file)))
        where match.Success
        select $"{file}: {match.Value}");

    [Fact]
    public void No_folder_is_named_for_a_pattern() => Assert.Empty(
        from file in Files("*.cs")
        from folder in Path.GetDirectoryName(file)!.Split('/')
        where folder.ToLowerInvariant() is "services" or "models" or "helpers" or "interfaces" or "managers" or "utils" or "extensions"
        where file.IndexOf(folder, StringComparison.Ordinal) > 0
        select file);

    private static IEnumerable<string> Files(string pattern) => Directory
        .EnumerateFiles(ProjectRoot.Folder, pattern, SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(ProjectRoot.Folder, f))
        .Where(f => !f.StartsWith("artifacts/", StringComparison.Ordinal) && !f.StartsWith("var/", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("one (file|class|place) because|kept together because", RegexOptions.IgnoreCase)]
    private static partial Regex WhyLong();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Unfinished();
}
