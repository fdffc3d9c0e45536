using System.Globalization;

namespace Tributary.Benchmarks.Runs;

/// <summary>How much faster the same files are read with two cores than with one.</summary>
internal static class TwoCores
{
    private const double FactorMin = 1.8;
    private const int Rounds = 3;

    internal static async Task<ProbeResult> RunAsync(BenchFile file)
    {
        var factors = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var one = await Collect.ToNullAsync(file, "zstd", cores: "0");
            var two = await Collect.ToNullAsync(file, "zstd", cores: "0,1");
            factors.Add(one.WallSeconds / two.WallSeconds);
        }

        var factor = factors.Order().ElementAt(Rounds / 2);
        return new ProbeResult(
            string.Create(CultureInfo.InvariantCulture, $"{factor:0.00} times one core ({string.Join(", ", factors.Select(f => f.ToString("0.00", CultureInfo.InvariantCulture)))})"),
            factor >= FactorMin);
    }
}
