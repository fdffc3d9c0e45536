namespace Tributary.Config;

/// <summary>
/// One kind of document: how it reads itself into the draft. A new kind is a record that reads itself and one line in
/// <see cref="All"/>; the validator and the reference follow.
/// </summary>
internal sealed record Kind(string Name, string Meaning, Action<MappingReader, ConfigurationDraft> Read)
{
    public const string ApiVersion = "tributary.io/v1alpha1";

    public static readonly IReadOnlyList<Kind> All = [NodeSettings.Kind, LogOutput.Kind, LogConfig.Kind, LogConfigTest.Kind];

    /// <summary>Reads the head of a document and then its kind. Without a known kind the rest cannot be judged.</summary>
    public static void ReadDocument(MappingReader document, ConfigurationDraft draft)
    {
        document.RequiredChoice("apiVersion", [ApiVersion]);
        var name = document.RequiredChoice("kind", [.. All.Select(kind => kind.Name)]);
        if (All.FirstOrDefault(kind => kind.Name == name) is not { } kind)
        {
            draft.HasUnknownKind = true;
            return;
        }
        kind.Read(document, draft);
        document.Finish();
    }
}
