using System.Text;

namespace Tributary.Config;

/// <summary>
/// Writes <c>docs/configuration.md</c> from the readers that validate: each kind reads an empty document and tells
/// which fields it asked for. Says the same on every machine.
/// </summary>
public static class SchemaReference
{
    /// <summary>The whole page, in Markdown with line feeds.</summary>
    public static string Render()
    {
        var page = new StringBuilder(ReferenceProse.Head);
        foreach (var kind in Kind.All)
        {
            page.Append($"\n## {kind.Name}\n\n{kind.Meaning}\n\n");
            page.Append("| field | type | default | bounds | meaning |\n|---|---|---|---|---|\n");
            foreach (var field in FieldsOf(kind))
                page.Append($"| `{field.Path}` | {Cell(field.Type)} | {Default(field)} | {Cell(field.Bounds)} | {Cell(field.Meaning)} |\n");
        }
        return page.ToString();
    }

    private static List<FieldDescription> FieldsOf(Kind kind)
    {
        var fields = new List<FieldDescription>();
        var scope = new DocumentScope(new FileErrors(""), new Interpolation(_ => null)) { Descriptions = fields };
        kind.Read(new MappingReader(scope, YamlMap.EmptyAt(default)), new ConfigurationDraft());
        return fields;
    }

    private static string Default(FieldDescription field) =>
        field.Default.Length == 0 || field.Default.Contains(' ') && !field.Default.StartsWith('[') || field.Default == "required" ? field.Default : $"`{field.Default}`";

    private static string Cell(string text) => text.Replace("|", "\\|");
}
