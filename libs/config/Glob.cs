using System.Text;
using System.Text.RegularExpressions;

namespace Tributary.Config;

/// <summary>
/// A path pattern: <c>*</c> and <c>?</c> within a name, <c>**</c> across folders, <c>[…]</c> (with <c>!</c> to negate)
/// and <c>{a,b}</c>. Matched by the non-backtracking engine, so no pattern can hang.
/// </summary>
public sealed class Glob
{
    private static readonly char[] Magic = ['*', '?', '[', '{'];

    private readonly Regex? _regex;
    private readonly int _depth;

    /// <exception cref="FormatException">A bracket or brace is not closed.</exception>
    public Glob(string pattern)
    {
        Pattern = Path.GetFullPath(pattern);
        var magic = Pattern.IndexOfAny(Magic);
        IsLiteral = magic < 0;
        var slash = IsLiteral ? Pattern.LastIndexOf('/') : Pattern.LastIndexOf('/', magic);
        Root = slash <= 0 ? "/" : Pattern[..slash];
        var rest = Pattern[(slash + 1)..];
        _depth = rest.Contains("**", StringComparison.Ordinal) ? int.MaxValue : rest.Count(c => c == '/');

        // Building an automaton costs some 30 ms of a process's first second; a plain path needs none.
        _regex = IsLiteral ? null : new Regex("^" + Translate(Pattern) + "$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    public string Pattern { get; }

    /// <summary>Without any special character: names one path.</summary>
    public bool IsLiteral { get; }

    /// <summary>The deepest folder above everything that can match.</summary>
    public string Root { get; }

    public bool IsMatch(string path) => _regex?.IsMatch(path) ?? path == Pattern;

    /// <summary>The paths that match now: of files, links to files, and (for a pattern without magic) whatever is named.</summary>
    /// <param name="unreadable">Told of each folder that cannot be listed; the others go on.</param>
    public IEnumerable<string> Expand(Action<string, string> unreadable) =>
        IsLiteral ? [Pattern]
        : File.Exists(Pattern) ? Walk(Root, 0, unreadable).Prepend(Pattern).Distinct(StringComparer.Ordinal)
        : Walk(Root, 0, unreadable);

    private IEnumerable<string> Walk(string folder, int depth, Action<string, string> unreadable)
    {
        string[] files;
        string[] folders;
        try
        {
            if (!Directory.Exists(folder))
            {
                yield break;
            }

            files = Directory.GetFiles(folder);
            folders = depth < _depth ? [.. Directory.GetDirectories(folder).Where(MayDescend)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable(folder, e.Message);
            yield break;
        }

        Array.Sort(files, StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (IsMatch(file))
            {
                yield return file;
            }
        }

        foreach (var child in folders)
        {
            foreach (var file in Walk(child, depth + 1, unreadable))
            {
                yield return file;
            }
        }
    }

    /// <summary>Links to folders are not followed without a limit: they may lead in circles. What is gone by now is no folder.</summary>
    private bool MayDescend(string folder) =>
        _depth < int.MaxValue || (new DirectoryInfo(folder) is { Exists: true } found && !found.Attributes.HasFlag(FileAttributes.ReparsePoint));

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder();
        var braces = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            switch (c)
            {
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    i++;
                    var atFolder = i + 1 < pattern.Length && pattern[i + 1] == '/';
                    regex.Append(atFolder ? "(.*/)?" : ".*");
                    i += atFolder ? 1 : 0;
                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                case '[':
                    i = Class(pattern, i, regex);
                    break;
                case '{':
                    braces++;
                    regex.Append("(?:");
                    break;
                case '}' when braces > 0:
                    braces--;
                    regex.Append(')');
                    break;
                case ',' when braces > 0:
                    regex.Append('|');
                    break;
                default:
                    regex.Append(Regex.Escape(c.ToString()));
                    break;
            }
        }

        return braces == 0 ? regex.ToString() : throw new FormatException($"'{pattern}': a '{{' is not closed.");
    }

    private static int Class(string pattern, int open, StringBuilder regex)
    {
        var first = open + 1;
        var negated = first < pattern.Length && pattern[first] is '!' or '^';
        first += negated ? 1 : 0;
        var close = first < pattern.Length ? pattern.IndexOf(']', first + 1) : -1;
        if (close < 0)
        {
            throw new FormatException($"'{pattern}': a '[' is not closed.");
        }

        var members = pattern[first..close].Replace("\\", "\\\\").Replace("[", "\\[").Replace("^", "\\^");
        regex.Append('[').Append(negated ? "^/" : "").Append(members).Append(']');
        return close;
    }
}
