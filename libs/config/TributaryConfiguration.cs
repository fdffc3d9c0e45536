namespace Tributary.Config;

/// <summary>
/// The effective configuration of one process. There is always an output named <c>default</c>: where no document
/// declares it, it is the built-in file output at <c>./var/logs</c>.
/// </summary>
public sealed record TributaryConfiguration
{
    /// <summary>The process's own settings.</summary>
    public NodeSettings Node { get; init; } = new();

    /// <summary>In the documents' order, a built-in <c>default</c> last; names are unique.</summary>
    public IReadOnlyList<LogOutput> Outputs { get; init; } = [new LogOutput { Name = LogOutput.DefaultName }];

    /// <summary>In the documents' order; namespace and name together are unique.</summary>
    public IReadOnlyList<LogConfig> LogConfigs { get; init; } = [];

    /// <summary>Samples for <c>tributary test</c>, in the documents' order; nothing else uses them.</summary>
    public IReadOnlyList<LogConfigTest> LogConfigTests { get; init; } = [];
}
