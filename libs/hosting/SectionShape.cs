using System.Collections;
using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

namespace Tributary.Hosting;

/// <summary>
/// A section held against the type of its options: which settings can be bound, and an error for each that cannot.
/// A required one of a list's element that is missing or wrong gets a placeholder, so that no element is lost or moves up.
/// </summary>
internal sealed class SectionShape
{
    private readonly Dictionary<string, string?> _good = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Key, string Problem)> _wrong = [];

    public SectionShape(IConfigurationSection section, Type type) => Look(section, type);

    public IReadOnlyDictionary<string, string?> Good => _good;

    public IEnumerable<string> Errors => _wrong.Select(w => $"{w.Key}: {w.Problem}");

    /// <summary>Whether something at or below the key is wrong.</summary>
    public bool IsWrong(string key) => _wrong.Any(w => (w.Key + ":").StartsWith(key + ":", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a setting of this type is one text, not a list or a group.</summary>
    public static bool IsValue(Type type) => type == typeof(string) || TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string));

    private void Look(IConfigurationSection at, Type type)
    {
        var below = at.GetChildren().ToList();
        if (IsValue(type))
        {
            below.ForEach(b => Wrong(b.Path, $"unknown setting; {at.Path} is a single value."));
            LookAtValue(at, type);
            return;
        }

        if (at.Value is not null)
        {
            Wrong(at.Path, $"is not a single value; expected {at.Path}:{(IsList(type) ? "0" : "Name")}.");
        }

        if (typeof(IEnumerable).IsAssignableFrom(type))
        {
            LookAtElements(below, type);
        }
        else
        {
            LookAtProperties(below, type);
        }
    }

    private void LookAtValue(IConfigurationSection at, Type type)
    {
        if (at.Value is not { } text)
        {
            return;
        }

        var plain = Nullable.GetUnderlyingType(type) ?? type;
        try
        {
            var value = at.Get(type);
            if (plain.IsEnum && value is not null && !Enum.IsDefined(plain, value))
            {
                Wrong(at.Path, Mismatch(text, plain));
                return;
            }

            _good[at.Path] = text;
        }
        catch (InvalidOperationException)
        {
            Wrong(at.Path, Mismatch(text, plain));
        }
    }

    private void LookAtElements(List<IConfigurationSection> below, Type type)
    {
        var element = type.GetGenericArguments()[^1];
        for (var i = 0; i < below.Count; i++)
        {
            if (IsList(type) && below[i].Key != $"{i}")
            {
                Wrong(below[i].Path, $"'{below[i].Key}' is not the list's next index, {i}.");
                return;
            }

            Look(below[i], element);
            if (!IsValue(element))
            {
                FillIn(below[i], element);
            }
        }
    }

    private void LookAtProperties(List<IConfigurationSection> below, Type type)
    {
        var known = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite || !IsValue(p.PropertyType)).ToList();
        foreach (var setting in below)
        {
            if (known.Find(p => p.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase)) is { } property)
            {
                Look(setting, property.PropertyType);
            }
            else
            {
                Wrong(setting.Path, $"unknown setting; expected one of {string.Join(", ", known.Select(p => p.Name))}.");
            }
        }
    }

    private void FillIn(IConfigurationSection element, Type type)
    {
        var byConstructor = type.GetConstructors().Where(c => type.GetConstructor(Type.EmptyTypes) is null)
            .SelectMany(c => c.GetParameters()).Where(p => !p.HasDefaultValue).Select(p => (Name: p.Name!, Type: p.ParameterType)).ToList();
        var byMember = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.IsDefined(typeof(RequiredMemberAttribute))).Select(p => (p.Name, Type: p.PropertyType));
        foreach (var (name, _) in byConstructor.Concat(byMember).Where(m => !element.GetSection(m.Name).Exists()))
        {
            Wrong($"{element.Path}:{name}", "is missing.");
        }

        foreach (var (name, of) in byConstructor.Where(p => !_good.ContainsKey($"{element.Path}:{p.Name}")))
        {
            _good[$"{element.Path}:{name}"] = of.IsValueType ? Activator.CreateInstance(of)!.ToString() : "";
        }
    }

    private void Wrong(string key, string problem) => _wrong.Add((key, problem));

    private static bool IsList(Type type) => typeof(IEnumerable).IsAssignableFrom(type) && type.GetGenericArguments().Length == 1;

    private static string Mismatch(string text, Type type) => $"'{text}' " + type switch
    {
        { IsEnum: true } => $"is none of {string.Join(", ", Enum.GetNames(type))}.",
        { IsPrimitive: true } when type == typeof(bool) => "is neither true nor false.",
        { IsPrimitive: true } => $"is not a number (a whole one, at most {type.GetField("MaxValue")?.GetValue(null)}).",
        _ when type == typeof(TimeSpan) => "is not a time ([days.]hours:minutes:seconds, such as 00:00:01.500).",
        _ when type == typeof(Uri) => "is not an address.",
        _ => $"is not a {type.Name}.",
    };
}
