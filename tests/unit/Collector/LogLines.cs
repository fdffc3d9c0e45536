using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tributary.Tests.Unit.Collector;

/// <summary>Lines as the runtimes write them.</summary>
internal static class LogLines
{
    /// <summary>What dockerd cuts a long line into.</summary>
    public const int DockerPiece = 16 * 1024;

    public static string Cri(string text, string stream = "stdout", bool partial = false, int at = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"2026-11-21T10:00:{at % 60:00}.{at:000000000}Z {stream} {(partial ? 'P' : 'F')} {text}\n");

    /// <summary>One JSON line; <paramref name="text"/> with its newline, or without as a piece.</summary>
    public static string DockerRaw(string text, string stream = "stdout", int at = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"log\":{Latin1(JsonSerializer.Serialize(text))},\"stream\":\"{stream}\",\"time\":\"2026-11-21T10:00:{at % 60:00}.{at:000000000}Z\"}}\n");

    /// <summary>All JSON lines of one text line, split as dockerd does.</summary>
    public static string Docker(string text, string stream = "stdout")
    {
        var lines = new StringBuilder();
        for (text += '\n'; text.Length > DockerPiece; text = text[DockerPiece..])
        {
            lines.Append(DockerRaw(text[..DockerPiece], stream));
        }

        return lines.Append(DockerRaw(text, stream)).ToString();
    }

    /// <summary>Text as the rig writes files: one character a byte.</summary>
    public static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>Distinct text of the given length.</summary>
    public static string Text(int number, int length) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:00000000} ").PadRight(length, (char)('a' + number % 26))[..Math.Max(length, 9)];
}
