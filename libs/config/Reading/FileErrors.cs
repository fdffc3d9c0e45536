namespace Tributary.Config;

/// <summary>
/// The errors of one file: sorted by place, at most <see cref="ListedMax"/> of them and a count of the rest. Everything
/// that is printed of a value passes through here and is masked and shortened.
/// </summary>
internal sealed class FileErrors(string file)
{
    public const int ListedMax = 200;

    private readonly List<ConfigurationError> listed = [];
    private long more;

    public string File => file;

    /// <summary>Whether further errors are counted only.</summary>
    public bool IsFull => more > 0;

    /// <summary>Whether a document is missing from what was read, so that what others refer to may be in it.</summary>
    public bool HasBrokenDocument { get; private set; }

    public bool Any => listed.Count > 0;

    /// <summary>How many there are, listed or not.</summary>
    public long Count => listed.Count + more;

    public void Add(Place place, string path, string? value, string message)
    {
        if (listed.Count < ListedMax)
            listed.Add(new(file, place.Line, place.Column, path, value is null ? null : Shown.Plain(value), message));
        else
            more++;
    }

    public void Broken((Place Place, string Message) reason)
    {
        HasBrokenDocument = true;
        Add(reason.Place, "", null, reason.Message);
    }

    public IEnumerable<ConfigurationError> Sorted()
    {
        var sorted = listed.OrderBy(e => e.Line).ThenBy(e => e.Column);
        return more == 0 ? sorted : sorted.Append(new(file, 0, 0, "", null, $"{more} more errors are not listed"));
    }
}
