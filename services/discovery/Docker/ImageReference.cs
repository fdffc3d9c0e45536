namespace Tributary.Discovery.Docker;

/// <summary>An image as a user names it, split into name and tag: <c>registry:5000/team/app:1.2@sha256:…</c>.</summary>
internal readonly record struct ImageReference(string Name, string Tag)
{
    /// <summary>Tag is empty where none was given; an image named by its id alone keeps it as name.</summary>
    public static ImageReference Parse(string image)
    {
        var at = image.IndexOf('@', StringComparison.Ordinal);
        var named = at >= 0 ? image[..at] : image;
        var colon = named.LastIndexOf(':');
        var isTag = colon > named.LastIndexOf('/') && colon > 0 && !named.StartsWith("sha256:", StringComparison.Ordinal);
        return isTag ? new ImageReference(named[..colon], named[(colon + 1)..]) : new ImageReference(named, "");
    }
}
