using System.Text.RegularExpressions;

namespace Tributary.Config;

/// <summary>What a scalar without quotes is by YAML's core schema, where it is not text. Kubernetes refuses these for text as well.</summary>
internal static partial class PlainType
{
    /// <summary><c>number</c>, <c>boolean</c> or null for text.</summary>
    public static string? Of(string plain) =>
        plain is "true" or "True" or "TRUE" or "false" or "False" or "FALSE" ? "boolean"
        : plain.Length <= 400 && Number().IsMatch(plain) ? "number"
        : null;

    [GeneratedRegex(@"\A([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
