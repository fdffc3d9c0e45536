namespace Tributary.Discovery.Declarations;

/// <summary>What is collected where nothing was declared.</summary>
internal enum CollectMode
{
    /// <summary>Every container's own output, to the default target, unless a label opts out.</summary>
    All,

    /// <summary>Nothing.</summary>
    Declared,
}
