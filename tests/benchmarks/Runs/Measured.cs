namespace Tributary.Benchmarks.Runs;

/// <summary>What one run over one file cost. Null: not measured for this row.</summary>
internal sealed record Measured(double WallSeconds, double CpuSeconds, long? PeakRssBytes, double? BrokerCpuSeconds = null);
