// Checks the sections of ipsec.conf against the table of keywords, with the reference's complaints. ipsec.conf(5).
using System.Globalization;
using Cygnet.Policy;

namespace Cygnet.Config;

/// <summary>What a section says, checked: each value by its principal keyword. Values that were cleared are absent.</summary>
public sealed class ConfChecked(ConfSection section)
{
    readonly Dictionary<string, (ConfSetting Setting, int Generation)> _values = new(StringComparer.Ordinal);

    public ConfSection Section { get; } = section;

    public string Name => Section.Name;

    /// <summary>Dropped, because of parsing errors or of something that is not built yet.</summary>
    public bool IsDropped { get; internal set; }

    public ConfSetting? this[string keyword] => _values.TryGetValue(keyword, out var v) && v.Setting.Value is not null ? v.Setting : null;

    public string? Text(string keyword) => this[keyword]?.Value;

    /// <summary>The value of a keyword that is put together: left, cert, 2.</summary>
    public string? Text(string side, string keyword, string round = "")
    {
        // What is asked for thousands of times is not worth a string each.
        Span<char> name = stackalloc char[side.Length + keyword.Length + round.Length];
        side.CopyTo(name);
        keyword.CopyTo(name[side.Length..]);
        round.CopyTo(name[(side.Length + keyword.Length)..]);
        return _values.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var v) ? v.Setting.Value : null;
    }

    public bool Yes(string side, string keyword, bool otherwise) => Text(side, keyword) is { } v ? v == "yes" : otherwise;

    public long Number(string side, string keyword, long otherwise) => NumberOf(Text(side, keyword), otherwise);

    public bool Yes(string keyword, bool otherwise) => Text(keyword) is { } v ? v == "yes" : otherwise;

    public long Seconds(string keyword, long otherwise) => Text(keyword) is { } v && ConfValue.TryTime(v, out var n) ? n : otherwise;

    public long Number(string keyword, long otherwise) => NumberOf(Text(keyword), otherwise);

    static long NumberOf(string? value, long otherwise) => value is not null && ConfValue.TryInteger(value.TrimEnd('%'), out var n) ? n : otherwise;

    /// <summary>The settings that have a value.</summary>
    internal IEnumerable<ConfSetting> Settings => _values.Values.Select(v => v.Setting).Where(s => s.Value is not null);

    /// <summary>The effective settings in a canonical order.</summary>
    public IEnumerable<KeyValuePair<string, string>> Effective =>
        _values.Where(v => v.Value.Setting.Value is not null).Select(v => KeyValuePair.Create(v.Key, v.Value.Setting.Value!)).OrderBy(v => v.Key, StringComparer.Ordinal);

    /// <summary>The place of the value, or that of the section.</summary>
    public Position Place(string keyword) => this[keyword]?.ValueAt ?? Section.At;

    internal void Expect(int settings) => _values.EnsureCapacity(settings);

    // A synonym hides its principal's value of an ancestor; within one section the later one by the alphabet counts.
    internal void Set(string principal, ConfSetting setting, int generation)
    {
        if (!_values.TryGetValue(principal, out var old) || old.Generation >= generation) _values[principal] = (setting, generation);
    }
}

/// <summary>Something that was looked at: a section (level 2) or a value (level 3), after so many complaints.</summary>
public readonly record struct ConfStep(int Complaints, int Level, string Text);

/// <summary>A checked configuration: what may be loaded, and every complaint in the order in which it is printed.</summary>
public sealed class ConfCheck
{
    readonly ConfDocument _document;
    readonly List<ConfigError> _errors = [];
    readonly List<ConfStep> _steps = [];
    readonly int _traced;
    int _parsing, _fatal;

    ConfCheck(ConfDocument document, bool isWhole, int traced = 0)
    {
        (_document, IsWhole, _traced) = (document, isWhole, traced);
        _errors.AddRange(document.Errors);
        // A file that does not even parse is not looked at any further, as the reference does.
        Setup = new(document.Sections.FirstOrDefault(s => s.Type == ConfSectionType.Setup) ?? new(ConfSectionType.Setup, "", new(document.Path, 1, 1)));
        if (document.IsFatal && !isWhole) return;
        Check(Setup);
        Authorities = CheckAll(ConfSectionType.Ca);
        Connections = CheckAll(ConfSectionType.Conn);
        if (_parsing > 0) _errors.Add(new($"### {Count(_parsing)} ({_fatal} fatal) ###") { IsFatal = _fatal > 0, IsWarning = _fatal == 0, IsSummary = true });
    }

    /// <summary><paramref name="traced"/>: up to which level <see cref="Steps"/> are kept.</summary>
    public static ConfCheck Of(ConfDocument document, int traced = 0) => new(document, isWhole: false, traced);

    /// <summary>The same, but what could be read is looked at although something else could not: all mistakes at once. Nothing of it may be loaded.</summary>
    public static ConfCheck OfWhole(ConfDocument document) => new(document, isWhole: true);

    /// <summary>Read for its mistakes alone.</summary>
    public bool IsWhole { get; }

    public ConfChecked Setup { get; }

    public IReadOnlyList<ConfChecked> Authorities { get; } = [];

    public IReadOnlyList<ConfChecked> Connections { get; } = [];

    public IReadOnlyList<ConfigError> Errors => _errors;

