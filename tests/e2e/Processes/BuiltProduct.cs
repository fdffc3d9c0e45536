namespace Tributary.Tests.E2e.Processes;

/// <summary>Where the build put the product's programs: beside these tests, in the same configuration.</summary>
internal static class BuiltProduct
{
    private static readonly DirectoryInfo s_tests = new(AppContext.BaseDirectory);

    /// <summary>The folder with everything of one project.</summary>
    public static string Folder(string project) => Path.Combine(s_tests.Parent!.Parent!.FullName, project, s_tests.Name);

    /// <exception cref="InvalidOperationException">It was not built.</exception>
    public static string Dll(string project, string assembly)
    {
        var path = Path.Combine(Folder(project), assembly + ".dll");
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is missing: build {project} in configuration {s_tests.Name}.");
    }
}
