namespace Tributary.Collector.Records.Multiline;

/// <summary>What is known of the open record. The numbers stand in checkpoints: they stay, and unknown ones count as <see cref="Plain"/>.</summary>
internal static class TraceState
{
    /// <summary>A line, or the head of a trace: not known yet.</summary>
    public const int Plain = 0;

    /// <summary>Stack frames came.</summary>
    public const int Frames = 1;

    public const int PythonHeader = 10;
    public const int PythonFrames = 11;
    public const int PythonDone = 12;
    public const int PythonGap = 13;
    public const int PythonSaid = 14;
    public const int PythonNext = 15;
    public const int PythonGroup = 16;

    public const int GoPanic = 20;
    public const int GoStack = 21;
    public const int GoGap = 22;
    public const int GoRegisters = 23;

    public const int DotnetLog = 30;
    public const int DotnetGap = 31;

    public const int RailsError = 40;

    public const int NodeSource = 50;
    public const int NodeCaret = 51;
    public const int NodeError = 52;
    public const int NodeObject = 53;
    public const int NodeGap = 54;
}
