using Tributary.Testing;

namespace Tributary.Tests.E2e.Containers;

/// <summary>
/// A container that prints <see cref="NumberedLines"/>: all at once, or in bursts that begin and go on when the test opens
/// a gate, so that "in the middle" is certain and not a matter of speed.
/// </summary>
internal sealed record PrintingContainer(int Number, int Lines)
{
    public string Name => $"printer-{Number:00}";

    /// <summary>The container's id, once it was started.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Odd lines go to stderr.</summary>
    public bool Mixed { get; init; }

    /// <summary>Lines of 16 KiB and more, which Docker splits, are among them.</summary>
    public bool WithLongLines { get; init; } = true;

    /// <summary>Lines of one burst; 0 prints all at once, waiting for nothing.</summary>
    public int Burst { get; init; }

    /// <summary>The seconds between bursts.</summary>
    public string Pause { get; init; } = "0.1";

    /// <summary>Further <c>docker run</c> arguments.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The text of a line as it must arrive.</summary>
    public string Text(int line) => NumberedLines.Text(Number, line, WithLongLines);

    public async Task StartAsync(Dockerd engine, Gates gates) =>
        Id = await engine.RunAsync(
            [
                "--network", "none", "--name", Name, "--volume", gates.Folder + ":/gates:ro", .. Options,
                Dockerd.Busybox, "sh", "-c", NumberedLines.Shell(Number, Mixed, WithLongLines) + (Burst == 0 ? $"lines 0 {Lines}" : InBursts()),
            ]);

    private string InBursts() =>
        $$"""
        gate() { n=0; until [ -e /gates/$1 ]; do n=$((n+1)); [ $n -lt 2400 ] || exit 9; sleep 0.05; done; }
        gate start
        at=0
        while [ $at -lt {{Lines}} ]; do
            [ $at -lt {{Lines / 3}} ] || gate second
            [ $at -lt {{Lines * 2 / 3}} ] || gate third
            lines $at $((at + {{Burst}}))
            at=$((at + {{Burst}}))
            sleep {{Pause}}
        done
        """;
}
