using Tributary.Contracts;

namespace Tributary.Discovery.Catalog;

/// <summary>One real change of one container: it started (or differs), it ended, or it is gone.</summary>
/// <param name="Container">As it is now; its state says which change it is.</param>
internal readonly record struct ContainerChange(ContainerInfo Container);
