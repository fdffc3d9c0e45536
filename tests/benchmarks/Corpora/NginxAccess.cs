using System.Globalization;

namespace Tributary.Benchmarks.Corpora;

/// <summary>nginx's combined access log; each twentieth request is a probe that a rule drops, 3% are written in two parts.</summary>
internal static class NginxAccess
{
    internal const string Rules =
        """
        apiVersion: tributary.io/v1alpha1
        kind: LogConfig
        metadata: {name: nginx}
        spec:
          sources: [{stdout: {}}]
          parse: {format: nginx}
          shape:
            - {name: probes, drop: [{contains: "GET /healthz "}]}
        """;

    /// <summary>The records that a rule drops.</summary>
    internal static long Write(CriFile file, long lines)
    {
        var random = new Random(20_261_121);
        long dropped = 0;
        while (file.Lines < lines)
        {
            var isProbe = random.Next(20) == 0;
            var path = isProbe ? "/healthz" : $"/api/v1/items/{random.Next(1_000_000)}?user={random.Next(10_000)}";
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"10.{random.Next(256)}.{random.Next(256)}.{random.Next(256)} - - [{file.Now:dd/MMM/yyyy:HH:mm:ss} +0000] \"GET {path} HTTP/1.1\" {(random.Next(50) == 0 ? 503 : 200)} {random.Next(40_000)} \"https://shop.example/cart\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{random.Next(90, 140)}.0\"");
            if (random.Next(100) < 3 && file.Lines + 2 <= lines)
            {
                file.Line(text[..(text.Length / 2)], partial: true);
                text = text[(text.Length / 2)..];
            }

            file.Line(text);
            file.Records++;
            dropped += isProbe ? 1 : 0;
        }

        return dropped;
    }
}
