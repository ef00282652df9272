// A section of ipsec.conf as written: config setup, conn, ca.
namespace Cygnet.Config;

public enum ConfSectionType { Setup, Ca, Conn }

/// <summary>A section with its own settings, all parts of that name joined; <c>also</c> is kept apart, in order.</summary>
public sealed class ConfSection(ConfSectionType type, string name, Position at)
{
    readonly Dictionary<string, ConfSetting> _settings = new(StringComparer.Ordinal);

    IReadOnlyList<ConfSetting>? _ordered;

    public ConfSectionType Type { get; } = type;

    /// <summary>Empty for <c>config setup</c>.</summary>
    public string Name { get; } = name;

    public Position At { get; } = at;

    public List<ConfSetting> Also { get; } = [];

    /// <summary>Own settings by key; the last of a key counts.</summary>
    public IReadOnlyDictionary<string, ConfSetting> Settings => _settings;

    /// <summary>Own settings by the alphabet. That of %default is asked for by every conn.</summary>
    internal IReadOnlyList<ConfSetting> Ordered => _ordered ??= [.. _settings.Values.OrderBy(s => s.Key, StringComparer.Ordinal)];

    internal void Set(ConfSetting setting)
    {
        _ordered = null;
        if (setting.Key == "also") Also.Add(setting);
        else _settings[setting.Key] = setting;
    }

    /// <summary>As messages name it: <c>conn 'a'</c>, <c>config setup</c>.</summary>
    public string Title => Type switch { ConfSectionType.Setup => "config setup", ConfSectionType.Ca => $"ca '{Name}'", _ => $"conn '{Name}'" };
}