    /// <summary>What was looked at, in order, as the reference's starter tells it at a higher level of its log.</summary>
    public IReadOnlyList<ConfStep> Steps => _steps;

    /// <summary>Nothing of the file may be used; what runs, keeps running.</summary>
    public bool IsFatal => _errors.Exists(e => e.IsFatal);

    List<ConfChecked> CheckAll(ConfSectionType type)
    {
        var all = new List<ConfChecked>();
        foreach (var section in _document.Sections.Where(s => s.Type == type && s.Name != "%default"))
        {
            var one = new ConfChecked(section);
            Check(one);
            all.Add(one);
        }
        return all;
    }

    void Check(ConfChecked into)
    {
        var section = into.Section;
        var setup = section.Type == ConfSectionType.Setup;
        var bad = 0;
        Step(2, $"Loading {section.Title}");
        var effective = _document.Effective(section);
        into.Expect(effective.Count);
        foreach (var (setting, generation) in effective)
        {
            var keyword = Keywords.Find(section.Type, setting.Key);
            if (keyword is null && !Keywords.IsKnown(setting.Key))
            {
                _parsing++;
                var names = Keywords.All.Where(k => k.Section == section.Type).Select(k => k.Name).Append("also");
                _errors.Add(new($"# unknown keyword '{setting.Key}'", setting.At,
                    ConfigError.Expected(setting.Key, $"a keyword of '{(setup ? "config setup" : section.Type == ConfSectionType.Ca ? "ca" : "conn")}'", Nearest.To(setting.Key, names))) { IsWarning = true });
            }
            else if (keyword is null)
            {
                bad++;
                var home = Keywords.All.First(k => k.Name == setting.Key).Section;
                _errors.Add(new($"# unsupported keyword '{setting.Key}' in {section.Title}", setting.At,
                    ConfigError.Expected(setting.Key, $"a keyword of '{section.Title.Split(' ')[0]}'; this one belongs to '{(home == ConfSectionType.Setup ? "config setup" : home == ConfSectionType.Ca ? "ca" : "conn")}'")));
            }
            else if (keyword.Kind == KeywordKind.Deprecated)
            {
                _parsing++;
                _errors.Add(new($"# deprecated keyword '{setting.Key}' in {section.Title}\n{keyword.Hint}", setting.At, $"'{setting.Key}': has no effect any more; remove it") { IsWarning = true });
            }
            else
            {
                if (setting.Value is not null) Step(3, $"  {setting.Key}={setting.Value}");
                if (setting.Value is { } value && ConfValue.Complaint(keyword, value) is { } complaint)
                {
                    bad++;
                    var reference = ConfValue.HasSecondLine(keyword.Kind) ? $"{complaint.Reference}\n  bad argument value in {section.Title}" : complaint.Reference;
                    _errors.Add(new(reference, setting.ValueAt, complaint.Detail));
                }
                else
                {
                    into.Set(keyword.Principal, setting, generation);
                }
            }
        }
        if (section.Type == ConfSectionType.Conn) bad += CheckTogether(into);
        _parsing += bad;
        if (setup) _fatal += bad;
        else if (bad > 0)
        {
            into.IsDropped = true;
            _errors.Add(new($"# ignored {section.Title} due to {Count(bad)}") { IsSummary = true });
        }
        if (bad == 0) RefuseNotBuilt(into);
    }

    void Step(int level, string text)
    {
        if (level <= _traced) _steps.Add(new(_errors.Count, level, ConfigError.Printable(text)));
    }

    int CheckTogether(ConfChecked conn)
    {
        var bad = 0;
        Check("leftfirewall", "leftupdown");
        Check("rightfirewall", "rightupdown");
        return bad;

        void Check(string firewall, string updown)
        {
            if (!conn.Yes(firewall, false) || conn.Text(updown) is null) return;
            bad++;
            _errors.Add(new($"# cannot have both {firewall} and {updown}", conn.Place(updown), ConfigError.Expected(updown, $"one of '{firewall}' and '{updown}'")));
        }
    }

    // What is known but not built yet refuses the section by name, wholly; what one can do without is only named.
    void RefuseNotBuilt(ConfChecked section)
    {
        if (section.Section.Type != ConfSectionType.Setup && (section.Text("auto") ?? "ignore") == "ignore") return;
        if (section.Settings.All(s => Keywords.Find(section.Section.Type, s.Key)?.IsBuilt(s.Value!) != false)) return;
        var notBuilt = from s in section.Settings let k = Keywords.Find(section.Section.Type, s.Key) where k is not null && !k.IsBuilt(s.Value!) orderby Keywords.All.IndexOf(k) select (k, s);
        foreach (var (keyword, setting) in notBuilt)
        {
            var value = setting.Value!;
            var advice = keyword.Default is { } d ? $"remove it or set {keyword.Name}={d}" : "remove it";
            var title = section.Section.Title;
            var detail = $"{title}: '{keyword.Name}={value}' is not built yet in this version ({keyword.Missing}); ";
            if (keyword.IsOptional)
            {
                _errors.Add(new("", setting.At, $"{detail}ignored") { IsWarning = true });
                continue;
            }
            section.IsDropped = true;
            _errors.Add(new("", setting.At, detail + advice) { IsFatal = section.Section.Type == ConfSectionType.Setup });
        }
    }

    static string Count(int errors) => string.Create(CultureInfo.InvariantCulture, $"{errors} parsing error{(errors == 1 ? "" : "s")}");
}
