using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Tributary.Discovery.Declarations;
using Tributary.Docker;

namespace Tributary.Discovery;

/// <summary>What discovery can be told.</summary>
internal sealed class DiscoveryOptions
{
    /// <summary>Where containers are looked for, the better source first: <c>docker</c>, <c>pods</c>.</summary>
    [Required, MinLength(1)]
    public IReadOnlyList<string> Sources { get; set; } = [SourceNames.Docker];

    /// <summary>The Docker engine.</summary>
    [Required]
    public DockerClientOptions Docker { get; set; } = new();

    /// <summary>How long a look at one container may take; past it the container stays as it was known.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan InspectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The kubelet's log folder.</summary>
    [Required]
    public string PodsRoot { get; set; } = "/var/log/pods";

    /// <summary>How often the pod log folders are read.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan PodsPollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often everything is listed beside the events, and a snapshot published.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ListInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The first wait after a source or the bus failed; it doubles from there.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ReconnectDelayMin { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan ReconnectDelayMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What is collected where nothing was declared.</summary>
    [EnumDataType(typeof(CollectMode))]
    public CollectMode Collect { get; set; } = CollectMode.All;

    /// <summary>Prefixes of labels and env that declare logs; the first wins where two declare the same name.</summary>
    [Required, MinLength(1)]
    public IReadOnlyList<string> Prefixes { get; set; } = ["tributary", "aliyun"];

    /// <summary>What the LogConfigs ask for.</summary>
    [Required]
    public IReadOnlyList<ConfigRule> Rules { get; set; } = [];

    /// <summary>Targets that one namespace's containers may name at once, beside the default one.</summary>
    [Range(0, 100_000)]
    public int TargetsPerNamespaceMax { get; set; } = 100;

    /// <summary>Changes that wait for the bus; past it a snapshot takes their place.</summary>
    [Range(1, 1_000_000)]
    public int EventsQueuedMax { get; set; } = 1_000;

    /// <summary>How long a loop of ours may go without a sign of life.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan LivenessMax { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How old the last good look at the node may be, beyond <see cref="ListInterval"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ReadinessMax { get; set; } = TimeSpan.FromSeconds(30);
}

[OptionsValidator]
internal sealed partial class DiscoveryOptionsValidator : IValidateOptions<DiscoveryOptions>;
