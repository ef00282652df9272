// strongswan.conf: sections, values, includes, inheritance. swanctl.conf(5), strongswan.conf(5).
using System.Globalization;
using Cygnet.Control;

namespace Cygnet.Config;

/// <summary>The tree of strongswan.conf; values are looked up by dotted path and read as the type that is asked for.</summary>
public sealed class StrongswanSettings
{
    const int MaxLookups = 1000;

    readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    internal StrongswanSettings(SettingsSection root, IReadOnlyList<ConfigError> errors) => (Root, Errors) = (root, errors);

    /// <summary>Nothing set: every look-up gives its default.</summary>
    public static StrongswanSettings Empty => new(new("", default), []);

    internal SettingsSection Root { get; }

    public IReadOnlyList<ConfigError> Errors { get; }

    /// <summary>The file cannot be used.</summary>
    public bool IsFatal => Errors.Any(e => e.IsFatal);

    /// <summary>A file that is not there is an empty one. Never throws on what a file holds.</summary>
    public static StrongswanSettings Parse(string path, IFileSource files) => SettingsParser.Parse(path, files);

    /// <summary>The program's section takes from libstrongswan's what it does not say itself.</summary>
    public StrongswanSettings WithDefaults(string program)
    {
        var section = Root.Enter(program, default);
        if (!section.References.Contains(Defaults)) section.References.Add(Defaults);
        return this;
    }

    /// <summary>The section with the defaults of all programs.</summary>
    public const string Defaults = "libstrongswan";

    /// <summary>The value of <c>charon.retransmit_tries</c>, or null if there is none or it was cleared.</summary>
    public string? Text(string path)
    {
        lock (_asked) _asked.Add(path);
        var left = MaxLookups;
        return Find(Root, path.Split('.'), ref left)?.Text;
    }

    public bool Boolean(string path, bool otherwise = false) => Text(path) is { } t && Vici.TryBoolean(t, out var value) ? value : otherwise;

    public long Number(string path, long otherwise = 0) => Text(path) is { } t && Vici.TryNumber(t, out var value) ? value : otherwise;

    public double Real(string path, double otherwise = 0) =>
        Text(path) is { } t && double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : otherwise;

    /// <summary>64 bits, hexadecimal behind 0x; 0 for whatever is none.</summary>
    public ulong Bits(string path)
    {
        if (Text(path)?.Trim() is not { } t) return 0;
        var isHex = t.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(isHex ? t[2..] : t, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var bits) ? bits : 0;
    }

    /// <summary>A number with an optional s, m, h or d.</summary>
    public TimeSpan Time(string path, TimeSpan otherwise)
    {
        if (Text(path)?.Trim() is not { Length: > 0 } t) return otherwise;
        var unit = char.ToLowerInvariant(t[^1]) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        return Vici.TryNumber(unit == 0 ? t : t[..^1].TrimEnd(), out var n) && n is >= 0 and <= uint.MaxValue ? TimeSpan.FromSeconds(n * Math.Max(1, unit)) : otherwise;
    }

    /// <summary>The names of the sections below a path, own ones first, then inherited ones.</summary>
    public IReadOnlyList<string> Sections(string path)
    {
        var names = new List<string>();
        var left = MaxLookups;
        Collect(Root, path.Length == 0 ? [] : path.Split('.'), names, ref left);
        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>All values of the section at a path by name, own ones before inherited ones of the same name; each counts as asked for, unless the caller asks for those that it knows.</summary>
    public IReadOnlyDictionary<string, string> Values(string path, bool counts = true)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        var left = MaxLookups;
        Gather(Root, path.Split('.'), all, ref left);
        if (counts) lock (_asked) _asked.UnionWith(all.Keys.Select(k => $"{path}.{k}"));
        return all;
    }

    /// <summary>Settings below the path that nobody has asked for until now, with their places: probably misspelt.</summary>
    public IReadOnlyList<(string Path, Position At)> Unasked(string below)
    {
        var all = new List<(string, Position)>();
        Walk(Root, "", (path, value) =>
        {
            var asked = path.StartsWith(Defaults + ".", StringComparison.Ordinal) ? below + path[Defaults.Length..] : path;
            if (asked.StartsWith(below + ".", StringComparison.Ordinal) && !_asked.Contains(asked)) all.Add((path, value.At));
        });
        return all;
    }

    SettingsValue? Find(SettingsSection section, ReadOnlySpan<string> path, ref int left)
    {
        // References may lead in circles.
        if (--left < 0) return null;
        if (path.Length == 1)
        {
            if (section.Values.TryGetValue(path[0], out var value)) return value;
        }
        else if (section.Sections.TryGetValue(path[0], out var inner) && Find(inner, path[1..], ref left) is { } below)
        {
            return below;
        }
        foreach (var reference in section.References)
            if (Resolve(reference) is { } other && other != section && Find(other, path, ref left) is { } inherited) return inherited;
        return null;
    }

    void Collect(SettingsSection section, ReadOnlySpan<string> path, List<string> names, ref int left)
    {
        if (--left < 0) return;
        if (path.IsEmpty) names.AddRange(section.Order);
        else if (section.Sections.TryGetValue(path[0], out var inner)) Collect(inner, path[1..], names, ref left);
        foreach (var reference in section.References)
            if (Resolve(reference) is { } other && other != section) Collect(other, path, names, ref left);
    }

    void Gather(SettingsSection section, ReadOnlySpan<string> path, Dictionary<string, string> all, ref int left)
    {
        if (--left < 0) return;
        if (path.IsEmpty)
        {
            foreach (var (key, value) in section.Values)
                if (value.Text is { } text) all.TryAdd(key, text);
        }
        else if (section.Sections.TryGetValue(path[0], out var inner)) Gather(inner, path[1..], all, ref left);
        foreach (var reference in section.References)
            if (Resolve(reference) is { } other && other != section) Gather(other, path, all, ref left);
    }

    SettingsSection? Resolve(string reference)
    {
        var section = Root;
        foreach (var name in reference.Split('.'))
            if (!section.Sections.TryGetValue(name, out section)) return null;
        return section;
    }

    static void Walk(SettingsSection section, string prefix, Action<string, SettingsValue> visit)
    {
        foreach (var (key, value) in section.Values) visit(prefix + key, value);
        foreach (var (name, inner) in section.Sections) Walk(inner, $"{prefix}{name}.", visit);
    }
}
