using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tributary.Config;

/// <summary>
/// Turns a file's text into document trees. A syntax error costs its document only: reading goes on at the next
/// <c>---</c> line. Aliases are refused and nesting is bounded, so a tree is never larger than its text.
/// </summary>
internal sealed class YamlTree
{
    public const int DepthMax = 32;

    private readonly FileErrors errors;
    private readonly List<YamlNode> documents = [];
    private long linesBefore;

    private YamlTree(FileErrors errors) => this.errors = errors;

    /// <summary>The roots of the documents that could be parsed; empty documents are left out.</summary>
    public static IReadOnlyList<YamlNode> Read(string text, FileErrors errors)
    {
        var tree = new YamlTree(errors);
        var start = 0;
        while (start >= 0)
            start = tree.ReadFrom(text, start);
        return tree.documents;
    }

    /// <summary>Returns where to go on after a broken document, or -1 at the end.</summary>
    private int ReadFrom(string text, int start)
    {
        var documentLine = 0L;
        try
        {
            var parser = new Parser(new StringReader(start == 0 ? text : text[start..]));
            while (Next(parser))
            {
                if (parser.Current is not DocumentStart document)
                    continue;
                documentLine = document.Start.Line;
                Next(parser);
                var root = ReadNode(parser, 0);
                if (root is not YamlScalar { IsNull: true })
                    documents.Add(root);
            }
            return -1;
        }
        catch (YamlException e)
        {
            errors.Broken(SyntaxText.Explain(text, PlaceOf(e.Start), PlaceOf(e.End), e.Message));
            return errors.IsFull ? -1 : NextDocument(text, start, Math.Max(e.Start.Line, Math.Max(documentLine, 1) + 1));
        }
    }

    /// <summary>YamlDotNet throws other exceptions on some texts (ArgumentException on <c>[!![</c>): all of it is a syntax error.</summary>
    private static bool Next(Parser parser)
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception e) when (e is not YamlException)
        {
            var near = parser.Current?.End ?? Mark.Empty;
            throw new YamlException(near, near, "what follows cannot be read", e);
        }
    }

    private YamlNode ReadNode(Parser parser, int depth)
    {
        var current = parser.Current ?? throw new YamlException("The document ends early");
        if (depth > DepthMax)
            throw new YamlException(current.Start, current.End, $"nested more than {DepthMax} levels deep");
        var place = PlaceOf(current.Start);
        switch (current)
        {
            case AnchorAlias alias:
                return new YamlRefused(place, "*" + alias.Value, "an alias is not supported; write the value out");
            case Scalar scalar:
                return Accepted(scalar, new YamlScalar(place, scalar.Value, scalar.Style == ScalarStyle.Plain));
            case SequenceStart sequence:
                var items = new List<YamlNode>();
                while (Next(parser) && parser.Current is not SequenceEnd)
                    items.Add(ReadNode(parser, depth + 1));
                return Accepted(sequence, new YamlList(place, items));
            case MappingStart mapping:
                return Accepted(mapping, ReadMap(parser, place, depth));
            default:
                throw new YamlException(current.Start, current.End, "a value was expected");
        }
    }

    private YamlMap ReadMap(Parser parser, Place place, int depth)
    {
        var entries = new List<YamlEntry>();
        while (Next(parser) && parser.Current is not MappingEnd)
        {
            var key = ReadNode(parser, depth + 1);
            Next(parser);
            var value = ReadNode(parser, depth + 1);
            if (key is YamlScalar name)
                entries.Add(new YamlEntry(key.Place, name.Value, value));
            else
                errors.Add(key.Place, "", null, "a field's name must be plain text");
        }
        return new YamlMap(place, entries);
    }

    private static YamlNode Accepted(NodeEvent node, YamlNode result) =>
        node.Tag.IsEmpty || node.Tag.IsNonSpecific
            ? result
            : new YamlRefused(result.Place, node.Tag.Value, "a tag is not supported; quote the value to make it text");

    private Place PlaceOf(Mark mark) => new(mark.Line + linesBefore, mark.Column);

    private static bool IsDocumentStart(ReadOnlySpan<char> text) =>
        text.StartsWith("---") && (text.Length == 3 || char.IsWhiteSpace(text[3]));

    /// <summary>Finds the first line from <paramref name="line"/> (counted from start, from 1) on that begins a document.</summary>
    private int NextDocument(string text, int start, long line)
    {
        var at = start;
        for (var current = 1L; at >= 0 && at < text.Length; current++)
        {
            if (current >= line && IsDocumentStart(text.AsSpan(at)))
            {
                linesBefore += current - 1;
                return at;
            }
            at = text.IndexOf('\n', at) + 1;
            if (at == 0)
                break;
        }
        return -1;
    }
}
