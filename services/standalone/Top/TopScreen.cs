using System.Text;

namespace Tributary.Standalone.Top;

/// <summary>
/// The whole terminal while <c>top</c> runs: the alternate screen, drawn over in place, left as it was found. Where
/// standard output is no terminal, each look is printed below the one before.
/// </summary>
internal sealed class TopScreen : IDisposable
{
    private readonly bool _terminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");

    public TopScreen()
    {
        if (_terminal)
        {
            Write("\u001b[?1049h\u001b[?25l");
        }
    }

    /// <summary>Draws lines that fit into the given height and width.</summary>
    public void Show(Func<int, int, IReadOnlyList<string>> render)
    {
        if (!_terminal)
        {
            foreach (var line in render(int.MaxValue, 160))
            {
                Console.Out.WriteLine(line);
            }

            Console.Out.WriteLine();
            return;
        }

        var text = new StringBuilder("\u001b[H");
        // The last column is left free: some terminals wrap behind it.
        foreach (var line in render(Size(() => Console.WindowHeight, 24) - 1, Size(() => Console.WindowWidth, 80) - 1))
        {
            text.Append(line).Append("\u001b[K\r\n");
        }

        Write(text.Append("\u001b[J").ToString());
    }

    public bool TryReadKey(out char key)
    {
        key = default;
        if (Console.IsInputRedirected || !Console.KeyAvailable)
        {
            return false;
        }

        key = Console.ReadKey(intercept: true).KeyChar;
        return true;
    }

    public void Dispose()
    {
        if (_terminal)
        {
            Write("\u001b[?25h\u001b[?1049l");
        }
    }

    private static void Write(string text)
    {
        Console.Out.Write(text);
        Console.Out.Flush();
    }

    private static int Size(Func<int> ask, int otherwise)
    {
        try
        {
            // A pseudo-terminal that nobody gave a size says 0.
            return ask() is > 0 and var size ? size : otherwise;
        }
        catch (IOException)
        {
            return otherwise;
        }
    }
}
