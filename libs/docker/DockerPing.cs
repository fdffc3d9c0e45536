namespace Tributary.Docker;

/// <summary>The engine's answer to a ping.</summary>
/// <param name="ApiVersion">The newest API version it speaks.</param>
/// <param name="Time">Its clock, to the second below: where events may be resumed from. Null when it does not say.</param>
public sealed record DockerPing(ApiVersion ApiVersion, DateTimeOffset? Time);
