using System.ComponentModel.DataAnnotations;
using Tributary.Contracts;

namespace Tributary.Shipper;

/// <summary>Where batches go.</summary>
public sealed class ShipperOptions : IValidatableObject
{
    /// <summary>The output that takes what no route names.</summary>
    public const string DefaultOutput = "default";

    /// <summary>All outputs; one is called <see cref="DefaultOutput"/>. None: the process has one, into files.</summary>
    public IList<OutputOptions> Outputs { get; } = [];

    /// <summary>Which outputs take a target; what is not named here goes to <see cref="DefaultOutput"/>.</summary>
    public IList<Route> Routes { get; } = [];

    /// <summary>Batches taken from a queue before the first is acked; each is up to about 1 MiB.</summary>
    [Range(1, 256)]
    public ushort PrefetchBatches { get; set; } = 8;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var names = Outputs.Select(o => o.Name).ToList();
        if (names.Count > 0 && !names.Contains(DefaultOutput, StringComparer.Ordinal))
        {
            yield return new ValidationResult($"none is called '{DefaultOutput}'.", [nameof(Outputs)]);
        }

        for (var i = 0; i < names.Count; i++)
        {
            if (names.IndexOf(names[i]) < i)
            {
                yield return new ValidationResult($"there is another output called '{names[i]}'.", [$"{nameof(Outputs)}:{i}:Name"]);
            }
        }

        for (var i = 0; i < Routes.Count; i++)
        {
            if (Routes[i].Output != DefaultOutput && !names.Contains(Routes[i].Output, StringComparer.Ordinal))
            {
                yield return new ValidationResult($"there is no output called '{Routes[i].Output}'.", [$"{nameof(Routes)}:{i}:Output"]);
            }
        }
    }
}

/// <summary>One output.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Type">What it is.</param>
/// <param name="Path">Folder of a file output.</param>
public sealed record OutputOptions(string Name, OutputType Type, string Path = "") : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Name.Length == 0)
        {
            yield return new ValidationResult("is empty.", [nameof(Name)]);
        }

        if (Type == OutputType.File && Path.Length == 0)
        {
            yield return new ValidationResult("a file output needs a folder.", [nameof(Path)]);
        }
    }
}

public enum OutputType
{
    /// <summary>NDJSON files, one a target and day.</summary>
    File,

    /// <summary>Lines for people on standard output.</summary>
    Console,

    /// <summary>Takes everything and keeps nothing.</summary>
    Null,
}

/// <summary>Batches of <paramref name="Target"/> go to <paramref name="Output"/>.</summary>
public sealed record Route(string Target, string Output) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TargetName.IsValid(Target))
        {
            yield return new ValidationResult($"'{Target}' is not of the form {TargetName.Pattern}.", [nameof(Target)]);
        }
    }
}
