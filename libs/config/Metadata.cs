namespace Tributary.Config;

/// <summary>What every resource says of itself, as in Kubernetes. Labels and annotations are accepted and ignored.</summary>
internal readonly record struct Metadata(string Namespace, string Name)
{
    public const string DefaultNamespace = "default";

    /// <summary>A resource of the whole cluster.</summary>
    public static string ReadName(MappingReader document, TextRule rule, string meaning) =>
        document.Object("metadata", metadata =>
        {
            var name = metadata.RequiredText("name", rule, meaning);
            ReadIgnored(metadata);
            return name;
        }, Meaning);

    /// <summary>A resource of a namespace.</summary>
    public static Metadata ReadNamespaced(MappingReader document, TextRule rule, string meaning) =>
        document.Object("metadata", metadata =>
        {
            var name = metadata.RequiredText("name", rule, meaning);
            var owner = metadata.Text("namespace", DefaultNamespace, Names.Label, "The namespace that owns it.");
            ReadIgnored(metadata);
            return new Metadata(owner, name);
        }, Meaning);

    /// <summary>A document that has no name of its own.</summary>
    public static void ReadUnnamed(MappingReader document, string why) =>
        document.Object("metadata", metadata =>
        {
            metadata.Refuse("name", why);
            ReadIgnored(metadata);
            return true;
        }, Meaning);

    private const string Meaning = "What the document says of itself.";

    private static void ReadIgnored(MappingReader metadata)
    {
        metadata.IgnoredMap("labels", "Accepted and ignored, as are annotations.");
        metadata.IgnoredMap("annotations", "Accepted and ignored.");
    }
}
