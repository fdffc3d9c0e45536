namespace Tributary.Standalone.Test;

/// <summary>Says what samples became: for people, or for scripts.</summary>
internal interface ITestReport
{
    /// <summary>Samples that became something else than expected.</summary>
    int Failed { get; }

    /// <summary>One sample.</summary>
    /// <param name="test">Namespace and name of the test, or of the config.</param>
    /// <param name="name">The sample's name, or the file's.</param>
    /// <param name="outcome">What it became.</param>
    /// <param name="differences">From what was expected; null where nothing was.</param>
    void Sample(string test, string name, SampleOutcome outcome, IReadOnlyList<Difference>? differences);

    void End();
}
