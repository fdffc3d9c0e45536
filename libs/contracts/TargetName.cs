namespace Tributary.Contracts;

/// <summary>A target is a routing key and part of queue and file names, so it is plain: letters, digits, <c>. _ -</c>, at most 100, starting with a letter or digit.</summary>
public static class TargetName
{
    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 100
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
