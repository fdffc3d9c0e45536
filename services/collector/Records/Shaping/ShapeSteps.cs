using Tributary.Collector.Records.Shaping.Finding;
using Tributary.Config;

namespace Tributary.Collector.Records.Shaping;

/// <summary>Makes the steps of a LogConfig's <c>shape</c>, one for each rule and in their order.</summary>
internal static class ShapeSteps
{
    public static IRecordStep[] Build(IReadOnlyList<ShapeRule> rules) => [.. rules.Select(Build)];

    private static IRecordStep Build(ShapeRule rule)
    {
        var name = "rule:" + rule.Name;
        IRecordStep step = rule switch
        {
            { Drop: { } drop } => new FilterStep(name, Compile(drop), keeps: false),
            { Keep: { } keep } => new FilterStep(name, Compile(keep), keeps: true),
            { Rename: { } rename } => new RenameStep(name, rename.From, rename.To),
            { Remove: { } fields } => new RemoveStep(name, [.. fields.Select(f => new FieldGlob(f))]),
            { Redact: { } redact } => new RedactStep(name, redact.Body, [.. redact.Fields.Select(f => new FieldGlob(f))], new Redaction(Finders(redact), redact.With, redact.Salt)),
            { Sample: { } sample } => new SampleStep(name, sample.Rate, sample.Key),
            { Tags: { } tags } => new TagStep(name, tags),
            _ => throw new ArgumentException($"Rule {rule.Name} has no action; the validator refuses it.", nameof(rule)),
        };
        return rule.When.Count == 0 ? step : new WhenStep(Compile(rule.When), step);
    }

    private static Condition[] Compile(IReadOnlyList<ShapeCondition> conditions) => [.. conditions.Select(c => new Condition(c))];

    /// <summary>Card numbers last: what the others leave may put digits side by side.</summary>
    private static IFinder[] Finders(RedactRule redact)
    {
        var finders = redact.Patterns.Select(p => (IFinder)new PatternFinder(p)).ToList();
        (RedactPreset Preset, Func<IFinder> Make)[] order =
        [
            (RedactPreset.BearerToken, () => new BearerTokenFinder()),
            (RedactPreset.Email, () => new EmailFinder()),
            (RedactPreset.Ipv6, () => new Ipv6Finder()),
            (RedactPreset.Ipv4, () => new Ipv4Finder()),
            (RedactPreset.CreditCard, () => new CreditCardFinder()),
        ];
        finders.AddRange(order.Where(o => redact.Presets.Contains(o.Preset)).Select(o => o.Make()));
        return [.. finders];
    }
}
