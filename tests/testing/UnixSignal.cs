namespace Tributary.Testing;

/// <summary>The signals tests send, by their Linux numbers.</summary>
public enum UnixSignal
{
    None = 0,
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
