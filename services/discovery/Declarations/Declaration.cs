namespace Tributary.Discovery.Declarations;

/// <summary>One name that a container's labels and env declare, with the values of its keys.</summary>
internal sealed class Declaration(string name)
{
    public string Name { get; } = name;

    /// <summary><c>stdout</c> or a path; null when only other keys name it.</summary>
    public DeclaredValue? Value { get; set; }

    public DeclaredValue? Target { get; set; }

    public DeclaredValue? Tags { get; set; }

    /// <summary>Keys below the name that mean nothing here.</summary>
    public List<DeclaredValue> Unknown { get; } = [];
}

/// <summary>A value and where it stands, like <c>label tributary.logs.web.target</c>. Only the latter may be shown.</summary>
internal sealed record DeclaredValue(string Value, string Origin);
