using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using MassTransit;
using Tributary.Contracts;
using Tributary.Contracts.Batches;

namespace Tributary.Tests.Unit.Contracts;

/// <summary>Everything of the contracts that other processes, other versions and other languages depend on, as text.</summary>
internal static class ContractText
{
    /// <summary>The records that travel as JSON on the bus, and what they are made of.</summary>
    public static IReadOnlyList<Type> Records { get; } =
    [
        .. typeof(ContainerStarted).Assembly.GetExportedTypes()
            .Where(t => t.Namespace == typeof(ContainerStarted).Namespace && t.IsClass && !t.IsAbstract)
            .OrderBy(t => t.FullName, StringComparer.Ordinal),
    ];

    public static string Render()
    {
        var text = new StringBuilder();
        foreach (var type in Records)
        {
            text.Append(CultureInfo.InvariantCulture, $"message {type.FullName} ({MessageUrn.ForTypeString(type)})\n");
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.Name != "EqualityContract").OrderBy(p => p.MetadataToken))
            {
                var need = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required" : "optional";
                text.Append(CultureInfo.InvariantCulture, $"  {need} {TypeName(property)} {property.Name}\n");
            }

            text.Append('\n');
        }

        var enums = typeof(ContainerStarted).Assembly.GetExportedTypes().Where(t => t.IsEnum && t.Namespace == typeof(ContainerStarted).Namespace);
        foreach (var type in enums.Append(typeof(BatchCodec)).OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"enum {type.FullName}\n");
            foreach (var value in Enum.GetValues(type))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {Convert.ToInt64(value, CultureInfo.InvariantCulture)} {value}\n");
            }

            text.Append('\n');
        }

        foreach (var type in (Type[])[typeof(Topology), typeof(TargetName), typeof(LogBatch), typeof(BatchHeaders), typeof(OtlpAttributes), typeof(BatchCompression)])
        {
            Constants(text, type);
        }

        text.Append("formats\n")
            .Append("  collector queue ").Append(Topology.CollectorQueue("NODE")).Append('\n')
            .Append("  discovery queue ").Append(Topology.DiscoveryQueue("NODE")).Append('\n')
            .Append("  output queue ").Append(Topology.OutputQueue("TARGET", "OUTPUT")).Append('\n')
            .Append("  sources ").Append(SourceRange.Format([new("ID", "STREAM", 1, 2, 3), new("ID2", "", 4, 5, 6)])).Append('\n')
            .Append("  record uid ").Append(OtlpAttributes.RecordUid("ID", 7, 0)).Append('\n')
            .Append("  record uid of a part ").Append(OtlpAttributes.RecordUid("ID", 7, 1)).Append('\n');
        foreach (var codec in Enum.GetValues<BatchCodec>())
        {
            text.Append("  codec ").Append(BatchCompression.Name(codec)).Append('\n');
        }

        return text.ToString();
    }

    private static void Constants(StringBuilder text, Type type)
    {
        text.Append(CultureInfo.InvariantCulture, $"constants {type.FullName}\n");
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static).OrderBy(f => f.MetadataToken))
        {
            var value = field.GetValue(null);
            var shown = value is IEnumerable<string> list ? string.Join(", ", list) : Convert.ToString(value, CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"  {field.Name} = {shown}\n");
        }

        text.Append('\n');
    }

    private static string TypeName(PropertyInfo property)
    {
        var isNullable = new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;
        return TypeName(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) + (isNullable ? "?" : "");
    }

    private static string TypeName(Type type) =>
        type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>"
            : type.Name;
}
