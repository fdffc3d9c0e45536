namespace Tributary.Docker;

/// <summary>The API versions of <c>GET /version</c>.</summary>
internal sealed record DockerVersionResponse
{
    public string? ApiVersion { get; init; }

    public string? MinAPIVersion { get; init; }
}

/// <summary>The body of a refused request.</summary>
internal sealed record DockerErrorResponse
{
    public string? Message { get; init; }
}
