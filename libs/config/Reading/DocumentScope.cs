using System.Security.Cryptography;
using System.Text;

namespace Tributary.Config;

/// <summary>
/// What the readers of one document share: where errors go, and what is learned on the way (the fields there are, the
/// values that differ from the defaults, the names that are referred to).
/// </summary>
internal sealed class DocumentScope(FileErrors errors, Interpolation interpolation)
{
    private readonly List<string> effective = [];

    public FileErrors Errors => errors;

    public Interpolation Interpolation => interpolation;

    /// <summary>Every field that was asked for, in order; null unless the reference is being made.</summary>
    public List<FieldDescription>? Descriptions { get; init; }

    /// <summary>Names of other documents, to be looked up when all are read.</summary>
    public List<Reference> References { get; } = [];

    /// <summary>The same fields with errors going nowhere: for the inside of a field that is itself wrong.</summary>
    public DocumentScope Muted() => new(new FileErrors(errors.File), interpolation) { Descriptions = Descriptions };

    public void Differs(string path, string canonical) => effective.Add($"{path}={canonical.Length}:{canonical}");

    /// <summary>
    /// 12 hex digits over every value below <paramref name="path"/> that differs from its default, in the schema's
    /// order: a field that a later version adds leaves the hash of those who do not use it.
    /// </summary>
    public string HashBelow(string path)
    {
        var text = string.Join('\n', effective.Where(e => e.StartsWith(path + ".", StringComparison.Ordinal)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));
    }
}

/// <summary>A field that names another document.</summary>
internal sealed record Reference(FileErrors Errors, Place Place, string Path, string Kind, string Name);
