using System.Xml.Linq;
using Tributary.Tests.Unit.Config;
using Xunit;

namespace Tributary.Tests.Unit.Conventions;

/// <summary>Who may reference whom, read from the project files.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> References = Directory
        .GetFiles(ProjectRoot.Folder, "*.csproj", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(ProjectRoot.Folder, path))
        .Where(path => !path.StartsWith("artifacts", StringComparison.Ordinal))
        .ToDictionary(Folder, path => XDocument.Load(ProjectRoot.PathOf(path)).Descendants("ProjectReference")
            .Select(reference => Folder(Path.GetRelativePath(ProjectRoot.Folder, Path.GetFullPath(ProjectRoot.PathOf(Path.GetDirectoryName(path)!, reference.Attribute("Include")!.Value)))))
            .ToArray());

    [Fact]
    public void The_contracts_reference_nothing_of_ours() => Assert.Empty(References["libs/contracts"]);

    [Fact]
    public void A_lib_references_the_contracts_at_most() =>
        Assert.Empty(Of("libs/").SelectMany(p => p.Value.Where(r => r != "libs/contracts").Select(r => $"{p.Key} -> {r}")));

    [Fact]
    public void A_service_references_libs_only_and_standalone_alone_the_services() =>
        Assert.Empty(Of("services/").SelectMany(p => p.Value
            .Where(r => !r.StartsWith("libs/", StringComparison.Ordinal) && !(p.Key == "services/standalone" && r.StartsWith("services/", StringComparison.Ordinal)))
            .Select(r => $"{p.Key} -> {r}")));

    [Fact]
    public void No_product_references_a_test() =>
        Assert.DoesNotContain(Of("libs/").Concat(Of("services/")).SelectMany(p => p.Value), r => r.StartsWith("tests/", StringComparison.Ordinal));

    private static IEnumerable<KeyValuePair<string, string[]>> Of(string prefix)
    {
        var found = References.Where(p => p.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(found);
        return found;
    }

    private static string Folder(string project) => Path.GetDirectoryName(project)!.Replace('\\', '/');
}
