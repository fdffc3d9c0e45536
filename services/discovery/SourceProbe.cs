using Tributary.Docker;

namespace Tributary.Discovery;

/// <summary>Finds out how this node's containers can be seen: by a Docker engine that answers, else by a pod log folder.</summary>
internal static class SourceProbe
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    /// <summary>Takes at most about 5 s. Never fails: what cannot be used is passed over with its reason.</summary>
    public static async Task<SourceChoice> DetectAsync(DiscoveryOptions options, TimeProvider time, CancellationToken cancel)
    {
        var passedOver = new List<PassedOver>();
        if (await WhyNoDockerAsync(options.Docker, time, cancel) is not { } noDocker)
        {
            passedOver.Add(new PassedOver(SourceNames.Pods, "Docker answers and comes first."));
            return new SourceChoice(SourceNames.Docker, passedOver);
        }

        passedOver.Add(new PassedOver(SourceNames.Docker, noDocker));
        if (WhyNoPods(options.PodsRoot) is not { } noPods)
        {
            return new SourceChoice(SourceNames.Pods, passedOver);
        }

        passedOver.Add(new PassedOver(SourceNames.Pods, noPods));
        return new SourceChoice(SourceNames.None, passedOver);
    }

    private static async Task<string?> WhyNoDockerAsync(DockerClientOptions docker, TimeProvider time, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(s_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            using var client = new DockerClient(docker, time);
            await client.PingAsync(either.Token);
            return null;
        }
        catch (DockerException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"Docker at {docker.Endpoint} did not answer within {s_timeout.TotalSeconds:0} s.";
        }
    }

    private static string? WhyNoPods(string root)
    {
        try
        {
            using var folders = Directory.EnumerateDirectories(root).GetEnumerator();
            folders.MoveNext();
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return $"There is no folder {root}.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{root} cannot be read: {e.Message}";
        }
    }
}

/// <summary>The source to use, and why not the others.</summary>
/// <param name="Source"><c>docker</c>, <c>pods</c> or <c>none</c>.</param>
/// <param name="PassedOver">In the order they were tried.</param>
internal sealed record SourceChoice(string Source, IReadOnlyList<PassedOver> PassedOver);

/// <summary>A source that is not used, and why.</summary>
internal sealed record PassedOver(string Source, string Reason);
