namespace Tributary.Config;

/// <summary>
/// One mistake in a configuration file, with its place. A password inside a URI is masked in every member; values
/// that came from the environment appear as they were written (<c>${NAME}</c>), never expanded.
/// </summary>
/// <param name="File">The file's name as it was given.</param>
/// <param name="Line">From 1; 0 where the whole file is meant.</param>
/// <param name="Column">From 1; 0 where the whole file is meant.</param>
/// <param name="Path">The field, for example <c>spec.docker.socket</c>; empty where no field is meant.</param>
/// <param name="Value">The wrong value, at most 80 characters of it; null where there is none.</param>
/// <param name="Message">What is wrong and what is expected; one line.</param>
public sealed record ConfigurationError(string File, long Line, long Column, string Path, string? Value, string Message)
{
    /// <summary><c>file:line:column: path: message</c>, without the parts that do not apply.</summary>
    public override string ToString() =>
        File + (Line > 0 ? $":{Line}:{Column}" : "") + ": " + (Path.Length > 0 ? Path + ": " : "") + Message;
}
