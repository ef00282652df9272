// A section of strongswan.conf.
namespace Cygnet.Config;

/// <summary>A value with its place; null text is one that was cleared.</summary>
sealed record SettingsValue(string? Text, Position At);

/// <summary>Values and sections by name; a section that is named again goes on where it ended.</summary>
sealed class SettingsSection(string name, Position at)
{
    public string Name { get; } = name;

    public Position At { get; } = at;

    public Dictionary<string, SettingsValue> Values { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SettingsSection> Sections { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of <see cref="Sections"/> as they came.</summary>
    public List<string> Order { get; } = [];

    /// <summary>Sections, by their path from the root, that lend whatever is missing here.</summary>
    public List<string> References { get; } = [];

    public SettingsSection Enter(string name, Position at)
    {
        if (Sections.TryGetValue(name, out var known)) return known;
        var section = new SettingsSection(name, at);
        Sections.Add(name, section);
        Order.Add(name);
        return section;
    }
}
