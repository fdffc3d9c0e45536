using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Tributary.Hosting;

/// <summary>
/// The settings of a process, by section. Every wrong one is kept as an error with its full key (a value that is no number,
/// a bound that is passed, a key or section that nobody knows) and left at its default, so that one run finds all of them.
/// The command line wins over the environment; of that, only variables of the form <c>TRIBUTARY_Section__Name</c> count.
/// </summary>
internal sealed class SettingsReader
{
    private const string Prefix = "TRIBUTARY_";

    private readonly List<string> _errors = [];
    private readonly List<string> _sections = [];
    private readonly Dictionary<string, string> _given = new(StringComparer.OrdinalIgnoreCase);
    private readonly IConfiguration _configuration;

    public SettingsReader(string[] args, IReadOnlyDictionary<string, string> environment)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in environment)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.Contains("__", StringComparison.Ordinal))
            {
                Give(name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal), value, name);
            }
        }

        for (var i = 0; i < args.Length; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                Wrong($"'{BusAddress.Masked(args[i])}' is not a setting; expected --Section:Name value.");
            }
            else if (equals > 0)
            {
                Give(args[i][2..equals], args[i][(equals + 1)..], args[i][..equals]);
            }
            else if (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                Give(args[i][2..], args[i + 1], args[i]);
                i++;
            }
            else
            {
                Wrong($"{args[i][2..]}: has no value.");
            }
        }

        _configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();

        void Give(string key, string value, string writtenAs)
        {
            settings[key] = value;
            _given[key] = writtenAs;
        }
    }

    // Services that share an environment may each find the others' sections in it.
    private static readonly string[] Others = ["Discovery", "Collector", "Shipper"];

    public void Wrong(string error) => _errors.Add(error);

    /// <summary>All errors so far, and those of sections that nobody has read.</summary>
    public IReadOnlyList<string> AllErrors() =>
    [
        .. _errors,
        .. from setting in _given
           let section = setting.Key.Split(':')[0]
           where !_sections.Contains(section, StringComparer.OrdinalIgnoreCase) && !Others.Contains(section, StringComparer.OrdinalIgnoreCase)
           orderby setting.Key
           select $"{setting.Key}: unknown section ({setting.Value}); the sections are {string.Join(", ", _sections)}.",
    ];

    /// <summary>Writes a section into <paramref name="options"/>, and keeps what is wrong with it.</summary>
    public void Read(string section, object options)
    {
        _sections.Add(section);
        var shape = Write(section, options);
        _errors.AddRange(shape.Errors);
        Validate(section, options, shape, isElement: false);
    }

    /// <summary>Writes what can be written of a section into <paramref name="options"/>.</summary>
    public SectionShape Write(string section, object options)
    {
        var shape = new SectionShape(_configuration.GetSection(section), options.GetType());
        var good = new ConfigurationBuilder().AddInMemoryCollection(shape.Good).Build().GetSection(section);
        foreach (var list in options.GetType().GetProperties().Where(p => p.PropertyType == typeof(IReadOnlyList<string>) && p.CanWrite))
        {
            // The binder adds to a list; a setting is to replace the default.
            if (good.GetSection(list.Name).GetChildren().Any())
            {
                list.SetValue(options, Array.Empty<string>());
            }
        }

        good.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        return shape;
    }

    private void Validate(string key, object options, SectionShape shape, bool isElement)
    {
        var results = new List<ValidationResult>();
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
        {
            var value = property.GetValue(options);
            var context = new ValidationContext(options) { MemberName = property.Name };
            Validator.TryValidateValue(value, context, results, property.GetCustomAttributes<ValidationAttribute>());
            if (value is not null && !SectionShape.IsValue(property.PropertyType))
            {
                ValidateWithin($"{key}:{property.Name}", value, shape);
            }
        }

        // An element with a wrong value has placeholders: what it says of itself would mislead.
        if (options is IValidatableObject whole && !(isElement && shape.IsWrong(key)))
        {
            results.AddRange(whole.Validate(new ValidationContext(options)));
        }

        _errors.AddRange(results.Select(r => $"{key}:{string.Join(",", r.MemberNames)}: {r.ErrorMessage}"));
    }

    private void ValidateWithin(string key, object value, SectionShape shape)
    {
        if (value is not IEnumerable list)
        {
            Validate(key, value, shape, isElement: false);
            return;
        }

        var index = 0;
        foreach (var element in list)
        {
            if (value is not IDictionary && element is not null && !SectionShape.IsValue(element.GetType()))
            {
                Validate($"{key}:{index}", element, shape, isElement: true);
            }

            index++;
        }
    }
}
