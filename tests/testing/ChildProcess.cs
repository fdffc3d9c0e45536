using System.Diagnostics;

namespace Tributary.Testing;

/// <summary>
/// A program in a session of its own (a Ctrl-C at the terminal does not reach it), with its output lines captured. Disposing
/// sends SIGTERM, after 10 s SIGKILL, and then kills whatever descends from it, so that nothing outlives the test.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly OwnedProcesses _owned;
    private readonly CapturedLines _output = new();
    private readonly CapturedLines _errors = new();
    private readonly CapturedLines _all = new();
    private readonly Task _captured;
    private readonly string _name;
    private TimeSpan _cpuTime;
    private long _peakRssBytes;

    private ChildProcess(Process process, OwnedProcesses owned, string name)
    {
        _process = process;
        _owned = owned;
        _name = name;
        _captured = Task.WhenAll(CaptureAsync(process.StandardOutput, _output), CaptureAsync(process.StandardError, _errors));
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>128 plus the signal's number when a signal ended it.</summary>
    /// <exception cref="InvalidOperationException">It still runs.</exception>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last 20,000 lines of standard output.</summary>
    public IReadOnlyList<string> Output => _output.ToArray();

    /// <summary>The last 20,000 lines of standard error.</summary>
    public IReadOnlyList<string> Errors => _errors.ToArray();

    /// <summary>The last 20,000 lines of both, as they came.</summary>
    public IReadOnlyList<string> Lines => _all.ToArray();

    /// <summary>Lines of both since the start; an argument for <see cref="WaitForLineAsync"/>.</summary>
    public long LinesSeen => _all.Seen;

    /// <summary>User and system time; after the end, what was last read while it ran.</summary>
    public TimeSpan CpuTime => _cpuTime = ProcessFacts.CpuTime(Pid) ?? _cpuTime;

    /// <summary>Highest resident set in bytes; after the end, what was last read while it ran.</summary>
    public long PeakRssBytes => _peakRssBytes = ProcessFacts.PeakRssBytes(Pid) ?? _peakRssBytes;

    /// <summary>Starts a program found by name or path; its environment is this process's with the given entries over it (null removes one). Its standard input is <paramref name="input"/>, at most 64 KiB.</summary>
    /// <exception cref="InvalidOperationException">There is no such program.</exception>
    public static ChildProcess Start(
        string program,
        IEnumerable<string> args,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingFolder = null,
        string input = "")
    {
        var path = InstalledProgram.TryFind(program) ?? throw new InvalidOperationException($"There is no program {program}.");
        var owned = new OwnedProcesses();

        // setsid replaces itself by the program, so the id stays the same.
        var start = new ProcessStartInfo(InstalledProgram.Find("setsid", "util-linux"), [path, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        start.Environment["PATH"] = InstalledProgram.SearchPath;
        start.Environment[OwnedProcesses.Variable] = owned.Mark;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return new ChildProcess(process, owned, Path.GetFileName(program));
    }

    /// <summary>Runs a program to its end and returns its standard output.</summary>
    /// <exception cref="InvalidOperationException">It ended with another exit code than 0; the message holds its output.</exception>
    public static async Task<string> RunAsync(
        string program,
        IEnumerable<string> args,
        TimeSpan timeout,
        IReadOnlyDictionary<string, string?>? environment = null,
        string input = "")
    {
        await using var child = Start(program, args, environment, input: input);
        var code = await child.WaitForExitAsync(timeout);
        return code == 0
            ? string.Join('\n', child.Output)
            : throw new InvalidOperationException($"{child._name} ended with exit code {code}.{child.Tail()}");
    }

    /// <summary>The first line, already printed or yet to come, after line number <paramref name="after"/>.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    /// <exception cref="InvalidOperationException">The process ended without one.</exception>
    public async Task<string> WaitForLineAsync(Predicate<string> match, TimeSpan timeout, long after = 0)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var ended = _captured.IsCompleted;
            var (line, changed) = _all.Find(match, after);
            if (line is not null)
            {
                return line;
            }

            if (ended)
            {
                throw new InvalidOperationException($"{_name} ended without the expected line.{Tail()}");
            }

            var left = timeout - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || await Task.WhenAny(changed, _captured, Task.Delay(left)) is { } first && first != changed && first != _captured)
            {
                throw new TimeoutException($"{_name} did not print the expected line within {timeout.TotalSeconds:0.#} s.{Tail()}");
            }
        }
    }

    /// <summary>The exit code, once the process has ended and its output was read.</summary>
    /// <exception cref="TimeoutException">It did not end in time; it still runs.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan timeout)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(timeout);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_name} did not end within {timeout.TotalSeconds:0.#} s.{Tail()}");
        }

        // A detached child may hold the pipes open; its output is not worth a wait.
        await Task.WhenAny(_captured, Task.Delay(TimeSpan.FromSeconds(2)));
        return _process.ExitCode;
    }

    /// <summary>To this process alone. Nothing happens when it has ended.</summary>
    public void Signal(UnixSignal signal)
    {
        _ = CpuTime;
        _ = PeakRssBytes;
        if (!_process.HasExited)
        {
            NativeCalls.Signal(Pid, signal);
        }
    }

    /// <summary>Sends a signal and waits up to 10 s (SIGKILL after that), then kills what descends from it.</summary>
    public async Task<int> EndAsync(UnixSignal signal = UnixSignal.Terminate)
    {
        Signal(signal);
        var exit = _process.WaitForExitAsync();
        if (await Task.WhenAny(exit, Task.Delay(s_grace)) != exit)
        {
            Signal(UnixSignal.Kill);
        }

        await _owned.KillAsync(s_grace);
        return await WaitForExitAsync(s_grace);
    }

    /// <summary>The last lines, as an indented block for an error's message.</summary>
    public string Tail(int count = 40) =>
        Environment.NewLine + string.Join(Environment.NewLine, _all.ToArray().TakeLast(count).Select(line => "  | " + line));

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _process.Dispose();
    }

    private async Task CaptureAsync(StreamReader reader, CapturedLines lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            _all.Add(line);
        }
    }
}
