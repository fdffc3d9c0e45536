using System.Text.Json.Serialization;

namespace Tributary.Docker;

/// <summary>Source-generated readers. Unknown fields are skipped: engines differ by version and by maker.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(List<ContainerListResponse>))]
[JsonSerializable(typeof(ContainerInspectResponse))]
[JsonSerializable(typeof(DockerEvent))]
[JsonSerializable(typeof(DockerVersionResponse))]
[JsonSerializable(typeof(DockerErrorResponse))]
internal sealed partial class DockerJson : JsonSerializerContext;
